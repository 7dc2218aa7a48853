"""release: a month once, its tables without keys, its report beside; again only with a reason; the month after beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.stages.released_county import make_listed
from tests.stages.staged_county import StagedCounty, make_staged

from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.stages import profile, release
from mianshen.warehouse.ledger import AUDIT
from mianshen.warehouse.sql_files import table_doc


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> StagedCounty:
    county = make_listed(tmp_path_factory.mktemp("release") / "home")
    release.run(county.job)
    return county


@pytest.fixture
def county(made: StagedCounty, tmp_path: Path) -> StagedCounty:
    return made.copy(tmp_path / "home")


def actions(county: StagedCounty) -> list[str]:
    with county.job.ledger.connect() as connection:
        return list(connection.execute(select(AUDIT.c.action).order_by(AUDIT.c.audit_no)).scalars())


def test_before_the_month_is_over_or_known_nothing_is_released(tmp_path: Path) -> None:
    county = make_staged(tmp_path / "home", as_of=datetime(2026, 10, 31, 9, tzinfo=ZONE))
    assert release.run(county.job).run_id is None
    assert "2026-10 未结束" in release.run(county.job).notes[0]
    county.later(days=1)
    assert "尚无人员月档案" in release.run(county.job).notes[0]


def test_the_listed_people_are_released_in_groups_and_nobody_else(made: StagedCounty) -> None:
    rows, groups = made.rows("release.people"), made.rows("release.people_group")
    assert 60 < len(rows) <= 120, "30 treated people are in no list"
    assert sum(one["people"] for one in groups) == len(rows)
    assert min(one["people"] for one in groups) >= 10
    assert min(min(one["disease_groups"], one["relief_bands"]) for one in groups) >= 3
    assert {one["as_of"] for one in rows} == {made.job.moment}
    assert {one["failures"] for one in made.rows("checks.release")} == {0}


def test_no_table_that_leaves_bears_a_key_or_an_exact_amount(made: StagedCounty) -> None:
    for table in ("release.people", "release.people_group", "release.people_total"):
        units = {one.unit for one in table_doc(table).columns}
        assert units & {"key", "fen", "day"} == set(), table
    text = repr(made.rows("release.people"))
    assert not re.search(r"\b[PUS]\d{3}\b", text)


def test_a_month_is_released_once_and_again_only_for_a_reason(county: StagedCounty) -> None:
    first = county.digests("release")
    county.later(days=1)
    assert "不重复" in release.run(county.job).notes[0]
    assert county.digests("release") == first
    with pytest.raises(MianshenError, match="RELEASE_UNEXPLAINED"):
        release.release_again(county.job, reason=" ")
    release.release_again(county.job, reason="名单更正")
    assert len(county.digests("release")) == 2
    assert actions(county)[-1] == "release.made_again"
    assert "名单更正" in release.report_path(county.job).read_text("utf-8")


def test_nothing_is_released_again_that_never_was(tmp_path: Path) -> None:
    with pytest.raises(MianshenError, match="RELEASE_FIRST"):
        release.release_again(make_staged(tmp_path / "home").job, reason="x")


def test_the_report_says_the_figures_and_what_was_not_verified(made: StagedCounty) -> None:
    html = release.report_path(made.job).read_text("utf-8")
    groups = made.rows("release.people_group")
    assert f'≥ 10</td><td class="number">{min(one["people"] for one in groups)}</td>' in html
    assert made.job.moment in html
    for said in ("GB/T 42460-2023", "未核实", "上月没有发布", "门槛、分档为示例"):
        assert said in html
    assert "src=" not in html and "http" not in html, "it opens without a network"


def test_the_report_is_printed_where_the_machine_can(made: StagedCounty) -> None:
    from mianshen.documents import pdf

    path = release.report_path(made.job).with_suffix(".pdf")
    assert path.is_file() == pdf.can_print()


def test_the_next_month_is_held_against_this_one(county: StagedCounty) -> None:
    county.job = replace(county.job, month=Month(2026, 11), as_of=datetime(2026, 12, 8, 9, tzinfo=ZONE))
    profile.run(county.job)
    release.run(county.job)
    html = release.report_path(county.job).read_text("utf-8")
    assert re.search(r"两月相同的组 \d+ 个|两月细度不同", html)


def test_equal_months_give_equal_bytes(made: StagedCounty, tmp_path: Path) -> None:
    again = make_listed(tmp_path / "again")
    release.run(again.job)
    assert again.digests("release") == made.digests("release")
    assert release.report_path(again.job).read_bytes() == release.report_path(made.job).read_bytes()
