"""People's logins: one a person, one role each; a department's approver with the department that he answers for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from mianshen.core.errors import MianshenError
from mianshen.warehouse.access.catalogue import columns_in
from mianshen.warehouse.access.file import LOGIN_DEPARTMENT, Access, prefixed

APPROVER = "approver"
"""The role whose logins stand for a department."""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,59}")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody's login."""

    name: str
    """Its name in the database."""
    role: str
    """Code of its role."""
    county_code: str
    """County in which an approver answers; empty for others."""
    department_code: str
    """Department that an approver answers for; empty for others."""


def logins(connection: Connection, access: Access) -> list[Login]:
    """Everybody who may come into this cluster's databases with one of the file's roles, by name."""
    query = (
        "select w.rolname, r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid"
        " join pg_roles w on w.oid = m.member where w.rolcanlogin and r.rolname = any(%s) order by 1, 2"
    )
    codes = {prefixed(one.code): one.code for one in access.roles}
    held = connection.exec_driver_sql(query, (sorted(codes),)).all()
    places = {login: (county, department) for login, county, department in _departments(connection)}
    return [Login(name, codes[role], *places.get(name, ("", ""))) for name, role in held]


def add_login(connection: Connection, access: Access, wanted: Login) -> None:
    """Give somebody a login with a role; it has no password yet, so that none passes through a command line.

    MianshenError ACCESS_UNKNOWN for a role that is not in the file; ACCESS_LOGIN for a name that is none, one that has another
    role or is the house's own, and for an approver without a department.
    """
    role = prefixed(access.role(wanted.role).code)
    if not _NAME.fullmatch(wanted.name) or wanted.name.startswith(("mianshen", "pg_", "postgres")):
        raise MianshenError("ACCESS_LOGIN", found=wanted.name, where="--login")
    if (wanted.role == APPROVER) != bool(wanted.department_code and wanted.county_code):
        raise MianshenError("ACCESS_LOGIN", found=wanted.department_code or "-", where=f"{wanted.name} --department")
    others = [one.role for one in logins(connection, access) if one.name == wanted.name and one.role != wanted.role]
    if others:
        raise MianshenError("ACCESS_LOGIN", found=", ".join(others), where=f"login {wanted.name}")
    known = connection.exec_driver_sql("select rolname from pg_roles where rolname = %s", (wanted.name,)).scalar()
    connection.exec_driver_sql(f"{'alter' if known else 'create'} role {wanted.name} login")
    connection.exec_driver_sql(f"grant {role} to {wanted.name}")
    if wanted.role == APPROVER:
        connection.exec_driver_sql(
            "insert into office.login_department (login, county_code, department_code) values (%s, %s, %s)"
            " on conflict (login) do update set county_code = excluded.county_code, department_code = excluded.department_code",
            (wanted.name, wanted.county_code, wanted.department_code),
        )


def remove_login(connection: Connection, access: Access, name: str) -> None:
    """Take every role from somebody, end his sessions and lock his login; the name stays, because records bear it.

    MianshenError ACCESS_LOGIN when nobody of this name has a role.
    """
    held = [one for one in logins(connection, access) if one.name == name]
    if not held:
        raise MianshenError("ACCESS_LOGIN", found=name, where="--login")
    for one in held:
        connection.exec_driver_sql(f"revoke {prefixed(one.role)} from {name}")
    connection.exec_driver_sql(f"alter role {name} nologin")
    if columns_in(connection, LOGIN_DEPARTMENT):
        connection.exec_driver_sql("delete from office.login_department where login = %s", (name,))
    connection.exec_driver_sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (name,))


def _departments(connection: Connection) -> list[tuple[str, str, str]]:
    if not columns_in(connection, LOGIN_DEPARTMENT):
        return []
    rows = connection.exec_driver_sql("select login, county_code, department_code from office.login_department").all()
    return [(login, county, department) for login, county, department in rows]
