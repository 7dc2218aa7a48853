"""A delivery and its rows put into verdicts: what SQL judged, what the reader passed over, and the names behind the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from mianshen.core.codes import REASONS, Level
from mianshen.feeds.grid import LINE
from mianshen.feeds.identities import PERSON_NAMES, Identities
from mianshen.feeds.reader import Landed
from mianshen.feeds.verdict import RowState, RowVerdict
from mianshen.feeds.words import read_name

REPEATED = "ROW_REPEATED"
"""Why an identical row is counted once."""


def row_verdicts(
    landed: Landed, identities: Identities, judged: Iterable[Mapping[str, Any]], *, fixed: pa.Table
) -> tuple[RowVerdict, ...]:
    """The verdict of every line below the heading, in file order.

    `judged` are the rows of staging.*_judged: line_no, reason_code, is_repeat, flags; `fixed` is what `fixes.recorded` gives.
    """
    fixes: dict[int, str] = {}
    for line, code in zip(fixed[LINE].to_pylist(), fixed["reason_code"].to_pylist(), strict=True):
        fixes.setdefault(line, code)
    people = _people(landed, identities)
    found: dict[int, RowVerdict] = {}
    for row in judged:
        line = int(row[LINE])
        certno, name = people[line]
        state, reason = _state(row, fixes.get(line, ""))
        found[line] = RowVerdict(state, reason, certno, name)
    for line, reason in zip(landed.passed[LINE].to_pylist(), landed.passed["reason_code"].to_pylist(), strict=True):
        found[line] = RowVerdict(RowState.IGNORE, reason, "", "")
    return tuple(found[line] for line in sorted(found))


def _people(landed: Landed, identities: Identities) -> dict[int, tuple[str, str]]:
    """Canonical id number and canonical name of each row."""
    column = next((name for name in PERSON_NAMES if name in landed.columns), None)
    names = landed.table[column].to_pylist() if column else [""] * landed.records
    lines = landed.table[LINE].to_pylist()
    people: dict[int, tuple[str, str]] = {}
    for line, place, name in zip(lines, identities.numbers.to_pylist(), names, strict=True):
        people[line] = (identities.read[place].value or "", read_name(name).value)
    return people


def _state(row: Mapping[str, Any], fix: str) -> tuple[RowState, str]:
    flags = [one for one in row["flags"] if REASONS[one].level is Level.FLAG]
    if row["is_repeat"]:
        return RowState.IGNORE, REPEATED
    if row["reason_code"]:
        return RowState.QUAR, str(row["reason_code"])
    if flags:
        return RowState.FLAG, flags[0]
    return (RowState.FIX, fix) if fix else (RowState.LOAD, "")


def identity_table(identities: Identities, keys: Mapping[str, str] | None = None) -> pa.Table:
    """Whose each distinct written number of one delivery is when it is judged by itself, by its place; no number is in it.

    A row's key is its place, or what `keys` says for its number when several deliveries meet.
    """
    values = [one.value for one in identities.read]
    known = keys if keys is not None else {value: str(place) for place, value in reversed(list(enumerate(values))) if value}
    several = {value for value, names in identities.names.items() if len(names) > 1}
    return pa.table(
        {
            "person_key": pa.array([known[value] if value else None for value in values], pa.string()),
            "birth_year": pa.array([int(value[6:10]) if value else None for value in values], pa.int32()),
            "reason_code": pa.array([one.reason_code for one in identities.read], pa.string()),
            "fixes": pa.array([list(one.fixes) for one in identities.read], pa.list_(pa.string())),
            "has_several_names": pa.array([value in several for value in values], pa.bool_()),
        }
    )


def persons_of(identities: pa.Table, numbers: pa.Array) -> dict[str, pa.ChunkedArray]:
    """The columns of staging.landed_* that say whose each row is; `numbers` are the rows' places in the table of identities."""
    rows = identities.take(numbers)
    return {name: rows[name] for name in rows.column_names}
