"""Drawn policies and people: dense, so that most claims meet a threshold, a tie, a cap or a gap; reduced when they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from tests.properties.relief_identities import pressed, with_base, with_identities
from tests.properties.relief_plans import arranged_plan, shared_plan, smaller_plans
from tests.properties.relief_steps import CARE_PLACES, CATEGORIES, COMBINED, DISEASES, HOSPITAL_LEVELS, focused, varied

from mianshen.core.plan import Benefit, Category, Clause, EventKind, MafCounting, Plan, Status, Term, Tier
from mianshen.core.rates import Bracket, Cap, Deductible, Rate
from mianshen.core.reviews import PAYERS
from mianshen.core.spans import Span
from mianshen.policy.arrange import Decided
from mianshen.policy.claims import Claim, IdentitySpan

MED_TYPES = ("11", "14", "14", "21", "21", None)
FIELDS = ("inscp_scp_amt", "hifp_pay", "oth_pay")
ABSENT = ("zero", "unknown", "provisional")
PAYER_FIELDS = tuple(one.value.lower() for one in PAYERS)
RATIOS = (0, 1, 100_000, 333_333, 355_000, 500_000, 700_000, 900_000, 999_999, 1_000_000)
LENGTHS = (1, 7, 100, 300, 1_000, 40_000)
DEDUCTIBLES = (0, 0, 0, 1, 99, 300, 2_000)
CAPS = (None, None, None, 0, 1, 50, 333, 5_000)
EDGES = (0, 1, 99, 100, 101, 299, 300, 301)
HUGE = 10**11
FIRST = date(2026, 1, 1)
YEARS = (2025, 2026, 2027)


@dataclass(frozen=True)
class Person:
    """One drawn person."""

    person_key: str
    claims: tuple[Claim, ...]
    spans: tuple[IdentitySpan, ...]
    decided: Decided = field(default_factory=Decided)


@dataclass(frozen=True)
class County:
    """A policy and the people that it meets."""

    plan: Plan
    people: tuple[Person, ...]


def county_of(draw: Random, *, people: int = 12, is_varied: bool | None = None) -> County:
    """A drawn policy and people; a varied one has steps beyond a yearly deductible, brackets and cap (None draws that too).

    Only one that is not varied for certain has neither purses nor orders nor anything that departments decided.
    """
    plan = _plan(draw, is_varied=draw.random() < 0.6 if is_varied is None else is_varied)
    drawn = County(plan, tuple(_person(draw, f"P{place}", plan.benefit_year_by) for place in range(people)))
    return drawn if is_varied is False else decided(draw, arranged(draw, shared(draw, drawn)))


def focused_county(draw: Random, on: str, *, people: int = 25) -> County:
    """A county of one benefit with one kind of step (relief_steps.FOCI), whose people hold most categories at all times."""
    plan = _plan(draw, is_varied=False)
    care = next(one for one in plan.benefits if one.event_kind is EventKind.CARE)
    rated = tuple(_rate(draw, code, f"clause.1.{code.lower()}") for code in sorted(draw.sample(CATEGORIES, 2)))
    made = (focused(draw, replace(care, code="benefit_1", rates=rated), on),)
    if on in {"leap", "january"} or (on == "identity" and draw.random() < 0.5):
        made += (_benefit(draw, 2, EventKind.CARE, counts_window_relief=False),)
    if on in COMBINED:
        made = tuple(_for_all(draw, place) for place in range(1, draw.choice((3, 4))))
    rates = (rate for one in made for rate in one.rates)
    clauses = tuple(Clause(one.clause_id, "drawn", "1", "一", Status.ILLUSTRATIVE) for one in rates)
    plan = replace(
        plan,
        base=(Term("inscp_scp_amt", 1, "zero"),),
        maf_counts_as=MafCounting.EARLIER_PAYER,
        admission_med_types=("21",),
        tiers=tuple(Tier(code, code, code) for code in sorted({one.tier_code for one in made})),
        benefits=made,
        clauses=clauses,
    )
    if on == "identity":
        plan = with_identities(draw, plan)
        drawn = (_person(draw, f"P{place}", plan.benefit_year_by) for place in range(2 * people))
        return County(plan, tuple(replace(one, spans=(*one.spans[:1], *pressed(draw, one.claims))) for one in drawn))
    plan = with_base(draw, plan) if on == "base" else plan
    plan = replace(plan, january_day=draw.choice((1, 20, 21, 31)))
    found = (_person(draw, f"P{place}", plan.benefit_year_by) for place in range(people))
    insured = tuple(_insured(draw, one) for one in found)
    county = County(plan, tuple(_doubted(draw, one) for one in insured) if on in {"leap", "january", *COMBINED} else insured)
    if on == "purse":
        county = shared(draw, county, is_sure=True)
    return decided(draw, arranged(draw, county, is_sure=True)) if on == "order" else county


def _for_all(draw: Random, place: int) -> Benefit:
    """A benefit of two categories for most care, with no step that hides the others' part."""
    made = _benefit(draw, place, EventKind.CARE, counts_window_relief=False)
    made = replace(made, valid_since=date(2025, 1, 1), valid_until=None, dise_codes=())
    rates = tuple(
        replace(one, caps=one.caps if draw.random() < 0.3 else (), brackets=(Bracket(0, None, draw.choice(RATIOS[2:9])),))
        for one in made.rates
    )
    return replace(made, rates=rates)


