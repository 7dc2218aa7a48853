"""Histories of one list and the spans that follow, told twice: by a walk for one person at a time, and by the SQL files."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import duckdb
from tests.sql import given as tables

from mianshen.core.days import Month
from mianshen.warehouse.build import make_table
from mianshen.warehouse.sql_files import sql_text

RUN_MONTH = Month(2026, 10)
MONTHS = tuple(RUN_MONTH.shift(shift) for shift in range(-6, 2))
PEOPLE = ("P1", "P2", "P3")
CATEGORIES = ("A", "B")
LIST = "L"
BY_LIST, BY_DELIVERY = "varchar[]), d.list_code)", "varchar[]), d.delivery_id)"
"""Here a delivery says for itself whether it is whole."""
Span = tuple[str, str, date, date | None, bool]


@dataclass(frozen=True)
class Delivery:
    """A version of a month's list."""

    month: Month
    rows: Mapping[str, Mapping[str, date | None]]
    """Stated start by person and category."""
    named: frozenset[str] = frozenset()
    """Persons whose row was set aside with their number on it."""
    suggested: frozenset[str] = frozenset()
    """Persons whose name stands on a row that was set aside without a number."""
    known_at: int = 0
    """Place in the order of arrival."""


@dataclass(frozen=True)
class History:
    """Deliveries in the order of their arrival."""

    deliveries: tuple[Delivery, ...]
    is_essential: bool = True
    is_complete: bool = True
    """Whether the list is whole by its nature."""
    partial: frozenset[int] = frozenset()
    """Deliveries of a whole list that are not whole, by their place in the order of arrival."""

    def is_whole(self, delivery: Delivery) -> bool:
        """Whether absence from the delivery ends an identity."""
        return self.is_complete and delivery.known_at not in self.partial

    def standing(self, moment: int) -> list[Delivery]:
        """By month, the newest version that had arrived."""
        newest = {one.month: one for one in self.deliveries if one.known_at <= moment}
        return [newest[month] for month in sorted(newest)]


