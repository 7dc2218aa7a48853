"""Histories of bills: settled, corrected, taken back in every way, settled again, repeated; and what a clerk makes of each."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

START = datetime.fromisoformat("2026-03-01 08:00:00")


@dataclass(frozen=True)
class History:
    """One person's bill at one hospital on one day, over its life."""

    rows: tuple[Mapping[str, Any], ...]
    """What is delivered, in the order of time."""
    standing: Mapping[str, int | None]
    """What a clerk would find: settlement to the fen that stand, None when nothing does."""
    waiting: int
    """Refunds that nobody can place."""


def history(chance: random.Random, number: int) -> History:
    """A bill's life drawn at random; the oracle is told as the story is, step by step, and never looks at the rows."""
    own, fen = f"S{number}", chance.randrange(1_000, 90_000)
    moment = START + timedelta(days=number % 200)
    told = _Story(person=f"P{number % 7}", day=moment, hospital=f"H{number}")
    told.bill(own, fen)
    if chance.random() < 0.3:
        fen = chance.randrange(1_000, 90_000)
        told.bill(own, fen)
    step = chance.choice(("none", "flag", "same", "named", "alike", "partial", "twice_partial", "back", "lost"))
    told.take_back(step, own, fen, chance)
    if step in GONE - {"twice_partial"} and chance.random() < 0.6:
        told.bill(f"{own}N", chance.randrange(1_000, 90_000))
    rows = list(told.rows)
    rows += [row for row in told.rows if chance.random() < 0.2]
    return History(tuple(rows), told.standing, told.waiting)


class _Story:
    def __init__(self, *, person: str, day: datetime, hospital: str) -> None:
        self.rows: list[dict[str, Any]] = []
        self.standing: dict[str, int | None] = {}
        self.waiting = 0
        self._place = {"person_key": person, "fixmedins_code": hospital, "begndate": day.date(), "enddate": day.date()}
        self._moment = day

    def _row(self, setl_id: str, fen: int, **changes: Any) -> None:
        self._moment += timedelta(hours=3)
        times = {"setl_time": self._moment, "updt_time": self._moment}
        money = {"medfee_sumamt": fen, "psn_part_amt": fen, "fund_pay_sumamt": 0}
        self.rows.append({**self._place, **times, **money, "setl_id": setl_id, "refd_setl_flag": "0"} | changes)

    def bill(self, setl_id: str, fen: int) -> None:
        self._row(setl_id, fen)
        self.standing[setl_id] = fen

    def take_back(self, step: str, own: str, fen: int, chance: random.Random) -> None:
        part = chance.randrange(1, fen - 1)
        for setl_id, amount, original in _records(own, fen, part)[step]:
            self._row(setl_id, amount, refd_setl_flag="1", **({"init_setl_id": original} if original else {}))
        if step in GONE:
            self.standing[own] = None
        if step == "partial":
            self.standing[own] = fen - part
        self.waiting += step == "lost"


GONE = frozenset({"flag", "same", "named", "alike", "twice_partial"})
"""Ways after which nothing stands."""


def _records(own: str, fen: int, part: int) -> Mapping[str, list[tuple[str, int, str | None]]]:
    """What is delivered for each way of taking back: id, amount, settlement that it names."""
    return {
        "none": [],
        "flag": [(own, fen, None)],
        "same": [(own, -fen, None)],
        "named": [(f"{own}R", -fen, own)],
        "alike": [(f"{own}R", -fen, None)],
        "partial": [(f"{own}R1", -part, own)],
        "twice_partial": [(f"{own}R1", -part, own), (f"{own}R2", part - fen, own)],
        "back": [(f"{own}R", -fen, own), (f"{own}RR", fen, f"{own}R")],
        "lost": [(f"{own}X", -part, f"{own}-elsewhere")],
    }
