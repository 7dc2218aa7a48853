"""How written words are read: headings, categories, towns, names, accounts, phones. What cannot be read is said to be so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mianshen.core.redaction import redact

_SPACES = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u3000\ufeff]+")
_BRACKETS = str.maketrans({"(": "", ")": "", "[": "", "]": "", "【": "", "】": "", "〔": "", "〕": "", "*": "", ":": ""})
_JOINERS = str.maketrans({"\\": "/", "|": "/", "-": "/", "~": "/", "、": "/", "·": "/", "•": "/"})
_TOWN_ENDS = re.compile(r"(人民政府|街道办事处|办事处|街道|镇|乡)+$")
_DOTS = re.compile(r"(?<!^)[•‧・･∙．.·](?!$)")
"""Middle dots; one at the end of a name parts nothing."""
_CROSSED = re.compile(r"[\u3400-\u9fff][Xx×*]{1,3}$")
"""A name whose end was crossed out."""
_SOUND_NAME = re.compile(
    r"^(?!\u00b7)[A-Za-z\u00c0-\u024f\u00b7\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af ]{2,50}(?<!\u00b7)$"
)
"""At most as long as the national field of a name."""
_COMBINING = re.compile(r"[\u0300-\u036f]")
_GARBLED = re.compile(r"锟斤|斤拷|烫烫|屯屯|锘")
"""What is left of text that went through two wrong encodings."""
_READ_AS_GBK = frozenset(
    bytes((lead, trail)).decode("gb18030") for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xC0) if trail != 0x7F
)
"""First characters of Chinese UTF-8 that was read as GBK."""
_HAN = re.compile(r"^[\u4e00-\u9fff]{2,}$")
_ACCOUNT = re.compile(r"^(?!(\d)\1+$)\d{12,25}$", re.ASCII)
"""No sign over and over."""
_ZEROED = re.compile(r"^\d{15}0{3,4}$", re.ASCII)
"""A tail that a spreadsheet may have rounded to zeros; one in ten of them still has a right check digit."""
_PHONE = re.compile(r"^(?!(\d)\1+$)(1\d{10}|0[1-9]\d{8,10})$", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]+")

# Characters that the year-2000 table of GB18030 sent to the private-use area and that have had a home since (GB18030-2022).
_PRIVATE = {
    0xE81E: "\u9fb4",
    0xE826: "\u9fb5",
    0xE82B: "\u9fb6",
    0xE82C: "\u9fb7",
    0xE832: "\u9fb8",
    0xE843: "\u9fb9",
    0xE854: "\u9fba",
    0xE864: "\u9fbb",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a written name, account or phone."""

    value: str
    """Normalised; empty when nothing was written."""
    is_doubtful: bool
    """Whether it looks damaged or wrong."""


def fold(text: str) -> str:
    """A heading or category for comparison: half-width, no spaces, no brackets, one joiner, lower case."""
    folded = unicodedata.normalize("NFKC", _SPACES.sub("", text))
    return _SPACES.sub("", folded).translate(_BRACKETS).translate(_JOINERS).lower()


def category_of(words: Mapping[str, str], written: str) -> str | None:
    """The category behind the written word; None for a word that the contract does not hold."""
    return {fold(word): code for word, code in words.items()}.get(fold(written))


def town_of(towns: Iterable[str], written: str) -> str | None:
    """The pack's spelling of the one town that the text names, with or without 镇, 街道 or the county before it.

    None when it names none, or more than one.
    """
    text = fold(written)
    found = {town for town in towns if _TOWN_ENDS.sub("", fold(town)) in text} if text else set()
    return found.pop() if len(found) == 1 else None


def read_name(written: str) -> Written:
    """A name without inner and outer spaces, its middle dot made one; doubtful when a character is lost, private or foreign."""
    mapped = "".join(_PRIVATE.get(ord(one), one) for one in written)
    half = "".join(chr(ord(one) - 0xFEE0) if "\uff10" <= one <= "\uff5a" and one.isalnum() else one for one in mapped)
    dotted = _DOTS.sub("\u00b7", half.replace("\u3000", " ").strip("'‘’` \t\r\n\ufeff\u00a0\u200b"))
    is_latin = re.search(r"[A-Za-z]", dotted) is not None
    value = " ".join(dotted.split()) if is_latin else _SPACES.sub("", dotted)
    if _COMBINING.search(value):
        value = unicodedata.normalize("NFC", value)
    is_sound = _SOUND_NAME.match(value) is not None and not _is_garbled(value) and not _CROSSED.search(value)
    return Written(value, bool(value) and (mapped != written or not is_sound))


def _is_garbled(name: str) -> bool:
    """Whether the name is what UTF-8 looks like when it is read as GBK, or what is left when it was turned twice."""
    if _GARBLED.search(name):
        return True
    if name[0] not in _READ_AS_GBK:
        return False
    try:
        return _HAN.match(name.encode("gb18030").decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False


def has_private(written: str) -> bool:
    """Whether a private-use character with a home since stands in it: it is read as that character."""
    return any(ord(one) in _PRIVATE for one in written)


def read_account(written: str) -> Written:
    """An account number as digits; doubtful when it is no run of 12 to 25 digits, or one that a spreadsheet has rounded."""
    value = _SPACES.sub("", unicodedata.normalize("NFKC", written)).strip("'‘’`").replace("-", "")
    return Written(value, bool(value) and (_ACCOUNT.match(value) is None or _is_rounded(value)))


def _is_rounded(account: str) -> bool:
    """Whether the account ends in zeros that its check digit (Luhn) does not bear out."""
    if _ZEROED.match(account) is None:
        return False
    doubled = (sum(divmod(2 * int(one), 10)) for one in account[-2::-2])
    return (sum(int(one) for one in account[-1::-2]) + sum(doubled)) % 10 != 0


def read_phone(written: str) -> Written:
    """A phone number as digits; doubtful when it is neither a mobile nor a land line."""
    value = _SPACES.sub("", unicodedata.normalize("NFKC", written)).strip("'‘’`").replace("-", "").removeprefix("+")
    value = value.removeprefix("86") if len(value) == 13 else value
    return Written(value, bool(value) and _PHONE.match(value) is None)


def safe_file_name(delivered: str) -> str:
    """A delivered name fit for messages and the ledger: no path, no control or long numbers, at most 120 characters."""
    return redact(_UNSAFE.sub("_", delivered))[:120]
