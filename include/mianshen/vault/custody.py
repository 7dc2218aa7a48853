"""Custody: the bytes that arrived, compressed, sealed with SM4-GCM, named by their content hash."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, insert, select

from mianshen.core.errors import MianshenError
from mianshen.vault import sm
from mianshen.vault.keyring import Keyring
from mianshen.vault.tables import CUSTODY

_FAST = 1
"""zlib level: sealing is the slow part, so a little compression pays for itself."""


@dataclass(frozen=True, slots=True)
class Custody:
    """The folder of sealed bytes and its list."""

    folder: Path
    """Mode 0700."""
    engine: Engine
    """The vault's database."""
    keyring: Keyring
    """The keys."""

    def land(self, content: bytes, *, at: str, entropy: sm.Entropy) -> str:
        """The content's SHA-256, once the bytes lie sealed and synced; the same content again changes nothing."""
        name = hashlib.sha256(content).hexdigest()
        if self.holds(name):
            return name
        version = self.keyring.data_version
        sealed = sm.seal(self.keyring.data_key, zlib.compress(content, _FAST), bound_to=_owner(name, version), entropy=entropy)
        _write(self.folder / f"{name}.sealed", sealed)
        with self.engine.begin() as connection:
            if connection.execute(select(CUSTODY).where(CUSTODY.c.content_sha256 == name)).first() is None:
                connection.execute(
                    insert(CUSTODY).values(content_sha256=name, data_version=version, size_bytes=len(content), landed_at=at)
                )
        return name

    def holds(self, name: str) -> bool:
        """Whether content with this hash lies in custody."""
        with self.engine.connect() as connection:
            known = connection.execute(select(CUSTODY.c.size_bytes).where(CUSTODY.c.content_sha256 == name)).first()
        return known is not None and (self.folder / f"{name}.sealed").is_file()

    def open(self, name: str) -> bytes:
        """The bytes with this hash; MianshenError CUSTODY_MISSING or SEAL_BROKEN."""
        with self.engine.connect() as connection:
            version = connection.execute(
                select(CUSTODY.c.data_version).where(CUSTODY.c.content_sha256 == name)
            ).scalar_one_or_none()
        path = self.folder / f"{name}.sealed"
        if version is None or not path.is_file():
            raise MianshenError("CUSTODY_MISSING", found=name[:12], where=str(self.folder))
        return zlib.decompress(sm.unseal(self.keyring.data_key, path.read_bytes(), bound_to=_owner(name, version)))


def _owner(name: str, version: int) -> str:
    return f"custody|{name}|{version}"


def _write(path: Path, sealed: bytes) -> None:
    temporary = path.with_name(f".tmp-{path.name}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
