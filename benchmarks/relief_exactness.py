"""Rows of the Tinghu relief table that are wrong by a fen or more: the product, OpenFisca and PolicyEngine in one run.

    .venv/bin/python -m benchmarks.relief_exactness 1000000

One person a row, on one line of the printed table of `320902_tinghu`, with a year's burden drawn evenly from
0 to 300,000 yuan in whole fen. The truth is the reference formula, in exact fractions. The peers are given yuan and rounded
half up to the fen.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from benchmarks.peer import ask, last_line

from mianshen.core.plan import EventKind, Plan
from mianshen.core.rates import PLAIN_ROUNDING, Rate
from mianshen.policy.formula import length_within, whole_fen
from mianshen.policy.packs import POLICIES, load_pack
from mianshen.warehouse.assessing import assess_claims
from mianshen.warehouse.connect import compute, show_arrow
from mianshen.warehouse.sql_files import table_doc

DAY = date(2023, 6, 30)
MOST_FEN = 30_000_000
PEERS = {"openfisca": "OpenFisca-core 46", "policyengine": "PolicyEngine-core 3.33"}


@dataclass(frozen=True, slots=True)
class Score:
    """How one program did."""

    name: str
    wrong: int
    """Rows that differ from the truth."""
    worst_fen: int
    net_fen: int
    """Sum of the differences."""
    cpu: float
    """Seconds of its process, start included."""
    peak: float
    """MB of its process."""


def plan() -> Plan:
    """The printed table, inside its term; packages of service are another benefit."""
    found = load_pack("320902_tinghu", root=POLICIES, on=DAY).plan
    return replace(found, benefits=tuple(one for one in found.benefits if one.event_kind is EventKind.CARE))


def lines_of(found: Plan) -> list[Rate]:
    """One rate for each line of the table, and what a category on it is called."""
    (benefit,) = found.benefits
    return list({one.clause_id: one for one in benefit.rates}.values())


def relief_of(rate: Rate, burden_fen: int) -> int:
    """The truth: the brackets of the excess in whole numbers, rounded half up once, then the cap."""
    excess = max(burden_fen - rate.deductible.amounts_fen[0], 0)
    exact = whole_fen(sum(length_within(one, excess) * one.ratio_ppm for one in rate.brackets), PLAIN_ROUNDING)
    return min([exact, *(one.amount_fen for one in rate.caps)])


def rules_of(rates: list[Rate]) -> str:
    """The table as the peers are given it."""
    rows = [
        {
            "deductible_yuan": one.deductible.amounts_fen[0] / 100,
            "ratio": one.brackets[0].ratio_ppm / 1e6,
            "cap_yuan": one.caps[0].amount_fen / 100,
        }
        for one in rates
    ]
    return json.dumps(rows)


def draw(folder: Path, rows: int, lines: int) -> tuple[np.ndarray, np.ndarray]:
    """Burdens in fen and lines of the table, also as files for the peers."""
    chance = np.random.default_rng(20231)
    fen, place = chance.integers(0, MOST_FEN, rows), chance.integers(0, lines, rows)
    np.save(folder / "fen.npy", fen)
    np.save(folder / "line.npy", place)
    return fen, place


def assess(folder: Path) -> None:
    """The product's relief of every row, by the compiled statements, as a file."""
    policy = plan()
    with compute(spill=folder) as connection:
        show_facts(connection, folder, policy)
        assess_claims(connection, [(policy, [DAY.year])])
        found = connection.execute("select relief_fen from out.assessment order by event_id").fetchnumpy()["relief_fen"]
    np.save(folder / "product.npy", np.asarray(found, dtype=np.int64))


def show_facts(connection: duckdb.DuckDBPyConnection, folder: Path, policy: Plan, *, kinds: bool = False) -> None:
    """The drawn rows as facts: a claim a person; of several kinds of care when asked."""
    fen, place = np.load(folder / "fen.npy"), np.load(folder / "line.npy")
    count = len(fen)
    keys = pa.array([f"P{number:09d}" for number in range(count)])
    nothing = pa.array(np.zeros(count, np.int64))
    care = {term.field: nothing for term in policy.base} | {"inscp_scp_amt": pa.array(fen), "maf_pay": nothing}
    care |= {
        "event_id": keys,
        "person_key": keys,
        "state": pa.array(["LIVE"] * count),
        "benefit_year": pa.array(np.full(count, DAY.year)),
    }
    if kinds:
        care |= {"med_type": pa.array(["11", "14", "21"]).take(pa.array(np.arange(count) % 3))}
    care |= {name: pa.array([DAY] * count) for name in ("since", "until_on", "settled_on")}
    codes = pa.array([one.category_code for one in lines_of(policy)])
    begins = date(DAY.year, 1, 1)  # some categories are found anew each year
    spans = {"person_key": keys, "category_code": codes.take(pa.array(place)), "since": pa.array([begins] * count)}
    spans |= {"list_code": pa.array(["list"] * count), "is_provisional": pa.array([False] * count)}
    for table, given in (("facts.care_event", care), ("facts.identity_span", spans), ("facts.enrolment_event", {})):
        show_arrow(connection, f"{table}_given", pa.table(given if given else {"nothing": pa.array([], pa.int8())}))
        columns = [
            f"cast({one.name if one.name in given else 'null'} as {one.type}) as {one.name}" for one in table_doc(table).columns
        ]
        connection.execute(f"create table {table} as select {', '.join(columns)} from {table}_given")


def score(name: str, said: np.ndarray, truth: np.ndarray, *, cpu: float, peak: float) -> Score:
    """How far a program's fen are from the truth."""
    off = said - truth
    return Score(name, int((off != 0).sum()), int(np.abs(off).max()), int(off.sum()), cpu, peak)


def main(rows: int) -> None:
    """Print the table of scores."""
    rates = lines_of(plan())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fen, place = draw(folder, rows, len(rates))
        truth = np.array([relief_of(rates[line], amount) for line, amount in zip(place.tolist(), fen.tolist(), strict=True)])
        used = last_line([sys.executable, "-m", "benchmarks.relief_exactness", "--assess", folder])
        scores = [score("mianshen", np.load(folder / "product.npy"), truth, **used)]
        for peer, shown in PEERS.items():
            used = ask(peer, "relief.py", folder / "fen.npy", folder / "line.npy", rules_of(rates), folder / f"{peer}.npy")
            scores.append(score(shown, np.load(folder / f"{peer}.npy"), truth, **used))
    print(f"{rows:,} rows of the printed table\n")
    print("| | wrong rows | worst, fen | net, yuan | CPU seconds | peak MB |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for one in scores:
        share = f"{one.wrong:,} ({one.wrong * 100 / rows:.2f} %)"
        print(f"| {one.name} | {share} | {one.worst_fen} | {one.net_fen / 100:,.2f} | {one.cpu:.1f} | {one.peak:.0f} |")


if __name__ == "__main__":
    if sys.argv[1] == "--assess":
        assess(Path(sys.argv[2]))
        print(json.dumps({"cpu": time.process_time(), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
    else:
        main(int(sys.argv[1]))
