"""Id numbers, cards and phones blotted out of log text: the last wall, behind code that never logs them."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

BLOT = "[已遮蔽]"
"""What stands where a number stood."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_PLAIN_WORD = re.compile(r"[A-Za-z_][A-Za-z_.]{0,60}")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_PERSONAL = re.compile(
    r"(?<!\d)\d{17}[\dXx](?!\d)"  # id numbers of 18
    r"|(?<!\d)\d{15,}(?!\d)"  # cards, insurance numbers, id numbers of 15 or with a lost digit
    r"|(?<!\d)1\d{10}(?!\d)"  # phones
)


def redact(text: str) -> str:
    """The text without runs of digits that could be an id number, a card or a phone.

    No word boundary is used: none stands between a digit and a Chinese character.
    """
    return _PERSONAL.sub(BLOT, text)


def scrub(text: str) -> str:
    """A stranger's error text fit for a log: no long numbers, nothing beyond ASCII, of quotations only plain words.

    A library that chokes on a cell quotes the cell, and the cell may be a name.
    """
    ascii_only = _FOREIGN.sub(BLOT, text)
    return redact(_QUOTED.sub(lambda found: found[0] if _PLAIN_WORD.fullmatch(found[0][1:-1]) else BLOT, ascii_only))


def trace(cause: BaseException) -> str:
    """Where and why something broke, a frame a line, fit for a log; the exceptions behind it by their kind."""
    frames = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(cause.__traceback__)]
    behind = cause.__cause__ or cause.__context__
    since = [f"after {type(behind).__name__}"] if behind is not None else []
    return "\n".join([*frames, f"{type(cause).__name__}: {scrub(str(cause))}", *since])


def guard_logs() -> None:
    """Redact every record of the standard library's logging where it is made; a second call changes nothing."""
    made = logging.getLogRecordFactory()
    if getattr(made, "redacts", False):
        return

    def redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text, record.exc_info = trace(record.exc_info[1]), None
        return record

    redacted.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(redacted)
