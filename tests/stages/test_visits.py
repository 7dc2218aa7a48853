"""Visits: a town's sheet goes out with names, comes back whole or not at all, and nobody who was not reached counts as a no."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from tests.stages.money_county import AS_OF, County, make_county
from tests.stages.radar_home import TOWN, over_line, profiled, rows
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.cases import Happening, state_of
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act, moved, opening
from mianshen.core.process import Process
from mianshen.core.visits import SpokeWith, Visit, Way
from mianshen.policy.packs import load_pack
from mianshen.stages import disclose, handle, radar, visits
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT, CASE_EVENT, VISIT

NAMES = ("甲某", "乙某", "丙某", "丁某")
DAY = "2026-11-04"
WANTS = ("需要", "本人", "上门", DAY, "网格员王")
DECLINES = ("不需要", "家属或监护人", "电话", DAY, "网格员王")
MISSED = ("未遇到", "无人", "上门", DAY, "网格员王")


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Four people of one town wait to be visited; it is two days later."""
    made = make_county(tmp_path / "home", NAMES)
    made.assess([])
    profiled(made, over_line(made, *NAMES))
    radar.run(made.job)
    made.later(days=2)
    return made


def sheet(county: County, step: str = "visit", town: str | None = TOWN) -> bytes:
    return disclose.make_visit_sheet(county.job, "family_visit", step, town=town)


def filled(content: bytes, **lines: tuple[str, ...] | str) -> bytes:
    """The sheet with lines (L11=...) filled in and cells (C11=...) changed."""
    book = load_workbook(io.BytesIO(content))
    page = book["走访表"]
    for cell, value in lines.items():
        if isinstance(value, str):
            page[cell] = value
        else:
            for column, text in zip("IJKLM", value, strict=True):
                page[f"{column}{cell[1:]}"] = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def take(county: County, content: bytes) -> dict[str, int]:
    return visits.take_sheet(county.job, content, where="sheet.xlsx").counts


def books(county: County) -> list[list[dict[str, Any]]]:
    return [rows(county, table) for table in (CASE_EVENT, VISIT, AUDIT)]


def listed(content: bytes) -> list[tuple[str, str, str]]:
    page = load_workbook(io.BytesIO(content))["走访表"]
    return [(page[f"B{line}"].value, page[f"C{line}"].value, page[f"D{line}"].value) for line in range(11, page.max_row + 1)]


def standing(county: County, case: str) -> tuple[dict[str, int], str | None]:
    """Open steps with their round, and how the case ended."""
    with county.job.ledger.connect() as connection:
        from mianshen.warehouse.cases import events_of

        state = state_of(events_of(connection, [case])[case])
    return {code: one.round_no for code, one in state.open.items()}, state.end_code


def test_a_sheet_goes_out_and_comes_back(county: County) -> None:
    given = sheet(county)
    cases = [case for case, _, _ in listed(given)]
    assert sorted(name for _, _, name in listed(given)) == sorted(NAMES)
    counts = take(county, filled(given, L11=WANTS, L12=DECLINES, L13=MISSED))
    assert (counts["recorded"], counts["wants"], counts["declines"], counts["unreachable"]) == (3, 1, 1, 1)
    assert [standing(county, case) for case in cases] == [
        ({"assist": 1}, None),
        ({}, "declined"),
        ({"visit": 2}, None),
        ({"visit": 1}, None),
    ]
    found = {one["case_id"]: one for one in rows(county, VISIT)}
    assert set(found) == set(cases[:3])
    assert (found[cases[1]]["spoke_with"], found[cases[1]]["way"], found[cases[1]]["visited_on"]) == ("family", "phone", DAY)
    with county.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"


def test_the_same_sheet_again_changes_nothing(county: County) -> None:
    content = filled(sheet(county), L11=WANTS, L12=DECLINES, L13=MISSED)
    take(county, content)
    before = books(county)
    county.later(hours=3)
    counts = take(county, content)
    assert (counts["recorded"], counts["stood"]) == (0, 3)
    assert books(county) == before


def test_lines_that_were_empty_may_come_later_on_the_same_sheet(county: County) -> None:
    given = sheet(county)
    take(county, filled(given, L11=WANTS))
    county.later(hours=1)
    counts = take(county, filled(given, L11=WANTS, L14=DECLINES))
    assert (counts["recorded"], counts["stood"]) == (1, 1)


