"""Files are reckoned without a home: paid and refused by the county's law, written without names, refused with file and line."""

from __future__ import annotations

import csv
import stat
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from tests.stages.staged_county import example_pack

from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno, mask_certno
from mianshen.stages.reckon import Given, Reckoned, reckon

AS_OF = datetime(2026, 11, 6, 9, tzinfo=ZONE)
POOR = make_certno(born=date(1950, 3, 3), serial=1)
STRANGER = make_certno(born=date(1960, 4, 4), serial=2)
WRONG = POOR[:-1] + ("1" if POOR[-1] != "1" else "2")
NAMES = ("甲某某", "乙某某")
SETTLED = {
    "setl_id": "S1", "mdtrt_id": "M1", "psn_no": "", "psn_cert_type": "01", "certno": POOR, "psn_name": NAMES[0], "gend": "1",
    "brdy": "1950-03-03", "insutype": "390", "insu_admdvs": "100999", "mdtrt_admdvs": "100999", "fixmedins_code": "H10099900001",
    "hosp_lv": "3", "med_type": "21", "dise_code": "I63.900", "begndate": "2026-10-01", "enddate": "2026-10-05",
    "setl_time": "2026-10-05 08:17:36", "medfee_sumamt": "20000.00", "fulamt_ownpay_amt": "0.00", "overlmt_selfpay": "0.00",
    "preselfpay_amt": "0.00", "inscp_scp_amt": "20000.00", "act_pay_dedc": "0.00", "hifp_pay": "0.00", "hifmi_pay": "0.00",
    "hifob_pay": "0.00", "cvlserv_pay": "0.00", "hifes_pay": "0.00", "maf_pay": "0.00", "oth_pay": "0.00",
    "fund_pay_sumamt": "0.00", "psn_part_amt": "20000.00",
    "acct_pay": "0.00", "psn_cash_pay": "20000.00", "refd_setl_flag": "0", "init_setl_id": "",
    "updt_time": "2026-10-06 10:00:00",
}  # fmt: skip


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Two settlements and a list: one person is on it, another row of it bears a number with a wrong check digit."""
    pack = example_pack(AS_OF.date())
    other = {"setl_id": "S2", "certno": STRANGER, "psn_name": NAMES[1]}
    settlements = written(tmp_path / "settlement_100999_202610.csv", [SETTLED, SETTLED | other])
    contract = pack.contract("bureau_list")
    heads = {column.name: next(iter(column.aliases), column.name) for column in contract.columns}
    word = next(word for word, code in contract.category_words.items() if code == "POOR")
    person = {heads[name]: "" for name in heads}
    named = {"certno": POOR, "name": NAMES[0], contract.category_column or "": word}
    rows = [person | {heads[name]: said for name, said in (named | {"certno": one}).items() if name} for one in (POOR, WRONG)]
    return Given(pack, Month(2026, 10), AS_OF, settlements, written(tmp_path / "bureau_list_202610.csv", rows))


def done(given: Given, out: Path) -> Reckoned:
    return reckon(given, out)


def test_each_claim_is_paid_or_refused_and_stands_by_file_and_line(given: Given, tmp_path: Path) -> None:
    found = done(given, tmp_path / "result.csv")
    # bureau (20,000 - 3,000) x 50 % = 8,500; last resort (11,500 - 1,000) x 30 % = 3,150.
    assert (found.totals["paid"], found.totals["refused"], found.totals["relief_fen"]) == (1, 1, 1_165_000)
    assert found.benefits == (("bureau_relief", 1, 1, 850_000), ("last_resort", 1, 1, 315_000))
    assert found.reasons == (("REFUSED", "NO_CATEGORY", 1, 1, 2_000_000),)
    assert found.aside == (("CERTNO_CHECK_DIGIT", 1),)
    assert found.places == (("bureau_list_202610.csv", 3, "CERTNO_CHECK_DIGIT"),)
    with (tmp_path / "result.csv").open(encoding="utf-8-sig") as text:
        rows = {row["event_id"]: row for row in csv.DictReader(text)}
    assert (rows["S1"]["file_name"], rows["S1"]["line_no"], rows["S1"]["outcome"]) == (
        "settlement_100999_202610.csv",
        "2",
        "PAID",
    )
    assert (rows["S2"]["line_no"], rows["S2"]["reason_code"], rows["S2"]["relief_fen"]) == ("3", "NO_CATEGORY", "0")
    assert rows["S1"]["person_masked"] == mask_certno(POOR)
    assert rows["S2"]["remedy_zh"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_results_name_nobody_and_are_the_owners_alone(given: Given, tmp_path: Path, suffix: str) -> None:
    found = done(given, tmp_path / f"result{suffix}")
    assert len(found.written) == (1 if suffix == ".xlsx" else 2)
    for path in found.written:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if suffix == ".parquet":
            text = str(pq.read_table(path).to_pylist())
        elif suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            text = str([row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)])
            book.close()
        else:
            text = path.read_text("utf-8-sig")
        assert not [one for one in (*NAMES, POOR, STRANGER, WRONG, POOR[6:14]) if one in text]
        assert "CERTNO_CHECK_DIGIT" in text or "NO_CATEGORY" in text


def test_the_same_files_give_the_same_bytes(given: Given, tmp_path: Path) -> None:
    for suffix in (".csv", ".parquet", ".xlsx"):
        one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix}"
        done(given, one)
        done(given, other)
        assert one.read_bytes() == other.read_bytes(), suffix


def test_a_file_whose_name_says_nothing_is_read_by_the_layout_that_fits(given: Given, tmp_path: Path) -> None:
    list_file = given.rosters.rename(tmp_path / "名单.csv")
    settlements = given.settlements.rename(tmp_path / "费用.csv")
    found = done(replace(given, rosters=list_file, settlements=settlements, list_code="bureau_list"), tmp_path / "result.csv")
    assert [one.contract.list_code for one in found.sources] == ["settlement", "bureau_list"]
    assert found.totals["relief_fen"] == 1_165_000


def test_a_file_that_fits_several_lists_must_be_named(given: Given, tmp_path: Path) -> None:
    given = replace(given, rosters=given.rosters.rename(tmp_path / "名单.csv"))
    with pytest.raises(MianshenError, match="LIST_UNCLEAR") as refused:
        done(given, tmp_path / "result.csv")
    assert "bureau_list / union_list" in str(refused.value)
    with pytest.raises(MianshenError, match="FILE_UNKNOWN"):
        done(replace(given, list_code="no_list"), tmp_path / "result.csv")


def test_a_generic_layout_serves_where_the_county_has_none(given: Given, tmp_path: Path) -> None:
    heads = ["结算流水号", "身份证号", "姓名", "入院日期", "出院日期", "结算日期", "总费用", "医保范围内费用", "基本医保支付"]
    row = ["S1", POOR, NAMES[0], "2026-10-01", "2026-10-05", "2026-10-05", "20000", "20000", "0"]
    cells = dict(zip([*heads, "大病保险支付", "其他支付", "个人负担"], [*row, "0", "0", "20000"], strict=True))
    found = done(replace(given, settlements=written(tmp_path / "expense.csv", [cells])), tmp_path / "result.csv")
    assert found.sources[0].contract.list_code == "generic_expense"
    # the generic layout has no kind of care, and the county covers kinds of care only
    assert found.reasons == (("REFUSED", "CARE_NOT_COVERED", 1, 1, 0),)


def test_every_refused_file_is_told_with_its_line_and_nothing_is_written(given: Given, tmp_path: Path) -> None:
    damaged = {name: cell for name, cell in SETTLED.items() if name != "inscp_scp_amt"}
    settlements = written(tmp_path / "settlement_100999_202610.csv", [damaged])
    rosters = tmp_path / "bureau_list_202610.csv"
    rosters.write_bytes(b"")
    with pytest.raises(MianshenError, match="HEADER_CHANGED") as refused:
        done(replace(given, settlements=settlements, rosters=rosters), tmp_path / "result.csv")
    assert "settlement_100999_202610.csv:1" in str(refused.value)
    assert "FILE_EMPTY" in refused.value.__notes__[0]
    assert not list(tmp_path.glob("result*"))


@pytest.mark.parametrize(
    ("name", "code"), [("result.txt", "RESULT_FORMAT"), ("taken.csv", "RESULT_STANDS"), ("no/r.csv", "PATH_MISSING")]
)
def test_a_result_that_cannot_be_written_is_refused_first(given: Given, tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "taken.csv").write_text("kept")
    with pytest.raises(MianshenError, match=code):
        done(replace(given, settlements=tmp_path / "missing"), tmp_path / name)
    assert (tmp_path / "taken.csv").read_text() == "kept"


def test_a_list_of_an_earlier_month_leaves_the_money_waiting(given: Given, tmp_path: Path) -> None:
    rosters = given.rosters.rename(tmp_path / "bureau_list_202609.csv")
    found = done(replace(given, rosters=rosters), tmp_path / "result.csv")
    assert (found.totals["held"], found.totals["held_fen"]) == (1, 1_165_000)
