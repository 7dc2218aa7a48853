"""A fictional county with planted leads: of every kind thirty that are true and thirty that only look like it, and nothing else.

The planted truth stands here and nowhere in the product.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.sql.leads_planted import CARE, EACH, Planted, by_person, care, clock, decision, due, granted, item, settled, span


def plant() -> Planted:
    """Every maker EACH times true and EACH times nearly."""
    planted = Planted()
    for maker in MAKERS:
        for number in range(2 * EACH):
            maker(planted, f"{maker.__name__}{number}", number < EACH, number % EACH)
    return planted


def item_undecided(planted: Planted, key: str, is_true: bool, number: int) -> None:
    item(planted, key)
    state = "overdue" if is_true or number % 3 == 1 else ("open", "", "met")[number % 3]
    clock(planted, "batch", f"B-{key}", due="2026-11-13", state=state)
    if not is_true and number % 3 == 1:
        decision(planted, key, "2026-11-12T10:00:00+08:00")
    if is_true:
        planted.truth.add(("ITEM_UNDECIDED", f"I-{key}"))


def delivery_untriggered(planted: Planted, key: str, is_true: bool, number: int) -> None:
    clock(planted, "delivery", f"D-{key}", due="2026-11-13", state="overdue" if is_true else ("open", "met")[number % 2])
    if is_true:
        planted.truth.add(("DELIVERY_UNTRIGGERED", f"D-{key}"))


def step_idle(planted: Planted, key: str, is_true: bool, number: int) -> None:
    clock(planted, "case_step", f"S-{key}", due="2026-11-13", state="overdue" if is_true else ("open", "met")[number % 2])
    if is_true:
        planted.truth.add(("STEP_IDLE", f"S-{key}"))


def decided_late(planted: Planted, key: str, is_true: bool, number: int) -> None:
    item(planted, key)
    clock(planted, "batch", f"B-{key}", due="2026-11-13", state="met_late", closed="2026-11-15T10:00:00+08:00")
    decision(planted, key, "2026-11-14T00:00:01+08:00" if is_true else "2026-11-13T17:59:59+08:00")
    if is_true:
        planted.truth.add(("DECIDED_LATE", f"I-{key}"))


def finished_late(planted: Planted, key: str, is_true: bool, number: int) -> None:
    kind = ("delivery", "case_step")[number % 2]
    clock(planted, kind, f"F-{key}", due="2026-11-13", state="met_late" if is_true else "met", closed="2026-11-15T10:00:00+08:00")
    if is_true:
        planted.truth.add(("FINISHED_LATE", f"F-{key}"))


def amount_short(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """A fen too little is too little; what is held or taken back is not."""
    care(planted, key)
    span(planted, key, date(2024, 1, 1), None)
    granted(planted, key, fen=1000)
    due(planted, key, 1001 if is_true else 1000 - (number % 2) * 100)
    if is_true:
        planted.truth.add(("AMOUNT_SHORT", f"P-{key}|basic|2026|E-{key}"))


def never_granted(planted: Planted, key: str, is_true: bool, number: int) -> None:
    due(planted, key, 500)
    if is_true:
        planted.truth.add(("NEVER_GRANTED", f"P-{key}|basic|2026|E-{key}"))
    else:
        care(planted, key)
        span(planted, key, date(2024, 1, 1), None)
        granted(planted, key, fen=500, fate=("effective", "open")[number % 2])


def refused_though_listed(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Refused for want of an identity: rightly where the list ended before the care, or is itself in doubt."""
    item(planted, key)
    care(planted, key)
    ended = not is_true and number % 2 == 0
    span(planted, key, date(2024, 1, 1), CARE if ended else None, provisional=not is_true and not ended)
    granted(planted, key, fate="dead")
    decision(planted, key, "2026-11-12T10:00:00+08:00", outcome="refuse", how="rule", reason="IDENTITY_NOT_CONFIRMED")
    if is_true:
        planted.truth.add(("REFUSED_THOUGH_LISTED", f"I-{key}"))


