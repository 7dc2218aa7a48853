"""How strangers write bank returns: the batch that was sent, and builders of text, fixed width, sheets and pain.002."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from xml.sax.saxutils import escape

import openpyxl


@dataclass(frozen=True, slots=True)
class Pay:
    """One instruction."""

    instruction: str
    account: str
    name: str
    amount: str


SENT = (
    Pay("P20261201000001", "6217000010009990011", "陈一一", "1200.00"),
    Pay("P20261201000002", "6217000010009990029", "李二二", "350.50"),
    Pay("P20261201000003", "6217000010009990037", "欧阳三三", "88.00"),
    Pay("P20261201000004", "6217000010009990045", "阿依·古丽", "10000.01"),
    Pay("P20261201000005", "6217000010009990052", "䶮明", "0.01"),
)
"""The batch that every case answers."""
BATCH = "B20261201"


def sent_batch(pays: Sequence[Pay] = SENT) -> bytes:
    rows = ["序号,指令号,账号,户名,金额"]
    rows += [f"{place},{one.instruction},{one.account},{one.name},{one.amount}" for place, one in enumerate(pays, 1)]
    return "\n".join([*rows, ""]).encode("utf-8")


@dataclass(frozen=True, slots=True)
class Said:
    """What a bank says of one instruction."""

    pay: Pay
    code: str = "0000"
    text: str = "成功"
    sequence: int | None = None


def line(one: Said, place: int) -> str:
    pay = one.pay
    sequence = place if one.sequence is None else one.sequence
    return f"{sequence}|{pay.instruction}|{pay.account}|{pay.name}|{pay.amount}|{one.code}|{one.text}"


def total(said: Iterable[Said]) -> str:
    return f"{sum(Decimal(one.pay.amount) for one in said):.2f}"


def text(
    said: Sequence[Said],
    *,
    batch: str = BATCH,
    head: int | str | None = None,
    count: int | str | None = None,
    amount: str | None = None,
    end: str = "\n",
    encoding: str = "utf-8",
) -> bytes:
    lines = [f"H|{batch}|{len(said) if head is None else head}"]
    lines += [line(one, place) for place, one in enumerate(said, 1)]
    lines += [f"T|{len(said) if count is None else count}|{total(said) if amount is None else amount}"]
    return "".join(f"{one}{end}" for one in lines).encode(encoding)


def all_paid(pays: Sequence[Pay] = SENT) -> list[Said]:
    return [Said(one) for one in pays]


def but(place: int, **changes: str) -> list[Said]:
    """All paid, the payment at this place written otherwise."""
    said = all_paid()
    said[place] = replace(said[place], pay=replace(said[place].pay, **changes))
    return said


def fixed(said: Sequence[Said], *, end: str = "\r\n", amounts: Sequence[str] | None = None) -> bytes:
    rows = []
    for place, one in enumerate(said, 1):
        amount = amounts[place - 1] if amounts else one.pay.amount
        cells = [f"{place:06d}", one.pay.instruction, one.pay.account, one.pay.name]
        widths = (6, 32, 22, 20)
        row = b"".join(cell.encode("gb18030").ljust(width) for cell, width in zip(cells, widths, strict=True))
        rows.append(row + amount.rjust(14).encode() + one.code.ljust(4).encode())
    return end.encode().join(rows) + end.encode()


def sheet(rows: Iterable[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Tx:
    """One TxInfAndSts."""

    pay: Pay
    status: str = "ACSC"
    reasons: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    with_reference: bool = True
    currency: str = "CNY"
    instruction: str | None = None

    def xml(self, prefix: str = "") -> str:
        p = prefix
        reasons = "".join(f"<{p}StsRsnInf><{p}Rsn><{p}Cd>{one}</{p}Cd></{p}Rsn></{p}StsRsnInf>" for one in self.reasons)
        if self.infos:
            said = "".join(f"<{p}AddtlInf>{escape(one)}</{p}AddtlInf>" for one in self.infos)
            reasons += f"<{p}StsRsnInf>{said}</{p}StsRsnInf>"
        reference = (
            f"<{p}OrgnlTxRef><{p}Amt><{p}InstdAmt Ccy='{self.currency}'>{self.pay.amount}</{p}InstdAmt></{p}Amt>"
            f"<{p}Cdtr><{p}Nm>{escape(self.pay.name)}</{p}Nm></{p}Cdtr>"
            f"<{p}CdtrAcct><{p}Id><{p}Othr><{p}Id>{self.pay.account}</{p}Id></{p}Othr></{p}Id></{p}CdtrAcct></{p}OrgnlTxRef>"
            if self.with_reference
            else ""
        )
        inner = f"<{p}OrgnlInstrId>{self.instruction}</{p}OrgnlInstrId>" if self.instruction else ""
        status = f"<{p}TxSts>{self.status}</{p}TxSts>" if self.status else ""
        return (
            f"<{p}TxInfAndSts>{inner}<{p}OrgnlEndToEndId>{self.pay.instruction}</{p}OrgnlEndToEndId>"
            f"{status}{reasons}{reference}</{p}TxInfAndSts>"
        )


def pain002(
    parts: Sequence[Sequence[Tx]],
    *,
    version: str = "10",
    group: str = "",
    part: str = "",
    prefix: str = "",
    namespace: str | None = None,
    declaration: str = "<?xml version='1.0' encoding='UTF-8'?>",
    doctype: str = "",
    encoding: str = "utf-8",
) -> bytes:
    p = f"{prefix}:" if prefix else ""
    space = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}" if namespace is None else namespace
    named = f" xmlns{':' + prefix if prefix else ''}='{space}'" if space else ""
    inner = "".join(
        f"<{p}OrgnlPmtInfAndSts><{p}OrgnlPmtInfId>I{place}</{p}OrgnlPmtInfId>{part.replace('@', p)}"
        + "".join(one.xml(p) for one in transactions)
        + f"</{p}OrgnlPmtInfAndSts>"
        for place, transactions in enumerate(parts, 1)
    )
    body = (
        f"{declaration}{doctype}<{p}Document{named}><{p}CstmrPmtStsRpt>"
        f"<{p}GrpHdr><{p}MsgId>M1</{p}MsgId><{p}CreDtTm>2026-12-02T09:00:00+08:00</{p}CreDtTm></{p}GrpHdr>"
        f"<{p}OrgnlGrpInfAndSts><{p}OrgnlMsgId>{BATCH}</{p}OrgnlMsgId><{p}OrgnlMsgNmId>pain.001.001.09</{p}OrgnlMsgNmId>"
        f"{group.replace('@', p)}</{p}OrgnlGrpInfAndSts>{inner}</{p}CstmrPmtStsRpt></{p}Document>"
    )
    return body.encode(encoding)
