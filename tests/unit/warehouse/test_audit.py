"""Every tampering of the chain is found where it was made; a cut tail against the head that was printed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from mianshen.warehouse import audit
from mianshen.warehouse.audit import GENESIS, Entry, Head, verify
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import METADATA

MOMENT = "2026-11-03T09:00:00+08:00"
LENGTH = 40


@pytest.fixture
def ledger(tmp_path: Path) -> Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    METADATA.create_all(engine)
    return engine


def entries(count: int, start: int = 0) -> list[Entry]:
    return [Entry("decision.rule", f"B{number}", {"items": number, "why": "名单"}) for number in range(start, start + count)]


@pytest.fixture
def chain(ledger: Engine) -> tuple[list[dict[str, Any]], Head]:
    """Rows of a chain written in two transactions, and its head."""
    with ledger.begin() as connection:
        audit.append(connection, entries(25), at=MOMENT, actor="system")
    with ledger.begin() as connection:
        end = audit.append(connection, entries(15, 25), at=MOMENT, actor="approver")
        return [dict(row) for row in audit.rows_of(connection)], end


def test_sm3_is_the_published_one() -> None:
    assert audit.sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_an_empty_chain_has_the_genesis_head(ledger: Engine) -> None:
    with ledger.connect() as connection:
        assert audit.head(connection) == Head(GENESIS, 0)
        assert verify(audit.rows_of(connection), expected=Head(GENESIS, 0)).problem == "ok"


def test_an_untouched_chain_holds(chain: tuple[list[dict[str, Any]], Head]) -> None:
    rows, end = chain
    assert end.count == len(rows) == LENGTH
    assert verify(rows, expected=end) == audit.Verdict(LENGTH, None, "ok")


def test_appending_nothing_changes_nothing(ledger: Engine) -> None:
    with ledger.begin() as connection:
        assert audit.append(connection, [], at=MOMENT, actor="system") == Head(GENESIS, 0)


def test_a_thousand_changed_fields_are_each_found_in_their_row(chain: tuple[list[dict[str, Any]], Head]) -> None:
    rows, end = chain
    draw = random.Random(7)
    for _ in range(1000):
        place, field = draw.randrange(LENGTH), draw.choice(["at", "actor", "action", "subject", "detail", "previous", "digest"])
        forged = [dict(row) for row in rows]
        forged[place][field] = forged[place][field][:-1] + ("0" if forged[place][field][-1] != "0" else "1")
        assert verify(forged, expected=end).first_bad == place + 1


@pytest.mark.parametrize("place", [0, 7, LENGTH - 2])
def test_a_row_taken_out_of_the_middle_is_found(chain: tuple[list[dict[str, Any]], Head], place: int) -> None:
    rows, end = chain
    verdict = verify([row for number, row in enumerate(rows) if number != place], expected=end)
    assert (verdict.problem, verdict.first_bad) == ("moved", place + 1)


@pytest.mark.parametrize("cut", [1, 12, LENGTH])
def test_a_cut_tail_is_found_against_the_printed_head_and_only_so(chain: tuple[list[dict[str, Any]], Head], cut: int) -> None:
    rows, end = chain
    kept = rows[: LENGTH - cut]
    assert verify(kept).problem == "ok"
    assert verify(kept, expected=end) == audit.Verdict(LENGTH - cut, LENGTH - cut + 1, "cut")


def test_a_chain_written_anew_has_another_head(chain: tuple[list[dict[str, Any]], Head]) -> None:
    rows, end = chain
    forged: list[dict[str, Any]] = []
    previous = GENESIS
    for row in rows:
        changed = {**row, "previous": previous, "actor": "somebody" if row["audit_no"] == 3 else row["actor"]}
        changed["digest"] = previous = audit.row_digest(changed)
        forged.append(changed)
    assert verify(forged).problem == "ok"
    assert verify(forged, expected=end).problem == "other_head"


def test_an_old_sheet_still_verifies_a_chain_that_grew(ledger: Engine, chain: tuple[list[dict[str, Any]], Head]) -> None:
    _, printed = chain
    with ledger.begin() as connection:
        audit.append(connection, entries(3), at=MOMENT, actor="system")
        assert verify(audit.rows_of(connection), expected=printed).problem == "ok"
