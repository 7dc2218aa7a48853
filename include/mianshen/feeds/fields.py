"""One object of the settings, read field by field: each is asked for once, and what nobody asked for is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mianshen.core.errors import MianshenError


@dataclass(frozen=True, slots=True)
class Fields:
    """The object, its place, and what was read of it."""

    raw: Mapping[str, Any]
    """As it stands in the settings."""
    where: str
    """Its place, for messages."""
    asked: set[str] = field(default_factory=set)
    """Names read so far."""

    @staticmethod
    def of(raw: object, *, where: str) -> Fields:
        """The fields of an object; MianshenError SOURCE_SETTINGS for anything else."""
        if not isinstance(raw, dict) or not all(isinstance(name, str) for name in raw):
            raise MianshenError("SOURCE_SETTINGS", found="not an object", where=where)
        return Fields(raw, where)

    def refuse(self, name: str, wanted: str) -> None:
        """Raise MianshenError SOURCE_SETTINGS; the value itself is not quoted, it may be a secret in the wrong place."""
        raise MianshenError("SOURCE_SETTINGS", found=f"{name}: {wanted}", where=self.where)

    def text(self, name: str, shape: str) -> str:
        """A text of this shape that must stand."""
        found = self.optional(name, shape)
        if found is None:
            self.refuse(name, "缺少 missing")
        return str(found)

    def optional(self, name: str, shape: str) -> str | None:
        """A text of this shape, or None."""
        self.asked.add(name)
        value = self.raw.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(shape, value):
            self.refuse(name, f"写法不合 shape {shape}")
        return str(value)

    def choice(self, name: str, known: Sequence[str], *, default: str | None = None) -> str:
        """One of the known words."""
        self.asked.add(name)
        value = self.raw.get(name, default)
        if not isinstance(value, str) or value not in known:
            self.refuse(name, " | ".join(known))
        return str(value)

    def number(self, name: str, low: int, high: int, *, default: int) -> int:
        """A whole number from low to high."""
        self.asked.add(name)
        value = self.raw.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(name, f"{low}-{high}")
        return int(value)

    def numbers(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """Whole numbers from low to high, each once, ascending; empty when the field is absent."""
        self.asked.add(name)
        value = self.raw.get(name, [])
        is_good = isinstance(value, list) and all(
            isinstance(one, int) and not isinstance(one, bool) and low <= one <= high for one in value
        )
        if not is_good or (name in self.raw and not value):
            self.refuse(name, f"[{low}-{high}, …]")
        return tuple(sorted(set(value)))

    def flag(self, name: str) -> bool:
        """true or false; false when absent."""
        self.asked.add(name)
        value = self.raw.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, "true | false")
        return value is True

    def names(self, name: str, shape: str, *, needed: bool = False) -> tuple[str, ...]:
        """Texts of this shape, each once."""
        self.asked.add(name)
        value = self.raw.get(name, [])
        is_good = isinstance(value, list) and all(isinstance(one, str) and re.fullmatch(shape, one) for one in value)
        if not is_good or len(set(value)) != len(value) or (needed and not value):
            self.refuse(name, "[…]")
        return tuple(value)

    def words(self, name: str) -> Mapping[str, str]:
        """Texts by name; empty when absent."""
        self.asked.add(name)
        value = self.raw.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for pair in value.items() for one in pair):
            self.refuse(name, '{"…": "…"}')
        return dict(value)

    def pattern(self, name: str) -> re.Pattern[str]:
        """A regular expression; anything matches when absent."""
        self.asked.add(name)
        value = self.raw.get(name, ".+")
        try:
            return re.compile(value, re.IGNORECASE | re.DOTALL)
        except (re.error, TypeError):
            raise MianshenError("SOURCE_SETTINGS", found=f"{name}: regex", where=self.where) from None

    def finish(self) -> None:
        """MianshenError SOURCE_SETTINGS for fields that nobody asked for: a slip of the pen must not pass in silence."""
        for name in sorted(self.raw.keys() - self.asked):
            self.refuse(name[:40], "不认识 unknown")
