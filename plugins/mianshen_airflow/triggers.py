"""What the triggerer waits for: files in an inbox, and the due moment of a watch."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent

from mianshen_airflow import defaults, watching
from mianshen_airflow.watching import Ending, WatchNote

IGNORED = (".tmp", ".swp", ".part")
"""Endings of files that are still being written."""


class InboxTrigger(BaseEventTrigger):
    """Fires when the inbox holds files and has been quiet for one look; fires once for the same files.

    After a restart it fires again for what still lies there: an event may come twice, never too seldom.
    """

    def __init__(self, *, pack: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.pack = pack

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"pack": self.pack}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """An event for every new set of files."""
        before: tuple[tuple[str, int, int], ...] = ()
        told: tuple[tuple[str, int, int], ...] = ()
        while True:
            found = await asyncio.to_thread(files_in, defaults.home().inbox(self.pack))
            if found and found == before and found != told:
                told = found
                yield TriggerEvent({"files": len(found)})  # type: ignore[no-untyped-call]
            before = found
            await asyncio.sleep(defaults.inbox_seconds())


def files_in(inbox: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every finished file of the inbox and of its sources' folders, sorted; nothing without an inbox."""
    if not inbox.is_dir():
        return ()
    found = []
    for folder, _, names in os.walk(inbox):
        for name in names:
            if name.startswith((".", "~$")) or name.endswith(IGNORED):
                continue
            path = Path(folder, name)
            try:
                seen = path.stat()
            except FileNotFoundError:
                continue
            found.append((str(path.relative_to(inbox)), seen.st_size, seen.st_mtime_ns))
    return tuple(sorted(found))


class WorkingDayDeadlineTrigger(BaseTrigger):
    """Ends with `arrived` when every watched clock has closed, with `missed` at the due moment; the moment is absolute."""

    def __init__(self, *, pack: str, watch: dict[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.pack = pack
        self.watch = watch

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again; it carries no state, so a restart neither loses nor doubles the miss."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"pack": self.pack, "watch": self.watch}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event."""
        note = WatchNote(**self.watch)
        while True:
            ending = await asyncio.to_thread(watching.look, note)
            if ending is not Ending.OPEN:
                yield TriggerEvent({"status": ending.value})  # type: ignore[no-untyped-call]
                return
            left = (note.due - defaults.now()).total_seconds()
            await asyncio.sleep(max(1, min(defaults.poll_seconds(), left)))
