"""Resident id numbers: normalise what can be recovered, refuse what would have to be guessed.

Hard checks are shape, a real birth date and the ISO 7064 check digit; the area code is not judged, because people keep
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

REISSUED_LENGTH = 22
"""A disability card that was issued again ends in B and a count."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_APOSTROPHES = re.compile(r"['‘’`´\u2032]+")
_DROPPED = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad\u2010-\u2015-]+")
_EXCEL_TEXT = re.compile(r'^="?([^"]*)"?$')
_SCIENTIFIC = re.compile(r"^\d([.,]\d+)?E\+?\d+$|^\d{15,18}\.\d*$")
_ERROR = re.compile(r"^#[A-Z/0-9]{2,10}[!?]?$")
_MASKED = re.compile(r"[*●○•#?]|X{3}")
_LETTERS = re.compile(r"^(?=.*[OILBSZQ])[\dOILBSZQ]{17}[\dXOILBSZQ]$")
_SIGN_FOR_X = re.compile(r"^[0-9]{17}([^\W\d_]|[×✕✖╳])$")
"""Another letter or sign where the check character stands; which one was meant would be a guess."""
_NOTHING = frozenset(("无", "暂无", "没有", "空", "未知", "不详", "NULL", "NONE", "NAN", "NA", "N/A", "/", "\\", "\\N"))
"""Words by which a sheet says that there is no number, in capitals."""
_CARD = re.compile(r"^([0-9]{17}[0-9X])[1-7][1-4]([A-Z]?[0-9])?$")
_OTHER_CARD = re.compile(
    r"^([HM]\d{8}(\d{2})?|\d{8}|[EGDSPK][A-Z]?\d{7,8}|[A-Z]{3}\d{12}|[A-Z]{1,2}\d{6,9}|.{0,8}[军兵警文士]字第?\w{4,12}号?)$"
)
_EIGHTEEN = re.compile(r"^[0-9]{17}[0-9X]$")
_FIFTEEN = re.compile(r"^[0-9]{15}$")


@dataclass(frozen=True, slots=True)
class CertNo:
    """What became of one written id number."""

    value: str | None
    """18 characters, upper-case X; None when it was refused."""
    reason_code: str | None
    """Why it was refused, from `core.codes`; None when it was accepted."""
    fixes: tuple[str, ...]
    """Normalisations that were applied: full_width, apostrophe, separators, lower_case_x, fifteen_digits, card."""


_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_uscc(written: str) -> bool:
    """Whether it is an institution's 统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check modulo 31."""
    if len(written) != len(_WEIGHTS) + 1 or any(one not in _USCC for one in written):
        return False
    summed = sum(_USCC.index(one) * pow(3, place, 31) for place, one in enumerate(written[:-1]))
    return _USCC[-summed % 31] == written[-1]


def check_digit(first_seventeen: str) -> str:
    """The ISO 7064 MOD 11-2 check character of seventeen digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True)) % 11]


def read_certno(written: str, *, today: date) -> CertNo:
    """The canonical number behind what was written, or why there is none. `today` bounds the birth date."""
    folded = unicodedata.normalize("NFKC", written)
    fixes = ["full_width"] if folded != written and folded.strip() != written.strip() else []
    unquoted = _APOSTROPHES.sub("", _EXCEL_TEXT.sub(r"\1", folded.strip()))
    if unquoted != folded.strip():
        fixes.append("apostrophe")
    bare = _DROPPED.sub("", unquoted)
    if bare != unquoted.strip():
        fixes.append("separators")
    if bare != bare.upper() and bare[-1:] == "x":
        fixes.append("lower_case_x")
    bare = bare.upper()
    card = _CARD.match(bare)
    if card and _refusal(card[1], today=today) is None:
        return CertNo(card[1], None, (*fixes, "card"))
    if _FIFTEEN.match(bare):
        bare = bare[:6] + "19" + bare[6:]
        bare += check_digit(bare)
        fixes.append("fifteen_digits")
    refusal = _refusal(bare, today=today)
    return CertNo(None, refusal, ()) if refusal else CertNo(bare, None, tuple(fixes))


_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_ERROR, "CERTNO_DAMAGED"),
    (_MASKED, "CERTNO_MASKED"),
    (_SCIENTIFIC, "CERTNO_DAMAGED"),
    (_LETTERS, "CERTNO_LETTER"),
    (_SIGN_FOR_X, "CERTNO_LETTER"),
    (_OTHER_CARD, "CERT_TYPE_UNSUPPORTED"),
)


def _refusal(bare: str, *, today: date) -> str | None:
    if not bare or bare in _NOTHING:
        return "CERTNO_MISSING"
    if not _EIGHTEEN.match(bare):
        return next((code for shape, code in _SHAPES if shape.search(bare)), "CERTNO_LENGTH")
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
    plain = unicodedata.normalize("NFKC", card).strip()
    folded = _DROPPED.sub("", _APOSTROPHES.sub("", plain)).upper()
    spaced = ("separators",) if _DROPPED.search(plain) else ()
    if len(folded) not in (20, REISSUED_LENGTH):
        return CertNo(None, "CARD_NOT_IDENTITY", ())
    inner = read_certno(folded[:18], today=today)
    kind = ("card", "card_reissued") if len(folded) == REISSUED_LENGTH else ("card",)
    return CertNo(inner.value, None, (*spaced, *inner.fixes, *kind)) if inner.value else CertNo(None, "CARD_NOT_IDENTITY", ())


def make_certno(*, born: date, serial: int, area: str = SYNTHETIC_AREA) -> str:
    """A well-formed number for a synthetic person; `serial` 0 to 999, odd for men."""
    first = f"{area}{born:%Y%m%d}{serial:03d}"
    return first + check_digit(first)


def mask_certno(certno: str) -> str:
    """The number with its ends alone, as public lists print it: neither the day of birth nor the whole serial is left."""
    return certno[:3] + "*" * (len(certno) - 7) + certno[-4:]
