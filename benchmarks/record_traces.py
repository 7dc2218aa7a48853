"""Calculation records, a typed trace and a Chinese sentence each, beside OpenFisca's and GoRules ZEN's traces in one run.

    .venv/bin/python -m benchmarks.record_traces 1000000

Rows of the printed table of `320902_tinghu` as in relief_exactness; once as printed, and once with steps: a monthly deductible, a
ratio that a condition changes, a cap a claim and a cap a year, halving after the caps. The time is that of the records
alone, after the lines were computed, Parquet written. The peers explain a person at a time, the first of the same rows.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from benchmarks.peer import ask, last_line
from benchmarks.relief_exactness import DAY, draw, lines_of, plan, rules_of, show_facts

from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import Cap, Condition, Modifier, Period, Position, Rate, Variant
from mianshen.warehouse import assessing
from mianshen.warehouse.connect import compute
from mianshen.warehouse.records import RECORD

PEERS = {"openfisca": ("OpenFisca-core 46", 1_000), "zen": ("GoRules ZEN 2.1", 20_000)}


def stepped(policy: Plan) -> Plan:
    """The table with several steps in every rate."""
    (benefit,) = policy.benefits
    clause = benefit.rates[0].clause_id
    halved = Modifier(Condition(med_types=("11",)), Position.AFTER_CAP, clause, factor_ppm=500_000)
    return replace(policy, benefits=(_with_steps(benefit, halved),))


def _with_steps(benefit: Benefit, halved: Modifier) -> Benefit:
    return replace(benefit, rates=tuple(_steps(one) for one in benefit.rates), modifiers=(halved,))


def _steps(rate: Rate) -> Rate:
    (bracket, *others) = rate.brackets
    varied = replace(bracket, variants=(Variant(Condition(med_types=("14",)), 900_000),))
    caps = (Cap(5_000_000, period=Period.CLAIM), *rate.caps)
    return replace(rate, deductible=replace(rate.deductible, period=Period.MONTH), brackets=(varied, *others), caps=caps)


def make(folder: Path, kind: str) -> None:
    """Lines first, then the records timed and written."""
    policy = plan() if kind == "printed" else stepped(plan())
    with compute(spill=folder, memory="4GB") as connection:
        show_facts(connection, folder, policy, kinds=kind != "printed")
        (prepared,) = assessing.prepare(connection, [(policy, [DAY.year])], with_records=True)
        assessing.assess_prepared(connection, [replace(prepared, trace=None)])
        began, wall = time.process_time(), time.perf_counter()
        assessing.record_claims(connection, prepared, this_year=DAY.year, is_first=True)
        connection.execute(f"copy {RECORD} to '{folder}/{kind}.parquet' (format parquet, compression zstd)")
        used = {"cpu": time.process_time() - began, "wall": time.perf_counter() - wall}
        told = connection.execute(f"select count(*), count(sentence_zh), count(trace) from {RECORD}").fetchone()
        example = f"select sentence_zh from {RECORD} where amount_fen > 0 order by event_id limit 1"
        said = connection.execute(example).fetchone()
    print(json.dumps({**used, "told": told, "said": said[0] if said else ""}))


def beside(peer: str, folder: Path, rows: list[tuple[int, int]], rules: str) -> dict[str, Any]:
    """A peer's seconds for these rows, the relief that it found in fen and how many steps its traces have."""
    asked = folder / f"{peer}.json"
    asked.write_text(json.dumps(rows), encoding="utf-8")
    return ask(peer, "traces.py", asked, rules)


def main(rows: int) -> None:
    """Print seconds, and microseconds a record."""
    policy = plan()
    rates = lines_of(policy)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fen, place = draw(folder, rows, len(rates))
        made = {kind: _made(folder, kind) for kind in ("printed", "stepped")}
        found = duckdb.execute(f"select event_id, total_relief_fen from '{folder}/printed.parquet'").fetchnumpy()
        relief = np.zeros(rows, np.int64)
        relief[[int(one[1:]) for one in found["event_id"]]] = np.ma.filled(found["total_relief_fen"], 0)
        print("| records | rows | wall s | CPU s | CPU us a record | ratio to `printed` |\n|---|---|---|---|---|---|")
        own = made["printed"]["cpu"] / rows
        for kind, used in made.items():
            print(_row(f"mianshen, {kind}", rows, used, own))
        for peer, (shown, most) in PEERS.items():
            some = list(zip(fen[:most].tolist(), place[:most].tolist(), strict=True))
            used = beside(peer, folder, some, rules_of(rates))
            off = np.abs(np.array(used["relief"]) - relief[: len(some)])
            print(_row(f"{shown} ({int((off > 0).sum())} of {len(some)} rows off)", len(some), used, own))
        for kind, used in made.items():
            records, sentences, traces = used["told"]
            print(f"\n{kind}: {records:,} records, {sentences:,} sentences, {traces:,} with steps. {used['said']}")


def _made(folder: Path, kind: str) -> dict[str, Any]:
    return last_line([sys.executable, "-m", "benchmarks.record_traces", "--make", folder, kind])


def _row(name: str, rows: int, used: dict[str, Any], own: float) -> str:
    each = used["cpu"] / rows
    return f"| {name} | {rows:,} | {used['wall']:.1f} | {used['cpu']:.1f} | {each * 1e6:.1f} | {each / own:,.0f} |"


if __name__ == "__main__":
    if sys.argv[1] == "--make":
        make(Path(sys.argv[2]), sys.argv[3])
    else:
        main(int(sys.argv[1]))
