"""pay writes the files of the bank that the pack names: several when it asks for that, none when all is paid by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stages.money_county import County, Line, make_county
from tests.stages.test_pay import Agree, outbox, rows, settle

from mianshen.core.digest import sha256_hex
from mianshen.policy.packs import load_bank_profile
from mianshen.stages import pay
from mianshen.warehouse.ledger import PAYMENT, PAYMENT_BATCH


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "home", ["甲", "乙", "丙"])


@pytest.mark.parametrize("bank", ["fixed_gbk", "yikatong_xlsx", "pain001"])
def test_the_pack_names_the_banks_profile_and_a_long_batch_leaves_in_several_files(
    tmp_path: Path, agree_all: Agree, bank: str
) -> None:
    county = make_county(tmp_path / "home", ["甲", "乙", "丙"])
    county.with_pack(lambda pack: replace(pack, bank=replace(load_bank_profile(bank), most_lines=2, most_fen=5000)))
    lines = [Line("甲", "e1", 100), Line("乙", "e2", 200), Line("丙", "e3", 5000)]
    counts = settle(county, agree_all, lines)
    assert (counts["sent_payments"], counts["sent_fen"], counts["manual_payments"]) == (3, 5300, 0)
    (batch,) = rows(county, PAYMENT_BATCH)
    files = outbox(county)
    assert (batch["bank_profile"], batch["file_sha256"]) == (bank, sha256_hex(files[batch["file_name"]]))
    control = json.loads(files[batch["file_name"]])
    assert [one["records"] for one in control["files"]] == [2, 1]
    assert [one["sha256"] for one in control["files"]] == [sha256_hex(files[one["file"]]) for one in control["files"]]
    assert set(files) == {batch["file_name"], *(one["file"] for one in control["files"])}
    pay.run(county.job)
    assert outbox(county) == files


def test_an_amount_above_the_banks_limit_is_paid_by_hand(county: County, agree_all: Agree) -> None:
    county.with_pack(lambda pack: replace(pack, bank=replace(pack.bank, most_fen=100)))
    counts = settle(county, agree_all, [Line("甲", "e1", 100), Line("乙", "e2", 101)])
    assert (counts["sent_fen"], counts["manual_fen"]) == (100, 101)
    assert [row["reason_code"] for row in rows(county, PAYMENT) if row["state"] == "manual"] == ["AMOUNT_ABOVE_LIMIT"]


def test_a_batch_of_payments_by_hand_alone_leaves_no_bank_file(county: County, agree_all: Agree) -> None:
    county.with_pack(lambda pack: replace(pack, bank=replace(pack.bank, most_fen=1)))
    settle(county, agree_all, [Line("甲", "e1", 100)])
    (batch,) = rows(county, PAYMENT_BATCH)
    assert sorted(path.partition(batch["payment_batch_id"])[2] for path in outbox(county)) == [".ctl", "_manual.csv"]
    assert (batch["state"], batch["manual_fen"]) == ("sent", 100)
