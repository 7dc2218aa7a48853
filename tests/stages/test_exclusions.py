"""取消资格: nothing is given for the days of an exclusion, what was granted for them is taken back; it ends by a paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.stages.money_county import agree_to_all
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.core.errors import MianshenError
from mianshen.core.exclusions import Exclusion
from mianshen.core.plan import EventKind
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.stages import apply, assess, exclude, profile
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.ledger import AUDIT, AWARD_POSTING

EXCLUDED = ("REFUSED", "PERSON_EXCLUDED", 0)
FIRST, UNTIL = date(2026, 10, 12), date(2026, 10, 20)


def exclusion(**changes: Any) -> Exclusion:
    found = Exclusion("P1", "IMPOSTURE", FIRST, UNTIL, "亭健办〔2026〕3号", "0" * 64, "audit_office", date(2026, 11, 2))
    return replace(found, **changes)


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    """P1 and P2: one bill the day before, one on the first day, one on the day it ends; P1's fee lies within."""
    made = make_staged(tmp_path)
    made.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"))
    bills = [
        settlement(f"{person}-{day}", on=date(2026, 10, day), person_key=person, fixmedins_code=f"H{day}")
        for person in ("P1", "P2")
        for day in (11, 12, 20)
    ]
    made.deliver("settlement", "settlement", "2026-10", *bills)
    fee = {"enrol_id": "F1", "person_key": "P1", "benefit_year": 2026, "paid_on": date(2026, 10, 13), "fee_fen": 40_000}
    made.deliver("enrolment", "enrolment", "2026-10", fee)
    return made


def run(county: StagedCounty) -> dict[str, tuple[str, str | None, int]]:
    county.later(days=1)
    for stage in (profile, assess, apply):
        stage.run(county.job)
    return {row["event_id"]: (row["outcome"], row["reason_code"], row["relief_fen"]) for row in county.rows("out.assessment")}


def posted(county: StagedCounty, event: str) -> int:
    with county.job.ledger.connect() as connection:
        return int(
            connection.execute(select(func.sum(AWARD_POSTING.c.amount_fen)).where(AWARD_POSTING.c.event_id == event)).scalar_one()
            or 0
        )


def by_the_reference(county: StagedCounty, excluded: frozenset[str]) -> dict[str, tuple[str, str | None, int]]:
    """P1's bills and fee by the calculator for one person, told what is excluded."""
    plan = county.job.pack.plan
    zero: dict[str, int | None] = {one.field: 0 for one in plan.base}
    claims = [
        Claim(
            event_id=key, kind=kind, benefit_year=2026, since=on, until_on=on, settled_on=on, med_type="21", dise_code=None,
            amounts_fen={**zero, "maf_pay": 0, "inscp_scp_amt": 2_000_000}, fee_fen=40_000,
            stopped=("REFUSED", "PERSON_EXCLUDED") if key in excluded else None,
        )
        for key, kind, on in (
            *((f"P1-{day}", EventKind.CARE, date(2026, 10, day)) for day in (11, 12, 20)),
            ("F1", EventKind.ENROLMENT, date(2026, 10, 13)),
        )
    ]  # fmt: skip
    spans = [IdentitySpan("POOR", Span(date(2026, 10, 1), None))]
    found = assess_person(plan, events=claims, spans=spans)
    return {one.event_id: (one.outcome, one.reason_code, one.relief_fen) for one in found.assessments}


def test_both_computations_refuse_the_days_of_an_exclusion_and_only_those(county: StagedCounty) -> None:
    """R003-15: from the first day on, until the day on which it ends; with its own reason; nobody else's relief moves."""
    before = run(county)
    assert {key: one for key, one in before.items() if key[:2] != "P2"} == by_the_reference(county, frozenset())
    agree_to_all(county)  # type: ignore[arg-type]  # it needs a job alone
    key = exclude.add(county.job, exclusion())
    found = run(county)
    assert {one: found[one][:2] for one in ("P1-12", "F1")} == dict.fromkeys(("P1-12", "F1"), EXCLUDED[:2])
    assert {key: one for key, one in found.items() if key[:2] != "P2"} == by_the_reference(county, frozenset(("P1-12", "F1")))
    assert all(found[one] == before[one] for one in before if one.startswith("P2"))
    assert (posted(county, "P1-12"), posted(county, "F1")) == (0, 0), "what was granted for these days is taken back"
    exclude.lift(county.job, key, ended_on=FIRST, document_sha256="1" * 64, decided_by="audit_office")
    assert run(county) == before, "lifted as if it had never been"
    with county.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"
        actions = list(connection.execute(select(AUDIT.c.action).where(AUDIT.c.action.like("exclusion.%"))).scalars())
    assert actions == ["exclusion.recorded", "exclusion.lifted"]


def refused(county: StagedCounty, one: Exclusion) -> str:
    with pytest.raises(MianshenError) as error:
        exclude.add(county.job, one)
    return error.value.code


def test_what_is_no_decision_is_no_exclusion(county: StagedCounty) -> None:
    assert refused(county, exclusion(ground="DISLIKED")) == "EXCLUSION_INVALID"
    assert refused(county, exclusion(until=FIRST)) == "EXCLUSION_INVALID"
    assert refused(county, exclusion(decided_on=date(2027, 1, 1))) == "EXCLUSION_INVALID"
    assert refused(county, exclusion(decided_by=county.job.actor)) == "MAKER_IS_CHECKER"
    key = exclude.add(county.job, exclusion())
    assert exclude.add(county.job, exclusion()) == key, "the same again is the same"
    paper = {"document_sha256": "1" * 64, "decided_by": "audit_office"}
    for wrong, code in ((("nobody", UNTIL), "EXCLUSION_UNKNOWN"), ((key, date(2026, 1, 1)), "EXCLUSION_INVALID")):
        with pytest.raises(MianshenError) as error:
            exclude.lift(county.job, wrong[0], ended_on=wrong[1], **paper)
        assert error.value.code == code
    exclude.lift(county.job, key, ended_on=UNTIL, **paper)
    with pytest.raises(MianshenError):
        exclude.lift(county.job, key, ended_on=UNTIL, **paper)
