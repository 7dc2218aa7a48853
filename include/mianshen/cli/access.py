"""`mianshen access`: who may see what in PostgreSQL, and who has a login there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mianshen.warehouse.access import Access

DEVIATES = 1
"""Exit code of `check` when the database is not as the file says."""
app = typer.Typer(help="数据库权限 who may see what in PostgreSQL", no_args_is_help=True)
UrlOption = Annotated[
    str,
    typer.Option(envvar="MIANSHEN_ACCESS_URL", help="数据库地址,管理员账号  SQLAlchemy URL of an administrator"),
]
PipelineOption = Annotated[
    str | None, typer.Option(help="流水线账号,默认为现有表的属主  login of the product, else the owner of its tables")
]
LoginArgument = Annotated[str, typer.Argument(help="账号,一人一个  login, one a person")]
RoleOption = Annotated[str, typer.Option(help="角色,见 access show  role, see access show")]


@app.command("apply")
def apply_file(url: UrlOption, pipeline: PipelineOption = None) -> None:
    """按权限文件设置架构、角色、列权限和行级安全;升级后再运行。 Make the database as the file says; again after upgrades."""
    from mianshen.warehouse.access import apply

    with _opened(url) as connection:
        schemas = apply(connection, *known_file(), pipeline=pipeline)
    say(f"权限已设置:{'、'.join(schemas)}", f"the database is as the file says: {', '.join(schemas)}")


@app.command("check")
def check_database(url: UrlOption, pipeline: PipelineOption = None) -> None:
    """列出数据库与权限文件不一致之处,有则退出码 1,不作改动。 What in the database is not as the file says."""
    from mianshen.warehouse.access import deviations

    with _opened(url) as connection:
        found = deviations(connection, *known_file(), pipeline=pipeline)
    for line in found:
        typer.echo(line)
    if found:
        say(f"{len(found)} 处不一致(+ 多出,- 缺少)", f"{len(found)} deviations (+ too much, - missing)")
        raise typer.Exit(DEVIATES)
    say("与权限文件一致", "the database is as the file says")


@app.command("show")
def show_file(role: Annotated[str | None, typer.Option(help="只看一个角色  one role only")] = None) -> None:
    """列出角色及其可见的表、列、行。 The roles with the tables, columns and rows that each sees."""
    access = known_file()[0]
    for one in (access.role(role),) if role else access.roles:
        say(f"{one.code} {one.name_zh}:{one.why_zh}", f"{one.name_en}: {one.why_en}")
        rows: list[tuple[str, ...]] = [
            (f"  {share.table}", ", ".join(share.columns), share.rows) for share in (*one.reads, *one.adds)
        ]
        if rows:
            typer.echo(table(rows))


@app.command("logins")
def show_logins(url: UrlOption) -> None:
    """列出每个账号的角色和部门。 Everybody's login with its role and department."""
    from mianshen.warehouse.access import logins

    with _opened(url) as connection:
        known = logins(connection, known_file()[0])
    rows: list[tuple[str, ...]] = [("login", "role", "county", "department")]
    rows += [(one.name, one.role, one.county_code, one.department_code) for one in known]
    typer.echo(table(rows))


@app.command("add")
def add_somebody(
    login: LoginArgument,
    url: UrlOption,
    role: RoleOption,
    county: Annotated[str, typer.Option(help="县区代码,仅审批人  county code, of an approver")] = "",
    department: Annotated[str, typer.Option(help="部门代码,仅审批人  department code, of an approver")] = "",
) -> None:
    """给一个人账号和角色,密码另在 psql 设置。 Give somebody a login with a role; its password is set in psql."""
    from mianshen.warehouse.access import Login, add_login

    with _opened(url) as connection:
        add_login(connection, known_file()[0], Login(login, role, county, department))
    say(f"{login} 已有角色 {role};用 psql 的 \\password {login} 设置密码", f"set its password in psql: \\password {login}")


@app.command("remove")
def remove_somebody(login: LoginArgument, url: UrlOption) -> None:
    """收回一个人的角色并停用账号,名称保留。 Take somebody's role and lock the login; its name stays."""
    from mianshen.warehouse.access import remove_login

    with _opened(url) as connection:
        remove_login(connection, known_file()[0], login)
    say(f"{login} 已停用", f"{login} is locked")


def known_file() -> tuple[Access, dict[str, tuple[str, ...]]]:
    """The access file and what it was held against: the columns of every table of ledger, mart, vault and office."""
    from mianshen.vault import tables
    from mianshen.warehouse.access import declared_here, load_access
    from mianshen.warehouse.connect import VAULT

    behind = {**tables.METADATA.tables, **tables.SUPERVISION.tables}
    declared = declared_here() | {f"{VAULT}.{name}": tuple(one.c.keys()) for name, one in behind.items()}
    return load_access(declared), declared


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    """A transaction in the database; MianshenError ACCESS_DATABASE when it cannot be reached or refuses."""
    from sqlalchemy.exc import DBAPIError

    from mianshen.warehouse.connect import open_database

    engine = open_database(url)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as cause:
        said = str(cause.orig).strip().splitlines()
        raise MianshenError("ACCESS_DATABASE", found=said[0] if said else type(cause).__name__, where="--url") from cause
    finally:
        engine.dispose()
