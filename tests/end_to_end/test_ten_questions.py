"""A stranger answers ten typical questions from the marts; pandas, DuckDB and SQLAlchemy on PostgreSQL give the same answers."""

from __future__ import annotations

import importlib.util
import stat
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, House
from tests.postgres import new_database
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.warehouse.publish import publish
from mianshen.warehouse.publish_files import publish_files

EXAMPLES = ROOT / "docs" / "examples" / "ten-questions"
QUESTIONS = sorted(path.stem for path in EXAMPLES.glob("*.sql"))
Answer = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def examples() -> ModuleType:
    """The example program, as a stranger finds it."""
    spec = importlib.util.spec_from_file_location("ten_questions", EXAMPLES / "answer.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def house(worked: Worked) -> House:
    return worked.house


@pytest.fixture(scope="module")
def folder(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mart as Parquet files."""
    job, made = house.job(IN_TIME), tmp_path_factory.mktemp("published") / "mart"
    publish_files(job.lake, made, county_code=job.county_code, month="2026-10")
    return made


@pytest.fixture(scope="module")
def url(house: House, postgres: str) -> Iterator[str]:
    """The mart in PostgreSQL."""
    job, made = house.job(IN_TIME), new_database(postgres, "ten_questions")
    publish(job.lake, made, county_code=job.county_code, month="2026-10")
    yield made


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with whole numbers as such and whatever a library calls missing as None."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    if isinstance(value, str):
        return value
    assert Decimal(str(value)) == int(value), "an answer is text or a whole number"
    return int(value)


@pytest.mark.parametrize("question", QUESTIONS)
def test_three_ways_give_one_answer(examples: ModuleType, folder: Path, url: str, question: str) -> None:
    in_pandas = plain(examples.by_pandas(question, folder))
    assert in_pandas, "the county has something to say to each question"
    assert plain(examples.by_duckdb(question, folder)) == in_pandas
    assert plain(examples.by_sqlalchemy(question, url)) == in_pandas


def test_there_are_ten_and_the_page_lists_each(examples: ModuleType) -> None:
    text = (ROOT / "docs" / "howto" / "ten-questions.md").read_text("utf-8")
    assert len(QUESTIONS) == 10
    assert list(examples.IN_PANDAS) == QUESTIONS
    assert [one for one in QUESTIONS if f"../examples/ten-questions/{one}.sql" not in text] == []


def test_an_answer_is_the_house_s_own_figure(examples: ModuleType, folder: Path, house: House) -> None:
    sent = house.ledger("select coalesce(sum(amount_fen), 0) from payment where state <> 'cancelled'")[0][0]
    told = plain(examples.by_pandas("08_payments_by_fund", folder))
    assert sum(row[3] for row in told) == sent > 0


def test_a_copy_says_whose_it_is_and_is_read_by_analysts_alone(house: House, folder: Path) -> None:
    import duckdb

    place = folder / "out_award_line"
    [path] = place.glob("*.parquet")
    assert path.name == f"{house.job(IN_TIME).county_code}_2026-10.parquet"
    found = duckdb.execute("select distinct mart_county_code, mart_month from read_parquet($p)", {"p": str(path)}).fetchall()
    assert found == [(house.job(IN_TIME).county_code, "2026-10")]
    assert stat.S_IMODE(place.stat().st_mode) & 0o007 == 0


def test_the_command_writes_the_folder_and_wants_somewhere_to_write(house: House, folder: Path, tmp_path: Path) -> None:
    place = ["--pack", "510118_xinjin", "--month", "2026-10", "--home", str(house.home.root)]
    ended = CliRunner().invoke(app, ["publish", *place, "--folder", str(tmp_path / "mart")])
    assert ended.exit_code == 0, ended.output
    assert {one.name for one in (tmp_path / "mart").iterdir()} == {one.name for one in folder.iterdir()}
    assert CliRunner().invoke(app, ["publish", *place]).exit_code != 0
