"""What may leave the reader for the lake: non-personal columns, half-width, and only cells that can be what their column claims.

A name that slipped into an amount or a code does not travel on: such a cell leaves as a question mark and fails its check there.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import PERSONAL, Column, Contract, Kind
from mianshen.feeds.grid import LINE
from mianshen.feeds.identities import PERSON_NAMES
from mianshen.feeds.plain import all_shaped, odd_cells, replaced, signs
from mianshen.feeds.reader import FAULT, Landed
from mianshen.feeds.typed import typed, typed_name
from mianshen.feeds.wording import wording
from mianshen.feeds.words import read_name

UNFIT = "?"
"""Stands for a cell that cannot be what its column claims."""

WRITTEN = "medfee_written"
"""The column that keeps as text what is added up a second time, by its digits."""
RENAMED = {"fee_fen": "fee_written", "fen": "amount_written"}
"""The contract's columns that bear another name while they are text."""

_FITS = {
    Kind.MONEY: r"^[-+0-9,.¥元 eE]{1,30}$",
    Kind.RATIO: r"^[-+0-9,.% eE]{1,30}$",
    Kind.INTEGER: r"^[-+0-9,. ]{1,12}$",
    Kind.DATE: r"^[-0-9年月日/.:T ]{1,30}$",
    Kind.MOMENT: r"^[-0-9年月日/.:T ]{1,30}$",
    Kind.CODE: r"^([-0-9A-Za-z._+*/]{1,60}|男|女|未知)$",
}
_FOREIGN = "[^\\x00-\\x7f\uff01-\uff5e\uffe5\u00a5\u3000年月日元男女未知]"
"""Signs that are neither plain nor full-width: a circled one is not taken for a digit."""
_TOO_LONG = {
    Kind.MONEY: "[0-9]{10}",
    Kind.RATIO: "[0-9]{10}",
    Kind.INTEGER: "[0-9]{10}",
    Kind.DATE: "[0-9]{15}",
    Kind.MOMENT: "[0-9]{15}",
    Kind.CODE: "[0-9]{15}|^1[0-9]{10}$",
}
"""Runs of digits that a phone, an id number or a card could be, and an amount, a day or a code could not."""


