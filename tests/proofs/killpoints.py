"""Where a process can die: before and after each fsync, rename and commit, amid each write, after each changing statement."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from tests.proofs.strikes import Strike, kill

KINDS = frozenset({"fsync", "rename", "commit", "write", "insert", "update"})
"""What a run must pass through for its enumeration to be believed."""


class Points:
    """Counts the points that a run passes and strikes, with SIGKILL if nothing else is said, at the chosen one."""

    def __init__(self, strike_at: int | None = None, strike: Strike = kill) -> None:
        self.strike_at = strike_at
        self.strike = strike
        self.passed: list[str] = []

    def reach(self, label: str) -> None:
        self.passed.append(label)
        if len(self.passed) == self.strike_at:
            self.strike()


def install(points: Points) -> None:
    """Put a point around everything that makes a change last; for a process that is thrown away afterwards."""
    os.fsync = around(points, "fsync", os.fsync)  # type: ignore[assignment]
    os.rename = around(points, "rename", os.rename)  # type: ignore[assignment]
    os.replace = around(points, "rename", os.replace)  # type: ignore[assignment]
    DefaultDialect.do_commit = around(points, "commit", DefaultDialect.do_commit)  # type: ignore[method-assign]
    opened = os.fdopen
    os.fdopen = lambda *args, **kwargs: _Halved(opened(*args, **kwargs), points)  # type: ignore[assignment]

    @event.listens_for(Engine, "after_cursor_execute")
    def _changed(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        verb, *words = statement.split(None, 3)
        if verb.lower() in ("insert", "update", "delete"):
            points.reach(f"{verb.lower()} {words[1 if verb.lower() == 'insert' else 0]}")


def around(points: Points, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The call with a point before and one after it."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        what = f" {Path(args[0]).suffix}" if kind == "rename" else ""
        points.reach(f"{kind}{what} before")
        result = call(*args, **kwargs)
        points.reach(f"{kind}{what} after")
        return result

    return wrapped


class _Halved:
    """A file whose every write may end in the middle."""

    def __init__(self, file: io.BufferedWriter, points: Points) -> None:
        self._file = file
        self._points = points

    def write(self, content: bytes) -> int:
        half = len(content) // 2
        self._file.write(content[:half])
        self._file.flush()
        self._points.reach("write half")
        self._file.write(content[half:])
        return len(content)

    def __enter__(self) -> _Halved:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