def generated(chance: random.Random) -> History:
    """People come, leave, change category, have rows set aside; lists come late, twice and out of order."""
    made = [_delivery(chance, month) for month in MONTHS for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    made = made or [_delivery(chance, MONTHS[0])]
    chance.shuffle(made)
    arrived = tuple(replace(one, known_at=place) for place, one in enumerate(made, 1))
    partial = frozenset(one.known_at for one in arrived if chance.random() < 0.15)
    return History(arrived, is_essential=chance.random() < 0.7, is_complete=chance.random() < 0.8, partial=partial)


def _delivery(chance: random.Random, month: Month) -> Delivery:
    rows = {}
    for person in PEOPLE:
        held = {one: _stated(chance) for one in CATEGORIES if chance.random() < 0.45}
        if held:
            rows[person] = held
    some = [frozenset(one for one in PEOPLE if chance.random() < 0.15) for _ in range(2)]
    return Delivery(month, rows, *some)


def _stated(chance: random.Random) -> date | None:
    return date(2026, 2, 1) + timedelta(days=chance.randrange(300)) if chance.random() < 0.4 else None


def rearranged(history: History, chance: random.Random) -> History:
    """The same deliveries in another order; versions of one month keep theirs."""
    order = list(range(len(history.deliveries)))
    chance.shuffle(order)
    by_month: dict[Month, list[Delivery]] = {}
    for one in history.deliveries:
        by_month.setdefault(one.month, []).append(one)
    made = []
    partial = set()
    for place, index in enumerate(order, 1):
        old = by_month[history.deliveries[index].month].pop(0)
        made.append(replace(old, known_at=place))
        partial |= {place} if old.known_at in history.partial else set()
    return replace(history, deliveries=tuple(made), partial=frozenset(partial))


def walked(history: History, moment: int) -> set[Span]:
    """Spans of every person and category, by walking through what stood at the moment, month by month."""
    standing = history.standing(moment)
    keys = {(person, category) for one in standing for person, held in one.rows.items() for category in held}
    return {span for key in keys for span in _walk(history, standing, *key)}


@dataclass
class _Open:
    since: date
    stated: date
    doubtful_from: date | None = None


def _walk(history: History, standing: Sequence[Delivery], person: str, category: str) -> Iterator[Span]:
    lost: date | None = None
    now: _Open | None = None
    for one in standing:
        first = one.month.first_day
        held = one.rows.get(person, {})
        if category in held:
            stated = held[category] or first
            now = now or _Open(first, stated)
            now.stated, now.doubtful_from = min(now.stated, stated), None
        elif now is None:
            continue
        elif person in one.named or (person in one.suggested and not held):
            now.doubtful_from = now.doubtful_from or first
        elif history.is_whole(one):
            yield from _pieces(history, person, category, now, lost, until=first, late_from=None)
            now, lost = None, first
    if now is not None:
        newest = standing[-1].month
        late_from = newest.shift(1).first_day if newest < RUN_MONTH else None
        yield from _pieces(history, person, category, now, lost, until=None, late_from=late_from)


def _pieces(
    history: History, person: str, category: str, now: _Open, lost: date | None, *, until: date | None, late_from: date | None
) -> Iterator[Span]:
    since = now.since if lost is not None and now.stated < lost else now.stated
    doubts = [day for day in (now.doubtful_from, late_from) if day is not None and history.is_essential]
    firm_until = min(doubts) if doubts else until
    if firm_until is None or since < firm_until:
        yield person, category, since, firm_until, False
    if doubts and (until is None or max(since, min(doubts)) < until):
        yield person, category, max(since, min(doubts)), until, True


class Told:
    """A history inside DuckDB, for asking at several moments."""

    def __init__(self, con: duckdb.DuckDBPyConnection, history: History, texts: Mapping[str, str] | None = None) -> None:
        self.con, self.history, self.texts = con, history, texts or {}
        versions: dict[Month, int] = {}
        deliveries, runs = [], []
        for one in history.deliveries:
            versions[one.month] = versions.get(one.month, 0) + 1
            newest = max(other.known_at for other in history.deliveries if other.month == one.month)
            state = "ACCEPTED" if one.known_at == newest else "SUPERSEDED"
            deliveries.append((_id(one), str(one.month), versions[one.month], state, f"R{one.known_at}"))
            runs.append((f"R{one.known_at}", _moment(one.known_at)))
        _ledger(con, deliveries, runs)
        lines = [
            {"delivery_id": _id(one), "list_code": LIST, "person_key": person, "category_code": category, "valid_from": stated}
            for one in history.deliveries
            for person, held in one.rows.items()
            for category, stated in held.items()
        ]
        tables.given(con, "staging.roster", *lines)
        aside = [(_id(one), person, True) for one in history.deliveries for person in sorted(one.named)]
        aside += [(_id(one), person, False) for one in history.deliveries for person in sorted(one.suggested)]
        places = [{"delivery_id": delivery, "line_no": 100 + place} for place, (delivery, _, _) in enumerate(aside)]
        tables.given(con, "staging.roster_quarantined", *places)
        tables.given(con, "facts.identity_granted")
        tables.given(
            con,
            "staging.roster_keyed",
            *({**place, "person_key": who if named else None} for place, (_, who, named) in zip(places, aside, strict=True)),
        )
        meant = [{**place, "person_key": who} for place, (_, who, named) in zip(places, aside, strict=True) if not named]
        tables.given(con, "staging.row_suggestion", *meant)

    def spans(self, moment: int) -> set[Span]:
        """What the SQL files say that was known at the moment."""
        parameters = {
            "known_at": _moment(moment),
            "run_month": str(RUN_MONTH),
            "essential_lists": [LIST] if self.history.is_essential else [],
            "application_lists": [],
            "partial_lists": [_id(one) for one in self.history.deliveries if not self.history.is_whole(one)],
        }
        for table in ("facts.roster_snapshot", "facts.roster_kept", "facts.identity_span"):
            text = self.texts.get(table) or sql_text(table)
            make_table(self.con, table, parameters, text=text.replace(BY_LIST, BY_DELIVERY))
        rows = tables.fetched(self.con, "select * from facts.identity_span")
        found = [(row["person_key"], row["category_code"], row["since"], row["until"], row["is_provisional"]) for row in rows]
        assert len(found) == len(set(found)), "a span stands twice"
        return set(found)


def _id(delivery: Delivery) -> str:
    return f"D{delivery.known_at:02d}"


def _moment(place: int) -> str:
    return f"2026-11-01T09:{place:02d}:00+08:00"


def _ledger(con: duckdb.DuckDBPyConnection, deliveries: Sequence[tuple[Any, ...]], runs: Sequence[tuple[str, str]]) -> None:
    """ledger.delivery and ledger.run as the warehouse shows them, as far as the lists need them."""
    con.execute("create schema if not exists ledger")
    con.execute(
        "create or replace table ledger.delivery (delivery_id varchar, partition varchar, version bigint, state varchar,"
        " staged_run_id varchar, feed varchar default 'roster', list_code varchar default 'L', department_code varchar,"
        " received_at varchar, rows_accepted bigint, rows_quarantined bigint)"
    )
    con.executemany(
        'insert into ledger.delivery (delivery_id, "partition", version, state, staged_run_id) values (?, ?, ?, ?, ?)',
        [list(one) for one in deliveries],
    )
    con.execute("create or replace table ledger.delivery_act (delivery_id varchar, act varchar, acted_at varchar)")
    con.execute("create or replace table ledger.run (run_id varchar, as_of varchar)")
    con.executemany("insert into ledger.run values (?, ?)", [list(one) for one in runs])
