"""What a bank's code and words mean for a payment. In doubt the payment stays open."""

from __future__ import annotations

from collections.abc import Iterable

from mianshen.core.returns import BankOutcome, ReturnProfile, fold_wording

CONTRADICTION = "RESULT_CONTRADICTS"
"""The fault of a line whose code says one thing and whose words say another."""


def of_code(profile: ReturnProfile, code: str, text: str) -> tuple[BankOutcome, str]:
    """Outcome and fault of a line with a code.

    The code decides. A code that the page does not hold leaves the payment open, whatever the words beside it say: a person asks
    the bank, and the page learns the code.
    """
    known = profile.codes.get(code)
    if known is None:
        return BankOutcome.PENDING, ""
    said = _said(profile, text)
    opposite = said is not None and said is not known and known is not BankOutcome.PENDING
    return known, CONTRADICTION if opposite else ""


def _said(profile: ReturnProfile, text: str) -> BankOutcome | None:
    """What a wording of the page says, with or without a word such as 失败 before it; None for any other wording."""
    folded = fold_wording(text)
    found = profile.words.get(folded)
    if found is not None:
        return found
    heads = (head for head in profile.bare_words if head not in profile.words and folded.startswith(head))
    rests = (profile.words.get(folded.removeprefix(head)) for head in heads)
    return BankOutcome.RETURNED if BankOutcome.RETURNED in rests else None


def of_words(profile: ReturnProfile, text: str) -> tuple[BankOutcome, str]:
    """Outcome and fault of a line of a sheet that has no codes."""
    return _said(profile, text) or profile.bare_words.get(fold_wording(text), BankOutcome.PENDING), ""


def of_status(profile: ReturnProfile, status: str, reasons: Iterable[str]) -> tuple[BankOutcome, str]:
    """Outcome and fault of a pain.002 transaction: a rejection as a duplicate leaves it open, the first may have been paid."""
    outcome = profile.statuses.get(status, BankOutcome.PENDING)
    codes = set(reasons)
    if outcome is BankOutcome.RETURNED and codes & profile.duplicate_codes:
        return BankOutcome.PENDING, ""
    refused = any(profile.codes.get(one) is BankOutcome.RETURNED for one in codes)
    return outcome, CONTRADICTION if outcome is BankOutcome.PAID and refused else ""
