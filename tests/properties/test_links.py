"""Who a row belongs to, on a county of planted truth: every automatic link is right, what is left to people is counted."""

from __future__ import annotations

import csv
import hashlib
import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from tests.stages.intake_county import Intake, make_intake

from mianshen import synth
from mianshen.core.days import ZONE, Month
from mianshen.feeds.expectations import Quality
from mianshen.stages import deidentify, receive, validate

AS_OF = datetime(2026, 4, 20, 9, tzinfo=ZONE)
MONTH = Month(2026, 3)
LEFT_AT_MOST = 15
"""Rows in a thousand that may be left to people; counted 32 of 2,403, each with a planted fault that destroys its number."""
Place = tuple[str, int]


@dataclass(frozen=True)
class Linked:
    """The county's lists after their intake, beside the planted truth."""

    intake: Intake
    truth: dict[Place, str]
    """The true number of every row that carries a planted fault."""
    rows: list[dict[str, Any]]
    """staging.roster_keyed, with the row's place."""
    numbers: dict[str, str]
    """Number by person_key, as the vault holds it."""


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    root = tmp_path_factory.mktemp("links")
    draws = itertools.count()
    intake = make_intake(root / "home", lambda size: hashlib.shake_256(f"{next(draws)}".encode()).digest(size))
    intake.move_to(AS_OF, month=MONTH)
    made = {"month": MONTH, "insured": 8_000, "seed": 23, "as_of": AS_OF, "bad_files": False}
    synth.make_county(intake.job.pack, out=root / "out", answer=root / "answer", **made)
    lists = {one.list_code for one in intake.job.pack.lists}
    for path in sorted((root / "out").rglob("*")):
        if path.is_file() and any(path.name.startswith(code) for code in lists):
            path.rename(intake.inbox / path.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "judge_rows", lambda _rows, *, folder, **_about: Quality(0, (), (), folder))
        for stage in (receive, deidentify, validate):
            stage.run(intake.job)
    with (root / "answer" / "faults.csv").open(encoding="utf-8", newline="") as handle:
        faults = [row for row in csv.DictReader(handle) if row["feed"] == "roster"]
    names = {one["delivery_id"]: one["file_name"] for one in intake.deliveries()}
    rows = [{**row, "place": (names[row["delivery_id"]], row["line_no"])} for row in intake.rows("staging.roster_keyed")]
    places = {(one["file"], int(one["line"])): one for one in faults}
    how = {"purpose": "test", "recipient": "test", "actor": "test", "anchor": lambda _: None}
    keys = {row["person_key"] for row in rows if row["person_key"]}
    people = intake.register().open_persons(keys, fields=("certno",), at=intake.job.as_of, **how)
    return Linked(
        intake,
        {place: one["key"] for place, one in places.items()},
        rows,
        {key: one.certno or "" for key, one in people.items()},
    )


def test_every_automatic_link_is_right(linked: Linked) -> None:
    judged = [row for row in linked.rows if row["person_key"] and row["place"] in linked.truth]
    wrong = [row["place"] for row in judged if linked.numbers[row["person_key"]] != linked.truth[row["place"]]]
    assert len(judged) > 100
    assert wrong == [], "precision of automatic links is one"
    assert len(set(linked.numbers.values())) == len(linked.numbers), "no person has two keys, no key two persons"


def test_what_is_left_to_people_is_counted_and_small(linked: Linked) -> None:
    left = [row for row in linked.rows if row["person_key"] is None]
    assert {row["place"] for row in left} <= set(linked.truth), "only planted faults are left to people"
    assert 0 < len(left) * 1000 <= len(linked.rows) * LEFT_AT_MOST
