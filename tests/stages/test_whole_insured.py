"""A county that is sent the care of everybody insured keeps listed people and those over the radar's line; nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.core.contract import Feed
from mianshen.policy.supervision import load_radar
from mianshen.stages import assess, profile, radar
from mianshen.warehouse.insured import purpose_of

LINE_FEN = load_radar(on=date(2026, 11, 6))["burden_line_yuan"] * 100
"""What a person may bear without being seen."""


def care(setl_id: str, person: str, borne_fen: int, **changes: object) -> dict[str, object]:
    return {**settlement(setl_id, person_key=person, medfee_sumamt=borne_fen, psn_part_amt=borne_fen), **changes}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> StagedCounty:
    """P is listed; AT bore exactly the line, OVER one fen more in two visits, PAID in one, BACK was given everything back."""
    made = make_staged(tmp_path_factory.mktemp("insured") / "home")
    sent = tuple(
        replace(one, whole_insured_for="应救未救提示") if one.feed is Feed.SETTLEMENT else one for one in made.job.pack.contracts
    )
    made.job = replace(made.job, pack=replace(made.job.pack, contracts=sent))
    rows = [
        care("S1", "P", 100),
        care("S2", "AT", LINE_FEN),
        care("S3", "OVER", LINE_FEN),
        care("S4", "OVER", 1),
        care("S6", "PAID", LINE_FEN + 1, fund_pay_sumamt=0),
        care("S7", "BACK", 2 * LINE_FEN),
    ]
    back = {**care("S8", "BACK", -2 * LINE_FEN), "refd_setl_flag": "1"}
    made.deliver("settlement", "settlement", "2026-10", *rows, back)
    made.deliver("roster", "bureau_list", "2026-10", listed("P"))
    fee = {"enrol_id": "E1", "benefit_year": 2026, "paid_on": "2026-01-09", "fee_fen": 40_000}
    made.deliver("enrolment", "enrolment", "2026-01", {**fee, "person_key": "P"}, {**fee, "enrol_id": "E2", "person_key": "AT"})
    profile.run(made.job)
    return made


def people_below(root: Path) -> dict[str, set[str]]:
    """Person keys by schema in every Parquet file of the lake, whatever its columns are called."""
    found: dict[str, set[str]] = {}
    for path in root.rglob("*.parquet"):
        schema = path.relative_to(root).parts[0]
        with duckdb.connect(":memory:") as con:
            rows = con.execute("select * from read_parquet($p, hive_partitioning=false)", {"p": str(path)}).fetchall()
        found.setdefault(schema, set()).update(str(value) for row in rows for value in row)
    return found


def test_nobody_below_the_line_stands_beyond_staging(county: StagedCounty) -> None:
    assess.run(county.job)
    radar.run(county.job)
    found = people_below(county.job.home.lake)
    others = {"AT", "BACK", "S2", "S7", "S8", "E2"}
    assert others <= found["staging"], "all of it was sent"
    assert {schema: seen & others for schema, seen in found.items() if schema != "staging" and seen & others} == {}
    kept = {"P", "OVER", "PAID"}
    assert kept <= found["facts"]


def test_the_radar_sees_exactly_those_over_the_line(county: StagedCounty) -> None:
    radar.run(county.job)
    seen = {one["person_key"] for one in county.rows("out.radar") if one["signal_code"] == "OVER_LINE_UNLISTED"}
    waiting = {one["person_key"] for one in county.rows("out.radar") if one["waits_for"]}
    assert seen == {"OVER", "PAID"}
    assert waiting == seen, "a list that never came leaves open whether they stand in it"


def test_how_many_were_not_kept_is_said_and_what_for_is_written(county: StagedCounty) -> None:
    county.later(days=1)
    report = profile.run(county.job)
    assert report.counts["people_not_kept"] == 2
    assert purpose_of(county.job.pack) == "应救未救提示"


def test_a_county_that_is_sent_listed_people_keeps_what_it_is_sent(tmp_path: Path) -> None:
    made = make_staged(tmp_path / "home")
    made.deliver("settlement", "settlement", "2026-10", care("S2", "AT", LINE_FEN))
    report = profile.run(made.job)
    assert "people_not_kept" not in report.counts
    assert [one["person_key"] for one in made.rows("facts.care_event")] == ["AT"]
