"""Small cells stay hidden: an attacker who knows every shown figure and every sum reckons none of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core import disclosure
from mianshen.core.disclosure import Hidden, hidden_cells
from mianshen.core.figures import Cell, Column, Figures, Line, Sum, Unit

FEW = 10
PEOPLE = Column("people", "人数", "people", Unit.PEOPLE)
FEN = Column("fen", "金额", "yuan", Unit.FEN, "people")


def one_column(*counts: int) -> Figures:
    """A table of parts and their total, money beside the people."""
    lines = [Line(f"p{place}", "", "", (count, count * 100)) for place, count in enumerate(counts)]
    total = Line("all", "", "", (sum(counts), sum(counts) * 100), is_total=True)
    table = Figures("t", "", "", (PEOPLE, FEN), (*lines, total))
    sums = tuple(
        Sum((table.cell("all", code),), tuple(table.cell(one.code, code) for one in lines)) for code in ("people", "fen")
    )
    return Figures("t", "", "", table.columns, table.lines, sums)


def crossed(rows: list[list[int]]) -> Figures:
    """Lines by columns with both kinds of totals."""
    codes = [f"c{place}" for place in range(len(rows[0]))]
    full = [[*row, sum(row)] for row in rows]
    full.append([sum(row[place] for row in full) for place in range(len(full[0]))])
    lines = tuple(Line(f"l{place}", "", "", tuple(row)) for place, row in enumerate(full))
    columns = tuple(Column(code, "", "", Unit.PEOPLE) for code in (*codes, "all"))
    last = f"l{len(rows)}"
    across = [Sum((Cell("x", one.code, "all"),), tuple(Cell("x", one.code, code) for code in codes)) for one in lines]
    down = [
        Sum((Cell("x", last, one.code),), tuple(Cell("x", f"l{place}", one.code) for place in range(len(rows))))
        for one in columns
    ]
    return Figures("x", "", "", columns, lines, (*across, *down))


def reckoned(table: Figures, hidden: dict[Cell, Hidden]) -> list[Cell]:
    """The hidden cells that linear algebra gives back: their unit vector lies in the row space of the sums."""
    cells = sorted(hidden)
    if not cells:
        return []
    matrix = np.array([[(cell in one.parts) - (cell in one.totals) for cell in cells] for one in table.sums], dtype=np.int64)
    rank = np.linalg.matrix_rank(matrix)
    units = np.eye(len(cells), dtype=np.int64)
    return [cell for cell, unit in zip(cells, units, strict=True) if np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank]


@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_hidden_figure_of_a_crossed_table_can_be_reckoned(rows: list[list[int]]) -> None:
    table = crossed(rows)
    hidden = hidden_cells([table], threshold=FEW)
    counts = {cell: value or 0 for cell, _, value in table.cells()}
    small = {cell for cell, count in counts.items() if 0 < count < FEW}
    assert {cell for cell, why in hidden.items() if why is Hidden.SMALL} == small
    assert not small & set(reckoned(table, hidden))


def test_the_attack_finds_what_only_small_cells_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "_leak", lambda *_, **__: frozenset())
    table = crossed([[5, 40, 30], [20, 30, 50]])
    assert reckoned(table, hidden_cells([table], threshold=FEW)) == [Cell("x", "l0", "c0")]


def test_the_money_of_few_people_falls_with_them_and_with_what_would_give_it_back() -> None:
    hidden = hidden_cells([one_column(3, 30, 50)], threshold=FEW)
    assert hidden == {
        Cell("t", "p0", "people"): Hidden.SMALL,
        Cell("t", "p0", "fen"): Hidden.SMALL,
        Cell("t", "p1", "people"): Hidden.KEPT,
        Cell("t", "p1", "fen"): Hidden.KEPT,
    }


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((0, 30, 50), {0, 30, 50}),
        ((9, 30, 50), {50}),
        ((10, 30, 50), {10, 30, 50}),
        ((2, 3, 30, 50), {50}),
        ((4, 6, 50, 60), {50, 60}),
        ((9, 9, 50, 60), {60}),
        ((5, 0, 0), {0}),
    ],
    ids=["nobody", "nine", "ten", "two_that_are_few_together", "two_that_are_many", "the_most_they_can_be", "a_small_total"],
)
def test_what_is_hidden_at_the_edge(counts: tuple[int, ...], shown: set[int]) -> None:
    hidden = hidden_cells([one_column(*counts)], threshold=FEW)
    assert {count for place, count in enumerate(counts) if Cell("t", f"p{place}", "people") not in hidden} == shown


def test_a_sum_over_two_tables_gives_nothing_back() -> None:
    parts = Figures("parts", "", "", (PEOPLE,), (Line("a", "", "", (4,)), Line("b", "", "", (40,)), Line("c", "", "", (60,))))
    whole = Figures("whole", "", "", (PEOPLE,), (Line("all", "", "", (104,)),))
    told = Sum((whole.cell("all", "people"),), tuple(parts.cell(code, "people") for code in "abc"))
    linked = Figures("whole", "", "", whole.columns, whole.lines, (told,))
    assert set(hidden_cells([parts, whole], threshold=FEW)) == {parts.cell("a", "people")}
    assert set(hidden_cells([parts, linked], threshold=FEW)) == {parts.cell("a", "people"), parts.cell("b", "people")}
