"""The SQL files keep their floors and describe themselves; each rule is shown a file that breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.architecture import sql_rules
from tests.architecture.sources import SQL
from tests.architecture.sql_rules import SqlFile

FILES = sorted(SQL.rglob("*.sql"))
DESCRIPTIONS = sorted(SQL.rglob("*.yml"))
RULES = (
    sql_rules.floor_breaches,
    sql_rules.clock_breaches,
    sql_rules.float_breaches,
    sql_rules.case_breaches,
    sql_rules.header_breaches,
    sql_rules.grain_breaches,
)
HEADER = (
    "-- facts.sample: one row is a person\n-- grain: person_key\n-- reads: facts.care_event, staging.roster. source: 001 3.\n"
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_sql_file_keeps_the_rule(rule: Callable[[SqlFile], list[str]]) -> None:
    assert FILES, "include/sql is empty"
    assert [line for path in FILES for line in rule(sql_rules.read(path))] == []


def test_every_sql_file_lies_in_its_schema() -> None:
    assert [str(path) for path in FILES if path.parent.parent != SQL] == []


def test_every_output_column_is_described() -> None:
    found = []
    for path in FILES:
        file = sql_rules.read(path)
        found += sql_rules.description_breaches(file.table, sql_rules.described(path), sql_rules.output_columns(file))
    for path in DESCRIPTIONS:
        if not path.with_suffix(".sql").exists():
            found += sql_rules.description_breaches(f"{path.parent.name}.{path.stem}", sql_rules.described(path), None)
    assert found == []


def breach(rule: Callable[[SqlFile], list[str]], body: str, *, schema: str = "facts", header: str = HEADER) -> list[str]:
    return rule(SqlFile(schema=schema, name="sample", text=header + body))


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        (sql_rules.floor_breaches, "select a from out.award_line order by a"),
        (sql_rules.floor_breaches, "with x as (select a from release.people) select a from x order by a"),
        (sql_rules.floor_breaches, "select a from care_event order by a"),
        (sql_rules.floor_breaches, "select a from raw.settlement order by a"),
        (sql_rules.clock_breaches, "select now() as a order by a"),
        (sql_rules.clock_breaches, "select current_date as a order by a"),
        (sql_rules.clock_breaches, "select current_timestamp as a order by a"),
        (sql_rules.clock_breaches, "select today() as a order by a"),
        (sql_rules.clock_breaches, "select random() as a order by a"),
        (sql_rules.clock_breaches, "select uuid() as a order by a"),
        (sql_rules.clock_breaches, "select a from facts.care_event using sample 10 rows"),
        (sql_rules.float_breaches, "select base_fen / 2 as a from facts.care_event order by a"),
        (sql_rules.float_breaches, "select cast(base_fen as double) as a from facts.care_event order by a"),
        (sql_rules.float_breaches, "select avg(base_fen) as a from facts.care_event order by a"),
        (sql_rules.case_breaches, "SELECT a from facts.care_event order by a"),
        (sql_rules.case_breaches, "select Amount from facts.care_event order by 1"),
        (sql_rules.header_breaches, "select a from facts.enrolment_event order by a"),
        (sql_rules.grain_breaches, "select a from facts.care_event order by a"),
    ],
)
def test_a_breach_is_found(rule: Callable[[SqlFile], list[str]], body: str) -> None:
    assert breach(rule, body)


def test_a_header_must_say_its_grain() -> None:
    assert breach(sql_rules.header_breaches, "select 1 as a order by a", header="-- a table.\n")


def test_a_good_file_passes_every_rule() -> None:
    body = (
        "with x as (select person_key, sum(base_fen) as base_fen from facts.care_event group by person_key)\n"
        "select x.person_key, x.base_fen * $ratio_ppm // 1000000 as relief_fen, '低保 DIBAO' as word_zh\n"
        "from x join staging.roster on roster.person_key = x.person_key order by x.person_key\n"
    )
    for rule in RULES:
        assert breach(rule, body) == [], rule.__name__


def test_checks_may_read_everything() -> None:
    assert not breach(sql_rules.floor_breaches, "select a from release.people order by a", schema="checks")


def test_a_wrong_description_is_found() -> None:
    column = {"name": "paid_fen", "type": "bigint", "unit": "fen", "meaning_zh": "已付", "meaning_en": "paid"}
    good: dict[str, object] = {"table": "out.paid", "grain_zh": "一人一行", "grain_en": "a person", "columns": [column]}
    assert sql_rules.description_breaches("out.paid", good, ["paid_fen"]) == []
    assert sql_rules.description_breaches("out.paid", good, ["paid_fen", "person_key"])
    assert sql_rules.description_breaches(
        "out.paid", good | {"columns": [column, {**column, "name": "month", "unit": "text"}]}, None
    )
    assert sql_rules.description_breaches("out.other", good, ["paid_fen"])
    assert sql_rules.description_breaches("out.paid", good | {"columns": [column | {"unit": "yuan"}]}, ["paid_fen"])
    assert sql_rules.description_breaches("out.paid", good | {"columns": [column | {"type": "double"}]}, ["paid_fen"])
    assert sql_rules.description_breaches("out.paid", good | {"columns": [column | {"meaning_zh": ""}]}, ["paid_fen"])
    assert sql_rules.description_breaches("out.paid", good | {"columns": [column | {"冲回为负": None}]}, ["paid_fen"])
