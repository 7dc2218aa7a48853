"""The third-party sample's lists: membership equals the answer key month by month, every decidable fault has its own reason.

MIANSHEN_REALDATA names the folder that holds the sample (docs/decisions: counted facts). Without it the tests are NOT RUN.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.end_to_end.sample_rosters import MONTHS, Delivered, Key, Place, bare, delivered, read_key, repair, true_numbers
from tests.end_to_end.test_realdata import find
from tests.stages.intake_county import Intake, make_intake

from mianshen.core.days import ZONE, Month, parse_month
from mianshen.core.ids import read_certno
from mianshen.stages import profile

pytestmark = pytest.mark.realdata
AS_OF = datetime(2026, 12, 6, 9, tzinfo=ZONE)
MONTH = Month(2026, 11)
CARDS = "canlian_zhongdu"
"""The list without a column of id numbers."""
SET_ASIDE = {
    "certno_bad_check": "CERTNO_CHECK_DIGIT",
    "certno_excel_rounded": "CERTNO_DAMAGED",
    "certno_missing": "CERTNO_MISSING",
}
"""Faults that leave no number to go by."""
ANOTHERS = "certno_of_someone_else"
"""A well-formed number that nobody in the key bears: nothing in the lists can tell it from a true one."""


@dataclass(frozen=True)
class Sample:
    """The lists after their intake, beside their answer key."""

    intake: Intake
    source: Path
    key: Key
    rows: list[Delivered]


@pytest.fixture(scope="module")
def sample(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    source = find(realdata)
    made = empty(tmp_path_factory.mktemp("rosters") / "home")
    for path in source.glob("rosters/*/*"):
        shutil.copy(path, made.inbox / path.name)
    made.run()
    return Sample(made, source, read_key(source), delivered(made, source))


def empty(home: Path) -> Intake:
    draws = itertools.count()
    made = make_intake(home, lambda size: hashlib.shake_256(b"%d" % next(draws)).digest(size))
    made.move_to(AS_OF, month=MONTH)
    return made


def is_rounded_unseen(place: Place) -> bool:
    """Whether a number rounded by a spreadsheet still has a right check digit, so that it looks like any other."""
    rounded = f"{place[2][:15]}000"
    return read_certno(rounded, today=AS_OF.date()).value is not None


def unseen(key: Key) -> set[Place]:
    """Members whose row bears a well-formed number that is not theirs."""
    rounded = {place for place in key.places("certno_excel_rounded") if place[1] != CARDS and is_rounded_unseen(place)}
    return rounded | key.places(ANOTHERS)


def lost(key: Key) -> set[Place]:
    """Members whose row has no number to go by."""
    named = set().union(*(key.places(kind) for kind in SET_ASIDE)) - unseen(key)
    return {place for place in named if "certno_missing" not in key.kinds[place] or place[1] != CARDS}


def test_membership_equals_the_key_month_by_month(sample: Sample) -> None:
    found = {(one.month, one.list_code, one.certno, one.category_code) for one in sample.rows if one.reason_code is None}
    truth = sample.key.members
    assert {month for month, *_ in truth} == set(MONTHS) and len(truth) == 6_714
    missing, extra = truth - found, found - truth
    assert {member[:3] for member in missing} == lost(sample.key) | unseen(sample.key)
    strangers = [one for one in sample.rows if (one.month, one.list_code, one.certno, one.category_code) in extra]
    truly = true_numbers(sample.rows, sample.key)
    assert {(one.month, one.list_code, truly[one.month, one.list_code, one.line_no]) for one in strangers} == unseen(sample.key)
    assert (len(missing), len(extra)) == (86, 16)


def test_persons_are_the_keys_persons(sample: Sample) -> None:
    listed = {certno for _, _, certno, _ in sample.key.members}
    found = {one.certno for one in sample.rows if one.reason_code is None}
    assert len(found - listed) == 3, "two numbers of somebody else, one rounded with a right check digit"
    assert listed - found <= {certno for _, _, certno in lost(sample.key) | unseen(sample.key)}


def test_spans_hold_in_a_month_whom_the_key_holds(sample: Sample) -> None:
    profile.run(sample.intake.job)
    numbers = {person: certno for certno, person in persons(sample.intake).items()}
    held = {
        (month, span["list_code"], numbers[span["person_key"]], span["category_code"])
        for span in sample.intake.rows("facts.identity_span")
        for month in MONTHS
        if covers(span["since"], span["until"], parse_month(month))
    }
    delivered_members = {(o.month, o.list_code, o.certno, o.category_code) for o in sample.rows if o.reason_code is None}
    assert delivered_members - held == set(), "who is listed in a month holds the identity in it"
    first = {(list_code, certno, category) for _, list_code, certno, category in delivered_members}
    early = held - delivered_members
    assert all(one[1:] in first for one in early), "a stated start before the first list is taken as stated"


def covers(since: date, until: date | None, month: Month) -> bool:
    return since <= month.last_day and (until is None or until > month.last_day)


def persons(intake: Intake) -> dict[str, str]:
    keys = {row["person_key"] for row in intake.rows("staging.roster")}
    how = {"purpose": "test", "recipient": "test", "actor": "test", "anchor": lambda _: None}
    people = intake.register().open_persons(keys, fields=("certno",), at=intake.job.as_of, **how)
    return {one.certno or "": key for key, one in people.items()}


def changes_a_byte(kind: str, own: list[Delivered]) -> bool:
    """Whether the fault shows in what was delivered."""
    if kind == "certno_lowercase":
        return any("x" in one.number for one in own)
    return kind != "dead_on_roster" and not (kind == "certno_missing" and own[0].list_code == CARDS)


def faults_by_place(sample: Sample) -> Mapping[Place, list[Delivered]]:
    truly = true_numbers(sample.rows, sample.key)
    found: dict[Place, list[Delivered]] = {}
    for one in sample.rows:
        found.setdefault((one.month, one.list_code, truly[one.month, one.list_code, one.line_no]), []).append(one)
    return found


def test_rows_set_aside_carry_their_own_reason(sample: Sample) -> None:
    places, aside = faults_by_place(sample), Counter[tuple[str, str | None]]()
    wanted: Counter[tuple[str, str | None]] = Counter()
    for place in lost(sample.key):
        kind = next(one for one in SET_ASIDE if one in sample.key.kinds[place])
        wanted[kind, "CARD_NOT_IDENTITY" if place[1] == CARDS else SET_ASIDE[kind]] += 1
        aside[kind, places[place][0].reason_code] += 1
    assert aside == wanted
    assert sum(wanted.values()) == sum(one.reason_code is not None for one in sample.rows) == 70


def test_a_repeated_row_is_counted_once_and_no_other(sample: Sample) -> None:
    repeated = Counter((one.month, one.list_code, one.certno) for one in sample.rows if one.is_repeat)
    assert set(repeated) == sample.key.places("row_repeated") and set(repeated.values()) == {1}


def test_a_changed_name_is_flagged_where_another_row_has_the_right_one(sample: Sample) -> None:
    homophones = sample.key.places("name_homophone")
    right = {one.certno for one in sample.rows if one.certno and bare(one.name) == bare(sample.key.names.get(one.certno, ""))}
    decidable = {place for place in homophones if place[2] in right}
    flagged = {(o.month, o.list_code, o.certno) for o in sample.rows if "NAMES_DIFFER" in o.said}
    assert flagged & homophones == decidable
    assert {certno for _, _, certno in flagged} == {certno for _, _, certno in decidable}, "and nobody else"


def test_a_name_that_the_file_lost_is_flagged_though_the_key_does_not_count_it(sample: Sample) -> None:
    doubtful = [one for one in sample.rows if "NAME_DOUBTFUL" in one.said]
    assert {one.name for one in doubtful} == {"杨?"} and len(doubtful) == len(MONTHS)


NAMED = {
    "certno_space": "SPACES_REMOVED",
    "certno_apostrophe": "APOSTROPHE_REMOVED",
    "certno_fullwidth": "WIDTH_FOLDED",
    "certno_lowercase": "LETTER_X_RAISED",
    "name_inner_space": "name SPACES_REMOVED",
    "name_trailing_space": "name SPACES_REMOVED",
    "disability_card_reissued": "CARD_REISSUED",
    "name_homophone": "NAMES_DIFFER",
    "row_repeated": "ROW_REPEATED",
    **SET_ASIDE,
}
"""What each kind of fault is called by the product; on a card, a number that cannot be read is CARD_NOT_IDENTITY."""
UNDECIDABLE = {
    "dead_on_roster": "no list of deaths is delivered",
    "certno_of_someone_else": "a well-formed number that nobody else in the files bears",
}
TABLE = {
    # kind: (planted, changing a byte, decidable, named, false alarms)
    "certno_apostrophe": (30, 30, 30, 30, 0),
    "certno_bad_check": (36, 36, 36, 36, 0),
    "certno_excel_rounded": (26, 26, 22, 22, 0),
    "certno_fullwidth": (29, 29, 29, 29, 0),
    "certno_lowercase": (71, 6, 6, 6, 0),
    "certno_missing": (18, 12, 12, 12, 0),
    "certno_of_someone_else": (12, 12, 0, 0, 0),
    "certno_space": (74, 74, 74, 74, 0),
    "dead_on_roster": (60, 0, 0, 0, 0),
    "disability_card_reissued": (72, 72, 72, 72, 0),
    "name_homophone": (22, 22, 18, 18, 0),
    "name_inner_space": (320, 320, 320, 320, 0),
    "name_trailing_space": (25, 25, 25, 25, 0),
    "row_repeated": (44, 44, 44, 44, 0),
}
"""Counted; a false alarm is the kind's code on a row without it, names that differ on the person's other rows apart."""


def codes(kind: str, list_code: str) -> set[str]:
    """What the product may call the fault on a row of this list."""
    return {"CARD_NOT_IDENTITY"} if list_code == CARDS and kind in SET_ASIDE else {NAMED[kind]} if kind in NAMED else set()


def said_of(rows: list[Delivered]) -> set[str]:
    reasons = {one.reason_code for one in rows if one.reason_code} | {"ROW_REPEATED" for one in rows if one.is_repeat}
    return reasons | {said for one in rows for said in one.said}


def is_decidable(kind: str, place: Place, rows: list[Delivered], right: set[str]) -> bool:
    """Whether the delivered lists can show it at all."""
    if kind in UNDECIDABLE or not changes_a_byte(kind, rows):
        return False
    if kind == "certno_excel_rounded" and place[1] != CARDS:
        return not is_rounded_unseen(place)
    return kind != "name_homophone" or place[2] in right


def test_every_kind_of_fault_is_named_or_listed_with_why(sample: Sample) -> None:
    places, key = faults_by_place(sample), sample.key
    right = {one.certno for one in sample.rows if one.certno and bare(one.name) == bare(key.names.get(one.certno, ""))}
    homophones = {certno for _, _, certno in key.places("name_homophone")}
    table = {}
    for kind in sorted({kind for own in key.kinds.values() for kind in own}):
        planted = key.places(kind)
        changing = {one for one in planted if changes_a_byte(kind, places[one])}
        decidable = {one for one in changing if is_decidable(kind, one, places[one], right)}
        named = {one for one in decidable if codes(kind, one[1]) & said_of(places[one])}
        same = {one for one in NAMED if NAMED[one] == NAMED.get(kind)}
        alarms = {
            place
            for place, rows in places.items()
            if codes(kind, place[1]) & said_of(rows)
            and not any(place in key.places(one) for one in (*same, *(SET_ASIDE if place[1] == CARDS else ())))
            and not (kind == "name_homophone" and place[2] in homophones)
        }
        table[kind] = (len(planted), len(changing), len(decidable), len(named), len(alarms))
    assert table == TABLE


def test_a_clean_copy_yields_no_fault(sample: Sample, tmp_path: Path) -> None:
    made = empty(tmp_path / "home")
    repair(sample.source, sample.rows, sample.key, made.inbox)
    received, _, validated = (one.counts for one in made.run())
    assert (received["received"], received["files"]) == (42, 42)
    assert validated["accepted"] == len(sample.key.members)
    assert {name for name in validated if name.startswith(("quarantined.", "ignored."))} <= {"ignored.FOOTER"}
    said = {one for row in made.rows("staging.roster_keyed") for one in (*row["fixes"], *row["flags"])}
    assert said == {"card"}, "that a card was opened is no fault"
