"""Seconds, CPU seconds and peak memory of every stage of a county's month, each stage in a process of its own as Airflow runs it.

    .venv/bin/python benchmarks/month_speed.py 20000 500000

The shipped pack 510118_xinjin, October 2026, the benefit year to date in the inbox, live from October; nobody answers for the
departments, so what the rule decides is paid. Prints a Markdown table a size. The county's files and its home lie in a temporary
folder, or below MIANSHEN_BENCHMARK_DIR and stay there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from mianshen.cli.init import prepare
from mianshen.cli.run import STAGE_NAMES, _take_in
from mianshen.core.days import ZONE
from mianshen.core.paths import Home

PACK = "510118_xinjin"
AS_OF = datetime(2026, 11, 5, 17, tzinfo=ZONE)
ONE_COUNTY = f"""
import sys
from datetime import datetime
from pathlib import Path
from mianshen.core.days import Month
from mianshen.policy.packs import load_pack
from mianshen.synth import make_county
as_of, root = datetime.fromisoformat({AS_OF.isoformat()!r}), Path(sys.argv[2])
made = make_county(load_pack({PACK!r}, on=as_of.date()), month=Month(2026, 10), insured=int(sys.argv[1]), seed=7,
                   out=root / "sent", answer=root / "answer", as_of=as_of)
print(f"{{made.settlements:,}} settlements, {{len(made.files)}} files")
"""
ONE_STAGE = f"""
import json, os, sys, time
from datetime import datetime
from pathlib import Path
from mianshen.core.days import Month
from mianshen.core.paths import Home
from mianshen.stages.catalogue import entry
from mianshen.stages.frame import make_job
job = make_job({PACK!r}, month=Month(2026, 10), as_of=datetime.fromisoformat({AS_OF.isoformat()!r}),
               home=Home(Path(sys.argv[1])), entropy=os.urandom)
began = time.perf_counter()
report = entry(sys.argv[2])(job)
print(json.dumps({{"seconds": time.perf_counter() - began, "counts": report.counts}}))
"""


def measured(*line: str) -> tuple[str, float, float, int]:
    """What the command prints, its seconds from start to end, its CPU seconds, its peak memory in MB."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(line, stdout=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, line
        said.seek(0)
        return said.read().decode(), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def month(insured: int, root: Path) -> None:
    """Make the county, run its month stage by stage, print the table."""
    said, seconds, _, memory = measured(sys.executable, "-c", ONE_COUNTY, str(insured), str(root))
    print(f"\n{insured:,} insured, {said.strip()} made in {seconds:.0f} s, {memory:,} MB\n")
    home = Home(root / "home")
    prepare(home, packs=(PACK,), go_live="2026-10-01")
    _take_in(root / "sent", home.inbox(PACK))
    print("| stage | seconds in the stage | of its process | CPU seconds | peak memory, MB | counts |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    total, worked, highest = 0.0, 0.0, 0
    for name in STAGE_NAMES:
        said, whole, cpu, memory = measured(sys.executable, "-c", ONE_STAGE, str(home.root), name)
        report = json.loads(said.splitlines()[-1])
        counts = ", ".join(f"{what} {count:,}" for what, count in list(report["counts"].items())[:4])
        print(f"| {name} | {report['seconds']:.1f} | {whole:.1f} | {cpu:.1f} | {memory:,} | {counts} |", flush=True)
        total, worked, highest = total + whole, worked + cpu, max(highest, memory)
    print(f"| **all** | | **{total:.1f}** | **{worked:.1f}** | **{highest:,}** | |")


if __name__ == "__main__":
    for size in sys.argv[1:]:
        kept = os.environ.get("MIANSHEN_BENCHMARK_DIR")
        if kept:
            month(int(size), Path(kept) / size)
        else:
            with tempfile.TemporaryDirectory(prefix="mianshen-month-") as folder:
                month(int(size), Path(folder))
