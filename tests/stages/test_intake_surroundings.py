"""What lies around a batch is taken from the ledger and from what was staged before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.stages.intake_county import CHILDREN, SETTLEMENT, Intake, child, children, make_intake, settlement, settlements

from mianshen.stages import deidentify, receive
from mianshen.warehouse import deliveries
from mianshen.warehouse.connect import compute
from mianshen.warehouse.surroundings import show_arrivals, show_originals

SEPTEMBER = CHILDREN.replace("202610", "202609")
USUAL = {"minzheng_ertong": (80, 150)}


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


def arrived(intake: Intake, usual: dict[str, tuple[int, int]]) -> list[tuple[Any, ...]]:
    job = intake.job
    waiting = deliveries.in_state(job.ledger, county_code=job.county_code, state="RECEIVED")
    with compute() as connection, job.ledger.connect() as ledger:
        show_arrivals(connection, ledger, waiting, usual=usual)
        query = "select cast(arrived_on as varchar), cast(period_ends_on as varchar), is_drifted from staging.delivery_arrived"
        return connection.execute(f"{query} order by period_ends_on").fetchall()


@pytest.mark.parametrize(("rows", "is_drifted"), [(15, 1), (16, 0), (20, 0), (30, 0), (31, 1)])
def test_a_list_is_held_beside_the_month_before(intake: Intake, rows: int, is_drifted: int) -> None:
    intake.drop(SEPTEMBER, children(*(child(number) for number in range(1, 21))))
    intake.drop(CHILDREN, children(*(child(number) for number in range(1, rows + 1))))
    receive.run(intake.job)
    day = intake.job.moment[:10]
    assert arrived(intake, USUAL) == [(day, "2026-09-30", None), (day, "2026-10-31", is_drifted)]


def test_a_list_without_a_usual_length_is_held_beside_nothing(intake: Intake) -> None:
    intake.drop(SEPTEMBER, children(*(child(number) for number in range(1, 21))))
    intake.drop(CHILDREN, children(*(child(number) for number in range(1, 32))))
    receive.run(intake.job)
    assert [one[2] for one in arrived(intake, {})] == [None, None]


def test_an_original_is_known_from_the_batch_and_from_what_was_staged_before(intake: Intake) -> None:
    intake.drop(SETTLEMENT, settlements(settlement(1)))
    intake.run()
    refunds = [settlement(number, setl_id=f"R{number}", init_setl_id=settlement(number)["setl_id"]) for number in (1, 2, 3)]
    intake.drop(SETTLEMENT, settlements(settlement(2), *refunds))
    receive.run(intake.job)
    deidentify.run(intake.job)
    job = intake.job
    waiting = deliveries.in_state(job.ledger, county_code=job.county_code, state="KEYED")
    keyed = job.lake.files("staging.settlement_keyed", run_ids={one["keyed_run_id"] for one in waiting})
    with compute() as connection:
        before = job.lake.history("staging.settlement", county_code=job.county_code)
        show_originals(connection, keyed=keyed, staged=before)
        found = connection.execute("select setl_id from staging.settlement_original order by setl_id").fetchall()
    assert found == [(settlement(number)["setl_id"],) for number in (1, 2)]
