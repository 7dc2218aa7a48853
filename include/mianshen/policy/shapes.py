"""Shapes of values on a policy page: each reads a spot into a checked value and says itself as JSON schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from mianshen.policy.pages import Spot


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

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self._spots

    def overlaid(self, other: Row, keys: Iterable[str]) -> Row:
        """The record with those of the keys that the other one writes in their place."""
        taken = [key for key in keys if other.has(key)]
        values = {**self._values, **{key: other[key] for key in taken}}
        return Row(values, {**self._spots, **{key: other.at(key) for key in taken}}, self.spot)

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
        found = str(key.value)
        as_yuan = found.removesuffix("_fen") + "_yuan"
        near = (
            [as_yuan] if found.endswith("_fen") and as_yuan in self.fields else difflib.get_close_matches(found, self.fields, n=1)
        )
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
            found[_key(key)] = self.shape.read(value)
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


def _key(spot: Spot) -> str:
    if not isinstance(spot.value, str):
        spot.refuse(f"键 {spot.value} 应为文字,编码请加引号", f"the key {spot.value} must be text; put codes in quotes")
    return str(spot.value)