@pytest.mark.parametrize(
    ("line", "cell", "why"),
    [
        (("不需要", "无人", "上门", DAY, "王"), "J12", "没有问到人"),
        (("需要", "无人", "上门", DAY, "王"), "J12", "没有问到人"),
        (("未遇到", "本人", "上门", DAY, "王"), "J12", "问到了人"),
        (("未遇到", "家属或监护人", "电话", DAY, "王"), "J12", "问到了人"),
        (("需要", "本人", "上门", "2026-11-06", "王"), "L12", "不在"),
        (("需要", "本人", "上门", "2026-11-02", "王"), "L12", "不在"),
        (("需要", "本人", "上门", "昨天", "王"), "L12", "不是日期"),
        (("需要", "本人", "上门", DAY, ""), "M12", "走访人未填"),
        (("需要", "本人", "上门", DAY, "13800000000"), "M12", "含长数字"),
        (("也许", "本人", "上门", DAY, "王"), "I12", "不可用"),
        (("需要", "村干部", "上门", DAY, "王"), "J12", "不可用"),
        (("需要", "本人", "", DAY, "王"), "K12", "没有填写"),
        (("", "本人", "上门", DAY, "王"), "I12", "没有填写"),
        (("=1+1", "本人", "上门", DAY, "王"), "I12", "公式"),
    ],
)
def test_one_wrong_cell_and_nothing_of_the_sheet_is_taken(county: County, line: tuple[str, ...], cell: str, why: str) -> None:
    content = filled(sheet(county), L11=WANTS, L12=line, L13=MISSED)
    before = books(county)
    with pytest.raises(MianshenError) as refused:
        take(county, content)
    assert refused.value.code == "SHEET_INVALID"
    assert f"{cell}:" in refused.value.found and why in refused.value.found
    assert books(county) == before


def test_an_empty_sheet_says_so(county: County) -> None:
    with pytest.raises(MianshenError, match="没有填写任何走访结果"):
        take(county, sheet(county))


@pytest.mark.parametrize(
    "changed",
    [{"D12": "别人"}, {"B12": "K000"}, {"C12": "2"}, {"H12": "2027-01-01"}, {"F12": "别的网格"}, {"B3": "别处"}, {"A15": "5"}],
)
def test_what_may_not_be_changed_is_not_taken(county: County, changed: dict[str, str]) -> None:
    before = books(county)
    content = filled(sheet(county), L11=WANTS, **changed)
    with pytest.raises(MianshenError) as refused:
        take(county, content)
    assert refused.value.code == "SHEET_CHANGED"
    assert rows(county, VISIT) == before[1] == []


def test_a_sheet_that_nobody_gave_out_is_foreign(county: County, tmp_path: Path) -> None:
    other = make_county(tmp_path / "other", NAMES)
    other.assess([])
    profiled(other, over_line(other, "甲某", town="五津街道"))
    radar.run(other.job)
    with pytest.raises(MianshenError) as refused:
        take(county, filled(sheet(other, town="五津街道"), L11=("需要", "本人", "上门", "2026-11-03", "王")))
    assert refused.value.code == "SHEET_FOREIGN"


def test_of_two_sheets_that_say_different_things_the_first_stands(county: County) -> None:
    given = sheet(county)
    take(county, filled(given, L11=WANTS))
    county.later(hours=1)
    with pytest.raises(MianshenError) as refused:
        take(county, filled(given, L11=DECLINES, L12=WANTS))
    assert "I11:第 1 次已由" in refused.value.found
    assert len(rows(county, VISIT)) == 1, "the sheet's other line waits for a sheet that is right"


def visit(county: County, case: str, outcome: str, spoke: SpokeWith = SpokeWith.NOBODY) -> bool:
    county.later(days=1)
    return visits.record(county.job, case, Visit(outcome, Way.HOME, spoke, county.job.as_of.date(), "王"))


def test_who_is_never_at_home_is_looked_for_and_never_closed(county: County) -> None:
    [case, *_] = [one for one, _, _ in listed(sheet(county))]
    for _ in range(2):
        visit(county, case, "unreachable")
    with pytest.raises(MianshenError) as refused:
        visit(county, case, "unreachable")
    assert refused.value.code == "OUTCOME_USED_UP", "after two visits in vain the town hands over"
    visit(county, case, "hand_over")
    for number in range(5):
        assert standing(county, case) == ({"search": number + 1}, None)
        visit(county, case, "unreachable")
    visit(county, case, "declines", SpokeWith.SELF)
    assert standing(county, case) == ({}, "declined")


