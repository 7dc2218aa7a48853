"""A settlement file from the inbox to validated Parquet, stage by stage, beside bare reads of the same file in the same run.

    .venv/bin/python benchmarks/intake_speed.py 1000000 4000000

The bare reads (bare_reads.py) take the same file to Parquet with typed columns and judge nothing, each in a process of its own.
The three stages run in one process, by the command `mianshen run --until validate`: its CPU seconds are measured whole, start and
imports included, and stage by stage; peak memory is that of each stage. Whoever runs a process a stage, as Airflow's tasks are,
pays two more starts. The file comes twice: `new` brings a county that nobody knows yet, `known` the same people a month later.
Great Expectations (its import, the judging of the batch, its data docs) is a part of validate; what it took is shown beside it.
MIANSHEN_BENCHMARK_REPEATS (3) repeats everything: the least of each part is printed, the median in brackets, in Markdown tables.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb

from mianshen.cli.init import prepare
from mianshen.core.days import ZONE
from mianshen.core.paths import Home

PACK = "510118_xinjin"
AS_OF = datetime(2026, 11, 5, 17, tzinfo=ZONE)
PER_PERSON = 8
STAGES = ("receive", "deidentify", "validate")
PEERS = ("duckdb", "pyarrow", "pandas")
COMINGS = ("new", "known")
QUALITY = "of this Great Expectations"
WHOLE = "all three in one process"
NAMES = ("张伟", "王秀英", "李娜", "刘洋", "陈建国", "杨秀兰", "黄敏", "周强")
Figures = dict[str, dict[str, float]]

PEOPLE = """
    with numbered as (
        select p, '100999' || strftime(date '1930-01-01' + (p // 891)::integer, '%Y%m%d')
            || lpad((p // 99 % 9 * 100 + p % 99 + 1)::varchar, 3, '0') as first
        from range($people) as t(p)
    )
    select p, first || substr('10X98765432', 1 + (list_sum(list_transform([7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2],
        lambda weight, place: weight * substr(first, place::integer, 1)::integer)) % 11)::integer, 1) as certno,
        $names[1 + (hash(p) % 8)::integer] as name
    from numbered
"""
"""Well-formed numbers of an area that was never allocated."""

ROWS = """
    with drawn as (
        select i, hash(i, $month) as h, i % $people as p,
            date '2026-10-01' + (hash(i, 3) % 28)::integer as left_on,
            (5000 + hash(i, 4) % 400000)::bigint as inscp,
            (hash(i, 5) % 9000)::bigint as ownpay,
            (hash(i, 6) % 3000)::bigint as pre
        from range($rows) as t(i)
    ),
    split as (select *, inscp * (50 + (h % 40)::bigint) // 100 as hifp, inscp + ownpay + pre as total from drawn)
    select
        '510118' || $month || lpad(i::varchar, 15, '0') as setl_id,
        '510118M' || $month || lpad((i + 7)::varchar, 14, '0') as mdtrt_id,
        '5101180000' || lpad(p::varchar, 14, '0') as psn_no, '01' as psn_cert_type, certno, name as psn_name,
        (1 + h % 2)::varchar as gend,
        substr(certno, 7, 4) || '-' || substr(certno, 11, 2) || '-' || substr(certno, 13, 2) as brdy,
        ['310', '390'][1 + (h % 2)::integer] as insutype, '510118' as insu_admdvs, '510118' as mdtrt_admdvs,
        'H510118' || lpad((h % 300)::varchar, 5, '0') as fixmedins_code, '某某街道卫生院' as fixmedins_name,
        (1 + h % 3)::varchar as hosp_lv, ['11', '14', '21'][1 + (h % 3)::integer] as med_type,
        'E' || lpad((h % 90)::varchar, 2, '0') || '.' || ((h >> 9) % 1000)::varchar as dise_code, '高脂血症' as dise_name,
        left_on - (h % 9)::integer as begndate, left_on as enddate,
        strftime(left_on + to_seconds((h >> 7)::bigint % 86400), '%Y-%m-%d %H:%M:%S') as setl_time,
        (total / 100)::decimal(12, 2) as medfee_sumamt, (ownpay / 100)::decimal(12, 2) as fulamt_ownpay_amt,
        '0.00' as overlmt_selfpay, (pre / 100)::decimal(12, 2) as preselfpay_amt, (inscp / 100)::decimal(12, 2) as inscp_scp_amt,
        '200.00' as act_pay_dedc, (hifp / 100)::decimal(12, 2) as hifp_pay,
        ['0.5', '0.65', '0.7'][1 + (h % 3)::integer] as pool_prop_selfpay, '0.00' as hifmi_pay,
        '0.00' as hifob_pay, '0.00' as cvlserv_pay, '0.00' as maf_pay, '0.00' as oth_pay,
        (hifp / 100)::decimal(12, 2) as fund_pay_sumamt, ((total - hifp) / 100)::decimal(12, 2) as psn_part_amt,
        '0.00' as acct_pay, ((total - hifp) / 100)::decimal(12, 2) as psn_cash_pay,
        '0' as refd_setl_flag, cast(null as varchar) as init_setl_id,
        strftime(left_on + 2 + to_seconds((h >> 11)::bigint % 86400), '%Y-%m-%d %H:%M:%S') as updt_time
    from split join people using (p)
    order by i
"""

RUN = f"""
import atexit, json, sys, time
from pathlib import Path
from mianshen import cli
from mianshen.feeds import expectations
from mianshen.stages import catalogue
found = {{}}
def peak(*, anew):
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    said = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(said.split()[1]) / 1024
def timed(name, made):
    def run(*words, **more):
        began = time.process_time(), time.perf_counter()
        if name in catalogue.STAGES:
            peak(anew=True)
        done = made(*words, **more)
        spent = {{"cpu": time.process_time() - began[0], "wall": time.perf_counter() - began[1], "mb": peak(anew=False)}}
        found[name] = spent if name in catalogue.STAGES else spent | {{"mb": 0}}
        return done
    return run
expectations._run = timed({QUALITY!r}, expectations._run)
catalogue.STAGES = {{name: timed(name, stage) for name, stage in catalogue.STAGES.items()}}
told = ("--pack", {PACK!r}, "--month", "2026-10", "--as-of", {AS_OF.isoformat()!r}, "--until", "validate", "--json")
sys.argv = ["mianshen", "run", *told, *sys.argv[1:]]
atexit.register(lambda: print(json.dumps(found)))
cli.command()
"""


def make_files(folder: Path, rows: int) -> tuple[Path, ...]:
    """A file for each coming, both of the same people."""
    connection = duckdb.connect()
    people = max(1, rows // PER_PERSON)
    connection.execute(f"create table people as {PEOPLE}", {"people": people, "names": list(NAMES)})
    made = []
    for month in ("202610", "202611"):
        path = folder / f"settlement_510118_{month}.csv"
        values = {"rows": rows, "people": people, "month": month}
        connection.execute(f"copy ({ROWS}) to '{path}' (format csv, header true)", values)
        made.append(path)
    return tuple(made)


def measured(*line: str) -> tuple[str, dict[str, float]]:
    """What the command prints; its CPU seconds, seconds and peak memory in MB."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(line, stdout=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, line
        said.seek(0)
        return said.read().decode(), {"cpu": used.ru_utime + used.ru_stime, "wall": seconds, "mb": used.ru_maxrss / 1024}


def bare(path: Path, folder: Path) -> Figures:
    """Each bare read of the file."""
    script, target = str(Path(__file__).with_name("bare_reads.py")), folder / "bare.parquet"
    found = {f"bare {peer}": measured(sys.executable, script, peer, str(path), str(target))[1] for peer in PEERS}
    target.unlink()
    return found


def staged(paths: Iterable[Path], folder: Path, rows: int) -> Figures:
    """The three stages over the first file and then over the second, in a home of their own."""
    found: Figures = {}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        home = Home(Path(name) / "home")
        prepare(home, packs=(PACK,), go_live="2026-10-01")
        for coming, path in zip(COMINGS, paths, strict=True):
            os.link(path, home.inbox(PACK) / path.name)
            said, whole = measured(sys.executable, "-c", RUN, "--home", str(home.root))
            printed, _, timed = said.rstrip().rpartition("\n")
            assert json.loads(printed)["stages"][-1]["counts"]["accepted"] == rows, printed
            parts: Figures = json.loads(timed)
            begun = {key: whole[key] - sum(parts[stage][key] for stage in STAGES) for key in ("cpu", "wall")}
            found |= {f"{part}, {coming}": parts[part] for part in (*STAGES, QUALITY)}
            found |= {f"start, {coming}": begun | {"mb": 0}, f"{WHOLE}, {coming}": whole}
    return found


def cell(values: Iterable[float]) -> str:
    """The least, and the median in brackets."""
    some = list(values)
    return f"{min(some):,.1f} ({statistics.median(some):,.1f})"


def line(label: str, rows: int, runs: list[dict[str, float]]) -> None:
    """One line of the table."""
    least = min(one["cpu"] for one in runs)
    cells = (cell(one["cpu"] for one in runs), cell(one["wall"] for one in runs), f"{max(one['mb'] for one in runs):,.0f}")
    print(f"| {label} | {' | '.join(cells)} | {rows / least / 1000:,.0f} |")


def table(rows: int, size: int, repeats: list[Figures]) -> None:
    """The Markdown tables of one size."""
    print(f"\n{rows:,} rows, {size / 1e6:,.0f} MB; the least of {len(repeats)} runs (the median)\n")
    print("| part | CPU seconds | seconds | peak memory, MB | thousand rows a CPU second |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for part in repeats[0]:
        line(part, rows, [one[part] for one in repeats])
    wholes = {part: [one[part] for one in repeats] for part in repeats[0] if part.startswith(WHOLE)}
    print("\n| beside | " + " | ".join(f"× bare {peer}, CPU / seconds" for peer in PEERS) + " |")
    print("| --- |" + " ---: |" * len(PEERS))
    for label, runs in wholes.items():
        cells = (
            " / ".join(
                f"{statistics.median(run[key] / one[f'bare {peer}'][key] for run, one in zip(runs, repeats, strict=True)):,.1f}"
                for key in ("cpu", "wall")
            )
            for peer in PEERS
        )
        print(f"| {label} | {' | '.join(cells)} |", flush=True)


def growth(peaks: dict[str, dict[int, float]]) -> None:
    """How the peak memory of each stage follows the file: flat is a factor near 1."""
    sizes = sorted(next(iter(peaks.values())))
    print("\n| peak memory, MB | " + " | ".join(f"{rows:,} rows" for rows in sizes) + " | last by first |")
    print("| --- |" + " ---: |" * (len(sizes) + 1))
    for part, found in peaks.items():
        cells = " | ".join(f"{found[rows]:,.0f}" for rows in sizes)
        print(f"| {part} | {cells} | {found[sizes[-1]] / found[sizes[0]]:.2f} |", flush=True)


def main(sizes: list[int]) -> None:
    """Measure each size and print its tables, and how memory grows from one to the next."""
    peaks: dict[str, dict[int, float]] = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="mianshen-intake-", dir=os.environ.get("MIANSHEN_BENCHMARK_DIR")) as name:
            folder = Path(name)
            made, _ = measured(sys.executable, __file__, "make", str(folder), str(rows))
            paths = [Path(one) for one in made.split()]
            times = int(os.environ.get("MIANSHEN_BENCHMARK_REPEATS", "3"))
            repeats = [bare(paths[0], folder) | staged(paths, folder, rows) for _ in range(times)]
            table(rows, paths[0].stat().st_size, repeats)
            for part in (f"{stage}, {coming}" for coming in COMINGS for stage in STAGES):
                peaks.setdefault(part, {})[rows] = max(one[part]["mb"] for one in repeats)
    if len(sizes) > 1:
        growth(peaks)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        print(*make_files(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        main([int(one) for one in sys.argv[1:]] or [1_000_000, 4_000_000])
