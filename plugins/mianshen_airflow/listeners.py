"""What a component and a task do when they start: no log shows a person's number, and no task pays for the stages' import.

A task of the LocalExecutor, and every parse of a DAG file, is forked from its component and inherits what that has imported; the
stages' libraries take two seconds of a processor, a task's own overhead a tenth of one. Nothing is opened here, only imported.
"""

from __future__ import annotations

from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: object) -> None:
    """Import the stages in a scheduler, DAG processor or triggerer; a task that starts is none of these."""
    from airflow.jobs.job import Job

    if isinstance(component, Job):
        import mianshen.stages.catalogue  # noqa: F401


@hookimpl
def on_task_instance_running() -> None:
    """Redact the task's log records where they are made."""
    from mianshen.core.redaction import guard_logs

    guard_logs()
