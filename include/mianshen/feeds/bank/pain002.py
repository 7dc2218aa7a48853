"""ISO 20022 pain.002, versions .03 to .15: every TxInfAndSts of every OrgnlPmtInfAndSts, and what is said of the whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from mianshen.core.errors import MianshenError
from mianshen.core.returns import BankOutcome, ReturnProfile
from mianshen.feeds.bank.lines import Original, Return, ReturnLine, plain
from mianshen.feeds.bank.meaning import CONTRADICTION, of_status
from mianshen.feeds.bank.xml import children, local, read_xml, words

CURRENCY = "CNY"
"""What relief is paid in."""
_VERSION = re.compile(r"pain\.002\.001\.(\d\d)")
_OLDEST, _NEWEST = 3, 15
_DUPLICATE = re.compile(r"(?<![A-Z0-9])(DU0[1-5]|AM05)(?![A-Z0-9])")
_UNSAID = frozenset({"NOTPROVIDED", "NONREF"})
_ACCOUNT = (("Id", "Othr", "Id"), ("Id", "IBAN"), ("Id", "PrtryAcct", "Id"))
_PAYEE = (("Cdtr", "Nm"), ("Cdtr", "Pty", "Nm"), ("Cdtr", "Agt", "FinInstnId", "Nm"))
_AMOUNTS = (("Amt", "InstdAmt"), ("IntrBkSttlmAmt",))


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a batch or a part of it."""

    status: str
    """GrpSts or PmtInfSts; empty when nothing is said."""
    reasons: tuple[str, ...]
    """Its reason codes."""


def read_pain002(content: bytes, *, profile: ReturnProfile, sent: Iterable[str], where: str) -> Return:
    """The return; `sent` are the instructions of the batch, by which an instruction id is told from an end-to-end id.

    MianshenError RETURN_FORMAT for another message, RETURN_TOTALS when its own counts differ, BATCH_SAID_DUPLICATE and
    BATCH_REJECTED when it rejects the batch as a whole.
    """
    report = _report(read_xml(content, where=where), where=where)
    group = next(children(report, "OrgnlGrpInfAndSts"), None)
    if group is None:
        raise MianshenError("RETURN_FORMAT", found="no OrgnlGrpInfAndSts", where=where)
    parts = list(children(report, "OrgnlPmtInfAndSts"))
    whole = _said(group, "GrpSts")
    _refuse_rejected(profile, group, parts, where=where)
    known = frozenset(sent)
    lines = [line for part in parts for line in _part_lines(profile, part, known, where=where)]
    lines = [replace(_against(profile, line, whole), line_no=place) for place, line in enumerate(lines, 1)]
    return Return(tuple(lines), _original(group, parts), whole=_of_all(profile, whole, parts))


def _report(root: etree._Element, *, where: str) -> etree._Element:
    found = [one for one in root.iter() if local(one) == "CstmrPmtStsRpt"]
    if len(found) != 1:
        raise MianshenError("RETURN_FORMAT", found=f"{len(found)} CstmrPmtStsRpt", where=where)
    space = etree.QName(found[0]).namespace
    version = _VERSION.search(space or "")
    if space is not None and (version is None or not _OLDEST <= int(version[1]) <= _NEWEST):
        raise MianshenError("RETURN_FORMAT", found=version[0] if version else "another namespace", where=where)
    return found[0]


def _said(element: etree._Element, status: str) -> Said:
    return Said((words(element, status) or "").upper(), tuple(_reasons(element)))


def _reasons(element: etree._Element) -> Iterator[str]:
    """Reason codes, coded or proprietary, and duplicate codes that stand in the additional information only."""
    for one in children(element, "StsRsnInf"):
        code = words(one, "Rsn", "Cd") or words(one, "Rsn", "Prtry")
        if code:
            yield code.upper()
        for said in children(one, "AddtlInf"):
            yield from _DUPLICATE.findall("".join(said.itertext()).upper())


def _refuse_rejected(profile: ReturnProfile, group: etree._Element, parts: list[etree._Element], *, where: str) -> None:
    """Refuse a rejection of the whole batch, and of any part that is rejected as a duplicate or without naming transactions."""
    said = [(_said(group, "GrpSts"), bool(parts) and any(True for one in parts for _ in children(one, "TxInfAndSts")))]
    said += [(_said(one, "PmtInfSts"), any(True for _ in children(one, "TxInfAndSts"))) for one in parts]
    for place, (one, has_lines) in enumerate(said):
        if profile.statuses.get(one.status) is not BankOutcome.RETURNED:
            continue
        duplicates = profile.duplicate_codes.intersection(one.reasons)
        if duplicates:
            raise MianshenError("BATCH_SAID_DUPLICATE", found=", ".join(sorted(duplicates)), where=where)
        if place == 0 or not has_lines:
            raise MianshenError("BATCH_REJECTED", found=one.status, where=where)
    every = [tuple(_reasons(one)) for part in parts for one in children(part, "TxInfAndSts")]
    if every and all(profile.duplicate_codes.intersection(one) for one in every):
        raise MianshenError("BATCH_SAID_DUPLICATE", found=f"{len(every)} transactions", where=where)


