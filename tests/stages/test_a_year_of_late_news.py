"""Twelve months with late news, paid month by month as they become known, end where one computation of the end would."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select
from tests.conftest import Shard
from tests.stages.staged_county import listed, make_staged, settlement

from mianshen.core.days import Month
from mianshen.stages import apply, assess, correct, profile
from mianshen.warehouse import payments
from mianshen.warehouse.layers import USUAL, Layering
from mianshen.warehouse.ledger import AWARD_POSTING, PAYMENT_LINE, RECOVERY_ENTRY, RECOVERY_LINE
from mianshen.warehouse.payment_draft import make_draft, netted

PEOPLE = [f"P{number}" for number in range(10)]
ALONE = "P9"
"""Treated once, paid, and refunded whole months later: there is no later award that would hide it."""
MONTHS = range(1, 13)
LATE_PER_CENT = 5
"""Of facts, at least; of bills three times as many come late and twice as many are taken back or corrected."""
SEEDS = tuple(range(16))
LAYERS = Layering(fewest_rows=0, most_layers=5, most_hidden_ppm=1_000_000)
"""Month by month the touched people's rows lie above the others', of whatever size; now and then all are written together."""
Row = Mapping[str, Any]
Money = dict[tuple[str, str], int]


@dataclass
class Year:
    """What happens in a year, by the month in which it becomes known."""

    told: dict[int, list[Row]]
    """Settlements, their refunds and corrections."""
    lists: dict[tuple[int, int], list[Row]]
    """The list of a month as each of its versions says it: (month told of, month in which it comes)."""


def year_of(chance: random.Random) -> Year:
    """Every person is treated now and then; one fact in twenty is late, taken back, corrected, backdated or revoked."""
    told: dict[int, list[Row]] = defaultdict(list)
    held = {month: [one for one in PEOPLE if one == ALONE or chance.random() < 0.9] for month in MONTHS}
    lists: dict[tuple[int, int], list[Row]] = {(month, month): [listed(one) for one in held[month]] for month in MONTHS}
    number = 0
    for month in MONTHS:
        for person in PEOPLE:
            if person != ALONE and chance.random() < 0.5:
                number += 1
                bill(chance, told, f"S{number}", person, month)
    for month in MONTHS[:-2]:
        if chance.random() * 100 < LATE_PER_CENT * 6:
            known = min(12, month + chance.randint(1, 3))
            whose = chance.choice([one for one in PEOPLE if one != ALONE])
            others = [one for one in held[month] if one != whose]
            lists[month, known] = [listed(one) for one in (others if whose in held[month] else [*others, whose])]
    row = settlement("ALONE", on=date(2026, 2, 3), person_key=ALONE, fixmedins_code="ALONE", **money(3_000_000))
    told[2].append(row)
    back = {
        "refd_setl_flag": "1",
        "setl_id": "ALONER",
        "init_setl_id": "ALONE",
        "updt_time": datetime.fromisoformat("2026-06-09 12:00"),
    }
    told[6].append({**row, **back, **money(-3_000_000)})
    return Year(told, lists)


def bill(chance: random.Random, told: dict[int, list[Row]], setl_id: str, person: str, month: int) -> None:
    """One settlement, with what becomes of it and when that is told."""
    day = date(2026, month, chance.randint(1, 28))
    fen = chance.randint(200_000, 4_000_000)
    row = settlement(setl_id, on=day, person_key=person, fixmedins_code=setl_id, **money(fen))
    late = chance.random() * 100 < LATE_PER_CENT * 3
    known = min(12, month + (chance.randint(1, 4) if late else 0))
    told[known].append(row)
    if chance.random() * 100 >= LATE_PER_CENT * 2:
        return
    later = min(12, known + chance.randint(1, 4))
    moment = datetime.fromisoformat(f"2026-{later:02d}-28 23:00")
    if chance.random() < 0.5:
        taken = {"refd_setl_flag": "1", "setl_id": f"{setl_id}R", "init_setl_id": setl_id}
        told[later].append({**row, **taken, "updt_time": moment, **money(-fen)})
    else:
        told[later].append({**row, "updt_time": moment, **money(chance.randint(100_000, fen))})


def money(fen: int) -> dict[str, int]:
    return dict.fromkeys(("medfee_sumamt", "psn_part_amt", "inscp_scp_amt"), fen)


class Told:
    """A county to which the year is told."""

    def __init__(self, root: Path, year: Year, layering: Layering = USUAL) -> None:
        self.made = make_staged(root)
        self.made.job = replace(self.made.job, layering=layering)
        self.year = year
        self.lists: dict[int, str] = {}

    def deliver(self, month: int) -> None:
        """What becomes known in the month."""
        self.made.deliver("settlement", "settlement", f"2026-{month:02d}", *self.year.told[month])
        for (of, known), rows in sorted(self.year.lists.items()):
            if known == month:
                if of in self.lists:
                    self.made.supersede(self.lists[of])
                self.lists[of] = self.made.deliver("roster", "bureau_list", f"2026-{of:02d}", *rows, version=1 + (of != known))
        self.made.deliver("roster", "union_list", f"2026-{month:02d}")

    def compute(self, month: int) -> list[dict[str, int]]:
        """The month's chain to the postings; what each stage counted."""
        self.made.later(days=1)
        self.made.job = replace(self.made.job, month=Month(2026, month))
        return [stage.run(self.made.job).counts for stage in (profile, assess, apply)]

    def pay(self) -> dict[str, int]:
        """What is agreed leaves: what stage correct counted, then every person's payable net is paid."""
        counts = correct.run(self.made.job).counts
        with self.made.job.ledger.begin() as connection:
            rows = payments.payable(connection, county_code=self.made.job.county_code)
            shares = [{**row, "payee_key": row["person_key"], "relation_id": None} for row in rows]
            due = [one for one in netted(shares) if one.amount_fen > 0]
            assert all(one.amount_fen >= 0 for one in netted(shares)), "what is below zero lies in a recovery"
            if due:
                made = make_draft(due, county_code=self.made.job.county_code, bank_profile="none")
                frozen = {"month": str(self.made.job.month), "created_at": self.made.job.moment, "maker": "x"}
                payments.write_draft(
                    connection, {**made.batch, **frozen, "audit_head": "", "audit_count": 0}, made.payments, made.lines
                )
        return counts

    def sums(self, table: Table) -> Money:
        """Fen by person and fund of postings, payment lines or postings in recoveries."""
        key = (AWARD_POSTING.c.person_key, AWARD_POSTING.c.fund_code)
        query = select(*key, func.sum(table.c.amount_fen)).group_by(*key)
        if table is not AWARD_POSTING:
            query = query.join(AWARD_POSTING, AWARD_POSTING.c.award_id == table.c.award_id)
        with self.made.job.ledger.connect() as connection:
            return {(person, fund): int(fen) for person, fund, fen in connection.execute(query) if fen}


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_a_year_told_month_by_month_ends_where_it_ends_told_at_once(
    shard: Shard, tmp_path: Path, agree_all: Callable[..., None]
) -> None:
    for seed in shard.take(SEEDS):
        year = year_of(random.Random(seed))
        late = Told(tmp_path / f"late-{seed}", year, layering=LAYERS)
        carried, found = 0, 0
        for month in MONTHS:
            late.deliver(month)
            counts = late.compute(month)
            carried += counts[1]["carried"]
            agree_all(late.made)
            found += sum(late.pay()[f"{way}_found"] for way in ("case", "small", "forgiven"))
        at_once = Told(tmp_path / f"at-once-{seed}", year)
        for month in MONTHS:
            at_once.deliver(month)
        at_once.compute(12)
        assert late.sums(AWARD_POSTING) == at_once.sums(AWARD_POSTING) != {}
        assert carried == len(MONTHS) - 1, "every month but the first reassessed the touched alone"
        assert is_whole(late), "posted = paid + kept for a recovery + claimed + payable, by person and fund"
        assert late.compute(12)[2]["postings"] == 0, "once more posts nothing"
        assert found >= 1, "a year without anything paid too much proves little"


def is_whole(told: Told) -> bool:
    """Whether every posting lies in payments, in a recovery, kept for one, or waits, to the fen by person and fund."""
    with told.made.job.ledger.connect() as connection:
        rows = payments.payable(connection, county_code=told.made.job.county_code)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        found[row["person_key"], row["fund_code"]] += row["amount_fen"]
    for table in (PAYMENT_LINE, RECOVERY_LINE, RECOVERY_ENTRY):
        for key, fen in told.sums(table).items():
            found[key] += fen
    return {key: fen for key, fen in found.items() if fen} == told.sums(AWARD_POSTING)
