"""The third-party sample's settlements against their answer key: every row, refund and fen, every planted fault by its name.

MIANSHEN_REALDATA names the folder that holds the sample (docs/decisions: counted facts). Without it the tests are NOT RUN.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.sample_settlements import Key, delivered, read_key, repaired, written
from tests.end_to_end.test_realdata import find
from tests.stages.intake_county import Intake, make_intake, pack, table

from mianshen.core.days import ZONE, Month
from mianshen.feeds.reader import read
from mianshen.stages import profile

pytestmark = pytest.mark.realdata
AS_OF = datetime(2026, 11, 22, 9, tzinfo=ZONE)
MONTH = Month(2026, 10)
NAMED = {
    "certno_fullwidth": "full_width",
    "certno_missing": "CERTNO_MISSING",
    "corrected_next_month": "SETTLEMENT_CORRECTED",
    "enddate_missing": "ENDDATE_MISSING",
    "identity_broken": "IDENTITY_FUND",
    "lowercase_x": "lower_case_x",
    "name_char_lost": "NAME_DOUBTFUL",
    "off_by_one_cent": "IDENTITY_TOLERATED",
    "repeated_next_month": "SETTLEMENT_REPEATED",
    "repeated_same_file": "ROW_REPEATED",
    "trailing_space": "SPACES_REMOVED",
}
"""Every kind of fault in the settlement files and the code that names it; `refund` and `resettled` are events, not faults."""
FLAGS = {"IDENTITY_TOLERATED", "ENDDATE_MISSING"}
"""Codes of accepted rows: a row that a weightier fault sets aside carries that fault's code alone."""
BILLS = {"refund", "resettled"}


@dataclass(frozen=True)
class Sample:
    """The settlements after profile, beside their answer key."""

    intake: Intake
    source: Path
    key: Key
    events: dict[str, dict[str, Any]]


def profiled(made: Intake) -> dict[str, dict[str, Any]]:
    made.run()
    profile.run(made.job)
    files = made.job.lake.current("facts.care_event", county_code=made.job.county_code, month=str(MONTH))
    assert files
    return {one["event_id"]: one for one in newest(made, "facts.care_event")}


