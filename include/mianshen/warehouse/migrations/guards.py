"""Triggers that refuse what must never happen, from one condition for both databases. Used by revisions from 0009 on."""

from __future__ import annotations

from alembic import op

EMPTIES = "truncate"


def append_only(table: str) -> None:
    """Refuse every change and removal of the table's rows, as revision 0007 does."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f'create trigger {table}_keeps_{act} before {act} on "{table}"'
                f" begin select raise(abort, 'append-only: {act} of {table} is refused'); end"
            )
        return
    for act, each in (("update", "row"), ("delete", "row"), (EMPTIES, "statement")):
        op.execute(
            f'create trigger {table}_keeps_{act} before {act} on "{table}"'
            f" for each {each} execute function mianshen_append_only()"
        )


def refuse(name: str, table: str, act: str, *, when: str, saying: str) -> None:
    """A trigger `name` that refuses an insert, update or delete of a row while `when` holds of `new` and `old`."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"create trigger {name} before {act} on \"{table}\" when {when} begin select raise(abort, '{saying}'); end")
        return
    row = "old" if act == "delete" else "new"
    op.execute(
        f"create function {name}() returns trigger language plpgsql as $body$"
        f" begin if {when} then raise exception '{saying}'; end if; return {row}; end $body$"
    )
    op.execute(f'create trigger {name} before {act} on "{table}" for each row execute function {name}()')


def allow(name: str, table: str) -> None:
    """Take a trigger of `refuse` away."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"drop trigger {name}")
        return
    op.execute(f'drop trigger {name} on "{table}"')
    op.execute(f"drop function {name}()")


def check_becomes(table: str, name: str, *, before: str, after: str) -> None:
    """Another text for the check `name`; in SQLite in the table's own text: a table that others name is not made again."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, after)
        return
    connection = op.get_bind()
    text = connection.exec_driver_sql("select sql from sqlite_master where type = 'table' and name = ?", (table,)).scalar_one()
    if before not in text:
        raise ValueError(f"{table} has no check {before}")
    version = connection.exec_driver_sql("pragma schema_version").scalar_one()
    connection.exec_driver_sql("pragma writable_schema=on")
    changed = "update sqlite_master set sql = ? where type = 'table' and name = ?"
    connection.exec_driver_sql(changed, (text.replace(before, after), table))
    connection.exec_driver_sql(f"pragma schema_version={version + 1}")
    connection.exec_driver_sql("pragma writable_schema=off")
