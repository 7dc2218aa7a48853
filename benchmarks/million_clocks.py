"""Server time of the supervisor's pages over a million clocks, CPU seconds: `python benchmarks/million_clocks.py [CLOCKS]`.

The clocks are written straight into the ledger's table of standings: some 17,000 run, a fifth was closed late, over three years.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from mianshen.core.days import ZONE
from mianshen.core.paths import Home
from mianshen.warehouse.upgrade import ledger_upgrade

NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)
HOLDERS = ("civil_affairs", "disabled", "medical_security", "union", "veterans")
LIMITS = ("pay_relief", "approve_relief", "trigger_relief")
COLUMNS = (
    "clock_id county_code time_limit_code subject_kind subject_id holder_department started_at due_on due_at is_provisional town"
    " turn_no closed_at closed_as missed_at"
).split()


def rows(count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        start = NOW - timedelta(days=number % 1000, minutes=number % 500)
        due = (start + timedelta(days=20)).replace(hour=0, minute=0)
        runs = number % 1000 < 16 or number % 997 == 0
        closed = None if runs else min(start + timedelta(days=5 + number % 23), NOW - timedelta(hours=number % 48))
        how = None if closed is None else "met" if closed < due else "met_late"
        missed = due if how == "met_late" or (closed is None and due <= NOW) else None
        moments = [one.isoformat(timespec="seconds") if one else None for one in (start, due, closed, missed)]
        yield (
            f"C{number:024x}", "510118", LIMITS[number % 3], "application", f"A{number}", HOLDERS[number % 5], moments[0],
            (due - timedelta(days=1)).date().isoformat(), moments[1], 0, f"镇{number % 12}", 0, moments[2], how, moments[3],
        )  # fmt: skip


def filled(root: Path, count: int) -> None:
    home = Home(root)
    home.make()
    (root / "settings.json").write_text(json.dumps({"counties": {"510118_xinjin": {"go_live_on": "2026-10-01"}}}), "utf-8")
    ledger_upgrade(home.ledger_url)
    with sqlite3.connect(home.ledger_url.removeprefix("sqlite:///")) as connection:
        connection.execute("pragma foreign_keys=off")
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"insert into clock_standing ({', '.join(COLUMNS)}) values ({marks})", rows(count))


def pages() -> dict[str, Callable[[], object]]:
    warnings.simplefilter("ignore")
    from mianshen_airflow.pages import render
    from mianshen_airflow.pages.ahead import ahead_of
    from mianshen_airflow.pages.clocks import Asked, docket_of
    from mianshen_airflow.pages.counties import boards
    from mianshen_airflow.pages.fresh import fresh_since
    from mianshen_airflow.pages.operations import operations_of
    from mianshen_airflow.pages.speech import Speech

    return {
        "register, everything": lambda: render.docket_page(docket_of(Asked()), speech=Speech()),
        "register, overdue": lambda: render.docket_page(docket_of(Asked(state="overdue")), speech=Speech()),
        "overview": lambda: boards(None),
        "new since yesterday": lambda: fresh_since((NOW - timedelta(days=1)).isoformat(timespec="seconds")),
        "ahead": ahead_of,
        "operations": operations_of,
    }


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "home"
        os.environ |= {"MIANSHEN_HOME": str(root), "MIANSHEN_AS_OF": NOW.isoformat()}
        filled(root, count)
        for name, shown in pages().items():
            shown()
            began = time.process_time()
            shown()
            print(f"{name}\t{time.process_time() - began:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
