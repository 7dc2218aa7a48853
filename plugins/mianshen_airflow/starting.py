"""Runs that a task starts: ids of the DAGs, and the task that starts one run for each set of arguments."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import BaseOperator

from mianshen_airflow.cards import Card


def started(by: BaseOperator, dag_id: str, *, task_id: str, name_zh: str) -> Any:
    """Starts one run of the DAG for each set of arguments that the task handed on; one that was started before is left alone."""
    return TriggerDagRunOperator.partial(
        task_id=task_id,
        task_display_name=name_zh,
        trigger_dag_id=dag_id,
        logical_date=None,
        skip_when_already_exists=True,
        openlineage_inject_parent_info=False,
    ).expand_kwargs(by.output)


def deadlines_id(card: Card) -> str:
    """The DAG that watches due moments."""
    return f"{card.pack}__deadlines"


def approve_id(card: Card) -> str:
    """The DAG that asks departments."""
    return f"{card.pack}__approve"
