"""Facts without a ledger or a lake: staged rows of files kept in one task's memory, and the ledger's tables made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from mianshen.core.contract import Feed
from mianshen.warehouse import grants, lake, rosters
from mianshen.warehouse.build import make_table, make_view
from mianshen.warehouse.claim_decisions import show_decisions
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.events import EVENTS, Accepted
from mianshen.warehouse.exclusions import show_exclusions
from mianshen.warehouse.records import show_reasons

STAGED: Mapping[Feed, tuple[str, ...]] = {
    Feed.SETTLEMENT: ("staging.settlement", "staging.settlement_quarantined"),
    Feed.ROSTER: ("staging.roster", "staging.roster_quarantined"),
    Feed.ENROLMENT: ("staging.enrolment", "staging.enrolment_quarantined"),
    Feed.NOTICE: ("staging.notice", "staging.notice_quarantined"),
}
"""What is kept of a judged file, by its kind."""
KEYED = "staging.roster_keyed"
"""Kept of lists as well: whose rows were set aside."""
READ = (*(table for tables in STAGED.values() for table in tables), KEYED)
"""What the facts read; empty where no file gave any."""
JUDGED = "delivery_id, line_no, reason_code, field, is_repeat"
"""What is kept of every judged row."""


def keep_judged(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Put the rows of staging.<feed>_judged beside those of earlier files."""
    for table in STAGED[feed]:
        make_view(connection, table)
        _keep(connection, f"select * from {table}", table.split(".")[1])  # noqa: S608 - a closed list
        connection.execute(f"drop view {table}")
    if feed is Feed.ROSTER:
        _keep(connection, f"select * from {KEYED}", KEYED.split(".")[1])  # noqa: S608 - our own name
    _keep(connection, f"select {JUDGED} from staging.{feed}_judged", "judged")  # noqa: S608 - a closed list


def _keep(connection: duckdb.DuckDBPyConnection, query: str, name: str) -> None:
    connection.execute("create schema if not exists kept")
    connection.execute(f"create table if not exists kept.{name} as {query} limit 0")
    connection.execute(f"insert into kept.{name} {query}")


def make_facts(
    connection: duckdb.DuckDBPyConnection, accepted: Sequence[Accepted], parameters: Mapping[str, object], *, known_at: str
) -> None:
    """Make facts.* from the kept rows by the SQL that makes them in a county's run."""
    connection.execute("create schema if not exists staging")
    connection.execute(f"drop table if exists {KEYED}")
    kept = {
        name for (name,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'kept'").fetchall()
    }
    for table in READ:
        name = table.split(".")[1]
        if name in kept:
            connection.execute(f"create view {table} as select * from kept.{name}")  # noqa: S608 - our own names
        else:
            lake.show(connection, table, ())
    lake.show(connection, "staging.row_suggestion", ())
    lake.show(connection, grants.TABLE, ())
    connection.execute(f"create view staging.reckoned_row as select {JUDGED} from kept.judged")  # noqa: S608 - our own names
    _show_ledger(connection, accepted, known_at)
    rosters.make_spans(connection, parameters, known_at=known_at)
    for table in EVENTS:
        make_table(connection, table, parameters)


def _show_ledger(connection: duckdb.DuckDBPyConnection, accepted: Sequence[Accepted], known_at: str) -> None:
    """Deliveries, runs and decisions as if the files had been accepted at the moment and nobody had decided anything."""
    counted = dict(
        connection.execute(
            "select delivery_id, struct_pack(good := count(*) filter (where reason_code is null),"
            " bad := count(*) filter (where reason_code is not null)) from kept.judged where not is_repeat group by delivery_id"
        ).fetchall()
    )
    none = {"good": 0, "bad": 0}
    rows = [
        {
            "delivery_id": one.delivery_id,
            "feed": one.feed.value,
            "list_code": one.list_code,
            "department_code": None,
            "partition": one.partition,
            "version": one.version,
            "state": "ACCEPTED",
            "received_at": one.received_at,
            "staged_run_id": one.run_id,
            "rows_accepted": counted.get(one.delivery_id, none)["good"],
            "rows_quarantined": counted.get(one.delivery_id, none)["bad"],
        }
        for one in accepted
    ]
    kinds = {"version": pa.int64(), "rows_accepted": pa.int64(), "rows_quarantined": pa.int64()}
    fields = [(name, kinds.get(name, pa.string())) for name in rows[0]]
    show_arrow(connection, "ledger.delivery", pa.Table.from_pylist(rows, schema=pa.schema(fields)))
    runs = sorted({one.run_id for one in accepted})
    show_arrow(connection, "ledger.run", pa.table({"run_id": runs, "as_of": [known_at] * len(runs)}))
    acts = [(name, pa.string()) for name in ("delivery_id", "act", "acted_at")]
    show_arrow(connection, "ledger.delivery_act", pa.Table.from_pylist([], schema=pa.schema(acts)))
    show_decisions(connection, ())
    show_exclusions(connection, ())


def show_words(connection: duckdb.DuckDBPyConnection, *, people: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Make staging.reckoned_person, staging.reckoned_file and staging.reason_word readable: what a result's keys mean.

    `people` is what stands for a person by person_key, `files` a file's name by delivery_id.
    """
    text = pa.string()
    show_arrow(
        connection,
        "staging.reckoned_person",
        pa.table({"person_key": pa.array(people.keys(), text), "person_masked": pa.array(people.values(), text)}),
    )
    show_arrow(
        connection,
        "staging.reckoned_file",
        pa.table({"delivery_id": pa.array(files.keys(), text), "file_name": pa.array(files.values(), text)}),
    )
    show_reasons(connection)
