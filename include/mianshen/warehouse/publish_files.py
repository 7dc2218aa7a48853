"""The mart as Parquet files: the same copies as in a SQL database, for pandas and DuckDB. Replaced whole, never edited."""

from __future__ import annotations

from pathlib import Path

from mianshen.core.paths import SHARED
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.publish import SCHEMAS, mart_name
from mianshen.warehouse.sql_files import documented_tables, order_of, table_doc


def publish_files(lake: Lake, folder: Path, *, county_code: str, month: str) -> dict[str, int]:
    """Write <folder>/out_award_line/<county>_<month>.parquet and so on; rows by table.

    The columns are those of the database's copies, mart_county_code and mart_month first; lists stay lists. A file that stood
    for this county and month is replaced by one rename.
    """
    written = {}
    for table in documented_tables():
        files = lake.current(table, county_code=county_code, month=month) if table.split(".")[0] in SCHEMAS else []
        if files:
            target = folder / mart_name(table) / f"{county_code}_{month}.parquet"
            written[table] = _copy(table, files, target, county_code=county_code, month=month)
    return written


def _copy(table: str, files: list[str], target: Path, *, county_code: str, month: str) -> int:
    for made in (target.parent.parent, target.parent):
        made.mkdir(parents=True, exist_ok=True, mode=SHARED)
    temporary = target.with_name(f".tmp-{target.name}")
    columns = ", ".join(f'"{one.name}"' for one in table_doc(table).columns)
    query = f"""
        select cast($county_code as varchar) as mart_county_code, cast($month as varchar) as mart_month, {columns}
        from {table}
        order by {", ".join(order_of(table)) or "all"}
    """  # noqa: S608 - names from our .yml, our own paths
    place = str(temporary).replace("'", "''")
    with compute() as con:
        show(con, table, files)
        con.execute(f"copy ({query}) to '{place}' (format parquet)", {"county_code": county_code, "month": month})
        found = con.execute("select count(*) from read_parquet($path)", {"path": str(temporary)}).fetchall()
    temporary.rename(target)
    return int(found[0][0])
