"""A county with one source: its settings, its inbox, one visit after another."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.sources.cutting import Wire

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.feeds.control import SUFFIX
from mianshen.feeds.inbox import inbox_files
from mianshen_airflow.sources.visit import visit

PACK = "510118_xinjin"
AT = datetime(2026, 11, 3, 9, tzinfo=ZONE)
CUTS = 50
"""Cuts of one wire."""


@dataclass
class County:
    """A home whose settings name the source."""

    home: Home
    source: dict[str, Any]
    pauses: list[Callable[[], None]] = field(default_factory=list)
    """What happens while the visitor waits between two looks."""

    @property
    def inbox(self) -> Path:
        return self.home.inbox(PACK)

    def visit(self, at: datetime = AT) -> dict[str, int]:
        return dict(visit(self.home, PACK, self.source["code"], at=at, pause=self._pause))

    def change(self, **changes: Any) -> None:
        """Other settings for the same source."""
        self.source = {**self.source, **changes}
        settings = {"counties": {PACK: {"go_live_on": None, "sources": [self.source]}}}
        (self.home.root / "settings.json").write_text(json.dumps(settings), "utf-8")

    def refused(self, at: datetime = AT) -> str:
        """The code with which the visit ends."""
        with pytest.raises(MianshenError) as caught:
            self.visit(at)
        assert "/tmp" not in str(caught.value)
        return caught.value.code

    def files(self) -> dict[str, bytes]:
        """What `receive` would take, by bare name; a name that lies there twice fails."""
        found = inbox_files(self.inbox)
        assert len({path.name for path in found}) == len(found), "one file, one place"
        return {path.name: path.read_bytes() for path in found}

    def controls(self) -> dict[str, dict[str, Any]]:
        return {path.name.removesuffix(SUFFIX): json.loads(path.read_bytes()) for path in self.inbox.rglob(f"*{SUFFIX}")}

    def leftovers(self) -> list[str]:
        """Half-written files and files outside the inbox."""
        return [path.name for path in self.home.root.rglob(".tmp-*")]

    def _pause(self) -> None:
        if self.pauses:
            self.pauses.pop(0)()


def make_county(root: Path, source: dict[str, Any]) -> County:
    home = Home(root)
    home.make()
    made = County(home, source)
    made.change()
    return made


def connection(monkeypatch: pytest.MonkeyPatch, conn_id: str, **parts: Any) -> None:
    """An Airflow connection, on loopback only."""
    assert parts.get("host", "127.0.0.1") == "127.0.0.1"
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(parts))


def cut_and_mend(root: Path, source: dict[str, Any], line: Wire, expected: dict[str, bytes]) -> int:
    """Cut the wire at CUTS random bytes; after each nothing half-read is there, and the next visit brings exactly the files.

    Returns how many of the cuts stopped a visit.
    """
    line.cut_after(None)
    calm = make_county(root / "calm", source)
    calm.visit()
    assert calm.files() == expected
    whole, draw, stopped = line.passed, random.Random(20261103), 0
    assert whole > 500
    for number in range(CUTS):
        county = make_county(root / f"cut{number}", source)
        line.cut_after(draw.randrange(1, whole * 95 // 100))
        try:
            county.visit()
        except MianshenError as error:
            assert error.code == "SOURCE_UNREACHABLE", error
            stopped += 1
        assert line.is_cut, "the wire was not cut"
        found = county.files()
        assert {name: expected[name] for name in found} == found, "a file is whole or not there"
        assert county.leftovers() == []
        line.cut_after(None)
        county.visit()
        assert county.files() == expected
        assert county.leftovers() == []
        assert county.controls().keys() == calm.controls().keys()
    gc.collect()
    return stopped
