"""Spark and DuckDB give the same rows to the fen from the same statements, as the reference does; and a wrong statement is wrong
on Spark too, so that the comparison can fail there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Shard
from tests.properties.compiler_mutants import COMPILER
from tests.properties.mutation import running
from tests.properties.relief_cases import County, county_of, focused_county
from tests.properties.relief_sides import by_reference, by_sql
from tests.properties.relief_steps import FOCI
from tests.properties.spark_side import by_spark, given_facts, spark_session

from mianshen.core.errors import MianshenError
from mianshen.warehouse.spark import assess_on_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="NOT RUN: no Java"),
    pytest.mark.timeout(900),
]

COUNTIES: tuple[tuple[str | None, int], ...] = (*((None, seed) for seed in range(21)), *((one, 0) for one in FOCI))
"""Drawn counties that `make prove` compares, over all shards: with steps of all kinds, and with one kind each."""
MUTANTS = COMPILER[::2][:16]
"""Mutations of the compiler that are looked for on Spark; all of them are on DuckDB."""
LOOKED_AT = 60
"""Drawn counties among which DuckDB sees a mutation."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with spark_session(tmp_path_factory.mktemp("spark")) as started:
        yield started


def drawn(focus: str | None, seed: int) -> County:
    draw = Random(f"spark {focus} {seed}")
    return county_of(draw, people=30, is_varied=seed % 3 != 0) if focus is None else focused_county(draw, focus)


@pytest.mark.proof
def test_the_three_computations_agree_row_by_row(session: SparkSession, shard: Shard) -> None:
    for focus, seed in shard.take(COUNTIES):
        county = drawn(focus, seed)
        spark, duck = by_spark(session, county), by_sql(county)
        assert sorted(spark ^ duck, key=repr) == [], f"{focus} {seed}: Spark and DuckDB"
        assert spark == by_reference(county), f"{focus} {seed}: Spark and the reference"


@pytest.mark.proof
def test_a_wrong_statement_is_seen_on_spark(session: SparkSession, shard: Shard) -> None:
    assert len(MUTANTS) == 16
    for mutant in shard.take(MUTANTS):
        for seed in range(LOOKED_AT):
            county = drawn(mutant.focus, seed)
            right = by_reference(county)
            with running(mutant):
                if by_sql(county) != right:
                    assert by_spark(session, county) != right, mutant.name
                    break
        else:
            pytest.fail(f"no drawn county shows the mutation [{mutant.name}]")


def test_a_session_that_lets_numbers_overflow_is_refused(session: SparkSession) -> None:
    session.conf.set("spark.sql.ansi.enabled", "false")
    try:
        with pytest.raises(MianshenError, match="SPARK_NOT_ANSI"):
            assess_on_spark(session, [], facts={}, folder="nowhere")
    finally:
        session.conf.set("spark.sql.ansi.enabled", "true")


def test_a_sum_beyond_bigint_stops_the_run(session: SparkSession, tmp_path: object) -> None:
    from pathlib import Path

    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    county = drawn("brackets", 0)
    read = given_facts(session, county, Path(str(tmp_path)))
    care = read["facts.care_event"].selectExpr("* except (inscp_scp_amt)", "9000000000000000000l as inscp_scp_amt")
    with pytest.raises((PySparkException, Py4JJavaError), match="OVERFLOW"):
        assess_on_spark(
            session, [(county.plan, [2025, 2026, 2027])], facts=read | {"facts.care_event": care}, folder=f"{tmp_path}/run"
        )
