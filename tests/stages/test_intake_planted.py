"""A fictional county with planted faults: every fault carries its own reason, no other row is touched, no row is lost."""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.stages.intake_county import PACK, Intake, make_intake

from mianshen import synth
from mianshen.core.days import ZONE, Month
from mianshen.stages.frame import StageReport

AS_OF = datetime(2026, 4, 20, 9, tzinfo=ZONE)
MONTH = Month(2026, 3)
FEEDS = ("settlement", "enrolment", "roster")
LATER = {"WAITING_ORIGINAL"}
"""Reasons that need more than one file; the profile stage gives them."""
OF_PERSONS = {"NAMES_DIFFER", "ACCOUNT_FLAGGED"}
"""Flags of a person or an account, planted apart from the rows' faults."""


Place = tuple[str, int]
"""File and line."""


@dataclass(frozen=True)
class Planted:
    """The county after its intake, beside its answer key."""

    intake: Intake
    reports: list[StageReport]
    faults: list[dict[str, str]]
    files: list[dict[str, str]]
    outcomes: dict[Place, tuple[str, tuple[str, ...]]]
    """What became of the row, and its reason or flags."""
    persons: dict[Place, str]
    """person_key of each row that has one."""


def sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    root = tmp_path_factory.mktemp("planted")
    draws = itertools.count()
    intake = make_intake(root / "home", lambda size: hashlib.shake_256(f"{next(draws)}".encode()).digest(size))
    intake.move_to(AS_OF, month=MONTH)
    made = {"month": MONTH, "insured": 6_000, "seed": 11, "as_of": AS_OF, "bad_files": True}
    synth.make_county(intake.job.pack, out=intake.inbox, answer=root / "answer", **made)
    reports = intake.run()
    answer = root / "answer"
    return Planted(intake, reports, sheet(answer / "faults.csv"), sheet(answer / "files.csv"), outcomes(intake), persons(intake))


def persons(intake: Intake) -> dict[Place, str]:
    names = {one["delivery_id"]: one["file_name"] for one in intake.deliveries()}
    rows = [row for feed in FEEDS for row in intake.rows(f"staging.{feed}_keyed")]
    return {(names[row["delivery_id"]], row["line_no"]): row["person_key"] for row in rows if row["person_key"]}


def outcomes(intake: Intake) -> dict[Place, tuple[str, tuple[str, ...]]]:
    names = {one["delivery_id"]: one["file_name"] for one in intake.deliveries()}
    found: dict[Place, tuple[str, tuple[str, ...]]] = {}

    def note(rows: list[dict[str, Any]], outcome: str) -> None:
        for row in rows:
            said = (row["reason_code"],) if outcome == "QUARANTINED" else tuple(row.get("flags") or ())
            found.setdefault((names[row["delivery_id"]], row["line_no"]), (outcome, said))

    for feed in FEEDS:
        note(intake.rows(f"staging.{feed}"), "ACCEPTED")
        note(intake.rows(f"staging.{feed}_quarantined"), "QUARANTINED")
        note([row | {"flags": ["ROW_REPEATED"]} for row in intake.rows(f"staging.{feed}_keyed")], "IGNORED")
    return found


def wanted(fault: dict[str, str]) -> tuple[str, set[str]]:
    code = fault["reason_code"]
    if code == "ROW_REPEATED":
        return "IGNORED", {code}
    if fault["effect"] == "QUARANTINED" and code not in LATER:
        return "QUARANTINED", {code}
    return "ACCEPTED", {code} if fault["effect"] == "FLAGGED" else set()


def is_decidable(planted: Planted, fault: dict[str, str]) -> bool:
    """Whether the deliveries can show it: a changed name needs a row that carries the right one."""
    if fault["kind"] != "name_homophone":
        return True
    changed = {(one["file"], int(one["line"])) for one in planted.faults if one["kind"].startswith("name_")}
    own = planted.persons[fault["file"], int(fault["line"])]
    return any(key == own for place, key in planted.persons.items() if place not in changed)


def test_every_planted_fault_carries_its_own_reason(planted: Planted) -> None:
    wrong = []
    for fault in planted.faults:
        outcome, said = planted.outcomes[fault["file"], int(fault["line"])]
        expected, codes = wanted(fault)
        if not is_decidable(planted, fault):
            assert (outcome, said) == ("ACCEPTED", ())
        elif outcome != expected or not codes <= set(said) or set(said) - codes - OF_PERSONS:
            wrong.append((fault["kind"], fault["file"], fault["line"], outcome, said))
    assert len(planted.faults) > 200
    assert wrong == []


def test_no_row_without_a_fault_is_set_aside_or_flagged(planted: Planted) -> None:
    faulty = {(one["file"], int(one["line"])) for one in planted.faults}
    touched = {
        place: (outcome, said)
        for place, (outcome, said) in planted.outcomes.items()
        if place not in faulty and (outcome != "ACCEPTED" or set(said) - OF_PERSONS)
    }
    assert touched == {}


def test_every_record_of_every_good_file_is_accounted_for(planted: Planted) -> None:
    counted = Counter(name for name, _ in planted.outcomes)
    good = {one["name"]: int(one["records"]) for one in planted.files if one["kind"] == "good"}
    assert {name: counted[name] for name in good} == good
    assert set(counted) == set(good)


def test_every_bad_file_is_refused_with_its_own_reason(planted: Planted) -> None:
    bad = {one["name"]: one["reason_code"] for one in planted.files if one["kind"] != "good"}
    refused = {
        one["file_name"]: one["reason_code"] for one in planted.intake.deliveries() if one["state"] in ("REJECTED", "HELD")
    }
    assert refused == {name: code for name, code in bad.items() if code != "DELIVERY_DUPLICATE"}
    assert planted.reports[0].counts["duplicate"] == sum(code == "DELIVERY_DUPLICATE" for code in bad.values()) == 1


def test_the_sums_of_the_reports_are_the_sums_of_the_rows(planted: Planted) -> None:
    validated = planted.reports[2].counts
    found = Counter(outcome for outcome, _ in planted.outcomes.values())
    footers = validated.get("ignored.FOOTER", 0)
    assert (validated["accepted"], validated["quarantined"]) == (found["ACCEPTED"], found["QUARANTINED"])
    assert validated["ignored"] == found["IGNORED"] + footers
    assert validated["expectations_failed"] == 0


def test_the_pack_is_the_shipped_one(planted: Planted) -> None:
    assert planted.intake.job.pack.name == PACK
