"""Records of every step that a rate can take: the reference's trace and sentence, and figures that a reader can follow."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pytest
from tests.properties.relief_cases import County, county_of, focused_county
from tests.properties.relief_sides import facts
from tests.properties.relief_steps import FOCI
from tests.sql.given import columns_of, fetched

from mianshen.core.plan import Clause, Status
from mianshen.policy import calculator, explain
from mianshen.policy.results import Line, PersonResult, Trace, Working
from mianshen.warehouse import assessing
from mianshen.warehouse.records import RECORD

DRAWN = (
    *((on, seed) for on in FOCI for seed in range(2)),
    *((None, seed) for seed in range(10)),
    *(("deductible", 3), (None, 72)),
)
"""Counties that together bring every word; the last two bring what is rare."""
Key = tuple[str | None, str, int, str | None]


@dataclass(frozen=True)
class Recorded:
    """A county, its records, and what the reference says of each person."""

    county: County
    rows: list[dict[str, Any]]
    results: dict[str, PersonResult]


def drawn(on: str | None, seed: int) -> County:
    """A drawn county of people whom every list confirms; window relief comes before all other care, as the loader demands."""
    draw = Random(f"{on} {seed}")
    county = focused_county(draw, on, people=12) if on else county_of(draw, people=10, is_varied=True)
    plan = county.plan
    counting = [one.code for one in plan.benefits if one.counts_window_relief]
    ordered = sorted(plan.benefits, key=lambda one: one.code not in counting)
    base = Clause("base", "drawn", "1", "基数", Status.ILLUSTRATIVE)
    people = tuple(replace(one, spans=tuple(replace(span, is_provisional=False) for span in one.spans)) for one in county.people)
    return County(replace(plan, benefits=tuple(ordered), clauses=(*plan.clauses, base)), people)


def recorded(county: County) -> Recorded:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, county)
        years = sorted({claim.benefit_year for person in county.people for claim in person.claims})
        assessing.assess_claims(connection, [(county.plan, years)], with_records=True)
        for table in (RECORD, "out.record_trace", "out.record_saying"):
            described = connection.execute(f"describe {table}").fetchall()
            assert [(name, kind) for name, kind, *_ in described] == columns_of(table)
        rows = fetched(connection, f"select * from {RECORD}")
    results = {
        one.person_key: calculator.assess_person(county.plan, events=one.claims, spans=one.spans, decided=one.decided)
        for one in county.people
    }
    return Recorded(county, rows, results)


@pytest.fixture(scope="module")
def counties() -> list[Recorded]:
    return [recorded(drawn(on, seed)) for on, seed in DRAWN]


def key_of(row: dict[str, Any]) -> Key:
    return (row["event_id"], row["person_key"], row["benefit_year"], row["benefit_code"])


def said(county: County, person: str, result: PersonResult) -> dict[Key, str]:
    """Every sentence that the reference has for a person."""
    plan = county.plan
    found: dict[Key, str] = {}
    for line, one in zip(result.lines, explain.explain_person(plan, result), strict=True):
        found[line.event_id, person, line.benefit_year, line.benefit_code] = one.zh
    for share, one in zip(result.shares, explain.explain_shares(plan, result), strict=True):
        found[share.event_id, person, share.benefit_year, share.benefit_code] = one.zh
    paid = {key[0] for key in found}
    for verdict in result.assessments:
        if verdict.event_id not in paid:
            found[verdict.event_id, person, verdict.benefit_year, None] = explain.explain_refusal(plan, verdict, result).zh
    return found


def test_a_record_of_any_step_says_what_explain_says(counties: list[Recorded]) -> None:
    words: Counter[str] = Counter()
    for one in counties:
        expected: dict[Key, str] = {}
        for person, result in one.results.items():
            expected |= said(one.county, person, result)
        assert {key_of(row): row["sentence_zh"] for row in one.rows} == expected
        assert len(one.rows) == len(expected)
        words.update(word for text in expected.values() for word in WORDS if word in text)
    assert set(WORDS) == set(words), set(WORDS) - set(words)


WORDS = (
    "单次起付线", "住院期间起付线", "月度起付线", "季度起付线", "年度起付线", "首次起付线", "此前已抵", "免起付线",
    "门槛", "分段自", "在第 2 档", "定额", "(因", "比例已因", "乘 ", "加 ", "加此前取整前合计",
    "四舍六入五成双到", "舍去尾数到", "见尾数进一到", "到角", "到元", "封顶线", "(每日", "此前已用", "超过单次上限",
    "该类别本年度累计",
    "全年救助", "其中落在本次", "含医院窗口", "种次序", ",采用", "尚未交付",
)  # fmt: skip
"""Every kind of step and of sentence is met; a word that no drawn county brings fails the test."""


def plain(trace: Trace) -> dict[str, Any]:
    """The reference's trace as the record's column."""
    changed = trace.changed
    return {
        "deductible_fen": trace.deductible_fen,
        "is_waived": trace.is_waived,
        "deducted_before_fen": trace.deducted_before_fen,
        "excess_fen": trace.excess_fen,
        "top_fen": trace.top_fen,
        "parts": [
            {"fen": one.fen, "ratio_ppm": one.ratio_ppm, "bracket_no": one.bracket_no, "variant_no": one.variant_no}
            for one in trace.parts
        ],
        "modifiers": list(trace.modifiers) or None,
        "weighed_before": trace.rounding.weighed_before,
        "given_before_fen": trace.rounding.given_before_fen,
        "rounded_fen": trace.rounded_fen,
        "caps": [
            {
                "cap_no": one.cap_no,
                "bound_fen": one.bound_fen,
                "before_fen": one.before_fen,
                "came_fen": one.came_fen,
                "let_fen": one.let_fen,
            }
            for one in trace.caps
        ]
        or None,
        "capped_fen": trace.capped_fen,
        "factor_ppm": trace.factor_ppm,
        "cut_weighed_before": changed and changed.weighed_before,
        "cut_given_before_fen": changed and changed.given_before_fen,
        "is_at_cap": trace.is_at_cap,
        "is_over": trace.is_over,
        "relief_fen": trace.relief_fen,
    }


def test_the_trace_of_every_line_is_the_reference_s(counties: list[Recorded]) -> None:
    compared = 0
    for one in counties:
        rows = {key_of(row): row for row in one.rows if row["amount_fen"] is not None}
        told: dict[Key, tuple[Line, Working]] = {}
        for person, result in one.results.items():
            for line, working in zip(result.lines, result.workings, strict=True):
                told[line.event_id, person, line.benefit_year, line.benefit_code] = (line, working)
        assert rows.keys() == told.keys()
        for key, (line, working) in told.items():
            row = rows[key]
            assert (row["burden_fen"], row["entitled_fen"], row["amount_fen"]) == (
                line.base_fen,
                line.entitled_fen,
                line.amount_fen,
            )
            assert row["total_fen"] == working.burden_fen
            assert row["total_relief_fen"] == working.total_fen
            if row["trace"] is not None:
                trace = row["trace"] | {name: row["trace"][name] or None for name in ("modifiers", "caps")}
                assert trace == plain(working.trace), (key, trace, working.trace)
                compared += 1
    assert compared > 500


AMOUNT = re.compile(r"([\d,]+\.\d{2,8}) × ([\d.]+)%")
RESULT = re.compile(r"(;[^;=]*×[^;=]*) = ([\d,]+\.\d\d) 元")
RISE = re.compile(r"该类别本年度累计 ([\d,.]+) 元;此前已计 ([\d,.]+) 元,本次救助 ([\d,.]+) 元")
BEFORE = re.compile(r"加此前取整前合计 ([\d,.]+) 元,取整后减已计 ([\d,.]+) 元")
MODES = {
    "四舍五入": "ROUND_HALF_UP",
    "四舍六入五成双": "ROUND_HALF_EVEN",
    "舍去尾数": "ROUND_DOWN",
    "见尾数进一": "ROUND_UP",
}


def yuan(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_whoever_reads_a_record_can_work_it_out(counties: list[Recorded]) -> None:
    """From the sentence alone: every product, what rounding made of it, and the rise of the year's total."""
    products = rises = 0
    for one in counties:
        for row in one.rows:
            sentence = row["sentence_zh"]
            for found in RESULT.finditer(sentence):
                assert worked_out(found[1], sentence[found.end() :]) >= yuan(found[2]), sentence
                if "不超过所计金额" not in sentence:
                    assert worked_out(found[1], sentence[found.end() :]) == yuan(found[2]), sentence
                products += 1
            for found in RISE.finditer(sentence):
                assert max(Decimal(0), yuan(found[1]) - yuan(found[2])) == yuan(found[3]), sentence
                rises += 1
    assert products > 500 and rises > 200


def worked_out(product: str, after: str) -> Decimal:
    """What a calculator makes of `a × p% + b × q%`, with what the sentence says of rounding."""
    whole = sum((yuan(fen) * Decimal(ratio) / 100 for fen, ratio in AMOUNT.findall(product)), Decimal(0))
    before = BEFORE.search(product)
    how = re.match(r"\((\w+)到(\w)", after)
    mode, place = (how[1], how[2]) if how else ("四舍五入", "分")
    unit = {"分": Decimal("0.01"), "角": Decimal("0.1"), "元": Decimal(1)}[place]
    carried, given = (yuan(before[1]), yuan(before[2])) if before else (Decimal(0), Decimal(0))
    return ((whole + carried) / unit).quantize(Decimal(1), rounding=MODES[mode]) * unit - given
