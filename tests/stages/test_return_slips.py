"""退回单: the bad rows in their own line and columns, nothing live in a cell, cleared when the corrected rows come."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from tests.sql.given import fetched
from tests.stages.intake_county import (
    CHILDREN,
    CLEAN,
    ENROLMENT,
    ENROLMENT_HEAD,
    ROSTER_HEAD,
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

from mianshen.core.ids import check_digit
from mianshen.feeds.expectations import Quality
from mianshen.stages import disclose, profile, validate
from mianshen.stages.disclose import slip_path
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.connect import compute, open_database
from mianshen.warehouse.ledger import AUDIT

DAILY = SETTLEMENT.replace("202610", "20261005")
NEXT = CHILDREN.replace("202610", "202611")


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


@pytest.fixture(autouse=True)
def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
    monkeypatch.setattr(validate, "judge_rows", passed)


def go(intake: Intake, name: str, content: bytes, **shift: int) -> int:
    """Deliver the file some time later and run what makes slips; how many were made."""
    intake.job = replace(intake.job, as_of=intake.job.as_of + timedelta(**shift))
    intake.drop(name, content)
    intake.run()
    profile.run(intake.job)
    return disclose.run(intake.job).counts["return_slips"]


def wrong_digit(serial: int) -> str:
    """The person's number with its ninth digit mistyped and the old check digit kept."""
    whole = certno(serial)
    return whole[:9] + str((int(whole[9]) + 1) % 10) + whole[10:]


def slips(intake: Intake) -> list[Path]:
    return sorted((intake.job.home.outbox(intake.job.pack.name) / "returns").rglob("*.xlsx"))


def sheet(path: Path, place: int) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(place).to_python()]


def summary(path: Path) -> dict[str, str]:
    return {row[0].split()[0]: row[1] for row in sheet(path, 0)[1:]}


def test_a_bad_row_goes_back_in_its_own_line_and_columns_with_reason_and_remedy(intake: Intake) -> None:
    bad = child(2, 身份证号=wrong_digit(2))
    assert go(intake, CHILDREN, children(child(1), bad, child(3, 镇街="远方镇"))) == 1
    (path,) = slips(intake)
    assert path.parent.name == "civil_affairs" and path.stat().st_mode & 0o777 == 0o600
    title, how, head, row = sheet(path, 1)
    assert "退回单" in title[0] and "整份重新交付" in how[0]
    assert tuple(head[6:]) == ROSTER_HEAD and tuple(row[6:]) == bad
    assert row[0] == "3" and row[1].startswith("未改")
    assert "校验位" in row[3] and "CERTNO_CHECK_DIGIT" in row[3] and "核对身份证原件" in row[4]
    assert [line[0] for line in sheet(path, 2)[3:]] == ["4"], "the unknown town is a row to check"
    assert (summary(path)["退回"], summary(path)["整单"]) == ("1 行 rows", "未结清 open")


def test_no_cell_is_live_and_numbers_stay_text(intake: Intake) -> None:
    attack = ("=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1+1", '=HYPERLINK("x")')
    rows = [child(number, 身份证号=wrong_digit(number), 监护人=text.replace(",", "")) for number, text in enumerate(attack, 1)]
    go(intake, CHILDREN, children(*rows))
    (path,) = slips(intake)
    book = openpyxl.load_workbook(path)
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and {cell.number_format for cell in cells} == {"@"}
    found = [row[10] for row in sheet(path, 1)[3:]]
    assert found[0] == attack[0] and found[3] == attack[3], "the text is as it was delivered, no prefix added"
    assert {row[7] for row in sheet(path, 1)[3:]} == {wrong_digit(number) for number in range(1, 7)}


def test_the_same_state_is_the_same_file_and_opens_nothing_again(intake: Intake) -> None:
    go(intake, CHILDREN, children(child(1), child(2, 身份证号=wrong_digit(2))))
    (path,) = slips(intake)
    first, rows = path.read_bytes(), audit_rows(intake)
    assert disclose.run(intake.job).counts["return_slips"] == 0
    path.unlink()
    intake.job = replace(intake.job, as_of=intake.job.as_of + timedelta(hours=3))
    assert disclose.run(intake.job).counts["return_slips"] == 1
    assert path.read_bytes() == first, "dated by the delivery, not by the run"
    assert audit_rows(intake) == rows


def audit_rows(intake: Intake) -> list[dict[str, Any]]:
    with intake.job.ledger.connect() as connection:
        found = connection.execute(select(AUDIT.c.detail).where(AUDIT.c.action == disclose.ACTION)).scalars()
        return [json.loads(one) for one in found]


