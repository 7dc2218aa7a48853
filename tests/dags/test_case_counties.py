"""A county whose law names no amount: its DAGs take lists in where they are delivered, handle cases and watch every limit."""

from __future__ import annotations

import pytest
from tests.architecture.sources import DAGS

from mianshen_airflow.cards import card_of
from mianshen_airflow.wiring import county_dags

CASES_ONLY = sorted(path.stem for path in DAGS.glob("*.py") if not card_of(path.stem).pays_relief)


@pytest.mark.parametrize("pack", CASES_ONLY)
def test_a_county_without_amounts_handles_cases_and_watches_every_limit(pack: str) -> None:
    dags, card = county_dags(pack), card_of(pack)
    handled = dags[f"{pack}__handle"]
    taken_in = ["deidentify", "validate", "profile"] if card.is_delivered_to else []
    assert [task.task_id for task in handled.topological_sort()] == [*taken_in, "handle", "confirm", "disclose"]
    assert handled.max_active_runs == 1
    watched = {one.reference.limit_code for one in dags[f"{pack}__deadlines"].deadline or []}
    assert watched == {code for code, _ in card.limits}
