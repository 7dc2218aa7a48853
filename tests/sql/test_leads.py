"""监督疑点 against planted truth: every planted one is found, nothing that only looks like one is (R001-14)."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest
from tests.sql.given import columns_of, fetched
from tests.sql.leads_county import MAKERS, plant
from tests.sql.leads_planted import EACH, LINES, Rows, show

from mianshen.core.leads import INDICATORS
from mianshen.warehouse.build import make_table
from mianshen.warehouse.leads import CHECKS
from mianshen.warehouse.sql_files import sql_text

PLANTED = plant()


def checked(rows: Rows) -> duckdb.DuckDBPyConnection:
    """A county with every check made."""
    con = duckdb.connect(":memory:")
    show(con, rows)
    for table in ("out.posting_change", *CHECKS):
        make_table(con, table, LINES)
    return con


@pytest.fixture(scope="module")
def county() -> duckdb.DuckDBPyConnection:
    """The planted one; who changes a table takes it back."""
    return checked(PLANTED.rows)


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    """One where nothing was planted."""
    return checked({})


@pytest.fixture(scope="module")
def found(county: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    rows = fetched(county, "select indicator_code, subject_id, evidence, lead_id from out.lead")
    assert all(row["evidence"] for row in rows), "a lead without evidence cannot be checked"
    assert len({row["lead_id"] for row in rows}) == len(rows)
    return {(row["indicator_code"], row["subject_id"]) for row in rows}


def test_every_kind_is_planted_often_enough_to_say_something() -> None:
    planted = Counter(code for code, _ in PLANTED.truth)
    assert set(planted) == set(INDICATORS)
    assert min(planted.values()) >= EACH
    assert len(MAKERS) == len(INDICATORS)


@pytest.mark.parametrize("code", INDICATORS)
def test_what_was_planted_is_found_and_nothing_else(found: set[tuple[str, str]], code: str) -> None:
    """R001-14: the four words of supervision on planted truth."""
    told = {pair for pair in found if pair[0] == code}
    true = {pair for pair in PLANTED.truth if pair[0] == code}
    assert told == true, f"missed {sorted(true - told)[:3]}, false {sorted(told - true)[:3]}"


@pytest.mark.parametrize("table", CHECKS)
def test_tables_are_as_described(empty: duckdb.DuckDBPyConnection, table: str) -> None:
    assert [(name, kind) for name, kind, *_ in empty.execute(f"describe {table}").fetchall()] == columns_of(table)


@pytest.mark.parametrize(
    ("table", "right", "wrong"),
    [
        ("lead_undecided", "where state = 'overdue'", "where state in ('overdue', 'open')"),
        ("lead_undecided", "where decided.approval_item_id is null", "where true"),
        ("lead_delayed", "decided.decided_at >= limited.due_at", "decided.decided_at >= limited.due_on"),
        ("lead_delayed", "limited.state = 'met_late'", "limited.closed_at is not null"),
        ("lead_short", "change.change_fen > change.opening_fen", "change.change_fen > 100"),
        ("lead_short", "granted.granted_fen > 0", "granted.granted_fen > 5000"),
        ("lead_left_out", "and granted.person_key is null", ""),
        ("lead_left_out", "span.until > event.since", "span.until >= event.since"),
        ("lead_left_out", "not span.is_provisional", "true"),
        ("lead_awaited", "and state = 'overdue'", ""),
        ("lead_awaited", "is_provisional and", ""),
        ("lead_awaited", "and amount_fen > 0", ""),
        ("lead_awaited", "late.list_code = doubted.list_code", "true"),
        ("lead_favour", "granted.since < span.until", "granted.since <= span.until"),
        ("lead_favour", "granted.until_on >= span.since", "granted.since >= span.since"),
        ("lead_favour", "granted.since - cast($brief_before_days as integer)", "granted.since - 8"),
        ("lead_favour", "state <> 'cancelled'", "state <> 'no such'"),
        ("lead_favour", "count(distinct payee_key) > 1", "count(*) > 1"),
        ("lead_favour", "decided.seconds < $haste_seconds or", "decided.seconds <= $haste_seconds or"),
        ("lead_favour", "decided.hour >= $night_from", "decided.hour > $night_from"),
        ("lead_breach", "relieved.since > dead.died_on", "relieved.until_on > dead.died_on"),
        ("lead_breach", "relieved.since < other.until_on", "relieved.since <= other.until_on"),
        ("lead_breach", "and relieved.fixmedins_code <> other.fixmedins_code", ""),
        ("lead_breach", "and other.since < other.until_on", ""),
        ("lead_breach", "having sum(posting.amount_fen) > 0", ""),
        ("lead_tardy", "board.state = 'overdue'", "board.state <> 'met'"),
        ("lead_tardy", "< cast($as_of as date)", "<= cast($as_of as date)"),
    ],
)
def test_a_check_that_draws_its_line_elsewhere_is_caught(
    county: duckdb.DuckDBPyConnection, table: str, right: str, wrong: str
) -> None:
    text = sql_text(f"out.{table}")
    assert right in text, "the seeded fault does not fit the text any more"
    changed = {f"out.{table}": text.replace(right, wrong)}
    county.begin()
    for one in CHECKS[CHECKS.index(f"out.{table}") :]:
        make_table(county, one, LINES, text=changed.get(one))
    rows = fetched(county, "select indicator_code, subject_id from out.lead")
    county.rollback()
    assert {(row["indicator_code"], row["subject_id"]) for row in rows} != PLANTED.truth
