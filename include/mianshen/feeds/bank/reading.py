"""One bank return from its bytes, in whichever of the agreed formats it is written."""

from __future__ import annotations

from collections.abc import Iterable

from mianshen.core.errors import MianshenError
from mianshen.core.returns import ReturnProfile
from mianshen.feeds.bank.lines import Return
from mianshen.feeds.bank.pain002 import read_pain002
from mianshen.feeds.bank.sheet import sheet_return
from mianshen.feeds.bank.text import has_bars, is_barred, is_fixed, read_barred, read_fixed
from mianshen.feeds.bank.xml import is_xml
from mianshen.feeds.encodings import to_utf8
from mianshen.feeds.guard import Shape, Unpacked, unpack


def read_return(content: bytes, *, profile: ReturnProfile, sent: Iterable[str], where: str) -> Return:
    """The return's lines and what it says of itself; `sent` are the instructions of the batch that it should answer.

    MianshenError FILE_EMPTY, FILE_TOO_LARGE, FILE_UNREADABLE, ENCODING_UNKNOWN, RETURN_FORMAT, RETURN_INCOMPLETE, RETURN_TOTALS,
    BATCH_REJECTED, BATCH_SAID_DUPLICATE, or a heading's reasons.
    """
    try:
        return _read(content, profile, sent, where)
    except MianshenError:
        raise
    except Exception as cause:  # a stranger's bytes may break any library; its text may hold a name, so only its kind is told
        raise MianshenError("FILE_UNREADABLE", found=type(cause).__name__, where=where) from None


def _read(content: bytes, profile: ReturnProfile, sent: Iterable[str], where: str) -> Return:
    unpacked = unpack(content, where=where)
    if unpacked.shape is Shape.PAGES:
        raise MianshenError("RETURN_FORMAT", found="API pages", where=where)
    if unpacked.shape is not Shape.TEXT:
        return sheet_return(unpacked, profile=profile, where=where)
    if is_xml(unpacked.content):
        return read_pain002(unpacked.content, profile=profile, sent=sent, where=where)
    return _read_text(unpacked, profile, where)


def _read_text(unpacked: Unpacked, profile: ReturnProfile, where: str) -> Return:
    text = _text_of(unpacked.content, profile, where)
    if is_fixed(text, profile=profile):
        return read_fixed(text, profile=profile, where=where)
    if is_barred(text):
        return read_barred(text, profile=profile, where=where)
    try:
        return sheet_return(unpacked, profile=profile, where=where)
    except MianshenError as error:
        if error.code not in ("HEADER_CHANGED", "HEADER_MISSING"):
            raise
        if has_bars(text):
            return read_barred(text, profile=profile, where=where)
        raise MianshenError("RETURN_FORMAT", found="neither H|…|…, fixed width, headings nor pain.002", where=where) from None


def _text_of(content: bytes, profile: ReturnProfile, where: str) -> str:
    """The bytes as text; where a width cut a character they are none, and of lines of fixed width only that line suffers."""
    try:
        return to_utf8(content, where=where).decode("utf-8")
    except MianshenError as error:
        text = "\n".join(line.decode("gb18030", "replace") for line in content.split(b"\n"))
        if error.code != "ENCODING_UNKNOWN" or not is_fixed(text, profile=profile):
            raise
        return text
