"""The decision sheet: downloaded, filled in, sent back; recorded whole or not at all, as from a form."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from tests.stages.money_county import County, Line, certno_of, make_county

from mianshen.core.approving import Turn
from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.stages import apply, approve
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, AUDIT, CASE_EVENT, DECISION

NAMES = ("甲某", "乙某", "丙某", "丁某")
BY = "approver_civil_affairs"
Fill = Callable[[Any], None]


def small(root: Path, names: tuple[str, ...] = NAMES, month_end: int = 0) -> County:
    made = make_county(root, names)
    made.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    made.assess([Line(name, f"e{number}", 123456 * (number + 1) + month_end) for number, name in enumerate(names)])
    apply.run(made.job)
    made.later(days=1)
    return made


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> County:
    return small(tmp_path_factory.mktemp("waiting") / "home")


@pytest.fixture
def county(waiting: County, tmp_path: Path) -> County:
    return waiting.copy(tmp_path / "home")


def rows(county: County, table: Any) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def batch_of(county: County) -> str:
    return str(rows(county, APPROVAL_BATCH)[0]["approval_batch_id"])


def filled(content: bytes, fill: Fill) -> bytes:
    book = load_workbook(io.BytesIO(content))
    fill(book["审批表"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(**cells: Any) -> Fill:
    def fill(page: Any) -> None:
        for name, value in cells.items():
            page[name] = value

    return fill


def take(county: County, content: bytes, by: str = BY) -> dict[str, int]:
    return approve.take_sheet(county.job, content, by=by, where="sheet.xlsx").counts


def sheet(county: County) -> bytes:
    return approve.make_sheet(county.job, batch_of(county))


def outcomes(county: County) -> dict[int, tuple[str, str, str]]:
    numbers = {one["approval_item_id"]: one["item_no"] for one in rows(county, APPROVAL_ITEM)}
    return {numbers[one["approval_item_id"]]: (one["outcome"], one["reason_code"], one["how"]) for one in rows(county, DECISION)}


def books(county: County) -> list[list[dict[str, Any]]]:
    return [rows(county, table) for table in (CASE_EVENT, AUDIT)]


MIXED = put(
    B7="同意",
    H11="同意",
    J11="是",
    H12="不予救助",
    I12="IDENTITY_NOT_CONFIRMED 部门核查",
    H13="退回补正",
    I13="PAPERS_WANTED",
)


def test_a_sheet_decides_like_a_form_and_counts_only_what_was_opened_as_looked_at(county: County) -> None:
    assert take(county, filled(sheet(county), MIXED)) == {"recorded": 4, "agree": 2, "return": 1, "refuse": 1}
    assert outcomes(county) == {
        1: ("agree", "REVIEWED", "person"),
        2: ("refuse", "IDENTITY_NOT_CONFIRMED", "person"),
        3: ("return", "PAPERS_WANTED", "person"),
        4: ("agree", "CONFIRMED", "bulk"),
    }
    signed = {(one["decided_by"], one["decided_at"]) for one in rows(county, DECISION)}
    assert signed == {(BY, county.job.moment)}


def test_a_part_is_answered_today_and_the_rest_tomorrow(county: County) -> None:
    assert take(county, filled(sheet(county), put(H11="同意", H13="同意")))["recorded"] == 2
    county.later(days=1)
    left = sheet(county)
    assert [load_workbook(io.BytesIO(left))["审批表"][f"A{line}"].value for line in (11, 12, 13)] == ["2", "4", None]
    assert take(county, filled(left, put(B7="同意")))["recorded"] == 2
    assert len(outcomes(county)) == 4


def test_the_same_sheet_twice_changes_nothing_even_later(county: County) -> None:
    content = filled(sheet(county), MIXED)
    take(county, content)
    before = books(county)
    county.later(days=2)
    assert take(county, content)["recorded"] == 0
    assert books(county) == before


def test_somebody_else_s_sheet_hears_who_decided_before(county: County) -> None:
    content = sheet(county)
    take(county, filled(content, MIXED))
    before = books(county)
    with pytest.raises(MianshenError, match=f"DECISION_RECORDED.*{BY}"):
        take(county, filled(content, put(H12="同意")), by="somebody")
    assert books(county) == before


def test_the_maker_does_not_answer_his_own_batch(county: County) -> None:
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        take(county, filled(sheet(county), MIXED), by="system")


WRONG: dict[str, tuple[Fill, str, str]] = {
    "no opinion at all": (put(), "SHEET_INVALID", "B7:没有填写任何意见"),
    "an opinion that is none": (
        put(B7="同意", H12="好的"),
        "SHEET_INVALID",
        "H12:“好的”不是可选意见,选 同意 / 退回补正 /",
    ),
    "a refusal without a reason": (put(B7="同意", H12="不予救助"), "SHEET_INVALID", "I12:不予救助没有理由"),
    "a reason of the other kind": (
        put(H12="不予救助", I12="PAPERS_WANTED"),
        "SHEET_INVALID",
        "I12:“PAPERS_WANTED”不是不予",
    ),
    "a reason for agreeing": (put(H12="同意", I12="DUPLICATE_RELIEF"), "SHEET_INVALID", "I12:意见为“同意”不填理由"),
    "a reason and no opinion": (put(B7="同意", I12="DUPLICATE_RELIEF"), "SHEET_INVALID", "H12:填了理由"),
    "looked at, and not": (put(H12="同意", J12="看过"), "SHEET_INVALID", "J12:“看过”不可用"),
    "all refused for nothing": (put(B7="不予救助"), "SHEET_INVALID", "E7:不予救助没有理由"),
    "two faults": (put(H11="行", H12="不行"), "SHEET_INVALID", "H11:“行”不是可选意见"),
    "a formula": (put(B7="同意", H12='=IF(1,"同意","")'), "SHEET_INVALID", "H12:是公式"),
    "another amount": (put(B7="同意", F12="1.00"), "SHEET_CHANGED", "F12:内容被改动,应为“"),
    "another receipt": (put(B7="同意", B12="510118-20261103-000099"), "SHEET_CHANGED", "B12:内容被改动"),
    "another frozen hash": (put(B7="同意", B3="0" * 64), "SHEET_CHANGED", "B3:冻结哈希不是该批次的"),
    "an item twice": (put(B7="同意", A12="1"), "SHEET_CHANGED", "A12:序号“1”重复"),
    "an item of nobody": (put(B7="同意", A12="77"), "SHEET_CHANGED", "A12:序号“77”不在本批次"),
    "another heading": (put(B7="同意", H10="结论"), "SHEET_CHANGED", "H10:内容被改动"),
    "a batch that is none": (put(B7="同意", B2="B000"), "SHEET_FOREIGN", "B000"),
    "a department that is none": (put(B7="同意", B5="office"), "SHEET_FOREIGN", "B"),
    "another department": (put(B7="同意", H12="同意", B5="disabled"), "DECISION_INVALID", "已转办或已中止"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_sheet_that_cannot_be_taken_changes_nothing_and_says_where_and_what_to_do(county: County, name: str) -> None:
    fill, code, found = WRONG[name]
    before = books(county)
    with pytest.raises(MianshenError) as refused:
        take(county, filled(sheet(county), fill))
    assert (refused.value.code, found in refused.value.found) == (code, True), refused.value.message()
    assert books(county) == before


def test_a_line_that_was_taken_out_is_noticed(county: County) -> None:
    with pytest.raises(MianshenError, match="SHEET_CHANGED"):
        take(county, filled(sheet(county), lambda page: (page.delete_rows(12), put(B7="同意")(page))[0]))


def test_every_fault_is_told_at_once(county: County) -> None:
    with pytest.raises(MianshenError) as refused:
        take(county, filled(sheet(county), put(H11="行", H12="不行", J13="看过")))
    assert re.findall(r"([A-J]\d+):", refused.value.found) == ["H11", "H12", "J13", "H13"]


def test_a_sheet_of_another_county_s_batch_is_foreign(county: County, tmp_path: Path) -> None:
    other = small(tmp_path / "other", ("甲某", "乙某"), month_end=1)
    with pytest.raises(MianshenError, match="SHEET_FOREIGN"):
        take(county, filled(sheet(other), put(B7="同意")))


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_workbook_is_refused(county: County, content: bytes) -> None:
    with pytest.raises(MianshenError, match="SHEET_UNREADABLE"):
        take(county, content)


def test_no_damage_by_chance_is_half_applied(county: County) -> None:
    """Cells of a good sheet are overwritten by chance: a fixed cell never changes unnoticed, and nothing is taken."""
    draw = random.Random(5)
    content, before = sheet(county), books(county)
    cells = [f"{column}{line}" for column in "ABCDEFG" for line in range(11, 15)] + ["B2", "B3", "B4", "B6"]
    for _ in range(60):
        name = draw.choice(cells)
        value = draw.choice(["", "0", "7", "1,234.56", "=1+1", "同意", "低保", None])
        with pytest.raises(MianshenError) as refused:
            take(county, filled(content, lambda page, name=name, value=value: put(**{"B7": "同意", name: value})(page)))
        assert refused.value.code in ("SHEET_CHANGED", "SHEET_INVALID", "SHEET_FOREIGN")
    assert books(county) == before


def test_the_sheet_names_nobody_holds_no_formula_and_has_the_same_bytes_again(county: County) -> None:
    content = sheet(county)
    assert content == sheet(county)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    assert "<f>" not in text
    assert not [name for name in NAMES if name in text] and not [key for key in county.people.values() if key in text]
    assert certno_of(0) not in text
    county.job = replace(county.job, as_of=county.job.as_of + timedelta(days=3))
    assert sheet(county) == content, "the batch's moment is the only one in it"


def test_a_sheet_goes_to_who_took_an_item_over(county: County) -> None:
    batch = batch_of(county)
    turned = Turn(Happening.DELEGATED, "zhang", "civil_affairs", county.job.as_of, to_department="disabled")
    approve.turn_items(county.job, batch, [2, 3], turned)
    county.later(hours=1)
    theirs = approve.make_sheet(county.job, batch, holder="disabled")
    assert take(county, filled(theirs, put(B7="同意")), by="approver_disabled")["recorded"] == 2
    assert take(county, filled(sheet(county), put(B7="同意")))["recorded"] == 2


def test_decisions_by_sheet_are_replayed_like_any_other(county: County, tmp_path: Path) -> None:
    take(county, filled(sheet(county), MIXED))
    log = tmp_path / "decisions.jsonl"
    approve.export_decisions(county.job, log)
    twin = small(tmp_path / "twin")
    assert approve.replay_decisions(twin.job, log).counts["recorded"] == 4
    assert rows(twin, CASE_EVENT) == rows(county, CASE_EVENT)
