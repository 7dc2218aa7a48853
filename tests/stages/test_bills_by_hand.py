"""Bills and fees claimed at a window, on the county's own plan: from the file to one payment, to the fen; accidents wait."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stages.bills_county import (
    DESTITUTE,
    HURT,
    MOTHER,
    PLAIN,
    POOR,
    accepted,
    act,
    awarded,
    computed,
    made,
    payments,
)
from tests.stages.case_county import CaseCounty, certno, copied, person
from tests.stages.intake_county import table

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.documents import pdf
from mianshen.stages import deidentify, disclose, handle, receive, validate
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.cases import Matter

Agree = Callable[..., None]
STAY, VISIT, BIRTH = "town_reimburse_002036006002", "town_reimburse_002036006001", "town_maternity_002036007002"
FEE, FILING = "town_subsidy_002036008001", "town_accident_002036005001"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> CaseCounty:
    return made(tmp_path_factory.mktemp("bills") / "home")


@pytest.fixture(scope="module")
def paid(staged: CaseCounty, tmp_path_factory: pytest.TempPathFactory, agree_all: Agree) -> dict[str, str]:
    """Every case agreed to and paid out, by what it is of; the accident's bill waits for its finding."""
    assert awarded(staged) == {}
    found = {
        "stay": accepted(staged, STAY, POOR, ["W1"]),
        "visit": accepted(staged, VISIT, PLAIN, ["W3"]),
        "birth": accepted(staged, BIRTH, MOTHER, ["W4"]),
        "fee": accepted(staged, FEE, DESTITUTE, ["F2"]),
        "hurt": accepted(staged, VISIT, HURT, ["W5"]),
    }
    for case in found.values():
        with pytest.raises(MianshenError, match="BILL_NOT_PAID"):
            act(staged, case, "pay", "paid")
    computed(staged)
    agree_all(staged)
    computed(staged)
    return found


def test_r004_08_reimbursement_serious_illness_and_relief_are_one_application_and_one_payment(
    staged: CaseCounty, paid: dict[str, str]
) -> None:
    """R004-08: 50,000 yuan in cash: 60 % of it, then 60 % above 15,000, then 70 % of the rest, in one payment to the fen."""
    keys = staged.keys(range(1, 10))
    assert awarded(staged)["W1"] == {"basic_reimbursement": 30_000_00, "serious_illness": 3_000_00, "medical_relief": 11_900_00}
    assert (keys[POOR], 44_900_00) in payments(staged)
    act(staged, paid["stay"], "pay", "paid")
    assert staged.state(paid["stay"]).end_code == "paid"
    with staged.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"


def test_r004_03_to_05_what_was_claimed_at_windows_is_paid_to_the_fen_and_a_hospital_s_bill_is_not_paid_again(
    staged: CaseCounty, paid: dict[str, str]
) -> None:
    """R004-03, R004-04, R004-05: an outpatient bill, a birth and an enrolment fee on the same ledger."""
    keys = staged.keys(range(1, 10))
    found = awarded(staged)
    assert found["W3"] == {"basic_reimbursement": 50_51}
    assert found["W4"] == {"maternity": 3_000_00, "medical_relief": 1_400_00}
    assert found["F2"] == {"enrolment_subsidy": 400_00}
    assert "H1" not in found, "the hospital settled it, relief included"
    wanted = {POOR: 44_900_00, PLAIN: 50_51, MOTHER: 4_400_00, DESTITUTE: 400_00}
    assert payments(staged) == sorted((keys[one], fen) for one, fen in wanted.items())
    for one in ("visit", "birth", "fee"):
        act(staged, paid[one], "pay", "paid")


def test_r004_02_care_after_an_accident_is_held_until_its_finding_says_payable(
    staged: CaseCounty, paid: dict[str, str], tmp_path: Path, agree_all: Agree
) -> None:
    """R004-02: the case agreed, the finding decides; a finding against it pays nothing."""
    assert "W5" not in awarded(staged)
    for finding, fen in (("可报", {"W5": {"basic_reimbursement": 500_00}}), ("不可报", {})):
        county = copied(staged, tmp_path / str(len(fen))).at("2026-11-10 09:00")
        head = ("认定编号", "结算ID", "身份证号", "姓名", "认定日期", "认定结论")
        county.drop(injury_360981_202611=table(head, [("T5", "W5", certno(HURT), person(HURT)[0], "2026-11-09", finding)]))
        for stage in (receive, deidentify, validate):
            stage.run(county.job)
        computed(county)
        agree_all(county)
        computed(county)
        assert {key: found for key, found in awarded(county).items() if key == "W5"} == fen


def text_of(path: Path) -> str:
    """The text of the PDF, blanks left out."""
    printed = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s", "", printed.stdout)


@pytest.mark.skipif(not pdf.can_print(), reason="no pango or no Chinese font")
@pytest.mark.parametrize(
    ("process", "title", "limit"),
    [
        (STAY, "基本医疗保险医疗费用零星报销受理单", "不超过30个工作日"),
        (BIRTH, "生育保险医疗费用报销受理单", "不超过20个工作日"),
        (FEE, "受理单", "不超过15个工作日"),
    ],
)
def test_r004_07_the_receipt_bears_the_document_s_name_and_what_is_missing_is_told_at_once(
    staged: CaseCounty, process: str, title: str, limit: str, tmp_path: Path
) -> None:
    """R004-07: both papers as PDF whose text can be read back; every missing paper, once."""
    county = copied(staged, tmp_path / "home")
    key = county.keys([POOR])[POOR]
    (case,) = handle.open_cases(county.job, process, [Matter("B1", 2026, person_key=key, channel="window", town="曲江镇")])
    first, *rest = county.job.pack.process(process).step("intake").papers
    act(county, case, "intake", happening=Happening.PAPERS, papers=(first.code,))
    act(county, case, "intake", "supplement")
    asked = disclose.print_form(county.job, FormCode.MISSING_PAPERS, case)
    receipt = disclose.print_form(county.job, FormCode.ACCEPTANCE, case)
    assert (asked.missing, receipt.missing) == ((), ()), "no character is without a font"
    told, given = (text_of(one.path.with_suffix(".pdf")) for one in (asked, receipt))
    for paper in rest:
        assert paper.name_zh.replace(" ", "") in told, paper.code
    assert title in given and limit in given and case in given and first.name_zh in given
    assert ("零星报销受理单" in given) is (process == STAY)
    fonts = subprocess.run(["pdffonts", str(receipt.path.with_suffix(".pdf"))], capture_output=True, text=True, check=True)
    lines = fonts.stdout.splitlines()[2:]
    assert lines and all(line.split()[-5] == "yes" for line in lines), "every font is embedded"
