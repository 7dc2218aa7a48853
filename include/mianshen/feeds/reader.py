"""One reader for every kind of delivery: bytes and contract in, text columns with line numbers out, every line accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract
from mianshen.core.errors import MianshenError
from mianshen.feeds.delimited import open_text
from mianshen.feeds.grid import LINE, Body, cell_name
from mianshen.feeds.guard import Shape, unpack
from mianshen.feeds.header import Header, find_header, headings
from mianshen.feeds.sheets import open_book
from mianshen.feeds.words import fold

FAULT = "row_fault"
"""The column that says ROW_SHAPE of a row whose cells do not fit the heading; else it is null."""

_SPACE = "[\\s\u00a0\u3000]*"
_FOOTER = (
    f"^{_SPACE}(合{_SPACE}计|总{_SPACE}计|小{_SPACE}计|共{_SPACE}计)[:\uff1a]?.{{0,8}}$"
    f"|^{_SPACE}(制表|填表|填报|审核|复核|负责|经办|联系|备注|说明|注|单位(负责人|盖章))(人|单位|日期|时间|员)?{_SPACE}[:\uff1a].*$"
)


@dataclass(frozen=True, slots=True)
class Landed:
    """A file as text."""

    table: pa.Table
    """`line_no`, `row_fault` and the contract's columns that the file has, as written but without outer blanks."""
    columns: tuple[str, ...]
    """The contract's columns that the file has."""
    ignored: int
    """Lines below the heading that are no records: totals, signatures, repeated headings."""
    extra_columns: int
    """Headed columns that the contract does not know."""
    month_in_title: str | None
    """2026-10 when a title says so."""

    @property
    def records(self) -> int:
        """Rows that are records."""
        return int(self.table.num_rows)


def read(content: bytes, *, contract: Contract, where: str) -> Landed:
    """The file's records as text.

    MianshenError FILE_EMPTY, FILE_TOO_LARGE, FILE_UNREADABLE, ENCODING_UNKNOWN, HEADER_CHANGED, HEADER_DOUBLED, HEADER_UNIT.
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
    opened = open_book if unpacked.shape is Shape.BOOK else open_text
    grid = opened(unpacked.content, where=where, knows=knows)
    header = find_header(contract, grid.top, where=where)
    landed = _landed(grid.body(header.row), header, list(grid.top[header.row]))
    if landed.records == 0:
        raise MianshenError("FILE_EMPTY", found="0 rows", where=where)
    return landed


def _landed(body: Body, header: Header, headings: list[str]) -> Landed:
    width = len(headings)
    trimmed = _trim(body.table)
    blank, footer = _kinds(trimmed, headings)
    keep = pc.invert(pc.or_(blank, footer))
    fitting, broken, ignored = _sort_broken(body.broken, width)
    whole = trimmed.filter(keep)
    parts = [
        _pick(whole, header, fault=None),
        _pick(_table(fitting, width), header, fault=None),
        _pick(_table([(number, ()) for number, _ in broken], width), header, fault="ROW_SHAPE"),
    ]
    table = pa.concat_tables(one for one in parts if one.num_rows or one is parts[0])
    if fitting or broken:
        table = table.sort_by(LINE)
    counted = int(pc.sum(footer).as_py() or 0) + ignored
    return Landed(table, tuple(header.positions), counted, header.extra, header.month_in_title)


def _trim(table: pa.Table) -> pa.Table:
    blanks = " \t\r\n\u00a0\u3000\ufeff\u200b"
    cells = {name: pc.utf8_trim(table[name], blanks) for name in table.column_names if name != LINE}
    return pa.table({LINE: table[LINE], **cells})


def _kinds(table: pa.Table, headings: Sequence[str]) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Which rows are blank, and which are totals, signatures or the heading again."""
    names = [name for name in table.column_names if name != LINE]
    blank = pc.equal(table[names[0]], "")
    for name in names[1:]:
        blank = pc.and_(blank, pc.equal(table[name], ""))
    footer = pc.match_substring_regex(table[names[0]], _FOOTER)
    again = pc.equal(table[names[0]], headings[0].strip())
    for name, heading in zip(names[1:], headings[1:], strict=True):
        again = pc.and_(again, pc.equal(table[name], heading.strip()))
    return blank, pc.and_(pc.or_(footer, again), pc.invert(blank))


Row = tuple[int, tuple[str, ...]]


def _sort_broken(rows: Iterable[Row], width: int) -> tuple[list[Row], list[Row], int]:
    """Rows of another width: those whose surplus cells are empty, those that are broken, and how many are no records."""
    fitting: list[Row] = []
    broken: list[Row] = []
    ignored = 0
    for number, cells in rows:
        filled = [cell.strip() for cell in cells]
        if not any(filled):
            continue
        if re.match(_FOOTER, filled[0]):
            ignored += 1
        elif len(cells) > width and not any(filled[width:]):
            fitting.append((number, tuple(filled[:width])))
        else:
            broken.append((number, cells))
    return fitting, broken, ignored


def _table(rows: Sequence[Row], width: int) -> pa.Table:
    padded = [(number, (*cells, *[""] * (width - len(cells)))) for number, cells in rows]
    columns = {cell_name(index): pa.array([cells[index] for _, cells in padded], pa.string()) for index in range(width)}
    return pa.table({LINE: pa.array([number for number, _ in padded], pa.int64()), **columns})


def _pick(table: pa.Table, header: Header, *, fault: str | None) -> pa.Table:
    chosen = {name: table[cell_name(index)] for name, index in header.positions.items()}
    faults = pa.array([fault] * table.num_rows, pa.string())
    return pa.table({LINE: table[LINE], FAULT: faults, **chosen})
