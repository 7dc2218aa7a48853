"""Custody: the bytes that arrived, compressed, sealed with SM4-GCM in segments, named by their content hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, insert, select

from mianshen.core.errors import MianshenError
from mianshen.vault import sm
from mianshen.vault.key_state import require_current
from mianshen.vault.keyring import Keyring
from mianshen.vault.private import put_private
from mianshen.vault.segments import Source, open_segments, seal_segments
from mianshen.vault.tables import CUSTODY


@dataclass(frozen=True, slots=True)
class Custody:
    """The folder of sealed bytes and its list."""

    folder: Path
    """Mode 0700."""
    engine: Engine
    """The vault's database."""
    keyring: Keyring
    """The keys."""

    def land(self, content: bytes | Source, *, at: str, entropy: sm.Entropy) -> str:
        """The content's SHA-256, once the bytes lie sealed and synced; the same content again changes nothing.

        A source is read twice, for its name and to be sealed; MianshenError FILE_UNREADABLE when it changed in between.
        """
        source = _source(content) if isinstance(content, bytes) else content
        name, size = _named(source())
        if self.holds(name):
            return name
        version = self.keyring.data_version
        again = _Counted(source())
        sealed = seal_segments(self.keyring.data_key, again, bound_to=_owner(name, version), entropy=entropy)
        put_private(self.path_of(name, version), _proven(sealed, again, name))
        with self.engine.begin() as connection:
            require_current(connection, self.keyring)
            if connection.execute(select(CUSTODY).where(CUSTODY.c.content_sha256 == name)).first() is None:
                connection.execute(
                    insert(CUSTODY).values(content_sha256=name, data_version=version, size_bytes=size, landed_at=at)
                )
        return name

    def holds(self, name: str) -> bool:
        """Whether content with this hash lies in custody."""
        with self.engine.connect() as connection:
            query = select(CUSTODY.c.data_version).where(CUSTODY.c.content_sha256 == name)
            version = connection.execute(query).scalar_one_or_none()
        return version is not None and self.path_of(name, version).is_file()

    def open(self, name: str) -> bytes:
        """The bytes with this hash; MianshenError CUSTODY_MISSING or SEAL_BROKEN."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The same, piece by piece: memory stays flat however long the file is."""
        with self.engine.connect() as connection:
            version = connection.execute(
                select(CUSTODY.c.data_version).where(CUSTODY.c.content_sha256 == name)
            ).scalar_one_or_none()
        if version is None or not self.path_of(name, version).is_file():
            raise MianshenError("CUSTODY_MISSING", found=name[:12], where=str(self.folder))
        with self.path_of(name, version).open("rb") as file:
            yield from open_segments(self.keyring.opener(version), file, bound_to=_owner(name, version))

    def path_of(self, name: str, version: int) -> Path:
        """Where these bytes lie, sealed with this version of the data key."""
        return self.folder / (f"{name}.sealed" if version == 1 else f"{name}.v{version}.sealed")

    def reseal(self, name: str, *, version: int, entropy: sm.Entropy) -> None:
        """Seal the bytes with this version of the data key, beside the old file; which of them counts, the list says."""
        again = _Counted(self.pieces(name))
        sealed = seal_segments(self.keyring.opener(version), again, bound_to=_owner(name, version), entropy=entropy)
        put_private(self.path_of(name, version), _proven(sealed, again, name))


class _Counted:
    """Pieces that are hashed while they pass."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._hash.update(piece)
            yield piece

    @property
    def name(self) -> str:
        """The hash of what has passed."""
        return self._hash.hexdigest()


def _source(content: bytes) -> Source:
    return lambda: (content,)


def _named(pieces: Iterable[bytes]) -> tuple[str, int]:
    running, size = hashlib.sha256(), 0
    for piece in pieces:
        running.update(piece)
        size += len(piece)
    return running.hexdigest(), size


def _proven(sealed: Iterable[bytes], again: _Counted, name: str) -> Iterator[bytes]:
    """What was sealed, refused at its end when it is not what was named."""
    yield from sealed
    if again.name != name:
        raise MianshenError("FILE_UNREADABLE", found="it changed while it was read", where=name[:12])


def _owner(name: str, version: int) -> str:
    return f"custody|{name}|{version}"
