"""Bank files as ISO 20022 pain.001.001.09, written transaction by transaction."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lxml import etree

from mianshen.core.bank import BankProfile, Payer
from mianshen.core.money import format_yuan
from mianshen.documents.bank_lines import BankBatch, Pay

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
"""Of the message; its schema lies beside the profiles, national/bank/xsd."""
CURRENCY = "CNY"
"""What relief is paid in."""


def bank_pain(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch, *, message_id: str) -> bytes:
    """The message's bytes: one payment information block, one transaction a payment; there must be one at least.

    `message_id` is new for every file. Every moment is the batch's. ValueError when the profile does not say who pays.
    """
    if profile.payer is None:
        raise ValueError("a pain.001 profile says who pays")
    made = io.BytesIO()
    totals = (("NbOfTxs", str(len(payments))), ("CtrlSum", format_yuan(sum(one.amount_fen for one in payments))))
    with etree.xmlfile(made, encoding="UTF-8") as out:
        out.write_declaration()
        with out.element("Document", nsmap={None: NAMESPACE}), out.element("CstmrCdtTrfInitn"):
            with out.element("GrpHdr"):
                moment = batch.made_at.isoformat(timespec="seconds")
                _leaves(out, (("MsgId", message_id), ("CreDtTm", moment), *totals))
                _nested(out, ("InitgPty", "Nm"), profile.payer.name)
            with out.element("PmtInf"):
                _leaves(out, (("PmtInfId", message_id), ("PmtMtd", "TRF"), ("BtchBookg", "true"), *totals))
                _nested(out, ("ReqdExctnDt", "Dt"), batch.made_at.date().isoformat())
                _payer(out, profile.payer)
                for one in payments:
                    out.write(_transaction(one, batch))
    return made.getvalue() + b"\n"


def _payer(out: etree._IncrementalFileWriter, payer: Payer) -> None:
    _nested(out, ("Dbtr", "Nm"), payer.name)
    _nested(out, ("DbtrAcct", "Id", "Othr", "Id"), payer.account)
    with _path(out, ("DbtrAgt", "FinInstnId", "ClrSysMmbId")):
        _nested(out, ("ClrSysId", "Cd"), "CNAPS")
        _leaves(out, (("MmbId", payer.member_id),))


def _transaction(one: Pay, batch: BankBatch) -> etree._Element:
    found = etree.Element(f"{{{NAMESPACE}}}CdtTrfTxInf", nsmap={None: NAMESPACE})
    known = _under(found, "PmtId")
    _under(known, "InstrId").text = one.payment_id
    _under(known, "EndToEndId").text = one.payment_id
    amount = _under(_under(found, "Amt"), "InstdAmt")
    amount.set("Ccy", CURRENCY)
    amount.text = format_yuan(one.amount_fen)
    _under(_under(found, "Cdtr"), "Nm").text = one.name
    _under(_under(_under(_under(found, "CdtrAcct"), "Id"), "Othr"), "Id").text = one.account
    if one.beneficiary and one.beneficiary != one.name:
        _under(_under(found, "UltmtCdtr"), "Nm").text = one.beneficiary
    _under(_under(found, "RmtInf"), "Ustrd").text = batch.purpose
    return found


def _under(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


@contextmanager
def _path(out: etree._IncrementalFileWriter, path: Sequence[str]) -> Iterator[None]:
    with out.element(path[0]):
        if path[1:]:
            with _path(out, path[1:]):
                yield
        else:
            yield


def _nested(out: etree._IncrementalFileWriter, path: Sequence[str], text: str) -> None:
    with _path(out, path):
        out.write(text)


def _leaves(out: etree._IncrementalFileWriter, leaves: Sequence[tuple[str, str]]) -> None:
    for name, text in leaves:
        _nested(out, (name,), text)
