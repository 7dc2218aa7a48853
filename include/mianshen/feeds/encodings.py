"""Bytes as UTF-8 text, strictly: UTF-8 first, UTF-16 by its mark, then GB18030; whole, or piece by piece with flat memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from mianshen.core.errors import MianshenError

Source = Callable[[], Iterable[bytes]]
"""Gives the same bytes, piece by piece, each time it is called."""
Text = Callable[[], Iterator[bytes]]
"""Gives the same UTF-8 text without a mark, piece by piece, each time it is called; a piece may end within a character."""

_STEP = 1 << 20
_LONGEST_CHARACTER = 4
_UTF8_HAN = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")


class OtherTextError(Exception):
    """What flows by is not the text that it was taken for; whoever reads it begins anew."""


def to_utf8(content: bytes, *, where: str) -> bytes:
    """The text as UTF-8 without a mark: UTF-8 first, UTF-16 by its mark, then GB18030, all strict; else ENCODING_UNKNOWN."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _recode(content, "utf-16", where=where)
    bare = content.removeprefix(codecs.BOM_UTF8)
    if _decodes(bare, "utf-8"):
        return bare
    text = _recode(content, "gb18030", where=where)
    _refuse_mixture(content, where=where)
    return text


def utf8_pieces(source: Source) -> Iterator[bytes]:
    """The pieces of UTF-8 text without its mark; OtherTextError as soon as they are none, or hold a NUL."""
    rest = b""
    for piece in _unmarked(source()):
        seen = rest + piece
        whole = len(seen) - _open_end(seen)
        if b"\x00" in piece or not _is_utf8(seen, whole):
            raise OtherTextError
        rest = seen[whole:]
        yield piece
    if rest and not _is_utf8(rest, len(rest)):
        raise OtherTextError


def gb18030_pieces(source: Source) -> Iterator[bytes]:
    """GB18030 text as pieces of UTF-8; UnicodeDecodeError where it is none."""
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    for piece in source():
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", True).encode()


def is_gb18030(source: Source) -> bool:
    """Whether the bytes are GB18030 throughout, without a NUL and without a line of UTF-8 Chinese between."""
    try:
        for piece in gb18030_pieces(source):
            if b"\x00" in piece:
                return False
    except UnicodeDecodeError:
        return False
    return all(_strange_line(lines) is None for lines in _by_lines(source()))


def _unmarked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces without a mark of UTF-8 at their start; the mark may be cut in two."""
    start: bytes | None = b""
    for piece in pieces:
        if start is None:
            yield piece
            continue
        start += piece
        if len(start) >= len(codecs.BOM_UTF8):
            yield start.removeprefix(codecs.BOM_UTF8)
            start = None
    if start:
        yield start


def _open_end(text: bytes) -> int:
    """How many bytes at the end begin a character and may not be all of it."""
    for back in range(1, min(_LONGEST_CHARACTER, len(text)) + 1):
        if text[-back] < 0x80:
            return back - 1
        if text[-back] >= 0xC0:
            return back
    return 0


def _is_utf8(text: bytes, length: int) -> bool:
    """Whether so many bytes from the start are UTF-8; they are not copied."""
    places = pa.py_buffer(np.array((0, length), np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, places, pa.py_buffer(text)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _by_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that end where a line ends."""
    rest = b""
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + piece[:end]
            rest = piece[end:]
        else:
            rest += piece
    yield rest


def _strange_line(content: bytes) -> int | None:
    """Where a line of UTF-8 Chinese begins; None when there is none."""
    for found in _UTF8_HAN.finditer(content):
        first = content.rfind(b"\n", 0, found.start()) + 1
        last = content.find(b"\n", found.end())
        if _decodes(content[first : last if last >= 0 else len(content)], "utf-8"):
            return first
    return None


def _refuse_mixture(content: bytes, *, where: str) -> None:
    """GB18030 accepts UTF-8 as other characters: a line of UTF-8 Chinese in such a file is two encodings in one."""
    first = _strange_line(content)
    if first is not None:
        line = content.count(b"\n", 0, first) + 1
        raise MianshenError("ENCODING_MIXED", found="UTF-8", where=f"{where}:{line}")


def _decodes(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(content)
    try:
        for start in range(0, len(view), _STEP):
            decoder.decode(view[start : start + _STEP])
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _recode(content: bytes, encoding: str, *, where: str) -> bytes:
    try:
        return content.decode(encoding).encode("utf-8")
    except UnicodeError as cause:
        place = getattr(cause, "start", 0)
        line = content[:place].count(b"\n") + 1
        raise MianshenError("ENCODING_UNKNOWN", found=f"byte {place}", where=f"{where}:{line}") from None
