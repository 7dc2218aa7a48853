"""A shared purse over very many visits: what each claim takes hangs on all before it, and is the same in both computations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.properties.relief_cases import County, Person
from tests.properties.relief_sides import by_sql, difference
from tests.sql.small_plan import benefit, plan, rate

from mianshen.core.plan import Bucket, EventKind, Plan
from mianshen.core.spans import Span
from mianshen.policy.claims import Claim, IdentitySpan

VISITS = 500


def shared(*, low: int, high: int) -> Plan:
    """Two benefits of one purse, and a last one that pays on what they leave."""
    one = plan(
        benefit("first", rate("DIBAO", 500_000), rate("TEKUN", 300_000, deductible=20_000)),
        benefit("second", rate("DIBAO", 400_000, deductible=9_000), rate("TEKUN", 600_000, deductible=50_000)),
        benefit("last", rate("DIBAO", 333_333), rate("TEKUN", 700_000)),
    )
    sharing = tuple(replace(made, bucket_code="purse") if made.code != "last" else made for made in one.benefits)
    return replace(one, benefits=sharing, buckets=(Bucket("purse", "共用", (("DIBAO", low), ("TEKUN", high)), "purse"),))


def burden(number: int) -> dict[str, int]:
    """What the visit costs."""
    return {"inscp_scp_amt": 200 + 61 * (number % 29)}


def visitor(visits: int) -> Person:
    """One with a visit a day or so, of two categories that come and go."""
    days = [date(2026, 1, 1) + timedelta(days=number * 360 // visits) for number in range(visits)]
    claims = tuple(
        Claim(
            f"S{visits}-{number:04d}",
            EventKind.CARE,
            2026,
            day,
            day,
            day,
            amounts_fen={"inscp_scp_amt": 200 + 61 * (number % 29)},
        )
        for number, day in enumerate(days)
    )
    spans = [IdentitySpan("DIBAO", Span(date(2026, 1, 1), None))]
    spans += [IdentitySpan("TEKUN", Span(date(2026, month, 1), date(2026, month, 20))) for month in (2, 4, 6, 8, 10)]
    return Person(f"100999P{visits}", claims, tuple(spans))


@pytest.mark.parametrize(("low", "high"), [(90_000, 120_000), (250_000, 180_000), (0, 60_000)])
def test_five_hundred_visits_of_one_person_take_the_same_in_both(low: int, high: int) -> None:
    county = County(shared(low=low, high=high), (visitor(VISITS), visitor(3)))
    assert difference(county) == ""
    assert by_sql(county) != by_sql(replace(county, plan=shared(low=10**9, high=10**9))), "the purse was used up"
