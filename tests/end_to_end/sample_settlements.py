"""The third-party sample's settlements beside their answer key, and a copy with every planted fault undone."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

REPEATS = frozenset({"repeated_same_file", "repeated_next_month", "corrected_next_month"})
"""What is planted as a row of its own."""


@dataclass(frozen=True)
class Key:
    """The answer key."""

    settlements: Mapping[str, Mapping[str, Any]]
    """Newest version by settlement id, money in fen."""
    planted: Mapping[str, Mapping[str, str]]
    """Kind of fault to settlement id to its detail."""
    people: Mapping[str, Mapping[str, str]]
    """Persons by id number."""

    @property
    def money(self) -> list[str]:
        """The money columns."""
        return [name for name, value in next(iter(self.settlements.values())).items() if isinstance(value, int)]


def read_key(source: Path) -> Key:
    """What truth/ says."""
    rows = pq.read_table(source / "truth" / "settlement_clean_cents.parquet").to_pylist()
    planted: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _csv(source / "truth" / "dirt.csv.gz"):
        if row["file"] == "feed":
            planted[row["kind"]][row["key"]] = row["detail"]
    people = {row["certno"]: row for row in _csv(source / "truth" / "persons.csv.gz")}
    return Key({row["setl_id"]: row for row in rows}, planted, people)


def delivered(source: Path) -> dict[str, list[dict[str, str]]]:
    """The delivered rows by month; the last month's second encoding apart."""
    return {path.name.split("_")[2][:6]: list(_csv(path)) for path in sorted((source / "feed").glob("*.csv.gz"))}


def repaired(source: Path, key: Key) -> dict[str, bytes]:
    """The files as they would be without a fault: file name to bytes."""
    made = {}
    for month, rows in delivered(source).items():
        seen: Counter[str] = Counter()
        kept = []
        for row in rows:
            seen[row["setl_id"]] += 1
            if _is_extra(row["setl_id"], month, seen, key.planted):
                continue
            kept.append(_repair(row, key))
        made[f"settlement_510118_{month}.csv"] = written(kept, tuple(rows[0]))
    return made


def written(rows: Iterable[Mapping[str, str]], head: tuple[str, ...]) -> bytes:
    """Rows as a delivered file."""
    text = io.StringIO()
    out = csv.DictWriter(text, head, lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return text.getvalue().encode()


def _is_extra(setl_id: str, month: str, seen: Counter[str], planted: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the row was put in beside the settlement's own: a repetition, or the version before its correction."""
    if seen[setl_id] > 1 and setl_id in planted["repeated_same_file"]:
        return True
    if planted["repeated_next_month"].get(setl_id) == month:
        return True
    return planted["corrected_next_month"].get(setl_id, month) != month


def _repair(row: Mapping[str, str], key: Key) -> dict[str, str]:
    truth = key.settlements[row["setl_id"]]
    money = {
        name: f"{'-' if truth[name] < 0 else ''}{abs(truth[name]) // 100}.{abs(truth[name]) % 100:02d}"
        for name in key.money
        if name in row
    }
    name = key.people[truth["certno"]]["psn_name"]
    return {**row, **money, "certno": truth["certno"], "psn_name": name, "enddate": truth["enddate"]}


def _csv(path: Path) -> Iterable[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)
