"""The computation of one county on Spark, over the same facts as DuckDB's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
from tests.properties.relief_cases import County
from tests.properties.relief_sides import LINE, ORDER, TODAY, VERDICT, Rows, each_once, facts

from mianshen.warehouse.assessing import UNSHOWN
from mianshen.warehouse.spark import FACTS, assess_on_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def spark_session(folder: Path, **settings: str) -> Iterator[SparkSession]:
    """Spark on two local cores, in a zone that is not ours and skips an hour a year; one partition, since counties are small."""
    from pyspark.sql import SparkSession

    bound = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.shuffle.partitions": "1",
        **settings,
    }
    builder = SparkSession.builder.master("local[2]").appName("mianshen")
    for name, value in bound.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def by_spark(session: SparkSession, county: County) -> Rows:
    """The answer of the compiled statements on Spark."""
    years = sorted({claim.benefit_year for person in county.people for claim in person.claims})
    with TemporaryDirectory() as name:
        read = given_facts(session, county, Path(name))
        made = assess_on_spark(session, [(county.plan, years)], facts=read, folder=f"{name}/run", on=TODAY)
        lines = [row.asDict() for row in made["out.award_line"].collect()]
        verdicts = [row.asDict() for row in made["out.assessment"].collect()]
        orders = [row.asDict() for row in made["out.order_tried"].collect()]
    told: list[tuple[Any, ...]] = [
        (*(one[column] for column in LINE), None if one["event_id"] else one["person_key"]) for one in lines
    ]
    told += [tuple(one[column] for column in VERDICT) for one in verdicts]
    return each_once([*told, *(tuple(one[column] for column in ORDER) for one in orders)])


def given_facts(session: SparkSession, county: County, folder: Path) -> dict[str, Any]:
    """The county's facts as Spark reads them from the Parquet that DuckDB wrote."""
    with duckdb.connect(":memory:") as connection:
        facts(connection, county)
        shown = "select table_schema || '.' || table_name from information_schema.tables"
        there = {name for (name,) in connection.execute(shown).fetchall()}
        tables = [table for table in (*FACTS, *UNSHOWN) if table in there]
        for table in tables:
            connection.execute(f"copy {table} to '{folder}/{table}.parquet' (format parquet)")
    return {table: session.read.parquet(f"{folder}/{table}.parquet") for table in tables}
