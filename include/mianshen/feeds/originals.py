"""Rows of a delivery as they were written: for the office that delivered them, and for tracing a row that has no number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Column, Contract, Kind
from mianshen.feeds.grid import LINE, cell_name
from mianshen.feeds.header import find_header
from mianshen.feeds.identities import PERSON_NAMES, identity_column
from mianshen.feeds.reader import Landed, open_grid
from mianshen.feeds.words import fold, read_name

PLACES = ("town", "village", "household")
"""Columns that tell where a person lives and with whom."""


@dataclass(frozen=True, slots=True, repr=False)
class Originals:
    """Lines of a file in its own columns. Never printed: they name people."""

    headings: tuple[str, ...]
    """As the department writes them, in its order."""
    lines: dict[int, tuple[str, ...]]
    """Cells by line number, as written."""


@dataclass(frozen=True, slots=True, repr=False)
class WrittenRow:
    """What a row says of its person. Never printed."""

    line_no: int
    """Line of the delivery."""
    number: str
    """The id number or disability card as written."""
    name: str
    """The name, normalised; empty where none or a doubtful one is written."""
    beside: str = ""
    """Whatever else of the row tells one bearer of the name from another; empty where nothing is written."""


def originals(content: bytes, *, contract: Contract, where: str, lines: Collection[int]) -> Originals:
    """These lines of the file, cell by cell. The refusals of `reader.read`."""
    grid = open_grid(content, contract, where)
    header = find_header(contract, grid.top, where=where)
    own = tuple(_heading(grid.top[header.row], grid.top[header.last_row], index) for index in range(header.width))
    body = grid.body(header.last_row, header.width)
    wanted = set(lines)
    found = {number: cells for number, cells in body.broken if number in wanted}
    numbers = body.table[LINE].to_pylist()
    places = [place for place, number in enumerate(numbers) if number in wanted]
    taken = body.table.take(places)
    columns = [taken[cell_name(index)].to_pylist() for index in range(len(own))]
    found.update((numbers[place], tuple(column[at] or "" for column in columns)) for at, place in enumerate(places))
    return Originals(own, found)


def _heading(upper: Sequence[str], lower: Sequence[str], index: int) -> str:
    """The cell of the heading's last row; of its first, where the last is empty."""
    cells = (row[index].strip() for row in (lower, upper) if index < len(row))
    return next((cell for cell in cells if cell), "")


def written_rows(landed: Landed, contract: Contract) -> list[WrittenRow]:
    """What each record says of its person, in file order."""
    numbers = landed.table[identity_column(contract)].to_pylist()
    named = next((name for name in PERSON_NAMES if name in landed.columns), None)
    names = landed.table[named].to_pylist() if named else [""] * len(numbers)
    read = {written: read_name(written or "") for written in set(names)}
    lines = landed.table[LINE].to_pylist()
    return [
        WrittenRow(line, number or "", "" if read[name].is_doubtful else read[name].value, beside)
        for line, number, name, beside in zip(lines, numbers, names, _beside(landed, contract), strict=True)
    ]


def _beside(landed: Landed, contract: Contract) -> list[str]:
    """Town, village, household, account, phone and other people's names of each row, folded and joined."""
    telling = [one.name for one in contract.columns if one.name in landed.columns and _is_telling(one)]
    columns = [_folded(landed.table[name]) for name in telling]
    return ["\u001f".join(cells) if any(cells) else "" for cells in zip(*columns, strict=True)] or [""] * landed.records


def _is_telling(column: Column) -> bool:
    is_others_name = column.kind is Kind.NAME and column.name not in PERSON_NAMES
    return is_others_name or column.kind in (Kind.PHONE, Kind.ACCOUNT) or column.name in PLACES


def _folded(cells: pa.ChunkedArray) -> list[str]:
    encoded = pc.dictionary_encode(cells.combine_chunks())
    words = [fold(one) for one in encoded.dictionary.to_pylist()]
    return [words[place] for place in encoded.indices.to_pylist()]
