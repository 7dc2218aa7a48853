"""The third-party sample through the intake: every row accounted for, clean settlements with exactly the answer key's fen.

MIANSHEN_REALDATA names the folder that holds the sample (docs/decisions: counted facts). Without it the tests are NOT RUN.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select
from tests.stages.intake_county import Intake, make_intake

from mianshen.core.days import ZONE, Month
from mianshen.core.ids import read_certno
from mianshen.stages.catalogue import STAGES, entry
from mianshen.stages.frame import StageReport
from mianshen.warehouse.ledger import APPLICATION, PAYMENT, PAYMENT_BATCH

pytestmark = pytest.mark.realdata
AS_OF = datetime(2026, 11, 22, 9, tzinfo=ZONE)
MONTH = Month(2026, 10)
LOST = {"certno_missing", "identity_broken"}
"""Faults that keep a settlement out of staging."""
CHANGED = {"off_by_one_cent"}
"""Faults that change an amount by a fen."""


@dataclass(frozen=True)
class Sample:
    """The sample after its intake, beside its answer key."""

    intake: Intake
    reports: list[StageReport]
    clean: dict[str, dict[str, Any]]
    """Settlements of the answer key by id, in fen."""
    dirt: dict[str, set[str]]
    """Kinds of fault by settlement id or written id number."""
    planted: Counter[tuple[str, str]]
    """How many faults of a kind each list carries, by list code and kind."""
    newest: dict[str, dict[str, Any]]
    """Staged settlements by id, newest version, fen."""
    manifest: dict[str, Any]


def find(folder: Path) -> Path:
    """The sample's own folder: the one given, or the one inside it that holds a manifest."""
    return folder if (folder / "manifest.json").is_file() else next(folder.glob("*/manifest.json")).parent


