"""Experts of a pool, drawn at random without those who may not judge the matter.

002, annex 1, 9 2: experts are drawn from the pool. Recusal and a draw that can be redone are the product's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError


class Recusal(StrEnum):
    """Why an expert does not judge a matter."""

    TREATING_DOCTOR = "treating_doctor"
    RELATIVE = "relative"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody of the pool."""

    code: str
    """Login; never a name."""
    hospital_code: str
    """Where the expert works."""
    items: tuple[str, ...]
    """Diseases that the expert judges; empty is any."""


@dataclass(frozen=True, slots=True)
class ExpertPool:
    """Who may be drawn, and how many for one matter."""

    experts: tuple[Expert, ...]
    """In the order of the page."""
    drawn: int
    """How many are drawn for one matter, at least 1."""


def draw(pool: ExpertPool, *, item: str | None, recused: Collection[str], seed: str) -> tuple[Expert, ...]:
    """The experts of one matter, the first of them presiding: those who judge its disease and are not recused, by the seed.

    The same pool, item, recusals and seed give the same experts. MianshenError EXPERTS_SHORT when too few are left.
    """
    able = [one for one in pool.experts if one.code not in recused and (item is None or not one.items or item in one.items)]
    if len(able) < pool.drawn:
        raise MianshenError("EXPERTS_SHORT", found=f"{len(able)} < {pool.drawn}", where=item or "experts.yaml")
    return tuple(sorted(able, key=lambda one: sha256_hex(f"{seed}|{one.code}".encode()))[: pool.drawn])
