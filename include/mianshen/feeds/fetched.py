"""What a source has given already: one small file per source, so that its history is not downloaded every day.

It is a memory and no truth: when it is lost everything is fetched again, and the ledger says DUPLICATE. A line is appended
after the file lies in the inbox, never before: a run that is stopped in between fetches the same bytes once more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mianshen.core.paths import PRIVATE


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was fetched."""

    name: str
    """Its name at the source, relative to the source's folder; of pages and tables the period."""
    size: int
    """Its length at the source."""
    mark: str
    """What the source says of its state: time of change, version, tag."""
    sha256: str
    """The bytes that came."""
    is_young: bool = False
    """Whether it was so new that a later change could bear the same mark; it is fetched once more."""


class Memory:
    """The lines about one source; a torn last line counts as not written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done_at: datetime | None = None
        self._taken: dict[str, Taken] = {}
        for line in _lines(path):
            with suppress(TypeError, ValueError, KeyError):
                self._read(line)

    def has(self, name: str, *, size: int, mark: str) -> bool:
        """Whether this very state of the file was fetched."""
        known = self._taken.get(name)
        return known is not None and (known.size, known.mark, known.is_young) == (size, mark, False)

    def gave(self, name: str) -> str | None:
        """The hash of what was last fetched under this name; None when nothing was."""
        known = self._taken.get(name)
        return known.sha256 if known else None

    def add(self, taken: Taken) -> None:
        """Remember the file, durably."""
        self._taken[taken.name] = taken
        self._append({"taken": asdict(taken)})

    def finish(self, at: datetime) -> None:
        """Remember that the source was fetched to its end."""
        self.done_at = at
        self._append({"done": at.isoformat()})

    def keep(self, names: Collection[str]) -> None:
        """Forget files that the source no longer lists; the memory is written anew only when that makes it shorter."""
        gone = self._taken.keys() - set(names)
        lines = sum(1 for _ in _lines(self.path))
        if not gone and lines <= 2 * len(self._taken) + 50:
            return
        self._taken = {name: one for name, one in self._taken.items() if name not in gone}
        temporary = self.path.with_name(f".tmp-{self.path.name}")
        body: list[dict[str, Any]] = [{"taken": asdict(one)} for one in self._taken.values()]
        body += [{"done": self.done_at.isoformat()}] if self.done_at else []
        _write(temporary, "".join(json.dumps(one, ensure_ascii=True) + "\n" for one in body), os.O_TRUNC)
        temporary.replace(self.path)

    def _read(self, line: dict[str, Any]) -> None:
        if "done" in line:
            self.done_at = datetime.fromisoformat(line["done"])
        elif "taken" in line:
            one = Taken(**line["taken"])
            self._taken[one.name] = one

    def _append(self, line: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        _write(self.path, ("\n" if _is_torn(self.path) else "") + json.dumps(line, ensure_ascii=True) + "\n", os.O_APPEND)


def _lines(path: Path) -> list[dict[str, Any]]:
    """Every whole line; what cannot be read is passed over, so that its file is fetched again."""
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else ():
        try:
            read = json.loads(line)
        except ValueError:
            continue
        if isinstance(read, dict):
            found.append(read)
    return found


def _is_torn(path: Path) -> bool:
    """Whether the last line was not written to its end."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _write(path: Path, text: str, how: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