def _doubted(draw: Random, person: Person) -> Person:
    """Now and then one whose lists have not come."""
    may_fail = draw.random() < 0.3
    return replace(person, spans=tuple(replace(one, is_provisional=may_fail and draw.random() < 0.5) for one in person.spans))


def _insured(draw: Random, person: Person) -> Person:
    codes = draw.sample(CATEGORIES, draw.choice((2, 3, 5)))
    always = tuple(IdentitySpan(one, Span(date(2025, 1, 1), None), is_provisional=False) for one in codes)
    return replace(person, spans=(*always, *person.spans[:1]))


def _plan(draw: Random, *, is_varied: bool) -> Plan:
    drawn = (EventKind.CARE, EventKind.CARE, EventKind.CARE, EventKind.ENROLMENT, EventKind.ENROLMENT, EventKind.SERVICE)
    kinds = [EventKind.CARE, *draw.choices(drawn, k=draw.choice((0, 1, 2, 3, 4)))]
    draw.shuffle(kinds)
    counting = draw.choice(tuple(MafCounting))
    care = [place for place, kind in enumerate(kinds) if kind is EventKind.CARE]
    counter = draw.choice((care[0], draw.choice(care))) if counting is MafCounting.SAME_BENEFIT else None
    made = tuple(_benefit(draw, place + 1, kind, counts_window_relief=place == counter) for place, kind in enumerate(kinds))
    if is_varied:
        made = tuple(varied(draw, one) for one in made)
    base = [Term(name, 1 if name == "inscp_scp_amt" else -1, draw.choice(("zero", "unknown"))) for name in FIELDS]
    if counting is MafCounting.EARLIER_PAYER:
        base.append(Term("maf_pay", -1, draw.choice(("zero", "unknown"))))
    if draw.random() < 0.1:
        base.append(Term("never_delivered_amt", -1, draw.choice(("zero", "zero", "unknown"))))
    base += [Term(name, -1, draw.choice(ABSENT)) for name in PAYER_FIELDS if draw.random() < 0.25]
    plan = Plan(
        pack="drawn",
        county_code="100999",
        county_name_zh="虚构县",
        in_force_on=date(2026, 10, 31),
        policy_hash="0" * 64,
        benefit_year_by=draw.choice(("settlement", "discharge")),
        base=tuple(base),
        maf_counts_as=counting,
        tiers=tuple(Tier(code, code, code) for code in sorted({one.tier_code for one in made})),
        benefits=made,
        categories=tuple(Category(code, code, code, "civil_affairs", Status.ILLUSTRATIVE) for code in CATEGORIES),
        service_package_fen=draw.choice((150, 15_000)) if EventKind.SERVICE in kinds else draw.choice((None, None, 1)),
        admission_med_types=draw.choice(((), ("21",), ("21",), ("14", "21"))),
        clauses=tuple(Clause(rate.clause_id, "drawn", "1", "一", Status.ILLUSTRATIVE) for one in made for rate in one.rates),
    )
    return with_identities(draw, plan) if is_varied and draw.random() < 0.6 else plan


