"""A bank return as its lines, whatever it was written in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mianshen.core.returns import BankOutcome


@dataclass(frozen=True, slots=True, repr=False)
class ReturnLine:
    """What the bank says of one instruction. Never printed: it names a person."""

    line_no: int
    """Its line in the file, from 1; of XML its place among the transactions."""
    instruction: str
    """The instruction as written, without outer blanks."""
    account: str | None
    """As written; None where the format does not carry it."""
    name: str | None
    """As written; None where the format does not carry it."""
    amount: str | None
    """As written, in yuan; None where the format does not carry it."""
    code: str
    """The bank's code, upper case; of pain.002 the reasons, joined by a plus sign."""
    text: str
    """The bank's words."""
    outcome: BankOutcome
    """What code and words mean, before anything is compared."""
    fault: str = ""
    """A reason code when the line itself cannot be believed."""
    name_width: int | None = None
    """How many GBK bytes the name's field holds; None where names are not cut."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a return says of the batch that it answers."""

    batch: str | None = None
    """The batch's number as written; None where it does not say."""
    count: int | None = None
    """How many instructions the batch had."""
    amount: str | None = None
    """Their sum in yuan, as written."""


@dataclass(frozen=True, slots=True)
class Return:
    """One return, read but not yet compared with anything."""

    lines: tuple[ReturnLine, ...]
    """In file order."""
    original: Original
    """The batch that it answers."""
    counts: tuple[int, ...] = ()
    """How many lines it has by its own head and closing line."""
    amount: str | None = None
    """The sum of its lines in yuan by its own closing line."""
    whole: BankOutcome | None = None
    """What it says of the batch as a whole, when it has no lines."""


def plain(written: str) -> str:
    """A number or code of a return as a message may quote it; whatever is not plainly one is not quoted."""
    return written if re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", written) else "?"
