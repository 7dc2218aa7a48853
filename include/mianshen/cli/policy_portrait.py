"""`mianshen policy portrait`: what each department's policies cover, cost and miss, from the month's newest portrait."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.jobs import PackOption
from mianshen.cli.say import say, table
from mianshen.core.codes import REASONS
from mianshen.core.days import ZONE, last_full_month, parse_month
from mianshen.core.errors import MianshenError
from mianshen.core.money import show_yuan
from mianshen.core.portrait import TOTAL

if TYPE_CHECKING:
    from mianshen.core.pack import Pack

Row = dict[str, Any]
_TABLES = ("portrait_stamp", "coverage_matrix", "policy_gain", "policy_overlap", "policy_gap")


def show_portrait(
    pack: PackOption,
    month: Annotated[str | None, typer.Option(help="月份 2026-10,默认上一个整月  month, else the last full one")] = None,
    home: HomeOption = None,
) -> None:
    """政策画像:各部门政策覆盖谁、救助了谁、花了多少、漏了谁。 What departments' policies cover, cost and miss, year to date."""
    from mianshen.stages.frame import make_job
    from mianshen.warehouse.connect import compute
    from mianshen.warehouse.lake import show
    from mianshen.warehouse.rerun import rows_of

    now = datetime.now(ZONE).replace(microsecond=0)
    chosen = parse_month(month, where="--month") if month else last_full_month(now.date())
    job = make_job(pack, month=chosen, as_of=now, home=home_at(home), entropy=os.urandom)
    tables: dict[str, list[Row]] = {}
    with compute() as con:
        for name in _TABLES:
            files = job.lake.current(f"out.{name}", county_code=job.county_code, month=str(chosen))
            if not files:
                raise MianshenError("RUN_UNKNOWN", found=str(chosen), where=f"portray {job.county_code}")
            show(con, f"out.{name}", files)
            tables[name] = rows_of(con, f"select * from out.{name} order by all")  # noqa: S608 - names of ours
    _print(tables, job.pack)


def _print(tables: dict[str, list[Row]], pack: Pack) -> None:
    (stamp,) = tables["portrait_stamp"]
    say(
        f"政策画像 {stamp['calendar_month']},截至 {stamp['as_of']}",
        f"policies as of {stamp['as_of']}, run {stamp['run_id'][:12]}",
    )
    if stamp["banner_zh"]:
        say(stamp["banner_zh"], stamp["banner_en"])
    names = {one.code: one.name_zh for one in pack.plan.categories}
    _section("覆盖 coverage: ● 有待遇且有人得到救助, ○ 有待遇, — 没有", _matrix(tables["coverage_matrix"], names, pack))
    year = [row for row in tables["policy_gain"] if row["scope"] == "year"]
    benefits = {one.code: one.name_zh for one in pack.plan.benefits}
    gains = [
        (
            benefits.get(row["benefit_code"], "—"),
            names.get(row["category_code"], "—"),
            *_cost(row),
        )
        for row in year
    ]
    _section("谁受益 who gains", gains)
    departments = {one.code: one.name_zh for one in pack.departments}
    overlaps = [
        ("+".join(departments.get(one, one) for one in row["department_set"].split("+")), *_cost(row))
        for row in tables["policy_overlap"]
    ]
    _section("几个部门一起救助 departments together", overlaps)
    gaps = [row for row in tables["policy_gap"] if row["category_code"] not in names or row["gap_code"] == "NO_POLICY"]
    missed = [_missed(row, names) for row in gaps if row["gap_code"] != "PAID"]
    _section("没有救助的就医 care that was not relieved", missed)


def _matrix(rows: list[Row], names: dict[str, str], pack: Pack) -> list[tuple[str, ...]]:
    codes = list(dict.fromkeys(row["department_code"] for row in rows))
    cells = {(row["category_code"], row["department_code"]): row for row in rows}
    head = ("", *(pack.department(code).name_zh for code in codes))
    lines = [(name, *(_cell(cells[code, one]) for one in codes)) for code, name in names.items()]
    return [head, *lines]


def _cell(row: Row) -> str:
    if not row["is_covered"]:
        return "—"
    return f"● {row['people_relieved']} 人" if row["people_relieved"] else "○"


def _cost(row: Row) -> tuple[str, ...]:
    return f"{row['people']} 人", f"{row['visits']} 笔", f"{show_yuan(row['relief_fen'])} 元"


def _missed(row: Row, names: dict[str, str]) -> tuple[str, ...]:
    whose = names.get(row["category_code"]) or ("全部 all" if row["category_code"] == TOTAL else "不在册 unlisted")
    return (
        _gap(row["gap_code"]),
        whose,
        f"{row['people']} 人",
        f"{row['visits']} 人次",
        f"个人承担 {show_yuan(row['left_fen'])} 元",
    )


def _gap(code: str) -> str:
    return "没有待遇覆盖此类 no policy" if code == "NO_POLICY" else REASONS[code].zh if code in REASONS else code


def _section(title: str, rows: list[tuple[str, ...]]) -> None:
    typer.echo(f"\n{title}")
    typer.echo(table(rows) or "无 none")
