"""CPU seconds and memory of the watchers of five counties over ten thousand open clocks, some of which are due meanwhile.

    .venv/bin/python benchmarks/clock_watching.py 10000 120

The first number is how many clocks, the second for how many seconds the watchers run. They are the shipped triggers at the
shipped interval (60 s), in one event loop, in a process that has imported what Airflow's triggerer imports; a clock is due every
three seconds. Prints one line of JSON: share of a core, peak memory, misses, and how late the latest was recorded.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from mianshen.cli.init import prepare
from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.core.paths import Home
from mianshen.warehouse.clock_store import Subject, open_clocks_due
from mianshen.warehouse.connect import open_database

PACKS = ("360702_zhanggong", "510118_xinjin", "420281_daye", "320902_tinghu", "360981_fengcheng")
APART = timedelta(seconds=3)


def open_clocks(home: Home, count: int, seconds: int) -> int:
    """Open the clocks, equally many a county; those of the first seconds are due while the watchers run. Returns how many are."""
    began = datetime.now(ZONE).replace(microsecond=0) + timedelta(seconds=10)
    soon = int((seconds - 20) / APART.total_seconds())
    wanted = []
    for number in range(count):
        due = began + APART * number if number < soon else began + timedelta(days=1 + number % 30)
        subject = Subject(PACKS[number % len(PACKS)][:6], "case_step", f"K{number}|review|1", "medical_security")
        wanted.append((subject, "benchmark", began, Due(due.date(), due, provisional=False)))
    engine = open_database(home.ledger_url)
    with engine.begin() as connection:
        open_clocks_due(connection, wanted)
    engine.dispose()
    return soon


async def watch(seconds: int) -> list[tuple[str, float]]:
    """Run the watchers for so long; what each look told, and when."""
    from mianshen_airflow.triggers import DueMomentTrigger

    told: list[tuple[str, float]] = []

    async def one(pack: str) -> None:
        async for event in DueMomentTrigger(pack=pack).run():
            told.extend([(pack, time.time())] * event.payload["missed"])

    tasks = [asyncio.create_task(one(pack)) for pack in PACKS]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return told


def main() -> None:
    count, seconds = int(sys.argv[1]), int(sys.argv[2])

    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        prepare(home, packs=PACKS, go_live=None)
        os.environ["MIANSHEN_HOME"] = str(home.root)
        soon = open_clocks(home, count, seconds)
        from mianshen_airflow.cards import card_of

        for pack in PACKS:
            card_of(pack)
        before, began = time.process_time(), time.perf_counter()
        told = asyncio.run(watch(seconds))
        cpu, wall = time.process_time() - before, time.perf_counter() - began
        engine = open_database(home.ledger_url)
        with engine.connect() as connection:
            rows = connection.execute(text("select happened_at from clock_event where event = 'missed' order by happened_at"))
            dues = [datetime.fromisoformat(row.happened_at).timestamp() for row in rows]
    lags = [at - due for due, (_, at) in zip(dues, sorted(told, key=lambda one: one[1]), strict=True)]
    said = {
        "clocks": count,
        "watchers": len(PACKS),
        "seconds": round(wall),
        "due_meanwhile": soon,
        "missed": len(dues),
        "cpu_seconds": round(cpu, 2),
        "share_of_a_core": round(cpu / wall, 4),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "latest_seconds": round(max(lags), 2),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
