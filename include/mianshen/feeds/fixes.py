"""What was normalised in a delivery, cell by cell: the line, the field and a reason code; never the cell itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract
from mianshen.feeds.grid import LINE
from mianshen.feeds.identities import Identities, Numbered, identity_column
from mianshen.feeds.reader import Landed
from mianshen.feeds.words import town_of

RECORDED = pa.schema([(LINE, pa.int64()), ("field", pa.string()), ("reason_code", pa.string())])
"""One row is one normalisation of one cell."""
FIX_CODES: Mapping[str, str] = {
    "full_width": "WIDTH_FOLDED",
    "apostrophe": "APOSTROPHE_REMOVED",
    "separators": "SPACES_REMOVED",
    "lower_case_x": "LETTER_X_RAISED",
    "fifteen_digits": "FIFTEEN_UPGRADED",
    "card": "CARD_OPENED",
    "card_reissued": "CARD_REISSUED",
}
"""The reason code of each normalisation of an id number."""
TOWN = "town"
"""The column that is read as one of the county's towns."""


def recorded(landed: Landed, identities: Identities | Numbered, contract: Contract, *, towns: Iterable[str]) -> pa.Table:
    """Every normalisation of a delivery or block by line, each once, the id number's first; `towns` are the county's."""
    numbers = _numbers(landed, identities, identity_column(contract))
    town = _towns(landed, tuple(towns))
    found = pa.concat_tables([*numbers, landed.fixes.rename_columns(RECORDED.names).cast(RECORDED), *town])
    once = found.group_by(RECORDED.names, use_threads=False).aggregate([]).select(RECORDED.names) if numbers or town else found
    return once.sort_by([(LINE, "ascending")])


def _numbers(landed: Landed, identities: Identities | Numbered, field: str) -> list[pa.Table]:
    """What was done to id numbers, one table a kind of fix."""
    lines, numbers = landed.table[LINE], identities.numbers.cast(pa.int64())
    return [
        _noted(lines.filter(pc.is_in(numbers, pa.array(some, pa.int64()))), field, FIX_CODES[fix])
        for fix, some in identities.fixed.items()
    ]


def _towns(landed: Landed, towns: tuple[str, ...]) -> list[pa.Table]:
    """Cells read as a town that is spelled otherwise in the pack; no table where there is none."""
    if not towns or TOWN not in landed.columns:
        return []
    encoded = pc.dictionary_encode(landed.table[TOWN].combine_chunks())
    respelled = [town_of(towns, one) not in (None, one) for one in encoded.dictionary.to_pylist()]
    if not any(respelled):
        return []
    return [_noted(landed.table[LINE].filter(pa.array(respelled, pa.bool_()).take(encoded.indices)), TOWN, "TOWN_RESPELLED")]


def _noted(lines: pa.ChunkedArray, field: str, code: str) -> pa.Table:
    said = np.zeros(len(lines), np.int8)
    return pa.table(
        {
            LINE: lines,
            "field": pa.DictionaryArray.from_arrays(said, [field]).cast(pa.string()),
            "reason_code": pa.DictionaryArray.from_arrays(said, [code]).cast(pa.string()),
        }
    ).cast(RECORDED)
