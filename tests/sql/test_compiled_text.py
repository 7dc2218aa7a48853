"""What the compiler writes: current goldens, no value in the text, one window a benefit, Spark text from the same tree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from tests.sql.given import given
from tests.sql.small_plan import benefit, plan, rate
from tools.golden_sql import golden_files

from mianshen.core.plan import Plan
from mianshen.policy.packs import load_pack
from mianshen.warehouse.assessing import assess_claims
from mianshen.warehouse.build import parameters_of
from mianshen.warehouse.compile import compile_plan
from mianshen.warehouse.compile_words import lower_case

STEPPED = {"special_chronic", "special_serious", "special_outpatient"}
"""Benefits of Xinjin that take several steps."""
PACKS = ("_example", "320902_tinghu", "510118_xinjin")


def example() -> Plan:
    return load_pack("_example", on=date(2026, 10, 31)).plan


def test_the_golden_files_are_current() -> None:
    old = [path.name for path, text in golden_files().items() if path.read_text("utf-8") != text]
    assert old == [], "run `python tools/golden_sql.py` and say in the changelog why the text changed"


@pytest.mark.parametrize("pack", PACKS)
def test_every_value_is_bound_and_every_bound_value_is_used(pack: str) -> None:
    for one in compile_plan(load_pack(pack, on=date(2026, 10, 31)).plan, slots=2):
        years = {"years"} if one.table == "out.claim" else set()
        assert parameters_of(one.text()) == set(one.parameters) | years, one.table


def test_other_numbers_give_the_same_text() -> None:
    one = plan(benefit("first", rate("POOR", 500_000, deductible=3_000, cap=9_999)))
    other = plan(benefit("first", rate("POOR", 654_321, deductible=77_777, cap=12_345)))
    assert [made.text() for made in compile_plan(one)] == [made.text() for made in compile_plan(other)]
    assert not [made for made in compile_plan(other) if re.search(r"654321|77777|12345", made.text())]


def test_a_quote_in_a_code_is_no_sql() -> None:
    one = benefit("first", rate("POOR", 500_000))
    nasty = plan(replace(one, code="x' or 1=1 --", med_types=("11'; drop table facts.care_event; --",)))
    for made in compile_plan(nasty):
        assert "drop table" not in made.text() and "1=1" not in made.text()


@pytest.mark.parametrize("pack", PACKS)
def test_the_same_tree_writes_spark_text_that_spark_s_grammar_reads(pack: str) -> None:
    for one in compile_plan(load_pack(pack, on=date(2026, 10, 31)).plan, slots=2):
        text = one.text("spark")
        read_again = sqlglot.parse_one(text, dialect="spark").sql("spark", pretty=True, max_text_width=110)
        assert lower_case(read_again) + "\n" == text


def test_the_text_read_again_is_the_same_tree() -> None:
    for one in compile_plan(example()):
        assert (
            sqlglot.parse_one(one.text(), dialect="duckdb").sql("duckdb", pretty=True, max_text_width=110).lower() + "\n"
            == one.text()
        )


def plain_tables() -> Plan:
    """The benefits of Xinjin that are plain tables, one function of the year's total, in every order that it permits of them."""
    made = load_pack("510118_xinjin", on=date(2026, 10, 31)).plan
    orders = dict.fromkeys(tuple(code for code in order if code not in STEPPED) for order in made.arrangements)
    benefits = tuple(one for one in made.benefits if one.code not in STEPPED)
    return replace(made, benefits=benefits, arrangements=tuple(orders))


@pytest.mark.parametrize("made", [example(), plain_tables()], ids=lambda one: one.pack)
def test_each_benefit_costs_one_window(made: Plan) -> None:
    chain = next(one for one in compile_plan(made, slots=1) if one.table == "out.award_chain")
    assert len(list(chain.query.find_all(exp.WindowSpec))) == len(made.benefits)
    with duckdb.connect(":memory:") as connection:
        for table in ("facts.care_event", "facts.enrolment_event", "facts.identity_span"):
            given(connection, table)
        assess_claims(connection, [(made, [2026])])
        query = f"explain (format json) {chain.text()}"
        explained = connection.execute(query, dict(chain.parameters)).fetchall()[0][1]
    assert explained.count('"name": "WINDOW"') == len(made.benefits)


def test_a_person_who_holds_few_categories_costs_few_sums() -> None:
    made = plain_tables()
    compiled = {slots: {one.table: one for one in compile_plan(made, slots=slots)} for slots in (1, 2, 3)}
    sums = {slots: len(list(found["out.award_chain"].query.find_all(exp.Sum))) for slots, found in compiled.items()}
    assert sums[2] - sums[1] == sums[3] - sums[2] == len(made.benefits)
    assert len(compile_plan(made, slots=99)[0].parameters) == len(made.categories)


def test_a_plan_that_no_mask_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="benefits"):
        compile_plan(plan())
    many = [benefit(f"benefit_{place}", rate("POOR", 1)) for place in range(63)]
    with pytest.raises(ValueError, match="62"):
        compile_plan(plan(*many))


def test_no_number_of_the_chain_is_binary() -> None:
    for one in compile_plan(example()):
        assert not list(one.query.find_all(exp.Div))


def test_what_serves_doubts_is_left_out_where_no_list_is_late() -> None:
    with_doubts, sure = (
        {one.table: one.text() for one in compile_plan(example(), has_doubts=doubts)} for doubts in (True, False)
    )
    assert "firm as" in with_doubts["out.award_line"] and "firm as" not in sure["out.award_line"]
    assert len(sure["out.holder"]) < len(with_doubts["out.holder"])
    assert [sure[name] for name in ("out.claim", "out.award_chain")] == [
        with_doubts[name] for name in ("out.claim", "out.award_chain")
    ]


def test_more_fen_than_a_bigint_holds_is_an_error_and_no_wrong_amount() -> None:
    made = plan(benefit("first", rate("POOR", 1_000_000)))
    days = {"since": date(2026, 5, 1), "until_on": date(2026, 5, 1), "settled_on": date(2026, 5, 1)}
    row = {"event_id": "S1", "person_key": "P", "state": "LIVE", "benefit_year": 2026, **days}
    span = {"person_key": "P", "category_code": "POOR", "since": date(2026, 1, 1), "is_provisional": False}
    with duckdb.connect(":memory:") as connection:
        given(connection, "facts.enrolment_event")
        given(connection, "facts.identity_span", span)
        given(connection, "facts.care_event", row | {"inscp_scp_amt": 9 * 10**12})
        assess_claims(connection, [(made, [2026])])
        assert connection.execute("select amount_fen from out.award_line").fetchall() == [(9 * 10**12,)]
        given(connection, "facts.care_event", row | {"inscp_scp_amt": 10**13})
        with pytest.raises(duckdb.OutOfRangeException):
            assess_claims(connection, [(made, [2026])])
