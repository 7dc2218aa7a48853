"""A department reads its own listed people, for a purpose, under its own keys; never another's people or fields."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from datetime import date, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from tests.sql.given import given
from tests.stages.released_county import make_listed
from tests.stages.staged_county import MONTH, StagedCounty, example_pack

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.extract import HIDDEN, KEY, QUASI_IDENTIFIERS
from mianshen.documents.extract_files import extract_files
from mianshen.policy.extracts import load_extracts
from mianshen.stages import portray
from mianshen.stages.disclose import make_extract
from mianshen.vault.keyring import make_keyring
from mianshen.warehouse.connect import compute
from mianshen.warehouse.extracts import make_rows
from mianshen.warehouse.ledger import AUDIT

Row = dict[str, Any]
ALIKE = 5
DEPARTMENTS = ("bureau", "union")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> StagedCounty:
    made = make_listed(tmp_path_factory.mktemp("extracts") / "home")
    portray.run(made.job)
    make_keyring(made.job.home.keyring, os.urandom)
    for department in DEPARTMENTS:
        make_extract(made.job, department, purpose="季度走访")
    return made


def content(county: StagedCounty, department: str, suffix: str) -> bytes:
    folder = county.job.home.outbox("_example") / "extracts" / department
    [path] = folder.glob(f"*.{suffix}")
    return path.read_bytes()


def extract(county: StagedCounty, department: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content(county, department, "csv").decode("utf-8-sig"))))


def test_a_department_sees_its_own_people_and_the_columns_it_was_granted(county: StagedCounty) -> None:
    """R001-06: released to a department for a purpose."""
    bureau, union = extract(county, "bureau"), extract(county, "union")
    assert (len(bureau), {one["category"] for one in bureau}) == (120, {"POOR"})
    assert (len(union), {one["category"] for one in union}) == (30, {"WORKER"}), "everybody of the union is the bureau's too"
    assert list(union[0]) == [KEY, "category", "age_band", "gend", "burden_band", "relief_fen", "gaps"]
    assert list(bureau[0]) == [KEY, "category", "age_band", "gend", "town", "cost_band", "burden_band", "relief_fen", "gaps"]


def test_a_department_sees_its_own_relief_alone(county: StagedCounty) -> None:
    lines = county.rows("out.award_line")
    assert {one["department_code"] for one in lines} >= {"bureau", "union"}
    for department in DEPARTMENTS:
        own = sum(one["entitled_fen"] for one in lines if one["department_code"] == department)
        assert sum(int(one["relief_fen"]) for one in extract(county, department)) == own > 0


def test_two_departments_have_no_key_in_common_and_none_is_ours(county: StagedCounty) -> None:
    keys = [{one[KEY] for one in extract(county, department)} for department in DEPARTMENTS]
    assert [len(one) for one in keys] == [120, 30]
    assert keys[0] & keys[1] == set()
    ours = {one["person_key"] for one in county.rows("out.person_month")}
    for department in DEPARTMENTS:
        for suffix in ("csv", "parquet", "xlsx"):
            assert not [one for one in ours if one.encode() in content(county, department, suffix)]
        assert not {one[KEY] for one in extract(county, department)} & ours


def test_what_identifies_together_is_shared_by_several_or_hidden(county: StagedCounty) -> None:
    for department in DEPARTMENTS:
        rows = extract(county, department)
        columns = [one for one in QUASI_IDENTIFIERS if one in rows[0]]
        alike = Counter(tuple(one[name] for name in columns) for one in rows)
        told = {group: people for group, people in alike.items() if set(group) != {HIDDEN}}
        assert min(told.values()) >= ALIKE, department


def test_who_holds_both_extracts_finds_several_people_for_each(county: StagedCounty) -> None:
    """Everybody of the union is in the bureau's extract: what both show leads to at least five rows of it, never to one."""
    bureau, union = extract(county, "bureau"), extract(county, "union")
    shared = [one for one in QUASI_IDENTIFIERS if one in union[0] and one in bureau[0]]
    assert shared == ["age_band", "gend", "burden_band"]

    def may_be(one: Row, other: Row) -> bool:
        return all(HIDDEN in (one[name], other[name]) or one[name] == other[name] for name in shared)

    assert min(sum(may_be(one, other) for other in bureau) for one in union) >= ALIKE


def test_every_extract_is_kept_with_its_purpose(county: StagedCounty) -> None:
    with county.job.ledger.connect() as connection:
        rows = connection.execute(select(AUDIT.c.subject, AUDIT.c.detail).where(AUDIT.c.action == "extract.made")).all()
    kept = {subject: json.loads(detail) for subject, detail in rows}
    assert set(kept) == {"bureau|2026-10", "union|2026-10"}
    assert (kept["union|2026-10"]["purpose"], kept["union|2026-10"]["persons"]) == ("季度走访", 30)


@pytest.mark.parametrize(
    ("department", "purpose", "code"),
    [("bureau", " ", "EXTRACT_UNEXPLAINED"), ("town", "走访", "EXTRACT_UNKNOWN"), ("police", "走访", "EXTRACT_UNKNOWN")],
)
def test_nothing_is_given_without_a_purpose_or_beyond_the_page(
    county: StagedCounty, department: str, purpose: str, code: str
) -> None:
    with pytest.raises(MianshenError, match=code):
        make_extract(county.job, department, purpose=purpose)


