"""CPU of a purse that two benefits share, its bound changing by row, beside the same windows without it; what windows get wrong.

    .venv/bin/python benchmarks/shared_purse.py 200000 1000000

Two benefits share a purse whose bound is that of the category that counts; up to 3 of 12 categories a person, some of them for a
part of the year; one person has 500 visits. Parquet to Parquet. Prints one line a size: CPU seconds of both, their ratio, how
many rows windows alone would get wrong of those that meet a bound (each row held to its bound less the running total of what was
due), and how many of the sampled people and of the person with 500 visits differ from the reference calculator.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from assess_speed import CATEGORIES, SINCE, make_input, policy, show_input

from mianshen.core.plan import Benefit, Bucket, EventKind, Plan
from mianshen.core.rates import Bracket, Deductible, Rate
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.warehouse.assessing import assess_claims
from mianshen.warehouse.connect import compute

SAMPLE = 500
"""People compared with the reference, beside the one with many visits."""
VISITOR, VISITS = "100999VISITOR", 500
YEARS = [2025, 2026]
LINE = ("event_id", "benefit_code", "category_code", "base_fen", "entitled_fen")
"""What is compared of a line."""
WINDOWS = """
    with asked as (
        select p.*, b.bound_fen, sum(p.asked_fen) over (
            partition by p.person_key, p.benefit_year order by p.settled_on, p.settled_at, p.event_id, p.turn
            rows between unbounded preceding and current row) - p.asked_fen as before_fen
        from asked_of as p inner join bounds as b using (category_code)
    )
    select event_id, benefit_code, least(asked_fen, greatest(bound_fen - before_fen, 0)) as taken_fen,
        before_fen + asked_fen >= bound_fen as is_met
    from asked
"""
"""What one window a purse makes of what was due: each row's own bound less all that was due before it."""


def shared(*, has_purse: bool) -> Plan:
    """Two benefits of every category, which share a purse or do not."""
    benefits = tuple(_benefit(place, "purse" if has_purse else None) for place in range(2))
    bounds = tuple((category, 600_000 + 270_000 * (number % 4)) for number, category in enumerate(CATEGORIES))
    return replace(policy(), benefits=benefits, buckets=(Bucket("purse", "共用", bounds, "purse"),) if has_purse else ())


def _benefit(place: int, bucket: str | None) -> Benefit:
    rates = tuple(
        Rate(
            category,
            deductible=Deductible((20_000 * ((number + place) % 3),)),
            brackets=(Bracket(0, None, 100_000 + 30_000 * ((number + 2 * place) % 5)),),
            caps=(),
            clause_id=f"{place}.{category}",
        )
        for number, category in enumerate(CATEGORIES)
    )
    code = f"benefit_{place}"
    words = (code, code, code, "special", code, "fund")
    return Benefit(*words, EventKind.CARE, ("11", "14", "21"), (), rates, SINCE, None, False, bucket_code=bucket)


