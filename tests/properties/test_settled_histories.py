"""Generated histories end in the same claims whatever came first, and as a clerk would find them; mutants of the SQL do not."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pytest
from tests.conftest import Shard
from tests.properties.settled_histories import History, history
from tests.sql.given import fetched, given, made
from tests.sql.settled import TABLES, made_events, parameters

from mianshen.warehouse import build
from mianshen.warehouse.sql_files import sql_text

DELIVERIES = [f"D{number}" for number in range(1, 6)]
BILLS = 240
MUTANTS = (
    ("facts.settlement_newest", "order by updt_time desc nulls last", "order by updt_time nulls last"),
    ("facts.settlement_newest", "v.is_flagged and (v.target_id <> v.setl_id or coalesce(v.medfee_sumamt < 0, false))", "false"),
    ("facts.settlement_newest", "coalesce(s.refd_setl_flag = '1', false)", "false"),
    ("facts.settlement_newest", "coalesce(nullif(s.init_setl_id, ''), s.setl_id)", "s.setl_id"),
    ("facts.refund", "t.depth < $longest_chain", "t.depth < 1 and $longest_chain > 0"),
    ("facts.refund", "if(t.depth = 0, t.event_id = p.event_id, t.refund_id = p.refund_of)", "t.event_id = p.event_id"),
    ("facts.refund", "lambda fen: -coalesce(fen, 0)", "lambda fen: coalesce(fen, 0)"),
    ("facts.refund", "and r.fen = o.fen", "and r.fen <> o.fen"),
    ("facts.refund", "where not is_refund or standing >= lowest_before", "where not is_refund"),
    ("facts.refund", "where medfee_sumamt < 0 and", "where medfee_sumamt > 0 and"),
    ("facts.care_netted", "n.medfee_sumamt + t.net[1] <= 0", "n.medfee_sumamt + t.net[1] < 0"),
    ("facts.care_netted", "n.is_flagged or coalesce", "coalesce"),
    ("facts.care_netted", "n.psn_part_amt + n.net[16]", "n.psn_part_amt + n.net[15]"),
    ("facts.care_netted", "if(n.is_partial, n.medfee_sumamt + n.net[1], n.medfee_sumamt)", "n.medfee_sumamt"),
    ("facts.care_event", "when n.is_struck then 'STRUCK'", "when n.is_partial then 'STRUCK'"),
    ("facts.care_netted", "where not n.is_refund", "where true"),
)
"""Seeded faults: table, what stands, what stands in its place."""


def bills(seed: int) -> list[History]:
    chance = random.Random(seed)
    return [history(chance, number) for number in range(BILLS)]


def staged(lives: Sequence[History], seed: int) -> list[dict[str, Any]]:
    """Every row in a delivery drawn at random, so that what happened later may come earlier."""
    chance = random.Random(seed)
    rows = [row for life in lives for row in life.rows]
    return [{**row, "delivery_id": chance.choice(DELIVERIES), "line_no": place} for place, row in enumerate(rows, 2)]


def found(lives: Sequence[History], seed: int) -> tuple[dict[str, int | None], int]:
    """Settlement to the fen that stand, by SQL, and how many refunds wait."""
    chance = random.Random(seed)
    with duckdb.connect(":memory:", config={"threads": 1}) as con:
        given(con, "staging.settlement", *staged(lives, seed))
        arrivals = chance.sample(range(1, 6), 5)
        rows = made_events(con, settlement_deliveries=DELIVERIES, settlement_arrivals=arrivals)
        waiting = made(con, "facts.refund_quarantined", waiting_original="WAITING_ORIGINAL")
        given(con, "facts.identity_span")
        checks = made(con, "checks.profile", settlement_deliveries=DELIVERIES)
        assert all(one["failures"] == 0 and one["fen_in"] == one["fen_out"] for one in checks)
        assert all(row["psn_part_amt"] == row["medfee_sumamt"] for row in rows)
        assert len(fetched(con, "from facts.claim_review where action = 'hold'")) == 0, "nothing of it is doubtful"
    return {row["event_id"]: None if row["state"] == "STRUCK" else row["medfee_sumamt"] for row in rows}, len(waiting)


def by_hand(lives: Sequence[History]) -> tuple[dict[str, int | None], int]:
    return {one: fen for life in lives for one, fen in life.standing.items()}, sum(life.waiting for life in lives)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_histories_end_as_a_clerk_would_find_them_whatever_came_first(seed: int) -> None:
    lives = bills(seed)
    wanted = by_hand(lives)
    assert found(lives, seed) == wanted
    assert found(lives, seed + 100) == wanted, "the same rows in other deliveries, in another order"


def test_the_generator_tells_every_kind_of_story() -> None:
    standing, waiting = by_hand(bills(1))
    assert waiting > 10 and sum(fen is None for fen in standing.values()) > 60 and any(one.endswith("N") for one in standing)


@pytest.mark.proof
def test_every_mutant_of_the_sql_is_caught(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    for table, stands, instead in shard.take(MUTANTS):
        with monkeypatch.context() as patch:
            patch.setattr(build, "sql_text", mutated(table, stands, instead))
            assert is_noticed(), f"{table} with {instead} goes unnoticed"


def test_every_seeded_fault_still_fits_the_text() -> None:
    """Whatever shard runs."""
    assert [(table, stands) for table, stands, _ in MUTANTS if table not in TABLES or stands not in sql_text(table)] == []


def mutated(table: str, stands: str, instead: str) -> Callable[[str], str]:
    return lambda name: sql_text(name).replace(stands, instead) if name == table else sql_text(name)


def is_noticed() -> bool:
    lives = bills(1)
    try:
        return found(lives, 1) != by_hand(lives)
    except (AssertionError, duckdb.Error):
        return True


def test_parameters_name_every_delivery_once() -> None:
    bound = parameters(settlement_deliveries=DELIVERIES)
    assert len(bound["settlement_arrivals"]) == len(bound["settlement_months"]) == len(DELIVERIES)
