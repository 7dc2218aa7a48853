"""Deaths, injury findings and other payers' money from file to staging: every row and fen accounted for, every fault named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.stages.intake_county import Intake, certno, make_intake, table

from mianshen.core.days import Month
from mianshen.policy.packs import load_pack
from mianshen.stages.frame import StageReport

DEATHS = ("死亡登记编号", "身份证号", "姓名", "死亡日期")
FINDINGS = ("认定编号", "结算ID", "身份证号", "认定结论")
PAYERS = ("赔付流水号", "身份证号", "结算ID", "所属年度", "支付方", "金额")


@pytest.fixture
def county(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


def taken(county: Intake, name: str, head: tuple[str, ...], *rows: tuple[str, ...]) -> list[StageReport]:
    county.drop(name, table(head, rows))
    return county.run()


def reasons(county: Intake) -> list[tuple[int, str, str]]:
    return [(one["line_no"], one["reason_code"], one["field"]) for one in county.rows("staging.notice_quarantined")]


def test_a_list_of_deaths_gives_persons_and_days(county: Intake) -> None:
    rows = (
        ("K1", certno(1), "甲某", "2026年10月3日"),
        ("K2", certno(2), "乙某", ""),
        ("K3", certno(3), "丙某", "2026-13-01"),
        ("K4", "", "丁某", "2026-10-03"),
    )
    taken(county, "death_510118_202610.csv", DEATHS, *rows)
    assert [(one["notice_id"], one["notice_code"], one["happened_on"]) for one in county.rows("staging.notice")] == [
        ("K1", "DEATH", date(2026, 10, 3))
    ]
    assert reasons(county) == [
        (3, "DATE_MISSING", "happened_on"),
        (4, "DATE_INVALID", "happened_on"),
        (5, "CERTNO_MISSING", "certno"),
    ]


def test_a_finding_needs_its_settlement_and_no_id_number(county: Intake) -> None:
    rows = (
        ("R1", "S1", "", "可支付"),
        ("R2", "S2", certno(2), "不属于支付范围"),
        ("R3", "", certno(3), "可支付"),
        ("R4", "S4", "", "再议"),
    )
    taken(county, "injury_510118_202610.csv", FINDINGS, *rows)
    found = [(one["setl_id"], one["notice_code"], one["person_key"] is None) for one in county.rows("staging.notice")]
    assert found == [("S1", "INJURY_PAYABLE", True), ("S2", "INJURY_NOT_PAYABLE", False)]
    assert reasons(county) == [(4, "KEY_MISSING", "setl_id"), (5, "CATEGORY_UNKNOWN", "notice_code")]


def test_other_payers_money_is_conserved_and_never_guessed(county: Intake) -> None:
    rows = [
        ("P1", certno(1), "S1", "", "惠民保", "1,200.50"),
        ("P2", certno(1), "", "2026", "商业健康险", "300"),
        ("P3", certno(2), "", "", "慈善", "50.00"),
        ("P4", certno(2), "S2", "", "慈善", "--"),
        ("P5", certno(2), "S2", "", "慈善", "五十"),
        ("P1", certno(1), "S1", "", "惠民保", "1,200.50"),
    ]
    reports = taken(county, "otherpay_510118_202610.csv", PAYERS, *(tuple(f'"{cell}"' for cell in row) for row in rows))
    found = [(one["notice_id"], one["notice_code"], one["fen"]) for one in county.rows("staging.notice")]
    assert found == [("P1", "PAY_INCLUSIVE", 120_050), ("P2", "PAY_COMMERCIAL", 30_000)]
    assert reasons(county) == [(4, "DATE_MISSING", "benefit_year"), (5, "MONEY_MISSING", "fen"), (6, "MONEY_INVALID", "fen")]
    [checked] = county.rows("checks.conservation")
    assert (checked["rows_in"], checked["rows_accepted"], checked["rows_quarantined"], checked["rows_ignored"]) == (6, 2, 3, 1)
    assert (
        checked["fen_in"]
        == 120_050 * 2 + 30_000 + 5_000
        == checked["fen_accepted"] + checked["fen_quarantined"] + checked["fen_ignored"]
    )
    assert reports[2].counts["expectations_failed"] == 0
    assert county.clocks() == {} or all(one["time_limit_code"] != "trigger_relief" for one in county.clocks().values())


def test_an_assessment_needs_its_clinic_day_and_year(county: Intake) -> None:
    tinghu = load_pack("320902_tinghu", on=date(2023, 10, 1))
    county.job = replace(county.job, pack=tinghu, month=Month(2023, 10))
    county.job.home.inbox("320902_tinghu").mkdir(parents=True, exist_ok=True)
    head = ("考核流水号", "身份证号", "服务年度", "考核日期", "机构代码", "是否体检", "是否签约", "考核结论")
    rows = (
        ("F1", certno(1), "2023", "2023-10-09", "JC01", "是", "否", "合格"),
        ("F2", certno(2), "2023", "2023-10-09", "", "是", "是", "合格"),
        ("F3", certno(3), "", "2023-10-09", "JC01", "是", "是", "合格"),
        ("F4", certno(4), "2023", "", "JC01", "是", "是", "不合格"),
        ("F5", certno(5), "2023", "2023-10-09", "JC02", "待补", "", "不合格"),
        ("F6", certno(6), "2023", "2023-10-09", "JC02", "是", "是", "待定"),
    )
    taken(county, "service_320902_202310.csv", head, *rows)
    names = ("notice_id", "notice_code", "clinic_code", "is_checked", "is_signed")
    assert [tuple(one[name] for name in names) for one in county.rows("staging.notice")] == [
        ("F1", "SERVICE_PASSED", "JC01", True, False),
        ("F5", "SERVICE_FAILED", "JC02", None, None),
    ]
    assert reasons(county) == [
        (3, "KEY_MISSING", "clinic_code"),
        (4, "DATE_MISSING", "benefit_year"),
        (5, "DATE_MISSING", "happened_on"),
        (7, "CATEGORY_UNKNOWN", "notice_code"),
    ]
