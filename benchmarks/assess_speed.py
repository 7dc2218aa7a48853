"""CPU of the compiled assessment beside one bare cumulative window pass over the same Parquet, both in one run.

    .venv/bin/python benchmarks/assess_speed.py 1000000 10000000

Two chained tiers with yearly deductibles, brackets and caps; up to 3 of 12 categories a person; 8 settlements over two
years. Parquet in, Parquet out. Prints one line a size: CPU seconds of both, their ratio, peak memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from mianshen.core.plan import Benefit, Category, EventKind, MafCounting, Plan, Status, Term, Tier
from mianshen.core.rates import Bracket, Cap, Deductible, Rate
from mianshen.warehouse.assessing import assess_claims
from mianshen.warehouse.connect import compute
from mianshen.warehouse.sql_files import table_doc

CATEGORIES = tuple(f"CATEGORY_{place:02d}" for place in range(12))
PER_PERSON = 8
SINCE = date(2024, 1, 1)

EVENTS = """
    select
        'S' || lpad(i::varchar, 19, '0') as event_id,
        md5((i % $people)::varchar)[:26] as person_key,
        day as since, day + (h % 9)::integer as until_on, day + (h % 9)::integer as settled_on,
        (day + (h % 9)::integer)::timestamp + to_seconds((h >> 8) % 86400) as settled_at,
        year(day + (h % 9)::integer)::integer as benefit_year,
        ['11', '14', '21', '41'][1 + ((h >> 5) % 4)::integer] as med_type,
        (1000 + (h >> 12) % 400000 * (1 + (h >> 40) % 9))::bigint as inscp_scp_amt,
        ((h >> 20) % 900)::bigint as hifp_pay, 0::bigint as maf_pay, 'LIVE' as state
    from (select i, hash(i) as h, date '2025-01-01' + (hash(i + 1) % 720)::integer as day from range($rows) as t(i))
"""
SPANS = """
    select md5(p::varchar)[:26] as person_key, 'CATEGORY_' || lpad(((hash(p) >> k * 4) % 12)::varchar, 2, '0') as category_code,
        date '2024-06-01' + (hash(p + k) % 400)::integer as since,
        case when hash(p - k) % 3 = 0 then date '2025-09-01' + (hash(p + 2 * k) % 300)::integer end as until,
        'list' as list_code, false as is_provisional
    from range($people) as t(p), range(3) as s(k)
    where hash(p) % 8 > k * 2
"""
BARE = """
    select event_id, sum(inscp_scp_amt - hifp_pay) over (
        partition by person_key, benefit_year order by settled_on, settled_at, event_id
        rows between unbounded preceding and current row) as total
    from read_parquet($events)
"""


def policy() -> Plan:
    """Two tiers over all twelve categories."""
    return Plan(
        *("benchmark", "100999", "虚构县", date(2026, 10, 31), "0" * 64, "settlement"),
        base=(Term("inscp_scp_amt", 1, "unknown"), Term("hifp_pay", -1, "unknown")),
        maf_counts_as=MafCounting.EARLIER_PAYER,
        tiers=(Tier("special", "专项", "special"), Tier("last", "兜底", "last")),
        benefits=(_benefit("special", 0), _benefit("last", 7)),
        categories=tuple(Category(code, code, code, "civil_affairs", Status.ILLUSTRATIVE) for code in CATEGORIES),
        clauses=(),
    )


def _benefit(code: str, turn: int) -> Benefit:
    rates = tuple(
        Rate(
            category,
            deductible=Deductible((50_000 * ((place + turn) % 5),)),
            brackets=(Bracket(0, 1_000_000, 500_000 + 10_000 * place), Bracket(1_000_000, None, 650_000 + 10_000 * place)),
            caps=(Cap(3_000_000 + 100_000 * place),),
            clause_id=f"{code}.{category}",
        )
        for place, category in enumerate(CATEGORIES)
    )
    words = (code, code, code, code, "civil_affairs", "fund")
    return Benefit(*words, EventKind.CARE, ("11", "14", "21"), (), rates, SINCE, None, False)


def make_input(folder: Path, rows: int) -> None:
    """Write the events and spans."""
    con = duckdb.connect()
    for name, query in (("events", EVENTS), ("spans", SPANS)):
        asked = {"people": rows // PER_PERSON} | ({"rows": rows} if name == "events" else {})
        con.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet, compression zstd)", asked)


def run_bare(folder: Path) -> None:
    """One cumulative window, written out."""
    query = BARE.replace("$events", f"'{folder}/events.parquet'")
    compute(spill=folder).execute(f"copy ({query}) to '{folder}/bare.parquet' (format parquet, compression zstd)")


def run_assess(folder: Path) -> None:
    """The stage's assessment, lines and outcomes written out."""
    con = compute(spill=folder)
    con.execute("create schema facts")
    for table, file in (("facts.care_event", "events"), ("facts.identity_span", "spans"), ("facts.enrolment_event", None)):
        con.execute(f"create view {table} as {_as_documented(con, table, folder / f'{file}.parquet' if file else None)}")
    assess_claims(con, [(policy(), [2025, 2026])])
    for table in ("award_line", "assessment"):
        con.execute(f"copy out.{table} to '{folder}/{table}.parquet' (format parquet, compression zstd)")


def _as_documented(con: duckdb.DuckDBPyConnection, table: str, file: Path | None) -> str:
    """The file's rows with every column of the table; what the file lacks is null."""
    there = {row[0] for row in con.execute(f"describe from '{file}'").fetchall()} if file else set()
    columns = [one.name if one.name in there else f"cast(null as {one.type}) as {one.name}" for one in table_doc(table).columns]
    return f"select {', '.join(columns)} from '{file}'" if file else f"select {', '.join(columns)} where false"


def measured(part: str, folder: Path) -> dict[str, float]:
    """CPU seconds and peak memory in MB of one part in its own process."""
    found = subprocess.run([sys.executable, __file__, part, str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def main(arguments: list[str]) -> None:
    """Measure each size, or run one part and print what it took."""
    if arguments[0] in {"bare", "assess"}:
        {"bare": run_bare, "assess": run_assess}[arguments[0]](Path(arguments[1]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))
        return
    for rows in (int(one) for one in arguments):
        with tempfile.TemporaryDirectory() as name:
            make_input(Path(name), rows)
            bare, whole = measured("bare", Path(name)), measured("assess", Path(name))
        print(
            f"{rows:>11,} settlements: bare window {bare['cpu']:.1f} s, assess {whole['cpu']:.1f} s,"
            f" ratio {whole['cpu'] / bare['cpu']:.2f}; peak {bare['mb']:.0f} / {whole['mb']:.0f} MB"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
