"""Making a PostgreSQL database as the access file says, in one transaction, and finding what deviates from it in a live one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection

from mianshen.core.errors import MianshenError
from mianshen.warehouse.access.catalogue import (
    Placed,
    columns_in,
    granted_to,
    members_of,
    placed_tables,
    policies_on,
    snapshot,
    text_of,
)
from mianshen.warehouse.access.file import ANSWER, LOGIN_DEPARTMENT, OFFICE, PIPELINE, Access, Declared, Share, View, prefixed
from mianshen.warehouse.connect import LEDGER, MART
from mianshen.warehouse.publish import make_tables
from mianshen.warehouse.upgrade import VERSION_TABLE

OLDEST = 150000
"""PostgreSQL 15: since then `public` is nobody's to write into."""
_WAIT = "5s"
"""How long a wall waits for somebody who is reading: money goes before walls."""
PUBLIC = "public"


def apply(connection: Connection, access: Access, declared: Declared, *, pipeline: str | None = None) -> tuple[str, ...]:
    """Make this database as the file says; the schemas that stand in it. What the file does not name is closed.

    `pipeline` is the product's own login, which owns the tables; the owner of those that stand when it is not said. A second run
    changes nothing. MianshenError ACCESS_DATABASE when this is no PostgreSQL 15, or holds none of the product's tables.
    """
    _must_be_postgresql(connection)
    connection.exec_driver_sql(f"set local lock_timeout = '{_WAIT}'")
    found = placed_tables(connection, _own_tables(declared))
    if not found:
        raise MianshenError("ACCESS_DATABASE", found="0", where="pg_class")
    owner = pipeline or found[0].owner
    schemas = sorted({one.home for one in found})
    _make_roles(connection, access, owner)
    for schema in (*schemas, OFFICE):
        _run(connection, f'create schema if not exists {schema} authorization "{owner}"')
    _move(connection, found, owner)
    _make_own(connection, schemas, owner, signed_at=access.signed_at)
    views = [one for one in access.views if all(columns_in(connection, need) for need in one.needs)]
    for view in views:
        _make_view(connection, view, owner)
    _close(connection, (*schemas, OFFICE))
    _open(connection, access, (*schemas, OFFICE))
    return (*schemas, OFFICE)


def deviations(connection: Connection, access: Access, declared: Declared, *, pipeline: str | None = None) -> list[str]:
    """What in this database is not as the file says, a line each: `+` is too much, `-` is missing. Nothing stays changed.

    The file is applied and then taken back, so that PostgreSQL itself says what would have been.
    """
    before = snapshot(connection)
    step = connection.begin_nested()
    apply(connection, access, declared, pipeline=pipeline)
    after = snapshot(connection)
    step.rollback()
    return sorted([f"+ {one}" for one in before - after] + [f"- {one}" for one in after - before], key=lambda one: one[2:])


def _must_be_postgresql(connection: Connection) -> None:
    name = connection.dialect.name
    if name != "postgresql":
        raise MianshenError("ACCESS_DATABASE", found=name, where="--url")
    version = int(text_of(connection, "show server_version_num"))
    if version < OLDEST:
        raise MianshenError("ACCESS_DATABASE", found=str(version), where="server_version_num")


def _own_tables(declared: Declared) -> dict[str, str]:
    """Schema by table: where each of the product's tables belongs."""
    homes = {name.split(".")[1]: name.split(".")[0] for name in declared if name.split(".")[0] != OFFICE}
    return homes | {VERSION_TABLE: LEDGER}


def _make_roles(connection: Connection, access: Access, owner: str) -> None:
    known = {one for (one,) in connection.exec_driver_sql("select rolname from pg_roles")}
    for role in (*(prefixed(one.code) for one in access.roles), prefixed(PIPELINE)):
        if role not in known:
            _run(connection, f"create role {role} nologin")
    members = members_of(connection)
    if (prefixed(PIPELINE), owner) not in members:
        _run(connection, f'grant {prefixed(PIPELINE)} to "{owner}"')
    for role, member in members:
        if (role, member) != (prefixed(PIPELINE), owner):
            _run(connection, f'revoke {role} from "{member}"')


def _move(connection: Connection, found: Iterable[Placed], owner: str) -> None:
    """Each table into its schema and to its owner, and the functions of its triggers with it."""
    for one in found:
        if one.schema != one.home:
            _run(connection, f'alter {one.kind} {one.schema}."{one.name}" set schema {one.home}')
        if one.owner != owner:
            _run(connection, f'alter {one.kind} {one.home}."{one.name}" owner to "{owner}"')
    query = (
        "select distinct n.nspname, p.proname, h.nspname, pg_get_userbyid(p.proowner) from pg_trigger t"
        " join pg_class c on c.oid = t.tgrelid join pg_namespace h on h.oid = c.relnamespace"
        " join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace"
        " where not t.tgisinternal and h.nspname = any(%s) order by 1, 2, 3"
    )
    homes = sorted({one.home for one in found})
    stands: dict[str, str] = {}
    for schema, function, home, owned_by in connection.exec_driver_sql(query, (homes,)).all():
        if function in stands:
            continue
        stands[function] = home if schema == PUBLIC else schema
        if schema == PUBLIC:
            _run(connection, f'alter function public."{function}" set schema {home}')
        if owned_by != owner:
            _run(connection, f'alter function {stands[function]}."{function}" owner to "{owner}"')


