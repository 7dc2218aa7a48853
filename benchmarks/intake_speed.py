"""A settlement file from the inbox to validated Parquet, stage by stage, beside bare reads of the same file in the same run.

    .venv/bin/python benchmarks/intake_speed.py 1000000 4000000

The bare reads take the same file to Parquet with typed columns and judge nothing: DuckDB, pyarrow in pieces, plain pandas. Every
part runs in a process of its own; CPU seconds of the whole process are measured, start and imports included, and its peak memory.
The file comes twice: `new` brings a county nobody knows yet, `known` the same people in the month after. MIANSHEN_BENCHMARK_REPEATS
(3) repeats everything; the least of each part is printed, and the median in brackets. Figures are printed as Markdown tables.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
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
NAMES = ("张伟", "王秀英", "李娜", "刘洋", "陈建国", "杨秀兰", "黄敏", "周强")

PEOPLE = """
    with numbered as (select p, '100999' || strftime(date '1930-01-01' + (p // 891)::integer, '%Y%m%d')
        || lpad((p // 99 % 9 * 100 + p % 99 + 1)::varchar, 3, '0') as first from range($people) as t(p))
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
            (5000 + hash(i, 4) % 400000)::bigint as inscp, (hash(i, 5) % 9000)::bigint as ownpay, (hash(i, 6) % 3000)::bigint as pre
        from range($rows) as t(i)
    ),
    split as (select *, inscp * (50 + (h % 40)::bigint) // 100 as hifp, inscp + ownpay + pre as total from drawn)
    select
        '510118' || $month || lpad(i::varchar, 15, '0') as setl_id, '510118M' || $month || lpad((i + 7)::varchar, 14, '0') as mdtrt_id,
        '5101180000' || lpad(p::varchar, 14, '0') as psn_no, '01' as psn_cert_type, certno, name as psn_name,
        (1 + h % 2)::varchar as gend, substr(certno, 7, 4) || '-' || substr(certno, 11, 2) || '-' || substr(certno, 13, 2) as brdy,
        ['310', '390'][1 + (h % 2)::integer] as insutype, '510118' as insu_admdvs, '510118' as mdtrt_admdvs,
        'H510118' || lpad((h % 300)::varchar, 5, '0') as fixmedins_code, '某某街道卫生院' as fixmedins_name,
        (1 + h % 3)::varchar as hosp_lv, ['11', '14', '21'][1 + (h % 3)::integer] as med_type,
        'E' || lpad((h % 90)::varchar, 2, '0') || '.' || ((h >> 9) % 1000)::varchar as dise_code, '高脂血症' as dise_name,
        left_on - (h % 9)::integer as begndate, left_on as enddate, strftime(left_on + to_seconds((h >> 7)::bigint % 86400), '%Y-%m-%d %H:%M:%S') as setl_time,
        (total / 100)::decimal(12, 2) as medfee_sumamt, (ownpay / 100)::decimal(12, 2) as fulamt_ownpay_amt, '0.00' as overlmt_selfpay,
        (pre / 100)::decimal(12, 2) as preselfpay_amt, (inscp / 100)::decimal(12, 2) as inscp_scp_amt, '200.00' as act_pay_dedc,
        (hifp / 100)::decimal(12, 2) as hifp_pay, ['0.5', '0.65', '0.7'][1 + (h % 3)::integer] as pool_prop_selfpay, '0.00' as hifmi_pay,
        '0.00' as hifob_pay, '0.00' as cvlserv_pay, '0.00' as maf_pay, '0.00' as oth_pay, (hifp / 100)::decimal(12, 2) as fund_pay_sumamt,
        ((total - hifp) / 100)::decimal(12, 2) as psn_part_amt, '0.00' as acct_pay, ((total - hifp) / 100)::decimal(12, 2) as psn_cash_pay,
        '0' as refd_setl_flag, cast(null as varchar) as init_setl_id,
        strftime(left_on + 2 + to_seconds((h >> 11)::bigint % 86400), '%Y-%m-%d %H:%M:%S') as updt_time
    from split join people using (p)
    order by i
"""

TYPED = (
    "import json, sys, resource\n"
    "DAYS = ('brdy', 'begndate', 'enddate')\n"
    "MOMENTS = ('setl_time', 'updt_time')\n"
    "def is_money(name): return name.endswith(('_amt', '_pay', '_dedc', '_sumamt', '_selfpay')) and name != 'pool_prop_selfpay'\n"
    "source, target = sys.argv[1:]\n"
    "names = open(source, encoding='utf-8').readline().strip().split(',')\n"
)
BARE = {
    "DuckDB": TYPED
    + "import duckdb\n"
    "def kind(name): return 'date' if name in DAYS else 'timestamp' if name in MOMENTS else 'decimal(12, 2)' if is_money(name) else 'varchar'\n"
    "con = duckdb.connect()\n"
    "con.execute('set threads=2')\n"
    "con.execute(\"set memory_limit='2GB'\")\n"
    "columns = {name: kind(name) for name in names}\n"
    "con.execute(f\"copy (from read_csv('{source}', columns={columns}, header=true)) to '{target}' (format parquet, compression zstd)\")\n",
    "pyarrow": TYPED
    + "import pyarrow as pa, pyarrow.csv as csv, pyarrow.parquet as pq\n"
    "def kind(name):\n"
    "    if name in DAYS: return pa.date32()\n"
    "    if name in MOMENTS: return pa.timestamp('s')\n"
    "    return pa.decimal128(12, 2) if is_money(name) else pa.string()\n"
    "types = {name: kind(name) for name in names}\n"
    "with csv.open_csv(source, convert_options=csv.ConvertOptions(column_types=types)) as pieces:\n"
    "    with pq.ParquetWriter(target, pieces.schema, compression='zstd') as writer:\n"
    "        for piece in pieces:\n"
    "            writer.write_batch(piece)\n",
    "pandas": TYPED
    + "import pandas as pd\n"
    "text = {name: 'str' for name in names if not is_money(name) and name not in (*DAYS, *MOMENTS)}\n"
    "pd.read_csv(source, dtype=text, parse_dates=[*DAYS, *MOMENTS]).to_parquet(target, compression='zstd', index=False)\n",
}
"""The same file to Parquet with typed columns, nothing judged."""

ONE_STAGE = f"""
import json, os, sys
from datetime import datetime
from pathlib import Path
from mianshen.core.days import Month
from mianshen.core.paths import Home
from mianshen.stages.catalogue import entry
from mianshen.stages.frame import make_job
job = make_job({PACK!r}, month=Month(2026, 10), as_of=datetime.fromisoformat({AS_OF.isoformat()!r}),
               home=Home(Path(sys.argv[1])), entropy=os.urandom)
print(json.dumps(entry(sys.argv[2])(job).counts))
"""


def make_files(folder: Path, rows: int) -> tuple[Path, Path]:
    """Two files of the same people: October and the first days of November."""
    connection = duckdb.connect()
    connection.execute("set timezone='Asia/Shanghai'")
    people = max(1, rows // PER_PERSON)
    connection.execute(f"create table people as {PEOPLE}", {"people": people, "names": list(NAMES)})
    made = []
    for month in ("202610", "202611"):
        path = folder / f"settlement_510118_{month}.csv"
        values = {"rows": rows, "people": people, "month": month}
        connection.execute(f"copy ({ROWS}) to '{path}' (format csv, header true)", values)
        made.append(path)
    return made[0], made[1]


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


def bare(path: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Each bare read of the file."""
    found = {}
    for name, text in BARE.items():
        target = folder / "bare.parquet"
        found[name] = measured(sys.executable, "-c", text, str(path), str(target))[1]
        target.unlink()
    return found


def staged(paths: tuple[Path, Path], folder: Path, rows: int) -> dict[str, dict[str, float]]:
    """The three stages over the first file and then over the second, in a home of their own."""
    found = {}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        home = Home(Path(name) / "home")
        prepare(home, packs=(PACK,), go_live="2026-10-01")
        for which, path in zip(("new", "known"), paths, strict=True):
            os.link(path, home.inbox(PACK) / path.name)
            for stage in STAGES:
                said, found[f"{stage}, {which}"] = measured(sys.executable, "-c", ONE_STAGE, str(home.root), stage)
            counts = json.loads(said.splitlines()[-1])
            assert counts["accepted"] == rows, counts
    return found


def table(rows: int, size: int, repeats: list[dict[str, dict[str, float]]]) -> None:
    """The Markdown table of one size."""
    print(f"\n{rows:,} rows, {size / 1e6:,.0f} MB; least of {len(repeats)} (median)\n")
    print("| part | CPU seconds | seconds | peak memory, MB | thousand rows a CPU second |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for part in repeats[0]:
        runs = [one[part] for one in repeats]
        cells = [f"{min(values):,.1f} ({statistics.median(values):,.1f})" for values in ([one[key] for one in runs] for key in ("cpu", "wall"))]
        least = min(one["cpu"] for one in runs)
        print(f"| {part} | {cells[0]} | {cells[1]} | {max(one['mb'] for one in runs):,.0f} | {rows / least / 1000:,.0f} |")
    for which in ("new", "known"):
        sums = {key: min(sum(one[f"{stage}, {which}"][key] for stage in STAGES) for one in repeats) for key in ("cpu", "wall")}
        peak = max(one[f"{stage}, {which}"]["mb"] for one in repeats for stage in STAGES)
        print(f"| **all, {which}** | **{sums['cpu']:,.1f}** | **{sums['wall']:,.1f}** | **{peak:,.0f}** | **{rows / sums['cpu'] / 1000:,.0f}** |")
        for peer in BARE:
            ratios = [statistics.median(sum(one[f"{stage}, {which}"][key] for stage in STAGES) / one[peer][key] for one in repeats) for key in ("cpu", "wall")]
            print(f"| all, {which}, beside bare {peer} | ×{ratios[0]:,.1f} | ×{ratios[1]:,.1f} | | |")


def main(sizes: list[int]) -> None:
    """Measure each size and print its table."""
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="mianshen-intake-", dir=os.environ.get("MIANSHEN_BENCHMARK_DIR")) as name:
            folder = Path(name)
            paths = make_files(folder, rows)
            repeats = [
                {**bare(paths[0], folder), **staged(paths, folder, rows)}
                for _ in range(int(os.environ.get("MIANSHEN_BENCHMARK_REPEATS", "3")))
            ]
            table(rows, paths[0].stat().st_size, repeats)


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [1_000_000])
