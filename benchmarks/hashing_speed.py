"""HMAC-SM3 of a million new id numbers beside an unkeyed hash of the same numbers in SQL, both in this run; CPU seconds.

    python benchmarks/hashing_speed.py [PEOPLE]

The keyed digests are made as the register makes them, one call a number through the cryptographic module. The SQL hash is what
a table would carry that can be turned back into numbers within a minute: it is here for its speed alone.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from mianshen.core.ids import make_certno
from mianshen.vault.sm import Tagger


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the work, of all its threads."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main(people: int) -> None:
    """Print both sides and their ratio, the best of three rounds each."""
    numbers = [make_certno(born=date(1930, 1, 1) + timedelta(days=place // 1000), serial=place % 1000) for place in range(people)]
    tagger = Tagger(os.urandom(32), os.urandom(32))
    table = pa.table({"certno": numbers})
    connection = duckdb.connect(config={"threads": 2})
    connection.register("people", table)

    def keyed() -> list[str]:
        return [tagger.tag("certno", one) for one in numbers]

    def unkeyed() -> pa.Table:
        return connection.sql("select sha256(certno) as hash from people").to_arrow_table()

    assert len(set(keyed())) == people and unkeyed().num_rows == people
    sides = {"HMAC-SM3, keyed": keyed, "DuckDB sha256(certno), unkeyed": unkeyed}
    best = {name: min(cpu_seconds(work) for _ in range(3)) for name, work in sides.items()}
    print(f"{people:,} distinct numbers\n\n| side | CPU seconds |\n| --- | ---: |")
    for name, seconds in best.items():
        print(f"| {name} | {seconds:.2f} |")
    ours, theirs = best.values()
    print(f"\n{ours / theirs:.1f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