def _benefit(draw: Random, place: int, kind: EventKind, *, counts_window_relief: bool) -> Benefit:
    is_care = kind is EventKind.CARE
    rated = sorted(draw.sample(CATEGORIES, draw.choice((1, 3, 4, 5))))
    return Benefit(
        code=f"benefit_{place}",
        name_zh=f"待遇{place}",
        name_en=f"benefit {place}",
        tier_code=f"tier_{(place + 1) // 2}",
        department_code=f"department_{place % 3}",
        fund_code=f"fund_{place % 2}",
        event_kind=kind,
        med_types=draw.choice(((), (), (), ("11", "14"), ("14", "21"))) if is_care else (),
        dise_codes=draw.choice(((), (), (), (), ("M0", "E1"), ("C34", "M02", "E"))) if is_care else (),
        rates=tuple(_rate(draw, code, f"clause.{place}.{code.lower()}") for code in rated),
        valid_since=draw.choice((date(2025, 1, 1), date(2025, 1, 1), FIRST, date(2026, 3, 1))),
        valid_until=draw.choice((None, None, None, date(2026, 9, 1), date(2027, 1, 1))),
        counts_window_relief=counts_window_relief,
    )


def _rate(draw: Random, category_code: str, clause_id: str) -> Rate:
    low, brackets = 0, []
    for length in draw.choices(LENGTHS, k=draw.choice((0, 0, 1, 2))):
        brackets.append(Bracket(low, low + length, draw.choice(RATIOS)))
        low += length
    brackets.append(Bracket(low, draw.choice((None, None, low + 500)), draw.choice(RATIOS)))
    deductible, cap = draw.choice(DEDUCTIBLES), draw.choice(CAPS)
    return Rate(category_code, Deductible((deductible,)), tuple(brackets), () if cap is None else (Cap(cap),), clause_id)


def _person(draw: Random, person_key: str, benefit_year_by: str) -> Person:
    names = draw.sample(("S1", "S10", "S2", "s1", "结1", "𠮷1", "S-1", "", "S3", "S4"), draw.randint(2, 9))
    busy = (_day(draw), _day(draw))
    claims = tuple(_claim(draw, f"{person_key}{name}", benefit_year_by, busy) for name in names)
    return Person(person_key, claims, tuple(_span(draw, claims) for _ in range(draw.choice((0, 1, 2, 2, 3, 3, 4)))))


def _day(draw: Random) -> date:
    edge = draw.choice((FIRST, date(2026, 3, 1), date(2026, 9, 1), date(2027, 1, 1))) - timedelta(days=draw.choice((0, 0, 1)))
    return draw.choice((edge, FIRST + timedelta(days=draw.randint(0, 300)), FIRST + timedelta(days=draw.randint(-40, 420))))


def _claim(draw: Random, event_id: str, benefit_year_by: str, busy: tuple[date, ...]) -> Claim:
    since = draw.choice((*busy, _day(draw)))
    if draw.random() < 0.12:
        return Claim(event_id, EventKind.ENROLMENT, draw.choice(YEARS), since, since, since, fee_fen=_fen(draw))
    if draw.random() < 0.12:
        stopped = draw.choice((None, None, ("REFUSED", "SERVICE_NOT_PASSED")))
        return Claim(event_id, EventKind.SERVICE, draw.choice(YEARS), since, since, since, stopped=stopped)
    until_on = since + timedelta(days=draw.choice((0, 0, 1, 45)))
    settled_on = until_on + timedelta(days=draw.choice((0, 0, 1, 30)))
    clock = draw.choice((None, None, "00:00:00", "10:30:00", "10:30:00.5", "23:59:59"))
    amounts = {name: None if draw.random() < 0.05 else draw.choice((0, 0, _fen(draw))) for name in (*FIELDS, "maf_pay")}
    amounts |= {name: draw.choice((None, 0, 0, 0, _fen(draw))) for name in PAYER_FIELDS}
    if amounts["inscp_scp_amt"] is not None:
        amounts["inscp_scp_amt"] = draw.choice((_fen(draw), draw.randint(500, 9_000), draw.randint(500, 90_000)))
    return Claim(
        event_id=event_id,
        kind=EventKind.CARE,
        benefit_year=(until_on if benefit_year_by == "discharge" else settled_on).year,
        since=since,
        until_on=until_on,
        settled_on=settled_on,
        settled_at=datetime.fromisoformat(f"{settled_on} {clock}") if clock else None,
        med_type=draw.choice(MED_TYPES),
        dise_code=draw.choice(DISEASES),
        amounts_fen=amounts,
        stay_id=draw.choice((None, None, f"{event_id[:2]}-1", f"{event_id[:2]}-2")),
        hosp_level=draw.choice(HOSPITAL_LEVELS),
        care_place=draw.choice(CARE_PLACES),
        is_referred=draw.choice((None, True, False)),
    )


