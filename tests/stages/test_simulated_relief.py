"""Two simulated months of relief: from the feed to the bank every planted miss is raised once, in time, and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from mianshen.cli.simulate import result_of, simulate_county
from mianshen.cli.simulate.year import Year
from mianshen.core.paths import Home
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.ledger import PAYMENT

pytestmark = pytest.mark.timeout(900)
RELIEF = {"list", "delivery", "batch", "application", "claim"}
"""What clocks of relief run on."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return simulate_county(
        Home(tmp_path_factory.mktemp("months")), "510118_xinjin", year=2026, people=300, seed=8, told=[], months=2
    )


def test_in_two_months_of_relief_every_planted_miss_is_raised_once_at_its_due_moment_and_nothing_else(county: Year) -> None:
    found = result_of(county)
    assert (found["lost"], found["false"], found["doubled"], found["mistimed"]) == ((), (), (), ())
    assert found["raised"] == found["planted"]
    assert found["open_without_a_planted_reason"] == []


def test_money_reached_people_and_its_clocks_ended_with_it(county: Year) -> None:
    with county.job.ledger.connect() as connection:
        rows = [row for row in clocks_of(connection, county.job.county_code) if row["subject_kind"] in RELIEF]
        paid = connection.execute(select(func.count()).where(PAYMENT.c.state == "paid")).scalar_one()
    assert paid == county.counts["payments.arrived"] + county.counts["payments.by_hand"] > 2
    met = Counter((row["subject_kind"], row["closed_as"]) for row in rows)
    assert min(met[kind, "met"] for kind in RELIEF - {"claim"}) > 0, "everything happens in time somewhere"
    missed = {row["subject_kind"] for row in rows if row["missed_at"]}
    assert {"application", "batch", "list"} <= missed, "two months are no test without misses"
    assert county.counts["relief_clocks"] == len(rows)
