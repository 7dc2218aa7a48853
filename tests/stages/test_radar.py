"""radar: who is seen is kept once and visited once; whose town nobody knows is looked for by the lead department (R001-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.sql.radar_planted import care, span
from tests.stages.money_county import County, make_county
from tests.stages.radar_home import TOWN, gridded, over_line, profiled, rows

from mianshen.core.cases import Happening
from mianshen.core.moves import Act
from mianshen.stages import handle, radar
from mianshen.warehouse import visits
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.ledger import CASE, CASE_EVENT, RADAR_SIGNAL


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path, ("甲", "乙", "丙"))
    made.assess([])
    return made


def open_steps(county: County) -> list[tuple[str, str]]:
    found = [one for one in rows(county, CASE_EVENT) if one["happening"] == "step_opened"]
    return [(one["step_code"], one["department_code"]) for one in found]


def test_a_person_is_seen_once_and_visited_once_by_the_town(county: County) -> None:
    planted = over_line(county, "甲", "乙")
    span(planted, county.people["甲"], date(2024, 1, 1), date(2026, 10, 3))
    profiled(county, planted)
    first = radar.run(county.job)
    assert (first.counts["over_line_unlisted"], first.counts["lapsed_in_stay"]) == (2, 1)
    assert (first.counts["signals_new"], first.counts["visits_opened"]) == (3, 2), "two signals of one person are one visit"
    again = radar.run(county.job)
    assert (again.counts["signals_new"], again.counts["visits_opened"], again.run_id) == (0, 0, first.run_id)
    assert {one["town"] for one in rows(county, CASE)} == {TOWN}
    assert open_steps(county) == [("visit", "town")] * 2
    by_person: dict[str, set[str]] = {}
    for one in rows(county, RADAR_SIGNAL):
        by_person.setdefault(one["person_key"], set()).add(one["case_id"])
    assert [len(cases) for cases in by_person.values()] == [1, 1]


def test_a_visit_has_a_clock_with_its_town_from_the_day_it_was_seen(county: County) -> None:
    """R001-15: the town has its work with its day, for people who cannot come."""
    profiled(county, over_line(county, "甲"))
    radar.run(county.job)
    with county.job.ledger.connect() as connection:
        clocks = clocks_of(connection, county.job.county_code, kind="case_step")
    found = {one["time_limit_code"]: (one["holder_department"], one["town"], one["due_on"]) for one in clocks}
    assert found["visit_days"] == ("town", TOWN, "2026-11-17"), "ten working days from 2026-11-03"


def test_a_visit_goes_to_the_grid_that_a_delivered_list_named(county: County) -> None:
    gridded(county, {"甲": "huayuan_2"})
    profiled(county, over_line(county, "甲", "乙"))
    radar.run(county.job)
    found = {one["person_key"]: one["grid_code"] for one in rows(county, RADAR_SIGNAL)}
    assert found == {county.people["甲"]: "huayuan_2", county.people["乙"]: None}
    with county.job.ledger.connect() as connection:
        waiting = {one["person_key"]: one["grid_code"] for one in visits.waiting(connection, county.job.pack)}
    assert waiting == found


def test_where_no_town_is_known_the_lead_department_looks(county: County) -> None:
    profiled(county, over_line(county, "甲", town=None))
    radar.run(county.job)
    assert open_steps(county) == [("search", "medical_security")]


def test_what_is_seen_later_joins_the_visit_that_runs_and_opens_another_when_it_is_over(county: County) -> None:
    profiled(county, over_line(county, "甲"))
    radar.run(county.job)
    [case] = rows(county, CASE)
    later = over_line(county, "甲")
    span(later, county.people["甲"], date(2024, 1, 1), date(2026, 10, 3))
    county.later(days=1)
    profiled(county, later)
    assert radar.run(county.job).counts["visits_opened"] == 0
    assert {one["case_id"] for one in rows(county, RADAR_SIGNAL)} == {case["case_id"]}
    declined = Act(Happening.DECIDED, "visit", "wang", "town", county.job.as_of, outcome_code="declines", how="person")
    handle.act(county.job, case["case_id"], declined)
    care(later, "again", person=county.people["甲"], since=date(2026, 10, 20), nights=8)
    span(later, county.people["甲"], date(2026, 10, 15), date(2026, 10, 24), category="second")
    county.later(days=1)
    profiled(county, later)
    assert radar.run(county.job).counts["visits_opened"] == 1, "a no of before says nothing of what came after"


def test_nobody_is_visited_for_a_list_that_never_came_and_its_cause_is_told_once(county: County) -> None:
    profiled(county, over_line(county, "甲", "乙", "丙"), lists=False)
    report = radar.run(county.job)
    assert (report.counts["waiting"], report.counts["signals_new"]) == (3, 0)
    assert len(report.notes) == 1
    assert not rows(county, CASE)


def test_a_county_without_a_process_of_visits_keeps_the_signals(county: County) -> None:
    county.with_pack(lambda pack: replace(pack, processes=tuple(one for one in pack.processes if not one.is_of_visits)))
    profiled(county, over_line(county, "甲"))
    assert radar.run(county.job).counts["visits_opened"] == 0
    assert [one["case_id"] for one in rows(county, RADAR_SIGNAL)] == [None]


def test_what_was_seen_stands_in_the_audit_chain(county: County) -> None:
    profiled(county, over_line(county, "甲"))
    radar.run(county.job)
    with county.job.ledger.connect() as connection:
        chain = rows_of(connection)
    assert [one["action"] for one in chain] == ["cases.opened", "radar.raised"]
    assert verify(chain).problem == "ok"
    assert county.people["甲"] not in str(chain)


def test_the_next_year_a_visit_is_opened_anew(county: County) -> None:
    profiled(county, over_line(county, "甲"))
    radar.run(county.job)
    county.later(days=70)
    profiled(county, over_line(county, "甲"))
    assert radar.run(county.job).counts["signals_new"] == 1
    assert county.job.as_of.date() - date(2026, 11, 3) == timedelta(days=70)
