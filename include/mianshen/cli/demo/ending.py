"""What the demo says at its end: every county's summary, where everything lies, how to look at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from mianshen.cli.demo.counties import COUNTIES
from mianshen.cli.demo.processes import Site
from mianshen.cli.say import table
from mianshen.core.days import Month
from mianshen.core.paths import Home

Say = Callable[[str], None]
"""Prints a line."""


def tell_summaries(home: Home, say: Say) -> None:
    """Print the summary that stage supervise wrote for each county."""
    for county in COUNTIES:
        for path in _newest_summary(home.reports(county.pack)):
            say("")
            say(path.read_text("utf-8").rstrip())


def write_statements(home: Home, *, month: Month, moment: datetime) -> None:
    """Write the month's statement of funds of every county, for each month from the demo's to the moment's, into its reports."""
    from mianshen.stages.frame import make_job
    from mianshen.stages.reconcile.fund_acts import write_statement

    for county in COUNTIES:
        job = make_job(county.pack, month=month, as_of=moment, home=home, entropy=os.urandom, actor="demo")
        reports = home.reports(county.pack)
        reports.mkdir(parents=True, exist_ok=True)
        shown, last = month, Month(moment.year, moment.month)
        while shown <= last:
            write_statement(job, str(shown), reports / f"fund_statement_{shown}.xlsx")
            shown = shown.shift(1)


def _newest_summary(reports: Path) -> list[Path]:
    found = sorted(reports.rglob("summary.txt"), key=lambda path: path.stat().st_mtime_ns)
    return found[-1:]


def tell_places(home: Home, site: Site, say: Say) -> None:
    """Print where every output lies, the address of the UI and who may log in."""
    rows: list[tuple[str, ...]] = [("输出 outputs", "位置 where")]
    for county in COUNTIES:
        rows += [
            (f"{county.pack} 付款文件、批次单 payment files, batch sheets", str(home.outbox(county.pack))),
            (f"{county.pack} 报表、资金月报 reports, statements of funds", str(home.reports(county.pack))),
            (f"{county.pack} 数据质量 data docs", str(home.data_docs(county.pack))),
        ]
    rows += [
        ("数据湖 lake (Parquet)", str(home.lake)),
        ("账本 ledger", home.ledger_url),
        ("答案（产品不读） answer keys, read by no product module", str(home.root / "demo" / "answers")),
        ("Airflow 日志 logs", str(site.airflow_home / "logs")),
    ]
    say("")
    say(table(rows))
    say("")
    say(f"Airflow 界面 UI: {site.url}")
    say(f"监督台 supervisor's page: {site.url}/plugin/mianshen")
    say(f"截止期限 deadlines: {site.url}/deadlines")
    say("")
    say("演示登录,不得用于实际办公;单位部署见 docs/howto/deploy-compose.md。")
    say("    sign-in for demonstration alone; an office deploys as docs/howto/deploy-compose.md says")
    say(table([("账号 login", "角色 role", "密码 password"), *_logins(site.users, site.passwords)]))


def _logins(users: Mapping[str, str], passwords: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [(user, role, passwords[user]) for user, role in users.items()]
