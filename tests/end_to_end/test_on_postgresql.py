"""Books and register of persons on PostgreSQL by URL, behind their walls: the month pays the same fen, in the same files, as on
SQLite. The product works as a login that owns its tables and is no superuser."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, inspect, text
from tests.end_to_end.conftest import SEED, Worked
from tests.end_to_end.counties import IN_TIME, PACK, House, make_house, nobody, refusing_one, tree
from tests.postgres import new_database

from mianshen.cli.access import known_file
from mianshen.warehouse.access import apply, deviations

LOGIN = "month_pipeline"
"""The product's login on this server."""
PAID = (
    "select a.person_key, a.benefit_code, a.event_id, l.amount_fen from payment_line l"
    " join award_posting a on a.award_id = l.award_id order by a.award_id"
)


@pytest.fixture(scope="module")
def embedded(worked: Worked) -> House:
    """The month on the embedded SQLite."""
    return worked.house


@pytest.fixture(scope="module")
def walled(postgres: str) -> Iterator[dict[str, str]]:
    """Two databases of the product's login, by the name of their setting."""
    urls = {f"{name}_url": new_database(postgres, f"month_{name}") for name in ("ledger", "vault")}
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create role {LOGIN} login"))
        for name in ("month_ledger", "month_vault"):
            connection.execute(text(f"alter database {name} owner to {LOGIN}"))
    yield urls
    server.dispose()


@pytest.fixture(scope="module")
def on_postgresql(worked: Worked, walled: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same month with the same keys, ledger and register of persons in two PostgreSQL databases, from behind their walls."""
    urls = {name: url.replace("//postgres:", f"//{LOGIN}:", 1) for name, url in walled.items()}
    house = make_house(tmp_path_factory.mktemp("served"), seed=SEED, vault=worked.keys, **urls)
    (house.home.vault / "vault.db").unlink()
    for url in walled.values():
        with create_engine(url).begin() as connection:
            apply(connection, *known_file())
    house.receive(worked.files.folder)
    house.carry(IN_TIME, clerk=refusing_one)
    return house


def test_the_walls_stood_all_the_month(on_postgresql: House, walled: dict[str, str]) -> None:
    assert on_postgresql.ledger("select session_user, current_schema()") == [(LOGIN, "ledger")]
    for url in walled.values():
        with create_engine(url).connect() as connection:
            assert deviations(connection, *known_file()) == []


def test_the_same_fen_reach_the_same_people_for_the_same_visits(embedded: House, on_postgresql: House) -> None:
    paid = on_postgresql.ledger(PAID)
    assert len(paid) > 50
    assert paid == embedded.ledger(PAID)
    assert sum(fen for *_, fen in paid) == on_postgresql.ledger("select sum(amount_fen) from payment")[0][0]


def test_the_same_bytes_leave_the_house(embedded: House, on_postgresql: House) -> None:
    assert tree(on_postgresql.home.outbox(PACK)) == tree(embedded.home.outbox(PACK)) != {}
    assert tree(on_postgresql.home.reports(PACK)) == tree(embedded.home.reports(PACK))


def test_nothing_was_kept_in_a_file_beside_the_databases(on_postgresql: House) -> None:
    assert not [path.name for path in on_postgresql.home.root.rglob("*.db*")]
    settings = json.loads((on_postgresql.home.root / "settings.json").read_text("utf-8"))
    ledger, vault = (
        set(inspect(create_engine(settings[f"{name}_url"])).get_table_names(schema=name)) for name in ("ledger", "vault")
    )
    assert {"payment", "award_posting", "audit"} <= ledger
    assert {"person", "person_index", "custody", "lookup_log"} <= vault
    assert not ledger & {"person", "person_index"}


def test_the_same_again_pays_nobody_twice(on_postgresql: House) -> None:
    before = on_postgresql.ledger(PAID)
    reports = on_postgresql.carry(IN_TIME, clerk=nobody)
    assert (reports["apply"].counts["postings"], reports["pay"].counts["drafted"]) == (0, 0)
    assert on_postgresql.ledger(PAID) == before
