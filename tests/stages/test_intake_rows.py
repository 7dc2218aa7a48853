"""deidentify and validate: each row is accepted, set aside with its own reason, or ignored; rows and fen conserved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.stages.intake_county import (
    CHILDREN,
    ENROLMENT,
    ENROLMENT_HEAD,
    PACK,
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

from mianshen.core.contract import SumRule
from mianshen.core.days import ZONE
from mianshen.feeds.expectations import Quality
from mianshen.stages import validate

Entropy = Callable[[int], bytes]
BROKEN = {
    "certno empty": ({"certno": ""}, "CERTNO_MISSING", "certno"),
    "certno of seventeen": ({"certno": certno(9)[:17]}, "CERTNO_LENGTH", "certno"),
    "certno with a wrong check digit": (
        {"certno": certno(9)[:17] + ("1" if certno(9)[17] != "1" else "2")}, "CERTNO_CHECK_DIGIT", "certno"
    ),
    "certno of no day": ({"certno": "100999195002300013"}, "CERTNO_DATE", "certno"),
    "certno in scientific form": ({"certno": "1.00999E+17"}, "CERTNO_DAMAGED", "certno"),
    "certno masked": ({"certno": "100999********0013"}, "CERTNO_MASKED", "certno"),
    "another certificate": ({"psn_cert_type": "08"}, "CERT_TYPE_UNSUPPORTED", "certno"),
    "no key": ({"setl_id": ""}, "KEY_MISSING", "setl_id"),
    "money with three decimals": ({"oth_pay": "1.005"}, "MONEY_INVALID", "oth_pay"),
    "money in words": ({"maf_pay": "无"}, "MONEY_INVALID", "maf_pay"),
    "money missing": ({"inscp_scp_amt": ""}, "MONEY_MISSING", "inscp_scp_amt"),
    "money dashes": ({"hifmi_pay": "--"}, "MONEY_MISSING", "hifmi_pay"),
    "money negative": ({"acct_pay": "-1.00"}, "MONEY_NEGATIVE", "acct_pay"),
    "no such day": ({"begndate": "2026-02-30"}, "DATE_INVALID", "begndate"),
    "a month is no day": ({"setl_time": "202610"}, "DATE_INVALID", "setl_time"),
    "day missing": ({"setl_time": ""}, "DATE_MISSING", "setl_time"),
    "day of zeros": ({"begndate": "0000-00-00"}, "DATE_MISSING", "begndate"),
    "stay ends before it begins": ({"enddate": "2026-09-30"}, "DATE_ORDER", "enddate"),
    "total off by two": ({"inscp_scp_amt": "900.02"}, "IDENTITY_TOTAL", "medfee_sumamt"),
    "fund off by two": ({"hifp_pay": "499.98"}, "IDENTITY_FUND", "fund_pay_sumamt"),
    "person off by two": ({"psn_part_amt": "400.02", "psn_cash_pay": "400.02"}, "IDENTITY_PERSON", "psn_part_amt"),
    "cash off by two": ({"psn_cash_pay": "399.98"}, "IDENTITY_PERSON", "psn_part_amt"),
}  # fmt: skip
FLAGGED = {
    "no end of stay": ({"enddate": ""}, ["ENDDATE_MISSING"]),
    "unknown kind of care": ({"med_type": "9901"}, ["CODE_UNKNOWN"]),
    "total off by one": ({"inscp_scp_amt": "900.01"}, ["IDENTITY_TOLERATED"]),
    "name lost a character": ({"psn_name": "甲?"}, ["NAME_DOUBTFUL"]),
}
FIXED = {
    "full width": {"certno": "".join(chr(ord(one) + 0xFEE0) for one in certno(8)), "medfee_sumamt": "１０００．００"},
    "spaces and an apostrophe": {"certno": f"'{certno(8)[:6]} {certno(8)[6:]}\t"},
    "fifteen digits": {"certno": certno(8)[:6] + certno(8)[8:17]},
    "lower case": {"certno": certno(8).lower()},
    "decorated money": {"medfee_sumamt": "\uffe51000.000", "inscp_scp_amt": "900"},
    "compact days": {"begndate": "20261001", "setl_time": "20261005081736"},
    "slashed days": {"begndate": "2026/10/1", "enddate": "2026年10月5日", "setl_time": "2026-10-05T08:17:36.0"},
}


@pytest.fixture
def intake(tmp_path: Path, entropy: Entropy) -> Intake:
    return make_intake(tmp_path / "home", entropy)


@pytest.fixture
def great_expectations() -> None:
    """Asked for by tests in which the library itself judges; it costs a second a batch."""


@pytest.fixture(autouse=True)
def without_pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere every batch passes it, so that only SQL decides."""
    if "great_expectations" not in request.fixturenames:
        passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
        monkeypatch.setattr(validate, "judge_rows", passed)


