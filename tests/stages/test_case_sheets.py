"""From the call to the post by sheets: who wants it and where letters go, what departments say, numbers, lists of people."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.stages.case_county import TOWN, CaseCounty, copied, december, person

from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.documents.visit_sheet import EVERY_TOWN
from mianshen.stages import disclose, sheets, visits
from mianshen.warehouse import approval_pace, case_pace

FIT, YEAR = "free_treatment", 2027
ROAD = "水东镇文明大道1号"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> CaseCounty:
    made = december(tmp_path_factory.mktemp("staged"))
    made.morning()
    return made


@pytest.fixture
def county(staged: CaseCounty, tmp_path: Path) -> CaseCounty:
    return copied(staged, tmp_path / "home")


def cells(content: bytes, sheet: str) -> list[list[str]]:
    """Lines of a page from its headings on."""
    page = load_workbook(io.BytesIO(content))[sheet]
    rows = [["" if one is None else str(one) for one in row] for row in page.iter_rows(values_only=True)]
    return rows[next(number for number, row in enumerate(rows) if row[0] == "序号") :]


def filled(content: bytes, sheet: str, said: dict[str, tuple[str, ...]], *, first: str, **single: str) -> bytes:
    """The sheet with what is said of each case by name written from column `first` on."""
    book = load_workbook(io.BytesIO(content))
    page = book[sheet]
    for line in range(11, page.max_row + 1):
        for offset, text in enumerate(said.get(str(page[f"D{line}"].value), ())):
            page[f"{chr(ord(first) + offset)}{line}"] = text
    for cell, text in single.items():
        page[cell] = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def names(*serials: int) -> list[str]:
    return [person(one)[0] for one in serials]


def called(county: CaseCounty, **changes: tuple[str, ...]) -> bytes:
    """The call list filled in: 1, 2 and 4 want it, 8 does not."""
    wants = ("需要", "本人", "电话", "2026-12-16", "话务01")
    said: dict[str, tuple[str, ...]] = {person(one)[0]: (*wants, f"{ROAD}{one}室") for one in (1, 2, 4)}
    said[person(8)[0]] = ("不需要", "家属或监护人", "电话", "2026-12-16", "话务01")
    content = disclose.make_visit_sheet(county.job, FIT, "call", town=EVERY_TOWN)
    return filled(content, "走访表", said | changes, first="I")


def take_calls(county: CaseCounty, content: bytes) -> tuple[dict[str, int], int]:
    counts = visits.take_sheet(county.job, content, where="calls.xlsx").counts
    return counts, disclose.keep_addresses(county.job, content, where="calls.xlsx")


def take(county: CaseCounty, step: str, said: dict[str, tuple[str, ...]] | None = None, *, first: str, **single: str) -> bytes:
    content = disclose.make_step_sheet(county.job, FIT, step)
    back = filled(content, "办理表", said or {}, first=first, **single)
    sheets.take_sheet(county.job, back, where=f"{step}.xlsx")
    return back


def roll(county: CaseCounty, code: str, process: str = FIT) -> list[list[str]]:
    made = disclose.make_roll(county.job, process, code, benefit_year=YEAR)
    book = load_workbook(made.path)
    return cells(made.path.read_bytes(), book.sheetnames[0])[1:]


def test_r000_09_the_list_of_who_wants_it_comes_back_once_however_often_it_is_delivered(county: CaseCounty) -> None:
    back = called(county)
    said = {"recorded": 7, "stood": 0, "wants": 6, "declines": 1, "no_answer": 0, "unreachable": 0}
    assert take_calls(county, back)[0] == said, "three people still wait for last year's call too"
    assert take_calls(county, back)[1] == 0
    assert take_calls(county, back)[0]["stood"] == 7
    wanted = roll(county, "wanted")
    assert [row[1] for row in wanted] and {row[1] for row in wanted} == set(names(1, 2, 4))
    assert {row[5] for row in wanted} == {f"{ROAD}{one}室" for one in (1, 2, 4)}
    assert {row[1] for row in roll(county, "not_applied")} == set(names(8))
    assert {row[3] for row in roll(county, "fit")} == {TOWN}


def test_r000_08_a_yes_without_an_address_is_refused_whole_at_its_cell_and_nobody_s_address_is_told(county: CaseCounty) -> None:
    content = called(county, **{person(2)[0]: ("需要", "本人", "电话", "2026-12-16", "话务01", "路口")})
    with pytest.raises(MianshenError) as refused:
        take_calls(county, content)
    assert refused.value.code == "SHEET_INVALID"
    assert "邮寄地址未填、过短或过长" in refused.value.found and "路口" not in refused.value.message()
    with pytest.raises(MianshenError) as nobody:
        roll(county, "wanted")
    assert nobody.value.code == "PAPER_NOTHING"


def test_who_left_the_lists_stands_on_a_list_with_what_was_left_and_since_when(county: CaseCounty) -> None:
    (row,) = roll(county, "left", "left_lists")
    assert (row[1], row[4], row[5]) == (person(3)[0], "尿毒症", "低保对象,自 2026-12-01")


def posted(county: CaseCounty) -> CaseCounty:
    """Decided, printed and handed to the post by the 4th of January."""
    take_calls(county, called(county))
    county.at("2026-12-17 10:00").morning()
    take(county, "medical_security", first="I", B6="通过")
    county.at("2026-12-29 10:00")
    take(county, "print", first="J", B6="已打印")
    county.at("2027-01-04 10:00")
    numbers = {person(one)[0]: ("已交邮", "", f"XA{one:09d}36") for one in (1, 2, 4)}
    back = take(county, "handover", numbers, first="J")
    assert sheets.take_sheet(county.job, back, where="again.xlsx").counts["stood"] == 6, "delivered twice changes nothing"
    return county


def test_r000_17_letters_go_with_their_number_and_who_did_not_get_one_is_told_to_the_lead_department(county: CaseCounty) -> None:
    posted(county)
    county.at("2027-01-05 10:00")
    take(county, "delivery", {person(2)[0]: ("退回，已列入未送达名单反馈卫健委",)}, first="J", B6="已送达")
    (row,) = roll(county, "undelivered")
    assert (row[1], row[5], row[6]) == (person(2)[0], f"{ROAD}2室", "XA00000000236")
    ends = {serial: county.state(case).end_code for serial, case in county.by_serial(FIT, YEAR).items()}
    assert ends == {1: "served", 2: None, 4: "served", 8: "declined"}
    assert set(county.state(county.by_serial(FIT, YEAR)[2]).open) == {"redeliver"}


def test_r000_16_a_form_a_person_with_page_count_and_a_reprint_only_with_its_reason(county: CaseCounty) -> None:
    """R000-12, R000-16: who left 低保 gets no form; the form names each department's decision and no amount."""
    take_calls(county, called(county))
    county.at("2026-12-17 10:00").morning()
    take(county, "medical_security", {person(4)[0]: ("不通过", "NOT_INSURED_HERE 未在本地参保")}, first="I", B6="通过")
    county.at("2026-12-29 10:00")
    made = disclose.print_step(county.job, FIT, "print", benefit_year=YEAR)
    assert (made.printed, made.papers) == (2, 2) and made.pages >= 2
    again = disclose.print_step(county.job, FIT, "print", benefit_year=YEAR)
    assert (again.printed, again.papers, again.pages) == (0, 2, made.pages), "what was printed stands"
    case = county.by_serial(FIT, YEAR)[1]
    with pytest.raises(MianshenError, match="PAPER_REPRINTED"):
        disclose.print_form(county.job, FormCode.APPROVAL_FORM, case)
    paper = disclose.print_form(county.job, FormCode.APPROVAL_FORM, case, again="卡纸")
    text = paper.path.read_text("utf-8")
    assert "赣州市重大疾病免费救治审批表" in text and person(1)[0] in text and "尿毒症" in text and "元" not in text
    assert all(county.job.pack.department(code).name_zh in text for code in ("civil_affairs", "agriculture", "health"))
    assert paper.is_pdf and paper.path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    listed = disclose.print_step(county.job, FIT, "print", benefit_year=YEAR).path.read_bytes()
    rows = {row[2]: row for row in cells(listed, "打印清单")[1:]}
    assert set(rows) == set(names(1, 2)), "nobody else is on the list"
    assert rows[person(1)[0]][4:] == [str(paper.pages), "2026-12-29 10:00", "system", "1", "2026-12-29 卡纸"]
    assert rows[person(2)[0]][7:] == ["0", "—"]


