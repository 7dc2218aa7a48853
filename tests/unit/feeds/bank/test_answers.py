"""A file of each profile, answered by a synthetic bank in its own form, parses back to the same instructions."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from tests.unit.documents.bank_profiles import BATCH, NAMES, Read, pay, profile, read

from mianshen.documents.bank_file import bank_files
from mianshen.feeds.bank.compare import Written
from mianshen.feeds.bank.judge import Judgement, Known, judge_return
from mianshen.feeds.bank.sent import Sent, SentBatch
from mianshen.feeds.verdict import FileOutcome, RowState
from mianshen.policy.returns import load_return_profile

PAYMENTS = [pay(1, "甲", 1), pay(2, "欧阳·乙", 4_999_999), pay(3, "一二三四五六七八九十", 5_000_000), pay(4, "Mary Smith", 90)]
CODES = ("0000", "1002", "ZZ9", "0000")
"""Paid, returned, a code that nobody knows, paid."""
STATUSES = {"0000": "ACSC", "1002": "RJCT", "ZZ9": "ACSP"}


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def by_csv(lines: Read) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(("序号", "付款编号", "账号", "户名", "金额", "返回码"))
    rows.writerows(
        (number, *line[:3], yuan(line[3]), code) for number, (line, code) in enumerate(zip(lines, CODES, strict=True), 1)
    )
    return text.getvalue().encode("gb18030")


def by_width(lines: Read) -> bytes:
    rows = [
        b"".join(
            cell.encode("gbk").ljust(width)
            for cell, width in zip((f"{number:06d}", *line[:3], f"{line[3]:014d}", code), (6, 32, 22, 20, 14, 4), strict=True)
        )
        for number, (line, code) in enumerate(zip(lines, CODES, strict=True), 1)
    ]
    total = yuan(sum(line[3] for line in lines))
    return b"\r\n".join([f"H|{BATCH.batch_id}|{len(lines)}".encode(), *rows, f"T|{len(lines)}|{total}".encode(), b""])


def by_sheet(lines: Read) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(("付款编号", "收款账号", "收款户名", "金额", "返回码"))
    for line, code in zip(lines, CODES, strict=True):
        page.append((*line[:3], yuan(line[3]), code))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def by_pain002(lines: Read) -> bytes:
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{line[0]}</OrgnlEndToEndId><TxSts>{STATUSES[code]}</TxSts><OrgnlTxRef><Amt>"
        f'<InstdAmt Ccy="CNY">{yuan(line[3])}</InstdAmt></Amt><Cdtr><Pty><Nm>{line[2]}</Nm></Pty></Cdtr>'
        f"<CdtrAcct><Id><Othr><Id>{line[1]}</Id></Othr></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>"
        for line, code in zip(lines, CODES, strict=True)
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlGrpInfAndSts>'
        f"<OrgnlMsgId>{BATCH.batch_id}</OrgnlMsgId><OrgnlNbOfTxs>{len(lines)}</OrgnlNbOfTxs></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{BATCH.batch_id}</OrgnlPmtInfId>{told}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


ANSWERS = {"generic_csv": by_csv, "fixed_gbk": by_width, "yikatong_xlsx": by_sheet, "pain001": by_pain002}


def judged(content: bytes) -> Judgement:
    sent = {one.payment_id: Sent(one.payment_id, one.account, one.name, one.amount_fen) for one in PAYMENTS}
    batch = SentBatch(BATCH.batch_id, sent, is_numbered=True)
    profile = load_return_profile()
    return judge_return(content, batches=[batch], profile=profile, known=Known(), same=Written(), where="bank_return")


@pytest.mark.parametrize("name", NAMES)
def test_the_banks_answer_names_the_instructions_that_were_sent(name: str) -> None:
    (file,) = bank_files(profile(name), PAYMENTS, BATCH, stem="pay_x")
    found = judged(ANSWERS[name](read(profile(name), file.content)))
    assert found.outcome is FileOutcome.ACCEPT
    assert [(one.line.instruction, one.state, one.reason) for one in found.lines] == [
        (one.payment_id, RowState.LOAD, outcome)
        for one, outcome in zip(PAYMENTS, ("PAID", "RETURNED", "PENDING", "PAID"), strict=True)
    ]
    assert found.still_open == 1


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_about_another_amount_is_not_believed(name: str) -> None:
    (file,) = bank_files(profile(name), PAYMENTS, BATCH, stem="pay_x")
    lines = read(profile(name), file.content)
    other = [(*lines[0][:3], lines[0][3] + 1), *lines[1:]]
    found = judged(ANSWERS[name](other))
    assert [one.reason for one in found.lines] == ["AMOUNT_DIFFERS", "RETURNED", "PENDING", "PAID"]