@pytest.mark.usefixtures("great_expectations")
def test_a_clean_delivery_loses_nothing_and_flags_nothing(intake: Intake) -> None:
    intake.drop(SETTLEMENT, settlements(settlement(1), settlement(2)))
    report = intake.run()[2]
    first, second = intake.rows("staging.settlement")
    assert (report.counts["accepted"], report.counts["quarantined"], report.counts["ignored"]) == (2, 0, 0)
    assert (first["medfee_sumamt"], first["psn_cash_pay"], first["hifes_pay"]) == (100_000, 40_000, None)
    assert (first["begndate"], first["setl_time"]) == (date(2026, 10, 1), datetime.fromisoformat("2026-10-05 08:17:36"))
    assert (first["birth_year"], first["gend"], first["flags"], first["line_no"]) == (1950, "1", [], 2)
    assert first["person_key"] != second["person_key"]
    assert {one["state"] for one in intake.deliveries()} == {"ACCEPTED"}


def test_each_fault_has_its_own_reason_and_its_neighbours_pass(intake: Intake) -> None:
    rows = [settlement(number + 100, **changes) for number, (changes, _, _) in enumerate(BROKEN.values())]
    sound = [settlement(number) for number in range(1, len(rows) + 1)]
    both = [row for pair in zip(rows, sound, strict=True) for row in pair]
    both.append({**settlement(700), "certno": "1", "medfee_sumamt": "7.00"})
    intake.drop(SETTLEMENT, settlements(*both))
    intake.run()
    found = {one["line_no"]: (one["reason_code"], one["field"]) for one in intake.rows("staging.settlement_quarantined")}
    wanted = {2 * number + 2: (code, field) for number, (_, code, field) in enumerate(BROKEN.values())}
    assert found == wanted | {2 * len(rows) + 2: ("CERTNO_LENGTH", "certno")}
    assert [one["line_no"] for one in intake.rows("staging.settlement")] == [2 * number + 3 for number in range(len(rows))]
    assert intake.rows("staging.settlement_quarantined")[-1]["fen"] == 700


def test_doubts_are_flagged_and_kept(intake: Intake) -> None:
    intake.drop(SETTLEMENT, settlements(*(settlement(number, **changes) for number, (changes, _) in enumerate(FLAGGED.values()))))
    intake.run()
    assert [one["flags"] for one in intake.rows("staging.settlement")] == [flags for _, flags in FLAGGED.values()]
    assert intake.rows("staging.settlement")[1]["med_type"] == "9901"


def test_ways_of_writing_give_the_same_row(intake: Intake) -> None:
    rows = [settlement(8)] + [settlement(8, setl_id=f"K{number}", **changes) for number, changes in enumerate(FIXED.values())]
    intake.drop(SETTLEMENT, settlements(*rows))
    intake.run()
    assert intake.rows("staging.settlement_quarantined") == []
    made = [{key: one[key] for key in set(one) - {"line_no", "setl_id"}} for one in intake.rows("staging.settlement")]
    assert made == [made[0]] * len(rows)


def test_repeated_rows_count_once_and_conflicting_ones_are_set_aside(intake: Intake) -> None:
    rows = [
        settlement(1),
        settlement(1),
        settlement(1, certno=certno(1).lower()),
        settlement(2),
        settlement(2, hifp_pay="400.00", fund_pay_sumamt="500.00", psn_part_amt="500.00", psn_cash_pay="500.00"),
        settlement(3),
        settlement(3, updt_time="2026-10-07 00:00:00"),
    ]
    intake.drop(SETTLEMENT, settlements(*rows))
    report = intake.run()[2]
    assert [one["line_no"] for one in intake.rows("staging.settlement")] == [2, 7, 8], "a later version is no conflict"
    assert [(one["line_no"], one["reason_code"]) for one in intake.rows("staging.settlement_quarantined")] == [
        (5, "KEY_CONFLICT"),
        (6, "KEY_CONFLICT"),
    ]
    assert report.counts["ignored.ROW_REPEATED"] == 2


def test_a_refund_may_be_negative(intake: Intake) -> None:
    negative = {name: f"-{value}" for name, value in settlement(1).items() if value.endswith(".00") and value != "0.00"}
    refund = settlement(1, **negative, setl_id="R1", refd_setl_flag="1", init_setl_id="510118H0001")
    intake.drop(SETTLEMENT, settlements(settlement(1), refund))
    intake.run()
    assert [one["medfee_sumamt"] for one in intake.rows("staging.settlement")] == [100_000, -100_000]


