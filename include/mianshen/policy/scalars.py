"""Single values of a policy page: text, codes, amounts, percentages, days. Nothing is guessed; binary fractions never occur."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from mianshen.core.money import PPM
from mianshen.policy.pages import Spot
from mianshen.policy.slips import told

_CODE = re.compile(r"^[A-Za-z0-9_.\-]+$")
_PAGE = re.compile(r"^[a-z0-9_]+\.yaml$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_YUAN = re.compile(r"^\d{1,10}(\.\d{1,2})?$", re.ASCII)
_PERCENT = re.compile(r"^(\d{1,3})(?:\.(\d{1,4}))?%$", re.ASCII)
_CLOCK = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, read by a function that returns None for what it cannot read."""

    convert: Callable[[Any], Any]
    """From what YAML gives to what the product holds."""
    demand_zh: str
    """What is demanded, in Chinese."""
    demand_en: str
    """The same in English."""
    as_schema: Mapping[str, Any]
    """The demand as JSON schema."""

    def read(self, spot: Spot) -> Any:
        """The value."""
        found = self.convert(spot.value)
        if found is None:
            zh, en = told(spot.value)
            spot.refuse(f"{spot.path} 写作 {zh},应为{self.demand_zh}", f"{spot.path} is {en}, must be {self.demand_en}")
        return found

    def schema(self) -> dict[str, Any]:
        """The demand as JSON schema."""
        return dict(self.as_schema)


def _text(value: Any) -> str | None:
    return str(value).strip() if isinstance(value, str) and value.strip() else None


def _code(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and _CODE.match(value) else None


def _page(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and _PAGE.match(value) else None


def _area(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{6}", value) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _yuan(value: Any) -> int | None:
    written = str(_whole(value)) if _whole(value) is not None else value
    if not isinstance(written, str) or not _YUAN.match(written):
        return None
    whole, _, cents = written.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") or "0")


def _signed_yuan(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value) * 100
    if isinstance(value, str) and value.startswith("-"):
        fen = _yuan(value[1:])
        return None if fen is None else -fen
    return _yuan(value)


def _percent(value: Any) -> int | None:
    found = _PERCENT.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    ppm = int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))
    return ppm if ppm <= PPM else None


def _clock(value: Any) -> time | None:
    found = _CLOCK.match(value) if isinstance(value, str) else None
    if found is None or (found[1] == "24" and found[2] != "00"):
        return None
    return time(int(found[1]) % 24, int(found[2]))


TEXT = Scalar(_text, "文字", "text", {"type": "string", "minLength": 1})
CODE = Scalar(
    _code,
    "加引号的编码文字(字母、数字、_ . -)",
    "a code written as quoted text: letters, digits, _ . -",
    {"type": "string", "pattern": _CODE.pattern},
)
AREA = Scalar(_area, "加引号的六位区划码", "a division code of six digits in quotes", {"type": "string", "pattern": r"^\d{6}$"})
PAGE = Scalar(
    _page,
    "本目录下的文件名,如 tier.yaml",
    "a file name in this folder, such as tier.yaml",
    {"type": "string", "pattern": _PAGE.pattern},
)
WHOLE = Scalar(_whole, "不带引号的整数", "a whole number without quotes", {"type": "integer", "minimum": 0})
TRUTH = Scalar(_truth, " true 或 false", "true or false", {"type": "boolean"})
DAY = Scalar(
    _day, "存在的完整日期,如 2026-01-01", "a full day that exists, such as 2026-01-01", {"type": "string", "format": "date"}
)
YUAN = Scalar(
    _yuan,
    "元:整数,或加引号的两位小数",
    "yuan: a whole number, or two decimals in quotes",
    {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": _YUAN.pattern}]},
)
SIGNED_YUAN = Scalar(
    _signed_yuan,
    "元,可为负:整数,或加引号的两位小数",
    "yuan, below zero allowed: a whole number, or two decimals in quotes",
    {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^-?\d{1,10}(\.\d{1,2})?$"}]},
)
PERCENT = Scalar(
    _percent,
    "带 % 的比例,0% 至 100%,至多四位小数",
    "a percentage written with %, 0% to 100%, at most four decimals",
    {"type": "string", "pattern": _PERCENT.pattern},
)
CLOCK = Scalar(
    _clock,
    '加引号的时刻,如 "24:00"',
    'a time of day in quotes, such as "24:00"',
    {"type": "string", "pattern": _CLOCK.pattern},
)
