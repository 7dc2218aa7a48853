"""Payments and batches for the tests of bank files, and readers of these files that share nothing with their writers."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import openpyxl
from lxml import etree

from mianshen.core.bank import BankField, BankForm, BankProfile
from mianshen.core.days import ZONE
from mianshen.documents.bank_lines import BankBatch, Pay
from mianshen.policy.packs import POLICIES, load_bank_profile

NAMES = ("generic_csv", "fixed_gbk", "yikatong_xlsx", "pain001")
BATCH = BankBatch("D" + "0123456789ab" * 2, "100999", "2026-10", datetime(2026, 11, 5, 17, 3, tzinfo=ZONE), "医疗救助2026-10")
SCHEMA = etree.XMLSchema(file=str(POLICIES / "national" / "bank" / "xsd" / "pain.001.001.09.xsd"))
Read = list[tuple[str, str, str, int]]
"""Payment id, account, name, fen."""


def profile(name: str, *, most_lines: int | None = None) -> BankProfile:
    return replace(load_bank_profile(name), most_lines=most_lines)


def pay(number: int, name: str, fen: int, account: str | None = None) -> Pay:
    return Pay(
        number,
        f"P{number:024x}",
        account if account is not None else f"62284800000{number:08d}",
        name,
        fen,
        certno="100999199001010018",
    )


def read(one: BankProfile, content: bytes) -> Read:
    """What a bank reads in the file; the totals that the file states are compared with its lines."""
    reader = {
        BankForm.DELIMITED: _delimited,
        BankForm.FIXED: _fixed,
        BankForm.SHEET: _sheet,
        BankForm.PAIN001: _pain,
    }
    return reader[one.form](one, content)


def _delimited(one: BankProfile, content: bytes) -> Read:
    rows = list(csv.reader(io.StringIO(content.decode(one.encoding), newline="")))
    lines = [(row[1], row[2], row[3], round(Decimal(row[4]) * 100)) for row in rows[1:-1]]
    assert rows[-1][1:3] == [str(len(lines)), f"{Decimal(sum(line[3] for line in lines)) / 100:.2f}"]
    return lines


def _fixed(one: BankProfile, content: bytes) -> Read:
    head, *body, closing, rest = content.split(one.line_end.encode())
    lines: Read = []
    for line in body:
        cells, start = {}, 0
        for column in one.columns:
            cells[column.field], start = (
                line[start : start + (column.width or 0)].decode(one.encoding),
                start + (column.width or 0),
            )
        assert start == len(line)
        blank = {field: text.strip() for field, text in cells.items()}
        lines.append((blank[BankField.PAYMENT_ID], blank[BankField.ACCOUNT], blank[BankField.NAME], int(blank[BankField.AMOUNT])))
    assert (head, rest) == (f"H|{BATCH.batch_id}|{len(lines)}".encode(), b"")
    assert closing == f"T|{len(lines)}|{sum(line[3] for line in lines)}".encode()
    return lines


def _sheet(one: BankProfile, content: bytes) -> Read:
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page is not None
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} <= {"s", "inlineStr"}
    rows = [[str(cell or "") for cell in row] for row in page.iter_rows(values_only=True)]
    place = {column.field: number for number, column in enumerate(one.columns)}
    fields = (BankField.PAYMENT_ID, BankField.ACCOUNT, BankField.NAME)
    lines = [(*(row[place[field]] for field in fields), round(Decimal(row[place[BankField.AMOUNT]]) * 100)) for row in rows[1:-1]]
    assert rows[-1][:3] == ["合计", f"{len(lines)}笔", f"{Decimal(sum(line[-1] for line in lines)) / 100:.2f}"]
    return [(line[0], line[1], line[2], line[3]) for line in lines]


def _pain(one: BankProfile, content: bytes) -> Read:
    root = etree.fromstring(content)
    SCHEMA.assertValid(root)
    space = {"p": etree.QName(root).namespace}

    def said(node: etree._Element, path: str) -> str:
        (found,) = node.xpath(f"{path}/text()", namespaces=space)
        return str(found)

    lines: Read = [
        (
            said(node, "p:PmtId/p:EndToEndId"),
            said(node, "p:CdtrAcct/p:Id/p:Othr/p:Id"),
            said(node, "p:Cdtr/p:Nm"),
            round(Decimal(said(node, "p:Amt/p:InstdAmt[@Ccy='CNY']")) * 100),
        )
        for node in root.iterfind(".//p:CdtTrfTxInf", space)
    ]
    total = f"{Decimal(sum(line[3] for line in lines)) / 100:.2f}"
    for place in ("p:GrpHdr", "p:PmtInf"):
        assert [said(root, f"p:CstmrCdtTrfInitn/{place}/p:{leaf}") for leaf in ("NbOfTxs", "CtrlSum")] == [str(len(lines)), total]
    return lines
