"""Every normalisation is recorded by line and field in the county run, and every row has one of five states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stages.intake_county import (
    CHILDREN,
    ENROLMENT,
    ENROLMENT_HEAD,
    SETTLEMENT,
    Intake,
    certno,
    child,
    children,
    make_intake,
    settlement,
    settlements,
    table,
)

from mianshen.feeds.expectations import Quality
from mianshen.feeds.verdict import RowState
from mianshen.stages import validate
from mianshen.stages.examine import Task, examine

STATES = ("rows_load", "rows_fix", "rows_flag", "rows_quarantined", "rows_ignored")
WRITTEN: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    "as it should be": ({}, set()),
    "full width": (
        {"身份证号": "".join(chr(ord(one) + 0xFEE0) for one in certno(2))}, {("certno", "WIDTH_FOLDED")}
    ),
    "inner blanks": ({"身份证号": f"{certno(3)[:6]} {certno(3)[6:]}"}, {("certno", "SPACES_REMOVED")}),
    "apostrophe": ({"身份证号": f"'{certno(4)}"}, {("certno", "APOSTROPHE_REMOVED")}),
    "fifteen digits": ({"身份证号": certno(5)[:6] + certno(5)[8:17]}, {("certno", "FIFTEEN_UPGRADED")}),
    "outer blanks": ({"儿童姓名": " 童庚 "}, {("name", "SPACES_REMOVED")}),
    "a blank within the name": ({"儿童姓名": "童 辛"}, {("name", "SPACES_REMOVED")}),
    "a town by half its name": ({"镇街": "宝墩"}, {("town", "TOWN_RESPELLED")}),
    "a town by its office": ({"镇街": "宝墩镇人民政府"}, {("town", "TOWN_RESPELLED")}),
    "a month in words": ({"保障起始年月": "2024年5月"}, {("valid_from", "DATE_RESPELLED")}),
    "two at once": (
        {"身份证号": f"'{certno(11)}", "镇街": "宝墩"}, {("certno", "APOSTROPHE_REMOVED"), ("town", "TOWN_RESPELLED")}
    ),
    "a private-use character": ({"儿童姓名": "童\ue81e"}, {("name", "NAME_MAPPED")}),
}  # fmt: skip


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


@pytest.fixture(autouse=True)
def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
    monkeypatch.setattr(validate, "judge_rows", passed)


def plain(number: int, **changes: str) -> tuple[str, ...]:
    """A child of the list whose every cell is spelled as usual but for the changes."""
    return child(number, **{"保障起始年月": "2024-05-01", **changes})


def recorded(intake: Intake) -> dict[int, set[tuple[str, str]]]:
    found: dict[int, set[tuple[str, str]]] = {}
    for row in intake.rows("staging.row_fix"):
        found.setdefault(row["line_no"], set()).add((row["field"], row["reason_code"]))
    return found


def test_each_normalisation_of_a_list_is_recorded_with_its_field_and_nothing_else(intake: Intake) -> None:
    rows = [plain(number, **changes) for number, (changes, _) in enumerate(WRITTEN.values(), 1)]
    bad = plain(90, 身份证号=f"'{certno(90)[:17]}")
    intake.drop(CHILDREN, children(*rows, bad, rows[0]))
    intake.run()
    wanted = {line: fixes for line, (_, fixes) in enumerate(WRITTEN.values(), 2) if fixes}
    assert recorded(intake) == wanted
    (proof,) = intake.rows("checks.conservation")
    assert [proof[one] for one in STATES] == [1, len(WRITTEN) - 2, 1, 1, 1]
    assert proof["rows_in"] == sum(proof[one] for one in STATES)
    assert proof["rows_accepted"] == sum(proof[one] for one in STATES[:3])
    assert {tuple(row) for row in intake.rows("staging.row_fix")} == {("delivery_id", "line_no", "field", "reason_code")}


def test_the_county_run_and_the_check_before_it_count_the_same_states(intake: Intake, tmp_path: Path) -> None:
    rows = [plain(number, **changes) for number, (changes, _) in enumerate(WRITTEN.values(), 1)]
    content = children(*rows, plain(91, 身份证号=certno(91)[:17]), plain(92, 镇街="远方镇"), rows[0]) + "合计,,,2,,,,\n".encode()
    intake.drop(CHILDREN, content)
    intake.run()
    (tmp_path / CHILDREN).write_bytes(content)
    contract = intake.job.pack.contract("minzheng_ertong")
    (verdict,) = examine(
        tmp_path / CHILDREN, Task(contract, intake.job.month, intake.job.as_of.date(), tuple(intake.job.pack.towns))
    )
    counted = [sum(row.state is state for row in verdict.rows) for state in RowState]
    (proof,) = intake.rows("checks.conservation")
    assert [proof[one] for one in STATES] == counted
    assert verdict.rows[7].reason == "TOWN_RESPELLED", "a town by half its name is a recorded normalisation"


def test_settlements_and_fees_record_theirs_too_and_a_clean_file_records_none(intake: Intake) -> None:
    intake.drop(ENROLMENT, table(ENROLMENT_HEAD, [("E1", certno(9), "甲某", "390", "2026", "2026-10-08", "400.00")]))
    intake.run()
    assert recorded(intake) == {}
    rows = [
        settlement(1),
        settlement(2, medfee_sumamt="￥1000.00", begndate="2026/10/1"),
        settlement(3, certno=certno(3).lower().replace("0", "０", 1)),
        settlement(4, med_type="２１"),
        settlement(5, medfee_sumamt="￥1000.00", hifp_pay="1.00"),
    ]
    intake.drop(SETTLEMENT, settlements(*rows))
    intake.run()
    assert recorded(intake) == {
        3: {("medfee_sumamt", "MONEY_RESPELLED"), ("begndate", "DATE_RESPELLED")},
        4: {("certno", "WIDTH_FOLDED")},
        5: {("med_type", "WIDTH_FOLDED")},
        6: {("medfee_sumamt", "MONEY_RESPELLED")},
    }
    proof = {one["feed"]: one for one in intake.rows("checks.conservation")}
    assert [proof["settlement"][one] for one in STATES] == [1, 3, 0, 1, 0]
    assert [proof["enrolment"][one] for one in STATES] == [1, 0, 0, 0, 0]