@pytest.fixture(scope="module")
def sample(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    source = find(realdata)
    draws = itertools.count()
    made = make_intake(
        tmp_path_factory.mktemp("sample") / "home", lambda size: hashlib.shake_256(b"%d" % next(draws)).digest(size)
    )
    made.move_to(AS_OF, month=MONTH)
    for path in (*source.glob("feed/*"), *source.glob("rosters/*/*")):
        shutil.copy(path, made.inbox / path.name)
    reports = made.run()
    keys = pq.read_table(source / "truth" / "settlement_clean_cents.parquet").to_pylist()
    dirt: dict[str, set[str]] = {}
    planted: Counter[tuple[str, str]] = Counter()
    with gzip.open(source / "truth" / "dirt.csv.gz", "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            planted[row["file"].rsplit("_", 1)[0], row["kind"]] += row["file"] != "feed" and is_decidable(row)
            dirt.setdefault(row["key"], set()).add(row["kind"])
    accepted = {one["delivery_id"] for one in made.deliveries() if one["state"] == "ACCEPTED"}
    staged = [one for one in made.rows("staging.settlement") if one["delivery_id"] in accepted]
    newest = {one["setl_id"]: one for one in sorted(staged, key=lambda one: one["updt_time"])}
    manifest = json.loads((source / "manifest.json").read_text("utf-8"))
    return Sample(made, reports, {one["setl_id"]: one for one in keys}, dirt, +planted, newest, manifest)


def is_decidable(fault: dict[str, str]) -> bool:
    """Whether the delivered files can show it: a rounded number whose check digit is right by chance looks like any other.

    Its bearer is known by name when the whole number is delivered elsewhere; in the sample it never is.
    """
    rounded = f"{fault['key'][:15]}000"
    return fault["kind"] != "certno_excel_rounded" or read_certno(rounded, today=AS_OF.date()).value is None


def test_every_file_is_received_and_every_row_accounted_for(sample: Sample) -> None:
    received, keyed, validated = (one.counts for one in sample.reports)
    assert (received["files"], received["rejected"], received["held"]) == (received["received"], 0, 0)
    assert keyed["rows"] == received["rows"] - validated["ignored.FOOTER"]
    assert validated["accepted"] + validated["quarantined"] + validated["ignored"] == received["rows"]
    for one in sample.intake.rows("checks.conservation"):
        assert one["rows_in"] == one["rows_accepted"] + one["rows_quarantined"] + one["rows_ignored"]
        assert one["fen_in"] == one["fen_accepted"] + one["fen_quarantined"] + one["fen_ignored"]


def test_the_rows_counted_are_the_manifests(sample: Sample) -> None:
    names = {one["delivery_id"]: one["file_name"].split(".")[0] for one in sample.intake.deliveries()}
    listed = Counter(names[one["delivery_id"]] for one in sample.intake.rows("staging.roster_keyed"))
    assert listed == sample.manifest["roster_rows"]
    fed = {one["partition"].replace("-", ""): one["rows_in"] for one in sample.intake.deliveries() if one["feed"] == "settlement"}
    assert fed == sample.manifest["feed_rows"]


def test_the_same_month_in_two_encodings_is_counted_once(sample: Sample) -> None:
    both = [one for one in sample.intake.deliveries() if one["partition"] == "2026-11" and one["feed"] == "settlement"]
    assert sorted((one["version"], one["state"]) for one in both) == [(1, "SUPERSEDED"), (2, "ACCEPTED")]


def test_settlements_without_a_fault_carry_exactly_the_keys_fen(sample: Sample) -> None:
    money = [name for name, value in next(iter(sample.clean.values())).items() if isinstance(value, int)]
    assert len(money) == 16
    wrong, checked = [], 0
    for setl_id, truth in sample.clean.items():
        if sample.dirt.get(setl_id, set()) & (LOST | CHANGED):
            continue
        found = sample.newest.get(setl_id)
        checked += 1
        if found is None or any(found[name] != truth[name] for name in money):
            wrong.append(setl_id)
    assert checked > 5_900
    assert wrong == []


def test_what_is_missing_or_differs_is_a_planted_fault(sample: Sample) -> None:
    missing = {setl_id for setl_id in sample.clean if setl_id not in sample.newest}
    assert all(sample.dirt[setl_id] & LOST for setl_id in missing)
    assert set(sample.newest) <= set(sample.clean), "no settlement that the key does not know"
    money = [name for name, value in next(iter(sample.clean.values())).items() if isinstance(value, int)]
    off = [
        sum(abs(one[name] - sample.clean[setl_id][name]) for name in money)
        for setl_id, one in sample.newest.items()
        if any(one[name] != sample.clean[setl_id][name] for name in money)
    ]
    assert off and max(off) <= 2, "a fen, once in an amount and at most once more in its sum"


def test_settlement_faults_carry_their_own_reason(sample: Sample) -> None:
    reasons = Counter(one["reason_code"] for one in sample.intake.rows("staging.settlement_quarantined"))
    broken = sum("identity_broken" in kinds for kinds in sample.dirt.values())
    missing = sum("certno_missing" in kinds for key, kinds in sample.dirt.items() if key in sample.clean)
    assert reasons["CERTNO_MISSING"] == missing
    assert reasons["IDENTITY_FUND"] + reasons["IDENTITY_TOTAL"] + reasons["IDENTITY_PERSON"] >= broken
    assert set(reasons) <= {"CERTNO_MISSING", "IDENTITY_FUND", "IDENTITY_TOTAL", "IDENTITY_PERSON"}


def test_list_faults_carry_their_own_reason(sample: Sample) -> None:
    found = Counter((one["list_code"], one["reason_code"]) for one in sample.intake.rows("staging.roster_quarantined"))
    reasons = {
        "certno_bad_check": "CERTNO_CHECK_DIGIT",
        "certno_excel_rounded": "CERTNO_DAMAGED",
        "certno_missing": "CERTNO_MISSING",
    }
    wanted: Counter[tuple[str, str]] = Counter()
    for (list_code, kind), count in sample.planted.items():
        on_a_card = list_code == "canlian_zhongdu"
        if kind in reasons and not (on_a_card and kind == "certno_missing"):
            wanted[list_code, "CARD_NOT_IDENTITY" if on_a_card else reasons[kind]] += count
    assert found == wanted, "the list without a column of numbers cannot show a missing one"


def test_every_roster_row_has_a_category_of_the_pack(sample: Sample) -> None:
    rows = sample.intake.rows("staging.roster")
    known = {one.code for one in sample.intake.job.pack.plan.categories}
    assert {one["category_code"] for one in rows} <= known
    assert len({one["person_key"] for one in rows}) <= sample.manifest["roster_people"] + 40
    with_town = [one for one in rows if one["list_code"] in ("minzheng_shehuijiuzhu", "xiangcun_tuopin_jiance", "tuiyi_youfu")]
    assert all(one["town"] in sample.intake.job.pack.towns for one in with_town)


def test_great_expectations_judged_both_feeds_and_held_nothing(sample: Sample) -> None:
    validated = sample.reports[2]
    assert validated.counts["expectations_failed"] == 0
    assert sum("Data quality" in one for one in validated.notes) == 2


def test_the_chain_goes_on_to_a_payment_file(sample: Sample) -> None:
    job = sample.intake.job
    told = {name: entry(name)(job) for name in STAGES if name not in {"receive", "deidentify", "validate"}}
    with job.ledger.connect() as connection:
        paid = connection.execute(select(func.sum(PAYMENT.c.amount_fen), func.count())).one()
        batch = connection.execute(select(PAYMENT_BATCH)).mappings().one()
        applied = connection.execute(select(func.count()).select_from(APPLICATION)).scalar_one()
    assert applied > 0 and paid[1] > 0
    assert (batch["amount_fen"], batch["payments"]) == tuple(paid)
    assert (job.home.outbox(job.pack.name) / batch["file_name"]).is_file()
    assert {one.stage for one in told.values()} == set(told)
    clocks = [one for one in sample.intake.clocks().values() if one["time_limit_code"] == "trigger_relief"]
    assert len(clocks) == sum(one["feed"] == "settlement" for one in sample.intake.deliveries())
    assert all(one["closed_at"] for one in clocks), "every delivery of settlements became applications"
