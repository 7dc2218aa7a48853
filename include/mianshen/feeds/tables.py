"""A database's rows as a delivery: comma separated text, every value exactly as the database holds it, ids as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from mianshen.core.errors import MianshenError

_EXACT = 2**53
"""A binary number from here on may stand for several whole ones: an id kept so has lost its end already."""
_PART = 1 << 20


def csv_parts(columns: Sequence[str], rows: Iterable[Sequence[object]], *, where: str) -> Iterator[bytes]:
    """UTF-8 text in parts, a heading and a line a row; MianshenError SOURCE_ANSWER for a value that has no exact text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([cell_text(value, where=f"{where} row {number} column {place}") for place, value in enumerate(row, 1)])
        if text.tell() > _PART:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def cell_text(value: object, *, where: str) -> str:
    """The value's exact text: decimals with all their digits and no exponent, days and moments as ISO, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        if "\x00" in value:
            raise MianshenError("SOURCE_ANSWER", found="NUL", where=where)
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return _number(value, where=where)


def _number(value: object, *, where: str) -> str:
    if isinstance(value, float):
        if not abs(value) < _EXACT:
            raise MianshenError("SOURCE_ANSWER", found="a binary number too large to be exact", where=where)
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    raise MianshenError("SOURCE_ANSWER", found=type(value).__name__, where=where)