def test_the_three_files_say_the_same_and_the_same_again(county: StagedCounty) -> None:
    rows = extract(county, "union")
    parquet = pq.read_table(io.BytesIO(content(county, "union", "parquet"))).to_pylist()
    assert [{name: str(value) for name, value in one.items()} for one in parquet] == rows
    sheet = load_workbook(io.BytesIO(content(county, "union", "xlsx"))).active
    assert sheet is not None
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {one[KEY] for one in rows} <= {cell.value for cell in cells}
    before = {suffix: content(county, "union", suffix) for suffix in ("csv", "parquet", "xlsx")}
    make_extract(county.job, "union", purpose="再看一次")
    assert {suffix: content(county, "union", suffix) for suffix in before} == before


def test_no_cell_is_a_live_formula() -> None:
    row = {KEY: "0a", "town": "=cmd|' /c calc'!A0", "relief_fen": 1}
    files = extract_files(
        [row],
        columns=("town", "relief_fen"),
        pack=example_pack(date(2026, 11, 6)),
        department="bureau",
        month="2026-10",
        made=datetime(2026, 11, 6, tzinfo=ZONE),
    )
    assert b"\n0a,'=cmd" in files["csv"]
    sheet = load_workbook(io.BytesIO(files["xlsx"])).active
    assert sheet is not None
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value is not None} == {"s"}


def rows_of(*months: Row, lines: tuple[Row, ...] = (), signals: tuple[Row, ...] = ()) -> dict[str, Row]:
    con = compute()
    common = {"calendar_month": "2026-10", "categories": ["POOR"], "cost_fen": 0, "burden_fen": 0, "gend": "1", "town": "东镇"}
    given(con, "out.person_month", *({**common, **one} for one in months))
    given(
        con, "out.award_line", *({"benefit_year": 2026, "is_held": False, "event_on": date(2026, 10, 5), **one} for one in lines)
    )
    given(con, "out.radar", *signals)
    pack = example_pack(date(2026, 11, 6))
    rules = load_extracts("_example", departments={one.code for one in pack.departments})["bureau"]
    return {one["person_key"]: one for one in make_rows(con, rules, pack.plan, month=MONTH)}


def test_who_another_department_lists_or_nobody_is_not_told() -> None:
    found = rows_of({"person_key": "P"}, {"person_key": "W", "categories": ["WORKER"]}, {"person_key": "N", "categories": []})
    assert set(found) == {"P"}
    both = rows_of({"person_key": "B", "categories": ["POOR", "WORKER"]})["B"]
    assert both["category"] == "POOR", "that the person is a worker in hardship is the union's to know"


def test_gaps_and_bands_begin_exactly_at_their_edge() -> None:
    people = [{"person_key": name, "burden_fen": fen, "cost_fen": fen} for name, fen in (("A", 499_999), ("B", 500_000))]
    alike = [{**one, "person_key": f"{one['person_key']}{n}"} for one in people for n in range(ALIKE)]
    found = rows_of(
        *alike,
        lines=(
            {"person_key": "B1", "department_code": "bureau", "entitled_fen": 7},
            {"person_key": "B2", "department_code": "union", "entitled_fen": 9},
        ),
        signals=(
            {"person_key": "A1", "signal_code": "ENROLMENT_MISSING"},
            {"person_key": "A2", "signal_code": "ENROLMENT_MISSING", "waits_for": "enrolment"},
            {"person_key": "A3", "signal_code": "AGREED_UNPAID"},
        ),
    )
    assert {name: one["burden_band"] for name, one in found.items() if name in ("A0", "B0")} == {
        "A0": "1-4999",
        "B0": "5000-19999",
    }
    assert {name: one["gaps"] for name, one in found.items() if one["gaps"]} == {
        "A1": "ENROLMENT_MISSING",
        **dict.fromkeys(("B0", "B2", "B3", "B4"), "BURDEN_WITHOUT_RELIEF"),
    }
    assert (found["B1"]["relief_fen"], found["B2"]["relief_fen"]) == (7, 0)


def test_what_fewer_than_five_share_is_hidden_and_from_five_on_told() -> None:
    four = rows_of(*({"person_key": f"P{n}", "birth_year": 1980} for n in range(ALIKE - 1)))
    assert {(one["age_band"], one["town"], one["gend"], one["burden_band"]) for one in four.values()} == {(HIDDEN,) * 4}
    five = rows_of(*({"person_key": f"P{n}", "birth_year": 1980} for n in range(ALIKE)))
    assert {(one["age_band"], one["town"], one["gend"], one["burden_band"]) for one in five.values()} == {
        ("40-49", "东镇", "1", "0")
    }
    mixed = rows_of(*({"person_key": f"P{n}", "birth_year": 1980 - 10 * n} for n in range(ALIKE)))
    assert {(one["age_band"], one["gend"]) for one in mixed.values()} == {(HIDDEN, "1")}, "age and town first, then the rest"
