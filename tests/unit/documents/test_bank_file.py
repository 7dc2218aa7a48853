"""Bank files: equal payments give equal bytes, totals are of fen, a name is carried unchanged or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.pack import BankProfile
from mianshen.documents import outbox
from mianshen.documents.bank_file import Pay, bank_file, carries, manual_list

PROFILE = BankProfile(
    code="generic_csv",
    name_zh="通用",
    encoding="gbk",
    delimiter=",",
    line_end="\r\n",
    columns=("sequence", "payment_id", "account", "name", "amount", "purpose"),
    header=("序号", "付款编号", "账号", "户名", "金额", "用途"),
    has_trailer=True,
)
PAYMENTS = [Pay(1, "P1", "6200000000000000001", "甲", 5), Pay(2, "P2", "6200000000000000002", "欧阳·乙", 123_456_789)]


def test_amounts_are_yuan_of_whole_fen_and_the_trailer_adds_them() -> None:
    file = bank_file(PROFILE, PAYMENTS, purpose="医疗救助")
    lines = file.content.decode("gbk").split("\r\n")
    assert [line.split(",")[4] for line in lines[1:3]] == ["0.05", "1234567.89"]
    body = file.content[: file.content.rindex("合计".encode("gbk"))]
    assert lines[3] == f"合计,2,1234567.94,{sha256_hex(body)}"
    assert (file.count, file.amount_fen, file.sha256) == (2, 123_456_794, sha256_hex(file.content))


def test_equal_payments_give_equal_bytes() -> None:
    assert bank_file(PROFILE, PAYMENTS, purpose="p") == bank_file(PROFILE, list(PAYMENTS), purpose="p")


def test_a_profile_may_have_neither_header_nor_trailer() -> None:
    from dataclasses import replace

    bare = replace(PROFILE, header=(), has_trailer=False, delimiter="|", columns=("name", "amount"), line_end="\n")
    assert bank_file(bare, PAYMENTS[:1], purpose="p").content == "甲|0.05\n".encode("gbk")


@pytest.mark.parametrize("name", ["甲", "欧阳·乙", "Mary Smith", "买买提"])
def test_sound_names_are_carried(name: str) -> None:
    assert carries(PROFILE, name)


@pytest.mark.parametrize("name", ["䶮晓明", "𠮷田", "甲,乙", '甲"乙', "甲\n乙", "甲\t", "甲\ue81e", "甲\udc80"])
def test_names_that_the_file_would_change_are_paid_by_hand(name: str) -> None:
    assert not carries(PROFILE, name)


def test_the_manual_list_opens_as_a_table_and_runs_nothing() -> None:
    content = manual_list([(Pay(1, "P1", "6200000000000000001", '=HYPERLINK("x")', 5), "NAME_NOT_ENCODABLE")])
    (_, row) = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert row == ["1", "P1", "6200 0000 0000 0000 001", '\'=HYPERLINK("x")', "0.05", "NAME_NOT_ENCODABLE"]


def test_a_file_is_put_once_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "outbox" / "f.csv"
    assert outbox.put(path, b"one")
    assert not outbox.put(path, b"one")
    with pytest.raises(MianshenError) as refusal:
        outbox.put(path, b"two")
    assert refusal.value.code == "PAYMENT_FILE_DIFFERS"
    assert path.read_bytes() == b"one"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [one.name for one in path.parent.iterdir()] == ["f.csv"]
