"""Written days as ISO text: the spellings that departments use, Excel's serial numbers, and nothing that would be a guess."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from fractions import Fraction

NOTHING = frozenset(
    (
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "\\",
        "无",
        "空",
        "null",
        "none",
        "nan",
        "n/a",
        "\\n",
        "0000-00-00",
        "0000-00-00 00:00:00",
    )
)
"""Signs by which a sheet says that nothing was written, folded to lower case; of days, amounts, phones and accounts."""
FIRST_SERIAL, LAST_SERIAL = 20000, 60000
"""A spreadsheet's day numbers from 1954 to 2064."""

_HALF = {"\u3000": " ", "\u00a0": " ", "\uffe5": "¥"}
_EPOCH = date(1899, 12, 30)
_SEPARATED = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]?(\d{1,2})[:时](\d{1,2})分?(?::?(\d{1,2})秒?(?:\.\d+)?)?)?$"
)
_PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$", re.ASCII)
_MONTH = re.compile(r"^(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))$", re.ASCII)
_SERIAL = re.compile(r"^(\d{5})(?:\.(\d*))?$", re.ASCII)
_DAY_SECONDS = 86400
_CHINESE = re.compile(r"^[〇零○一二三四五六七八九十]{4}年")
_DIGITS = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}


def half_width(text: str) -> str:
    """The text with full-width forms of ASCII made half-width; circled and superscript digits stay what they are."""
    return "".join(_HALF.get(one) or (chr(ord(one) - 0xFEE0) if "\uff01" <= one <= "\uff5e" else one) for one in text)


def read_day(written: str) -> str | None:
    """2026-12-05, 2026-12-05 10:30:00 or, of a month alone, 2026-12; empty for a sign of nothing; None when it is no day.

    Years of two digits, day before month and the years of the Republic are not guessed.
    """
    text = half_width(written).strip(" \t\r\n'‘’`\u200b\ufeff")
    if text.lower() in NOTHING:
        return ""
    if _CHINESE.match(text):
        text = _from_chinese(text)
    text = re.sub(r"\s*([-/.年月])\s*", r"\1", text)
    found = _SEPARATED.match(text) or _PACKED.match(text)
    if found:
        return _moment([int(one) for one in found.groups() if one is not None])
    month = _MONTH.match(text)
    if month:
        return _moment([int(month[1]), int(month[2] or month[3])])
    serial = _SERIAL.match(text)
    if serial and FIRST_SERIAL <= int(serial[1]) <= LAST_SERIAL:
        return _from_serial(int(serial[1]), serial[2] or "0")
    return None


def day_number(written: str, *, later: int) -> str:
    """A spreadsheet's bare day number raised by so many days; whatever else was written stays as it is."""
    serial = _SERIAL.match(half_width(written).strip())
    return written if serial is None else f"{int(serial[1]) + later}{'.' + serial[2] if serial[2] else ''}"


def _from_serial(days: int, part: str) -> str:
    """The day of a spreadsheet's number, with its time where the number has a part that counts seconds."""
    seconds = round(Fraction(int(part), 10 ** len(part)) * _DAY_SECONDS)
    found = datetime.combine(_EPOCH, datetime.min.time()) + timedelta(days=days, seconds=seconds)
    return f"{found:%Y-%m-%d %H:%M:%S}" if seconds else f"{found:%Y-%m-%d}"


def _moment(parts: list[int]) -> str | None:
    try:
        if len(parts) == 2:
            return f"{date(parts[0], parts[1], 1):%Y-%m}" if parts[0] >= 1900 else None
        found = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - a written moment has no zone of its own
    except ValueError:
        return None
    if found.year < 1900:
        return None
    return f"{found:%Y-%m-%d}" if len(parts) == 3 else f"{found:%Y-%m-%d %H:%M:%S}"


def _from_chinese(text: str) -> str:
    """二〇二六年十二月五日 as 2026年12月5日."""
    year, rest = text.split("年", 1)
    return "".join(_DIGITS.get(sign, "?") for sign in year) + "年" + re.sub(r"[一二三四五六七八九十]+", _number, rest)


def _number(found: re.Match[str]) -> str:
    tens, ten, ones = found[0].partition("十")
    if not ten:
        return _DIGITS.get(tens, "?")
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))