def add_visitor(folder: Path) -> None:
    """Put the person with many visits, and categories that come and go, among the events and spans."""
    days = [date(2026, 1, 1) + timedelta(days=number * 360 // VISITS) for number in range(VISITS)]
    with duckdb.connect() as con:
        con.execute(f"create table events as from '{folder}/events.parquet'")
        con.execute(f"create table spans as from '{folder}/spans.parquet'")
        for number, day in enumerate(days):
            con.execute(
                "insert into events by name select $id as event_id, $who as person_key, $day as since, $day as until_on,"
                " $day as settled_on, $day::timestamp as settled_at, 2026 as benefit_year, '11' as med_type,"
                " $fen as inscp_scp_amt, 0 as hifp_pay, 0 as maf_pay, 'LIVE' as state",
                {"id": f"V{number:04d}", "who": VISITOR, "day": day, "fen": 2_000 + 610 * (number % 29)},
            )
        held = [(CATEGORIES[0], date(2026, 1, 1), None)]
        held += [(CATEGORIES[3], date(2026, month, 1), date(2026, month, 20)) for month in (2, 4, 6, 8, 10)]
        for code, since, until in held:
            con.execute("insert into spans values ($1, $2, $3, $4, 'list', false)", [VISITOR, code, since, until])
        for table in ("events", "spans"):
            con.execute(f"copy {table} to '{folder}/{table}.parquet' (format parquet, compression zstd)")


def run(folder: Path, *, has_purse: bool) -> None:
    """The assessment, lines and outcomes written out."""
    con = compute(spill=folder)
    show_input(con, folder)
    assess_claims(con, [(shared(has_purse=has_purse), YEARS)])
    for table in ("award_line", "assessment"):
        name = table if has_purse else f"{table}_open"
        con.execute(f"copy out.{table} to '{folder}/{name}.parquet' (format parquet, compression zstd)")
    if has_purse:
        con.execute(f"copy (select event_id, person_key, benefit_year, b1_open_fen, b2_open_fen, b1_category, b2_category from"
                    f" out.award_chain) to '{folder}/open.parquet' (format parquet)")  # fmt: skip


def wrong_by_windows(folder: Path) -> tuple[int, int, int]:
    """Rows of the purse, those that meet a bound, and how many of these one window a purse gets wrong."""
    con = duckdb.connect()
    bounds = shared(has_purse=True).buckets[0].amounts_fen
    con.execute("create table bounds (category_code varchar, bound_fen bigint)")
    con.executemany("insert into bounds values (?, ?)", list(bounds))
    bits = ", ".join(f"({1 << place}, '{code}')" for place, code in enumerate(CATEGORIES))
    con.execute(f"create table bit as select * from (values {bits}) as t(bit, category_code)")
    sides = " union all ".join(
        f"select o.event_id, o.person_key, o.benefit_year, e.settled_on, e.settled_at, 'benefit_{turn}' as benefit_code,"
        f" {turn} as turn, b{turn + 1}_open_fen as asked_fen, bit.category_code from '{folder}/open.parquet' as o"
        f" join '{folder}/events.parquet' as e using (event_id) join bit on bit.bit = b{turn + 1}_category"
        for turn in range(2)
    )
    con.execute(f"create view asked_of as {sides}")
    query = f"""
        select count(*), count(*) filter (w.is_met), count(*) filter (w.taken_fen <> coalesce(l.entitled_fen, 0))
        from ({WINDOWS}) as w left join '{folder}/award_line.parquet' as l using (event_id, benefit_code)
    """
    rows, met, wrong = con.execute(query).fetchall()[0]
    return int(rows), int(met), int(wrong)


def differing(folder: Path) -> int:
    """Lines of the sampled people that are not those of the reference."""
    con = duckdb.connect()
    con.execute(f"create view events as from '{folder}/events.parquet'")
    con.execute(
        "create table sampled as select distinct person_key from events"
        f" order by person_key <> '{VISITOR}', md5(person_key), person_key limit {SAMPLE + 1}"
    )
    found = con.execute(f"select {', '.join(LINE)} from '{folder}/award_line.parquet' semi join sampled using (person_key)")
    by_sql = set(found.fetchall())
    claims: dict[str, list[Claim]] = {}
    names = (
        "event_id, person_key, benefit_year, since, until_on, settled_on, settled_at, med_type, inscp_scp_amt, hifp_pay, maf_pay"
    )
    for row in con.execute(f"select {names} from events semi join sampled using (person_key)").fetchall():
        event_id, person, year, since, until_on, settled_on, settled_at, med_type, *money = row
        amounts = dict(zip(("inscp_scp_amt", "hifp_pay", "maf_pay"), money, strict=True))
        one = Claim(event_id, EventKind.CARE, year, since, until_on, settled_on, settled_at, med_type, None, amounts)
        claims.setdefault(person, []).append(one)
    spans: dict[str, list[IdentitySpan]] = {}
    for person, code, since, until in con.execute(
        f"select person_key, category_code, since, until from '{folder}/spans.parquet' semi join sampled using (person_key)"
    ).fetchall():
        spans.setdefault(person, []).append(IdentitySpan(code, Span(since, until)))
    plan = shared(has_purse=True)
    by_reference = {
        tuple(getattr(line, name) for name in LINE)
        for person, events in claims.items()
        for line in assess_person(plan, events=events, spans=spans.get(person, [])).lines
    }
    return len(by_sql ^ by_reference)


def measured(part: str, folder: Path) -> dict[str, Any]:
    """What one part says in its own process: CPU seconds, peak memory in MB."""
    found = subprocess.run([sys.executable, __file__, part, str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def main(arguments: list[str]) -> None:
    """Measure each size, or run one part and print what it took."""
    if arguments[0] in {"without", "with"}:
        run(Path(arguments[1]), has_purse=arguments[0] == "with")
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))
        return
    for rows in (int(one) for one in arguments):
        with tempfile.TemporaryDirectory() as name:
            make_input(Path(name), rows)
            add_visitor(Path(name))
            plain, whole = measured("without", Path(name)), measured("with", Path(name))
            shared_rows, met, wrong = wrong_by_windows(Path(name))
            differ = differing(Path(name))
        print(
            f"{rows:>11,} settlements: windows {plain['cpu']:.1f} s, with the purse {whole['cpu']:.1f} s,"
            f" ratio {whole['cpu'] / plain['cpu']:.2f}; {shared_rows:,} rows of the purse,"
            f" {met / shared_rows:.0%} meet a bound, windows alone wrong on {wrong:,} ({wrong / met:.1%} of these);"
            f" peak {plain['mb']:.0f} / {whole['mb']:.0f} MB;"
            f" {differ} lines of {SAMPLE + 1} people differ from the reference"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
