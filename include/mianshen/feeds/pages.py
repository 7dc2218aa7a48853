"""A folder of API pages as one grid of text: `{"page", "pageSize", "total", "rows"}`, every page there once, totals compared."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, NoReturn

import pyarrow as pa

from mianshen.core.errors import MianshenError
from mianshen.feeds.encodings import to_utf8
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.guard import MAX_BYTES, Shape, unpack

EXACT_DIGITS = 15
"""A program that keeps numbers as binary fractions keeps so many digits of them."""

_WHOLE = re.compile(r"^-?\d{1,9}$")


class _Doubled(dict[str, Any]):
    """An object that has a key twice; its values cannot be told."""


class _Written(str):
    """A number as the page writes it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Page:
    number: int
    size: int
    total: int
    rows: Sequence[Any]


def is_page(content: bytes) -> bool:
    """Whether text begins like a JSON object."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def archive(pages: Sequence[tuple[str, bytes]]) -> bytes:
    """The pages as one file, as a source's fetch leaves them: equal pages make equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        for name, content in pages:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            packed.writestr(entry, content)
    return stream.getvalue()


def open_pages(
    contents: Sequence[bytes], *, where: str, knows: Callable[[Sequence[Sequence[str]]], int], otherwise: Sequence[str]
) -> Grid:
    """The grid behind the pages, in the order of their own numbers; their rows' keys are the heading, `otherwise` without rows.

    MianshenError PAGE_DAMAGED for a page that is no such object, PAGES_REPEATED, PAGES_MISSING, PAGES_TOTAL when they do not add
    up to the total that all of them state, PAGES_SHIFTED when one page ends as the next begins: rows moved while they were read.
    """
    if sum(len(one) for one in contents) > MAX_BYTES:
        raise MianshenError("FILE_TOO_LARGE", found=f"{len(contents)} pages", where=where)
    pages = sorted((_read_page(one, where=where) for one in contents), key=lambda one: one.number)
    _compare(pages, where=where)
    rows = [row for page in pages for row in page.rows]
    keys = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
    wanted = {key for key in keys if knows([[key]])}
    if not rows:
        keys = list(otherwise)
    return Grid([keys], lambda _row, _width: _body(rows, keys, wanted, is_exact=_is_exact(rows)))


def _read_page(content: bytes, *, where: str) -> _Page:
    unpacked = unpack(content, where=where)
    if unpacked.shape is not Shape.TEXT:
        raise MianshenError("PAGE_DAMAGED", found="no JSON", where=where)
    text = to_utf8(unpacked.content, where=where).decode("utf-8")
    try:
        page = json.loads(text, parse_int=_Written, parse_float=_Written, parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError) as cause:
        raise MianshenError("PAGE_DAMAGED", found=type(cause).__name__, where=where) from None
    if not isinstance(page, dict) or isinstance(page, _Doubled):
        raise MianshenError("PAGE_DAMAGED", found="no object, or a key twice", where=where)
    number, size, total = (_whole(page.get(name), name, where=where) for name in ("page", "pageSize", "total"))
    rows = page.get("rows")
    if not isinstance(rows, list) or size < 1:
        raise MianshenError("PAGE_DAMAGED", found="no rows", where=where)
    return _Page(number, size, total, rows)


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity are no JSON."""
    raise ValueError(constant)


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    items = list(pairs)
    keys = [key for key, _ in items]
    return dict(items) if len(set(keys)) == len(keys) else _Doubled(items)


def _whole(value: Any, name: str, *, where: str) -> int:
    if not isinstance(value, str) or not _WHOLE.match(value) or int(value) < 0:
        raise MianshenError("PAGE_DAMAGED", found=name, where=where)
    return int(value)


def _compare(pages: Sequence[_Page], *, where: str) -> None:
    numbers = [one.number for one in pages]
    if len(set(numbers)) != len(numbers):
        raise MianshenError("PAGES_REPEATED", found=f"{len(numbers)} pages", where=where)
    totals, sizes = {one.total for one in pages}, {one.size for one in pages}
    found = sum(len(one.rows) for one in pages)
    gap = next((want for want, number in enumerate(numbers, numbers[0]) if want != number), None)
    if gap is not None or numbers[0] > 1:
        raise MianshenError("PAGES_MISSING", found=str(gap if gap is not None else numbers[0] - 1), where=where)
    if len(totals) > 1 or len(sizes) > 1 or found != pages[0].total:
        raise MianshenError("PAGES_TOTAL", found=f"{found} / {', '.join(map(str, sorted(totals)))} rows", where=where)
    if any(len(one.rows) != min(one.size, max(0, one.total - place * one.size)) for place, one in enumerate(pages)):
        raise MianshenError("PAGES_TOTAL", found=f"{sorted(sizes)[0]} rows a page", where=where)
    for one, following in pairwise(pages):
        if _overlaps(one.rows, following.rows):
            raise MianshenError("PAGES_SHIFTED", found=f"page {one.number} and {following.number}", where=where)


def _overlaps(rows: Sequence[Any], following: Sequence[Any]) -> bool:
    """Whether the first rows of the following page are the last rows of this one."""
    if not following:
        return False
    starts = (place for place, row in enumerate(rows) if row == following[0])
    return any(rows[start:] == following[: len(rows) - start] for start in starts)


def _is_exact(rows: Iterable[Any]) -> bool:
    """Whether long numbers were written by a program that keeps every digit: one that a binary fraction cannot hold shows it."""
    return any(not _looks_rounded(value) for value in _long_numbers(rows))


def _long_numbers(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, dict):
            yield from (one for one in row.values() if _is_long(one))


def _is_long(value: Any) -> bool:
    return isinstance(value, _Written) and value.lstrip("-").isdigit() and len(value.lstrip("-")) > EXACT_DIGITS


def _looks_rounded(written: str) -> bool:
    """Whether the digits are those that a binary fraction would have been written with."""
    return len(written) > 300 or int(Decimal(repr(json.loads(f"{written}.0")))) == int(written)


def _body(rows: Sequence[Any], keys: Sequence[str], wanted: set[str], *, is_exact: bool) -> Body:
    broken = tuple((number, ("?",) * (len(keys) + 1)) for number, row in enumerate(rows, 1) if not _is_flat(row, wanted))
    numbers = {number for number, _ in broken}
    whole = [(number, row) for number, row in enumerate(rows, 1) if number not in numbers]
    cells = {cell_name(place): [_text(row.get(key), is_exact) for _, row in whole] for place, key in enumerate(keys)}
    columns = {name: pa.array(values, pa.string()) for name, values in cells.items()}
    return Body(pa.table({LINE: pa.array([number for number, _ in whole], pa.int64()), **columns}), broken)


def _is_flat(row: Any, wanted: set[str]) -> bool:
    """Whether the row is an object whose wanted values are single ones."""
    if not isinstance(row, Mapping) or isinstance(row, _Doubled):
        return False
    return not any(isinstance(row.get(key), dict | list) for key in wanted)


def _text(value: Any, is_exact: bool) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if _is_long(value) and not is_exact:
        return f"{Decimal(value):.{EXACT_DIGITS - 1}E}"
    return value if isinstance(value, str) else ""
