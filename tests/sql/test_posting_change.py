"""What stood before the county went live is lifted as it was laid: nobody is paid for it, and nothing is asked back."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest
from tests.sql.given import given

from mianshen.warehouse import postings
from mianshen.warehouse.build import make_table

GO_LIVE = date(2026, 10, 1)
POSTED = (
    "'A1' as award_id, 'P1' as person_key, 'b' as benefit_code, 2026::integer as benefit_year, 'S1' as event_id,"
    " 1::integer as posting_no, '{kind}' as kind, {fen}::bigint as amount_fen, 'C' as category_code, 'c' as clause_id,"
    " 'd' as department_code, 'f' as fund_code, null::varchar as reverses_award_id, null::varchar as approval_item_id,"
    " 'effective' as fate"
)


def due(kind: str, fen: int) -> list[dict[str, Any]]:
    """What is posted when an event on which this stands gives nothing any more."""
    con = duckdb.connect(":memory:")
    for table in ("out.award_line", "out.award_opening", "out.assessment"):
        given(con, table)
    con.execute("create schema ledger")
    con.execute(f"create table ledger.award_posting as select {POSTED.format(kind=kind, fen=fen)}")
    make_table(con, "out.posting_change", {"go_live_on": GO_LIVE})
    return postings.due(con, go_live_on=GO_LIVE)


@pytest.mark.parametrize(
    ("kind", "fen"),
    [("opening", -1), ("opening", 500), ("award", 500), ("award", -500)],
    ids=["the window had paid a fen more", "an opening", "an award", "the window had paid more since"],
)
def test_what_gives_nothing_any_more_is_lifted_by_its_own_kind(kind: str, fen: int) -> None:
    assert [(row["kind"], row["amount_fen"]) for row in due(kind, fen)] == [(kind, -fen)]
