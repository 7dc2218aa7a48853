"""Seeded bugs: what the enumeration of kill points must be able to see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mianshen.documents import outbox
from mianshen.stages import pay


def plain_write() -> None:
    """Files are written in place: no temporary name, no rename."""

    def write(path: Path, content: bytes) -> None:
        import os

        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    outbox.replace = write


def sent_first() -> None:
    """Batches are marked as sent, and that is committed, before their files are put."""
    send, put = pay.send, outbox.put

    def send_then_put(till: pay.Till) -> dict[str, int]:
        waiting: list[tuple[Path, bytes]] = []
        outbox.put = lambda path, content: waiting.append((path, content)) or True
        counts = send(till)
        outbox.put = put
        for path, content in waiting:
            put(path, content)
        return counts

    pay.send = send_then_put


BUGS: dict[str, Callable[[], None]] = {"plain_write": plain_write, "sent_first": sent_first}
"""By name."""
