"""Rows whose person a recorded decision gave: which rows may be meant, and the delivery with the numbers decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract, Kind
from mianshen.feeds.fixes import RECORDED
from mianshen.feeds.grid import LINE
from mianshen.feeds.identities import Identities, Numbered, identity_column
from mianshen.feeds.originals import WrittenRow, written_rows
from mianshen.feeds.reader import Landed

LINKED = "PERSON_LINKED"
"""The reason code of a row whose person a decision gave."""
ANY_CARD = "11"
"""Kind and grade that make a disability card of an id number; neither is read from it."""

ZEROED_TAIL = "000"
"""How a number ends that a spreadsheet has rounded."""


def unmatched(landed: Landed, identities: Identities, contract: Contract) -> list[WrittenRow]:
    """Rows without a usable number, or with one that a spreadsheet may have rounded, in file order."""
    places = identities.numbers.to_pylist()
    rows = written_rows(landed, contract)
    numbers = [identities.read[place].value for place in places]
    return [row for row, certno in zip(rows, numbers, strict=True) if certno is None or certno.endswith(ZEROED_TAIL)]


def with_numbers(landed: Landed, contract: Contract, numbers: Mapping[int, str]) -> Landed:
    """The delivery, the id numbers of these lines as decided; in memory only, the delivery itself stays as it is."""
    column = identity_column(contract)
    ending = ANY_CARD if contract.column(column).kind is Kind.DISABILITY_CARD else ""
    places = pc.index_in(landed.table[LINE].combine_chunks(), pa.array(list(numbers), pa.int64()))
    decided = pa.array([f"{one}{ending}" for one in numbers.values()], pa.string()).take(places)
    cells = pc.coalesce(decided, landed.table[column].combine_chunks())
    return replace(landed, table=landed.table.set_column(landed.table.column_names.index(column), column, cells))


def lines_of(landed: Landed, identities: Identities | Numbered, certnos: Set[str]) -> list[int]:
    """Lines of a delivery, or of a block of it, that bear one of these canonical numbers."""
    places = identities.places_of(certnos) if certnos else []
    return landed.table[LINE].filter(pc.is_in(identities.numbers, pa.array(places, pa.int64()))).to_pylist() if places else []


def linked(contract: Contract, lines: Iterable[int]) -> pa.Table:
    """What is recorded of lines whose person a decision gave, as `fixes.RECORDED`."""
    found = sorted(set(lines))
    return pa.table([found, [identity_column(contract)] * len(found), [LINKED] * len(found)], schema=RECORDED)