def newest(made: Intake, name: str) -> list[dict[str, Any]]:
    """Rows of the month's newest run of a table."""
    import duckdb

    files = made.job.lake.current(name, county_code=made.job.county_code, month=str(MONTH))
    with duckdb.connect(":memory:") as con:
        cursor = con.execute(f"select * from read_parquet({files}, hive_partitioning=false) order by all")
        names = [one[0] for one in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def empty(root: Path) -> Intake:
    draws = itertools.count()
    made = make_intake(root / "home", lambda size: hashlib.shake_256(b"%d" % next(draws)).digest(size))
    made.move_to(AS_OF, month=MONTH)
    return made


@pytest.fixture(scope="module")
def sample(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    source = find(realdata)
    made = empty(tmp_path_factory.mktemp("settlements"))
    for path in source.glob("feed/*"):
        shutil.copy(path, made.inbox / path.name)
    return Sample(made, source, read_key(source), profiled(made))


def set_aside(sample: Sample) -> set[str]:
    """Settlements that carry a fault which leaves no person or no sum to go by, by the answer key."""
    return set(sample.key.planted["certno_missing"]) | set(sample.key.planted["identity_broken"])


def refunds(sample: Sample) -> dict[str, str]:
    """Refund record to the settlement that it takes back, by the answer key."""
    return {one: row["init_setl_id"] for one, row in sample.key.settlements.items() if row["refd_setl_flag"] == "1"}


def originals(sample: Sample) -> set[str]:
    """Settlements that were delivered and may be taken back; one refund's original lies before the first month."""
    return set(sample.key.settlements) - set_aside(sample)


def test_every_settlement_of_the_key_is_an_event_a_refund_or_set_aside(sample: Sample) -> None:
    found = {one["refund_id"] for one in newest(sample.intake, "facts.refund")}
    assert len(sample.key.settlements) == 6_061
    assert set(sample.events) | found | set_aside(sample) == set(sample.key.settlements)
    assert not set(sample.events) & found and not (set(sample.events) | found) & set_aside(sample)


def test_refunds_strike_exactly_what_the_key_takes_back(sample: Sample) -> None:
    readable = {one: original for one, original in refunds(sample).items() if one not in set_aside(sample)}
    struck = {one for one, row in sample.events.items() if row["state"] == "STRUCK"}
    assert struck == set(readable.values()) & originals(sample)
    waiting = {one["refund_id"] for one in newest(sample.intake, "facts.refund_quarantined")}
    assert waiting == {one for one, original in readable.items() if original not in originals(sample)}
    held = {one["event_id"] for one in newest(sample.intake, "facts.claim_review") if one["review_code"] == "REFUND_UNREADABLE"}
    assert held == {original for one, original in refunds(sample).items() if one in set_aside(sample)} & originals(sample)


def test_a_new_settlement_after_a_refund_carries_the_event_on(sample: Sample) -> None:
    chained = {one: row["chain_event_id"] for one, row in sample.events.items() if row["chain_event_id"] != one}
    planted = sample.key.planted["resettled"]
    struck = {one for one, row in sample.events.items() if row["state"] == "STRUCK"}
    assert chained == {one: original for one, original in planted.items() if one in sample.events and original in struck}


def test_the_money_agrees_to_the_fen_but_for_what_is_named(sample: Sample) -> None:
    differing = set()
    for one, row in sample.events.items():
        off = [abs(row[name] - sample.key.settlements[one][name]) for name in sample.key.money]
        if any(off):
            differing.add(one)
            assert max(off) == 1, "a fen"
    assert differing <= set(sample.key.planted["off_by_one_cent"])
    gone = set_aside(sample) | {one for one, row in sample.events.items() if row["state"] == "STRUCK"} | set(refunds(sample))
    ours = sum(row["medfee_sumamt"] for row in sample.events.values() if row["state"] != "STRUCK")
    assert ours == sum(row["medfee_sumamt"] for one, row in sample.key.settlements.items() if one not in gone)
    checked = newest(sample.intake, "checks.profile")
    assert all(one["failures"] == 0 and one["fen_in"] == one["fen_out"] for one in checked)


def named_in(sample: Sample) -> dict[str, set[str]]:
    """Code to settlement ids that carry it: in the lake, by the reader's notes, and as repetitions that were passed over."""
    made = sample.intake
    said = [(code, row["setl_id"]) for row in made.rows("staging.settlement_keyed") for code in (*row["fixes"], *row["flags"])]
    said += [(row["reason_code"], row["setl_id"]) for row in made.rows("staging.settlement_quarantined")]
    said += [(row["reason_code"], row["setl_id"]) for row in newest(made, "facts.settlement_replaced")]
    said += [(code, row["setl_id"]) for row in made.rows("staging.settlement") for code in row["flags"]]
    said += [("ROW_REPEATED", one) for one in repeats(sample)]
    named: dict[str, set[str]] = {}
    for code, setl_id in (*said, *noted(sample)):
        named.setdefault(code, set()).add(setl_id)
    return named


def repeats(sample: Sample) -> list[str]:
    """Settlements that stand more than once in a month's file; as many rows were passed over."""
    counted = Counter((month, row["setl_id"]) for month, rows in delivered(sample.source).items() for row in rows)
    ignored = sum(one["rows_ignored"] for one in sample.intake.rows("checks.conservation"))
    assert ignored == sum(counted.values()) - len(counted)
    return [setl_id for (_, setl_id), count in counted.items() if count > 1]


def noted(sample: Sample) -> list[tuple[str, str]]:
    """What the reader did to cells: code and settlement id."""
    contract = pack().contract("settlement")
    found = []
    for path in sorted((sample.source / "feed").glob("*.csv.gz")):
        landed = read(path.read_bytes(), contract=contract, where=path.name)
        ids = dict(zip(landed.table["line_no"].to_pylist(), landed.table["setl_id"].to_pylist(), strict=True))
        lines, codes = landed.fixes["line_no"].to_pylist(), landed.fixes["fix_code"].to_pylist()
        found += [(code, ids[line]) for line, code in zip(lines, codes, strict=True)]
    return found


def test_every_planted_fault_is_named_by_its_own_code_and_nothing_else_is(sample: Sample) -> None:
    assert set(sample.key.planted) == set(NAMED) | BILLS
    named = named_in(sample)
    shown = {}
    for kind, code in NAMED.items():
        planted = set(sample.key.planted[kind])
        shadowed = planted & set_aside(sample) if code in FLAGS else set()
        assert named[code] == planted - shadowed, f"{kind}: {len(planted)} planted, {len(named[code])} named {code}"
        shown[kind] = (len(planted), len(shadowed))
    assert set(named) == set(NAMED.values()), "no other code stands anywhere"
    assert {kind: both for kind, (_, both) in shown.items() if both} == {"off_by_one_cent": 1}


def test_a_copy_without_faults_yields_none_and_agrees_to_the_fen(sample: Sample, tmp_path: Path) -> None:
    made = empty(tmp_path)
    for name, content in repaired(sample.source, sample.key).items():
        (made.inbox / name).write_bytes(content)
    events = profiled(made)
    taken_back = set(refunds(sample).values())
    assert {one["reason_code"] for one in made.rows("staging.settlement_quarantined")} == set()
    assert {code for row in made.rows("staging.settlement_keyed") for code in (*row["fixes"], *row["flags"])} == set()
    assert {code for row in made.rows("staging.settlement") for code in row["flags"]} == set()
    assert newest(made, "facts.settlement_replaced") == []
    waiting = newest(made, "facts.refund_quarantined")
    assert {refunds(sample)[one["refund_id"]] for one in waiting} == taken_back - set(sample.key.settlements)
    assert {one for one, row in events.items() if row["state"] == "STRUCK"} == taken_back & set(sample.key.settlements)
    assert set(events) == set(sample.key.settlements) - set(refunds(sample))
    assert all(row[name] == sample.key.settlements[one][name] for one, row in events.items() for name in sample.key.money)
    living = sum(row["medfee_sumamt"] for row in events.values() if row["state"] != "STRUCK")
    without = sum(one["medfee_sumamt"] for one in waiting)
    assert living == sum(row["medfee_sumamt"] for row in sample.key.settlements.values()) - without, "refunds net to the fen"
    renumbered(sample, made, events)


def renumbered(sample: Sample, made: Intake, before: dict[str, dict[str, Any]]) -> None:
    """A month delivered again under other ids: all of it is held, and nothing was held before."""
    assert not any("SETTLEMENT_RENUMBERED" in row["flags"] for row in before.values())
    rows = [row for row in delivered(sample.source)["202609"] if row["refd_setl_flag"] == "0" and row["setl_id"] in before]
    mine = {row["setl_id"]: row for row in rows if before[row["setl_id"]]["state"] != "STRUCK"}
    again = [{**row, "setl_id": f"9{one}", "mdtrt_id": f"9{row['mdtrt_id']}"} for one, row in mine.items()]
    made.drop("settlement_510118_202612.csv", written(again, tuple(rows[0])))
    made.move_to(datetime(2026, 12, 22, 9, tzinfo=ZONE))
    made.job = replace(made.job, go_live_on=None)
    found = [row for row in profiled(made).values() if "SETTLEMENT_RENUMBERED" in row["flags"]]
    undone = set().union(*(sample.key.planted[kind] for kind in ("certno_missing", "identity_broken", "enddate_missing")))
    wanted = {f"9{one}" for one in mine if one not in undone}
    assert wanted <= {row["event_id"] for row in found} and {row["state"] for row in found} == {"HELD"}
    assert len(wanted) > 180


def test_visits_after_death_are_held_once_the_deaths_are_delivered(sample: Sample) -> None:
    dead = {one: row["death"] for one, row in sample.key.people.items() if row["death"] and row["in_feed"] == "1"}
    late = {
        one for one, row in sample.key.settlements.items()
        if row["certno"] in dead and row["begndate"] > dead[row["certno"]] and one in sample.events
    }  # fmt: skip
    assert not any("AFTER_DEATH" in row["flags"] for row in sample.events.values()), "nobody told of a death yet"
    rows = [(f"K{place}", one, "", day) for place, (one, day) in enumerate(sorted(dead.items()))]
    sample.intake.drop("death_510118_202611.csv", table(("死亡登记编号", "身份证号", "姓名", "死亡日期"), rows))
    sample.intake.move_to(datetime(2026, 11, 22, 10, tzinfo=ZONE))
    found = profiled(sample.intake)
    held = {one for one, row in found.items() if "AFTER_DEATH" in row["flags"]}
    unstruck = {one for one in late if found[one]["state"] != "STRUCK"}
    assert held == unstruck and len(held) >= 8
    assert date.fromisoformat(min(dead.values())) <= AS_OF.date()
