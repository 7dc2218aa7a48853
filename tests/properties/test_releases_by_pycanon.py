"""An outside program says the same of a release: pycanon, in an environment of its own that is installed from its lock."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
from benchmarks.peer import ask
from tests.sql.released import Somebody, county, released, rules

QUASI, SENSITIVE = "age_band,gend,town,category", "disease_group,relief_band"
RAW = "age,gend,town,category_set"


def many(count: int) -> list[Somebody]:
    """A county's listed people, drawn once for ever."""
    draw = random.Random(20261001)
    return [
        Somebody(
            age=draw.randint(0, 95),
            gend=draw.choice("12"),
            town=draw.choice(["甲镇", "乙镇", "丙镇"]),
            categories=draw.choice([("POOR",), ("POOR",), ("ILL",), ("ILL", "POOR")]),
            disease=draw.choice([None, None, "N18", "C34", "I10"]),
            relief_yuan=draw.choice([0, 0, 500, 2000, 9000]),
        )
        for _ in range(count)
    ]


def judged(con: duckdb.DuckDBPyConnection, path: Path, table: str, quasi: str) -> dict[str, Any]:
    con.execute(f"copy (select * from {table}) to '{path}' (format csv, header)")
    return ask("pycanon", "judge.py", path, quasi, SENSITIVE)


def test_pycanon_finds_every_group_large_and_mixed_enough(tmp_path: Path) -> None:
    con, wanted = county(many(600)), rules()
    assert released(con, wanted) is not None
    smallest, diseases, bands = con.execute(
        "select min(people), min(disease_groups), min(relief_bands) from release.people_group"
    ).fetchall()[0]
    found = judged(con, tmp_path / "released.csv", "release.people", QUASI)
    assert found["rows"] > 500
    assert (found["k"], found["l"]) == (smallest, {"disease_group": diseases, "relief_band": bands})
    assert found["k"] >= 10 and min(found["l"].values()) >= 3
    raw = judged(con, tmp_path / "raw.csv", "release.people_candidate", RAW)
    assert (raw["k"], raw["rows"]) == (1, 600), "the same people, not released, are told apart"
