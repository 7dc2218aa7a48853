"""handle: cases of the fictional county in a real ledger, on SQLite and PostgreSQL: opened once, moved whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from tests.postgres import new_database
from tests.stages.money_county import AS_OF, County, make_county
from tests.stages.staged_county import example_pack

from mianshen.core.cases import Happening, state_of
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.stages import disclose, handle, supervise
from mianshen.warehouse import cases
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.clock_store import STANDS_STILL, clocks_of
from mianshen.warehouse.ledger import CASE, CASE_EVENT

PAPERS = ("application", "discharge")


@pytest.fixture(params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest, tmp_path: Path) -> County:
    """The small county with the processes and limits of the fictional one."""
    url = None
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgres"), tmp_path.name)
    made = make_county(tmp_path, ("甲",), ledger_url=url)
    example = example_pack(AS_OF.date())
    limits = {one.code: one for one in (*made.job.pack.time_limits, *example.time_limits)}
    made.with_pack(
        lambda pack: replace(
            pack,
            processes=example.processes,
            time_limits=tuple(limits.values()),
            departments=(*pack.departments, *example.departments),
        )
    )
    return made


def opened(county: County, count: int = 1, *, process: str = "certification") -> list[str]:
    matters = [
        Matter(f"A{number}", 2027, person_key=county.people["甲"], channel="window", town="东镇") for number in range(count)
    ]
    return handle.open_cases(county.job, process, matters)


def wanted(county: County, step: str, outcome: str = "", **said: Any) -> Act:
    process = next(one for one in county.job.pack.processes if any(two.code == step for two in one.steps))
    return Act(
        said.pop("happening", Happening.DECIDED),
        step,
        said.pop("actor", f"clerk_{step}"),
        said.pop("department", process.step(step).department_code),
        county.job.as_of,
        outcome,
        **said,
    )


def act(county: County, case: str, step: str, outcome: str = "", **said: Any) -> None:
    county.later(hours=1)
    handle.act(county.job, case, wanted(county, step, outcome, **said))


def clocks(county: County) -> dict[tuple[str, str], tuple[str, str | None, str]]:
    """(limit, subject after the case) to (due day, closed at, holder)."""
    with county.job.ledger.connect() as connection:
        found = clocks_of(connection, county.job.county_code)
    return {
        (one["time_limit_code"], one["subject_id"].split("|", 1)[1]): (one["due_on"], one["closed_at"], one["holder_department"])
        for one in found
    }


def count_of(county: County, table: Any) -> int:
    with county.job.ledger.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def to_notice(county: County) -> str:
    (case,) = opened(county)
    act(county, case, "intake", happening=Happening.PAPERS, papers=PAPERS)
    act(county, case, "intake", "accept")
    act(county, case, "review", "agree")
    act(county, case, "list_match", "agree")
    act(county, case, "recheck", "agree")
    return case


def test_a_matter_is_opened_once_whoever_delivers_it_again(county: County) -> None:
    first = opened(county, 3)
    assert opened(county, 4) == [cases.case_id(county.job.county_code, "certification", Matter("A3", 2027))]
    assert (len(first), count_of(county, CASE), count_of(county, CASE_EVENT)) == (3, 4, 8)
    with pytest.raises(MianshenError) as refused:
        opened(county, process="licence")
    assert refused.value.code == "PROCESS_UNKNOWN"


def test_clocks_run_on_steps_and_spans_and_close_with_them(county: County) -> None:
    case = to_notice(county)
    at = county.job.as_of.isoformat(timespec="seconds")
    found = clocks(county)
    assert found["intake_days", "intake|1"][0] == "2026-11-10"
    assert found["intake_days", "intake|1"][1] is not None
    assert found["review_and_recheck", "review..recheck|1"][1:] == (at, "bureau")
    assert found["notice_days", "notice|1"] == ("2026-11-12", None, "bureau"), (
        "made on the 4th, over on the 11th, late after the 12th"
    )
    with county.job.ledger.connect() as connection:
        state = state_of(cases.events_of(connection, [case])[case])
    assert set(state.open) == {"notice"}


def test_a_notice_passes_at_its_due_moment_and_not_before(county: County) -> None:
    case = to_notice(county)
    disclose.publish(county.job)
    county.job = replace(county.job, as_of=datetime(2026, 11, 10, 23, 59, tzinfo=ZONE))
    assert handle.run(county.job).counts == {"waiting": 1, "passed_by_time": 0, "opened": 0, "inherited": 0}
    county.job = replace(county.job, as_of=datetime(2026, 11, 13, 9, tzinfo=ZONE))
    assert handle.run(county.job).counts == {"waiting": 1, "passed_by_time": 1, "opened": 0, "inherited": 0}
    assert handle.run(county.job).counts == {"waiting": 1, "passed_by_time": 0, "opened": 0, "inherited": 0}
    found = clocks(county)
    assert found["notice_days", "notice|1"][1] == "2026-11-11T00:00:00+08:00", "it ended when it was over, not when we looked"
    assert found["card_days", "entry|1"][0] == "2026-12-02", "fifteen working days from the end of the notice"
    assert supervise.run(county.job).counts["misses_recorded"] == 0, "a notice that ran its course is nobody's miss"
    act(county, case, "entry", "done")
    with county.job.ledger.connect() as connection:
        assert cases.waiting(connection, county_code=county.job.county_code) == []


def test_a_notice_made_the_next_working_morning_runs_its_course_without_a_miss(county: County) -> None:
    to_notice(county)
    county.job = replace(county.job, as_of=datetime(2026, 11, 4, 8, tzinfo=ZONE))
    disclose.publish(county.job)
    for day in (12, 13):
        county.job = replace(county.job, as_of=datetime(2026, 11, day, 8, tzinfo=ZONE))
        passed = handle.run(county.job).counts["passed_by_time"]
        assert (passed, supervise.run(county.job).counts["misses_recorded"]) == (int(day == 12), 0)


def test_a_notice_that_nobody_made_is_the_miss_of_its_department(county: County) -> None:
    to_notice(county)
    county.job = replace(county.job, as_of=datetime(2026, 11, 13, 9, tzinfo=ZONE))
    handle.run(county.job)
    assert supervise.run(county.job).counts["misses_recorded"] == 1


def test_time_stands_still_in_a_pause_and_the_miss_comes_at_the_later_day(county: County) -> None:
    (case,) = opened(county)
    act(county, case, "intake", happening=Happening.PAPERS, papers=("application",))
    act(county, case, "intake", happening=Happening.PAUSED, reason_code="WAITS_FOR_PAPERS")
    assert clocks(county)["intake_days", "intake|1"][0] == STANDS_STILL.date().isoformat()
    county.job = replace(county.job, as_of=datetime(2026, 12, 1, 9, tzinfo=ZONE))
    assert supervise.run(county.job).counts["misses_recorded"] == 0, "nobody is late while time stands still"
    act(county, case, "intake", happening=Happening.RESUMED)
    assert clocks(county)["intake_days", "intake|1"][0] == "2026-12-08", "none of the five days was used up: 3 November was day 0"
    county.job = replace(county.job, as_of=datetime(2026, 12, 9, 0, tzinfo=ZONE))
    assert supervise.run(county.job).counts["misses_recorded"] == 1
    assert supervise.run(county.job).counts["misses_recorded"] == 0


def test_who_takes_a_step_over_holds_its_clock(county: County) -> None:
    (case,) = opened(county)
    act(county, case, "intake", happening=Happening.DELEGATED, to_department="bureau", department="bureau", actor="head")
    assert clocks(county)["intake_days", "intake|1"] == ("2026-11-10", None, "bureau")
    with county.job.ledger.connect() as connection:
        (row,) = cases.waiting(connection, county_code=county.job.county_code, department_code="bureau")
        assert cases.waiting(connection, county_code=county.job.county_code, department_code="union") == []
    assert (row["step_code"], row["town"]) == ("intake", "东镇")


def test_the_last_day_of_a_window_is_a_clock(county: County) -> None:
    county.job = replace(county.job, as_of=datetime(2026, 12, 16, 8, tzinfo=ZONE))
    (case,) = opened(county, process="yearly_list")
    assert clocks(county)["yearly_list.call", "call|1"] == ("2026-12-18", None, "union")
    act(county, case, "call", "wants")
    assert clocks(county)["yearly_list.decide", "decide|1"][0] == "2026-12-28"


def test_five_thousand_decisions_are_one_act(county: County) -> None:
    every = opened(county, 5000, process="yearly_list")
    county.job = replace(county.job, as_of=datetime(2026, 12, 17, 9, tzinfo=ZONE))
    before = audit_rows(county)
    handled = handle.act_on_many(county.job, dict.fromkeys(every, wanted(county, "call", "wants")))
    assert (len(handled.done), handled.refused) == (len(every), ())
    (row,) = audit_rows(county)[len(before) :]
    assert '"cases":' + str(len(every)) in row["detail"].replace(" ", "")
    again = handle.act_on_many(county.job, dict.fromkeys(every, wanted(county, "call", "wants")))
    assert (again.done, len(again.stood)) == ((), len(every))
    assert audit_rows(county)[len(before) :] == [row]


def test_of_many_acts_those_that_cannot_be_are_told_and_the_others_stand(county: County) -> None:
    first, second = opened(county, 2)
    act(county, first, "intake", happening=Happening.PAPERS, papers=PAPERS)
    handled = handle.act_on_many(county.job, {one: wanted(county, "intake", "accept") for one in (first, second)})
    assert (handled.done, [one.error.code for one in handled.refused]) == ((first,), ["PAPERS_MISSING"])
    with pytest.raises(MianshenError) as refused:
        handle.act(county.job, "K-none", wanted(county, "intake", "accept"))
    assert refused.value.code == "CASE_UNKNOWN"


def test_what_was_judged_on_stale_events_is_never_written(county: County) -> None:
    (case,) = opened(county)
    with county.job.ledger.connect() as connection:
        stale = cases.events_of(connection, [case])[case]
    act(county, case, "intake", happening=Happening.PAPERS, papers=PAPERS)
    event = replace(stale[-1], happening=Happening.PAPERS, papers=("photo",))
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        cases.append(connection, {case: [event]}, known={case: len(stale)})
    assert count_of(county, CASE_EVENT) == len(stale) + 1


def test_the_audit_chain_keeps_every_act(county: County) -> None:
    to_notice(county)
    actions = [row["action"] for row in audit_rows(county)]
    assert actions == ["cases.opened", *["cases.moved"] * 5]
    assert verify(audit_rows(county)).problem == "ok"


def audit_rows(county: County) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in rows_of(connection)]
