"""One reader for every kind of delivery: bytes and contract in, text columns with line numbers out, every line accounted for.

A plain text is read block by block, so that memory stays flat; whatever else comes, or is in any way odd, is read whole. Both
ways end the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

import pyarrow as pa

from mianshen.core.contract import Contract, Kind
from mianshen.core.errors import MianshenError
from mianshen.feeds.days import day_number
from mianshen.feeds.delimited import Knows, open_pieces, open_text
from mianshen.feeds.encodings import OtherTextError, Source, Text, gb18030_pieces, is_gb18030, utf8_pieces
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.guard import MAX_BYTES, Shape, is_plain, unpack
from mianshen.feeds.header import Header, find_header, headings, official
from mianshen.feeds.normal import normalise
from mianshen.feeds.pages import is_page, open_pages
from mianshen.feeds.parquet import open_parquet
from mianshen.feeds.passed import PASSED_SCHEMA, are_records, broken_as, split_passed
from mianshen.feeds.reversals import mark_reversals
from mianshen.feeds.sheets import open_book
from mianshen.feeds.words import fold

FAULT = "row_fault"
"""The column that says ROW_SHAPE of a row whose cells do not fit the heading; else it is null."""

_FIRST = "leftmost"


@dataclass(frozen=True, slots=True)
class Landed:
    """A file as text."""

    table: pa.Table
    """`line_no`, `row_fault` and the contract's columns that the file has, their cells normalised by `feeds.normal`."""
    columns: tuple[str, ...]
    """The contract's columns that the file has."""
    passed: pa.Table
    """Lines below the heading that are no records: `line_no` and `reason_code`."""
    fixes: pa.Table
    """What was normalised: `line_no`, `field`, `fix_code`; id numbers apart, which `identities` reads."""
    extra_columns: int
    """Headed columns that the contract does not know."""
    months_in_title: tuple[str, ...]
    """2026-10 for every month that a title above the heading names."""

    @property
    def records(self) -> int:
        """Rows that are records."""
        return int(self.table.num_rows)

    @property
    def ignored(self) -> int:
        """Lines that are no records."""
        return int(self.passed.num_rows)


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a file is."""

    records: int
    """Rows that are records."""
    ignored: int
    """Lines that are no records."""
    months_in_title: tuple[str, ...]
    """2026-10 for every month that a title above the heading names."""


T = TypeVar("T")


def read(content: bytes, *, contract: Contract, where: str) -> Landed:
    """The file's records as text; there may be none.

    MianshenError FILE_EMPTY for no byte at all, FILE_TOO_LARGE, FILE_UNREADABLE, FILE_LOCKED, ENCODING_UNKNOWN, ENCODING_MIXED,
    HEADER_MISSING, HEADER_CHANGED, HEADER_DOUBLED, HEADER_UNIT, SHEETS_SEVERAL.
    """
    with _walled(where):
        return _together(list(_Opened.of(open_grid(content, contract, where), contract, where).landed()))


def read_blocks(source: Source, take: Callable[[Iterator[Landed]], T], *, contract: Contract, where: str) -> T:
    """What `take` makes of the same records when they are handed to it block by block, in file order, at least one block.

    It is called anew when the text turns out to be another than it began as. The refusals of `read`.
    """
    for text in _texts(source):
        try:
            return take(_untroubled(lambda text=text: _Opened.of_text(text, contract, where).landed()))  # type: ignore[misc]
        except OtherTextError:
            continue
    return take(iter((read(b"".join(source()), contract=contract, where=where),)))


def measure(source: Source, *, contract: Contract, where: str) -> Measured:
    """How many records and other lines `read` finds, and which months a title names. The refusals of `read`."""
    for text in _texts(source):
        try:
            opened = next(_untroubled(lambda text=text: iter((_Opened.of_text(text, contract, where),))))  # type: ignore[misc]
            records = sum(_untroubled(opened.counted))
            return Measured(records, 0, opened.header.months)
        except OtherTextError:
            continue

    def taken(blocks: Iterator[Landed]) -> Measured:
        sizes = [(one.records, one.ignored, one.months_in_title) for one in blocks]
        return Measured(sum(one[0] for one in sizes), sum(one[1] for one in sizes), sizes[0][2])

    return read_blocks(source, taken, contract=contract, where=where)


def _texts(source: Source) -> Iterator[Text]:
    """The source as a plain text in pieces: as UTF-8, and when that fails as GB18030; nothing for what must be read whole."""
    if not is_plain(next(iter(source()), b"")):
        return
    limited = _limited(source)
    yield lambda: utf8_pieces(limited)
    if is_gb18030(limited):
        yield lambda: gb18030_pieces(limited)


def _limited(source: Source) -> Source:
    def pieces() -> Iterator[bytes]:
        size = 0
        for piece in source():
            size += len(piece)
            if size > MAX_BYTES:
                raise OtherTextError
            yield piece

    return pieces


def _untroubled(blocks: Callable[[], Iterator[T]]) -> Iterator[T]:
    """The blocks; OtherTextError for whatever goes wrong on the way, so that the whole file decides what it is."""
    try:
        yield from blocks()
    except OtherTextError:
        raise
    except Exception:
        raise OtherTextError from None


@contextmanager
def _walled(where: str) -> Iterator[None]:
    try:
        yield
    except MianshenError:
        raise
    except Exception as cause:  # a stranger's bytes may break any library; its text may hold a name, so only its kind is told
        raise MianshenError("FILE_UNREADABLE", found=type(cause).__name__, where=where) from None


def open_grid(content: bytes, contract: Contract, where: str) -> Grid:
    """The file's cells as they were written, whatever its kind. The refusals of `read`."""
    unpacked = unpack(content, where=where)
    if unpacked.shape is Shape.PAGES or (unpacked.shape is Shape.TEXT and is_page(unpacked.content)):
        parts = unpacked.parts or (unpacked.content,)
        return open_pages(parts, where=where, knows=_knows(contract), otherwise=official(contract))
    opened = {Shape.BOOK: open_book, Shape.TEXT: open_text, Shape.PARQUET: open_parquet}[unpacked.shape]
    return opened(unpacked.content, where=where, knows=_knows(contract))


