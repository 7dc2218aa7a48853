"""What the triggerer waits for: files in an inbox, the due moments of a county's clocks, and the due moment of a watch."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent
from sqlalchemy.exc import SQLAlchemyError

from mianshen.core.errors import MianshenError
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


class DueMomentTrigger(BaseEventTrigger):
    """Watches every open clock of a county: looks at the next due moment, records what is missed, and tells of it.

    One a county, however many clocks run. It carries no state: what a killed triggerer left is found by the next look, and what
    was recorded is not recorded again. A store that does not answer is asked again at the next look.
    """

    def __init__(self, *, pack: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.pack = pack

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"pack": self.pack}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """An event for each look that recorded misses."""
        while True:
            pause = float(defaults.poll_seconds())
            try:
                found = await asyncio.to_thread(watching.look_at_all, self.pack)
            except (MianshenError, SQLAlchemyError) as trouble:
                self.log.warning("时限台账暂不可读 the clock store does not answer: %s", type(trouble).__name__)
            else:
                if found.missed:
                    yield TriggerEvent({"missed": len(found.missed)})  # type: ignore[no-untyped-call]
                if found.next_due is not None:
                    pause = max(0.2, min(pause, (found.next_due - defaults.now()).total_seconds()))
            await asyncio.sleep(pause)


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
