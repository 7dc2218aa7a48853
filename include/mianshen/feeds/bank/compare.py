"""One line of a return against the instruction that was sent: whatever differs leaves the payment open."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Protocol

from mianshen.core.money import parse_fen
from mianshen.feeds.bank.lines import Return, ReturnLine
from mianshen.feeds.bank.sent import Sent, SentBatch
from mianshen.feeds.words import read_account, read_name

LEAST_VISIBLE = 4
"""A masked account is compared when it shows so many digits."""
_MASKED = re.compile(r"^(\d*)[*xX#]+(\d*)$")
_DECIMAL = re.compile(r"^[+-]?\d{1,15}(\.\d{1,6})?$")
_DROPPED = str.maketrans("", "", ",¥￥ \t\u3000")


class Likeness(Protocol):
    """Whether what a return names, normalised, is what was sent. In the pipeline the vault compares by keyed digests."""

    def account(self, written: str, sent: Sent) -> bool:
        """Whether the account is the one that was sent to."""

    def name(self, written: str, sent: Sent) -> bool:
        """Whether the name is the payee's."""

    def name_cut(self, written: str, sent: Sent, *, width: int) -> bool:
        """Whether the name is as much of the payee's as a field of so many GBK bytes holds, and no more of it fits."""


def fault_of(line: ReturnLine, sent: Sent | None, *, same: Likeness) -> str:
    """Why the line cannot be believed; empty when nothing speaks against it."""
    if line.fault in ("ROW_SHAPE", "CURRENCY_DIFFERS"):
        return line.fault
    if sent is None:
        return "INSTRUCTION_UNKNOWN"
    amount = _amount_fault(line, sent)
    if amount:
        return amount
    if line.account is not None and not same.account(read_account(line.account).value, sent):
        return "ACCOUNT_DIFFERS"
    if line.name is not None and not _is_payee(line, name_of(line.name), sent, same):
        return "PAYEE_DIFFERS"
    return line.fault


def _is_payee(line: ReturnLine, name: str, sent: Sent, same: Likeness) -> bool:
    if same.name(name, sent):
        return True
    return line.name_width is not None and same.name_cut(name, sent, width=line.name_width)


def _amount_fault(line: ReturnLine, sent: Sent) -> str:
    if line.amount is None:
        return ""
    try:
        fen = parse_fen(unicodedata.normalize("NFKC", line.amount))
    except ValueError:
        return "MONEY_INVALID" if line.amount else "MONEY_MISSING"
    if fen < 0:
        return "MONEY_NEGATIVE"
    return "" if fen == sent.amount_fen else "AMOUNT_DIFFERS"


class Written:
    """The likeness of accounts and names in plain writing."""

    def account(self, written: str, sent: Sent) -> bool:
        """Equal digits; of a masked account as many places and equal digits where it shows them."""
        own = read_account(sent.account).value
        if written == own:
            return True
        masked = _MASKED.match(written)
        if masked is None or len(masked[1]) + len(masked[2]) < LEAST_VISIBLE:
            return False
        return len(written) == len(own) and own.startswith(masked[1]) and own.endswith(masked[2])

    def name(self, written: str, sent: Sent) -> bool:
        """Equal but for blanks and the middle dot's spelling."""
        return written == name_of(sent.name)

    def name_cut(self, written: str, sent: Sent, *, width: int) -> bool:
        """A beginning of the name after which its next character would not have fitted."""
        own = name_of(sent.name)
        fitting = own[: len(written) + 1]
        return bool(written) and own.startswith(written) and len(fitting.encode("gb18030")) > width


def name_of(written: str) -> str:
    """The name for comparison and for the verdict's row."""
    return read_name(written).value


def totals_agree(one: Return, batch: SentBatch) -> bool:
    """Whether the return's own counts and sum fit its lines, and what it says of the batch fits the batch."""
    if any(count != len(one.lines) for count in one.counts):
        return False
    original = one.original
    if original.count is not None and original.count != len(batch.by_instruction):
        return False
    if original.amount is not None and _exact(original.amount) != Decimal(batch.amount_fen) / 100:
        return False
    return one.amount is None or _sum_agrees(one, batch)


def _sum_agrees(one: Return, batch: SentBatch) -> bool:
    """Whether the lines add up to the stated sum; a line without a readable amount may count as nothing or as what was sent."""
    stated = _exact(one.amount or "")
    if stated is None:
        return False
    read = [_exact(line.amount or "") for line in one.lines]
    known = sum((one for one in read if one is not None), Decimal(0))
    blind = [batch.by_instruction.get(line.instruction) for line, amount in zip(one.lines, read, strict=True) if amount is None]
    as_sent = Decimal(sum(one.amount_fen for one in blind if one is not None)) / 100
    return stated in (known, known + as_sent)


def _exact(written: str) -> Decimal | None:
    bare = unicodedata.normalize("NFKC", written).translate(_DROPPED)
    if not _DECIMAL.match(bare):
        return None
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None
