"""Files that only their owner reads, put in place whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

OWNER_ONLY = 0o600


def put_private(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write the file beside its place, mode 0600, synced, and move it there; what is there is replaced.

    Whatever breaks off leaves the old file as it was, and nothing of the new one but a `.tmp-` file when the process dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{path.name}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
    except Exception:
        temporary.unlink(missing_ok=True)
        raise
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed in the folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
