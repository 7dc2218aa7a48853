"""Bytes of any length sealed piece by piece: a piece opens only in its place, and nothing may be missing at the end.

A file is a mark and then segments, each its length in four bytes and its seal; the seal is bound to the owner, to the
segment's number and to whether it is the last (the STREAM construction). Nothing is handed out before its seal is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa

from mianshen.core.errors import MianshenError
from mianshen.vault import sm

MARK = b"MSC2"
"""How a file of segments begins."""
SEGMENT_BYTES = 4 << 20
"""Plain bytes in a segment, the last apart."""

_LENGTH = 4
_SIZE = 8
_ZSTD_FAST = 1
_LONGEST = 2 * SEGMENT_BYTES
"""No sealed segment is longer: a length beyond it is damage, not a reason to take memory."""

Source = Callable[[], Iterable[bytes]]
"""Gives the same bytes, piece by piece, each time it is called."""


def seal_segments(key: bytes, pieces: Iterable[bytes], *, bound_to: str, entropy: sm.Entropy) -> Iterator[bytes]:
    """What to write: the mark, then each segment compressed and sealed."""
    codec = pa.Codec("zstd", compression_level=_ZSTD_FAST)
    yield MARK
    for number, (plain, is_last) in enumerate(_marked_last(_evened(pieces))):
        packed = len(plain).to_bytes(_SIZE, "big") + codec.compress(plain, asbytes=True)
        sealed = sm.seal(key, packed, bound_to=_place(bound_to, number, is_last=is_last), entropy=entropy)
        yield len(sealed).to_bytes(_LENGTH, "big") + sealed


def open_segments(key: bytes, file: BinaryIO, *, bound_to: str) -> Iterator[bytes]:
    """The plain bytes, segment by segment; MianshenError SEAL_BROKEN for a changed, missing, doubled or foreign one."""
    codec = pa.Codec("zstd")
    if file.read(len(MARK)) != MARK:
        raise MianshenError("SEAL_BROKEN", found="no mark", where=bound_to)
    number = 0
    sealed = _next(file, bound_to)
    while True:
        following = _next(file, bound_to) if sealed else b""
        packed = sm.unseal(key, sealed, bound_to=_place(bound_to, number, is_last=not following))
        size = int.from_bytes(packed[:_SIZE], "big")
        if size:
            yield codec.decompress(packed[_SIZE:], size, asbytes=True)
        if not following:
            return
        number, sealed = number + 1, following


def _next(file: BinaryIO, bound_to: str) -> bytes:
    """The next sealed segment; empty at the end of the file."""
    head = file.read(_LENGTH)
    length = int.from_bytes(head, "big")
    if not head:
        return b""
    sealed = file.read(length) if len(head) == _LENGTH and length <= _LONGEST else b""
    if len(sealed) != length or not length:
        raise MianshenError("SEAL_BROKEN", found="a segment cut off", where=bound_to)
    return sealed


def _place(bound_to: str, number: int, *, is_last: bool) -> str:
    return f"{bound_to}|{number}|{'last' if is_last else 'more'}"


def _evened(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one length, so that a file's seal does not depend on how it was read."""
    waiting = b""
    for piece in pieces:
        if len(waiting) == SEGMENT_BYTES and piece:
            yield waiting
            waiting = b""
        waiting = waiting + piece if waiting else piece
        while len(waiting) > SEGMENT_BYTES:
            yield waiting[:SEGMENT_BYTES]
            waiting = waiting[SEGMENT_BYTES:]
    yield waiting


def _marked_last(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    waiting: bytes | None = None
    for piece in pieces:
        if waiting is not None:
            yield waiting, False
        waiting = piece
    yield waiting or b"", True
