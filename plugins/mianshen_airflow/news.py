"""What a run has to tell: each function says, from the ledger, whether something happened since the run's moment, and where.

Read from the ledger and not from what a task remembers: a task that was killed after its commit tells it on its next try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mianshen_airflow import defaults
from mianshen_airflow.partitions import list_key

if TYPE_CHECKING:
    from airflow.sdk import Asset
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Tidings:
    """What is told of one asset."""

    partitions: tuple[str, ...] = ()
    """Partition keys, one event each; none is a wake-up without a partition."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the listener needs beside: ids, never a person."""


News = Mapping[str, Tidings]
"""By the last part of the asset's name. An asset that does not stand here has nothing to tell."""
Teller = Callable[["Connection", str, datetime], News]
"""Connection, county code, since when."""


def landed(connection: Connection, county_code: str, since: datetime) -> News:
    """Whether deliveries wait to be judged, whenever they came."""
    from mianshen.warehouse.progress import waiting

    return {"landed": Tidings()} if waiting(connection, county_code) else {}


def accepted(connection: Connection, county_code: str, since: datetime) -> News:
    """The settlement days and the lists that were accepted, from the month on in which the county went live."""
    from mianshen.warehouse.progress import accepted_since

    live = defaults.first_live_month(county_code)
    found = [one for one in accepted_since(connection, county_code, since) if one.period >= live]
    days = tuple(sorted({one.period for one in found if one.feed == "settlement"}))
    lists = tuple(list_key(county_code, one.list_code, one.period) for one in found if one.feed == "roster")
    return {name: Tidings(keys) for name, keys in (("settlements", days), ("rosters", lists)) if keys}


def applied(connection: Connection, county_code: str, since: datetime) -> News:
    """The approval batches that were frozen."""
    from mianshen.warehouse.progress import new_approval_batches

    batches = new_approval_batches(connection, county_code, since)
    return {"applied": Tidings(extra={"batches": list(batches)})} if batches else {}


def decided(connection: Connection, county_code: str, since: datetime) -> News:
    """Whether items were decided."""
    from mianshen.warehouse.progress import new_decisions

    return {"decided": Tidings()} if new_decisions(connection, county_code, since) else {}


def paid(connection: Connection, county_code: str, since: datetime) -> News:
    """Whether payment batches were made."""
    from mianshen.warehouse.progress import new_payment_batches

    return {"paid": Tidings()} if new_payment_batches(connection, county_code, since) else {}


def tell(context: Any, *, outlets: Iterable[Asset], news: News) -> list[Asset]:
    """Put the news into the run's outlet events; returns the outlets that have something to tell.

    Airflow would emit an event for every outlet of a task that succeeds, news or not, and one without a partition for an asset
    that has partitions: the task must keep only what is returned.
    """
    kept = []
    for asset in outlets:
        tidings = news.get(asset.name.rsplit(".", 1)[-1])
        if tidings is None:
            continue
        event = context["outlet_events"][asset]
        event.extra = dict(tidings.extra)
        if tidings.partitions:
            event.add_partitions(list(tidings.partitions))
        kept.append(asset)
    return kept
