"""What the page 运维 shows to the engineer on call: feeds by period, who must act, and the safe re-run for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mianshen.core.days import Month
from mianshen.feeds.inbox import deliveries
from mianshen.warehouse import alarms, feed_grid
from mianshen.warehouse.alarms import Unsettled
from mianshen.warehouse.feed_grid import FeedPeriod, WaitsFor
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.clocks import cards

MONTHS = 6
"""Months shown, the running one last."""
STEPS = {
    "receive": ("receive",),
    "trigger": ("deidentify", "validate", "profile", "assess", "apply"),
    "approve": ("approve",),
    "pay": ("reconcile", "correct", "pay", "disclose", "tell"),
    "supervise": ("radar", "portray", "handle", "confirm", "supervise", "release", "report"),
}
"""The DAG of a county that pays relief, and the stages that it runs."""
CASES_ONLY = {
    "handle": ("handle", "confirm", "disclose"),
    "supervise": ("radar", "portray", "handle", "confirm", "supervise", "release", "report"),
}
"""The same of a county that only handles cases."""
DELIVERED = {
    "receive": ("receive",),
    "handle": ("deidentify", "validate", "profile", "handle", "confirm", "disclose"),
    "supervise": CASES_ONLY["supervise"],
}
"""The same of one to which lists are delivered too."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """What can be done again without harm."""

    zh: str
    """Why it is safe, or what to do first."""
    en: str
    """The same in English."""
    address: str
    """The DAG in Airflow; empty where no machine helps."""
    command: str
    """The same at the terminal; empty where no command helps."""


@dataclass(frozen=True, slots=True)
class CountyOperations:
    """Feeds and stages of a county."""

    card: Card
    """Its names."""
    months: Sequence[str]
    """Columns, 2026-06 and so on."""
    cells: Mapping[tuple[str, str], FeedPeriod]
    """By list and month."""
    in_inbox: int
    """Files that arrived and were not taken in."""
    stages: Sequence[tuple[str, str, str, str]]
    """(stage, moment of its newest run, id of that run, DAG that runs it); empty text for a stage without a run."""
    untold: Sequence[Unsettled]
    """Notifications of which nobody knows whether they arrived."""
    as_of: datetime
    """When it was read."""

    @property
    def lists(self) -> list[str]:
        """Rows, in the order of the codes."""
        return sorted({list_code for list_code, _ in self.cells})

    @property
    def waiting(self) -> list[FeedPeriod]:
        """What waits for somebody, the oldest month first."""
        found = [one for one in self.cells.values() if one.waits_for is not WaitsFor.NOBODY]
        return sorted(found, key=lambda one: (one.month, one.list_code))

    def is_late(self, one: FeedPeriod) -> bool:
        """Whether a missing list is past its day."""
        return one.state == feed_grid.MISSING and one.due_on is not None and one.due_on < self.as_of.date().isoformat()

    def rerun(self, one: FeedPeriod) -> Rerun:
        """The safe next act for a feed that waits."""
        pack = self.card.pack
        if one.waits_for is WaitsFor.MACHINE:
            return Rerun(
                "重跑无害:同样的输入得同样的批次,不会重复入库",
                "safe: the same inputs make the same run, nothing is loaded twice",
                dag_address(pack, "trigger" if self.card.pays_relief else "handle"),
                f"mianshen run --pack {pack} --month {one.month} --until validate",
            )
        if one.waits_for is WaitsFor.BUREAU:
            return Rerun(
                "先看影响,再放行或收回",
                "look at what it would change, then release or withdraw it",
                "",
                f"mianshen delivery show {one.delivery_id}; mianshen delivery release {one.delivery_id} --actor … --reason …",
            )
        return Rerun(
            "请部门报送;收到后自动接着办,不必重跑",
            "ask the department; what arrives goes on by itself, nothing is to be re-run",
            dag_address(pack, "receive"),
            f"mianshen delivery show {one.delivery_id}" if one.delivery_id else "",
        )


def steps_of(card: Card) -> Mapping[str, tuple[str, ...]]:
    """The DAGs of the county, and the stages that each runs."""
    if card.pays_relief:
        return STEPS
    return DELIVERED if card.is_delivered_to else CASES_ONLY


def dag_address(pack: str, step: str) -> str:
    """A DAG of the county in Airflow's own pages; from there it is started and its log read."""
    return f"/dags/{pack}__{step}"


def operations_of(pack: str | None = None) -> list[CountyOperations]:
    """Every county, or one; KeyError when the home does not name it."""
    known = [card for card in cards().values() if pack in (None, card.pack)]
    if not known:
        raise KeyError(pack or "")
    return [_of_county(card, defaults.now()) for card in known]


def _of_county(card: Card, as_of: datetime) -> CountyOperations:
    home, newest = defaults.home(), Month(as_of.year, as_of.month)
    steps = steps_of(card)
    months = [str(newest.shift(-back)) for back in range(MONTHS - 1, -1, -1)]
    with defaults.ledger(home).connect() as connection:
        found = feed_grid.periods(connection, card.county_code, since=months[0])
        runs = feed_grid.last_runs(connection, card.county_code)
        untold = alarms.unsettled(connection, card.county_code)
    waiting = len(deliveries(home.inbox(card.pack)))
    stages = [(stage, *runs.get(stage, ("", "")), step) for step, names in steps.items() for stage in names]
    cells = {(one.list_code, one.month): one for one in found if one.month in months}
    return CountyOperations(card, months, cells, waiting, stages, untold, as_of)
