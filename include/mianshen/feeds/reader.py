"""One reader for every kind of delivery: bytes and contract in, text columns with line numbers out, every line accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from mianshen.core.contract import Contract, Kind
from mianshen.core.errors import MianshenError
from mianshen.feeds.delimited import open_text
from mianshen.feeds.grid import LINE, Body, cell_name
from mianshen.feeds.guard import Shape, unpack
from mianshen.feeds.header import Header, find_header, headings, official
from mianshen.feeds.normal import normalise
from mianshen.feeds.pages import is_page, open_pages
from mianshen.feeds.parquet import open_parquet
from mianshen.feeds.passed import PASSED_SCHEMA, broken_as, split_passed
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


def read(content: bytes, *, contract: Contract, where: str) -> Landed:
    """The file's records as text; there may be none.

    MianshenError FILE_EMPTY for no byte at all, FILE_TOO_LARGE, FILE_UNREADABLE, FILE_LOCKED, ENCODING_UNKNOWN, ENCODING_MIXED,
    HEADER_MISSING, HEADER_CHANGED, HEADER_DOUBLED, HEADER_UNIT, SHEETS_SEVERAL.
    """
    try:
        return _read(content, contract, where)
    except MianshenError:
        raise
    except Exception as cause:  # a stranger's bytes may break any library; its text may hold a name, so only its kind is told
        raise MianshenError("FILE_UNREADABLE", found=type(cause).__name__, where=where) from None


def _read(content: bytes, contract: Contract, where: str) -> Landed:
    words = headings(contract).keys()

    def knows(rows: Sequence[Sequence[str]]) -> int:
        return max((len({fold(cell) for cell in row} & words) for row in rows), default=0)

    unpacked = unpack(content, where=where)
    if unpacked.shape is Shape.PAGES or (unpacked.shape is Shape.TEXT and is_page(unpacked.content)):
        grid = open_pages(unpacked.parts or (unpacked.content,), where=where, knows=knows, otherwise=official(contract))
    else:
        opened = {Shape.BOOK: open_book, Shape.TEXT: open_text, Shape.PARQUET: open_parquet}[unpacked.shape]
        grid = opened(unpacked.content, where=where, knows=knows)
    header = find_header(contract, grid.top, where=where)
    return land(grid.body(header.last_row, header.width), header, contract, width=header.width)


def land(body: Body, header: Header, contract: Contract, *, width: int) -> Landed:
    """The rows below a heading as records, lines that are none, and what was normalised."""
    fitting, broken, passed = _sort_broken(body.broken, width, headed=header.headed)
    parts = [
        _pick(body.table, header, fault=None),
        _pick(_table(fitting, width), header, fault=None),
        _pick(_table([(number, ()) for number, _ in broken], width), header, fault="ROW_SHAPE"),
    ]
    identity = next(
        (name for name in header.positions if contract.column(name).kind in (Kind.CERTNO, Kind.DISABILITY_CARD)), None
    )
    rows = pa.concat_tables(one for one in parts[:2] if one.num_rows or one is parts[0])
    records, none = split_passed(rows, identity=identity, first=_FIRST, words=headings(contract))
    table = pa.concat_tables([records, parts[2]]) if broken else records
    if fitting or broken:
        table = table.sort_by(LINE)
    table, fixes = normalise(table.drop_columns([_FIRST]), contract, header.positions)
    table, columns = mark_reversals(table, contract, tuple(header.positions))
    passed = pa.concat_tables([none, passed]).sort_by(LINE)
    return Landed(table, columns, passed, fixes, header.extra, header.months)


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
    faults = pa.array([fault] * table.num_rows, pa.string())
    return pa.table({LINE: table[LINE], FAULT: faults, _FIRST: table[cell_name(0)], **chosen})
