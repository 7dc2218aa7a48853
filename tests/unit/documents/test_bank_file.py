"""Bank files: equal payments give equal bytes, totals are of fen, a name is carried unchanged or not at all."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from tests.unit.documents.bank_profiles import BATCH, NAMES, SCHEMA, pay, profile, read

from mianshen.core.bank import AmountForm, BankProfile
from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.documents import outbox
from mianshen.documents.bank_file import BankFile, bank_files, manual_list
from mianshen.documents.bank_lines import Pay, is_carried, refusal
from mianshen.documents.bank_put import leaving_files, listed, put_files

PROFILE = replace(profile("generic_csv"), encoding="gbk")
PAYMENTS = [Pay(1, "P1", "6200000000000000001", "甲", 5), Pay(2, "P2", "6200000000000000002", "欧阳·乙", 123_456_789)]


def one_file(one: BankProfile, payments: list[Pay]) -> BankFile:
    (file,) = bank_files(one, payments, BATCH, stem="pay_x")
    return file


def test_amounts_are_yuan_of_whole_fen_and_the_trailer_adds_them() -> None:
    file = one_file(PROFILE, PAYMENTS)
    lines = file.content.decode("gbk").split("\r\n")
    assert [line.split(",")[4] for line in lines[1:3]] == ["0.05", "1234567.89"]
    body = file.content[: file.content.rindex("合计".encode("gbk"))]
    assert lines[3] == f"合计,2,1234567.94,{sha256_hex(body)}"
    assert (file.count, file.amount_fen, file.sha256) == (2, 123_456_794, sha256_hex(file.content))


def test_a_profile_may_have_neither_header_nor_trailer_and_write_fen() -> None:
    bare = replace(PROFILE, has_header=False, trailer=(), delimiter="|", columns=PROFILE.columns[3:5], line_end="\n")
    assert one_file(bare, PAYMENTS[:1]).content == "甲|0.05\n".encode("gbk")
    assert one_file(replace(bare, amount_form=AmountForm.FEN), PAYMENTS[:1]).content == "甲|5\n".encode("gbk")


def test_fixed_widths_are_counted_in_bytes_of_the_encoding() -> None:
    head, line, closing, _ = one_file(profile("fixed_gbk"), [pay(7, "欧阳·乙", 123_450)]).content.split(b"\r\n")
    assert head == f"H|{BATCH.batch_id}|1".encode()
    assert line[60:80] == "欧阳·乙".encode("gbk").ljust(20)
    assert (line[:6], line[80:94], line[94:95]) == (b"000007", b"00000000123450", b"1"), "the bank's own card by its beginning"
    assert (len(line), closing) == (125, b"T|1|123450")


@pytest.mark.parametrize("name", NAMES)
def test_a_bank_reads_what_was_put_in(name: str) -> None:
    payments = [pay(1, "甲", 1), pay(2, "欧阳·乙", 5_000_000), pay(3, "Mary Smith", 100)]
    found = read(profile(name), one_file(profile(name), payments).content)
    assert found == [(one.payment_id, one.account, one.name, one.amount_fen) for one in payments]


@pytest.mark.parametrize("name", NAMES)
def test_more_payments_than_a_file_takes_make_several_files(name: str, tmp_path: Path) -> None:
    one = profile(name, most_lines=2)
    payments = [pay(number, "甲", number) for number in range(1, 6)]
    left = leaving_files(one, payments, [], batch=BATCH, stem="pay_x", frozen={})
    put = put_files(tmp_path, left)
    assert [file.name for file in left.files] == [f"pay_x_{number:02d}{one.suffix}" for number in (1, 2, 3)]
    assert [file.count for file in left.files] == [2, 2, 1]
    assert (put.name, put.sha256) == ("pay_x.ctl", sha256_hex((tmp_path / "pay_x.ctl").read_bytes()))
    files = listed(tmp_path, put.name)
    assert [file["sha256"] for file in files] == [sha256_hex((tmp_path / file["file"]).read_bytes()) for file in files]
    assert sum(file["amount_fen"] for file in files) == put.amount_fen == 15
    assert listed(tmp_path, "pay_x.csv") == ()


def test_no_bank_gets_an_empty_file() -> None:
    left = leaving_files(profile("pain001"), [], [(pay(1, "䶮", 3), "AMOUNT_ABOVE_LIMIT")], batch=BATCH, stem="s", frozen={})
    assert (left.files, left.control[0]) == ((), "s.ctl")


def test_a_sheet_runs_nothing_and_bears_the_batchs_moment_only() -> None:
    one = profile("yikatong_xlsx")
    content = one_file(one, [pay(1, '=HYPERLINK("x")', 5)]).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert str(book.properties.created) == str(book.properties.modified) == "2026-11-05 09:03:00", "17:03 in Shanghai"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_a_payee_is_another_than_the_beneficiary_only_with_a_recorded_relation() -> None:
    one, ward = profile("yikatong_xlsx"), replace(pay(1, "乙", 5), beneficiary="甲")
    assert refusal(one, ward, BATCH) == "RELATION_MISSING"
    guarded = replace(ward, relation_zh="监护人")
    assert refusal(one, guarded, BATCH) is None
    page = openpyxl.load_workbook(io.BytesIO(one_file(one, [guarded]).content)).active
    assert page is not None and [cell.value for cell in page[2]][3:6] == ["甲", "监护人", "乙"]
    document = etree.fromstring(one_file(profile("pain001"), [guarded]).content)
    SCHEMA.assertValid(document)
    assert document.xpath("string(//*[local-name()='UltmtCdtr'])") == "甲"


def test_the_schema_refuses_what_is_none() -> None:
    content = one_file(profile("pain001"), [pay(1, "甲", 5)]).content
    assert SCHEMA.validate(etree.fromstring(content))
    assert not SCHEMA.validate(etree.fromstring(content.replace(b"<MsgId>", b"<MsgId>" + b"x" * 36)))


@pytest.mark.parametrize("name", ["甲", "欧阳·乙", "Mary Smith", "买买提"])
def test_sound_names_are_carried(name: str) -> None:
    assert is_carried(PROFILE, name)


@pytest.mark.parametrize("name", ["䶮晓明", "𠮷田", "甲,乙", '甲"乙', "甲\n乙", "甲\t", "甲\ue81e", "甲\udc80"])
def test_names_that_the_file_would_change_are_paid_by_hand(name: str) -> None:
    assert refusal(PROFILE, pay(1, name, 5), BATCH) == "NAME_NOT_ENCODABLE"


@pytest.mark.parametrize(
    ("profile_name", "one", "why"),
    [
        ("fixed_gbk", pay(1, "一二三四五六七八九十", 5_000_000), None),
        ("fixed_gbk", pay(1, "一二三四五六七八九十A", 5), "NAME_TOO_LONG"),
        ("fixed_gbk", pay(1, "甲", 5_000_001), "AMOUNT_ABOVE_LIMIT"),
        ("fixed_gbk", pay(1, "甲", 5, account="6" * 22), None),
        ("fixed_gbk", pay(1, "甲", 5, account="6" * 23), "FIELD_NOT_CARRIED"),
        ("fixed_gbk", pay(1, "甲|", 5), "NAME_NOT_ENCODABLE"),
        ("fixed_gbk", pay(1, " 甲", 5), "NAME_NOT_ENCODABLE"),
        ("generic_csv", pay(1, "䶮𠮷", 5), None),
        ("yikatong_xlsx", pay(1, "䶮𠮷", 5), None),
        ("pain001", pay(1, "䶮" * 140, 5), None),
        ("pain001", pay(1, "䶮" * 141, 5), "NAME_TOO_LONG"),
        ("pain001", pay(1, "甲\ue81e", 5), "NAME_NOT_ENCODABLE"),
        ("pain001", pay(1, "甲", 5, account="6" * 35), "FIELD_NOT_CARRIED"),
        ("pain001", pay(1, "甲", 5, account=""), "ACCOUNT_MISSING"),
    ],
)
def test_limits_are_just_below_and_just_above(profile_name: str, one: Pay, why: str | None) -> None:
    assert refusal(profile(profile_name), one, BATCH) == why


def test_a_code_that_no_table_has_is_paid_by_hand() -> None:
    one = profile("fixed_gbk")
    columns = tuple(
        replace(column, table=replace(column.table, otherwise="")) if column.table else column for column in one.columns
    )
    strict = replace(one, columns=columns)
    assert refusal(strict, pay(1, "甲", 5, account="6228480000000000001"), BATCH) is None
    assert refusal(strict, pay(1, "甲", 5, account="6999990000000000001"), BATCH) == "FIELD_NOT_CARRIED"


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
