"""Resident id numbers: normalise what can be recovered, refuse what would have to be guessed.

Hard checks are shape, a real birth date and the ISO 7064 check digit; the area code is a note only, because people keep
the code of the year their number was issued (GB 11643-1999).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

SYNTHETIC_AREA = "100999"
"""Never allocated: every synthetic person's number begins with it."""

YEAR = slice(6, 10)
"""Where the birth year stands in a canonical number."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_DROPPED = re.compile(r"[\s'‘’`\u200b\ufeff\u00ad-]+")
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")
_EIGHTEEN = re.compile(r"^\d{17}[\dX]$")
_FIFTEEN = re.compile(r"^\d{15}$")


@dataclass(frozen=True, slots=True)
class CertNo:
    """What became of one written id number."""

    value: str | None
    """18 characters, upper-case X; None when it was refused."""
    reason_code: str | None
    """Why it was refused, from `core.codes`; None when it was accepted."""
    fixes: tuple[str, ...]
    """Normalisations that were applied: full_width, separators, lower_case_x, fifteen_digits."""


def check_digit(first_seventeen: str) -> str:
    """The ISO 7064 MOD 11-2 check character of seventeen digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True)) % 11]


def read_certno(written: str, *, today: date) -> CertNo:
    """The canonical number behind what was written, or why there is none. `today` bounds the birth date."""
    folded = unicodedata.normalize("NFKC", written)
    fixes = ["full_width"] if folded != written and folded.strip() != written.strip() else []
    bare = _DROPPED.sub("", folded)
    if bare != folded.strip():
        fixes.append("separators")
    if bare != bare.upper() and bare[-1:] == "x":
        fixes.append("lower_case_x")
    bare = bare.upper()
    if _FIFTEEN.match(bare):
        bare = bare[:6] + "19" + bare[6:]
        bare += check_digit(bare)
        fixes.append("fifteen_digits")
    refusal = _refusal(bare, today=today)
    return CertNo(None, refusal, ()) if refusal else CertNo(bare, None, tuple(fixes))


def _refusal(bare: str, *, today: date) -> str | None:
    if not bare:
        return "CERTNO_MISSING"
    if "*" in bare:
        return "CERTNO_MASKED"
    if _SCIENTIFIC.match(bare):
        return "CERTNO_DAMAGED"
    if not _EIGHTEEN.match(bare):
        return "CERTNO_LENGTH"
    if birth_date(bare) is None or not date(1900, 1, 1) <= (birth_date(bare) or today) <= today:
        return "CERTNO_DATE"
    if check_digit(bare[:17]) != bare[17]:
        return "CERTNO_DAMAGED" if bare.endswith("000") else "CERTNO_CHECK_DIGIT"
    return None


def birth_date(certno: str) -> date | None:
    """The birth date inside 18 characters; None when no such day exists."""
    try:
        return date(int(certno[6:10]), int(certno[10:12]), int(certno[12:14]))
    except ValueError:
        return None


def certno_in_disability_card(card: str, *, today: date) -> CertNo:
    """The id number inside a disability card: 18 characters of it, then kind and grade (one digit each, and a reissue digit)."""
    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", card)).upper()
    if len(folded) not in (20, 22):
        return CertNo(None, "CARD_NOT_IDENTITY", ())
    inner = read_certno(folded[:18], today=today)
    return inner if inner.value else CertNo(None, "CARD_NOT_IDENTITY", ())


def make_certno(*, born: date, serial: int, area: str = SYNTHETIC_AREA) -> str:
    """A well-formed number for a synthetic person; `serial` 0 to 999, odd for men."""
    first = f"{area}{born:%Y%m%d}{serial:03d}"
    return first + check_digit(first)
