"""CSV, TSV and TXT as a grid: encoding decided strictly, delimiter by the headings, no row dropped in silence."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from mianshen.core.errors import MianshenError
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.header import SEARCHED_ROWS

DELIMITERS = (",", "\t", ";", "|", "\uff0c")
"""Tried in this order on the first rows."""

_STEP = 1 << 20
_UTF8_HAN = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")
_TOP_BYTES = 1 << 18
_BLOCK = 16 << 20


def open_text(content: bytes, *, where: str, knows: Callable[[Sequence[Sequence[str]]], int]) -> Grid:
    """The grid behind delimited text; `knows` counts the headings it finds in rows, which decides the delimiter.

    MianshenError ENCODING_UNKNOWN or, when its rows are read, FILE_UNREADABLE for a quotation that never ends.
    """
    text = to_utf8(content, where=where)
    if b"\x00" in text:
        raise MianshenError("FILE_UNREADABLE", found="NUL bytes", where=where)
    head = text[:_TOP_BYTES].decode("utf-8", "ignore")
    splits = [_top(head, one) for one in DELIMITERS]
    counts = [knows([cells for _, cells in rows]) for rows in splits]
    chosen = counts.index(max(counts))
    top = splits[chosen]
    delimiter = DELIMITERS[chosen]
    if len(delimiter.encode()) > 1:
        text, delimiter = text.replace(delimiter.encode(), b"\t"), "\t"
    return Grid([cells for _, cells in top], lambda row, width: _body(text, delimiter, top[row][0], width, where=where))


def _top(head: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The first rows with the line on which each ends, counted from 1; quoted cells may run over lines."""
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for cells in islice(reader, SEARCHED_ROWS):
            rows.append((reader.line_num, cells))
    except csv.Error:
        lines = io.StringIO(head, newline=None).readlines()[:SEARCHED_ROWS]
        return [(number, _split(line.rstrip("\n"), delimiter)) for number, line in enumerate(lines, start=1)]
    return rows


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


def _refuse_mixture(content: bytes, *, where: str) -> None:
    """GB18030 accepts UTF-8 as other characters: a line of UTF-8 Chinese in such a file is two encodings in one."""
    for found in _UTF8_HAN.finditer(content):
        first = content.rfind(b"\n", 0, found.start()) + 1
        last = content.find(b"\n", found.end())
        line = content[first : last if last >= 0 else len(content)]
        if _decodes(line, "utf-8"):
            number = content.count(b"\n", 0, first) + 1
            raise MianshenError("ENCODING_MIXED", found="UTF-8", where=f"{where}:{number}")


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


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _body(text: bytes, delimiter: str, header_line: int, width: int, *, where: str) -> Body:
    broken: list[tuple[int, tuple[str, ...]]] = []
    torn: list[int] = []

    def take(row: arrow_csv.InvalidRow) -> str:
        if "\n" in row.text:
            torn.append(row.number)
        broken.append((row.number, tuple(_split(row.text, delimiter))))
        return "skip"

    names = [cell_name(index) for index in range(width)]
    has_quotes = b'"' in text
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(text),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, skip_rows=header_line, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if has_quotes else False,
                newlines_in_values=has_quotes,
                ignore_empty_lines=False,
                invalid_row_handler=take,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as cause:
        if "Empty CSV file" in str(cause):
            table = pa.table({name: pa.array([], pa.string()) for name in names})
        else:
            raise MianshenError("FILE_UNREADABLE", found="text that is no table", where=where) from None
    if has_quotes:
        torn.extend(_swallowed(table, delimiter, width, first=header_line + 1))
    if torn:
        raise MianshenError("FILE_UNREADABLE", found="a quotation that never ends", where=f"{where}:{torn[0]}")
    return Body(_numbered(table, first=header_line + 1, skipped={number for number, _ in broken}), tuple(broken))


def _swallowed(table: pa.Table, delimiter: str, width: int, *, first: int) -> list[int]:
    """Rows with a cell that runs over lines and holds as many delimiters as a row: a stray quotation mark swallowed rows."""
    for name in table.column_names:
        runs_over = pc.match_substring(table[name], "\n")
        holds_rows = pc.greater_equal(pc.count_substring(table[name], delimiter), width - 1)
        found = pc.index(pc.and_(runs_over, holds_rows), True).as_py()
        if found >= 0:
            return [first + found]
    return []


def _numbered(table: pa.Table, *, first: int, skipped: set[int]) -> pa.Table:
    numbers = range(first, first + table.num_rows + len(skipped))
    every = np.arange(numbers.start, numbers.stop, dtype=np.int64)
    kept = pa.array(every[~np.isin(every, list(skipped))] if skipped else every)
    return table.add_column(0, LINE, kept)
