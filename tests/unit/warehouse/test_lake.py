"""Runs become visible whole or not at all, once."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from mianshen.warehouse.connect import compute, open_database
from mianshen.warehouse.lake import Lake, RunSpec, show
from mianshen.warehouse.ledger import METADATA, RUN
from mianshen.warehouse.sql_files import table_doc


def spec(moment: str = "2026-11-22T09:00:00+08:00") -> RunSpec:
    return RunSpec("probe", "100999", "2026-10", moment, ("a",), "plan", "code")


@pytest.fixture
def ledger(tmp_path: Path) -> Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    METADATA.create_all(engine)
    return engine


@pytest.fixture
def lake(tmp_path: Path, ledger: Engine) -> Lake:
    return Lake(tmp_path / "lake", ledger)


def write(lake: Lake, one: RunSpec, value: int) -> str:
    with lake.writing(one) as run:
        run.write(compute(), "facts.refund", "select $value::bigint as fen order by 1", {"value": value})
        return lake.commit(run)


def test_nothing_is_seen_before_commit_and_nothing_left_after_an_error(lake: Lake) -> None:
    with pytest.raises(RuntimeError, match="stop"), lake.writing(spec()) as run:
        run.write(compute(), "facts.refund", "select 1 as fen order by 1")
        raise RuntimeError("stop")
    assert lake.current("facts.refund", county_code="100999") == []
    assert [path for path in lake.root.rglob("*") if path.is_file()] == []


def test_the_same_run_twice_is_one_run(lake: Lake, ledger: Engine) -> None:
    assert write(lake, spec(), 1) == write(lake, spec(), 1)
    with ledger.connect() as connection:
        assert len(connection.execute(select(RUN)).all()) == 1


def test_readers_see_the_newest_run_and_old_bytes_stay(lake: Lake) -> None:
    write(lake, spec(), 1)
    older = lake.current("facts.refund", county_code="100999")
    write(lake, spec("2026-11-23T09:00:00+08:00"), 2)
    connection = compute()
    show(connection, "facts.refund", lake.current("facts.refund", county_code="100999", month="2026-10"))
    assert connection.execute("select fen from facts.refund").fetchall() == [(2,)]
    assert Path(older[0]).is_file()


def test_the_run_row_carries_rows_and_content_hash(lake: Lake, ledger: Engine) -> None:
    write(lake, spec(), 1)
    with ledger.connect() as connection:
        tables = json.loads(connection.execute(select(RUN.c.tables)).scalar_one())
    assert tables["facts.refund"]["rows"] == 1
    assert len(tables["facts.refund"]["sha256"]) == 64


def test_a_ledger_failure_publishes_nothing(lake: Lake) -> None:
    def refuse(_connection: object) -> None:
        raise RuntimeError("ledger says no")

    with pytest.raises(RuntimeError, match="says no"), lake.writing(spec()) as run:
        run.write(compute(), "facts.refund", "select 1 as fen order by 1")
        lake.commit(run, also=refuse)
    assert lake.current("facts.refund", county_code="100999") == []
    assert write(lake, spec(), 1) == spec().run_id


def test_files_from_before_a_column_was_added_show_it_empty(lake: Lake) -> None:
    with lake.writing(spec()) as run:
        run.write(compute(), "facts.refund", "select 'S1' as refund_id order by 1")
        lake.commit(run)
    connection = compute()
    show(connection, "facts.refund", lake.current("facts.refund", county_code="100999"))
    known = [one.name for one in table_doc("facts.refund").columns]
    found = connection.execute("select * from facts.refund")
    assert [one[0] for one in found.description] == known
    assert found.fetchall() == [tuple("S1" if name == "refund_id" else None for name in known)]


@pytest.mark.parametrize("written", ["(1, 'b'), (1, 'a'), (0, 'c')", "(0, 'c'), (1, 'a'), (1, 'b')", "(2, 'a')", ""])
def test_rows_lie_in_the_order_of_their_grain_however_they_come(lake: Lake, written: str) -> None:
    rows = f"values {written}" if written else "select 0, 'x' where false"
    query = f"select * from ({rows}) as t(line_no, field)"
    with lake.writing(spec()) as run:
        counted = run.write(compute(), "staging.row_fix", query, order=("line_no", "field"))
        lake.commit(run)
    (path,) = lake.current("staging.row_fix", county_code="100999")
    found = compute().execute("select * from read_parquet($path)", {"path": path}).fetchall()
    assert found == sorted(found) and len(found) == counted == written.count("(")
