"""One pack's assessment on DuckDB and on Spark over the same Parquet, row by row, with the CPU and memory of both, in one run.

    .venv/bin/python benchmarks/spark_equality.py 1000000

The input and the policy are those of assess_speed.py. Each engine runs in a process of its own, its start counted; Spark is
local[2] with ANSI on. The rows of both are then compared in DuckDB, every column of both tables.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from assess_speed import make_input, policy, run_assess

from mianshen.warehouse.spark import FACTS, assess_on_spark
from mianshen.warehouse.sql_files import table_doc

TABLES = ("out.award_line", "out.assessment")
YEARS = [2025, 2026]
MEMORY = "2GB"
"""DuckDB's limit."""


def run_spark(folder: Path) -> None:
    """The same assessment on Spark, lines and outcomes written out."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "4g",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "8",
        "spark.local.dir": str(folder / "local"),
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    facts = {}
    for table, file in zip(FACTS, ("events", "enrolments", "spans"), strict=True):
        facts[table] = session.read.parquet(f"{folder}/{file}_whole.parquet")
    made = assess_on_spark(session, [(policy(), YEARS)], facts=facts, folder=f"{folder}/spark")
    for table in TABLES:
        made[table].write.parquet(f"{folder}/spark_{table}")
    session.stop()


def make_whole(folder: Path) -> None:
    """The input with every column that the tables of facts have."""
    with duckdb.connect() as con:
        for table, file in zip(FACTS, ("events", "enrolments", "spans"), strict=True):
            path = folder / f"{file}.parquet"
            there = {row[0] for row in con.execute(f"describe from '{path}'").fetchall()} if path.exists() else set()
            columns = [
                one.name if one.name in there else f"cast(null as {one.type}) as {one.name}" for one in table_doc(table).columns
            ]
            source = f"from '{path}'" if path.exists() else "where false"
            con.execute(f"copy (select {', '.join(columns)} {source}) to '{folder}/{file}_whole.parquet' (format parquet)")


def differences(folder: Path) -> list[tuple[str, int, int, int]]:
    """(table, rows of DuckDB, rows of Spark, rows that only one of them has), repeated rows counted."""
    found = []
    with duckdb.connect() as con:
        for table in TABLES:
            columns = ", ".join(one.name for one in table_doc(table).columns)
            duck = f"select {columns} from '{folder}/out/{table.split('.')[1]}/*.parquet'"
            spark = f"select {columns} from '{folder}/spark_{table}/*.parquet'"
            counts = f"select (select count(*) from ({duck})), (select count(*) from ({spark}))"
            only = f"select count(*) from ((({duck}) except all ({spark})) union all (({spark}) except all ({duck})))"
            rows = con.execute(counts).fetchall()[0]
            found.append((table, *rows, con.execute(only).fetchall()[0][0]))
    return found


def measured(part: str, folder: Path) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of one part with its child processes (Spark's Java machine is one), looked at five times
    a second."""
    started = subprocess.Popen([sys.executable, __file__, part, str(folder)])
    cpu: dict[int, float] = {}
    peak = 0.0
    while started.poll() is None:
        seen = [(pid, *_used(pid)) for pid in _family(started.pid)]
        cpu |= {pid: seconds for pid, seconds, _ in seen if seconds}
        peak = max(peak, sum(mb for _, _, mb in seen))
        time.sleep(0.2)
    if started.returncode:
        raise SystemExit(f"{part} ended with {started.returncode}")
    return sum(cpu.values()), peak


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    except OSError:
        return []
    return [pid, *(one for child in listed for one in _family(int(child)))]


def _used(pid: int) -> tuple[float, float]:
    """CPU seconds so far and resident MB of one process; nothing when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0, 0.0
    ticks, pages = int(stat[11]) + int(stat[12]), int(stat[21])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * resource.getpagesize() / 1e6


def main(arguments: list[str]) -> None:
    """Compare at each size, or run one engine."""
    if arguments[0] in {"duckdb", "spark"}:
        folder = Path(arguments[1])
        run_spark(folder) if arguments[0] == "spark" else run_assess(folder, MEMORY)
        return
    for rows in (int(one) for one in arguments):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_input(folder, rows)
            make_whole(folder)
            for engine in ("duckdb", "spark"):
                cpu, mb = measured(engine, folder)
                print(json.dumps({"settlements": rows, "engine": engine, "cpu_seconds": round(cpu, 1), "peak_mb": round(mb)}))
            for table, duck, spark, only in differences(folder):
                print(f"{table}: {duck:,} rows on DuckDB, {spark:,} on Spark, {only} differ", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
