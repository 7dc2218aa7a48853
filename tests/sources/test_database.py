"""A table or view of a real PostgreSQL: one snapshot, exact text, whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, create_engine, text
from tests.postgres import new_database
from tests.sources.county import AT, County, connection, cut_and_mend, make_county
from tests.sources.cutting import Wire, wire

from mianshen_airflow.sources import database

SOURCE: dict[str, Any] = {
    "code": "canlian",
    "kind": "database",
    "conn_id": "canlian_db",
    "table": "card",
    "key": ["card_no"],
    "list_code": "canlian_zhongdu",
    "period_column": "month",
}
NAME = "canlian_zhongdu_202610.csv"
ROWS = 400


@pytest.fixture(scope="module")
def county_url(postgres: str) -> str:
    return new_database(postgres, "county")


@pytest.fixture
def source_db(county_url: str) -> Iterator[Engine]:
    engine = create_engine(county_url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
        connection.execute(
            text(
                "create table card (card_no text, name text, paid numeric(12, 2), born date, seen timestamp, "
                "month text, big bigint)"
            )
        )
        connection.execute(
            text(
                "insert into card select lpad(n::text, 18, '0'), '人' || n, n * 0.1, date '1950-01-01' + n, "
                "timestamp '2026-10-01 08:00:00' + n * interval '1 hour', '202610', 900719925474099300 + n "
                f"from generate_series(1, {ROWS}) n"
            )
        )
        connection.execute(text("insert into card values ('x', null, null, null, null, '202609', 1)"))
    yield engine
    engine.dispose()


@pytest.fixture
def line(county_url: str) -> Iterator[Wire]:
    """The server's socket, reached over loopback."""
    folder = parse_qs(urlsplit(county_url).query)["host"][0]
    with wire(next(Path(folder).glob(".s.PGSQL.*[0-9]"))) as made:
        yield made


def known(monkeypatch: pytest.MonkeyPatch, line: Wire, **parts: Any) -> None:
    about = {"conn_type": "postgres", "host": "127.0.0.1", "port": line.port, "login": "postgres", "schema": "county"}
    connection(monkeypatch, "canlian_db", **(about | {"extra": {"connect_timeout": "5"}} | parts))


@pytest.fixture
def county(tmp_path: Path, source_db: Engine, line: Wire, monkeypatch: pytest.MonkeyPatch) -> County:
    known(monkeypatch, line)
    return make_county(tmp_path / "home", SOURCE)


def rows_of(county: County) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(county.files()[NAME].decode())))


def test_every_row_of_the_period_arrives_exactly(county: County) -> None:
    assert county.visit() == {"rows": ROWS, "taken": 1, "same": 0, "empty": 0}
    rows = rows_of(county)
    assert len(rows) == ROWS
    assert rows[2] == {
        "card_no": "000000000000000003",
        "name": "人3",
        "paid": "0.30",
        "born": "1950-01-04",
        "seen": "2026-10-01 11:00:00",
        "month": "202610",
        "big": "900719925474099303",
    }
    assert [row["card_no"] for row in rows] == sorted(row["card_no"] for row in rows)
    assert county.controls()[NAME]["list_code"] == "canlian_zhongdu"


def test_a_wire_cut_at_fifty_bytes_leaves_no_half_table(tmp_path: Path, county: County, line: Wire) -> None:
    county.visit()
    assert cut_and_mend(tmp_path / "homes", SOURCE, line, county.files()) >= 45


def test_the_same_rows_again_change_nothing(county: County, source_db: Engine) -> None:
    county.visit()
    assert county.visit(AT + timedelta(hours=6))["same"] == 1
    assert len(county.files()) == 1


def test_columns_and_order_are_as_asked(county: County) -> None:
    county.change(columns=["paid", "card_no"])
    county.visit()
    assert list(rows_of(county)[0]) == ["paid", "card_no"]


@pytest.mark.parametrize(("column", "count"), [("born", 31), ("seen", ROWS)])
def test_a_period_of_dates(county: County, source_db: Engine, column: str, count: int) -> None:
    with source_db.begin() as connection:
        connection.execute(text("update card set born = date '2026-09-30' + (card_no::int - 1) % 60 where month = '202610'"))
        expected = connection.execute(
            text(f"select count(*) from card where {column} >= '2026-10-01' and {column} < '2026-11-01'")
        ).scalar_one()
    county.change(period_column=column)
    assert county.visit()["rows"] == expected >= count


