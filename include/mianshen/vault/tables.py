"""The vault's tables: persons sealed one by one, their index, custody, and the log of every look-up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    cast,
    event,
    func,
    inspect,
    literal,
    literal_column,
    select,
)

from mianshen.vault.records import FEEDS_WITHOUT_VERIFIED_NAMES

_BATCH = 10_000
"""Keys in one query; they go as one parameter."""
METADATA = MetaData()
"""All tables of the vault."""

PERSON = Table(
    "person",
    METADATA,
    Column("person_key", Text, primary_key=True),
    Column("data_version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""One person: a JSON record sealed with SM4-GCM, bound to the key and the data key's version."""

PERSON_INDEX = Table(
    "person_index",
    METADATA,
    Column("index_version", Integer, primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("person_key", Text, ForeignKey("person.person_key"), nullable=False),
    sqlite_with_rowid=False,
)
"""From a canonical id number's HMAC-SM3 to the person."""

PERSON_FACT = Table(
    "person_fact",
    METADATA,
    Column("person_key", Text, ForeignKey("person.person_key"), primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("since", Text, nullable=False),
    Column("tag", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Keyed digest of what each origin last said (slot `name|list_code`): a record is opened and sealed again only for news.

Slot `near|list_code` is the digest of the number's first fifteen digits with the name: it finds numbers whose tail was lost.
"""

_UNSOUGHT = " and ".join(f"slot <> 'name|{one}'" for one in sorted(FEEDS_WITHOUT_VERIFIED_NAMES))
IS_SOUGHT: ColumnElement[bool] = literal_column(f"({_UNSOUGHT})")
"""Facts that are looked for by their digest: all but what feeds say of names. A query that says so finds them by an index."""
Index("ix_person_fact_tag", PERSON_FACT.c.tag, sqlite_where=IS_SOUGHT, postgresql_where=IS_SOUGHT)

KEY_STATE = Table(
    "key_state",
    METADATA,
    Column("state_no", Integer, primary_key=True),
    Column("index_version", Integer, nullable=False),
    Column("data_version", Integer, nullable=False),
    Column("is_rotating", Boolean, nullable=False),
    Column("done_to", Text),
)
"""One row: with which versions of the keys the vault is written; while they are exchanged, how far that has come."""

CUSTODY = Table(
    "custody",
    METADATA,
    Column("content_sha256", Text, primary_key=True),
    Column("data_version", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("landed_at", Text, nullable=False),
)
"""Bytes that arrived; they lie sealed in the custody folder under their content hash."""


def _lookups(name: str, metadata: MetaData) -> Table:
    return Table(
        name,
        metadata,
        Column("lookup_no", Integer, primary_key=True),
        Column("looked_up_at", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("purpose", Text, nullable=False),
        Column("recipient", Text, nullable=False),
        Column("fields", Text, nullable=False),
        Column("persons", Integer, nullable=False),
        Column("person_keys", Text, nullable=False),
        Column("previous", Text),
        Column("digest", Text),
        Index(f"ix_{name}_at", "looked_up_at"),
    )


LOOKUP_LOG = _lookups("lookup_log", METADATA)
"""What the bureau looked up: who opened whose record, which fields, for whom and why. The supervisor reads it.

Append-only, and the database refuses anything else; a chain of SM3 digests whose rows are anchored in the ledger's audit chain.
"""

SUPERVISION = MetaData()
"""What the bureau does not read; in a database of its own where the vault is a file."""

SUPERVISOR_LOOKUP_LOG = _lookups("supervisor_lookup_log", SUPERVISION)
"""What the supervisor looked up: the same facts, in the same way. The bureau does not read it."""

_GUARDS = {
    "sqlite": tuple(
        f"create trigger {{table}}_keeps_{act} before {act} on {{table}}"
        f" begin select raise(abort, 'append-only: {act} of {{table}} is refused'); end"
        for act in ("update", "delete")
    ),
    "postgresql": (
        "create or replace function mianshen_lookups_stand() returns trigger language plpgsql as $body$"
        " begin raise exception 'append-only: a change of a look-up log is refused'; end $body$",
        "create trigger {table}_keeps_rows before update or delete on {table}"
        " for each row execute function mianshen_lookups_stand()",
        "create trigger {table}_keeps_all before truncate on {table}"
        " for each statement execute function mianshen_lookups_stand()",
    ),
}


@event.listens_for(SUPERVISOR_LOOKUP_LOG, "after_create")
@event.listens_for(LOOKUP_LOG, "after_create")
def _guard(table: Table, connection: Connection, **_said: Any) -> None:
    for statement in _GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(statement.format(table=table.name))


PERSON_LINK = Table(
    "person_link",
    METADATA,
    Column("act_no", Integer, primary_key=True),
    Column("link_id", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("acted_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("link_kind", Text),
    Column("index_version", Integer),
    Column("list_code", Text),
    Column("delivery_id", Text),
    Column("line_no", Integer),
    Column("tag", Text),
    Column("from_key", Text),
    Column("to_key", Text),
    UniqueConstraint("link_id", "act"),
)
"""Decisions that two written identities are one person: proposed, confirmed, undone; append-only, an act a row.

What is linked stands on the proposal: `tag` is the keyed digest of a row's written identity, or `from_key` the person of a
number that is another one's; `to_key` is who is meant.
"""


def among(connection: Connection, column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether the column is one of these values, handed over as one JSON parameter: thousands cost hardly more than one."""
    listed = literal(json.dumps(list(values)), Text)
    if connection.dialect.name == "postgresql":
        rows = func.json_array_elements_text(cast(listed, JSON)).table_valued("value")
    else:
        rows = func.json_each(listed).table_valued("value")
    return column.in_(select(rows.c.value))


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """The keys in lists that one query takes."""
    waiting = iter(keys)
    while some := list(islice(waiting, _BATCH)):
        yield some


def create(engine: Engine) -> None:
    """Make the vault's tables where they do not stand yet; a look-up log of before its chain gets the chain's columns."""
    METADATA.create_all(engine)
    standing = {one["name"] for one in inspect(engine).get_columns(LOOKUP_LOG.name)}
    with engine.begin() as connection:
        for column in {"previous", "digest"} - standing:
            connection.exec_driver_sql(f"alter table {LOOKUP_LOG.name} add column {column} text")
        if connection.execute(select(KEY_STATE.c.state_no)).first() is None:  # of two that begin at once one writes it
            columns = "state_no, index_version, data_version, is_rotating"
            connection.exec_driver_sql(f"insert into key_state ({columns}) values (1, 1, 1, false) on conflict do nothing")  # noqa: S608


def create_supervision(engine: Engine) -> None:
    """Make the table of the supervisor's look-ups where it does not stand yet."""
    SUPERVISION.create_all(engine)
