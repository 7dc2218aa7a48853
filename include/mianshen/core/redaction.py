"""Id numbers, cards and phones blotted out of log text: the last wall, behind code that never logs them."""

from __future__ import annotations

import logging
import re

BLOT = "[已遮蔽]"
"""What stands where a number stood."""

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


class RedactingFilter(logging.Filter):
    """A log filter that redacts message, arguments and traceback of every record it sees."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the record goes on, redacted."""
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True


def guard_logs() -> None:
    """Put the filter on every handler of the root logger; a second call changes nothing."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(one, RedactingFilter) for one in handler.filters):
            handler.addFilter(RedactingFilter())
