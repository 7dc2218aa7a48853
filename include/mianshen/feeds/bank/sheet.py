"""Returns and sent batches as tables with headings: CSV, TSV or a workbook. Closing lines that state totals are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.contract import Contract
from mianshen.core.errors import MianshenError
from mianshen.core.money import parse_fen
from mianshen.core.returns import BankOutcome, ReturnProfile
from mianshen.feeds.bank.lines import Original, Return, ReturnLine
from mianshen.feeds.bank.meaning import of_code, of_words
from mianshen.feeds.delimited import open_text
from mianshen.feeds.grid import LINE, Grid
from mianshen.feeds.guard import Shape, Unpacked
from mianshen.feeds.header import Header, find_header, headings
from mianshen.feeds.parquet import open_parquet
from mianshen.feeds.sheets import open_book
from mianshen.feeds.words import fold

_TOTAL = re.compile(r"^[\s\u3000]*(合\s*计|总\s*计|小\s*计|共\s*计|共)")
_PIECES = re.compile(r"(\d{1,9})\s*笔")
_YUAN = re.compile(r"(\d[\d,]*\.\d+)")
_BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b\x1a\x00"


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """A table's rows by the contract's columns. Never printed: they name persons."""

    columns: frozenset[str]
    """Columns that it has."""
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    """Line number and cells; a row that does not fit the heading has none."""
    count: int | None
    """The number of rows by its closing line."""
    amount: str | None
    """The sum in yuan by its closing line, as written."""


def read_sheet(unpacked: Unpacked, *, contract: Contract, where: str) -> Sheet:
    """The table. MianshenError as of `feeds.reader.read`: HEADER_CHANGED, HEADER_DOUBLED, HEADER_UNIT, FILE_UNREADABLE, …"""
    words = headings(contract).keys()

    def knows(rows: Sequence[Sequence[str]]) -> int:
        return max((len({fold(cell) for cell in row} & words) for row in rows), default=0)

    opened = {Shape.BOOK: open_book, Shape.PARQUET: open_parquet}.get(unpacked.shape, open_text)
    grid = opened(unpacked.content, where=where, knows=knows)
    header = find_header(contract, grid.top, where=where)
    return _sheet(_cells(grid, header), header, grid.top[header.row])


def _cells(grid: Grid, header: Header) -> list[tuple[int, tuple[str, ...]]]:
    """Every row below the heading that is not blank, in file order."""
    body = grid.body(header.last_row, header.width)
    names = [name for name in body.table.column_names if name != LINE]
    columns = [body.table[name].to_pylist() for name in names]
    rows = list(zip(body.table[LINE].to_pylist(), zip(*columns, strict=True), strict=True)) if columns else []
    trimmed = [(int(number), tuple(str(one or "").strip(_BLANKS) for one in cells)) for number, cells in (*rows, *body.broken)]
    return sorted(((number, cells) for number, cells in trimmed if any(cells)), key=lambda row: row[0])


def _sheet(rows: Sequence[tuple[int, tuple[str, ...]]], header: Header, heading: Sequence[str]) -> Sheet:
    again = tuple(cell.strip(_BLANKS) for cell in heading)
    records: list[tuple[int, Mapping[str, str]]] = []
    count: int | None = None
    amount: str | None = None
    for number, cells in rows:
        if cells == again:
            continue
        if _TOTAL.match(cells[0]) and _instruction(cells, header) == "":
            count, amount = _totals(cells, header)
        elif len(cells) < len(heading) or any(cells[len(heading) :]):
            records.append((number, {}))
        else:
            records.append((number, {name: cells[index] for name, index in header.positions.items()}))
    return Sheet(frozenset(header.positions), tuple(records), count, amount)


def _instruction(cells: Sequence[str], header: Header) -> str:
    """The instruction's cell, empty where a closing line has only numbers there."""
    place = header.positions.get("instruction", 0)
    cell = cells[place] if 0 < place < len(cells) else ""
    return "" if re.fullmatch(r"[\d,.]{0,12}\s*笔?元?", cell) else cell


def _totals(cells: Sequence[str], header: Header) -> tuple[int | None, str | None]:
    """Count and sum that a closing line states, in its own place of the amount or anywhere in its words."""
    joined = " ".join(cells)
    pieces = _PIECES.search(joined)
    place = header.positions.get("amount", -1)
    at_amount = cells[place] if 0 < place < len(cells) else ""
    found = _YUAN.search(joined)
    amount = at_amount if _is_yuan(at_amount) else found[1] if found else None
    whole = [one for one in cells[1:] if re.fullmatch(r"\d{1,9}", one) and one != amount]
    return int(pieces[1]) if pieces else int(whole[0]) if whole else None, amount


def _is_yuan(cell: str) -> bool:
    try:
        parse_fen(cell)
    except ValueError:
        return False
    return True


def sheet_return(unpacked: Unpacked, *, profile: ReturnProfile, where: str) -> Return:
    """A return with headings. MianshenError RETURN_FORMAT without a column of codes or results; FILE_EMPTY without rows."""
    sheet = read_sheet(unpacked, contract=profile.sheet, where=where)
    if not sheet.columns & {"code", "text"}:
        raise MianshenError("RETURN_FORMAT", found="缺少返回码 no column of codes", where=where)
    if not sheet.rows:
        raise MianshenError("FILE_EMPTY", found="0 rows", where=where)
    batches = {cells["batch"] for _, cells in sheet.rows if cells.get("batch")}
    if len(batches) > 1:
        raise MianshenError("RETURN_FORMAT", found=f"{len(batches)} batches", where=where)
    lines = tuple(_line(profile, sheet, number, cells) for number, cells in sheet.rows)
    counts = () if sheet.count is None else (sheet.count,)
    return Return(lines, Original(batch=next(iter(batches), None)), counts, sheet.amount)


def _line(profile: ReturnProfile, sheet: Sheet, number: int, cells: Mapping[str, str]) -> ReturnLine:
    if not cells:
        return ReturnLine(number, "", None, None, None, "", "", BankOutcome.PENDING, "ROW_SHAPE")
    code, text = cells.get("code", "").upper(), cells.get("text", "")
    outcome, fault = of_code(profile, code, text) if "code" in sheet.columns else of_words(profile, text)
    return ReturnLine(
        number, cells["instruction"], cells.get("account"), cells.get("name"), cells.get("amount"), code, text, outcome, fault
    )