def test_r000_15_the_pace_of_people_is_said_each_day_of_their_window(county: CaseCounty) -> None:
    take_calls(county, called(county))
    county.at("2026-12-17 10:00").morning()
    with county.job.ledger.connect() as connection:
        found = approval_pace.pace(connection, county.job.pack, as_of=county.job.as_of)
    rows = {row["due_on"]: row for row in found if row["department_code"] == "medical_security"}
    row, late = rows["2026-12-28"], rows["2025-12-26"]
    assert (row["waiting"], row["days_left"], row["required_pace"], row["short_by"]) == (3, 8, 3, 0)
    assert (late["days_left"], late["short_by"]) == (0, late["waiting"]), "what is overdue is not lost from sight"


@pytest.mark.parametrize(
    ("waiting", "done_by_day", "today", "short"), [(480, 0, 17, 0), (481, 0, 17, 1), (360, 60, 21, 0), (360, 59, 21, 6)]
)
def test_r000_15_eight_days_of_sixty_are_480_and_a_slow_start_is_said_at_once(
    county: CaseCounty, waiting: int, done_by_day: int, today: int, short: int
) -> None:
    """On the 21st two days are over and six are left: 59 a day leave 360 - 354 = 6."""
    step = county.job.pack.process(FIT).step("medical_security")
    assert step.quota is not None and step.window is not None
    calendar = county.job.pack.calendar
    window = (step.window.opens.on(YEAR, calendar), step.window.closes.on(YEAR, calendar))
    decided = [date(2026, 12, day) for day in (17, 18) for _ in range(done_by_day)]
    said = {"waiting": waiting, "decided": decided, "window": window, "today": date(2026, 12, today), "calendar": calendar}
    assert case_pace.row_of(step.quota, **said)["short_by"] == short


def test_a_number_that_is_none_and_an_outcome_that_stands_are_refused_whole(county: CaseCounty) -> None:
    take_calls(county, called(county))
    county.at("2026-12-17 10:00").morning()
    content = disclose.make_step_sheet(county.job, FIT, "medical_security")
    sheets.take_sheet(county.job, filled(content, "办理表", {person(1)[0]: ("通过",)}, first="I"), where="one.xlsx")
    other = filled(content, "办理表", {person(1)[0]: ("不通过", "NOT_INSURED_HERE 未参保")}, first="I", B6="通过")
    for back, found in ((other, "以先记录的为准"), (filled(content, "办理表", {}, first="I", B2="x"), None)):
        with pytest.raises(MianshenError) as refused:
            sheets.take_sheet(county.job, back, where="two.xlsx")
        assert found is None or found in refused.value.found
    states: dict[int, Any] = {serial: county.state(case).open for serial, case in county.by_serial(FIT, YEAR).items()}
    assert set(states[2]) == {"medical_security"}, "nothing of the second sheet was taken"
