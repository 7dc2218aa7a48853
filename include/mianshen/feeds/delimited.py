"""CSV, TSV and TXT as a grid: delimiter by the headings, rows block by block, no row dropped in silence."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from mianshen.core.errors import MianshenError
from mianshen.feeds.encodings import OtherTextError, Text, to_utf8
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.header import SEARCHED_ROWS

DELIMITERS = (",", "\t", ";", "|", "\uff0c")
"""Tried in this order on the first rows."""
BLOCK_BYTES = 4 << 20
"""Text that is parsed together; larger blocks outgrow the processor's caches and take twice its time."""

_TOP_BYTES = 1 << 18
_NOTHING_BELOW = ("Empty CSV file", "Could not skip initial")
"""What the library says of a text that ends with its heading."""
Knows = Callable[[Sequence[Sequence[str]]], int]
"""Counts the headings that it finds in rows."""
Row = tuple[int, tuple[str, ...]]


def open_text(content: bytes, *, where: str, knows: Knows) -> Grid:
    """The grid behind delimited text; `knows` decides the delimiter.

    MianshenError ENCODING_UNKNOWN, ENCODING_MIXED or, when its rows are read, FILE_UNREADABLE for a quotation that never ends.
    """
    text = to_utf8(content, where=where)
    if b"\x00" in text:
        raise MianshenError("FILE_UNREADABLE", found="NUL bytes", where=where)
    return open_pieces(lambda: iter((text,)), where=where, knows=knows)


def open_pieces(text: Text, *, where: str, knows: Knows) -> Grid:
    """The same grid behind text that comes in pieces of any length; the size of a block never changes what is read."""
    head = _head(text()).decode("utf-8", "ignore")
    splits = [_top(head, one) for one in DELIMITERS]
    counts = [knows([cells for _, cells in rows]) for rows in splits]
    chosen = counts.index(max(counts))
    top = splits[chosen]

    def cut(row: int, width: int, only: Sequence[int] | None) -> Iterator[Body]:
        pieces, delimiter = text(), DELIMITERS[chosen]
        if len(delimiter.encode()) > 1:
            pieces, delimiter = _with_tabs(pieces, delimiter), "\t"
        rows = _Rows(delimiter, top[row][0], width, where)
        return rows.read(_Pieces(pieces), only=only)

    return Grid([cells for _, cells in top], None, cut)


def _head(pieces: Iterator[bytes]) -> bytes:
    head = b""
    for piece in pieces:
        head += piece[:_TOP_BYTES]
        if len(head) >= _TOP_BYTES:
            break
    return head[:_TOP_BYTES]


def _with_tabs(pieces: Iterator[bytes], delimiter: str) -> Iterator[bytes]:
    """The text with tabs for a delimiter of several bytes, which a piece may cut."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    for piece in pieces:
        yield decoder.decode(piece).replace(delimiter, "\t").encode()


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


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


class _Pieces:
    """Text as the file that Arrow reads; whether a quotation mark has passed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self.has_quotes = False
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end."""
        taken: list[bytes] = []
        wanted = size
        while wanted > 0:
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self.has_quotes = self.has_quotes or b'"' in piece
                self._rest = memoryview(piece)
            taken.append(self._rest[:wanted].tobytes() if len(self._rest) != wanted or taken else self._whole())
            self._rest = self._rest[len(taken[-1]) :]
            wanted -= len(taken[-1])
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _whole(self) -> bytes:
        piece = self._rest.obj
        return piece if isinstance(piece, bytes) and len(piece) == len(self._rest) else self._rest.tobytes()

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """No."""
        return False

    def seekable(self) -> bool:
        """No."""
        return False

    def close(self) -> None:
        """Read no further."""
        self.closed = True


class _Rows:
    """The rows of one text, while they are read."""

    def __init__(self, delimiter: str, header_line: int, width: int, where: str) -> None:
        self.delimiter, self.header_line, self.width, self.where = delimiter, header_line, width, where
        self.broken: list[Row] = []
        self.torn: list[int] = []

    def read(self, file: _Pieces, *, only: Sequence[int] | None) -> Iterator[Body]:
        """The rows in blocks, at least one; OtherTextError where some cells alone do not tell whether a quotation ends."""
        first = following = self.header_line + 1
        names = [cell_name(index) for index in range(self.width)]
        wanted = names if only is None else [names[index] for index in only]
        for table in self._tables(file, names, wanted):
            body, following = self._numbered(table, following)
            if file.has_quotes and only is not None:
                raise OtherTextError
            if file.has_quotes:
                self.torn.extend(self._swallowed(body.table))
            self._refuse_torn(before=following)
            yield body
        self._refuse_torn(before=None)
        if self.broken or following == first:
            empty = pa.table({name: pa.array([], pa.string()) for name in wanted})
            yield Body(empty.add_column(0, LINE, pa.array([], pa.int64())), tuple(self.broken))

    def _refuse_torn(self, *, before: int | None) -> None:
        line = min(self.torn, default=None)
        if line is not None and (before is None or line < before):
            raise MianshenError("FILE_UNREADABLE", found="a quotation that never ends", where=f"{self.where}:{line}")

    def _tables(self, file: _Pieces, names: list[str], wanted: list[str]) -> Iterator[pa.Table]:
        try:
            reader = arrow_csv.open_csv(
                file,
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, column_names=names, skip_rows=self.header_line, block_size=BLOCK_BYTES
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=self._take
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in names},
                    strings_can_be_null=False,
                    include_columns=wanted,
                    check_utf8=False,
                ),
            )
            for batch in reader:
                yield pa.Table.from_batches([batch])
        except pa.ArrowInvalid as cause:
            if not any(said in str(cause) for said in _NOTHING_BELOW):
                raise MianshenError("FILE_UNREADABLE", found="text that is no table", where=self.where) from None

    def _take(self, row: arrow_csv.InvalidRow) -> str:
        if "\n" in row.text:
            self.torn.append(row.number)
        self.broken.append((row.number, tuple(_split(row.text, self.delimiter))))
        return "skip"

    def _numbered(self, table: pa.Table, first: int) -> tuple[Body, int]:
        """The block with its line numbers, and the line after it. Arrow may have met broken rows beyond the block already."""
        end, mine = first + table.num_rows, 0
        while mine < len(self.broken) and self.broken[mine][0] <= end:
            end, mine = end + 1, mine + 1
        broken, self.broken = tuple(self.broken[:mine]), self.broken[mine:]
        every = np.arange(first, end, dtype=np.int64)
        kept = np.delete(every, [number - first for number, _ in broken]) if broken else every
        return Body(table.add_column(0, LINE, pa.array(kept)), broken), end

    def _swallowed(self, table: pa.Table) -> Iterator[int]:
        """Lines with a cell that runs over lines and holds as many delimiters as a row: a stray quotation mark swallowed rows."""
        for name in table.column_names[1:]:
            runs_over = pc.match_substring(table[name], "\n")
            if not pc.any(runs_over).as_py():
                continue
            holds_rows = pc.greater_equal(pc.count_substring(table[name], self.delimiter), self.width - 1)
            yield from table[LINE].filter(pc.and_(runs_over, holds_rows)).slice(0, 1).to_pylist()