@pytest.mark.parametrize("name", ["_example", "510118_xinjin"])
def test_no_course_of_visits_in_vain_ends_a_case(name: str) -> None:
    pack = load_pack(name, on=AS_OF.date())
    process = pack.visit_process
    assert process is not None
    for seed in range(40):
        chance = random.Random(seed)
        events = list(opening(process, at=AS_OF, actor="system"))
        for _ in range(12):
            state = state_of(events)
            assert state.end_code is None and state.open
            move = partial(moved, process, tuple(events), where="t", benefit_year=2026, calendar=pack.calendar)
            events += in_vain(process, sorted(state.open)[0], f"w{len(events)}", chance, move)


def in_vain(
    process: Process, step: str, actor: str, chance: random.Random, move: Callable[[Act], tuple[Any, ...]]
) -> tuple[Any, ...]:
    """One more visit at which nobody is met; a way that is used up is left for another."""
    ways = [one for one in process.step(step).outcomes if not one.is_reached]
    for outcome in chance.sample(ways, len(ways)):
        act = Act(Happening.DECIDED, step, actor, process.step(step).department_code, AS_OF, outcome.code, how="person")
        try:
            return move(act)
        except MianshenError as refused:
            assert refused.code == "OUTCOME_USED_UP"
    raise AssertionError("nobody may be left with no way to say that nobody was met")


def test_each_asking_has_its_own_clock(county: County) -> None:
    [case, *_] = [one for one, _, _ in listed(sheet(county))]
    visit(county, case, "unreachable")
    with county.job.ledger.connect() as connection:
        clocks = clocks_of(connection, county.job.county_code, kind="case_step")
    mine = {one["subject_id"].removeprefix(f"{case}|"): one for one in clocks if one["subject_id"].startswith(case)}
    assert {"visit|1", "visit|2"} <= set(mine)
    assert mine["visit|1"]["closed_at"] and not mine["visit|2"]["closed_at"]
    assert mine["visit|2"]["due_on"] > mine["visit|1"]["due_on"]


def test_only_a_recorded_visit_decides_a_step_that_asks(county: County) -> None:
    [case, *_] = [one for one, _, _ in listed(sheet(county))]
    act = Act(Happening.DECIDED, "visit", "wang", "town", county.job.as_of, outcome_code="declines")
    with pytest.raises(MianshenError) as refused:
        handle.act(county.job, case, act)
    assert refused.value.code == "VISIT_MISSING"


def test_the_sheet_opens_the_vault_once_and_says_so_and_the_chain_names_nobody(county: County) -> None:
    first = sheet(county)
    assert sheet(county) == first, "the same moment gives the same bytes, and is the same look-up"
    county.later(minutes=1)
    sheet(county)
    with open_database(county.job.vault_url).connect() as connection:
        looks = [dict(row) for row in connection.execute(select(LOOKUP_LOG)).mappings()]
    assert [(one["purpose"], one["recipient"], one["persons"]) for one in looks] == [("visit family_visit visit", "town", 4)] * 2
    told = str(rows(county, AUDIT))
    assert not any(name in told for name in NAMES)


def test_nobody_waits_in_a_town_without_visits(county: County) -> None:
    with pytest.raises(MianshenError) as refused:
        sheet(county, town="永商镇")
    assert refused.value.code == "VISIT_NONE"


def test_the_commands_say_who_waits_and_take_the_sheet_back(county: County, tmp_path: Path) -> None:
    home = ["--pack", "510118_xinjin", "--home", str(county.job.home.root)]
    at = ["--actor", "town_wang", "--at", county.job.as_of.isoformat()]
    run = CliRunner().invoke
    out = tmp_path / "sheet.xlsx"
    assert TOWN in run(app, ["visit", "list", *home]).output
    made = run(app, ["visit", "sheet", "family_visit", "visit", "--town", TOWN, "--out", str(out), *home, *at])
    assert made.exit_code == 0, made.output
    assert out.stat().st_mode & 0o777 == 0o600, "it names people"
    [case, *_] = [one for one, _, _ in listed(out.read_bytes())]
    out.write_bytes(filled(out.read_bytes(), L11=MISSED))
    assert "已记录 1 次" in run(app, ["visit", "take", str(out), *home, *at]).output
    later = county.job.as_of.replace(hour=15).isoformat()
    said = ["--outcome", "wants", "--spoke", "self", "--way", "phone", "--visitor", "王", "--on", "2026-11-05"]
    told = run(app, ["visit", "record", case, *said, *home, "--actor", "town_wang", "--at", later])
    assert "已登记" in told.output, told.output
    shown = run(app, ["visit", "show", case, *home]).output
    assert "unreachable" in shown and "wants" in shown
    assert not any(name in shown + told.output + made.output for name in NAMES)
