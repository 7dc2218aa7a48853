from __future__ import annotations

import pandas as pd
import pytest
from tests.unit.synth.conftest import Made
from tests.unit.synth.reading import body

from mianshen.core.money import parse_fen
from mianshen.synth.costs import FUNDS, MONEY

SUMS = {
    "IDENTITY_TOTAL": ("medfee_sumamt", ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")),
    "IDENTITY_FUND": ("fund_pay_sumamt", FUNDS),
    "IDENTITY_PERSON": ("medfee_sumamt", ("fund_pay_sumamt", "psn_part_amt")),
    "": ("psn_part_amt", ("acct_pay", "psn_cash_pay")),
}


@pytest.fixture(scope="module")
def delivered(county: Made) -> pd.DataFrame:
    """Every delivered settlement row with its file and line."""
    rows = []
    for name in county.summary.files:
        if name.startswith("settlement_"):
            rows += [{**row, "file": name, "line": str(line)} for line, row in body(county.out / name)[1].items()]
    faults = county.sheet("faults")
    known = faults[faults["feed"] == "settlement"][["file", "line", "kind", "reason_code"]]
    return pd.DataFrame(rows).merge(known, on=["file", "line"], how="left").fillna({"kind": "", "reason_code": ""})


def test_the_sums_hold_to_the_fen_on_every_clean_row(county: Made, delivered: pd.DataFrame) -> None:
    clean = delivered[delivered["kind"] == ""]
    fen = clean[list(MONEY)].map(parse_fen)
    for total, parts in SUMS.values():
        assert (fen[total] == fen[list(parts)].sum(axis=1)).all()
    truth = county.table("settlements")
    for total, parts in SUMS.values():
        assert (truth[total] == truth[list(parts)].sum(axis=1)).all()
    live = truth[truth["refd_setl_flag"] == "0"]
    assert (live[list(MONEY)] >= 0).all(axis=None)


@pytest.mark.parametrize("kind", ["sum_total_broken", "sum_fund_broken", "sum_person_broken", "sum_off_by_one"])
def test_a_broken_sum_is_broken_in_one_way(delivered: pd.DataFrame, kind: str) -> None:
    rows = delivered[delivered["kind"] == kind]
    assert len(rows) >= 2
    fen = rows[list(MONEY)].map(parse_fen)
    for reason_code, (total, parts) in SUMS.items():
        off = (fen[total] - fen[list(parts)].sum(axis=1)).abs()
        if kind == "sum_off_by_one":
            assert (off == (1 if reason_code == "IDENTITY_TOTAL" else 0)).all()
        else:
            assert ((off > 100) == (rows["reason_code"] == reason_code)).all()


def test_the_newest_version_of_every_accepted_settlement_is_the_truth(county: Made, delivered: pd.DataFrame) -> None:
    truth = county.table("settlements").set_index("setl_id")
    truth = truth[truth["outcome"] == "ACCEPTED"]
    quarantined = delivered["reason_code"].isin(["ROW_REPEATED", "WAITING_ORIGINAL"]) | (delivered["setl_id"] == "")
    rows = delivered[~quarantined & delivered["setl_id"].isin(truth.index)]
    newest = rows.sort_values("updt_time", kind="stable").drop_duplicates("setl_id", keep="last").set_index("setl_id")
    assert set(newest.index) == set(truth.index)
    plain = newest[~newest["kind"].isin(["sum_off_by_one", "money_decorated"])]
    for column in MONEY:
        assert (plain[column].map(parse_fen) == truth.loc[plain.index, column]).all(), column


def test_refunds_are_new_negated_rows_that_name_their_original(county: Made) -> None:
    truth = county.table("settlements").set_index("setl_id")
    refunds = truth[truth["refd_setl_flag"] == "1"]
    assert len(refunds) > 5
    originals = truth.loc[refunds["init_setl_id"]]
    assert (originals["state"] == "STRUCK").all()
    assert (refunds[list(MONEY)].to_numpy() == -originals[list(MONEY)].to_numpy()).all()
    assert (refunds["settled"].to_numpy() > originals["settled"].to_numpy()).all()
    assert refunds.index.str.endswith("R").all()
    again = truth[truth.index.str.endswith("S")]
    assert (again["state"] == "LIVE").all() and (again["init_setl_id"] == "").all()
    assert set(again.index.str.slice(0, -1)) <= set(refunds.index.str.slice(0, -1))


def test_corrections_come_later_and_are_newer(delivered: pd.DataFrame) -> None:
    older = delivered[delivered["kind"] == "corrected_later"].set_index("setl_id")
    newer = delivered[(delivered["kind"] == "") & delivered["setl_id"].isin(older.index)].set_index("setl_id")
    assert len(older) >= 2 and set(older.index) == set(newer.index)
    newer = newer.loc[older.index]
    assert (newer["updt_time"] > older["updt_time"]).all()
    assert (newer["hifp_pay"] != older["hifp_pay"]).all()
    assert all(one > other for one, other in zip(newer["file"].map(period), older["file"].map(period), strict=True))


def period(name: str) -> str:
    """A sortable period: 202602 before 20260301."""
    digits = name.split("_")[2].split(".")[0]
    return digits.ljust(8, "0")


def test_repeated_rows_come_in_a_later_file_unchanged(delivered: pd.DataFrame) -> None:
    second = delivered[delivered["kind"] == "repeated_next_file"].set_index("setl_id")
    first = delivered[(delivered["kind"] == "") & delivered["setl_id"].isin(second.index)].set_index("setl_id").loc[second.index]
    assert len(second) >= 2
    content = [one for one in second.columns if one not in ("file", "line", "kind", "reason_code")]
    assert (first[content] == second[content]).all(axis=None)
    assert all(one < other for one, other in zip(first["file"].map(period), second["file"].map(period), strict=True))


def test_conflicts_and_doubles_share_key_and_file(delivered: pd.DataFrame) -> None:
    for kind, rows_each in (("key_conflict", 2), ("row_doubled", 2)):
        keys = delivered.loc[delivered["kind"] == kind, "setl_id"].unique()
        rows = delivered[delivered["setl_id"].isin(keys)]
        assert len(keys) >= 2
        assert (rows.groupby(["setl_id", "file", "updt_time"]).size() == rows_each).all()
        versions = rows.groupby("setl_id")["hifp_pay"].nunique()
        assert (versions == (2 if kind == "key_conflict" else 1)).all()


def test_every_other_fault_shows(delivered: pd.DataFrame) -> None:
    of = {kind: delivered[delivered["kind"] == kind] for kind in delivered["kind"].unique()}
    assert (of["enddate_missing"]["enddate"] == "").all()
    assert (of["date_order"]["enddate"] < of["date_order"]["begndate"]).all()
    assert (of["key_missing"]["setl_id"] == "").all()
    assert (of["cert_type_other"]["psn_cert_type"] == "07").all()
    assert (of["code_unknown"]["med_type"] == "9901").all()
    assert (of["money_missing"]["medfee_sumamt"] == "").all()
    assert of["money_invalid"]["medfee_sumamt"].str.endswith("O").all()
    assert of["money_decorated"]["medfee_sumamt"].str.startswith("\u00a5").all()
    assert of["money_negative"]["preselfpay_amt"].str.startswith("-").all()
    assert (of["refund_without_original"]["refd_setl_flag"] == "1").all()
    assert not set(of["refund_without_original"]["init_setl_id"]) & set(delivered["setl_id"])


def test_stays_end_before_they_are_settled_and_begin_before_they_end(county: Made) -> None:
    truth = county.table("settlements")
    assert (truth["begin"] <= truth["end"]).all()
    assert (truth.loc[truth["state"] != "REFUND", "end"] <= truth.loc[truth["state"] != "REFUND", "settled"]).all()
    assert (truth["updated"] > truth["settled"]).all()
    assert truth["setl_id"].is_unique
