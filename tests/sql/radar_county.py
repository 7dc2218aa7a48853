"""A fictional county in which people are planted whom the radar must see, as many who only look like it, and nobody else.

The planted truth stands here and nowhere in the product.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.sql.leads_planted import Planted
from tests.sql.radar_planted import LINE_FEN, LISTED, PAYERS, TODAY, care, fee, paid, posted, span

EACH = 30


def plant() -> Planted:
    """Every maker EACH times true and EACH times nearly, and both lists delivered."""
    planted = Planted()
    for code in ("civil", "veterans"):
        planted.add("facts.roster_snapshot", delivery_id=f"D-{code}", list_code=code, list_month="2026-11")
    for maker in MAKERS:
        for number in range(2 * EACH):
            maker(planted, f"{maker.__name__}{number}", number < EACH, number % EACH)
    return planted


def over_line(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """A fen over the line, on one bill or several; exactly the line, what others paid, what is struck, held or old is not."""
    fen = LINE_FEN + 1
    if is_true:
        parts = (number % 4) + 1
        for place in range(parts):
            care(planted, f"{key}-{place}", person=f"P-{key}", borne=fen // parts + (fen % parts if place == 0 else 0))
        if number % 3 == 0:
            span(planted, f"P-{key}", date(2025, 1, 1), date(2026, 1, 1) + timedelta(days=number))
        if number % 5 == 0:
            planted.add("facts.person_month", person_key=f"P-{key}", calendar_month="2026-09", town="东镇")
        planted.truth.add(("OVER_LINE_UNLISTED", f"P-{key}|2026"))
        return
    near: tuple[Callable[[], None], ...] = (
        lambda: care(planted, key, borne=LINE_FEN),
        lambda: care(planted, key, borne=fen, **{PAYERS[number % 7]: 1}),
        lambda: care(planted, key, borne=fen, **{PAYERS[number % 7]: fen}),
        lambda: care(planted, key, borne=fen, state=("STRUCK", "HELD", "REFUSED")[number // 9 % 3]),
        lambda: care(planted, key, borne=fen, since=date(2025, 12, 10)),
        lambda: _listed_over(planted, key, fen, provisional=False),
        lambda: _listed_over(planted, key, fen, provisional=True),
        lambda: _dead_over(planted, key, fen),
        lambda: _begins_today(planted, key, fen),
    )
    near[number % len(near)]()


def lapsed(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Held on the first day, not on the last; a second list, a doubt, a return, an end before or after the stay is no lapse."""
    since, nights = date(2026, 9, 20), 4 + number % 20
    until_on = since + timedelta(days=nights)
    care(planted, key, since=since, nights=nights)
    if is_true:
        ended = (since + timedelta(days=1), until_on, since + timedelta(days=nights // 2))[number % 3]
        span(planted, f"P-{key}", date(2024, 1, 1), ended)
        if number % 4 == 0:
            span(planted, f"P-{key}", date(2024, 1, 1), since + timedelta(days=1), category="second")
        if number % 7 == 0:
            span(planted, f"P-{key}", ended + timedelta(days=15), ended + timedelta(days=40), category="later")
        planted.truth.add(("LAPSED_IN_STAY", f"E-{key}"))
        return
    person, mid = f"P-{key}", since + timedelta(days=2)
    near: tuple[Callable[[], None], ...] = (
        lambda: span(planted, person, date(2024, 1, 1), since),
        lambda: span(planted, person, date(2024, 1, 1), until_on + timedelta(days=1)),
        lambda: span(planted, person, since + timedelta(days=1), since + timedelta(days=2)),
        lambda: _carried_on(planted, person, mid, since=date(2025, 1, 1)),
        lambda: _carried_on(planted, person, mid, since=mid),
        lambda: _in_doubt(planted, person, mid),
        lambda: _returned(planted, person, mid),
        lambda: _visit_of_a_day(planted, key, mid),
        lambda: _told_dead(planted, person, mid),
    )
    near[number % len(near)]()


def unpaid(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Agreed 31 days ago and not sent; sent, paid, agreed 30 days ago, refused, netted to nothing, or an opening is in order."""
    agreed = TODAY - timedelta(days=31 + (number if is_true else 0))
    if is_true:
        posted(planted, key, agreed=agreed)
        kind = number % 5
        if kind == 1:
            paid(planted, key, state="returned")
        elif kind == 2:
            paid(planted, key, state=("drafted", "approved", "manual")[number % 3])
        elif kind == 3:
            paid(planted, key, fen=999, state="paid")
            planted.add(
                "ledger.payment_hold", payee_key=f"P-{key}", reason_code="ACCOUNT_MISSING", since="2026-11-20", lifted_at=None
            )
        elif kind == 4:
            paid(planted, key, state="sent", live=False)
            posted(planted, key, fen=-999, agreed=agreed, number=2)
        planted.truth.add(("AGREED_UNPAID", f"P-{key}|{agreed}"))
        return
    near: tuple[Callable[[], None], ...] = (
        lambda: posted(planted, key, agreed=TODAY - timedelta(days=30)),
        lambda: _paid_whole(planted, key, agreed, "sent"),
        lambda: _paid_whole(planted, key, agreed, "paid"),
        lambda: posted(planted, key, agreed=agreed, fate=("dead", "open")[number % 2]),
        lambda: _netted(planted, key, agreed),
        lambda: posted(planted, key, agreed=agreed, kind="opening"),
        lambda: _dead_owed(planted, key, agreed),
    )
    near[number % len(near)]()


def unenrolled(planted: Planted, key: str, is_true: bool, number: int) -> None:
    """Listed, and no fee, no paid care of the year, no care as a worker within two years."""
    person = f"P-{key}"
    span(planted, person, date(2025, 6, 1) + timedelta(days=number), None)
    if is_true:
        if number % 3 == 1:
            fee(planted, key, year=2025)
        if number % 3 == 2:
            care(planted, key, since=date(2026, 3, 3), borne=100, fund=0)
        if number % 5 == 0:
            care(planted, f"{key}-w", person=person, since=date(2024, 11, 1), borne=100, insutype="310", year=2024)
        planted.truth.add(("ENROLMENT_MISSING", f"{person}|2026"))
        return
    near: tuple[Callable[[], None], ...] = (
        lambda: fee(planted, key, year=2026),
        lambda: care(planted, key, since=date(2026, 3, 3), borne=100, fund=1),
        lambda: care(planted, key, since=date(2025, 3, 3), borne=100, insutype="310", year=2025),
        lambda: planted.add("facts.death_told", person_key=person, died_on=date(2026, 5, 5)),
        lambda: _only_doubtful(planted, person),
        lambda: _left(planted, person),
    )
    near[number % len(near)]()


MAKERS: tuple[Callable[[Planted, str, bool, int], None], ...] = (over_line, lapsed, unpaid, unenrolled)


def _listed_over(planted: Planted, key: str, fen: int, *, provisional: bool) -> None:
    care(planted, key, borne=fen)
    span(planted, f"P-{key}", *LISTED, provisional=provisional)
    fee(planted, key, year=2026)


def _dead_over(planted: Planted, key: str, fen: int) -> None:
    care(planted, key, borne=fen)
    planted.add("facts.death_told", person_key=f"P-{key}", died_on=date(2026, 11, 1))


def _begins_today(planted: Planted, key: str, fen: int) -> None:
    care(planted, key, borne=fen)
    span(planted, f"P-{key}", TODAY, None)


def _carried_on(planted: Planted, person: str, ended: date, *, since: date) -> None:
    span(planted, person, date(2024, 1, 1), ended)
    span(planted, person, since, ended + timedelta(days=60), category="second")


def _in_doubt(planted: Planted, person: str, ended: date) -> None:
    span(planted, person, date(2024, 1, 1), ended)
    span(planted, person, ended, None, provisional=True)


def _returned(planted: Planted, person: str, ended: date) -> None:
    span(planted, person, date(2024, 1, 1), ended)
    span(planted, person, date(2026, 12, 1), None)
    planted.add("facts.enrolment_event", event_id=f"F-{person}", person_key=person, benefit_year=2026)


def _visit_of_a_day(planted: Planted, key: str, ended: date) -> None:
    row = planted.rows["facts.care_event"][-1]
    row["until_on"] = row["since"]
    span(planted, f"P-{key}", date(2024, 1, 1), ended)


def _told_dead(planted: Planted, person: str, ended: date) -> None:
    span(planted, person, date(2024, 1, 1), ended)
    planted.add("facts.death_told", person_key=person, died_on=ended)


def _paid_whole(planted: Planted, key: str, agreed: date, state: str) -> None:
    posted(planted, key, agreed=agreed)
    paid(planted, key, state=state)


def _netted(planted: Planted, key: str, agreed: date) -> None:
    posted(planted, key, agreed=agreed)
    posted(planted, key, fen=-1000, agreed=TODAY, number=2)


def _dead_owed(planted: Planted, key: str, agreed: date) -> None:
    posted(planted, key, agreed=agreed)
    planted.add("facts.death_told", person_key=f"P-{key}", died_on=agreed)


def _only_doubtful(planted: Planted, person: str) -> None:
    planted.rows["facts.identity_span"][-1]["is_provisional"] = True


def _left(planted: Planted, person: str) -> None:
    planted.rows["facts.identity_span"][-1]["until"] = TODAY
