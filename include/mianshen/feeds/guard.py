"""The guard before every reader: what kind of bytes these are, and whether unpacking them is safe."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.errors import MianshenError

MAX_BYTES = 2 << 30
"""Largest file, packed or unpacked."""
MAX_BOOK_BYTES = 512 << 20
"""Largest unpacked workbook."""
MAX_GROWTH = 250
"""A packed file may grow so many times; spreadsheets of repeated text reach 30."""
FREE_BYTES = 32 << 20
"""Up to this size any growth is harmless."""
MAX_CELLS = 60_000_000
"""A sheet whose first and last cell span more than so many is refused before a library makes room for them."""
_STEP = 1 << 20
_FILLED = re.compile(rb"[^\x00 \t\r\n]")
_OBJECT = re.compile(rb"(\xef\xbb\xbf)?\s*\{")
_CELL = re.compile(rb'<(?:[a-z]+:)?c[^<>]{0,200}? r="([A-Z]{1,3})([0-9]{1,7})"')
_LITTER = re.compile(r"(^|[/\\\\])(__MACOSX[/\\\\]|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""What Mac and Windows add to an archive without being asked."""
_OUTSIDE = re.compile(r"^[/\\\\]|^[A-Za-z]:|(^|[/\\\\])\.\.([/\\\\]|$)")
_PAGE = re.compile(r"(^|/)page[-_ ]?\d*\.json$", re.IGNORECASE)
"""The name of a page of an interface's delivery inside its archive."""
_PARQUET = b"PAR1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_OLD_BOOK = b"\xd0\xcf\x11\xe0"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Shape(StrEnum):
    """What the bytes are."""

    TEXT = "text"
    BOOK = "book"
    PARQUET = "parquet"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Bytes that a reader may open."""

    shape: Shape
    """Text or workbook."""
    content: bytes
    """Unpacked bytes; a workbook's are left as they came; of pages none."""
    parts: tuple[bytes, ...] = ()
    """The pages of an interface's delivery, in name order."""


def unpack(content: bytes, *, where: str) -> Unpacked:
    """The text or workbook inside, by its first bytes and never by its name.

    MianshenError FILE_EMPTY, FILE_TOO_LARGE or FILE_UNREADABLE.
    """
    if _FILLED.search(content) is None:
        raise MianshenError("FILE_EMPTY", found=f"{len(content)} bytes", where=where)
    if len(content) > MAX_BYTES:
        raise MianshenError("FILE_TOO_LARGE", found=f"{len(content)} bytes", where=where)
    if content.startswith(_GZIP):
        return unpack(_gunzip(content, where=where), where=where)
    if content.startswith(_ZIP):
        return _unzip(content, where=where)
    if content.startswith(_OLD_BOOK):
        return Unpacked(Shape.BOOK, content)
    if content.startswith(_PARQUET):
        return Unpacked(Shape.PARQUET, content)
    return Unpacked(Shape.TEXT, content)


def is_plain(head: bytes) -> bool:
    """Whether what begins so can be read as a plain text in pieces: nothing to unpack, no object, no sixteen-bit text."""
    packed = head.startswith((_GZIP, *_ZIP, _OLD_BOOK, _PARQUET, *_UTF16))
    return not packed and _FILLED.search(head) is not None and _OBJECT.match(head) is None


def _gunzip(content: bytes, *, where: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            while part := packed.read(_STEP):
                parts.append(part)
                size += len(part)
                _refuse_growth(size, len(content), MAX_BYTES, where=where)
    except (OSError, EOFError, zlib.error) as cause:
        raise MianshenError("FILE_UNREADABLE", found=f"gzip, {type(cause).__name__}", where=where) from None
    return b"".join(parts)


def _unzip(content: bytes, *, where: str) -> Unpacked:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and not _LITTER.search(one.filename)]
            is_book = any(one.filename in ("[Content_Types].xml", "META-INF/manifest.xml") for one in members)
            _refuse_names(members, where=where)
            inner = _members(archive, members, packed=len(content), keep=not is_book, where=where)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as cause:
        raise MianshenError("FILE_UNREADABLE", found=f"zip, {type(cause).__name__}", where=where) from None
    if is_book:
        return Unpacked(Shape.BOOK, content)
    if inner and all(_PAGE.search(one.filename) for one in members):
        return Unpacked(Shape.PAGES, b"", tuple(inner))
    if len(inner) != 1 or (inner[0].startswith(_ZIP) and _is_plain_zip(inner[0])):
        raise MianshenError("ARCHIVE_SEVERAL", found=f"zip with {len(inner)} files", where=where)
    return unpack(inner[0], where=where)


def _refuse_names(members: Sequence[zipfile.ZipInfo], *, where: str) -> None:
    """Refuse a locked archive, and one whose names lead out of it: nobody honest packs that."""
    if any(one.flag_bits & 1 for one in members):
        raise MianshenError("FILE_LOCKED", found="zip", where=where)
    if any(_OUTSIDE.search(one.filename) or stat.S_ISLNK(one.external_attr >> 16) for one in members):
        raise MianshenError("FILE_UNREADABLE", found="a member's name leads out of the archive", where=where)


def _members(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], *, packed: int, keep: bool, where: str) -> list[bytes]:
    size = 0
    inner: list[bytes] = []
    for member in members:
        size, body = _member(archive, member, size, packed, keep=keep, where=where)
        inner.append(body)
    return inner


def _is_plain_zip(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "[Content_Types].xml" not in archive.namelist()


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int, packed: int, *, keep: bool, where: str
) -> tuple[int, bytes]:
    """Read one member piece by piece, which checks its sum; refuses growth, declarations and a sheet of boundless extent."""
    parts: list[bytes] = []
    extent = _Extent(where)
    with archive.open(member) as handle:
        first = True
        while part := handle.read(_STEP):
            if first and _declares(part[:8192]):
                raise MianshenError("FILE_UNREADABLE", found="a document type declaration", where=where)
            first = False
            size += len(part)
            _refuse_growth(size, packed, MAX_BYTES if keep else MAX_BOOK_BYTES, where=where)
            if keep:
                parts.append(part)
            elif member.filename.startswith("xl/worksheets/"):
                extent.look(part)
    return size, b"".join(parts)


def _declares(head: bytes) -> bool:
    """Whether the head of a part holds a document type declaration, in UTF-8 or UTF-16."""
    return any(word in head.replace(b"\x00", b"").upper() for word in (b"<!DOCTYPE", b"<!ENTITY"))


class _Extent:
    """How far the cells of a sheet reach: a library makes room for every cell between the first and the last."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.column = 1
        self.row = 1
        self.rest = b""

    def look(self, part: bytes) -> None:
        """Take in one more piece of the sheet; FILE_TOO_LARGE when its cells reach too far."""
        text = self.rest + part
        for letters, digits in _CELL.findall(text):
            self.row = max(self.row, int(digits))
            if len(letters) > 1:
                self.column = max(self.column, _column_of(letters))
        self.rest = text[-20:]
        if self.row * max(self.column, 26) > MAX_CELLS:
            raise MianshenError("FILE_TOO_LARGE", found=f"a sheet of {self.row} x {self.column} cells", where=self.where)


def _column_of(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number


def _refuse_growth(size: int, packed: int, limit: int, *, where: str) -> None:
    if size > limit or (size > FREE_BYTES and size > packed * MAX_GROWTH):
        raise MianshenError("FILE_TOO_LARGE", found=f"{packed} bytes grew beyond {size}", where=where)
