"""Bills refunded, corrected, renumbered, repeated, withdrawn, in any order: what stands posted is the clean history's."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.properties.settled_histories import History, history
from tests.stages.staged_county import StagedCounty, listed, make_staged
from tests.stages.test_reviews_and_withdrawals import computed

from mianshen.core.days import ZONE, Month
from mianshen.warehouse import withdrawals
from mianshen.warehouse.ledger import AWARD_POSTING

AS_OF = datetime(2026, 4, 20, 9, tzinfo=ZONE)
MONTH = Month(2026, 3)
BILLS = 14
PARTS = 3
SCALE = 40
"""Bills of up to 36,000 yuan, so that deductibles and caps are met."""
Row = Mapping[str, Any]


def as_delivered(row: Row, number: int) -> dict[str, Any]:
    """A row of the history with the amounts that a base reads."""
    fen = row["medfee_sumamt"] * SCALE
    money = {"medfee_sumamt": fen, "psn_part_amt": fen, "inscp_scp_amt": fen}
    nothing = dict.fromkeys(("hifp_pay", "hifmi_pay", "hifes_pay", "maf_pay"), 0)
    return {**row, **money, **nothing, "med_type": "21", "fixmedins_code": f"H{number}"}


def again_under_other_ids(rows: Iterable[Row]) -> list[Row]:
    """The bills as a province sends them once more with new numbers."""
    return [{**row, "setl_id": f"Z{row['setl_id']}"} for row in rows]


def clean(life: History, rows: Sequence[Row]) -> list[Row]:
    """The bills of a life as they stand in the end, each told once, in a single row."""
    found = []
    for setl_id, fen in life.standing.items():
        if fen is not None:
            newest = [row for row in rows if row["setl_id"] == setl_id and row["refd_setl_flag"] == "0"][-1]
            money = dict.fromkeys(("medfee_sumamt", "psn_part_amt", "inscp_scp_amt"), fen * SCALE)
            found.append({**newest, **money})
    return found


def county(root: Path) -> StagedCounty:
    made = make_staged(root, month=MONTH, as_of=AS_OF)
    made.deliver("roster", "bureau_list", "2026-03", *(listed(f"P{number}") for number in range(7)))
    made.deliver("roster", "union_list", "2026-03")
    return made


def granted(made: StagedCounty) -> dict[tuple[str, str], int]:
    """What stands posted by person and benefit."""
    key = (AWARD_POSTING.c.person_key, AWARD_POSTING.c.benefit_code)
    query = select(*key, func.sum(AWARD_POSTING.c.amount_fen)).group_by(*key)
    with made.job.ledger.connect() as connection:
        return {(person, benefit): int(fen) for person, benefit, fen in connection.execute(query) if fen}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_history_ends_in_the_entitlement_of_the_clean_one(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    lives = [history(chance, number) for number in range(BILLS)]
    told = [[as_delivered(row, number) for row in life.rows] for number, life in enumerate(lives)]
    ends = [row for life, rows in zip(lives, told, strict=True) for row in clean(life, rows)]
    plain = county(tmp_path / "clean")
    plain.deliver("settlement", "settlement", "2026-03", *ends)
    computed(plain)

    ugly = county(tmp_path / "ugly")
    parts: dict[int, list[Row]] = defaultdict(list)
    for rows in told:
        for row in rows:
            parts[chance.randrange(PARTS)].append(row)
            if chance.random() < 0.3:
                parts[chance.randrange(PARTS)].append(row)
    strangers = [{**row, "setl_id": f"W{row['setl_id']}", "fixmedins_code": "W"} for row in ends]
    wrong = ugly.deliver("settlement", "settlement", "2026-03-30", *strangers)
    for place in chance.sample(range(PARTS), PARTS):
        ugly.deliver("settlement", "settlement", f"2026-03-{place + 1:02d}", *parts[place])
        computed(ugly)
    ugly.deliver("settlement", "settlement", "2026-03-29", *again_under_other_ids(ends))
    with ugly.job.ledger.begin() as connection:
        withdrawals.withdraw(connection, wrong, at=ugly.job.moment, actor="clerk", reason="of another county")
    computed(ugly)
    assert granted(ugly) == granted(plain) != {}
    before = granted(ugly)
    computed(ugly)
    assert granted(ugly) == before, "once more changes nothing"
