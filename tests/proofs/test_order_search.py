"""The order search against brute force: every permitted order of seven departments is gone through claim by claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from random import Random

import duckdb
import pytest
from tests.conftest import Shard
from tests.properties.relief_cases import County, Person
from tests.properties.relief_sides import ORDER, facts
from tests.sql.small_plan import benefit, plan, rate

from mianshen.core.plan import EventKind, Plan
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.warehouse.assessing import assess_claims

PERSON_YEARS = 5_000
CATEGORIES = tuple(f"CATEGORY_{place:02d}" for place in range(12))
DEPARTMENTS = 7
FREE = (2, 3, 4, 5)
"""Places of the departments whose order is free: 24 legal orders."""
YEAR = 2026


def departments() -> Plan:
    """Seven departments, each for eight of the twelve categories."""
    made = plan(
        *(
            benefit(
                f"department_{place}",
                *(
                    rate(
                        category,
                        200_000 + 50_000 * ((number + place) % 9),
                        deductible=3_000 * ((number + 2 * place) % 5),
                        cap=50_000 + 10_000 * ((number + 3 * place) % 7),
                    )
                    for number, category in enumerate(CATEGORIES)
                    if (number + place) % 3
                ),
            )
            for place in range(DEPARTMENTS)
        )
    )
    return replace(made, arrangements=tuple(orders()))


def orders() -> list[tuple[str, ...]]:
    """Every legal order as codes, the printed one first."""
    found = []
    for order in permutations(FREE):
        taken = dict(zip(FREE, order, strict=True))
        found.append(tuple(f"department_{taken.get(place, place)}" for place in range(DEPARTMENTS)))
    return found


def person(number: int) -> Person:
    """One to four claims of the year; up to three categories that come and go."""
    draw = Random(f"person-year {number}")
    first = date(YEAR, 1, 1)
    claims = []
    for visit in range(draw.randint(1, 4)):
        day = first + timedelta(days=draw.randrange(360))
        amounts = {"inscp_scp_amt": draw.randint(1_000, 300_000)}
        claims.append(Claim(f"S{number}-{visit}", EventKind.CARE, YEAR, day, day, day, amounts_fen=amounts))
    spans = []
    for category in draw.sample(CATEGORIES, draw.randint(1, 3)):
        since = first - timedelta(days=draw.randrange(-200, 300))
        spans.append(IdentitySpan(category, Span(since, draw.choice((None, since + timedelta(days=150))))))
    return Person(f"100999P{number:05d}", tuple(claims), tuple(spans))


def brute_force(plan: Plan, one: Person) -> list[int]:
    """What each legal order brings in, by its number, each as the only one of a policy that prints it."""
    benefits = {made.code: made for made in plan.benefits}
    found = []
    for order in plan.arrangements:
        printed = replace(plan, arrangements=(), benefits=tuple(benefits[code] for code in order))
        lines = assess_person(printed, events=one.claims, spans=one.spans).lines
        found.append(sum(line.entitled_fen for line in lines))
    return found


@pytest.mark.proof
def test_totals_and_chosen_orders_are_those_of_brute_force(shard: Shard) -> None:
    plan = departments()
    people = [person(number) for number in shard.take(range(PERSON_YEARS))]
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, County(plan, tuple(people)))
        assess_claims(connection, [(plan, [YEAR])])
        rows = connection.execute(f"select {', '.join(ORDER)} from out.order_tried").fetchall()
        query = "select person_key, sum(entitled_fen) from out.award_line group by all"
        paid = {who: int(fen) for who, fen in connection.execute(query).fetchall()}
    tried: dict[str, dict[int, int]] = {}
    chosen: dict[str, int] = {}
    for who, _, order_no, total, is_chosen in rows:
        tried.setdefault(who, {})[order_no] = total
        if is_chosen:
            chosen[who] = order_no
    several = 0
    for one in people:
        totals = brute_force(plan, one)
        assert paid.get(one.person_key, 0) == max(totals), one.person_key
        if one.person_key not in tried:
            assert len(set(totals)) == 1, one.person_key
            continue
        several += 1
        assert {number: totals[number] for number in tried[one.person_key]} == tried[one.person_key], one.person_key
        assert set(tried[one.person_key].values()) == set(totals), f"{one.person_key}: every sum that an order brings is shown"
        assert chosen[one.person_key] == totals.index(max(totals)), f"{one.person_key}: of equal orders the lowest number"
    assert several > len(people) // 2
