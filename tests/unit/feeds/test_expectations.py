"""Great Expectations judges a staged batch by its contract: gates on accepted rows, notes on the rest, no row in its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from mianshen.core.contract import Contract
from mianshen.core.days import ZONE
from mianshen.feeds.expectations import Quality, judge_counts, judge_rows
from mianshen.feeds.expected import Rule, expected_of

AT = datetime(2026, 11, 3, 9, tzinfo=ZONE)
KEY = "A" * 26
Judge = Callable[[pd.DataFrame], Quality]


def batch() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "delivery_id": "D1",
            "line_no": range(2, 42),
            "person_key": KEY,
            "reason_code": None,
            "is_accepted": True,
            "setl_id": [f"S{number}" for number in range(40)],
            "med_type": "11",
            "setl_time": pd.Timestamp("2026-10-05"),
            "begndate": pd.Timestamp("2026-10-04"),
            "enddate": pd.Timestamp("2026-10-05"),
            "medfee_sumamt": 1_000,
            "fulamt_ownpay_amt": 100,
            "inscp_scp_amt": 900,
            "is_drifted": 0,
            "days_since": 29,
            "is_original_known": None,
        }
    )


@pytest.fixture
def judge(settlement: Contract, tmp_path: Path):
    def judged(frame: pd.DataFrame) -> Quality:
        return judge_rows(frame, contracts=[settlement], folder=tmp_path, run_name="run", run_at=AT)

    return judged


def test_a_sound_batch_fails_nothing(judge, settlement: Contract) -> None:
    quality = judge(batch())
    assert (quality.failed, quality.noted) == ((), ())
    assert quality.expectations == len(expected_of([settlement]))
    assert quality.docs.is_file()


def test_the_pages_open_without_a_network_and_the_index_lists_the_batches(judge: Judge, tmp_path: Path) -> None:
    judge(batch())
    rows = batch()
    rows.loc[2, "setl_time"] = None
    index = judge(rows).docs.read_text(encoding="utf-8")
    assert index.count("<tr><td>") == 1, "a run that is judged again has one row"
    assert "暂缓 held" in index and "expect_column_values_to_not_be_null(setl_time) 整批暂缓 gate" in index
    pages = list(tmp_path.rglob("*.html"))
    fetched = [
        (page.name, tag)
        for page in pages
        for tag in re.findall(r"<(?:script|link|img|iframe)[^>]*https?://[^>]*>", page.read_text(encoding="utf-8"))
    ]
    assert (len(pages) >= 3, fetched) == (True, [])
    (linked,) = re.findall(r'<a href="([^"]+)">', index)
    assert (tmp_path / linked).is_file()


def test_each_gate_that_an_accepted_row_breaks_is_named(judge: Judge) -> None:
    rows = batch()
    rows.loc[2, "setl_time"] = None
    rows.loc[3, "inscp_scp_amt"] = 898
    rows.loc[4, "setl_id"] = "S5"
    rows.loc[6, "line_no"] = 2
    rows.loc[7, "person_key"] = "100999"
    rows.loc[8, "enddate"] = pd.Timestamp("2026-10-01")
    assert [one.removeprefix("expect_column_").removeprefix("expect_compound_") for one in judge(rows).failed] == [
        "pair_values_a_to_be_greater_than_b(enddate, begndate)",
        "values_to_be_between(gap_0)",
        "values_to_match_regex(person_key)",
        "values_to_not_be_null(setl_time)",
        "columns_to_be_unique(delivery_id, line_no)",
        "columns_to_be_unique(delivery_id, setl_id)",
    ]


def test_whole_numbers_that_may_be_missing_are_summed_as_they_stand(judge: Judge) -> None:
    """A column of the database with an empty cell: a missing part is nothing, a missing total is named and has no gap."""
    rows = batch().astype({name: "Int64" for name in ("medfee_sumamt", "fulamt_ownpay_amt", "inscp_scp_amt")})
    rows.loc[2, ["fulamt_ownpay_amt", "inscp_scp_amt"]] = [pd.NA, 1_000]
    rows.loc[3, "medfee_sumamt"] = pd.NA
    missing = tuple(f"expect_column_values_to_not_be_null({one})" for one in ("fulamt_ownpay_amt", "medfee_sumamt"))
    assert judge(rows).failed == missing
    rows.loc[4, "fulamt_ownpay_amt"] = pd.NA
    assert judge(rows).failed == ("expect_column_values_to_be_between(gap_0)", *missing)


def test_gates_pass_over_rows_set_aside_and_gaps_within_the_tolerance(judge: Judge) -> None:
    rows = batch()
    rows.loc[3, ["inscp_scp_amt", "is_accepted", "reason_code"]] = [898, False, "IDENTITY_TOTAL"]
    rows.loc[4, "inscp_scp_amt"] = 899
    assert judge(rows).failed == ()


def test_many_bad_rows_and_unknown_codes_are_noted_without_stopping(judge) -> None:
    rows = batch().assign(med_type="9901", reason_code="CERTNO_MISSING", is_accepted=[True] * 20 + [False] * 20)
    quality = judge(rows)
    assert quality.failed == ()
    assert sorted(one.split("(")[1] for one in quality.noted) == ["med_type)", "reason_code)"]


def test_no_rows_is_a_failure(judge) -> None:
    assert any("row_count" in one for one in judge(batch().head(0)).failed)


def test_pages_and_results_hold_no_row(judge, tmp_path: Path) -> None:
    rows = batch()
    rows.loc[3, ["setl_id", "person_key", "med_type"]] = ["S4", "PLANTED-KEY", "PLANTED-CODE"]
    assert judge(rows).failed
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"unexpected_percent" in one for one in written), "results were written"
    assert not any(b"PLANTED" in one for one in written)


def test_counted_checks_stand_in_for_rows(tmp_path: Path) -> None:
    checks = pd.DataFrame(
        {"check_code": ["KEY_TWICE", "DATE_ORDER", "CODE_UNKNOWN"], "is_gate": [True, True, False], "failures": [0, 2, 5]}
    )
    quality = judge_counts(checks, name="settlement_checks", folder=tmp_path, run_name="run", run_at=AT)
    assert (quality.expectations, len(quality.failed), len(quality.noted)) == (3, 1, 1)


def test_lists_are_judged_by_their_own_categories(roster: Contract) -> None:
    sets = [one for one in expected_of([roster]) if one.rule is Rule.IN_SET]
    assert [(one.columns[0], one.only_list, one.values["known"]) for one in sets] == [
        ("is_drifted", None, [0]),
        ("list_code", None, ["sample_list"]),
        ("category_code", "sample_list", ["DIBAO", "TEKUN"]),
    ]
