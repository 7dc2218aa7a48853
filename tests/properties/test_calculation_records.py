"""A record says what `policy explain` says; the change that it names brings relief in the reference, one fen less does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import duckdb
import pytest
from tests.properties.relief_cases import County, Person, county_of
from tests.properties.relief_plans import arranged_plan
from tests.properties.relief_sides import facts
from tests.sql.given import columns_of, fetched

from mianshen.core.plan import Clause, EventKind, Plan, Status
from mianshen.core.spans import Span
from mianshen.policy import calculator, explain
from mianshen.policy.arrange import Decided
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.results import Assessment
from mianshen.warehouse import assessing
from mianshen.warehouse.records import RECORD

SEEDS = range(14)
Drawn = tuple[County, list[dict[str, Any]]]


def drawn(seed: int) -> County:
    """A drawn county of people whom every list confirms, every third with several orders; window relief comes before all other
    care, as the loader demands."""
    county = county_of(Random(seed), people=8, is_varied=False)
    plan = county.plan
    counting = [one.code for one in plan.benefits if one.counts_window_relief]
    ordered = sorted(plan.benefits, key=lambda one: one.code not in counting)
    base = Clause("base", "drawn", "1", "基数", Status.ILLUSTRATIVE)
    draw = Random(f"refused {seed}")
    people = tuple(
        replace(
            one,
            spans=tuple(replace(span, is_provisional=False) for span in one.spans),
            decided=Decided(refused=_refused(draw, plan, one)),
        )
        for one in county.people
    )
    whole = replace(plan, benefits=tuple(ordered), clauses=(*plan.clauses, base))
    return County(arranged_plan(Random(f"orders {seed}"), whole) if seed % 3 == 2 else whole, people)


def _refused(draw: Random, plan: Plan, person: Person) -> frozenset[tuple[str, int]]:
    """What departments refused to the person: to every third one a benefit in every year."""
    if draw.random() > 0.35:
        return frozenset()
    code = draw.choice(plan.benefits).code
    return frozenset((code, claim.benefit_year) for claim in person.claims)


@pytest.fixture(scope="module")
def counties() -> list[Drawn]:
    found = []
    for county in map(drawn, SEEDS):
        with duckdb.connect(":memory:", config={"threads": 1}) as connection:
            facts(connection, county)
            years = sorted({claim.benefit_year for person in county.people for claim in person.claims})
            assessing.assess_claims(connection, [(county.plan, years)], with_records=True)
            assert [(name, kind) for name, kind, *_ in connection.execute(f"describe {RECORD}").fetchall()] == columns_of(RECORD)
            found.append((county, fetched(connection, f"select * from {RECORD}")))
    return found


def test_a_record_says_what_explain_says(counties: list[Drawn]) -> None:
    said = 0
    for county, rows in counties:
        by_key = {(row["event_id"], row["benefit_code"]): row["sentence_zh"] for row in rows}
        assert len(by_key) == len(rows)
        expected: dict[tuple[str | None, str | None], str] = {}
        for person in county.people:
            result = calculator.assess_person(county.plan, events=person.claims, spans=person.spans, decided=person.decided)
            lines = zip(result.lines, explain.explain_person(county.plan, result), strict=True)
            expected |= {(line.event_id, line.benefit_code): sentence.zh for line, sentence in lines}
            paid = {line.event_id for line in result.lines}
            expected |= {
                (one.event_id, None): explain.explain_refusal(county.plan, one, result).zh
                for one in result.assessments
                if one.event_id not in paid
            }
        assert by_key == expected
        said += len(expected)
    assert said > 300


def changed(plan: Plan, person: Person, claim: Claim, found: Assessment, change: dict[str, Any]) -> Person:
    """The person after the change that the record names."""
    other = replace(claim, med_type=change["med_type"] or claim.med_type, dise_code=change["dise_code"] or claim.dise_code)
    if claim.kind is EventKind.ENROLMENT:
        other = replace(other, fee_fen=claim.fee_fen + change["fen"])
    elif change["fen"]:
        rest = sum(one.sign * (claim.amounts_fen.get(one.field) or 0) for one in plan.base if one.field != "inscp_scp_amt")
        amounts = dict(claim.amounts_fen) | {"inscp_scp_amt": (found.base_fen or 0) + change["fen"] - rest}
        other = replace(other, amounts_fen=amounts)
    spans = person.spans
    if change["category_code"]:
        day = change["held_on"]
        spans = (*spans, IdentitySpan(change["category_code"], Span(day, day + timedelta(days=1))))
    return replace(person, claims=tuple(other if one is claim else one for one in person.claims), spans=spans)


def refusals(counties: list[Drawn]) -> Iterator[tuple[Plan, Person, Claim, Assessment, dict[str, Any]]]:
    """Refused claims whose record names a change that is enough."""
    for county, rows in counties:
        named = {(row["event_id"], row["event_kind"]): row["change"] for row in rows if row["outcome"] == "REFUSED"}
        for person in county.people:
            result = calculator.assess_person(county.plan, events=person.claims, spans=person.spans, decided=person.decided)
            assessed = {one.event_id: one for one in result.assessments}
            for claim in person.claims:
                change = named.get((claim.event_id, claim.kind.value))
                if change is not None and change["needed_on"] is None and not _shares_a_day(person, claim, change):
                    yield county.plan, person, claim, assessed[claim.event_id], change


def _shares_a_day(person: Person, claim: Claim, change: dict[str, Any]) -> bool:
    """Whether an identity on that day would touch another claim of the person as well."""
    others = (one for one in person.claims if one is not claim)
    return bool(change["category_code"]) and any(change["held_on"] in (one.since, one.until_on, one.settled_on) for one in others)


def relief(plan: Plan, person: Person, claim: Claim) -> int:
    result = calculator.assess_person(plan, events=person.claims, spans=person.spans, decided=person.decided)
    return next(one.relief_fen for one in result.assessments if one.event_id == claim.event_id)


def test_the_change_that_a_record_names_brings_relief(counties: list[Drawn]) -> None:
    reasons: Counter[str | None] = Counter()
    for plan, person, claim, found, change in refusals(counties):
        assert relief(plan, changed(plan, person, claim, found, change), claim) > 0, (found, change)
        reasons[found.reason_code] += 1
    assert {"NO_CATEGORY", "CARE_NOT_COVERED", "NOTHING_LEFT", "BELOW_DEDUCTIBLE", "CAP_REACHED"} <= set(reasons)
    assert sum(reasons.values()) > 120


def test_no_record_names_a_change_for_a_benefit_that_a_department_refused(counties: list[Drawn]) -> None:
    told = Counter[bool]()
    for plan, person, claim, found, change in refusals(counties):
        pairs = [(benefit, rate) for benefit in plan.benefits for rate in benefit.rates]
        benefit, _ = pairs[change["pair_no"] - 1]
        assert (benefit.code, claim.benefit_year) not in person.decided.refused, (found, change)
        told[bool(person.decided.refused)] += 1
    assert told[True] > 20, "people to whom something was refused are told other changes"
    said = {row["reason_code"]: row["sentence_zh"] for _, rows in counties for row in rows}
    assert "可申请复核" in said["BENEFIT_REFUSED"]


def test_one_fen_less_than_the_change_is_not_enough(counties: list[Drawn]) -> None:
    tried = 0
    for plan, person, claim, found, change in refusals(counties):
        if change["fen"]:
            less = changed(plan, person, claim, found, change | {"fen": change["fen"] - 1})
            assert relief(plan, less, claim) <= 0, (found, change)
            tried += 1
    assert tried > 20
