"""Files that leave: written whole or not at all, readable by their owner alone, never written over with other content."""

from __future__ import annotations

import os
from pathlib import Path

from mianshen.core.errors import MianshenError
from mianshen.core.paths import PRIVATE

OWNER_ONLY = 0o600
"""Mode of every file that names people."""


def put(path: Path, content: bytes) -> bool:
    """Put the file there; False when the same bytes lie there already.

    Written under a temporary name, synced, renamed, and the folder synced. MianshenError PAYMENT_FILE_DIFFERS when a file of
    this name holds other bytes: somebody may have taken it already.
    """
    if path.exists():
        if path.read_bytes() != content:
            raise MianshenError("PAYMENT_FILE_DIFFERS", found=path.name, where=str(path.parent))
        return False
    replace(path, content)
    return True


def replace(path: Path, content: bytes) -> None:
    """Put the file there whatever lay there before: for papers that may be made again."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    path.parent.chmod(PRIVATE)
    temporary = path.with_name(f".tmp-{path.name}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
