"""The register of clocks: each clock is counted in one state, every page read on is every clock, and the sums that the database
keeps are those of the events."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select
from tests.ledgers import new_ledger
from tests.postgres import new_database

from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.warehouse import docket
from mianshen.warehouse.clock_store import Subject, TurnOf, clock_id, open_clocks_due, record_event, turn_clocks
from mianshen.warehouse.clock_warnings import STEPS
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.docket import Wanted
from mianshen.warehouse.ledger import CLOCK, CLOCK_EVENT, CLOCK_EXEMPTION, CLOCK_STANDING, CLOCK_TURN

COUNTY = "100999"
NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)
EVERY = Wanted((COUNTY,))
CLOCKS = 300


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Three hundred drawn clocks: running, late, paused, handed on, closed, exempted."""
    if request.param == "sqlite":
        yield from _filled(f"sqlite:///{tmp_path_factory.mktemp('docket') / 'ledger.db'}")
        return
    yield from _filled(new_database(request.getfixturevalue("postgres"), "docket"))


def _filled(url: str) -> Iterator[Engine]:
    new_ledger(url)
    engine = open_database(url)
    drawn = random.Random(6)
    with engine.begin() as connection:
        for number in range(CLOCKS):
            _draw(connection, number, drawn)
        record_misses(connection, COUNTY, as_of=NOW)
        late = (
            connection.execute(select(CLOCK_STANDING.c.clock_id).where(CLOCK_STANDING.c.missed_at.is_not(None))).scalars().all()
        )
        for key in drawn.sample(sorted(late), 20):
            connection.execute(insert(CLOCK_EXEMPTION).values(_act(key, 1, "applied", "zhang")))
            connection.execute(insert(CLOCK_EXEMPTION).values(_act(key, 2, drawn.choice(("granted", "denied")), "li")))
    yield engine
    engine.dispose()


def _draw(connection: Connection, number: int, drawn: random.Random) -> None:
    started = NOW - timedelta(days=drawn.randrange(60))
    subject = Subject(COUNTY, "application", f"A{number}", drawn.choice(("civil", "disabled")), drawn.choice(("花源镇", None)))
    limit = drawn.choice(("pay", "trigger"))
    key = clock_id(subject, limit)
    open_clocks_due(connection, [(subject, limit, started, _due(started, drawn))])
    turns = []
    for _ in range(drawn.choice((0, 0, 0, 1, 2))):
        until = _due(started, drawn) if drawn.random() < 0.6 else None
        turns.append(TurnOf(drawn.choice(("civil", "finance")), until, started, None))
    turn_clocks(connection, {key: turns})
    if drawn.random() < 0.5:
        record_event(connection, key, event="closed", at=min(NOW, started + timedelta(days=drawn.randrange(30))))


def _due(started: datetime, drawn: random.Random) -> Due:
    at = (started + timedelta(days=drawn.randrange(1, 60))).replace(hour=0)
    return Due(on=(at - timedelta(days=1)).date(), at=at, provisional=False)


def _act(key: str, number: int, act: str, actor: str) -> dict[str, Any]:
    said = {"ground": "SYSTEM_OUTAGE", "document": "医保〔2026〕1号", "document_sha256": None, "department_code": "civil"}
    return {"clock_id": key, "act_no": number, "act": act, "actor": actor, "acted_at": NOW.isoformat(), **said}


