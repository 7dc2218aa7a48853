"""A secret that lies in a file of its own, such as a docker secret: read when it is asked for, and only if it is private."""

from __future__ import annotations

import stat
from functools import partial
from pathlib import Path

from mianshen.core.errors import MianshenError
from mianshen.core.paths import SecretSource


def secret_in_file(path: Path) -> SecretSource:
    """Reads the file each time it is asked; MianshenError KEYS_UNSAFE then, when it is missing or others may read it."""
    return partial(_read, path)


def _read(path: Path) -> str:
    if not path.is_file():
        raise MianshenError("KEYS_UNSAFE", found="no secret file", where=str(path))
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise MianshenError("KEYS_UNSAFE", found=f"mode {mode:04o}", where=str(path))
    return path.read_text("utf-8").strip()