def _fen(draw: Random) -> int:
    return draw.choice((draw.choice(EDGES), draw.randint(0, 3_000), draw.choice((250_000, HUGE)) if draw.random() < 0.1 else 150))


def _span(draw: Random, claims: tuple[Claim, ...]) -> IdentitySpan:
    """Of all time, of some time, or touching one of the days that count of a claim."""
    near = draw.choice(claims)
    touching = draw.choice((near.since, near.until_on, near.settled_on)) + timedelta(days=draw.choice((-1, 0, 0, 1)))
    since = draw.choice((date(2025, 1, 1), date(2025, 1, 1), _day(draw), touching))
    length = draw.choice((1, 2, 31)) if since == touching else draw.choice((None, None, None, 31, 200, 600))
    code = draw.choice((*CATEGORIES, *CATEGORIES, *CATEGORIES, "UNLISTED"))
    until = None if length is None else since + timedelta(days=length)
    applied_on = draw.choice((None, touching, near.since + timedelta(days=draw.randint(0, 430)), date(2024, 2, 29)))
    is_local = draw.choice((None, True, True, False))
    return IdentitySpan(code, Span(since, until), draw.random() < 0.25, applied_on, is_local)


def reduced(county: County, *, still_differs: Callable[[County], bool]) -> County:
    """A smaller county that still differs: people, claims, spans and benefits are taken away while it does."""
    while True:
        smaller = next((one for one in _smaller(county) if still_differs(one)), None)
        if smaller is None:
            return county
        county = smaller


def _smaller(county: County) -> Iterator[County]:
    people, plan = county.people, county.plan
    for place, person in enumerate(people):
        if len(people) > 1:
            yield replace(county, people=(person,))
        for name in ("claims", "spans"):
            for part in range(len(getattr(person, name))):
                listed = getattr(person, name)
                less = replace(person, **{name: listed[:part] + listed[part + 1 :]})
                yield replace(county, people=(*people[:place], less, *people[place + 1 :]))
    yield from (replace(county, plan=one) for one in smaller_plans(plan))


def shared(draw: Random, county: County, *, is_sure: bool = False) -> County:
    """The county, now and then with purses that benefits share."""
    return replace(county, plan=shared_plan(draw, county.plan)) if is_sure or draw.random() < 0.25 else county


def arranged(draw: Random, county: County, *, is_sure: bool = False) -> County:
    """The county, now and then with several orders of its benefits."""
    return replace(county, plan=arranged_plan(draw, county.plan)) if is_sure or draw.random() < 0.25 else county


def decided(draw: Random, county: County) -> County:
    """The county, in which departments refused some benefits to some people, and first payments locked some orders."""
    plan = county.plan
    people = []
    for one in county.people:
        years = sorted({claim.benefit_year for claim in one.claims})
        codes = [benefit.code for benefit in plan.benefits]
        refused = frozenset((draw.choice(codes), draw.choice(years)) for _ in range(draw.choice((0, 0, 0, 0, 1, 2))))
        orders = (*plan.arrangements, ("benefit_9",)) if plan.arrangements else ()
        locked = {year: draw.choice(orders) for year in years if orders and draw.random() < 0.4}
        people.append(replace(one, decided=Decided(refused, locked)))
    return replace(county, people=tuple(people))
