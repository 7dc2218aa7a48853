"""The deliveries in the ledger: what arrived, what became of it, which version of a partition stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from mianshen.core import digest
from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import DELIVERY

USABLE = ("RECEIVED", "KEYED", "ACCEPTED", "SUPERSEDED")
"""States of deliveries that were taken for good; a refused or held one may be judged again."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place that a delivery fills."""

    county_code: str
    """Whose."""
    feed: str
    """settlement | enrolment | roster | bank_return | unknown."""
    list_code: str
    """Which list."""
    partition: str
    """2026-10, or 2026-10-05; `unknown` for a refused file that does not say it rightly."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What `receive` found out about a file."""

    slot: Slot
    """Where it belongs."""
    content_sha256: str
    """Its bytes."""
    file_name: str
    """As delivered, made safe."""
    size_bytes: int
    """Its length."""
    department_code: str
    """Who delivers; `unknown` for a file nobody knows."""
    state: str
    """RECEIVED | REJECTED | HELD; of a bank return, which is judged on arrival, ACCEPTED."""
    reason_code: str | None = None
    """Why it was refused or held."""
    reason_where: str | None = None
    """Where in the file."""
    records_stated: int | None = None
    """Rows by its control file."""
    rows_in: int = 0
    """Lines below the heading that are not blank."""
    rows_ignored: int = 0
    """Of these, lines that are no records."""
    rows_accepted: int = 0
    """Of these, lines taken at once: of a bank return, which no later stage judges."""
    rows_quarantined: int = 0
    """Of these, lines set aside at once."""

    @property
    def delivery_id(self) -> str:
        """Equal for the same bytes in the same slot."""
        slot = self.slot
        return digest.short_id("D", slot.county_code, slot.feed, slot.list_code, slot.partition, self.content_sha256)


def take(connection: Connection, judged: Judged, *, at: str) -> bool:
    """Record the file; False when the same bytes were taken for its slot before, and nothing changes.

    A refused or held delivery whose bytes come again is judged anew; the same refusal leaves its row as it was.
    """
    known = find(connection, judged.delivery_id)
    if known is None:
        connection.execute(insert(DELIVERY).values(**_row(connection, judged), received_at=at))
        return True
    if known["state"] in (*USABLE, "WITHDRAWN"):
        return False
    if (known["state"], known["reason_code"]) == (judged.state, judged.reason_code):
        return True
    fresh = {key: value for key, value in _row(connection, judged).items() if key not in ("delivery_id", "version")}
    connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == judged.delivery_id).values(**fresh, received_at=at))
    return True


def find(connection: Connection, delivery_id: str) -> RowMapping | None:
    """The delivery's row; None when there is none."""
    return connection.execute(select(DELIVERY).where(DELIVERY.c.delivery_id == delivery_id)).mappings().first()


def in_state(engine: Engine, *, county_code: str, state: str) -> Sequence[RowMapping]:
    """The county's deliveries in this state, by feed, list, partition and version."""
    query = (
        select(DELIVERY)
        .where(DELIVERY.c.county_code == county_code, DELIVERY.c.state == state)
        .order_by(DELIVERY.c.feed, DELIVERY.c.list_code, DELIVERY.c.partition, DELIVERY.c.version)
    )
    with engine.connect() as connection:
        return connection.execute(query).mappings().all()


def arrivals(connection: Connection, *, county_code: str, feed: str, partition: str) -> dict[str, str]:
    """The first moment at which each list code's usable delivery of this partition arrived."""
    query = (
        select(DELIVERY.c.list_code, func.min(DELIVERY.c.received_at))
        .where(
            DELIVERY.c.county_code == county_code,
            DELIVERY.c.feed == feed,
            DELIVERY.c.partition == partition,
            DELIVERY.c.state.in_(USABLE),
        )
        .group_by(DELIVERY.c.list_code)
    )
    return {code: at for code, at in connection.execute(query).all()}


