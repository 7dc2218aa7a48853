"""What is judged a column at a time is judged as it would be cell by cell."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mianshen.core.contract import Column, Kind
from mianshen.feeds.outgoing import _fitting, guarded
from mianshen.feeds.plain import all_shaped

KINDS = (Kind.MONEY, Kind.RATIO, Kind.INTEGER, Kind.DATE, Kind.MOMENT, Kind.CODE)
SIGNS = "0123456789-+,./: '*_eExX¥元年月日男女张\u3000\u00a0\uff10\uff0d①TZ"
CELLS = st.one_of(
    st.text(SIGNS, max_size=22),
    st.sampled_from(["", "0.00", "247.60", "1234567890.12", "13912345678", "100999193001010027", "2026-10-05", "男", "'12"]),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,12}\.[0-9]{2}", fullmatch=True),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["anything", "setl_id"])
@settings(max_examples=60, deadline=None)
@given(cells=st.lists(CELLS, max_size=12), cut=st.integers(0, 3))
def test_a_cell_leaves_alone_as_it_leaves_in_its_column(kind: Kind, name: str, cells: list[str], cut: int) -> None:
    column = Column(name, kind, (name,), is_required=False, may_be_empty=True, codes=())
    together = _fitting(pa.chunked_array([pa.array(cells, pa.string())[cut:]]), column).to_pylist()
    alone = [guarded(pa.array([cell], pa.string()), column)[0].as_py() or None for cell in cells[cut:]]
    assert together == alone


@settings(max_examples=200, deadline=None)
@given(cells=st.lists(st.one_of(st.just("2026-10-05"), st.text("2026-105x张", min_size=9, max_size=11)), max_size=4))
def test_a_column_has_a_shape_when_every_cell_has_it(cells: list[str]) -> None:
    alone = [len(cell) == 10 and cell[4] + cell[7] == "--" and (cell[:4] + cell[5:7] + cell[8:]).isdigit() for cell in cells]
    assert all_shaped(pa.array(cells, pa.string()), "0000-00-00") == (bool(cells) and all(alone))
