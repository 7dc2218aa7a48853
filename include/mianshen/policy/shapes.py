"""Shapes of values on a policy page: each reads a spot into a checked value and says itself as JSON schema."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NoReturn, Protocol

from mianshen.core.money import PPM
from mianshen.policy.pages import Spot

_CODE = re.compile(r"^[A-Za-z0-9_.\-]+$")
_PAGE = re.compile(r"^[a-z0-9_]+\.yaml$")
_YUAN = re.compile(r"^\d{1,10}(\.\d{1,2})?$")
_PERCENT = re.compile(r"^(\d{1,3})(?:\.(\d{1,4}))?%$")
_CLOCK = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)$")


class Shape(Protocol):
    """What a value on a page must look like."""

    def read(self, spot: Spot) -> Any:
        """The checked value; MianshenError POLICY_DAMAGED otherwise."""

    def schema(self) -> dict[str, Any]:
        """The same demand as JSON schema, over the page read as YAML 1.2."""


class Row(Mapping[str, Any]):
    """A record that was read, with the spots of its keys for later complaints."""

    def __init__(self, values: dict[str, Any], spots: dict[str, Spot], spot: Spot) -> None:
        self._values = values
        self._spots = spots
        self.spot = spot
        """Where the record itself is written."""

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def at(self, key: str) -> Spot:
        """Where the key's value is written, or the record when the key was left out."""
        return self._spots.get(key, self.spot)


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record."""

    shape: Shape
    """What its value must look like."""
    note: str
    """What it means, for the schema's readers."""
    is_required: bool = True
    """Whether it must be written."""
    default: Any = None
    """Its value when it is not written."""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys; unknown keys are refused with the nearest known one."""

    fields: Mapping[str, Field]
    """The keys it may have."""

    def read(self, spot: Spot) -> Row:
        """The record's values."""
        if not spot.is_mapping():
            spot.refuse(f"{spot.path or '页面'} 应由 键: 值 组成", f"{spot.path or 'the page'} must be key: value pairs")
        values: dict[str, Any] = {}
        spots: dict[str, Spot] = {}
        for key, value in spot.entries():
            field = self.fields.get(str(key.value))
            if field is None:
                self._refuse_unknown(key)
            values[str(key.value)] = field.shape.read(value)
            spots[str(key.value)] = value
        self._complete(values, spot)
        return Row(values, spots, spot)

    def _refuse_unknown(self, key: Spot) -> NoReturn:
        near = difflib.get_close_matches(str(key.value), self.fields, n=1)
        hint = f"(是否 {near[0]}?)" if near else ""
        hint_en = f" (did you mean {near[0]}?)" if near else f" (known: {', '.join(self.fields)})"
        key.refuse(f"未知的键 {key.value}{hint}", f"unknown key {key.value}{hint_en}")

    def _complete(self, values: dict[str, Any], spot: Spot) -> None:
        for name, field in self.fields.items():
            if name in values:
                continue
            if field.is_required:
                spot.refuse(f"{spot.path or '页面'} 缺少 {name}", f"{spot.path or 'the page'} lacks {name}")
            values[name] = field.default

    def schema(self) -> dict[str, Any]:
        """An object without other properties."""
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [name for name, field in self.fields.items() if field.is_required],
            "properties": {name: {"description": field.note} | field.shape.schema() for name, field in self.fields.items()},
        }


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of one shape."""

    shape: Shape
    """Of its items."""
    may_be_empty: bool = False
    """Whether no item is an answer."""

    def read(self, spot: Spot) -> tuple[Any, ...]:
        """The items in order."""
        if not spot.is_sequence():
            spot.refuse(f"{spot.path} 应为列表", f"{spot.path} must be a list")
        if not spot.value and not self.may_be_empty:
            spot.refuse(f"{spot.path} 不得为空", f"{spot.path} must not be empty")
        return tuple(self.shape.read(item) for item in spot.items())

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.shape.schema(), "minItems": 0 if self.may_be_empty else 1}


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mapping whose keys the pack chooses."""

    shape: Shape
    """Of its values."""

    def read(self, spot: Spot) -> dict[str, Any]:
        """The values by key."""
        if not spot.is_mapping() or not spot.value:
            spot.refuse(f"{spot.path} 应由 键: 值 组成", f"{spot.path} must be key: value pairs")
        found = {}
        for key, value in spot.entries():
            found[TEXT.read(key)] = self.shape.read(value)
        return found

    def schema(self) -> dict[str, Any]:
        """An object of equal values."""
        return {"type": "object", "minProperties": 1, "additionalProperties": self.shape.schema()}


@dataclass(frozen=True, slots=True)
class Maybe:
    """A shape or an explicit null."""

    shape: Shape
    """When it is not null."""

    def read(self, spot: Spot) -> Any:
        """The value, or None."""
        return None if spot.value is None else self.shape.read(spot)

    def schema(self) -> dict[str, Any]:
        """Either."""
        return {"anyOf": [{"type": "null"}, self.shape.schema()]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]
    """The words allowed."""

    def read(self, spot: Spot) -> str:
        """The word."""
        if not isinstance(spot.value, str) or spot.value not in self.words:
            allowed = " | ".join(self.words)
            spot.refuse(f"{spot.path} 写作 {spot.value},只能是 {allowed}", f"{spot.path} is {spot.value}, not one of these words")
        return str(spot.value)

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.words)}


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
            shown = f"{spot.value}({type(spot.value).__name__})"
            spot.refuse(f"{spot.path} 写作 {shown},应为{self.demand_zh}", f"{spot.path} is {shown}, must be {self.demand_en}")
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
    return str(value) if isinstance(value, str) and re.fullmatch(r"\d{6}", value) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _day(value: Any) -> date | None:
    return date(value.year, value.month, value.day) if isinstance(value, date) and not isinstance(value, datetime) else None


def _yuan(value: Any) -> int | None:
    written = str(_whole(value)) if _whole(value) is not None else value
    if not isinstance(written, str) or not _YUAN.match(written):
        return None
    whole, _, cents = written.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") or "0")


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
CODE = Scalar(_code, "加引号的编码文字", "a code written as quoted text", {"type": "string", "pattern": _CODE.pattern})
AREA = Scalar(_area, "加引号的六位区划码", "a division code of six digits in quotes", {"type": "string", "pattern": r"^\d{6}$"})
PAGE = Scalar(
    _page,
    "本目录下的文件名,如 tier.yaml",
    "a file name in this folder, such as tier.yaml",
    {"type": "string", "pattern": _PAGE.pattern},
)
WHOLE = Scalar(_whole, "不带引号的整数", "a whole number without quotes", {"type": "integer", "minimum": 0})
TRUTH = Scalar(_truth, " true 或 false", "true or false", {"type": "boolean"})
DAY = Scalar(_day, "完整日期,如 2026-01-01", "a full day such as 2026-01-01", {"type": "string", "format": "date"})
YUAN = Scalar(
    _yuan,
    "元:整数,或加引号的两位小数",
    "yuan: a whole number, or two decimals in quotes",
    {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": _YUAN.pattern}]},
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
