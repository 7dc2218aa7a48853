"""Cells laid apart come back in their column and row; a column without any stays away."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from mianshen.feeds.apart import ODD, put_back, set_apart

NAMES = ("medfee_sumamt", "begndate", "setl_time")
CELL = st.none() | st.sampled_from(["12.3", "", "?", "2026/1/5"])


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_what_is_set_apart_is_put_back_however_the_rows_are_cut(
    cells: list[tuple[str | None, ...]], start: int, length: int
) -> None:
    columns = {name: pa.array([row[place] for row in cells], pa.string()) for place, name in enumerate(NAMES)}
    rows = pa.table({"line_no": pa.array(range(len(cells)), pa.int64()), **columns})
    apart = set_apart(rows, NAMES)
    assert apart.column_names == ["line_no", ODD]
    part, found = rows.slice(start, length), put_back(apart.slice(start, length), NAMES)
    assert found.column_names == ["line_no", *(name for name in NAMES if part[name].null_count < len(part))]
    assert all(found[name].to_pylist() == part[name].to_pylist() for name in found.column_names)
