"""`mianshen demo`: two fictional counties from feed to payment file, through a live Airflow, with nobody pressing anything."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.demo.clerk import Clerk
from mianshen.cli.demo.counties import COUNTIES, has_files, load, make_files, open_funds, prepare_home, send_files, shown_month
from mianshen.cli.demo.ending import tell_places, tell_summaries, write_statements
from mianshen.cli.demo.processes import COMPONENTS, Running, Site, running
from mianshen.cli.demo.progress import Follower
from mianshen.cli.demo.rest import Api
from mianshen.cli.homes import home_at
from mianshen.cli.say import say
from mianshen.core.days import ZONE, Month, parse_moment
from mianshen.core.paths import Home

ENGINEER = "engineer"
"""Login that may do everything."""
SUPERVISOR = "supervisor"
"""Login that may look at everything and change nothing."""


def run(
    insured: Annotated[int, typer.Option(min=2000, help="每县参保人数  insured people a county")] = 20_000,
    seed: Annotated[int, typer.Option(help="随机种子  seed of the fictional counties")] = 7,
    port: Annotated[int, typer.Option(help="界面端口  port of the UI")] = 8080,
    home: Annotated[Path, typer.Option(help="数据目录  home folder of the demo")] = Path(".demo"),
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="结束后界面保留到 Ctrl-C  leave the UI up until Ctrl-C")] = True,
    fresh: Annotated[bool, typer.Option("--fresh/--continue", help="重新开始或接着上次  start anew or go on")] = True,
    as_of: Annotated[str | None, typer.Option(help="固定时刻，用于比对  a fixed moment, for comparisons")] = None,
) -> None:
    """两个虚构县区，从数据到付款文件，全程由 Airflow 自动完成。 Two fictional counties, carried by scheduled DAGs."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _as_interrupt)
    moment = parse_moment(as_of) if as_of else datetime.now(ZONE)
    month = shown_month(moment)
    place = home_at(home)
    site = Site(place.root, port, users=_users(month), as_of=as_of and moment.isoformat())
    with running(site) as airflow:
        prepare_home(place, fresh=fresh, go_live_on=month.first_day)
        site.prepare()
        airflow.start("api-server")
        _make_counties(place, month=month, moment=moment, insured=insured, seed=seed)
        _start(airflow)
        _carry(place, site, airflow)
        write_statements(place, month=month, moment=moment)
        tell_summaries(place, typer.echo)
        tell_places(place, site, typer.echo)
        if keep:
            _stay(airflow)
    say("已全部停止。", "everything is stopped.")


def _users(month: Month) -> Mapping[str, str]:
    approvers = {
        load(county, on=month.last_day).department(one.department_code).approver
        for county in COUNTIES
        for one in load(county, on=month.last_day).routing
    }
    return {ENGINEER: "admin", SUPERVISOR: "viewer", **dict.fromkeys(sorted(approvers), "user")}


def _make_counties(home: Home, *, month: Month, moment: datetime, insured: int, seed: int) -> None:
    for county in COUNTIES:
        open_funds(home, county, month=month, as_of=moment)
        if has_files(home, county):
            continue
        made = make_files(home, county, month=month, as_of=moment, insured=insured, seed=seed)
        say(
            f"{county.pack}：参保 {made.insured:,} 人，名单 {made.listed:,} 人，结算 {made.settlements:,} 人次，"
            f"{len(made.files)} 个文件，迟交 {county.late_list}",
            f"{made.insured:,} insured, {made.listed:,} on lists, {made.settlements:,} settlements, "
            f"{len(made.files)} files, late: {county.late_list}",
        )


def _start(airflow: Running) -> None:
    """The rest, once the API server answers: tasks of a scheduler that starts before it would fail for want of an answer."""
    began = time.monotonic()
    api = Api(airflow.site.url, airflow.site.passwords)
    airflow.wait(api.is_healthy, what="api-server")
    for component in COMPONENTS:
        airflow.start(component)
    airflow.wait(lambda: api.is_healthy("scheduler", "dag_processor", "triggerer"), what="scheduler, dag-processor, triggerer")
    airflow.wait(lambda: _dags(api) >= len(COUNTIES), what="DAGs")
    say(f"Airflow 已启动（{time.monotonic() - began:.0f} 秒）", f"Airflow is up, {time.monotonic() - began:.0f} s")


def _dags(api: Api) -> int:
    """Counties whose DAGs Airflow knows, to the last one."""
    known = {one["dag_id"] for one in api.get("/api/v2/dags", user=ENGINEER, limit=100)["dags"]}
    return sum(f"{county.pack}__{step}" in known for county in COUNTIES for step in ("receive", "supervise")) // 2


def _carry(home: Home, site: Site, airflow: Running) -> None:
    """Drop the files that were not sent yet, and follow everything to the payment files."""
    sent = sum(send_files(home, county) for county in COUNTIES)
    say(f"{sent} 个文件已放入收件箱，之后全部由 DAG 自动办理：", f"{sent} files are in the inboxes; from here on the DAGs work")
    api = Api(site.url, site.passwords)
    inboxes = [home.inbox(county.pack) for county in COUNTIES]
    follower = Follower(api, SUPERVISOR, inboxes, has_work=lambda: _has_work(home), say=typer.echo)
    took = follower.follow(Clerk(api, reader=SUPERVISOR), airflow.check)
    say(f"从收件到付款用时 {took:.0f} 秒", f"from inbox to payment in {took:.0f} s")


def _has_work(home: Home) -> bool:
    from mianshen.warehouse.approvals import undecided
    from mianshen.warehouse.progress import waiting
    from mianshen.warehouse.upgrade import open_ledger

    engine = open_ledger(home.ledger_url)
    codes = [county.pack.split("_")[0] for county in COUNTIES]
    try:
        with engine.connect() as connection:
            return any(waiting(connection, code) or undecided(connection, county_code=code, route="person") for code in codes)
    finally:
        engine.dispose()


def _stay(airflow: Running) -> None:
    say("界面保留中，按 Ctrl-C 停止。", "the UI stays up; press Ctrl-C to stop.")
    try:
        while True:
            airflow.check()
            time.sleep(2)
    except KeyboardInterrupt:
        say("正在停止……", "stopping ...")


def _as_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
