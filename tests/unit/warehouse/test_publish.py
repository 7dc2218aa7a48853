"""The mart holds what the lake holds, on SQLite and PostgreSQL, and a second copy replaces the first."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import create_engine
from tests.postgres import new_database

from mianshen.warehouse.connect import compute, open_database
from mianshen.warehouse.lake import Lake, RunSpec
from mianshen.warehouse.ledger import METADATA
from mianshen.warehouse.publish import mart_name, publish

COUNTY, MONTH = "100999", "2026-10"
_COUNTER = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def mart(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mart.db'}"
    return new_database(request.getfixturevalue("postgres"), f"mart_{next(_COUNTER)}")


def lake_with(tmp_path: Path, rows: str, moment: str) -> Lake:
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    METADATA.create_all(engine)
    lake = Lake(tmp_path / "lake", engine)
    with lake.writing(RunSpec("probe", COUNTY, MONTH, moment, ("a",), "plan", "code")) as run:
        run.write(compute(), "out.item_event_flag", f"select * from (values {rows}) as v(event_id, flags) order by event_id")
        run.write(compute(), "facts.probe", "select 1 as n order by n")
        lake.commit(run)
    return lake


def test_the_mart_holds_the_newest_run_and_only_what_is_published(tmp_path: Path, mart: str) -> None:
    first = lake_with(tmp_path, "('e1', ['A', '名单']), ('e2', ['B'])", "2026-11-03T09:00:00+08:00")
    assert publish(first, mart, county_code=COUNTY, month=MONTH) == {"out.item_event_flag": 2}
    again = lake_with(tmp_path, "('e3', ['C'])", "2026-11-04T09:00:00+08:00")
    assert publish(again, mart, county_code=COUNTY, month=MONTH) == {"out.item_event_flag": 1}
    engine = create_engine(mart)
    found = pd.read_sql_table(mart_name("out.item_event_flag"), engine)
    engine.dispose()
    assert list(found["event_id"]) == ["e3"]
    assert json.loads(found["flags"][0]) == ["C"]
    assert list(found["mart_month"]) == [MONTH]


def test_another_county_stays_as_it_is(tmp_path: Path, mart: str) -> None:
    lake = lake_with(tmp_path, "('e1', ['A'])", "2026-11-03T09:00:00+08:00")
    publish(lake, mart, county_code=COUNTY, month=MONTH)
    assert publish(lake, mart, county_code="100998", month=MONTH) == {}
    engine = create_engine(mart)
    assert len(pd.read_sql_table(mart_name("out.item_event_flag"), engine)) == 1
    engine.dispose()
