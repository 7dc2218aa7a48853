"""How one posting is shared: a hospital up to what it advanced, the rest to the person or to who stands for him. Pure, in fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.money import PPM


class RelationKind(StrEnum):
    """Why somebody else than the beneficiary is paid."""

    HOSPITAL = "hospital"
    """权益转让: it advanced the cost of one event and receives up to that sum."""
    GUARDIAN = "guardian"
    """监护人: for a minor or a ward."""
    HEIR = "heir"
    """继承人, with proof: a share of what the dead person is still due."""
    INSTITUTION = "institution"
    """供养机构: the home that keeps the person."""


RELATIONS_ZH = {
    RelationKind.HOSPITAL: "垫付医疗机构",
    RelationKind.GUARDIAN: "监护人",
    RelationKind.HEIR: "继承人",
    RelationKind.INSTITUTION: "供养机构",
}
"""What a payee is to the beneficiary, as bank files and sheets say it."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A recorded and confirmed relation that stands."""

    relation_id: str
    """Its record."""
    person_key: str
    """Whose relief it is."""
    payee_key: str
    """Who is paid."""
    kind: RelationKind
    """Why."""
    event_id: str | None = None
    """Of a hospital: the event whose cost it advanced."""
    advanced_fen: int | None = None
    """Of a hospital: how much it advanced."""
    share_ppm: int | None = None
    """Of an heir: his share, parts per million."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one posting."""

    payee_key: str
    """Who is paid."""
    amount_fen: int
    """How much; of a posting that takes back, below zero."""
    relation_id: str | None = None
    """The relation that he is paid by; None for the person himself."""
    kind: RelationKind | None = None
    """Its kind; None for the person himself."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who receives what no hospital advanced, or why nobody does."""

    payees: tuple[Relation, ...] = ()
    """Those who stand for the person; empty is the person himself."""
    reason_code: str = ""
    """Why nobody may be paid now: PAYEE_DEAD, HEIR_SHARES, HEIR_BEFORE_NOTICE, RELATION_AMBIGUOUS; empty when somebody may."""


def who_stands(relations: Sequence[Relation], *, is_dead: bool) -> Standing:
    """Who receives the rest of a person's relief by his standing relations; a dead person's own account never does."""
    heirs = tuple(one for one in relations if one.kind is RelationKind.HEIR)
    if is_dead:
        if not heirs:
            return Standing(reason_code="PAYEE_DEAD")
        whole = sum(one.share_ppm or 0 for one in heirs) == PPM
        return Standing(heirs) if whole else Standing(reason_code="HEIR_SHARES")
    if heirs:
        return Standing(reason_code="HEIR_BEFORE_NOTICE")
    others = tuple(one for one in relations if one.kind in (RelationKind.GUARDIAN, RelationKind.INSTITUTION))
    return Standing(others) if len(others) <= 1 else Standing(reason_code="RELATION_AMBIGUOUS")


def share(
    amount_fen: int, *, person_key: str, hospitals: Sequence[tuple[Relation, int]], rest: Sequence[Relation]
) -> list[Share]:
    """The shares of a posting, or of what no payment carries of it; they add up to it, and none has another sign than it.

    `hospitals` come with what each is still due of the event (below zero: what it must give back); the rest goes to `rest`, by
    share where they are heirs, or to the person when there is nobody else.
    """
    left = amount_fen
    found: list[Share] = []
    for relation, due_fen in hospitals:
        part = max(min(due_fen, left), 0) if left > 0 else min(max(due_fen, left), 0)
        if part:
            found.append(Share(relation.payee_key, part, relation.relation_id, relation.kind))
            left -= part
    if not left:
        return found
    return found + (_among(left, rest) if rest else [Share(person_key, left)])


def due_of_advances(relations: Sequence[Relation], *, awarded_fen: int, given_fen: Sequence[int]) -> list[tuple[Relation, int]]:
    """What each hospital is still due of one event: up to its advance while the award lasts, less what it was given already."""
    left = max(awarded_fen, 0)
    found = []
    for relation, given in zip(relations, given_fen, strict=True):
        target = min(relation.advanced_fen or 0, left)
        left -= target
        found.append((relation, target - given))
    return found


def _among(amount_fen: int, payees: Sequence[Relation]) -> list[Share]:
    """The amount by shares, by differences of the cumulative share, so that no fen is lost."""
    sign, size = (1, amount_fen) if amount_fen > 0 else (-1, -amount_fen)
    found, before, ppm = [], 0, 0
    for one in sorted(payees, key=lambda relation: relation.payee_key):
        ppm += PPM if one.share_ppm is None else one.share_ppm
        upto = size * ppm // PPM
        if upto > before:
            found.append(Share(one.payee_key, sign * (upto - before), one.relation_id, one.kind))
        before = upto
    return found