def test_a_corrected_row_clears_itself_and_closes_the_slip(intake: Intake) -> None:
    go(
        intake,
        CHILDREN,
        children(child(1), child(2, 身份证号=wrong_digit(2)), child(3, 身份证号=""), child(4, 身份证号=wrong_digit(4))),
    )
    (path,) = slips(intake)
    assert summary(path)["整单"] == "未结清 open"
    again = children(child(1), child(2), child(4, 身份证号=wrong_digit(4)))
    assert go(intake, CHILDREN, again, days=2) == 2, "the first slip is brought up to date, the second is new"
    states = {row[0]: row[1].split()[0] for row in sheet(path, 1)[3:]}
    assert states == {"3": "已改正", "4": "已从名单删除", "5": "再次交来仍有错,见新退回单"}
    assert summary(path)["整单"] == "已结清 closed"
    rows = sorted(newest(intake, "out.return_slip"), key=lambda row: row["version_no"])
    assert [(row["version_no"], row["rows_open"], row["rows_corrected"], row["closed_at"] is None) for row in rows] == [
        (1, 0, 1, False),
        (2, 1, 0, True),
    ]
    go(intake, NEXT, children(child(1), child(2), child(4)), days=30)
    assert {row["state_code"] for row in newest(intake, "out.return_row") if row["version_no"] == 2} == {"CORRECTED"}
    assert all(row["closed_at"] for row in newest(intake, "out.return_slip"))


def newest(intake: Intake, name: str) -> list[dict[str, Any]]:
    files = intake.job.lake.current(name, county_code=intake.job.county_code)
    with compute() as con:
        return fetched(con, f"select * from read_parquet({files}, hive_partitioning=false) order by all")


def test_a_held_list_goes_back_whole(intake: Intake) -> None:
    go(intake, CHILDREN, children(*(child(number) for number in range(1, 21))))
    assert slips(intake) == [], "a list without a fault needs no slip"
    bad = [child(number, 身份证号=wrong_digit(number)) for number in range(1, 13)]
    go(intake, CHILDREN, children(*bad, *(child(number) for number in range(13, 21))), days=1)
    (path,) = slips(intake)
    assert len(sheet(path, 1)) == 3 + 12
    assert "整份文件暂缓入库" in next(value for key, value in summary(path).items() if key == "整份文件")


def test_a_person_whose_row_was_set_aside_is_held_and_hinted_and_nobody_is_merged(intake: Intake) -> None:
    go(intake, CHILDREN, children(child(1), child(2), child(3)))
    keys = {row["line_no"]: row["person_key"] for row in intake.rows("staging.roster")}
    intake.job = replace(intake.job, month=intake.job.month.shift(1))
    go(intake, NEXT, children(child(1), child(2, 身份证号=wrong_digit(2))), days=30)
    path = next(one for one in slips(intake) if "2026-11" in one.name)
    (row,) = sheet(path, 1)[3:]
    assert certno(2)[-4:] in row[5] and "仅差一笔" in row[5] and certno(2) not in str(row)
    (meant,) = [one for one in intake.rows("staging.row_suggestion")]
    assert (meant["person_key"], meant["rule_code"]) == (keys[3], "NUMBER_SLIPPED")
    spans = {(one["person_key"], one["is_provisional"], one["until"] is None) for one in newest(intake, "facts.identity_span")}
    assert spans == {
        (keys[2], False, True),
        (keys[3], False, False),
        (keys[3], True, True),
        (keys[4], False, False),
    }, "who may be meant stays provisional, who is gone is gone"
    changes = {row["reason_code"] for row in newest(intake, "facts.roster_change")}
    assert changes == {"ROSTER_ROW_SET_ASIDE", "ROSTER_ABSENT"}
    (alarm,) = [one for one in newest(intake, "out.roster_alarm")]
    assert (alarm["reason_code"], alarm["people"]) == ("ROSTER_LEFT_UNEXPLAINED", 1)
    assert lookups(intake) == ["civil_affairs"]


def lookups(intake: Intake) -> list[str]:
    vault = open_database(intake.job.vault_url)
    with vault.connect() as connection:
        return list(connection.execute(select(LOOKUP_LOG.c.recipient)).scalars())


def test_a_corrected_number_is_suggested_and_stays_another_person(intake: Intake) -> None:
    go(intake, CHILDREN, children(child(1), child(2)))
    old = certno(2)
    corrected = old[:14] + "888"
    new = corrected + check_digit(corrected)
    go(intake, NEXT, children(child(1), child(2, 身份证号=new)), days=30)
    path = next(one for one in slips(intake) if "2026-11" in one.name)
    (row,) = sheet(path, 2)[3:]
    assert "NUMBER_MAY_BE_CORRECTED" in row[3] and old[-4:] in row[5]
    november = [one for one in intake.rows("staging.roster") if one["list_month"] == "2026-11"]
    assert len({one["person_key"] for one in intake.rows("staging.roster")}) == 3 and len(november) == 2


