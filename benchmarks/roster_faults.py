"""100,000 rows with 3,000 planted faults of 20 kinds: who names them, with the right reason, without a false alarm?

    .venv/bin/python -m benchmarks.roster_faults 100000 150

The product's `intake check` beside pandera and Great Expectations alone, each in a process of its own on the same file. The peers
get one built-in check a reason wherever a built-in check can tell it; they live in build/peers, made from their own locks.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peer import ask, last_line
from benchmarks.planted_faults import CATEGORIES, FAULTS, HEADING, TODAY, Planted, plant

PEERS = {"pandera": "pandera", "great_expectations": "Great Expectations"}
NO_FAULT = ("LOAD", "FIX")
"""States of rows that nothing is held against."""
_DAY = r"^\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d))$"
RULES: dict[str, dict[str, Any]] = {
    "CERTNO_MISSING": {"kind": "pattern", "column": "身份证号", "pattern": r".+"},
    "CERTNO_LENGTH": {"kind": "pattern", "column": "身份证号", "pattern": r"^$|^.{18}$|.*[E*]"},
    "CERTNO_DATE": {
        "kind": "pattern",
        "column": "身份证号",
        "pattern": r"^\d{10}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|^(?!\d{17}.$)",
    },
    "CERTNO_DAMAGED": {"kind": "pattern", "column": "身份证号", "pattern": r"^(?!.*E[+])"},
    "CERTNO_MASKED": {"kind": "pattern", "column": "身份证号", "pattern": r"^[^*]*$"},
    "CERTNO_LETTER": {"kind": "pattern", "column": "身份证号", "pattern": r"^[\dX*.E+]*$"},
    "NAME_MISSING": {"kind": "pattern", "column": "姓名", "pattern": r".+"},
    "NAME_DOUBTFUL": {"kind": "pattern", "column": "姓名", "pattern": "^[\u4e00-\u9fff\u00b7]*$"},
    "CATEGORY_UNKNOWN": {"kind": "among", "column": "人员类别", "values": ["", "困难职工", *CATEGORIES]},
    "CATEGORY_MISSING": {"kind": "pattern", "column": "人员类别", "pattern": r".+"},
    "ACCOUNT_FLAGGED": {"kind": "pattern", "column": "银行账号", "pattern": r"^\d{12,25}$"},
    "PHONE_FLAGGED": {"kind": "pattern", "column": "手机号", "pattern": r"^1\d{10}$"},
    "DATE_DOUBTFUL": {"kind": "pattern", "column": "认定日期", "pattern": _DAY},
    "DATE_DOUBTFUL_LATE": {"kind": "at_most", "column": "认定日期", "value": str(TODAY)},
}
"""What built-in checks of pandera and Great Expectations can say; a check digit, a rounded number, a second name they cannot."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one program did."""

    name: str
    right: int
    """Planted faults named with their own reason."""
    seen: int
    """Planted faults named with any reason."""
    false: int
    """Sound rows that something was held against."""
    seconds: float
    """CPU of its process, imports included."""
    peak: float
    """MiB of its process."""
    missed: dict[str, int]
    """Planted faults that were not named rightly, by kind."""


def score(name: str, planted: Planted, named: Iterable[tuple[int, str]], *, seconds: float, peak: float) -> Score:
    """The score of a program that named these rows, by place and reason."""
    said: dict[int, set[str]] = {}
    for place, reason in named:
        said.setdefault(place, set()).add(reason.removesuffix("_LATE"))
    right = {place for place, (_, reason) in planted.truth.items() if reason in said.get(place, ())}
    false = [place for place, some in said.items() if place not in planted.truth and some != {planted.partners.get(place)}]
    missed = Counter(kind for place, (kind, _) in planted.truth.items() if place not in right)
    return Score(name, len(right), len(said.keys() & planted.truth.keys()), len(false), seconds, peak, dict(missed))


def judge_here(path: Path) -> list[tuple[int, str]]:
    """What the product's intake holds against each row of the file, by place from 0."""
    from mianshen.core.days import Month
    from mianshen.policy.contracts import national_contract
    from mianshen.policy.packs import POLICIES
    from mianshen.stages.examine import Task, examine

    contract = national_contract("generic_roster", root=POLICIES)
    (verdict,) = examine(path, Task(contract, Month(2026, 12), TODAY, ()))
    if verdict.outcome != "ACCEPT":
        raise SystemExit(f"the roster was not accepted: {verdict.reason}")
    return [(place, row.reason) for place, row in enumerate(verdict.rows) if row.state not in NO_FAULT]


def _ask_product(path: Path) -> dict[str, Any]:
    return last_line([sys.executable, "-m", "benchmarks.roster_faults", "--judge", path])


def _peer_places(planted: Planted) -> list[int]:
    """The place in the file of each row that pandas keeps: it skips rows with a cell too many."""
    return [place for place, row in enumerate(planted.rows) if len(row) == len(HEADING)]


def table(scores: Iterable[Score], planted: Planted) -> str:
    """The scores as a Markdown table."""
    count = len(planted.truth)
    lines = [
        "| | named with the right reason | named at all | false alarms | CPU seconds | peak MiB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in scores:
        right, seen = (f"{number} of {count} ({number * 100 / count:.1f} %)" for number in (one.right, one.seen))
        lines.append(f"| {one.name} | {right} | {seen} | {one.false} | {one.seconds:.1f} | {one.peak:.0f} |")
    return "\n".join(lines)


def main(rows: int, each: int) -> None:
    planted = plant(rows, each=each)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        path.write_bytes(planted.to_csv())
        product = _ask_product(path)
        named = [(int(place), reason) for place, reason in product["named"]]
        scores = [score("mianshen", planted, named, seconds=product["seconds"], peak=product["peak"])]
        places = _peer_places(planted)
        for name, shown in PEERS.items():
            said = ask(name, "judge.py", path, json.dumps(RULES))
            named = [(places[int(place)], reason) for place, reason in said["named"] if place is not None]
            scores.append(score(shown, planted, named, seconds=said["seconds"], peak=said["peak"]))
    print(f"{len(planted.rows)} rows, {len(planted.truth)} planted faults of {len(FAULTS)} kinds\n")
    print(table(scores, planted))
    for one in scores:
        missed = ", ".join(f"{kind} {number}" for kind, number in sorted(one.missed.items()))
        print(f"\n{one.name} does not name rightly: {missed or 'nothing'}")


if __name__ == "__main__":
    if sys.argv[1] == "--judge":
        found = judge_here(Path(sys.argv[2]))
        seconds = time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"named": found, "seconds": seconds, "peak": peak}))
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