def _part_lines(profile: ReturnProfile, part: etree._Element, sent: frozenset[str], *, where: str) -> Iterator[ReturnLine]:
    """The part's transactions; MianshenError RETURN_TOTALS when its counts by status differ from them."""
    transactions = list(children(part, "TxInfAndSts"))
    seen = Counter((words(one, "TxSts") or "").upper() for one in transactions)
    for stated in children(part, "NbOfTxsPerSts"):
        status, count = (words(stated, "DtldSts") or "").upper(), words(stated, "DtldNbOfTxs") or ""
        if not count.isdigit() or (seen[status] and int(count) != seen[status]):
            raise MianshenError("RETURN_TOTALS", found=f"{plain(status)} {plain(count)[:9]} / {seen[status]}", where=where)
    whole = _said(part, "PmtInfSts")
    for one in transactions:
        yield _against(profile, _line(profile, one, sent), whole)


def _line(profile: ReturnProfile, one: etree._Element, sent: frozenset[str]) -> ReturnLine:
    status, reasons = (words(one, "TxSts") or "").upper(), tuple(_reasons(one))
    outcome, fault = of_status(profile, status, reasons)
    instruction, doubt = _instruction(one, sent)
    payee, account, amount, currency = _reference(one)
    text = " ".join(
        "".join(said.itertext()).strip() for info in children(one, "StsRsnInf") for said in children(info, "AddtlInf")
    )
    fault = doubt or ("CURRENCY_DIFFERS" if currency not in (None, CURRENCY) else fault)
    code = "+".join((status, *dict.fromkeys(reasons)))
    return ReturnLine(0, instruction, account, payee, amount, code, text, outcome, fault)


def _instruction(one: etree._Element, sent: frozenset[str]) -> tuple[str, str]:
    """The instruction that was sent under the end-to-end id or the instruction id; a fault when these are two of them."""
    written = [words(one, "OrgnlEndToEndId"), words(one, "OrgnlInstrId")]
    named = [name for name in written if name and name.upper() not in _UNSAID]
    known = dict.fromkeys(name for name in named if name in sent)
    if len(known) > 1:
        return next(iter(known)), CONTRADICTION
    return next(iter(known), named[0] if named else ""), ""


def _reference(one: etree._Element) -> tuple[str | None, str | None, str | None, str | None]:
    """Payee, account, amount and currency as the return repeats them; None where it does not."""
    reference = next(children(one, "OrgnlTxRef"), None)
    if reference is None:
        return None, None, None, None
    payee = next((found for path in _PAYEE if (found := words(reference, *path))), None)
    account = next((found for path in _ACCOUNT if (found := words(reference, "CdtrAcct", *path))), None)
    for path in _AMOUNTS:
        amount = words(reference, *path)
        if amount is not None:
            return payee, account, amount, _currency(reference, path)
    return payee, account, None, None


def _currency(reference: etree._Element, path: tuple[str, ...]) -> str | None:
    for name in path:
        reference = next(children(reference, name))
    written = reference.get("Ccy")
    return None if written is None else str(written)


def _against(profile: ReturnProfile, line: ReturnLine, whole: Said) -> ReturnLine:
    """The line, with a fault when the whole that it belongs to says the opposite."""
    said = profile.statuses.get(whole.status, BankOutcome.PENDING)
    if BankOutcome.PENDING in (said, line.outcome) or said is line.outcome:
        return line
    return replace(line, fault=line.fault or CONTRADICTION)


def _original(group: etree._Element, parts: list[etree._Element]) -> Original:
    """Number, count and sum of the original batch; of a single part when the group does not say them."""
    count, amount = words(group, "OrgnlNbOfTxs"), words(group, "OrgnlCtrlSum")
    if len(parts) == 1:
        count, amount = count or words(parts[0], "OrgnlNbOfTxs"), amount or words(parts[0], "OrgnlCtrlSum")
    whole = int(count) if count is not None and count.isascii() and count.isdigit() and len(count) <= 15 else None
    return Original(words(group, "OrgnlMsgId"), -1 if count is not None and whole is None else whole, amount)


def _of_all(profile: ReturnProfile, group: Said, parts: list[etree._Element]) -> BankOutcome:
    """What a return without transactions says of every instruction: paid only when group and parts all say so."""
    if any(True for part in parts for _ in children(part, "TxInfAndSts")):
        return BankOutcome.PENDING
    said = [one for one in (group, *(_said(part, "PmtInfSts") for part in parts)) if one.status]
    paid = bool(said) and all(profile.statuses.get(one.status) is BankOutcome.PAID for one in said)
    return BankOutcome.PAID if paid else BankOutcome.PENDING
