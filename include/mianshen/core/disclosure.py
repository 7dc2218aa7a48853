"""Small cells: which figures about few people are hidden, and which others with them, so that no total gives them back.

A figure about fewer than `threshold` people, but not nobody, is small and hidden (primary). Where what is shown lets a reader
reckon a hidden figure, or the sum of hidden ones that are few people together, the smallest figure that helps is hidden as well
(complementary), until nothing can be reckoned. What is asked is exact: the hidden figures are unknowns, every sum an equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

from mianshen.core.figures import Cell, Figures, Sum


class Hidden(StrEnum):
    """Why a figure is not shown."""

    SMALL = "small"
    """It is about few people."""
    KEPT = "kept"
    """It would give a small one away."""


def hidden_cells(tables: Sequence[Figures], *, threshold: int) -> dict[Cell, Hidden]:
    """Every cell of the tables that must not be shown, with the reason.

    A figure about people falls with the count of those people; sums are read over these counts.
    """
    bases, counts = _counts(tables)
    bases = _as_one(tables, bases)
    small = {cell for cell, count in counts.items() if 0 < count < threshold}
    hidden = set(small)
    sums = _sums(tables, bases)
    while leak := _leak(sums, counts, hidden, small=small, threshold=threshold):
        more = _next_hidden(leak, sums, counts, hidden)
        if more is None:
            break
        hidden.add(more)
    return {
        cell: Hidden.SMALL if basis in small else Hidden.KEPT
        for cell, basis in bases.items()
        if basis is not None and basis in hidden
    }


def _counts(tables: Sequence[Figures]) -> tuple[dict[Cell, Cell | None], dict[Cell, int]]:
    """The basis of every cell, and how many people each basis is."""
    bases = {cell: table.basis_of(cell) for table in tables for cell, _, _ in table.cells()}
    values = {cell: value for table in tables for cell, _, value in table.cells()}
    return bases, {basis: values[basis] or 0 for basis in bases.values() if basis is not None}


def _as_one(tables: Sequence[Figures], bases: Mapping[Cell, Cell | None]) -> dict[Cell, Cell | None]:
    """The bases, where two that are equal by a sum of one part are one: they are shown or hidden together."""
    stands_for: dict[Cell, Cell] = {}

    def first(cell: Cell) -> Cell:
        while cell in stands_for:
            cell = stands_for[cell]
        return cell

    for one in (one for table in tables for one in table.sums if len(one.totals) == len(one.parts) == 1):
        pair = [first(basis) for cell in one.cells if (basis := bases[cell]) is not None]
        if len(set(pair)) == 2:
            stands_for[max(pair)] = min(pair)
    return {cell: basis if basis is None else first(basis) for cell, basis in bases.items()}


def _sums(tables: Sequence[Figures], bases: Mapping[Cell, Cell | None]) -> list[Sum]:
    """Every sum in terms of the people behind its cells; a sum of figures about nobody hides nothing."""
    found: dict[Sum, None] = {}
    for one in (one for table in tables for one in table.sums):
        totals = [basis for cell in one.totals if (basis := bases[cell]) is not None]
        parts = [basis for cell in one.parts if (basis := bases[cell]) is not None]
        if len(totals) + len(parts) == len(one.cells) == len({*totals, *parts}):
            found[Sum(tuple(totals), tuple(parts))] = None
    return list(found)


def _leak(
    sums: Sequence[Sum], counts: Mapping[Cell, int], hidden: set[Cell], *, small: set[Cell], threshold: int
) -> frozenset[Cell]:
    """Hidden cells that can be reckoned, alone, as a sum of few people, or as the least or most they can be; empty when none."""
    rows = [_equation(one, hidden) for one in sums]

    def is_told(row: Mapping[Cell, Fraction]) -> bool:
        if len(set(row.values())) != 1:
            return False
        known = sum(counts[cell] for cell in row)
        extremes = (len(row), len(row) * (threshold - 1))
        return 0 < known < threshold or (known in extremes and small.issuperset(row))

    reduced = _reduced([row for row in rows if row])
    return next((frozenset(row) for row in (*reduced, *rows) if len(row) == 1 or is_told(row)), frozenset())


def _equation(one: Sum, hidden: set[Cell]) -> dict[Cell, Fraction]:
    """What a reader knows of the hidden cells of a sum: parts less totals, as far as they are hidden."""
    return {
        **{cell: Fraction(1) for cell in one.parts if cell in hidden},
        **{cell: Fraction(-1) for cell in one.totals if cell in hidden},
    }


def _reduced(rows: Iterable[Mapping[Cell, Fraction]]) -> list[dict[Cell, Fraction]]:
    """The equations in reduced row echelon form: an unknown that they fix stands alone in one of them."""
    pivots: dict[Cell, dict[Cell, Fraction]] = {}
    for given in rows:
        row = dict(given)
        for cell in [cell for cell in row if cell in pivots]:
            _subtract(row, pivots[cell], row.get(cell, Fraction(0)))
        if not row:
            continue
        lead = min(row)
        row = {cell: factor / row[lead] for cell, factor in row.items()}
        for other in pivots.values():
            _subtract(other, row, other.get(lead, Fraction(0)))
        pivots[lead] = row
    return list(pivots.values())


def _subtract(row: dict[Cell, Fraction], other: Mapping[Cell, Fraction], times: Fraction) -> None:
    if not times:
        return
    for cell, factor in other.items():
        left = row.get(cell, Fraction(0)) - times * factor
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def _next_hidden(leak: frozenset[Cell], sums: Sequence[Sum], counts: Mapping[Cell, int], hidden: set[Cell]) -> Cell | None:
    """The smallest shown figure of the sums in which the leak stands, a part before a total and somebody before nobody.

    None when everything that could be hidden is.
    """
    near = [one for one in sums if leak & {*one.cells}]
    parts = {part for one in near for part in one.parts} - hidden
    totals = {total for one in near for total in one.totals} - hidden
    far = {cell for one in sums for cell in one.cells} - hidden
    for choice in ({part for part in parts if counts[part]}, totals, parts, far):
        if choice:
            return min(choice, key=lambda cell: (counts[cell], cell))
    return None
