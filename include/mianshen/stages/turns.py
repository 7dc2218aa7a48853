"""Runs of one stage for one county wait for each other, whichever process they are in.

Two that work at the same time would write into the same unfinished folders. A process that dies lets the next one go on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OWNER_ONLY = 0o600


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else is within for this lock file meanwhile; whoever comes waits until it is free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