_DIGITS = "0123456789"
_PLAIN = {
    Kind.MONEY: (signs(_DIGITS + "-+,."), 9),
    Kind.RATIO: (signs(_DIGITS + "-+,.%"), 9),
    Kind.INTEGER: (signs(_DIGITS + "-+,."), 9),
    Kind.DATE: (signs(_DIGITS + "-/:. "), 14),
    Kind.MOMENT: (signs(_DIGITS + "-/:. "), 14),
    Kind.CODE: (signs(_DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._+*/"), 14),
}
"""Signs and lengths of cells that fit as they are: no rule below can touch them."""
_ID_LONGEST = 60
_PHONE_LENGTH = 11
_SHAPES = ("0000-00-00", "0000-00-00 00:00:00")
"""Days and moments as most departments write them."""


def outgoing(landed: Landed, contract: Contract, *, only: Container[str] | None = None) -> pa.Table:
    """`leaving` and `wording_no` from 1 on; 0 where no key of the delivery stands twice and nothing need be compared."""
    rows = leaving(landed, contract, only=only)
    return rows.append_column("wording_no", _compared(landed, contract))


def leaving(landed: Landed, contract: Contract, *, only: Container[str] | None = None) -> pa.Table:
    """`line_no`, `row_fault`, `is_name_doubtful` and the columns neither personal nor free text; an empty cell is null.

    `only` leaves out columns that nobody wants; where it names a typed column, a cell that `feeds.typed` types leaves there.
    """
    leaving = [one for one in contract.columns if one.name in landed.columns and one.kind in _FITS and one.kind not in PERSONAL]
    wanted = [one for one in leaving if only is None or one.name in only]
    cells: dict[str, pa.ChunkedArray] = {}
    for one in wanted:
        cells |= _typed(landed.table[one.name], one, only=only)
    said = {"is_name_doubtful": _doubtful(landed), "is_name_missing": _missing(landed, contract)}
    return pa.table({LINE: landed.table[LINE], FAULT: landed.table[FAULT], **said, **cells})


def _typed(cells: pa.ChunkedArray, column: Column, *, only: Container[str] | None) -> dict[str, pa.ChunkedArray]:
    """The cells as text, those apart that their typed column takes; the total cost is kept as text too."""
    name = typed_name(column)
    if only is None or name is None or name not in only:
        return {column.name: _fitting(cells, column)}
    values = typed(cells, column)
    nothing = pa.scalar(None, pa.string())
    text = pa.nulls(len(values), pa.string())
    if values.null_count:
        text = pc.if_else(values.is_valid(), nothing, _fitting(cells, column).combine_chunks())
    kept = {column.name: text, name: values}
    if column.name == "medfee_sumamt":
        kept[WRITTEN] = pc.if_else(values.is_valid(), cells.combine_chunks(), nothing) if values.null_count else cells
    return kept


def _compared(landed: Landed, contract: Contract) -> pa.Array:
    key = contract.key[0]
    if key not in landed.columns or pc.count_distinct(landed.table[key]).as_py() == landed.records:
        return pa.array(np.zeros(landed.records, np.int64))
    return pc.add(wording(landed), 1)


def _missing(landed: Landed, contract: Contract) -> pa.Array:
    """Whether a name that the contract demands was not written."""
    column = next((name for name in PERSON_NAMES if name in landed.columns), None)
    if column is None or contract.column(column).may_be_empty:
        return pa.array(np.zeros(landed.records, np.bool_))
    return pc.equal(landed.table[column], "")


def _doubtful(landed: Landed) -> pa.Array:
    """Whether the row's own name looks damaged; the name itself stays behind."""
    column = next((name for name in PERSON_NAMES if name in landed.columns), None)
    if column is None:
        return pa.array([False] * landed.records, pa.bool_())
    encoded = pc.dictionary_encode(landed.table[column].combine_chunks())
    marks = [read_name(one).is_doubtful for one in encoded.dictionary.to_pylist()]
    return pa.array(marks, pa.bool_()).take(encoded.indices)


def _fitting(cells: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    return pa.chunked_array([_fitting_part(one, column) for one in cells.chunks], pa.string())


def _fitting_part(cells: pa.Array, column: Column) -> pa.Array:
    """The cells that may leave. Those of plain signs and a harmless length do as they are; every other one is looked at."""
    if column.kind in (Kind.DATE, Kind.MOMENT) and any(all_shaped(cells, shape) for shape in _SHAPES):
        return cells
    allowed, longest = _PLAIN[column.kind]
    is_id = column.kind is Kind.CODE and column.name.endswith("_id")
    odd = odd_cells(cells, allowed=allowed, longest=_ID_LONGEST if is_id else longest)
    if column.kind is Kind.CODE and not is_id:
        odd |= pc.equal(pc.binary_length(cells), _PHONE_LENGTH).to_numpy(zero_copy_only=False)
    seen = replaced(cells, odd, lambda some: guarded(some, column))
    is_empty = pc.equal(pc.binary_length(seen), 0)
    return pc.if_else(is_empty, pa.scalar(None, pa.string()), seen) if pc.any(is_empty).as_py() else seen


def guarded(cells: pa.Array, column: Column) -> pa.Array:
    """The cells folded to half width, `?` for each that cannot be what its column claims; empty ones stay empty."""
    folded = pc.utf8_trim(pc.utf8_normalize(cells, form="NFKC"), " \t'")
    fits = pc.and_not(pc.match_substring_regex(folded, _FITS[column.kind]), pc.match_substring_regex(cells, _FOREIGN))
    if not column.name.endswith("_id"):
        fits = pc.and_not(fits, pc.match_substring_regex(folded, _TOO_LONG[column.kind]))
    return pc.if_else(pc.equal(folded, ""), "", pc.if_else(fits, folded, UNFIT))