def test_a_list_that_was_refused_is_told_with_its_reason(intake: Intake) -> None:
    head = [one for one in ROSTER_HEAD if one != "类别"]
    go(intake, CHILDREN, table(head, [[cell for cell, name in zip(child(1), ROSTER_HEAD, strict=True) if name != "类别"]]))
    (path,) = slips(intake)
    assert "HEADER_CHANGED" in summary(path)["整份文件"] and len(sheet(path, 1)) == 3


def test_a_slip_sent_back_is_not_taken_for_the_list(intake: Intake) -> None:
    go(intake, CHILDREN, children(child(1), child(2, 身份证号=wrong_digit(2))))
    (path,) = slips(intake)
    intake.drop(path.name, io.BytesIO(path.read_bytes()).getvalue())
    assert intake.run()[0].counts["reason.FILE_UNKNOWN"] == 1
    known = slip_path(intake.job, next(row for row in intake.deliveries() if row["state"] == "ACCEPTED"))
    assert known == path


def test_settlements_go_back_to_their_sender_and_clear_by_their_own_number(intake: Intake) -> None:
    bad = (
        settlement(2, certno=""),
        settlement(3, medfee_sumamt="x"),
        settlement(4, enddate="2026-09-30"),
        settlement(5, setl_id=""),
    )
    assert go(intake, DAILY, settlements(settlement(1), *bad)) == 1
    (path,) = slips(intake)
    assert (path.parent.name, path.name) == ("medical_security", "return_settlement_2026-10-05_v1.xlsx")
    _, how, head, *rows = sheet(path, 1)
    assert "原流水号" in how[0] and tuple(head[6:]) == tuple(CLEAN)
    assert [(row[0], row[1].split()[0], row[3].rsplit("(", 1)[1]) for row in rows] == [
        ("3", "未改", "CERTNO_MISSING)"),
        ("4", "未改", "MONEY_INVALID)"),
        ("5", "未改", "DATE_ORDER)"),
        ("6", "未改", "KEY_MISSING)"),
    ]
    assert tuple(rows[1][6:]) == tuple(bad[1].values()), "the row as it was delivered"
    assert (summary(path)["部门"], summary(path)["全部行"]) == ("医疗保障信息中心", "5 行 rows")
    later = settlements(settlement(2), settlement(3, medfee_sumamt="y"), settlement(9))
    assert go(intake, DAILY.replace("05.", "06."), later, days=1) == 2
    assert states(path) == ["已改正", "再次交来仍有错,见新退回单", "未改", "未改"]
    whole = settlements(settlement(1), settlement(4))
    go(intake, DAILY, whole, days=1)
    assert states(path) == ["已改正", "再次交来仍有错,见新退回单", "已改正", "已从名单删除"]
    assert summary(path)["整单"] == "已结清 closed"
    counted = {row["version_no"]: row for row in newest(intake, "out.return_slip") if row["list_month"] == "2026-10-05"}
    assert (counted[1]["rows_corrected"], counted[1]["rows_repeated"], counted[1]["rows_removed"]) == (2, 1, 1)
    assert [row["list_month"] for row in newest(intake, "out.return_slip") if row["closed_at"] is None] == ["2026-10-06"]


def states(path: Path) -> list[str]:
    return [row[1].split()[0] for row in sheet(path, 1)[3:]]


def test_fees_and_notices_go_back_too_and_a_refused_file_says_why(intake: Intake) -> None:
    fees = [
        ("E1", certno(1), "甲某", "390", "2026", "2026-10-08", "4OO"),
        ("E2", certno(2), "乙某", "390", "2026", "2026-10-08", "400"),
    ]
    assert go(intake, ENROLMENT, table(ENROLMENT_HEAD, fees)) == 1
    deaths = [("N1", "", "甲某", "2026-10-02"), ("N2", certno(3), "丙某", "2026-10-03")]
    assert go(intake, "death_510118_202610.csv", table(("编号", "身份证号", "姓名", "死亡日期"), deaths), hours=1) == 1
    assert go(intake, SETTLEMENT, table(("setl_id", "certno"), [("S1", certno(1))]), hours=1) == 1
    found = {path.name: summary(path) for path in slips(intake)}
    assert found["return_death_2026-10_v1.xlsx"]["部门"] == "公安部门"
    assert "HEADER_CHANGED" in found["return_settlement_2026-10_v1.xlsx"]["整份文件"]
    fixed = [("E1", certno(1), "甲某", "390", "2026", "2026-10-08", "400"), fees[1]]
    go(intake, ENROLMENT, table(ENROLMENT_HEAD, fixed), days=1)
    first = next(path for path in slips(intake) if path.name == "return_enrolment_2026-10_v1.xlsx")
    assert states(first) == ["已改正"]
