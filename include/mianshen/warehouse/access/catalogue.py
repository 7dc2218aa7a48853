"""What PostgreSQL's own catalogue says of a database's walls: who owns what, who was granted what, which rows are kept back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

_KINDS = {"r": "table", "p": "table", "v": "view"}


@dataclass(frozen=True, slots=True)
class Placed:
    """One of the product's tables as it stands in a database."""

    name: str
    """Its name."""
    schema: str
    """The schema that it stands in."""
    home: str
    """The schema that it belongs in."""
    kind: str
    """table or view."""
    owner: str
    """Whose it is."""


def placed_tables(connection: Connection, homes: Mapping[str, str]) -> list[Placed]:
    """The product's tables that stand in public or where they belong; `homes` says where each belongs."""
    query = (
        "select c.relname, n.nspname, c.relkind::text, pg_get_userbyid(c.relowner) from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v') and c.relname = any(%s) order by 1, 2"
    )
    rows = connection.exec_driver_sql(query, (sorted(homes),)).all()
    return [
        Placed(name, schema, homes[name], _KINDS[kind], owner)
        for name, schema, kind, owner in rows
        if schema in ("public", homes[name])
    ]


def columns_in(connection: Connection, table: str) -> list[str]:
    """Columns of schema.table as it stands; empty when it does not."""
    query = (
        "select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped order by a.attnum"
    )
    return list(connection.exec_driver_sql(query, tuple(table.split("."))).scalars())


def granted_to(connection: Connection, schemas: Sequence[str]) -> list[tuple[str, str, str]]:
    """(kind, thing, grantee) of every right on the schemas, on public, on the database and on what stands in them, but the
    owners' own."""
    query = """
        with given as (
            select 'table' as kind, c.oid::regclass::text as thing, c.relowner as owner, c.relacl as acl
            from pg_class c where c.relnamespace = any(array(select oid from pg_namespace where nspname = any(%(schemas)s)))
                and c.relkind in ('r', 'p', 'v')
            union all
            select 'table', c.oid::regclass::text, c.relowner, a.attacl
            from pg_class c join pg_attribute a on a.attrelid = c.oid
            where a.attacl is not null
                and c.relnamespace = any(array(select oid from pg_namespace where nspname = any(%(schemas)s)))
            union all
            select 'sequence', c.oid::regclass::text, c.relowner, c.relacl
            from pg_class c where c.relnamespace = any(array(select oid from pg_namespace where nspname = any(%(schemas)s)))
                and c.relkind = 'S'
            union all
            select 'function', p.oid::regprocedure::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any(%(schemas)s)
            union all
            select 'schema', quote_ident(nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner))
            from pg_namespace where nspname = any(%(schemas)s) or nspname = 'public'
            union all
            select 'database', quote_ident(datname), datdba, coalesce(datacl, acldefault('d', datdba))
            from pg_database where datname = current_database()
        )
        select distinct kind, thing, case when one.grantee = 0 then 'public' else one.grantee::regrole::text end
        from given cross join lateral aclexplode(given.acl) as one
        where one.grantee <> given.owner
        order by 1, 2, 3
    """
    found = connection.exec_driver_sql(query, {"schemas": list(schemas)}).all()
    return [(kind, thing, grantee) for kind, thing, grantee in found]


def policies_on(connection: Connection, schemas: Sequence[str]) -> list[tuple[str, str]]:
    """(table, policy) of every policy in the schemas."""
    query = (
        "select c.oid::regclass::text, p.polname from pg_policy p join pg_class c on c.oid = p.polrelid"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%s) order by 1, 2"
    )
    return [(table, policy) for table, policy in connection.exec_driver_sql(query, (list(schemas),)).all()]


def members_of(connection: Connection) -> list[tuple[str, str]]:
    """(role, member) of the house's roles where no person should be: in the pipeline's role, or one role in another."""
    return [(role, member) for _, role, member in connection.exec_driver_sql(_MEMBERS).all()]


def snapshot(connection: Connection) -> set[str]:
    """Every wall of the database as lines of text: owners, rights by column, row security, policies, views, roles."""
    return set(_lines(connection))


def _lines(connection: Connection) -> Iterator[str]:
    for query in _SEEN:
        for row in connection.exec_driver_sql(query, {"ours": _OURS}):
            yield " ".join(str(one) for one in row)


def text_of(connection: Connection, query: str, *values: Any) -> str:
    """The one value that a query gives, as text."""
    return str(connection.exec_driver_sql(query, values).scalar_one())


_OURS = ["ledger", "mart", "vault", "office", "public"]
_MEMBERS = (
    "select 'member', r.rolname, w.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid"
    " join pg_roles w on w.oid = m.member"
    " where r.rolname ~ '^mianshen_' and (w.rolname ~ '^mianshen_' or r.rolname = 'mianshen_pipeline') order by 2, 3"
)
_SEEN = (
    "select 'schema', n.nspname, 'of', pg_get_userbyid(n.nspowner) from pg_namespace n where n.nspname = any(%(ours)s)",
    "select 'table', n.nspname || '.' || c.relname, 'of', pg_get_userbyid(c.relowner) from pg_class c"
    " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%(ours)s) and c.relkind in ('r', 'p', 'v')",
    "select 'rows of', n.nspname || '.' || c.relname, 'walled', case when c.relforcerowsecurity then 'for its owner too' end"
    " from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%(ours)s) and c.relrowsecurity",
    "select 'policy', n.nspname || '.' || c.relname, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[]::text,"
    " coalesce(pg_get_expr(p.polqual, p.polrelid), '-'), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-') from pg_policy p"
    " join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%(ours)s)",
    "select 'view', n.nspname || '.' || c.relname, c.reloptions::text, md5(pg_get_viewdef(c.oid)) from pg_class c"
    " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%(ours)s) and c.relkind = 'v'",
    "select one.privilege_type, n.nspname || '.' || c.relname, case when one.grantee = 0 then 'public' else"
    " one.grantee::regrole::text end from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " cross join lateral aclexplode(c.relacl) as one where n.nspname = any(%(ours)s) and one.grantee <> c.relowner",
    "select one.privilege_type, n.nspname || '.' || c.relname || '.' || a.attname, case when one.grantee = 0 then 'public' else"
    " one.grantee::regrole::text end from pg_attribute a join pg_class c on c.oid = a.attrelid"
    " join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(a.attacl) as one"
    " where n.nspname = any(%(ours)s)",
    "select 'schema', one.privilege_type, n.nspname, case when one.grantee = 0 then 'public' else one.grantee::regrole::text end"
    " from pg_namespace n cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as one"
    " where n.nspname = any(%(ours)s) and one.grantee <> n.nspowner",
    "select 'database', one.privilege_type, case when one.grantee = 0 then 'public' else one.grantee::regrole::text end"
    " from pg_database d cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as one"
    " where d.datname = current_database() and one.grantee <> d.datdba",
    "select 'role', rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname ~ '^mianshen_'",
    "select 'function', p.oid::regprocedure::text, one.privilege_type, case when one.grantee = 0 then 'public' else"
    " one.grantee::regrole::text end from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
    " cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as one"
    " where n.nspname = any(%(ours)s) and n.nspname <> 'public' and one.grantee <> p.proowner",
    _MEMBERS,
)
