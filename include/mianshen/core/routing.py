"""Which approval items a rule may decide and which a person must see: the department's routing, applied to one item."""

from __future__ import annotations

from dataclasses import dataclass

from mianshen.core.digest import sha256_hex
from mianshen.core.money import PPM
from mianshen.core.pack import Routing

BY_RULE = "LIST_MATCH"
"""Why a clear case is decided by rule."""


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


@dataclass(frozen=True, slots=True)
class Route:
    """Who decides an item, and why."""

    route: str
    """`rule` or `person`."""
    reason_code: str
    """LIST_MATCH for the rule; else FLAGGED, AMOUNT_LARGE, FIRST_TIME or SAMPLED, the first that applies."""


def route_item(facts: ItemFacts, routing: Routing) -> Route:
    """Who decides the item under its department's routing."""
    if facts.is_flagged:
        return Route("person", "FLAGGED")
    if facts.amount_fen >= routing.large_fen:
        return Route("person", "AMOUNT_LARGE")
    if facts.is_first_time and routing.is_first_time_to_person:
        return Route("person", "FIRST_TIME")
    if is_sampled(facts.item_id, routing.sample_ppm):
        return Route("person", "SAMPLED")
    return Route("rule", BY_RULE)


def is_sampled(item_id: str, sample_ppm: int) -> bool:
    """Whether the item falls into a sample of so many parts per million: the same answer for the same id, always."""
    return int(sha256_hex(item_id.encode())[:12], 16) % PPM < sample_ppm
