"""CPU of the compiled assessment beside a bare cumulative window pass over the same Parquet, and the rules in pandas and Polars.

    .venv/bin/python benchmarks/assess_speed.py 1000000 10000000
    .venv/bin/python benchmarks/assess_speed.py --memory 2GB,500MB 30000000

Two chained tiers with yearly deductibles, brackets and caps; up to 3 of 12 categories a person; 8 settlements over two
years. Parquet in, Parquet out, each side in a process of its own, one after the other. The lines of the data frames are
compared with the product's row by row, and so are the claims' base and relief. With `--memory` the product alone runs, once
under each limit.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb
from peer import ask

from mianshen.core.plan import Benefit, Category, EventKind, MafCounting, Plan, Status, Term, Tier
from mianshen.core.rates import Bracket, Cap, Deductible, Rate
from mianshen.warehouse.assessing_parts import assess_in_parts, parts_for
from mianshen.warehouse.connect import compute
from mianshen.warehouse.sql_files import table_doc

CATEGORIES = tuple(f"CATEGORY_{place:02d}" for place in range(12))
PER_PERSON = 8
UNTOLD = ("facts.enrolment_event", "facts.service_event")
"""Facts of which there are none here."""
SINCE = date(2024, 1, 1)
LIMIT = "900MB"
"""Of DuckDB's memory, beside what Python takes."""
FORMAT = "format parquet, parquet_version v2, compression zstd, compression_level 1"
"""As the lake writes."""

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
    """Write the events and spans, in the order of the people as `profile` publishes them."""
    con = compute(spill=folder / "spill", memory="6GB")
    for name, query, order in (("events", EVENTS, "event_id"), ("spans", SPANS, "category_code, since")):
        asked = {"people": rows // PER_PERSON} | ({"rows": rows} if name == "events" else {})
        ordered = f"{query} order by person_key, {order}"
        con.execute(f"copy ({ordered}) to '{folder / name}.parquet' (format parquet, compression zstd)", asked)


def run_bare(folder: Path) -> None:
    """One cumulative window, written out; as much memory as it asks for."""
    query = BARE.replace("$events", f"'{folder}/events.parquet'")
    compute(spill=folder / "spill", memory="16GB").execute(f"copy ({query}) to '{folder}/bare.parquet' ({FORMAT})")


def run_assess(folder: Path, memory: str) -> None:
    """The stage's assessment, lines and outcomes written out."""
    con = compute(spill=folder / "spill", memory=memory)
    show_input(con, folder)
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    assess_in_parts(con, [(policy(), [2025, 2026])], parts=parts_for(con), folder=out)


def show_input(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make the events and spans readable as the facts of a run."""
    con.execute("create schema if not exists facts")
    for table, file in (("facts.care_event", "events"), ("facts.identity_span", "spans"), *((one, None) for one in UNTOLD)):
        con.execute(f"create view {table} as {_as_documented(con, table, folder / f'{file}.parquet' if file else None)}")


def _as_documented(con: duckdb.DuckDBPyConnection, table: str, file: Path | None) -> str:
    """The file's rows with every column of the table; what the file lacks is null."""
    there = {row[0] for row in con.execute(f"describe from '{file}'").fetchall()} if file else set()
    columns = [one.name if one.name in there else f"cast(null as {one.type}) as {one.name}" for one in table_doc(table).columns]
    return f"select {', '.join(columns)} from '{file}'" if file else f"select {', '.join(columns)} where false"


def measured(part: str, folder: Path, *more: str) -> dict[str, float]:
    """CPU seconds and peak memory in MB of one part in its own process."""
    found = subprocess.run([sys.executable, __file__, part, str(folder), *more], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def differing(folder: Path) -> int:
    """Rows that stand on one side only: lines, and base and relief of every claim. Of many rows the sums of their hashes are
    compared first: where they are the same there is nothing to look for."""
    found = 0
    for ours, theirs, names in (
        ("award_line", "lines", ("event_id", "benefit_code", "category_code", "base_fen", "entitled_fen")),
        ("assessment", "outcomes", ("event_id", "base_fen", "relief_fen", "left_fen", "outcome")),
    ):
        columns = ", ".join(f"cast({one} as {'bigint' if one.endswith('_fen') else 'varchar'})" for one in names)
        files = [f"'{folder}/{one}.parquet'" for one in (f"out/out.{ours}/*", theirs)]
        with duckdb.connect(config={"temp_directory": str(folder / "spill")}) as con:
            sums = {con.execute(f"select count(*), sum(hash({columns})) from {one}").fetchall()[0] for one in files}
            for one, other in (files, files[::-1]) if len(sums) > 1 else ():
                rows = f"(select {columns} from {one} except all select {columns} from {other})"
                found += con.execute(f"select count(*) from {rows}").fetchall()[0][0]
    return found


def compare(rows: int) -> None:
    """Every side once over the same files, the differing rows of the data frames counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_input(folder, rows)
        bare, whole = measured("bare", folder), measured("assess", folder, LIMIT)
        print(f"{rows:>11,} settlements: bare window {bare['cpu']:.1f} CPU s, {bare['mb']:.0f} MB", flush=True)
        print(
            f"{'':24} assess {whole['cpu']:.1f} CPU s, {whole['mb']:.0f} MB, ratio {whole['cpu'] / bare['cpu']:.2f}", flush=True
        )
        for peer in ("pandas", "polars"):
            took = ask("frames", f"in_{peer}.py", folder)
            print(f"{'':24} {peer} {took['cpu']:.1f} CPU s, {took['mb']:.0f} MB; {differing(folder)} rows differ", flush=True)


def limited(rows: int, limits: list[str]) -> None:
    """The product alone, once under each limit."""
    with tempfile.TemporaryDirectory() as name:
        make_input(Path(name), rows)
        for limit in limits:
            took = measured("assess", Path(name), limit)
            print(f"{rows:>11,} settlements: assess within {limit} {took['cpu']:.1f} CPU s, {took['mb']:.0f} MB", flush=True)


def main(arguments: list[str]) -> None:
    """Measure each size, or run one part and print what it took."""
    if arguments[0] in {"bare", "assess"}:
        if arguments[0] == "bare":
            run_bare(Path(arguments[1]))
        else:
            run_assess(Path(arguments[1]), arguments[2])
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))
        return
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--memory", type=lambda text: text.split(","), default=[])
    asked.add_argument("rows", type=int, nargs="+")
    wanted = asked.parse_args(arguments)
    for rows in wanted.rows:
        if wanted.memory:
            limited(rows, wanted.memory)
        else:
            compare(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
