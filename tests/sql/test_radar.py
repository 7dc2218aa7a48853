"""应救未救 against planted truth: everybody who was planted is seen, nobody who only looks like it (R001-15)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import duckdb
import pytest
from tests.sql.given import columns_of, fetched
from tests.sql.leads_planted import Planted
from tests.sql.radar_county import EACH, MAKERS, plant
from tests.sql.radar_planted import LINES, PAYERS, care, show, span

from mianshen.core.radar import SIGNALS
from mianshen.warehouse.build import make_table
from mianshen.warehouse.radar import CHECKS
from mianshen.warehouse.sql_files import sql_text

PLANTED = plant()
SEEN = "select signal_code, subject_id, evidence, signal_id, town, waits_for from out.radar"


def seen(rows: object = None, lines: dict[str, object] | None = None, **changed: str) -> duckdb.DuckDBPyConnection:
    """The planted county as the radar sees it, some checks from a changed text."""
    con = duckdb.connect(":memory:")
    show(con, PLANTED.rows if rows is None else rows)  # type: ignore[arg-type]
    for table in CHECKS:
        make_table(con, table, lines or LINES, text=changed.get(table.removeprefix("out.")))
    return con


@pytest.fixture(scope="module")
def found() -> set[tuple[str, str]]:
    rows = fetched(seen(), SEEN)
    assert all(row["evidence"] for row in rows), "a visitor must know why he comes"
    assert len({row["signal_id"] for row in rows}) == len(rows)
    assert not any(row["waits_for"] for row in rows), "every list has come"
    return {(row["signal_code"], row["subject_id"]) for row in rows}


def test_every_kind_is_planted_often_enough_to_say_something() -> None:
    planted = Counter(code for code, _ in PLANTED.truth)
    assert set(planted) == set(SIGNALS)
    assert min(planted.values()) >= EACH
    assert len(MAKERS) == len(SIGNALS)


@pytest.mark.parametrize("code", SIGNALS)
def test_who_was_planted_is_seen_and_nobody_else(found: set[tuple[str, str]], code: str) -> None:
    told = {pair for pair in found if pair[0] == code}
    true = {pair for pair in PLANTED.truth if pair[0] == code}
    assert told == true, f"missed {sorted(true - told)[:3]}, false {sorted(told - true)[:3]}"


def test_the_town_is_what_the_newest_list_said() -> None:
    towns = Counter(row["town"] for row in fetched(seen(), f"{SEEN} where signal_code = 'OVER_LINE_UNLISTED'"))
    assert towns == {"东镇": EACH // 5, None: EACH - EACH // 5}


def test_the_grid_is_what_the_newest_standing_list_of_the_same_town_said() -> None:
    planted = Planted()
    for code, month, gone in (("old", "2026-09", None), ("new", "2026-10", None), ("gone", "2026-11", "2026-11-20T09:00:00")):
        planted.add("facts.roster_snapshot", delivery_id=code, list_code="civil", list_month=month, superseded_at=gone)
    for person, town, said in (
        ("stays", "东镇", (("old", "东镇", "e1"), ("new", "东镇", "e2"), ("gone", "东镇", "e3"))),
        ("moved", "西乡", (("old", "东镇", "e1"), ("new", "西乡", "w1"))),
        ("moved_away", "西乡", (("new", "东镇", "e1"),)),
        ("unknown", None, ()),
    ):
        care(planted, person, borne=2_000_000)
        planted.add("facts.person_month", person_key=f"P-{person}", calendar_month="2026-10", town=town)
        for delivery, place, grid in said:
            planted.add(
                "staging.roster_grid", delivery_id=delivery, line_no=1, person_key=f"P-{person}", town=place, grid_code=grid
            )
    found = fetched(seen(planted.rows, {**LINES, "expected_lists": ["civil"]}), "select person_key, grid_code from out.radar")
    grids = {"P-stays": "e2", "P-moved": "w1", "P-moved_away": None, "P-unknown": None}
    assert {row["person_key"]: row["grid_code"] for row in found} == grids


@pytest.mark.parametrize("table", CHECKS)
def test_tables_are_as_described(table: str) -> None:
    described = seen({}).execute(f"describe {table}").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == columns_of(table)


def test_a_list_that_never_came_is_shown_once_and_visits_nobody() -> None:
    con = seen(lines={**LINES, "expected_lists": ["civil", "veterans", "union"]})
    waiting = fetched(con, "select * from out.radar_cause")
    over = sum(1 for code, _ in PLANTED.truth if code == "OVER_LINE_UNLISTED")
    assert [(row["waits_for"], row["signal_code"], row["signals"]) for row in waiting] == [("union", "OVER_LINE_UNLISTED", over)]
    assert {row["signal_code"] for row in fetched(con, f"{SEEN} where waits_for is null")} == set(SIGNALS) - {
        "OVER_LINE_UNLISTED"
    }


def test_a_year_without_any_fee_delivered_is_shown_once_and_visits_nobody() -> None:
    rows = {**PLANTED.rows, "facts.enrolment_event": []}
    waiting = fetched(seen(rows), "select waits_for, signal_code from out.radar_cause")
    assert [tuple(row.values()) for row in waiting] == [("enrolment", "ENROLMENT_MISSING")]


def test_before_the_month_in_which_a_fee_is_overdue_nobody_is_asked_about_it() -> None:
    con = seen(lines={**LINES, "as_of": "2026-11-30T23:59:59+08:00"})
    assert not fetched(con, f"{SEEN} where signal_code = 'ENROLMENT_MISSING'")


@pytest.mark.parametrize(
    ("table", "right", "wrong"),
    [
        ("radar_over_line", "having sum(borne_fen) > ", "having sum(borne_fen) >= "),
        ("radar_over_line", "state = 'LIVE'", "state <> 'STRUCK'"),
        ("radar_over_line", "state = 'LIVE'", "state <> 'HELD'"),
        *(("radar_over_line", f"- coalesce({one}, 0)", "") for one in PAYERS),
        ("radar_over_line", "and settled_on > cast($as_of as date) - to_months(cast($burden_months as integer))", ""),
        ("radar_over_line", "where listed.person_key is null", ""),
        ("radar_over_line", "coalesce(psn_part_amt, medfee_sumamt - coalesce(fund_pay_sumamt, 0))", "coalesce(psn_part_amt, 0)"),
        ("radar_over_line", "until > cast($as_of as date)", "until > cast($as_of as date) - 365"),
        ("radar_over_line", "where since <= cast($as_of as date)", "where since < cast($as_of as date)"),
        ("radar_lapsed", "stay.until_on >= span.until", "stay.until_on > span.until"),
        ("radar_lapsed", "stay.since < span.until", "stay.since <= span.until"),
        ("radar_lapsed", "having bool_or(span.since <= stay.since)", ""),
        ("radar_lapsed", "listed.person_key is null\n    and ", ""),
        ("radar_lapsed", "and other.since <= lost.lost_on", "and other.since < lost.lost_on"),
        ("radar_lapsed", "max(span.until)", "min(span.until)"),
        ("radar_unpaid", "payment.state in ('sent', 'paid')", "payment.state in ('sent', 'paid', 'returned')"),
        ("radar_unpaid", "payment.state in ('sent', 'paid')", "payment.state in ('paid')"),
        ("radar_unpaid", "line.is_live and", ""),
        ("radar_unpaid", "< cast($as_of as date), true)", "<= cast($as_of as date), true)"),
        ("radar_unpaid", "posting.kind = 'award' and", ""),
        ("radar_unpaid", "and posting.fate = 'effective'", ""),
        ("radar_unpaid", "where owed_fen < 0 or ", "where "),
        ("radar_unpaid", "having sum(owed_fen) > 0", "having sum(owed_fen) > 1"),
        ("radar_unenrolled", "not is_provisional\n        and", ""),
        ("radar_unenrolled", "and fund_pay_sumamt > 0", ""),
        ("radar_unenrolled", "insutype = '310' and", ""),
        ("radar_unenrolled", "and settled_on > cast($as_of as date) - to_months(cast($worker_months as integer))", ""),
        ("radar_unenrolled", "and (until is null or until > cast($as_of as date))", ""),
        ("radar", "where dead.person_key is null", ""),
    ],
)
def test_a_check_that_draws_its_line_elsewhere_is_caught(table: str, right: str, wrong: str) -> None:
    text = sql_text(f"out.{table}")
    assert right in text, "the seeded fault does not fit the text any more"
    rows = fetched(seen(**{table: text.replace(right, wrong)}), SEEN)
    assert {(row["signal_code"], row["subject_id"]) for row in rows} != PLANTED.truth


def test_the_day_on_which_the_line_was_crossed_is_told() -> None:
    planted = Planted()
    planted.add("facts.roster_snapshot", delivery_id="d", list_code="civil")
    planted.add("facts.roster_snapshot", delivery_id="e", list_code="veterans")
    for month, fen in ((3, 600_000), (6, 400_001), (9, 5)):
        care(planted, f"k{month}", person="P-1", since=date(2026, month, 1), nights=0, borne=fen)
    span(planted, "P-1", date(2024, 1, 1), date(2026, 2, 1))
    [row] = fetched(seen(planted.rows), "select * from out.radar")
    assert (str(row["arose_on"]), row["amount_fen"]) == ("2026-06-01", 1_000_006)
