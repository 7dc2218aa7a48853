"""Everybody before the law of a year: who fits, who fits no more and why, and what a list or a rule says of a step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mianshen.core.matching import KnownPerson, When
from mianshen.core.process import Decider, Outcome, Step
from mianshen.core.spans import Span, coalesce
from mianshen.policy.eligibility import Applicant, Confirmation, Decided, EarlierYears, decide


@dataclass(frozen=True, slots=True)
class Judged:
    """One person before the law of a year."""

    person_key: str
    """Who."""
    known: KnownPerson
    """What the lists say."""
    decided: Mapping[str, Decided]
    """What becomes of each item that was confirmed earlier; never empty."""

    @property
    def is_fit(self) -> bool:
        """Whether one of the items is confirmed."""
        return any(one.is_confirmed for one in self.decided.values())

    @property
    def refusals(self) -> list[str]:
        """Codes of the rules that do not hold, in the order of the law; none for who fits."""
        return [] if self.is_fit else list(dict.fromkeys(rule.code for one in self.decided.values() for rule in one.refusals))


def judge(
    confirmation: Confirmation,
    people: Mapping[str, KnownPerson],
    *,
    benefit_year: int,
    on: date,
    earlier_years: EarlierYears,
) -> Iterator[Judged]:
    """Everybody who was confirmed in an earlier year, by person key; who was not goes the ordinary way and is nobody's here."""
    for person, known in sorted(people.items()):
        earlier = tuple((item, year) for item, year in known.earlier if year < benefit_year and item in confirmation.items)
        if not earlier:
            continue
        applicant = Applicant(on=on, benefit_year=benefit_year, item="", listed=_listed(known), earlier=earlier)
        items = sorted({item for item, _ in earlier})
        decided = {item: decide(confirmation, replace(applicant, item=item), earlier_years=earlier_years) for item in items}
        yield Judged(person, known, decided)


def when_of(
    step: Step, confirmation: Confirmation, judged: Judged | None, *, listers: Mapping[str, str], holder: str, on: date
) -> When:
    """The situation of the person before the step; somebody of whom nothing is known is listed and confirmed nowhere.

    `listers` says which department has the list of each category now, `holder` whose part the step is.
    """
    if step.decider is Decider.RULE:
        return When.CONFIRMED if judged is not None and judged.is_fit else When.UNCONFIRMED
    held: Collection[str] = judged.known.holds(on) & confirmation.counting_categories if judged is not None else ()
    found = {listers[code] for code in held}
    if holder in found:
        return When.LISTED
    return When.LISTED_ELSEWHERE if found else When.UNLISTED


def reason_of(confirmation: Confirmation, outcome: Outcome, judged: Judged | None) -> str | None:
    """The reason of the first rule that does not hold among those that the outcome allows, else the first of these."""
    if not outcome.reasons:
        return None
    failed = judged.refusals if judged is not None else []
    said = (rule.reason_code for rule in confirmation.rules if rule.code in failed)
    return next((code for code in said if code is not None and code in outcome.reasons), outcome.reasons[0])


def _listed(known: KnownPerson) -> tuple[tuple[str, Span], ...]:
    """Each category once a stretch of days, whichever of its lists said so."""
    codes = sorted({code for code, _ in known.listed})
    return tuple((code, span) for code in codes for span in coalesce(span for of, span in known.listed if of == code))
