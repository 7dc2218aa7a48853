"""The guard before every reader: what kind of bytes these are, and whether unpacking them is safe."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
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
_STEP = 1 << 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class Shape(StrEnum):
    """What the bytes are."""

    TEXT = "text"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Bytes that a reader may open."""

    shape: Shape
    """Text or workbook."""
    content: bytes
    """Unpacked bytes; a workbook's are left as they came."""


def unpack(content: bytes, *, where: str) -> Unpacked:
    """The text or workbook inside, by its first bytes and never by its name.

    MianshenError FILE_EMPTY, FILE_TOO_LARGE or FILE_UNREADABLE.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise MianshenError("FILE_EMPTY", found=f"{len(content)} bytes", where=where)
    if len(content) > MAX_BYTES:
        raise MianshenError("FILE_TOO_LARGE", found=f"{len(content)} bytes", where=where)
    if content.startswith(b"\x1f\x8b"):
        return unpack(_gunzip(content, where=where), where=where)
    if content.startswith(_ZIP):
        return _unzip(content, where=where)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return Unpacked(Shape.BOOK, content)
    return Unpacked(Shape.TEXT, content)


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
            members = [one for one in archive.infolist() if not one.is_dir()]
            is_book = any(one.filename == "[Content_Types].xml" for one in members)
            size = 0
            inner: list[bytes] = []
            for member in members:
                size, body = _member(archive, member, size, len(content), keep=not is_book, where=where)
                inner.append(body)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as cause:
        raise MianshenError("FILE_UNREADABLE", found=f"zip, {type(cause).__name__}", where=where) from None
    if is_book:
        return Unpacked(Shape.BOOK, content)
    if len(inner) != 1 or (inner[0].startswith(_ZIP) and _is_plain_zip(inner[0])):
        raise MianshenError("FILE_UNREADABLE", found=f"zip with {len(inner)} files", where=where)
    return unpack(inner[0], where=where)


def _is_plain_zip(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "[Content_Types].xml" not in archive.namelist()


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int, packed: int, *, keep: bool, where: str
) -> tuple[int, bytes]:
    """Read one member piece by piece, which checks its sum; refuses growth and document type declarations."""
    parts: list[bytes] = []
    with archive.open(member) as handle:
        first = True
        while part := handle.read(_STEP):
            if first and b"<!DOCTYPE" in part[:4096]:
                raise MianshenError("FILE_UNREADABLE", found="a document type declaration", where=where)
            first = False
            size += len(part)
            _refuse_growth(size, packed, MAX_BYTES if keep else MAX_BOOK_BYTES, where=where)
            if keep:
                parts.append(part)
    return size, b"".join(parts)


def _refuse_growth(size: int, packed: int, limit: int, *, where: str) -> None:
    if size > limit or (size > FREE_BYTES and size > packed * MAX_GROWTH):
        raise MianshenError("FILE_TOO_LARGE", found=f"{packed} bytes grew beyond {size}", where=where)
