"""An interface's pages as one delivery: every page as it came, in one archive, once they add up.

A page is a JSON object `{"page", "pageSize", "total", "rows"}`. The archive holds `page0001.json`, `page0002.json`, … with the
bytes of each reply; equal pages make an equal archive.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, cast

from mianshen.core.errors import MianshenError
from mianshen.feeds.landing import Parcel

MOST_PAGES = 9999
"""More pages than this are not asked for: the page size is set too small, or the interface never ends."""
_MEMBER = "page{number:04d}.json"


@dataclass(frozen=True, slots=True)
class Page:
    """A reply, checked by itself."""

    number: int
    """Counted from 1."""
    total: int
    """Rows that the interface says it has in all."""
    rows: int
    """Rows of this page."""
    content_key: str
    """Equal for pages with the same rows."""


def fetch_pages(get: Callable[[int], bytes], parcel: Parcel, *, where: str) -> int:
    """Every page written to the parcel as an archive; returns the number of rows.

    `get` gives the bytes of page n, from 1. MianshenError SOURCE_ANSWER for a reply that is no page, SOURCE_CHANGED when the
    total differs from page to page, SOURCE_PAGES for a page that came before, is missing, or rows that miss the total.
    """
    rows, total = 0, None
    seen: set[str] = set()
    with zipfile.ZipFile(cast(IO[bytes], parcel), "w", zipfile.ZIP_STORED) as archive:
        for number in range(1, MOST_PAGES + 1):
            content = get(number)
            page = read_page(content, number=number, where=where)
            if total not in (None, page.total):
                raise MianshenError("SOURCE_CHANGED", found=f"total {total} → {page.total}", where=f"{where} page {number}")
            total = page.total
            rows += page.rows
            _check(page, rows, seen, where=where)
            archive.writestr(_member(number), content)
            if rows == total:
                return rows
    raise MianshenError("SOURCE_PAGES", found=f"{MOST_PAGES} pages, {rows} / {total} rows", where=where)


def read_page(content: bytes, *, number: int, where: str) -> Page:
    """The reply as a page; MianshenError SOURCE_ANSWER when it is none, SOURCE_PAGES when it is another one."""
    place = f"{where} page {number}"
    try:
        body = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, parse_float=str)
        given, total, rows = _count(body, "page"), _count(body, "total"), body["rows"]
        _count(body, "pageSize")
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise MianshenError("SOURCE_ANSWER", found=type(cause).__name__, where=place) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MianshenError("SOURCE_ANSWER", found="rows", where=place)
    if given != number:
        raise MianshenError("SOURCE_PAGES", found=f"page {given} for {number}", where=place)
    key = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    return Page(number, total, len(rows), key)


def _check(page: Page, rows: int, seen: set[str], *, where: str) -> None:
    place = f"{where} page {page.number}"
    if page.rows == 0 and page.total > 0:
        raise MianshenError("SOURCE_PAGES", found=f"empty page, {rows} / {page.total} rows", where=place)
    if rows > page.total:
        raise MianshenError("SOURCE_PAGES", found=f"{rows} / {page.total} rows", where=place)
    if page.content_key in seen:
        raise MianshenError("SOURCE_PAGES", found="a page twice", where=place)
    seen.add(page.content_key)


def _count(body: Any, name: str) -> int:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(name)
    return value


def _refuse(_constant: str) -> None:
    raise ValueError("NaN")


def _member(number: int) -> zipfile.ZipInfo:
    """An entry without clock or owner."""
    entry = zipfile.ZipInfo(_MEMBER.format(number=number), date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o600 << 16
    return entry
