"""Bare reads of a settlement file to Parquet with typed columns; nothing is judged, nothing is sealed.

    python benchmarks/bare_reads.py duckdb|pyarrow|pandas SOURCE.csv TARGET.parquet

Each part imports its own library only, so that a process pays for one.
"""

from __future__ import annotations

import sys
from pathlib import Path

DAYS = ("brdy", "begndate", "enddate")
MOMENTS = ("setl_time", "updt_time")
MONEY = ("_amt", "_pay", "_dedc", "_sumamt", "_selfpay")


def kinds(source: str) -> dict[str, str]:
    """day, moment, money or text of each column."""
    with Path(source).open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    return {name: _kind(name) for name in names}


def _kind(name: str) -> str:
    if name in DAYS:
        return "day"
    if name in MOMENTS:
        return "moment"
    return "money" if name.endswith(MONEY) and name != "pool_prop_selfpay" else "text"


def with_duckdb(source: str, target: str) -> None:
    """DuckDB's reader, two threads, the memory limit of the product."""
    import duckdb

    types = {"day": "date", "moment": "timestamp", "money": "decimal(12, 2)", "text": "varchar"}
    columns = {name: types[kind] for name, kind in kinds(source).items()}
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    read = f"read_csv('{source}', columns={columns}, header=true)"
    connection.execute(f"copy (from {read}) to '{target}' (format parquet, compression zstd)")


def with_pyarrow(source: str, target: str) -> None:
    """pyarrow's reader in pieces."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv
    import pyarrow.parquet as pq

    types = {"day": pa.date32(), "moment": pa.timestamp("s"), "money": pa.decimal128(12, 2), "text": pa.string()}
    convert = arrow_csv.ConvertOptions(column_types={name: types[kind] for name, kind in kinds(source).items()})
    with (
        arrow_csv.open_csv(source, convert_options=convert) as pieces,
        pq.ParquetWriter(target, pieces.schema, compression="zstd") as writer,
    ):
        for piece in pieces:
            writer.write_batch(piece)


def with_pandas(source: str, target: str) -> None:
    """Plain pandas: amounts are floats, the whole file is in memory."""
    import pandas as pd

    found = kinds(source)
    days = [name for name, kind in found.items() if kind in ("day", "moment")]
    text = {name: "str" for name, kind in found.items() if kind == "text"}
    pd.read_csv(source, dtype=text, parse_dates=days).to_parquet(target, compression="zstd", index=False)


if __name__ == "__main__":
    {"duckdb": with_duckdb, "pyarrow": with_pyarrow, "pandas": with_pandas}[sys.argv[1]](sys.argv[2], sys.argv[3])
