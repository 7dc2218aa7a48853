"""People stay behind the vault: canaries are found where they were planted, and nowhere else after the intake."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import leak
from tests.stages.intake_county import CHILDREN, SETTLEMENT, Intake, certno, child, children, make_intake, settlement, settlements

CANARIES = {
    "certno": certno(77),
    "certno of a refused row": certno(78)[:17],
    "name": "欧阳瑾萱",
    "guardian": "司徒静姝",
    "phone": "10098765432",
    "account": "6299991234567890123",
    "insurance number": "51011800000151985231638599",
    "household": "51011899430699",
}
ACCOUNTS = "minzheng_shehuijiuzhu_202610.csv"


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    made = make_intake(tmp_path / "home", entropy)
    own = {"certno": CANARIES["certno"], "psn_name": CANARIES["name"], "psn_no": CANARIES["insurance number"]}
    swapped = settlement(3, med_type=CANARIES["name"], begndate=CANARIES["certno"], maf_pay=CANARIES["phone"])
    rows = [settlement(1, **own), settlement(2, certno=CANARIES["certno of a refused row"]), swapped]
    made.drop(SETTLEMENT, settlements(*rows))
    young = {"儿童姓名": CANARIES["name"], "身份证号": CANARIES["certno"]}
    kept = {"监护人": CANARIES["guardian"], "监护人电话": CANARIES["phone"]}
    made.drop(CHILDREN, children(child(1, **young, **kept), child(2, 类别=CANARIES["name"], 镇街=CANARIES["guardian"])))
    head = "镇（街道）,户主姓名,户编号,姓名,身份证号码,救助类别,银行账号,备注\n"
    cells = ["guardian", "household", "name", "certno", "农村低保", "account", "phone"]
    row = ",".join(["宝墩镇", *(CANARIES.get(one, one) for one in cells)])
    made.drop(ACCOUNTS, f"{head}{row}\n".encode("gb18030"))
    made.drop(f"{CANARIES['certno']}.csv", f"{CANARIES['name']},{CANARIES['account']}\n".encode())
    shutil.copytree(made.inbox, tmp_path / "as_delivered")
    return made


def test_canaries_are_found_where_they_were_planted_and_nowhere_else(
    intake: Intake, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    planted = leak.search(tmp_path / "as_delivered", CANARIES)
    assert {one.canary for one in planted} == set(CANARIES), "each canary is found in the files as delivered"
    caplog.set_level(logging.DEBUG)
    reports = intake.run()
    opened = tmp_path / "opened"
    opened.mkdir()
    for row in intake.deliveries():
        (opened / row["delivery_id"]).write_bytes(intake.custody().open(row["content_sha256"]))
    assert {one.canary for one in leak.search(opened, CANARIES)} == set(CANARIES), "and in custody, once it is opened"
    assert leak.search(intake.job.home.root, CANARIES) == [], "lake, ledger, data docs, vault, custody"
    said = caplog.text + "".join(str(one.as_dict()) for one in reports)
    assert leak.search_text(said, CANARIES) == []
    assert len(intake.rows("staging.settlement")) == 1 and len(intake.rows("staging.settlement_quarantined")) == 2


def test_an_error_names_no_person(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"cannot parse {CANARIES['certno']} of {CANARIES['name']}")

    monkeypatch.setattr("mianshen.feeds.reader.find_header", fail)
    reports = intake.run()
    assert reports[0].counts["rejected"] == 4
    assert leak.search_text("".join(reports[0].notes), CANARIES) == []