def _make_own(connection: Connection, schemas: Iterable[str], owner: str, *, signed_at: str) -> None:
    """The office's tables, and the result tables that were never published yet."""
    _run(
        connection,
        f"create table if not exists {LOGIN_DEPARTMENT} (login text primary key, county_code text not null,"
        " department_code text not null)",
    )
    _run(connection, f'alter table {LOGIN_DEPARTMENT} owner to "{owner}"')
    if LEDGER in schemas:
        _run(
            connection,
            f"create table if not exists {ANSWER} (approval_batch_id text not null, chosen text not null, refusals text not null"
            " default '', returns text not null default '', agrees text not null default '', signed_by text not null default"
            f" session_user, signed_at timestamptz not null default {signed_at},"
            " primary key (approval_batch_id, signed_by, signed_at))",
        )
        _run(connection, f'alter table {ANSWER} owner to "{owner}"')
    if MART in schemas:
        path = text_of(connection, "show search_path")
        _run(connection, f"set local search_path to {MART}")
        before = {one for one in placed_names(connection, MART)}
        make_tables(connection)
        _run(connection, f"set local search_path to {path}")
        for name in sorted(placed_names(connection, MART) - before):
            _run(connection, f'alter table {MART}."{name}" owner to "{owner}"')


def placed_names(connection: Connection, schema: str) -> set[str]:
    """Names of the tables that stand in a schema."""
    return {name for (name,) in connection.exec_driver_sql("select tablename from pg_tables where schemaname = %s", (schema,))}


def _make_view(connection: Connection, view: View, owner: str) -> None:
    """The view anew, read with its owner's rights and walled: no reader's function sees a row that the view does not give."""
    _run(connection, f"drop view if exists {view.name}")
    _run(connection, f"create view {view.name} with (security_barrier = true) as {view.text}")
    _run(connection, f'alter view {view.name} owner to "{owner}"')


def _close(connection: Connection, schemas: Iterable[str]) -> None:
    """Take every right from everybody but the owners, so that only what the file says is left."""
    listed = list(schemas)
    for kind, thing, grantee in granted_to(connection, listed):
        _run(connection, f"revoke all on {kind} {thing} from {grantee} cascade")
    for table, policy in policies_on(connection, listed):
        _run(connection, f'drop policy "{policy}" on {table}')


def _open(connection: Connection, access: Access, schemas: Iterable[str]) -> None:
    """The rights of the file: who may come in, which columns, which rows."""
    listed, database = list(schemas), text_of(connection, "select quote_ident(current_database())")
    stands = {name: tuple(columns_in(connection, name)) for role in access.roles for name in _tables_of(role.reads, role.adds)}
    for role in access.roles:
        name = prefixed(role.code)
        _run(connection, f"grant connect on database {database} to {name}")
        for schema in sorted({one.split(".")[0] for one in _tables_of(role.reads, role.adds) if stands[one]} & set(listed)):
            _run(connection, f"grant usage on schema {schema} to {name}")
        for act, shares in (("select", role.reads), ("insert", role.adds)):
            for share in shares:
                chosen = [one for one in share.columns if one in stands[share.table]]
                if chosen:
                    columns = ", ".join(f'"{one}"' for one in chosen)
                    _run(connection, f"grant {act} ({columns}) on {_quoted(share.table)} to {name}")
    _run(connection, f"grant connect on database {database} to {prefixed(PIPELINE)}")
    _wall(connection, access, stands, listed)


def _wall(connection: Connection, access: Access, stands: Mapping[str, tuple[str, ...]], schemas: list[str]) -> None:
    """Row-level security where some role sees some rows only; every other role of the table sees all it was granted."""
    shares = [
        (role, act, one) for role in access.roles for act, held in (("select", role.reads), ("insert", role.adds)) for one in held
    ]
    walled = sorted({one.table for _, _, one in shares if one.rows and stands[one.table]})
    for table in walled:
        for setting in ("enable", "force"):
            _run(connection, f"alter table {_quoted(table)} {setting} row level security")
        _run(connection, f"create policy pipeline on {_quoted(table)} to {prefixed(PIPELINE)} using (true) with check (true)")
    for role, act, share in shares:
        if share.table in walled:
            clause = "using" if act == "select" else "with check"
            condition = access.rows[share.rows] if share.rows else "true"
            head = f"create policy {role.code}_{act} on {_quoted(share.table)} for {act} to {prefixed(role.code)}"
            _run(connection, f"{head} {clause} ({condition})")
    query = "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    open_now = connection.exec_driver_sql(f"{query} where c.relrowsecurity and n.nspname = any(%s)", (schemas,)).scalars().all()
    for table in sorted(set(open_now) - set(walled)):
        for setting in ("no force", "disable"):
            _run(connection, f"alter table {_quoted(table)} {setting} row level security")


def _tables_of(*shares: tuple[Share, ...]) -> Iterator[str]:
    yield from (one.table for held in shares for one in held)


def _quoted(table: str) -> str:
    schema, name = table.split(".")
    return f'{schema}."{name}"'


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