def _stands(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every clock as its own rows say, without the database's sums: the slow way."""
    found: dict[str, dict[str, Any]] = {row["clock_id"]: dict(row) for row in connection.execute(select(CLOCK)).mappings()}
    for clock in found.values():
        clock |= {"turn_no": 0, "closed_at": None, "closed_as": None, "missed_at": None, "cause_code": None, "exempted_at": None}
    for turn in connection.execute(select(CLOCK_TURN).order_by(CLOCK_TURN.c.turn_no)).mappings():
        still = {"due_on": "9999-12-31", "due_at": "9999-12-31T00:00:00+08:00"}
        said = {name: turn[name] or still.get(name) for name in ("holder_department", "due_on", "due_at", "turn_no")}
        found[turn["clock_id"]] |= said | {"is_provisional": turn["is_provisional"]}
    for event in connection.execute(select(CLOCK_EVENT)).mappings():
        clock = found[event["clock_id"]]
        if event["event"] == "closed":
            clock["closed_at"] = event["happened_at"]
            clock["closed_as"] = "met" if event["happened_at"] < clock["due_at"] else "met_late"
        if event["event"] == "missed":
            clock |= {"missed_at": event["happened_at"], "cause_code": event["cause_code"]}
    for act in connection.execute(select(CLOCK_EXEMPTION)).mappings():
        if act["act"] == "granted":
            found[act["clock_id"]]["exempted_at"] = act["acted_at"]
    return found


def _state(clock: dict[str, Any]) -> str:
    now, soon = NOW.isoformat(), (NOW + timedelta(days=2)).isoformat()
    if clock["closed_as"] == "met":
        return "met"
    if clock["closed_as"] is None and clock["due_at"] > now:
        if clock["due_at"] <= soon:
            return "due_soon"
        return "paused" if clock["due_at"].startswith("9999") else "open"
    if clock["exempted_at"] is not None:
        return "exempted"
    return "overdue" if clock["closed_as"] is None else "met_late"


def test_the_sums_of_the_database_are_those_of_the_events(ledger: Engine) -> None:
    with ledger.connect() as connection:
        kept = {row["clock_id"]: dict(row) for row in connection.execute(select(CLOCK_STANDING)).mappings()}
        assert kept == _stands(connection)


def test_every_clock_is_counted_in_one_state(ledger: Engine) -> None:
    with ledger.connect() as connection:
        slow = Counter(_state(clock) for clock in _stands(connection).values())
        quick: Counter[str] = Counter()
        for one in docket.counted(connection, EVERY, as_of=NOW):
            quick[one.state] += one.clocks
    assert set(slow) == set(docket.STATES), "a state that no drawn clock is in would prove nothing"
    assert quick == slow


@pytest.mark.parametrize("state", [None, *docket.STATES])
@pytest.mark.parametrize("town", [None, "花源镇"])
def test_pages_read_on_are_what_was_counted(ledger: Engine, state: str | None, town: str | None) -> None:
    wanted = Wanted((COUNTY,), state=state, town=town, holder_department="civil")
    read: list[str] = []
    after = None
    with ledger.connect() as connection:
        counted = sum(one.clocks for one in docket.counted(connection, wanted, as_of=NOW))
        while True:
            page = docket.page_of(connection, wanted, as_of=NOW, after=after, size=7)
            assert all(state in (None, row["state"]) for row in page.rows)
            read += [row["clock_id"] for row in page.rows]
            if page.after is None:
                break
            after = page.after
    assert len(read) == len(set(read)) == counted > 0


def test_a_miss_is_recorded_once_and_stays(ledger: Engine) -> None:
    with ledger.begin() as connection:
        assert record_misses(connection, COUNTY, as_of=NOW) == []
        missed = sum(docket.misses_by_day(connection, EVERY).values())
        late = {"overdue", "met_late", "exempted"}
        assert missed == sum(_state(one) in late for one in _stands(connection).values())


def test_the_history_of_a_clock_tells_everything_that_was_recorded(ledger: Engine) -> None:
    with ledger.connect() as connection:
        acted = connection.execute(select(CLOCK_EXEMPTION.c.clock_id).where(CLOCK_EXEMPTION.c.act == "granted")).scalars().first()
        told = docket.history(connection, str(acted))
        row = docket.clock_row(connection, str(acted), county_codes=[COUNTY], as_of=NOW)
        elsewhere = docket.clock_row(connection, str(acted), county_codes=["999999"], as_of=NOW)
    assert [one["what"] for one in told if one["what"] in ("opened", "missed", "exemption_applied", "exemption_granted")] == [
        "opened", "missed", "exemption_applied", "exemption_granted",
    ]  # fmt: skip
    assert row is not None and row["state"] == "exempted"
    assert elsewhere is None, "another county's reader does not see it"


def test_days_ahead_and_days_missed_stand_by_day(ledger: Engine) -> None:
    with ledger.connect() as connection:
        ahead = docket.due_by_day(connection, EVERY, as_of=NOW)
        running = [
            one for one in _stands(connection).values() if one["closed_at"] is None and not one["due_at"].startswith("9999")
        ]
    assert ahead == dict(sorted(Counter(one["due_on"] for one in running).items()))
    assert STEPS[0] == docket.SOON_DAYS, "a clock is due soon when the first warning is given"
