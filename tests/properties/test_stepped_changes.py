"""The smallest change of a refused claim where steps run one after the other: every step of a rate by itself, halving for a mark,
sums of the year, a January that pays whole, shared purses. Under it the reference gives relief, a fen less of it none."""

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
from tests.properties.mutation import Mutant, running, text_with
from tests.properties.relief_cases import County, Person, county_of
from tests.properties.relief_sides import facts
from tests.properties.test_calculation_records import _shares_a_day, changed
from tests.properties.test_stepped_records import drawn as drawn_on
from tests.sql.given import fetched

from mianshen.core.money import PPM
from mianshen.core.plan import Benefit, Clause, EventKind, Plan, Status
from mianshen.core.rates import Condition, Modifier, Period, Position
from mianshen.core.spans import Span
from mianshen.policy import calculator
from mianshen.policy.arrange import Decided
from mianshen.policy.claims import Claim
from mianshen.policy.results import Assessment, PersonResult
from mianshen.warehouse import assessing
from mianshen.warehouse.records import RECORD

SEEDS = range(7)
FOCUSED = (
    *((on, 1) for on in ("deductible", "admission", "brackets", "bands", "rounding", "caps", "limits", "modifiers", "purse")),
    *(("gate", 0), ("category", 0), ("leap", 5), ("leap", 9), ("january", 3)),
)
"""Counties whose benefits have one kind of step, with their seeds."""
LOOKED_ON = date(2027, 2, 1)
"""The day of the computation: the years before 2027 are over."""
Refused = tuple[Plan, Person, Claim, Assessment, dict[str, Any]]


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
    """Refused claims whose record names a change that is enough by itself."""
    return list(_all_refused())


def _all_refused() -> Iterator[Refused]:
    yield from (one for seed in SEEDS for one in _refused(drawn(seed)))
    yield from (one for on, seed in FOCUSED for one in _refused(drawn_on(on, seed)))


def _refused(county: County) -> Iterator[Refused]:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, county)
        years = sorted({claim.benefit_year for person in county.people for claim in person.claims})
        assessing.assess_claims(connection, [(county.plan, years)], with_records=True, on=LOOKED_ON)
        rows = fetched(connection, f"select * from {RECORD} where outcome = 'REFUSED' and change is not null")
    named = {(row["event_id"], row["event_kind"]): row["change"] for row in rows}
    for person in county.people:
        looked = replace(person, decided=replace(person.decided, on=LOOKED_ON))
        assessed = {one.event_id: one for one in assess(county.plan, looked).assessments}
        for claim in person.claims:
            change = named.get((claim.event_id, claim.kind.value))
            if change is not None and change["needed_on"] is None and not _shares_a_day(person, claim, change):
                yield county.plan, looked, claim, assessed[claim.event_id], change


def assess(plan: Plan, person: Person) -> PersonResult:
    return calculator.assess_person(plan, events=person.claims, spans=person.spans, decided=person.decided)


def is_helped(one: Refused, *, by: int = 0) -> bool:
    """Whether the reference gives relief under the change with so much more burden: to the claim, or to the year of a sum."""
    plan, person, claim, found, change = one
    result = assess(plan, changed(plan, person, claim, found, change | {"fen": change["fen"] + by}))
    benefit = benefit_of(one)
    if benefit.is_year_jump:
        told = (line for line in result.lines if line.benefit_code == benefit.code)
        return any(line.event_id is None and line.benefit_year == claim.benefit_year for line in told)
    return any(verdict.event_id == claim.event_id and verdict.relief_fen > 0 for verdict in result.assessments)


def benefit_of(one: Refused) -> Benefit:
    plan, *_, change = one
    return [benefit for benefit in plan.benefits for _ in benefit.rates][change["pair_no"] - 1]


def test_the_change_of_a_stepped_benefit_brings_relief(refused: list[Refused]) -> None:
    reasons: Counter[str | None] = Counter()
    several = sums = 0
    for one in refused:
        *_, found, change = one
        assert is_helped(one), (found, change)
        reasons[found.reason_code] += 1
        several += (change["category_code"] is not None) + (change["med_type"] is not None) + (change["fen"] > 0) > 1
        sums += benefit_of(one).is_year_jump
    assert {"NO_CATEGORY", "CARE_NOT_COVERED", "BELOW_DEDUCTIBLE", "CAP_REACHED", "NOTHING_LEFT"} <= set(reasons), reasons
    assert sum(reasons.values()) > 200 and several > 20 and sums > 5, (reasons, several, sums)


def test_a_fen_nearer_to_what_was_is_not_enough(refused: list[Refused]) -> None:
    """More by a fen less; and where only less burden helps, less by a fen more."""
    tried: Counter[bool] = Counter()
    for one in refused:
        fen = one[-1]["fen"]
        if fen:
            assert not is_helped(one, by=-1 if fen > 0 else 1), one[-2:]
            tried[fen > 0] += 1
    assert tried[True] > 100 and tried[False] > 10, tried


_BEFORE = (
    ("the category that is wanting halves nothing", "held := a.held_then,", "held := a.held_then & ~p.category_bit,"),
    ("every admission is the first", "least(greatest(a.admission_no, 1), len(a.turn.deductibles))", "1"),
    ("the rest of the year is forgotten", "coalesce(y.year_fen, 0) +", ""),
    ("no deductible is waived", "any_fits(a.turn.waived, a.claim) as is_waived", "false as is_waived"),
)
_BACKWARDS = (
    ("what was halved before is forgotten", "                    - coalesce(cut_before, 0),", "                    - 0,"),
    ("what was weighed before is forgotten", "- coalesce(weight_before, 0) as aim_weight", "as aim_weight"),
    ("the caps are forgotten", "(room_fen is null or aim_paid_fen <= room_fen) and ", ""),
    ("what was received before is forgotten", "coalesce(best_before_fen, 0) + 1", "1"),
    ("a gate opens at its amount in any case", "if(turn.opens_above, 1, 0)", "0"),
    ("a band holds its upper bound", "if(turn.is_banded, 1, 0)", "0"),
    ("no variant fits", "lambda other: condition_fits(other.condition, claim)", "lambda other: false"),
    ("no year is over", "or benefit_year >= $this_year", "or true"),
    ("a limit lets everything through", "when most_weight is null then null", "when true then null"),
    ("whatever category counts for the year", "        not is_one_category\n", "        true\n"),
    ("what was deducted before is forgotten", "deductible_fen - coalesce(borne_before_fen, 0)", "deductible_fen"),
    ("brackets begin anew", "if(turn.is_banded, 0, coalesce(measured_before_fen, 0))", "0"),
)
FAULTS = (
    *(Mutant(name, "out.record_stood", old, new) for name, old, new in _BEFORE),
    *(Mutant(name, "out.record_turned", old, new) for name, old, new in _BACKWARDS),
    Mutant("a purse is never used up", "out.record_asked", "or u.used_fen <", "or 0 <"),
)


def _is_wrong(one: Refused) -> bool:
    """Whether the change gives no relief, or one fen less of it does too."""
    fen = one[-1]["fen"]
    return not is_helped(one) or (bool(fen) and is_helped(one, by=-1 if fen > 0 else 1))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_a_fault_changes_stands_in_the_product(fault: Mutant) -> None:
    assert text_with(fault)


@pytest.mark.proof
def test_a_change_that_forgets_a_step_is_caught(shard: Shard) -> None:
    alive = []
    for fault in shard.take(FAULTS):
        with running(fault):
            if not any(map(_is_wrong, _all_refused())):
                alive.append(fault.name)
    assert alive == []
