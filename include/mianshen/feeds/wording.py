"""Whether two rows say the same where their words may not leave the reader: names, hospitals and villages as numbers."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.feeds.identities import PERSON_NAMES
from mianshen.feeds.reader import Landed
from mianshen.feeds.words import read_name

SPOKEN = (*PERSON_NAMES, "village", "fixmedins_name", "dise_name")
"""Columns whose text stays behind and yet tells one row from another."""
_BETWEEN = "\u001f"


def wording(landed: Landed, *, also: tuple[str, ...] = ()) -> pa.Array:
    """A number for each wording within the delivery, equal where two rows say the same; names count as they are read."""
    encoded = pc.dictionary_encode(spoken(landed, also=also))
    return encoded.indices.cast(pa.int64())


def spoken(landed: Landed, *, also: tuple[str, ...] = (), salt: str = "") -> pa.Array:
    """Each row's words in one text that begins with the salt, equal where two rows say the same. Never written anywhere."""
    cells = [_canonical(landed, one) for one in (*SPOKEN, *also) if one in landed.columns]
    joined = pc.binary_join_element_wise(pa.scalar(salt), *cells, _BETWEEN) if cells else pa.array([salt] * landed.records)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _canonical(landed: Landed, column: str) -> pa.Array:
    cells = landed.table[column].combine_chunks()
    if column not in PERSON_NAMES:
        return cells
    encoded = pc.dictionary_encode(cells)
    return pa.array([read_name(one).value for one in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)