def test_a_view_serves_like_a_table(county: County, source_db: Engine) -> None:
    with source_db.begin() as connection:
        connection.execute(text("create view shown as select card_no, paid from card where month = '202610'"))
    settings = {name: value for name, value in county.source.items() if name != "period_column"}
    county.source = settings
    county.change(table="shown", schema="public")
    assert county.visit()["rows"] == ROWS


def test_a_column_or_a_table_that_is_missing_is_named(county: County) -> None:
    county.change(key=["card_number"])
    assert county.refused() == "SOURCE_MISSING"
    county.change(key=["card_no"], period_column="monat")
    assert county.refused() == "SOURCE_MISSING"
    county.change(period_column="month", columns=["card_no", "gone"])
    assert county.refused() == "SOURCE_MISSING"
    county.change(columns=["card_no"], table="nowhere")
    assert county.refused() == "SOURCE_MISSING"
    assert county.files() == {}


def test_a_key_that_stands_twice_is_refused(county: County, source_db: Engine) -> None:
    with source_db.begin() as connection:
        connection.execute(text("insert into card select * from card where card_no like '%007'"))
    assert county.refused() == "SOURCE_ANSWER"
    assert county.files() == {}


@pytest.mark.parametrize("value", ["9007199254740993::float8", "'NaN'::numeric", "'a'::bytea", "'infinity'::float8"])
def test_a_value_without_exact_text_is_refused(county: County, source_db: Engine, value: str) -> None:
    with source_db.begin() as connection:
        connection.execute(text(f"create view odd as select card_no, month, {value} as odd from card"))
    county.change(table="odd")
    assert county.refused() == "SOURCE_ANSWER"
    assert county.files() == {}


def a_row_comes_after_the_first_count(source_db: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    real = database._count
    counted: list[int] = []

    def counting(connection: Any, query: Any) -> int:
        found = real(connection, query)
        if not counted:
            with source_db.begin() as other:
                other.execute(text("insert into card values ('zz', 'late', 1, null, null, '202610', 1)"))
        counted.append(found)
        return found

    monkeypatch.setattr(database, "_count", counting)
    return counted


def test_a_row_that_comes_meanwhile_belongs_to_the_next_visit(
    county: County, source_db: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = a_row_comes_after_the_first_count(source_db, monkeypatch)
    assert county.visit()["rows"] == ROWS
    assert counted == [ROWS, ROWS]


def test_without_a_snapshot_the_counts_tell(county: County, source_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SNAPSHOT", {"postgresql": "READ COMMITTED"})
    a_row_comes_after_the_first_count(source_db, monkeypatch)
    assert county.refused() == "SOURCE_CHANGED"
    assert county.files() == {}


def test_a_database_that_goes_away_in_mid_fetch(county: County, source_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = database._count

    def killing(connection: Any, query: Any) -> int:
        found = real(connection, query)
        with source_db.begin() as other:
            other.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"))
        return found

    monkeypatch.setattr(database, "_count", killing)
    assert county.refused() == "SOURCE_UNREACHABLE"
    monkeypatch.setattr(database, "_count", real)
    assert county.files() == {}
    assert county.visit()["taken"] == 1


def test_a_wrong_password_and_a_missing_grant(
    county: County, source_db: Engine, line: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with source_db.connect() as connection:
        path = Path(connection.execute(text("show hba_file")).scalar_one())
    before = path.read_text("utf-8")
    path.write_text(f"local all stranger scram-sha-256\n{before}", "utf-8")
    try:
        with source_db.begin() as connection:
            connection.execute(text("drop role if exists stranger"))
            connection.execute(text("create role stranger login password 'right'"))
            connection.execute(text("select pg_reload_conf()"))
        known(monkeypatch, line, login="stranger", password="wrong")
        assert county.refused() == "SOURCE_REFUSED"
        known(monkeypatch, line, login="stranger", password="right")
        assert county.refused() == "SOURCE_MISSING"
    finally:
        path.write_text(before, "utf-8")


def test_a_database_that_is_not_there(county: County, line: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, line, schema="nowhere")
    assert county.refused() == "SOURCE_MISSING"
    known(monkeypatch, line, conn_type="no_such_database")
    assert county.refused() == "SOURCE_SETTINGS"


def test_a_period_without_rows_is_no_delivery(county: County, source_db: Engine) -> None:
    with source_db.begin() as connection:
        connection.execute(text("delete from card"))
    assert county.visit() == {"rows": 0, "taken": 0, "same": 0, "empty": 1}
    assert county.files() == {}
