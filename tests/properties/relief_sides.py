"""The two computations of one county side by side: the reference calculator and the compiled SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
from tests.properties.relief_cases import County, Person
from tests.sql.given import fetched, given

from mianshen.core.plan import EventKind
from mianshen.policy import calculator
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.warehouse import assessing

LINE = (
    "event_id",
    "benefit_code",
    "category_code",
    "base_fen",
    "entitled_fen",
    "window_fen",
    "amount_fen",
    "clause_id",
    "is_held",
    "is_provisional",
)
TODAY = date(2027, 1, 20)
"""The day on which both compute: 2025 is over, 2027 is not, and 2026 is where its day of January has come."""
VERDICT = ("event_id", "base_fen", "relief_fen", "left_fen", "outcome", "reason_code", "is_provisional")
ORDER = ("person_key", "benefit_year", "order_no", "total_fen", "is_chosen")
Rows = frozenset[tuple[Any, ...]]
"""Lines, verdicts and orders tried."""


def by_reference(county: County) -> Rows:
    """The calculator's answer."""
    found = [
        calculator.assess_person(county.plan, events=one.claims, spans=one.spans, decided=replace(one.decided, on=TODAY))
        for one in county.people
    ]
    lines = [
        (*(getattr(line, name) for name in LINE), None if line.event_id else person.person_key)
        for person, one in zip(county.people, found, strict=True)
        for line in one.lines
    ]
    verdicts = [tuple(getattr(verdict, name) for name in VERDICT) for one in found for verdict in one.assessments]
    orders = [
        (person.person_key, one.benefit_year, one.arrangement_no, one.total_fen, one.is_chosen)
        for person, result in zip(county.people, found, strict=True)
        for one in result.orders
    ]
    return each_once([*lines, *verdicts, *orders])


def by_sql(county: County) -> Rows:
    """The compiled SQL's answer."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        facts(connection, county)
        years = sorted({claim.benefit_year for person in county.people for claim in person.claims})
        assessing.assess_claims(connection, [(county.plan, years)], on=TODAY)
        lines = fetched(
            connection, f"select {', '.join(LINE)}, case when event_id is null then person_key end from out.award_line"
        )
        verdicts = fetched(connection, f"select {', '.join(VERDICT)} from out.assessment")
        orders = fetched(connection, f"select {', '.join(ORDER)} from out.order_tried")
    return each_once([tuple(one.values()) for one in lines + verdicts + orders])


def each_once(rows: list[tuple[Any, ...]]) -> Rows:
    assert len(set(rows)) == len(rows), "a row stands twice"
    return frozenset(rows)


def difference(county: County) -> str:
    """Rows that only one side gives; empty when they agree."""
    reference, sql = by_reference(county), by_sql(county)
    only = [f"reference {row}" for row in sorted(reference - sql, key=repr)]
    return "\n".join(only + [f"sql       {row}" for row in sorted(sql - reference, key=repr)])


def facts(connection: duckdb.DuckDBPyConnection, county: County) -> None:
    """Make the facts.* tables that the compiled SQL reads."""
    claims = [(person, claim) for person in county.people for claim in person.claims]
    care = [_care_row(person, claim) for person, claim in claims if claim.kind is EventKind.CARE]
    fees = [_fee_row(person, claim) for person, claim in claims if claim.kind is EventKind.ENROLMENT]
    given(connection, "facts.care_event", *care)
    given(connection, "facts.enrolment_event", *fees)
    packages = [_package_row(person, claim) for person, claim in claims if claim.kind is EventKind.SERVICE]
    given(connection, "facts.service_event", *packages)
    refused = [(person, *one) for person in county.people for one in sorted(person.decided.refused)]
    locked = [(person, *one) for person in county.people for one in person.decided.locked.items()]
    given(connection, "facts.benefit_refused", *(_decided_row(who, year, benefit_code=code) for who, code, year in refused))
    given(connection, "facts.order_locked", *(_decided_row(who, year, sequence=">".join(codes)) for who, year, codes in locked))
    given(connection, "facts.identity_span", *(_span_row(person, one) for person in county.people for one in person.spans))


def _care_row(person: Person, claim: Claim) -> Mapping[str, Any]:
    names = ("event_id", "since", "until_on", "settled_on", "settled_at", "benefit_year", "med_type", "dise_code")
    row = {name: getattr(claim, name) for name in names}
    known = {
        "stay_id": claim.stay_id,
        "hosp_lv": claim.hosp_level,
        "care_place": claim.care_place,
        "is_referred": claim.is_referred,
    }
    return row | dict(claim.amounts_fen) | known | {"person_key": person.person_key, "state": "LIVE"}


def _fee_row(person: Person, claim: Claim) -> Mapping[str, Any]:
    return {
        "event_id": claim.event_id,
        "person_key": person.person_key,
        "paid_on": claim.settled_on,
        "benefit_year": claim.benefit_year,
        "fee_fen": claim.fee_fen,
    }


def _package_row(person: Person, claim: Claim) -> Mapping[str, Any]:
    return {
        "event_id": claim.event_id,
        "person_key": person.person_key,
        "assessed_on": claim.settled_on,
        "benefit_year": claim.benefit_year,
        "has_passed": claim.stopped is None,
    }


def _span_row(person: Person, one: IdentitySpan) -> Mapping[str, Any]:
    return {
        "person_key": person.person_key,
        "category_code": one.category_code,
        "since": one.span.since,
        "until": one.span.until,
        "list_code": "list",
        "is_provisional": one.is_provisional,
        "applied_on": one.applied_on,
        "is_local": one.is_local,
    }


def _decided_row(person: Person, benefit_year: int, **what: str) -> Mapping[str, Any]:
    return {"person_key": person.person_key, "benefit_year": benefit_year, **what}
