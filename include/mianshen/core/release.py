"""Rules of a release: what identifies when combined, what must stay hidden, how large and how mixed a group must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

QUASI_IDENTIFIERS: Mapping[str, tuple[str, ...]] = {
    "age": ("5", "10", "20", "all"),
    "gend": ("said", "all"),
    "town": ("town", "group", "all"),
    "category": ("set", "single", "all"),
}
"""Columns that identify together, each with the levels of detail that the SQL knows, the finest first.

Age in years a band; a town, its group; every category held, or the single one and `several`; `all` tells nothing.
"""
SENSITIVE = ("disease_group", "relief_band")
"""Columns of which a group must hold several values."""
FEWEST_PEOPLE, LARGEST_SUPPRESSED = "k", "suppressed_ppm"
LIMITS = (FEWEST_PEOPLE, LARGEST_SUPPRESSED)
"""Numbers of national/release.yaml."""


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """How a county's people of a month are released."""

    k: int
    """People that a group has at least."""
    suppressed_ppm: int
    """Share of the people that may be suppressed where a finer recoding is chosen, parts per million."""
    levels: Mapping[str, tuple[str, ...]]
    """Levels of detail that are tried, by quasi-identifier, the finest first."""
    diversity: Mapping[str, int]
    """Different values that a group has at least, by sensitive column."""
    band_edges_fen: tuple[int, ...]
    """Where the bands of relief begin, ascending; less than the first is no relief."""
    town_groups: Mapping[str, str]
    """Group of a town; empty where the county writes none, then the level `group` is not tried."""
    statuses: tuple[str, ...]
    """How sure the product is of the values, each word once: official | quoted | inferred | illustrative."""


@dataclass(frozen=True, slots=True)
class Recoding:
    """Levels of detail that are tried together."""

    age: str
    """Years of a band, or all."""
    gend: str
    """said | all."""
    town: str
    """town | group | all."""
    category: str
    """set | single | all."""


@dataclass(frozen=True, slots=True)
class Risk:
    """Re-identification risk of a release, in whole numbers; shares are parts per million."""

    people_in: int
    """Listed people of the month."""
    people_released: int
    """Released among them."""
    suppressed_ppm: int
    """Share of the people who were suppressed."""
    suppressed_for_others: int
    """People suppressed only so that a total gives no group back."""
    groups: int
    """Groups released."""
    smallest_group: int
    """People of the smallest group; 0 when nothing is released."""
    largest_risk_ppm: int
    """1/k of the smallest group: how sure somebody can be who knows that a person is in the release."""
    mean_risk_ppm: int
    """Groups by people: the same on the average."""
    unique_before_ppm: int
    """Share of the people whose year of birth, sex, town and categories nobody shares, before."""
    small_before_ppm: int
    """Share of the people in groups of fewer than k, before."""
    unique_after_ppm: int
    """Share of the released people who are alone in their group."""
    fewest_values: dict[str, int]
    """By sensitive column: different values of the most uniform group."""
    least_entropy: dict[str, str]
    """By sensitive column: entropy in bits of the most uniform group, to three places."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two releases that follow each other tell together."""

    is_same_recoding: bool
    """Whether both told people in the same words; else their groups overlap and are not compared one by one."""
    groups_compared: int
    """Groups of both."""
    groups_close: int
    """Groups that differ by 1 to k - 1 people: who came or left is among them."""
