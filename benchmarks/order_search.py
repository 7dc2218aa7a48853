"""CPU of the assessment with the order search beside the same one without it; chosen orders against brute force on a sample.

    .venv/bin/python benchmarks/order_search.py 1000000 10000000
    .venv/bin/python benchmarks/order_search.py --sample=500 1000000

Seven departments, four of them free among themselves: 24 legal orders; up to 3 of 12 categories a person. Parquet to Parquet.
Prints one line a size: CPU seconds of both, their ratio, how many person-years had several orders, and how many of the sampled
ones (5,000 unasked) differ from the reference calculator, which tries every order claim by claim.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
from assess_speed import CATEGORIES, SINCE, make_input, policy, show_input

from mianshen.core.plan import Benefit, EventKind, Plan, Tier
from mianshen.core.rates import Bracket, Cap, Deductible, Rate
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.warehouse.assessing import assess_claims
from mianshen.warehouse.connect import compute

DEPARTMENTS = 7
FREE = (2, 3, 4, 5)
"""Places of the departments whose order is free."""
SAMPLE = 5_000
"""Person-years compared with the reference."""


def searched(*, is_searched: bool) -> Plan:
    """Seven departments, each for eight of the twelve categories."""
    benefits = tuple(_department(place) for place in range(DEPARTMENTS))
    plan = replace(policy(), tiers=(Tier("special", "专项", "special"),), benefits=benefits)
    if not is_searched:
        return plan
    orders = []
    for order in permutations(FREE):
        taken = dict(zip(FREE, order, strict=True))
        orders.append(tuple(f"department_{taken.get(place, place)}" for place in range(DEPARTMENTS)))
    return replace(plan, arrangements=tuple(orders))


def _department(place: int) -> Benefit:
    rates = tuple(
        Rate(
            category,
            deductible=Deductible((30_000 * ((number + 2 * place) % 5),)),
            brackets=(Bracket(0, 800_000, 200_000 + 50_000 * ((number + place) % 9)), Bracket(800_000, None, 300_000)),
            caps=(Cap(500_000 + 100_000 * ((number + 3 * place) % 7)),),
            clause_id=f"{place}.{category}",
        )
        for number, category in enumerate(CATEGORIES)
        if (number + place) % 3
    )
    code = f"department_{place}"
    return Benefit(code, code, code, "special", code, "fund", EventKind.CARE, ("11", "14", "21"), (), rates, SINCE, None, False)


def run(folder: Path, *, is_searched: bool) -> dict[str, Any]:
    """The assessment, lines, outcomes and orders written out; the person-years with several orders."""
    con = compute(spill=folder)
    show_input(con, folder)
    assess_claims(con, [(searched(is_searched=is_searched), [2025, 2026])])
    for table in ("award_line", "assessment", *(("order_tried",) if is_searched else ())):
        con.execute(f"copy out.{table} to '{folder}/{table}.parquet' (format parquet, compression zstd)")
    years = con.execute("select count(distinct (person_key, benefit_year)) from out.order_tried").fetchone()
    return {"several": years[0] if years else 0}


def differing(folder: Path, sample: int) -> int:
    """Sampled person-years whose orders, totals or choice are not those of the reference."""
    con = duckdb.connect()
    con.execute(f"create view tried as from '{folder}/order_tried.parquet'")
    con.execute(f"create view events as from '{folder}/events.parquet'")
    con.execute(f"create view spans as from '{folder}/spans.parquet'")
    con.execute(
        "create table sampled as select distinct person_key, benefit_year from events"
        f" order by md5(person_key || benefit_year), person_key limit {sample}"
    )
    columns = "person_key, benefit_year, order_no, total_fen, is_chosen"
    found = con.execute(f"select {columns} from tried semi join sampled using (person_key, benefit_year)")
    by_sql = set(found.fetchall())
    claims: dict[tuple[str, int], list[Claim]] = {}
    names = (
        "event_id, person_key, benefit_year, since, until_on, settled_on, settled_at, med_type, inscp_scp_amt, hifp_pay, maf_pay"
    )
    for row in con.execute(f"select {names} from events semi join sampled using (person_key, benefit_year)").fetchall():
        event_id, person, year, since, until_on, settled_on, settled_at, med_type, *money = row
        amounts = dict(zip(("inscp_scp_amt", "hifp_pay", "maf_pay"), money, strict=True))
        one = Claim(event_id, EventKind.CARE, year, since, until_on, settled_on, settled_at, med_type, None, amounts)
        claims.setdefault((person, year), []).append(one)
    spans: dict[str, list[IdentitySpan]] = {}
    for person, code, since, until in con.execute("select person_key, category_code, since, until from spans").fetchall():
        spans.setdefault(person, []).append(IdentitySpan(code, Span(since, until)))
    plan = searched(is_searched=True)
    by_reference = {
        (person, year, one.arrangement_no, one.total_fen, one.is_chosen)
        for (person, year), events in claims.items()
        for one in assess_person(plan, events=events, spans=spans.get(person, [])).orders
    }
    return len({row[:2] for row in by_sql ^ by_reference})


def measured(part: str, folder: Path) -> dict[str, Any]:
    """What one part says in its own process: CPU seconds, peak memory in MB."""
    found = subprocess.run([sys.executable, __file__, part, str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout))


def main(arguments: list[str]) -> None:
    """Measure each size, or run one part and print what it took."""
    if arguments[0] in {"without", "with"}:
        told = run(Path(arguments[1]), is_searched=arguments[0] == "with")
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024, **told}))
        return
    asked = [one for one in arguments if one.startswith("--sample=")]
    sample = int(asked[0].removeprefix("--sample=")) if asked else SAMPLE
    for rows in (int(one) for one in arguments if one not in asked):
        with tempfile.TemporaryDirectory() as name:
            make_input(Path(name), rows)
            plain, whole = measured("without", Path(name)), measured("with", Path(name))
            wrong = differing(Path(name), sample)
        print(
            f"{rows:>11,} settlements: without {plain['cpu']:.1f} s, with the search {whole['cpu']:.1f} s,"
            f" ratio {whole['cpu'] / plain['cpu']:.2f}; {whole['several']:,} person-years with several orders;"
            f" peak {plain['mb']:.0f} / {whole['mb']:.0f} MB; {wrong} of {sample:,} sampled differ from brute force"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