def test_rows_and_fen_are_conserved_in_each_delivery(intake: Intake) -> None:
    intake.drop(SETTLEMENT, settlements(settlement(1), settlement(1), settlement(2, certno=""), settlement(3, medfee_sumamt="x")))
    intake.drop(CHILDREN, children(child(1), child(1), child(2, 类别="")) + "合计,,,2,,,,\n".encode())
    intake.run()
    proof = {one["feed"]: one for one in intake.rows("checks.conservation")}
    assert {key: value for key, value in proof["settlement"].items() if key not in ("delivery_id", "feed")} == {
        "rows_in": 4, "rows_accepted": 1, "rows_load": 0, "rows_fix": 0, "rows_flag": 1,
        "rows_quarantined": 2, "rows_ignored": 1,
        "fen_in": 300_000, "fen_accepted": 100_000, "fen_quarantined": 100_000, "fen_ignored": 100_000,
    }  # fmt: skip
    roster = proof["roster"]
    assert (roster["rows_in"], roster["rows_accepted"], roster["rows_quarantined"], roster["rows_ignored"]) == (4, 1, 1, 2)
    counted = {
        one["feed"]: (one["rows_in"], one["rows_accepted"], one["rows_quarantined"], one["rows_ignored"])
        for one in intake.deliveries()
    }
    assert counted == {"settlement": (4, 1, 2, 1), "roster": (4, 1, 1, 2)}


def test_enrolment_fees_become_fen(intake: Intake) -> None:
    rows = [
        ("E1", certno(1), "甲某", "390", "2026", "2026-10-08", "400.00"),
        ("E2", certno(2), "乙某", "999", "2026", "2026/10/8", "400"),
        ("E3", certno(3), "丙某", "390", "26", "2026-10-08", "400.00"),
        ("E4", certno(4), "丁某", "390", "2026", "2026-10-08", "-1"),
        ("E5", certno(5), "戊某", "390", "2026", "", "400.00"),
        ("", certno(6), "己某", "390", "2026", "2026-10-08", "400.00"),
        ("E7", certno(7), "庚某", "390", "2026", "2026-10-08", "400.00"),
        ("E7", certno(8), "辛某", "390", "2026", "2026-10-08", "400.00"),
    ]
    intake.drop(ENROLMENT, table(ENROLMENT_HEAD, rows))
    intake.run()
    assert [(one["enrol_id"], one["fee_fen"], one["benefit_year"], one["flags"]) for one in intake.rows("staging.enrolment")] == [
        ("E1", 40_000, 2026, []),
        ("E2", 40_000, 2026, ["CODE_UNKNOWN"]),
    ]
    assert [(one["line_no"], one["reason_code"], one["fen"]) for one in intake.rows("staging.enrolment_quarantined")] == [
        (4, "DATE_INVALID", 40_000),
        (5, "MONEY_NEGATIVE", -100),
        (6, "DATE_MISSING", 40_000),
        (7, "KEY_MISSING", 40_000),
        (8, "KEY_CONFLICT", 40_000),
        (9, "KEY_CONFLICT", 40_000),
    ]


@pytest.mark.usefixtures("great_expectations")
def test_rows_that_break_the_contracts_own_sum_are_held_by_great_expectations(intake: Intake) -> None:
    own = intake.job.pack.contract("settlement")
    stricter = replace(own, sum_rules=(*own.sum_rules, SumRule("IDENTITY_FUND", "psn_cash_pay", ("acct_pay",), 1)))
    others = tuple(one for one in intake.job.pack.contracts if one.list_code != "settlement")
    intake.job = replace(intake.job, pack=replace(intake.job.pack, contracts=(*others, stricter)))
    intake.drop(SETTLEMENT, settlements(settlement(1)))
    intake.drop(CHILDREN, children(child(1)))
    report = intake.run()[2]
    assert {one["feed"]: (one["state"], one["reason_code"]) for one in intake.deliveries()} == {
        "settlement": ("HELD", "EXPECTATION_FAILED"),
        "roster": ("ACCEPTED", None),
    }
    assert report.counts["expectations_failed"] == 1


def test_nothing_to_do_is_said_and_writes_nothing(intake: Intake) -> None:
    reports = intake.run()
    assert [one.run_id for one in reports] == [None, None, None]
    assert len(reports[1].notes) == len(reports[2].notes) == 1
    assert not list(intake.job.home.lake.rglob("*.parquet"))


def test_a_second_run_without_news_changes_nothing(intake: Intake) -> None:
    intake.drop(SETTLEMENT, settlements(settlement(1)))
    intake.run()
    before = intake.deliveries(), intake.rows("staging.settlement")
    intake.move_to(datetime(2026, 11, 4, 9, tzinfo=ZONE))
    intake.run()
    assert (intake.deliveries(), intake.rows("staging.settlement")) == before


@pytest.mark.usefixtures("great_expectations")
def test_data_docs_are_published_for_the_run(intake: Intake) -> None:
    intake.drop(SETTLEMENT, settlements(settlement(1)))
    report = intake.run()[2]
    docs = intake.job.home.data_docs(PACK)
    pages = [path.name for path in docs.rglob("*.html")]
    assert "index.html" in pages and len(pages) >= 3
    assert any("data_docs/510118_xinjin" in one and "Data quality" in one for one in report.notes)
