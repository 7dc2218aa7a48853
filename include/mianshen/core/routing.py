"""Which approval items a rule may decide and which a person must see: the department's routing, applied to one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.digest import sha256_hex
from mianshen.core.money import PPM
from mianshen.core.pack import Routing
from mianshen.core.process import Decider

BY_RULE: Mapping[Decider, str] = {Decider.LIST: "LIST_MATCH", Decider.RULE: "RULE_MATCH"}
"""Why a clear case is decided without a person, by what decides the department's step."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What routing looks at."""

    item_id: str
    """The item's id; the sample is drawn by its hash, so that a rerun draws the same."""
    amount_fen: int
    """What the department would pay."""
    is_first_time: bool
    """Whether this department never relieved the person before."""
    is_flagged: bool
    """Whether the person's account or a settlement behind the amount carries a flag."""
    usual_fen: int | None
    """What is usual among the batch's items of the same category: their lower median; None when they are too few."""
    decider: Decider
    """Who or what decides the department's step."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who decides an item, and why."""

    route: str
    """`rule` or `person`."""
    reason_code: str
    """LIST_MATCH or RULE_MATCH for the rule; else BY_PERSON, FLAGGED, AMOUNT_LARGE, AMOUNT_ODD, FIRST_TIME or SAMPLED, the first
    that applies."""


def route_item(facts: ItemFacts, routing: Routing) -> Route:
    """Who decides the item under its department's routing."""
    reasons = {
        "BY_PERSON": facts.decider not in BY_RULE,
        "FLAGGED": facts.is_flagged,
        "AMOUNT_LARGE": facts.amount_fen >= routing.large_fen,
        "AMOUNT_ODD": _is_odd(facts, routing),
        "FIRST_TIME": facts.is_first_time and routing.is_first_time_to_person,
        "SAMPLED": is_sampled(facts.item_id, routing.sample_ppm, seed=routing.seed),
    }
    why = next((code for code, applies in reasons.items() if applies), None)
    return Route("rule", BY_RULE[facts.decider]) if why is None else Route("person", why)


def is_sampled(item_id: str, sample_ppm: int, *, seed: str = "") -> bool:
    """Whether the item falls into a sample of so many parts per million: the same answer for the same seed and id, always."""
    return int(sha256_hex(f"{seed}{item_id}".encode())[:12], 16) % PPM < sample_ppm


def usual_fen(amounts: Sequence[int], routing: Routing) -> int | None:
    """The lower median of a batch's items of one category; None when they are fewer than the routing asks for."""
    if routing.odd is None or len(amounts) < routing.odd.fewest_items:
        return None
    return sorted(amounts)[(len(amounts) - 1) // 2]


def _is_odd(facts: ItemFacts, routing: Routing) -> bool:
    if routing.odd is None or facts.usual_fen is None:
        return False
    return facts.amount_fen >= routing.odd.times * facts.usual_fen
