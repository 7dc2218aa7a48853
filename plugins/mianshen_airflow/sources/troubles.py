"""What may go wrong at a door, told by a reason code. A library's own words are left out: they may quote a file or a row."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowException

from mianshen.core.errors import MianshenError
from mianshen.core.redaction import trace

WORTH_ANOTHER_TRY = frozenset({"SOURCE_UNREACHABLE", "SOURCE_CHANGED", "SOURCE_PAGES", "SOURCE_ANSWER", "SOURCE_BUSY"})
"""What may pass by itself. A refused login is not among them: repeated, it locks the account."""


OUR_OWN = (TypeError, AttributeError, NameError, AssertionError, NotImplementedError)
"""Kinds that no source can cause."""
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@contextmanager
def told(source: str, code_of: Callable[[Exception], str]) -> Iterator[None]:
    """Whatever a library raises inside becomes a MianshenError with the code that `code_of` gives it, its place as a note."""
    try:
        yield
    except MianshenError:
        raise
    except Exception as cause:
        error = MianshenError(_code(cause, code_of), found=type(cause).__name__, where=source)
        error.add_note(trace(cause))
        raise error from None


def _code(cause: Exception, code_of: Callable[[Exception], str]) -> str:
    if isinstance(cause, AirflowException):
        return "SOURCE_SETTINGS"
    if isinstance(cause, OUR_OWN):
        return "STAGE_BROKEN"
    if isinstance(cause, OSError) and cause.errno in DISK:
        return "DISK_FULL"
    return code_of(cause)