def list_awaited(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """One lead a late list, however many wait; none where it came, nothing waits, or another list carries the doubt."""
    clock(planted, "list", f"{key}|2026-10", due="2026-11-05", state="overdue" if is_true or number % 4 else "met_late")
    for place in range(3):
        who = f"{key}-{place}"
        on = f"other-{key}" if not is_true and number % 4 == 1 else key
        span(planted, who, date(2024, 1, 1), None, provisional=is_true or number % 4 != 2, listed=on)
        due(planted, who, 0 if not is_true and number % 4 == 3 else 500, held=True)
    if is_true:
        planted.truth.add(("LIST_AWAITED", f"{key}|2026-10"))


def identity_missing(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """An identity that ends on the first day of care is none; one that is gained in the stay is one."""
    care(planted, key)
    granted(planted, key)
    due(planted, key, 1000)
    if is_true:
        span(planted, key, date(2024, 1, 1), CARE)
        planted.truth.add(("IDENTITY_MISSING", f"E-{key}"))
    elif number % 2:
        span(planted, key, CARE + timedelta(days=3), None)
    else:
        span(planted, key, date(2024, 1, 1), CARE + timedelta(days=1))


def identity_brief(planted: Planted, key: str, is_true: bool, number: int) -> None:
    care(planted, key)
    granted(planted, key)
    due(planted, key, 1000)
    left = CARE + timedelta(days=5)
    if is_true:
        span(planted, key, CARE - timedelta(days=number % 8), left + timedelta(days=31 - number % 20))
        planted.truth.add(("IDENTITY_BRIEF", f"E-{key}"))
    elif number % 2:
        span(planted, key, CARE - timedelta(days=8), left + timedelta(days=10))
    else:
        span(planted, key, CARE - timedelta(days=2), left + timedelta(days=32))


def account_shared(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Two people, one account; the same person twice, or an account whose other payment was cancelled, is nothing."""
    planted.add("ledger.payment_batch", payment_batch_id=f"PB-{key}", created_at="2026-11-12T09:00:00+08:00", sent_at=None)
    for place in range(2):
        other = f"P-{key}-{place if is_true or number % 2 else 0}"
        state = "cancelled" if place and not is_true and number % 2 else "sent"
        planted.add(
            "ledger.payment",
            payment_id=f"Y-{key}-{place}",
            payment_batch_id=f"PB-{key}",
            payee_key=other,
            account_key=f"K-{key}",
            amount_fen=1000,
            state=state,
        )
        if is_true:
            planted.truth.add(("ACCOUNT_SHARED", f"Y-{key}-{place}"))


def decided_in_haste(planted: Planted, key: str, is_true: bool, number: int) -> None:
    by_person(planted, key, at=f"2026-11-12T10:00:{29 if is_true else 30}+08:00")
    if is_true:
        planted.truth.add(("DECIDED_IN_HASTE", f"B-{key}|li|2026-11-12T10:00:29+08:00"))


def decided_at_night(planted: Planted, key: str, is_true: bool, number: int) -> None:
    at = (("22:00:00", "05:59:59") if is_true else ("21:59:59", "06:00:00"))[number % 2]
    by_person(planted, key, at=f"2026-11-13T{at}+08:00")
    if is_true:
        planted.truth.add(("DECIDED_AT_NIGHT", f"B-{key}|li|2026-11-13T{at}+08:00"))


def cost_after_death(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Care that began on the day of death, or before it, is care."""
    settled(planted, key)
    died = CARE - timedelta(days=1 + number) if is_true else CARE + timedelta(days=number % 3)
    planted.add("facts.death_told", person_key=f"P-{key}", died_on=died)
    if is_true:
        planted.truth.add(("COST_AFTER_DEATH", f"E-{key}"))


def stays_overlap(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """A transfer on the day of leaving, a second bill of the same hospital and a day's visit overlap nothing."""
    settled(planted, key)
    second = f"{key}-2"
    since, hospital, nights = CARE + timedelta(days=4), "H2", 4
    if not is_true:
        since, hospital, nights = ((CARE + timedelta(days=5), "H2", 4), (since, "H1", 4), (since, "H2", 0))[number % 3]
    care(planted, second, since=since, nights=nights, hospital=hospital, person=f"P-{key}")
    granted(planted, second, person=f"P-{key}")
    planted.add(
        "out.award_line",
        person_key=f"P-{key}",
        benefit_code="basic",
        benefit_year=2026,
        event_id=f"E-{second}",
        event_on=since,
        amount_fen=1000,
        is_held=False,
        category_code="c",
        clause_id="art1",
        department_code="civil",
        fund_code="city",
    )
    if is_true:
        planted.truth |= {("STAYS_OVERLAP", f"E-{key}"), ("STAYS_OVERLAP", f"E-{second}")}


def claim_gone(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Struck care whose relief was taken back is in order."""
    care(planted, key, state=("STRUCK", "REFUSED")[number % 2])
    span(planted, key, date(2024, 1, 1), None)
    granted(planted, key)
    if is_true:
        planted.truth.add(("CLAIM_GONE", f"E-{key}"))
    else:
        granted(planted, key, fen=-1000, number=2)


def not_paid_in_time(planted: Planted, key: str, is_true: bool, number: int) -> None:
    clock(
        planted,
        "application",
        f"A-{key}",
        due="2026-11-13",
        state="overdue" if is_true else ("open", "met", "met_late")[number % 3],
    )
    if is_true:
        planted.truth.add(("NOT_PAID_IN_TIME", f"A-{key}"))


def returned_not_repaid(planted: Planted, key: str, is_true: bool, number: int) -> None:
    sent = "2026-11-09" if is_true or number % 2 else "2026-11-10"
    planted.add(
        "ledger.payment_batch",
        payment_batch_id=f"PB-{key}",
        created_at=f"{sent}T08:00:00+08:00",
        sent_at=f"{sent}T09:00:00+08:00",
    )
    state = "returned" if is_true or not number % 2 else "reissued"
    planted.add(
        "ledger.payment", payment_id=f"Y-{key}", payment_batch_id=f"PB-{key}", payee_key=f"P-{key}", amount_fen=1000, state=state
    )
    if is_true:
        planted.truth.add(("RETURNED_NOT_REPAID", f"Y-{key}"))


MAKERS: tuple[Callable[[Planted, str, bool, int], None], ...] = (
    item_undecided,
    delivery_untriggered,
    step_idle,
    decided_late,
    finished_late,
    amount_short,
    never_granted,
    refused_though_listed,
    list_awaited,
    identity_missing,
    identity_brief,
    account_shared,
    decided_in_haste,
    decided_at_night,
    cost_after_death,
    stays_overlap,
    claim_gone,
    not_paid_in_time,
    returned_not_repaid,
)
