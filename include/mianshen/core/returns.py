"""Bank returns as values: what a bank may say of a payment, and the page that tells its codes from each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.contract import Contract


class BankOutcome(StrEnum):
    """What the bank's answer means for one payment."""

    PAID = "PAID"
    """The money has reached the payee's bank."""
    RETURNED = "RETURNED"
    """The money has not left, or is back."""
    PENDING = "PENDING"
    """Not known: the payment stays open."""


@dataclass(frozen=True, slots=True)
class ReturnProfile:
    """How a bank's returns are written and what its codes mean. YAML in national/bank/returns, read by `policy`."""

    code: str
    """Such as `generic`."""
    name_zh: str
    """What clerks read."""
    file_patterns: tuple[str, ...]
    """Regular expressions over the bare names of files that are returns."""
    widths: tuple[int, ...]
    """Widths in GBK bytes of sequence, instruction, account, name, amount and code in a fixed-width return."""
    codes: Mapping[str, BankOutcome]
    """Outcome by code, upper case. A code that is not here leaves the payment open."""
    duplicate_codes: frozenset[str]
    """Codes that say: received before. The first one may have been paid, so nothing is returned by them."""
    statuses: Mapping[str, BankOutcome]
    """Outcome by transaction status of pain.002; others leave the payment open."""
    words: Mapping[str, BankOutcome]
    """Outcome by folded wording that says one thing only; beside a code that is in no table, and never to mark a payment paid."""
    bare_words: Mapping[str, BankOutcome]
    """Outcome by folded wording in a sheet that has no column of codes."""
    sheet: Contract
    """Headings of a return that comes as a table."""
    sent: Contract
    """Headings of the batch that was sent."""


def fold_wording(written: str) -> str:
    """A bank's wording for comparison: half-width, without spaces and punctuation, lower case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", written)).lower()