def _knows(contract: Contract) -> Knows:
    words = headings(contract).keys()

    def knows(rows: Sequence[Sequence[str]]) -> int:
        return max((len({fold(cell) for cell in row} & words) for row in rows), default=0)

    return knows


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file whose heading is found."""

    grid: Grid
    header: Header
    contract: Contract

    @staticmethod
    def of(grid: Grid, contract: Contract, where: str) -> _Opened:
        return _Opened(grid, find_header(contract, grid.top, where=where), contract)

    @staticmethod
    def of_text(text: Text, contract: Contract, where: str) -> _Opened:
        return _Opened.of(open_pieces(text, where=where, knows=_knows(contract)), contract, where)

    def landed(self) -> Iterator[Landed]:
        """Its rows, block by block."""
        header = self.header
        for body in self.grid.blocks(header.last_row, header.width):
            yield land(body, header, self.contract, width=header.width, days_later=self.grid.days_later)

    def counted(self) -> Iterator[int]:
        """The rows of each block as long as a look at the id numbers tells that all are records; else OtherTextError."""
        identity = _identity(self.header, self.contract)
        if identity is None:
            raise OtherTextError
        place = self.header.positions[identity]
        for body in self.grid.blocks(self.header.last_row, self.header.width, only=(place,)):
            if body.broken or not are_records(body.table[cell_name(place)].combine_chunks()):
                raise OtherTextError
            yield body.table.num_rows


def _identity(header: Header, contract: Contract) -> str | None:
    kinds = (Kind.CERTNO, Kind.DISABILITY_CARD)
    return next((name for name in header.positions if contract.column(name).kind in kinds), None)


def _together(blocks: Sequence[Landed]) -> Landed:
    if len(blocks) == 1:
        return blocks[0]
    tables = (pa.concat_tables(getattr(one, name) for one in blocks) for name in ("table", "passed", "fixes"))
    table, passed, fixes = tables
    return replace(blocks[0], table=table, passed=passed, fixes=fixes)


def land(body: Body, header: Header, contract: Contract, *, width: int, days_later: int = 0) -> Landed:
    """The rows below a heading as records, lines that are none, and what was normalised."""
    fitting, broken, passed = _sort_broken(body.broken, width, headed=header.headed)
    parts = [
        _pick(body.table, header, fault=None),
        _pick(_table(fitting, width), header, fault=None),
        _pick(_table([(number, ()) for number, _ in broken], width), header, fault="ROW_SHAPE"),
    ]
    rows = pa.concat_tables(one for one in parts[:2] if one.num_rows or one is parts[0])
    records, none = split_passed(rows, identity=_identity(header, contract), first=_FIRST, words=headings(contract))
    table = pa.concat_tables([records, parts[2]]) if broken else records
    if fitting or broken:
        table = table.sort_by(LINE)
    table, fixes = normalise(_counted_from(days_later, table.drop_columns([_FIRST]), contract), contract, header.positions)
    table, columns = mark_reversals(table, contract, tuple(header.positions))
    passed = pa.concat_tables([none, passed]).sort_by(LINE)
    return Landed(table, columns, passed, fixes, header.extra, header.months)


def _counted_from(days_later: int, table: pa.Table, contract: Contract) -> pa.Table:
    """The table with bare day numbers as they would be written where days are counted as usual."""
    for place, name in enumerate(table.column_names if days_later else ()):
        if name not in (LINE, FAULT) and contract.column(name).kind in (Kind.DATE, Kind.MOMENT):
            cells = [None if cell is None else day_number(cell, later=days_later) for cell in table[name].to_pylist()]
            table = table.set_column(place, name, pa.array(cells, pa.string()))
    return table


Row = tuple[int, tuple[str, ...]]


def _sort_broken(rows: Iterable[Row], width: int, *, headed: int) -> tuple[list[Row], list[Row], pa.Table]:
    """Rows of another width: those whose surplus or missing cells are empty, broken ones, and those that are no records."""
    fitting: list[Row] = []
    broken: list[Row] = []
    passed: list[tuple[int, str]] = []
    for number, cells in rows:
        reason = broken_as(cells)
        if reason:
            passed.append((number, reason))
        elif len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            fitting.append((number, tuple(cells[:width])))
        elif headed <= len(cells) < width:
            fitting.append((number, cells))
        else:
            broken.append((number, cells))
    columns = [pa.array([one[place] for one in passed]) for place in (0, 1)]
    return fitting, broken, pa.table(columns, names=PASSED_SCHEMA.names).cast(PASSED_SCHEMA)


def _table(rows: Sequence[Row], width: int) -> pa.Table:
    padded = [(number, (*cells, *[""] * (width - len(cells)))) for number, cells in rows]
    columns = {cell_name(index): pa.array([cells[index] for _, cells in padded], pa.string()) for index in range(width)}
    return pa.table({LINE: pa.array([number for number, _ in padded], pa.int64()), **columns})


def _pick(table: pa.Table, header: Header, *, fault: str | None) -> pa.Table:
    chosen = {name: table[cell_name(index)] for name, index in header.positions.items()}
    faults = pa.repeat(pa.scalar(fault, pa.string()), table.num_rows)
    return pa.table({LINE: table[LINE], FAULT: faults, _FIRST: table[cell_name(0)], **chosen})
