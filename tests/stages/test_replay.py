"""Records are replayed from what their run stored: the same bytes; a changed fact is noticed, with or without its hash."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select, update
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.core.digest import sha256_file
from mianshen.core.errors import MianshenError
from mianshen.stages import assess, profile
from mianshen.stages.replay import replay
from mianshen.warehouse.ledger import RUN


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    county = make_staged(tmp_path / "home")
    rows = [settlement(f"S{number:03d}", person_key=f"P{number % 7}", inscp_scp_amt=40_000 * number) for number in range(60)]
    county.deliver("settlement", "settlement", "2026-10", *rows)
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2", "ILL"), listed("P3"))
    profile.run(county.job)
    assess.run(county.job)
    return county


def test_every_record_is_replayed_byte_for_byte(county: StagedCounty) -> None:
    done = replay(county.job, sample=1_000)
    assert len({json.loads(one)["event_id"] for one in done.records}) == 60
    assert done.differing == ()


def test_one_claim_is_replayed_with_the_whole_year_of_its_person(county: StagedCounty) -> None:
    done = replay(county.job, ("S050",))
    assert done.differing == ()
    assert {json.loads(one)["event_id"] for one in done.records} == {"S050"}


def test_what_is_not_there_is_said(county: StagedCounty) -> None:
    with pytest.raises(MianshenError, match="RUN_UNKNOWN") as refused:
        replay(county.job, ("S001", "S999"))
    assert "[S999]" in str(refused.value)
    with pytest.raises(MianshenError, match="RUN_UNKNOWN"):
        replay(county.job, ("S001",), run_id="0000")


def tamper(county: StagedCounty, *, with_hash: bool) -> None:
    """Raise the burden of a paid claim in the stored facts; with its hash in the ledger when asked."""
    (path,) = county.job.lake.current("facts.care_event", county_code=county.job.county_code)
    with duckdb.connect(":memory:") as con:
        con.execute(f"create table t as select * from read_parquet('{path}', hive_partitioning=false)")
        con.execute("update t set inscp_scp_amt = inscp_scp_amt + 100000 where event_id = 'S043'")
        con.execute(f"copy (select * from t order by event_id) to '{path}' (format parquet)")
    if with_hash:
        with county.job.ledger.begin() as ledger:
            run = ledger.execute(select(RUN).where(RUN.c.stage == "profile")).first()
            assert run is not None
            tables = json.loads(run.tables)
            tables["facts.care_event"]["sha256"] = sha256_file(Path(path))
            for (name,) in ledger.exec_driver_sql("select name from sqlite_master where type = 'trigger'").all():
                ledger.exec_driver_sql(f"drop trigger {name}")
            ledger.execute(update(RUN).where(RUN.c.run_id == run.run_id).values(tables=json.dumps(tables)))


def test_a_changed_fact_is_noticed_by_its_hash(county: StagedCounty) -> None:
    tamper(county, with_hash=False)
    with pytest.raises(MianshenError, match="RUN_DAMAGED") as refused:
        replay(county.job, ("S043",))
    assert "facts.care_event" in str(refused.value)


def test_a_changed_fact_whose_hash_was_changed_too_is_noticed_by_the_record(county: StagedCounty) -> None:
    tamper(county, with_hash=True)
    assert ("S043", "base_fen") in replay(county.job, ("S043",)).differing
