"""How a file gets into the inbox: under a name that nobody reads, synced, renamed whole, its control file before it.

Every way into the inbox goes through here: fetched files, pages, tables, and files put there by hand. A file that came by a
source lies at `<inbox>/<source>/<stamp>/<name>`: the stamp says when the sender made it, so that of two files with one name the
older is received first, and none overwrites another. What stops half way leaves nothing that `receive` would take.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mianshen.core.errors import MianshenError
from mianshen.core.paths import PRIVATE
from mianshen.feeds.control import SUFFIX
from mianshen.feeds.guard import MAX_BYTES

TEMPORARY = ".tmp-"
"""How the name of a file begins that is still being written."""
LONGEST = 150
"""Most bytes of a landed name, well below the 255 of a file system with what is put before and behind."""

_SOURCE = re.compile(r"^[a-z0-9][a-z0-9_]{0,39}$")
_STAMP = re.compile(r"^[0-9A-Za-z][0-9A-Za-z_-]{0,59}$")
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that lies in the inbox."""

    path: Path
    """Where."""
    size: int
    """Its length in bytes."""
    sha256: str
    """Its content."""


class Parcel:
    """A file on its way: bytes are written to it, then it is placed or thrown away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _OWNER_ONLY)
        self._file = os.fdopen(handle, "wb")
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of what was written so far."""
        return self._digest.hexdigest()

    @property
    def _temporary(self) -> Path:
        return self._path.with_name(TEMPORARY + self._path.name)

    def write(self, part: bytes) -> int:
        """Append the bytes, and say how many; MianshenError FILE_TOO_LARGE beyond what a reader would open."""
        self.size += len(part)
        if self.size > MAX_BYTES:
            raise MianshenError("FILE_TOO_LARGE", found=f"{self.size} bytes", where=self._path.parent.parent.name)
        self._digest.update(part)
        self._file.write(part)
        return len(part)

    def flush(self) -> None:
        """Nothing: what is written is synced when the file is placed. Writers of archives ask for it."""

    def place(self, *, control: bytes | None = None) -> Placed:
        """Sync the bytes and let the file appear, its control file first, so that nobody sees it without."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if control is not None:
            _put(self._path.with_name(self._path.name + SUFFIX), control)
        self._temporary.replace(self._path)
        for folder in (self._path.parent, self._path.parent.parent, self._path.parent.parent.parent):
            _sync(folder)
        return Placed(self._path, self.size, self.sha256)

    def drop(self) -> None:
        """Throw away what was written; a placed file stays."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Landing:
    """A source's own place in the county's inbox."""

    inbox: Path
    """The county's inbox."""
    source: str
    """Code of the source."""

    @property
    def folder(self) -> Path:
        """Where its files land; MianshenError SOURCE_SETTINGS for a code that could lead elsewhere."""
        if not _SOURCE.match(self.source):
            raise MianshenError("SOURCE_SETTINGS", found=self.source[:40], where="sources.code")
        return self.inbox / self.source

    @contextmanager
    def parcel(self, name: str, *, stamp: str) -> Iterator[Parcel]:
        """A parcel to write to; whatever goes wrong inside, nothing half-written stays."""
        if not _STAMP.match(stamp):
            raise MianshenError("SOURCE_SETTINGS", found=stamp[:60], where=self.source)
        folder = self.folder / stamp
        _make(folder)
        parcel = Parcel(folder / landed_name(name))
        try:
            yield parcel
        finally:
            parcel.drop()

    def land(self, name: str, parts: Iterable[bytes], *, stamp: str, control: bytes | None = None) -> Placed:
        """The file placed from its parts."""
        with self.parcel(name, stamp=stamp) as parcel:
            for part in parts:
                parcel.write(part)
            return parcel.place(control=control)

    def sweep(self) -> int:
        """Remove what stopped runs left: temporary files, control files without their file, empty folders; how many."""
        swept = 0
        for folder in sorted(one for one in self.folder.glob("*") if one.is_dir() and not one.is_symlink()):
            for path in sorted(folder.iterdir()):
                is_lone = path.name.endswith(SUFFIX) and not path.with_name(path.name.removesuffix(SUFFIX)).exists()
                if path.name.startswith(TEMPORARY) or is_lone:
                    path.unlink(missing_ok=True)
                    swept += 1
            if not any(folder.iterdir()):
                folder.rmdir()
        return swept


def landed_name(delivered: str) -> str:
    """The name under which a delivered file lies in the inbox: one plain file name, whatever the sender wrote.

    Separators and control characters become `_`, leading dots go, a long name is cut and told apart by its hash.
    """
    plain = "".join("_" if _is_unfit(one) else one for one in delivered).strip().lstrip(".~")
    encoded = plain.encode("utf-8", "replace")
    if plain and len(encoded) <= LONGEST:
        return plain
    mark = hashlib.sha256(delivered.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    stem, dot, ending = plain.rpartition(".")
    tail = f"{dot}{ending}" if dot and len(ending) <= 8 else ""
    kept = (stem if tail else plain).encode("utf-8", "replace")[: LONGEST - 40].decode("utf-8", "ignore")
    return f"{kept or 'file'}-{mark}{tail}"


def _is_unfit(character: str) -> bool:
    return character in "/\\" or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Nobody else holds this lock file meanwhile; MianshenError SOURCE_BUSY when somebody does. A process that dies lets go."""
    _make(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    try:
        _lock(handle, path.stem)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, source: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise MianshenError("SOURCE_BUSY", found="locked", where=source) from None


def _make(folder: Path) -> None:
    """Make the folder and those above it that are missing, each for its owner alone."""
    for one in (*reversed(folder.parents), folder):
        if not one.exists():
            one.mkdir(mode=PRIVATE, exist_ok=True)


def _put(path: Path, content: bytes) -> None:
    temporary = path.with_name(TEMPORARY + path.name)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