def partitions(connection: Connection, *, county_code: str, feed: str) -> list[str]:
    """The feed's partitions of which a usable delivery has come, in order."""
    wanted = (DELIVERY.c.county_code == county_code, DELIVERY.c.feed == feed, DELIVERY.c.state.in_(USABLE))
    query = select(DELIVERY.c.partition).where(*wanted).distinct().order_by(DELIVERY.c.partition)
    return list(connection.execute(query).scalars())


def records_before(connection: Connection, slot: Slot) -> int | None:
    """Records in the newest usable delivery of the latest earlier partition of the same list; None when there is none."""
    query = (
        select(DELIVERY.c.rows_in - DELIVERY.c.rows_ignored)
        .where(
            DELIVERY.c.county_code == slot.county_code,
            DELIVERY.c.feed == slot.feed,
            DELIVERY.c.list_code == slot.list_code,
            DELIVERY.c.partition < slot.partition,
            DELIVERY.c.state.in_(USABLE),
        )
        .order_by(DELIVERY.c.partition.desc(), DELIVERY.c.version.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else int(found)


def refuse(connection: Connection, delivery_id: str, error: MianshenError) -> None:
    """Mark a delivery that turned out unreadable after it was received."""
    where = DELIVERY.c.delivery_id == delivery_id
    connection.execute(update(DELIVERY).where(where).values(state="REJECTED", reason_code=error.code, reason_where=error.where))


def mark_keyed(connection: Connection, delivery_ids: Sequence[str], *, run_id: str) -> None:
    """The deliveries' rows stand in staging.*_keyed of this run."""
    where = DELIVERY.c.delivery_id.in_(delivery_ids)
    connection.execute(update(DELIVERY).where(where).values(state="KEYED", keyed_run_id=run_id))


def settle(connection: Connection, delivery_id: str, *, run_id: str, values: Mapping[str, Any]) -> None:
    """Write what `validate` found: state, reason and counts; an accepted version supersedes the older ones of its slot."""
    connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == delivery_id).values(staged_run_id=run_id, **values))
    if values["state"] != "ACCEPTED":
        return
    own = find(connection, delivery_id)
    if own is None:
        raise MianshenError("INTERNAL_STATE", found=delivery_id, where="ledger.delivery")
    same = _same_slot(Slot(own["county_code"], own["feed"], own["list_code"], own["partition"]))
    older = (*same, DELIVERY.c.version < own["version"], DELIVERY.c.state == "ACCEPTED")
    connection.execute(update(DELIVERY).where(*older).values(state="SUPERSEDED"))
    newer = select(DELIVERY.c.delivery_id).where(*same, DELIVERY.c.version > own["version"], DELIVERY.c.state == "ACCEPTED")
    if connection.execute(newer.limit(1)).first() is not None:
        connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == delivery_id).values(state="SUPERSEDED"))


def _same_slot(slot: Slot) -> tuple[Any, ...]:
    return (
        DELIVERY.c.county_code == slot.county_code,
        DELIVERY.c.feed == slot.feed,
        DELIVERY.c.list_code == slot.list_code,
        DELIVERY.c.partition == slot.partition,
    )


def _row(connection: Connection, judged: Judged) -> dict[str, Any]:
    last = connection.execute(select(func.coalesce(func.max(DELIVERY.c.version), 0)).where(*_same_slot(judged.slot))).scalar_one()
    return {
        "delivery_id": judged.delivery_id,
        "county_code": judged.slot.county_code,
        "feed": judged.slot.feed,
        "list_code": judged.slot.list_code,
        "department_code": judged.department_code,
        "partition": judged.slot.partition,
        "version": last + 1,
        "content_sha256": judged.content_sha256,
        "file_name": judged.file_name,
        "size_bytes": judged.size_bytes,
        "state": judged.state,
        "reason_code": judged.reason_code,
        "reason_where": judged.reason_where,
        "records_stated": judged.records_stated,
        "rows_in": judged.rows_in,
        "rows_ignored": judged.rows_ignored,
        "rows_accepted": judged.rows_accepted,
        "rows_quarantined": judged.rows_quarantined,
    }
