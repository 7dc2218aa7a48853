"""Lists of people to help further, and to tell that January closed their year: whole, named, logged, and the department's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from tests.stages.money_county import County, certno_of, make_county

from mianshen.core.errors import MianshenError
from mianshen.core.forms import PeopleList
from mianshen.stages import disclose
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute, open_database
from mianshen.warehouse.records import show_sayings

NAMES = ("甲", "䶮⺟母", "丙")
DEPARTMENT = "civil_affairs"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """甲 is left with costs; 䶮⺟母's year stayed within the deductible and was closed; 丙 is left with nothing."""
    county = make_county(tmp_path / "home", NAMES)
    key = county.people
    claims = (
        ("e1", key["甲"], 2026, "PAID", None, 12_000_000, 5_000_000, 7_000_000),
        ("e2", key["甲"], 2025, "PAID", None, 500_000, 100_000, 400_000),
        ("e3", key["䶮⺟母"], 2026, "REFUSED", "YEAR_CLOSED", 100_000, 0, 100_000),
        ("e4", key["䶮⺟母"], 2026, "REFUSED", "YEAR_CLOSED", 140_000, 0, 140_000),
        ("e5", key["丙"], 2026, "PAID", None, 300_000, 300_000, 0),
    )
    con = compute()
    con.execute("create schema out")
    con.execute("create schema facts")
    con.execute(
        "create table out.assessment (event_id varchar, person_key varchar, benefit_year integer, outcome varchar,"
        " reason_code varchar,"
        " base_fen bigint, relief_fen bigint, left_fen bigint, event_kind varchar default 'care')"
    )
    con.executemany("insert into out.assessment by position values (?, ?, ?, ?, ?, ?, ?, ?, default)", claims)
    show_sayings(con)
    make_table(con, "out.last_resort", {"last_resort_department": DEPARTMENT})
    make_table(con, "out.closing_notice", {})
    con.execute("create table facts.person_month (person_key varchar, calendar_month varchar, town varchar)")
    towns = [(key["甲"], "2026-09", "五津街道"), (key["甲"], "2026-10", "花源街道"), (key["䶮⺟母"], "2026-10", None)]
    con.executemany("insert into facts.person_month values (?, ?, ?)", towns)
    with county.job.lake.writing(county.job.run_spec("assess", inputs=("a",))) as run:
        for table in ("out.last_resort", "out.closing_notice"):
            run.write(con, table, f"select * from {table} order by all")
        county.job.lake.commit(run)
    with county.job.lake.writing(county.job.run_spec("profile", inputs=("p",))) as run:
        run.write(con, "facts.person_month", "select * from facts.person_month order by all")
        county.job.lake.commit(run)
    return county


def cells(path: Path) -> list[list[Any]]:
    return [list(row) for row in load_workbook(path).active.iter_rows(values_only=True)]


def test_whom_relief_leaves_with_costs_reaches_the_department_that_helps_further(county: County) -> None:
    """R003-10: named in full for the department, one line a person, of the year that was asked for."""
    made = disclose.make_people_list(county.job, PeopleList.LAST_RESORT, benefit_year=2026)
    assert made.people == 1 and DEPARTMENT in made.path.parts
    (line,) = [row for row in cells(made.path) if row[1] in NAMES]
    department = county.job.pack.department(DEPARTMENT).name_zh
    assert line[:8] == ["1", "甲", certno_of(0), "花源街道", department, "1", "50,000.00", "70,000.00"]


def test_who_is_told_that_january_closed_the_year_can_sign_for_it(county: County) -> None:
    """R003-07, the reading `closed`: what each person is told, the number masked, a column to sign in."""
    made = disclose.make_people_list(county.job, PeopleList.CLOSING, benefit_year=2026)
    rows = cells(made.path)
    (line,) = [row for row in rows if row[1] in NAMES]
    assert line[1] == "䶮⺟母" and line[2].startswith("100999********") and line[3] == "—"
    assert line[4:6] == ["2", "2,400.00"] and "全年未超过起付线" in line[6]
    assert "本人签收" in next(row for row in rows if row[0] == "序号")
    assert certno_of(1) not in str(rows)


def test_every_list_is_in_both_logs_and_the_same_again(county: County) -> None:
    first = disclose.make_people_list(county.job, PeopleList.LAST_RESORT, benefit_year=2026).path.read_bytes()
    assert disclose.make_people_list(county.job, PeopleList.LAST_RESORT, benefit_year=2026).path.read_bytes() == first
    county.later(minutes=1)
    disclose.make_people_list(county.job, PeopleList.LAST_RESORT, benefit_year=2026)
    with county.job.ledger.connect() as connection:
        kept = [row["subject"] for row in rows_of(connection) if row["action"] == disclose.ACTION]
        assert verify(rows_of(connection)).problem == "ok"
    assert kept == ["last_resort|2026"] * 3
    vault = open_database(county.job.vault_url)
    with vault.connect() as connection:
        purposes = [row.purpose for row in connection.execute(select(LOOKUP_LOG))]
    vault.dispose()
    assert purposes.count("last_resort|2026") == 2, "what is made twice at one moment is one look-up"


@pytest.mark.parametrize(("which", "year"), [(PeopleList.CLOSING, 2025), (PeopleList.LAST_RESORT, 2024)])
def test_a_list_that_would_name_nobody_is_not_made_and_opens_nothing(county: County, which: PeopleList, year: int) -> None:
    with pytest.raises(MianshenError) as caught:
        disclose.make_people_list(county.job, which, benefit_year=year)
    assert caught.value.code == "PAPER_NOTHING"
    with county.job.ledger.connect() as connection:
        assert not [row for row in rows_of(connection) if row["action"] == disclose.ACTION]
