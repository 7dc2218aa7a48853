"""A yearly calendar begins by itself: the county's own cases open when their days come, and a list that stays away is a miss."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from tests.stages.money_county import County, make_county

from mianshen.core.cases import Happening
from mianshen.core.days import ZONE
from mianshen.core.moves import Act
from mianshen.policy.packs import load_pack
from mianshen.stages import handle, supervise
from mianshen.warehouse import cases
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.clock_store import clocks_of

DIBAO = ("dibao_list", "tekun_list", "zhichuxing_list")


def at(county: County, moment: str) -> None:
    county.job = replace(county.job, as_of=datetime.fromisoformat(moment).replace(tzinfo=ZONE))


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path, ("甲",))
    zhanggong = load_pack("360702_zhanggong", on=datetime(2026, 11, 30, tzinfo=ZONE).date())
    made.with_pack(lambda _: zhanggong)
    return made


def waiting(county: County) -> list[tuple[str, str, int]]:
    with county.job.ledger.connect() as connection:
        rows = cases.waiting(connection, county_code=county.job.county_code)
    return sorted((one["step_code"], one["department_code"], one["benefit_year"]) for one in rows)


@pytest.mark.parametrize(
    ("moment", "opened"), [("2026-11-30 23:00", 0), ("2026-12-01 08:00", 1), ("2026-12-15 18:00", 1), ("2026-12-16 08:00", 0)]
)
def test_r000_04_the_lists_of_the_next_year_are_asked_for_within_their_days(county: County, moment: str, opened: int) -> None:
    at(county, moment)
    assert handle.run(county.job).counts["opened"] == opened
    assert handle.run(county.job).counts["opened"] == 0, "once a year"
    expected = [("agriculture_lists", "agriculture", 2027), ("civil_affairs_lists", "civil_affairs", 2027)]
    assert waiting(county) == (expected if opened else [])


def test_r000_05_a_department_whose_list_stays_away_is_named_and_the_other_is_not(county: County) -> None:
    at(county, "2026-12-01 08:00")
    handle.run(county.job)
    case = cases.case_id(county.job.county_code, "yearly_lists", Matter("county", 2027))
    at(county, "2026-12-15 17:00")
    for act in (
        Act(Happening.PAPERS, "civil_affairs_lists", "minzheng", "civil_affairs", county.job.as_of, papers=DIBAO),
        Act(Happening.DECIDED, "civil_affairs_lists", "minzheng", "civil_affairs", county.job.as_of, "delivered"),
    ):
        handle.act(county.job, case, act)
    at(county, "2026-12-16 08:30")
    assert supervise.run(county.job).counts["misses_recorded"] == 1
    with county.job.ledger.connect() as connection:
        missed = [one for one in clocks_of(connection, county.job.county_code) if one["missed_at"]]
    assert [(one["holder_department"], one["due_on"]) for one in missed] == [("agriculture", "2026-12-15")]
