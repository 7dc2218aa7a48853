"""Draws of experts in the ledger: which experts judge a round of a step, who was recused, and by which seed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.experts import ExpertPool
from mianshen.warehouse.ledger import EXPERT_DRAW

Place = tuple[str, str, int]
"""Case, step and round."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw."""

    draw_no: int
    """From 1; the newest of a round counts."""
    experts: tuple[str, ...]
    """Who judges, the presiding one first."""
    recused: Mapping[str, str]
    """Code to the reason for which it was not drawn."""
    seed: str
    """32 hexadecimal digits."""
    drawn_by: str
    """Login."""
    drawn_at: str
    """Moment with zone."""


def draws_of(connection: Connection, case_ids: Iterable[str]) -> dict[Place, list[Draw]]:
    """Every draw of these cases in order."""
    found: dict[Place, list[Draw]] = {}
    query = select(EXPERT_DRAW).where(EXPERT_DRAW.c.case_id.in_(sorted(set(case_ids))))
    for row in connection.execute(query.order_by(*EXPERT_DRAW.primary_key.columns)).mappings():
        place = (row["case_id"], row["step_code"], row["round_no"])
        one = Draw(
            row["draw_no"],
            tuple(row["experts"].split(",")),
            json.loads(row["recused"]),
            row["seed"],
            row["drawn_by"],
            row["drawn_at"],
        )
        found.setdefault(place, []).append(one)
    return found


def keep(connection: Connection, place: Place, drawn: Draw, *, pool: ExpertPool) -> None:
    """Record a draw."""
    case_id, step_code, round_no = place
    connection.execute(
        insert(EXPERT_DRAW).values(
            case_id=case_id,
            step_code=step_code,
            round_no=round_no,
            draw_no=drawn.draw_no,
            experts=",".join(drawn.experts),
            recused=canonical_json(dict(drawn.recused)).decode(),
            seed=drawn.seed,
            pool_sha256=pool_sha256(pool),
            drawn_by=drawn.drawn_by,
            drawn_at=drawn.drawn_at,
        )
    )


def pool_sha256(pool: ExpertPool) -> str:
    """Digest of the pool that was drawn from."""
    return sha256_hex(canonical_json(asdict(pool)))


def judging(draws: Mapping[Place, Sequence[Draw]], place: Place) -> tuple[str, ...]:
    """Who judges the round: the newest draw's experts; nobody while none were drawn."""
    return draws[place][-1].experts if place in draws else ()
