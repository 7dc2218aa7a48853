"""The smallest change of a refused claim where steps run one after the other: halving for a mark before or after the cap, a
deductible that is met once for all years, several conditions at once. Under it the reference gives relief, a fen below none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import duckdb
import pytest
from tests.conftest import Shard
from tests.properties.mutation import Mutant, running
from tests.properties.relief_cases import County, county_of
from tests.properties.relief_sides import facts
from tests.properties.test_calculation_records import _shares_a_day, changed, relief
from tests.sql.given import fetched

from mianshen.core.money import PPM
from mianshen.core.plan import Benefit, Clause, EventKind, Plan, Status
from mianshen.core.rates import Condition, Modifier, Period, Position
from mianshen.core.spans import Span
from mianshen.policy import calculator
from mianshen.policy.arrange import Decided
from mianshen.policy.claims import Claim
from mianshen.policy.results import Assessment
from mianshen.warehouse import assessing
from mianshen.warehouse.record_inverse import is_inverted
from mianshen.warehouse.records import RECORD

SEEDS = range(16)
Refused = tuple[Plan, Any, Claim, Assessment, dict[str, Any]]


def drawn(seed: int) -> County:
    """A drawn county in which most benefits for care halve for a mark, or have a deductible that lasts for years."""
    draw = Random(f"steps {seed}")
    county = county_of(draw, people=10, is_varied=False)
    plan = county.plan
    made = tuple(one if one.counts_window_relief or one.event_kind is not EventKind.CARE else _stepped(draw, plan, one)
                 for one in plan.benefits)  # fmt: skip
    counting = [one.code for one in made if one.counts_window_relief]
    ordered = tuple(sorted(made, key=lambda one: one.code not in counting))
    base = Clause("base", "drawn", "1", "基数", Status.ILLUSTRATIVE)
    people = tuple(
        replace(
            one,
            claims=tuple(_a_year_before(claim) if draw.random() < 0.4 else claim for claim in one.claims),
            spans=tuple(replace(span, span=Span(date(2024, 1, 1), span.span.until), is_provisional=False) for span in one.spans),
            decided=Decided(),
        )
        for one in county.people
    )
    return County(replace(plan, benefits=ordered, clauses=(*plan.clauses, base)), people)


def _a_year_before(claim: Claim) -> Claim:
    """The same claim of the year before, so that what lasts for years has begun."""
    since, until_on, settled_on = (day - timedelta(days=365) for day in (claim.since, claim.until_on, claim.settled_on))
    settled_at = claim.settled_at and claim.settled_at - timedelta(days=365)
    year = claim.benefit_year - 1
    return replace(claim, benefit_year=year, since=since, until_on=until_on, settled_on=settled_on, settled_at=settled_at)


def _stepped(draw: Random, plan: Plan, one: Benefit) -> Benefit:
    rates = tuple(
        replace(rate, deductible=replace(rate.deductible, period=draw.choice((Period.ONCE, Period.YEAR)))) for rate in one.rates
    )
    modifiers = tuple(
        _halved(draw, plan, one, position) for position in draw.choice(((), tuple(Position), (Position.AFTER_CAP,)))
    )
    kept = tuple(modifier for modifier in modifiers if modifier.position is Position.AFTER_CAP or _is_whole(one, modifier))
    return replace(one, rates=rates, modifiers=kept)


def _halved(draw: Random, plan: Plan, one: Benefit, position: Position) -> Modifier:
    marks = tuple(sorted(draw.sample([category.code for category in plan.categories], 2)))
    return Modifier(Condition(marks=marks), position, one.rates[0].clause_id, factor_ppm=draw.choice((500_000, 250_000)))


def _is_whole(one: Benefit, modifier: Modifier) -> bool:
    """Whether the loader takes it: a ratio times its factor is whole parts per million."""
    return all(bracket.ratio_ppm * (modifier.factor_ppm or 0) % PPM == 0 for rate in one.rates for bracket in rate.brackets)


@pytest.fixture(scope="module")
def refused() -> list[Refused]:
    """Refused claims whose record names a change of a stepped benefit that is enough by itself."""
    return [one for seed in SEEDS for one in _refused(drawn(seed))]


def _refused(county: County) -> Iterator[Refused]:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, county)
        years = sorted({claim.benefit_year for person in county.people for claim in person.claims})
        assessing.assess_claims(connection, [(county.plan, years)], with_records=True)
        rows = fetched(connection, f"select * from {RECORD} where outcome = 'REFUSED' and change is not null")
    named = {(row["event_id"], row["event_kind"]): row["change"] for row in rows}
    pairs = [benefit for benefit in county.plan.benefits for _ in benefit.rates]
    for person in county.people:
        result = calculator.assess_person(county.plan, events=person.claims, spans=person.spans)
        assessed = {one.event_id: one for one in result.assessments}
        for claim in person.claims:
            change = named.get((claim.event_id, claim.kind.value))
            if change is None or change["needed_on"] is not None or _shares_a_day(person, claim, change):
                continue
            if is_inverted(pairs[change["pair_no"] - 1]):
                yield county.plan, person, claim, assessed[claim.event_id], change


def test_the_change_of_a_stepped_benefit_brings_relief(refused: list[Refused]) -> None:
    reasons: Counter[str | None] = Counter()
    several = 0
    for plan, person, claim, found, change in refused:
        assert relief(plan, changed(plan, person, claim, found, change), claim) > 0, (found, change)
        reasons[found.reason_code] += 1
        several += (change["category_code"] is not None) + (change["med_type"] is not None) + (change["fen"] > 0) > 1
    assert {"NO_CATEGORY", "CARE_NOT_COVERED", "BELOW_DEDUCTIBLE", "CAP_REACHED"} <= set(reasons), reasons
    assert sum(reasons.values()) > 100 and several > 20, (reasons, several)


def test_a_fen_less_of_a_stepped_benefit_is_not_enough(refused: list[Refused]) -> None:
    tried = 0
    for plan, person, claim, found, change in refused:
        if change["fen"]:
            less = changed(plan, person, claim, found, change | {"fen": change["fen"] - 1})
            assert relief(plan, less, claim) <= 0, (found, change)
            tried += 1
    assert tried > 50


FAULTS = tuple(
    Mutant(name, "out.record_change", old, new)
    for name, old, new in (
        ("what was halved before is forgotten", "- 500000 - r.cut_before", "- 500000"),
        (
            "a lasting deductible begins anew each year",
            "if(a.is_lasting, r.ever_borne_fen, r.year_borne_fen)",
            "r.year_borne_fen",
        ),
        ("the category that is wanting halves nothing", "if(needs_category, category_bit, 0) as held_then", "0 as held_then"),
        ("what was weighed before is forgotten", "- 500000 - weight_before)", "- 500000)"),
        ("the cap is forgotten", "where cap_fen is null or aim_paid_fen <= cap_fen\n),\n\nbrought", "),\n\nbrought"),
        ("what was received before is forgotten", "((r.received_before_fen + 1)", "((0 + 1)"),
    )
)


def _is_wrong(one: Refused) -> bool:
    """Whether the change gives no relief, or one fen less of it does too."""
    plan, person, claim, found, change = one
    if relief(plan, changed(plan, person, claim, found, change), claim) <= 0:
        return True
    less = changed(plan, person, claim, found, change | {"fen": change["fen"] - 1})
    return bool(change["fen"]) and relief(plan, less, claim) > 0


@pytest.mark.proof
def test_a_change_that_forgets_a_step_is_caught(shard: Shard) -> None:
    alive = []
    for fault in shard.take(FAULTS):
        with running(fault):
            if not any(_is_wrong(one) for seed in SEEDS for one in _refused(drawn(seed))):
                alive.append(fault.name)
    assert alive == []
