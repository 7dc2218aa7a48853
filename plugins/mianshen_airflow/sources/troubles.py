"""What may go wrong at a door, told by a reason code. A library's own words are left out: they may quote a file or a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from mianshen.core.errors import MianshenError

WORTH_ANOTHER_TRY = frozenset({"SOURCE_UNREACHABLE", "SOURCE_CHANGED", "SOURCE_PAGES", "SOURCE_ANSWER", "SOURCE_BUSY"})
"""What may pass by itself. A refused login is not among them: repeated, it locks the account."""


@contextmanager
def told(source: str, code_of: Callable[[Exception], str]) -> Iterator[None]:
    """Whatever a library raises inside becomes a MianshenError with the code that `code_of` gives it."""
    try:
        yield
    except MianshenError:
        raise
    except AirflowNotFoundException:
        raise MianshenError("SOURCE_SETTINGS", found="conn_id: no such Airflow connection", where=source) from None
    except AirflowException as cause:
        raise MianshenError("SOURCE_SETTINGS", found=f"connection: {type(cause).__name__}", where=source) from None
    except Exception as cause:
        raise MianshenError(code_of(cause), found=type(cause).__name__, where=source) from None
