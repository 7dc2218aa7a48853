"""Recoveries in the ledger: what was paid beyond what is due, what is open of it, and how it was settled. Append-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import AWARD_POSTING, RECOVERY, RECOVERY_ENTRY, RECOVERY_LINE, RECOVERY_PART

CHUNK = 500
"""Postings asked for at a time."""
Row = dict[str, Any]


def of_county(connection: Connection, *, county_code: str) -> list[Row]:
    """The county's recoveries, oldest first, each with `settled_fen` and `open_fen`."""
    settled = (
        select(RECOVERY_ENTRY.c.recovery_id, func.sum(RECOVERY_ENTRY.c.amount_fen).label("fen"))
        .group_by(RECOVERY_ENTRY.c.recovery_id)
        .subquery()
    )
    query = (
        select(*RECOVERY.c, func.coalesce(settled.c.fen, 0).label("settled_fen"))
        .outerjoin(settled, settled.c.recovery_id == RECOVERY.c.recovery_id)
        .where(RECOVERY.c.county_code == county_code)
        .order_by(RECOVERY.c.found_at, RECOVERY.c.recovery_id)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        row["settled_fen"] = int(row["settled_fen"])
        row["open_fen"] = row["amount_fen"] - row["settled_fen"]
    return rows


def recovery_of(connection: Connection, number: str, *, county_code: str) -> Row:
    """The recovery with this id, or of this case; MianshenError RECOVERY_UNKNOWN."""
    for row in of_county(connection, county_code=county_code):
        if number in (row["recovery_id"], row["case_id"]):
            return row
    raise MianshenError("RECOVERY_UNKNOWN", found=number, where="recovery")


def lines_of(connection: Connection, recovery_id: str) -> list[Row]:
    """The postings that a recovery is made of, with benefit, event, the posting taken back and its run, by event."""
    reversed_posting = AWARD_POSTING.alias("reversed_posting")
    columns = ("benefit_code", "benefit_year", "event_id", "category_code", "clause_id", "run_id", "posted_at")
    query = (
        select(
            *RECOVERY_LINE.c,
            *(AWARD_POSTING.c[name] for name in columns),
            reversed_posting.c.run_id.label("then_run_id"),
        )
        .join(AWARD_POSTING, AWARD_POSTING.c.award_id == RECOVERY_LINE.c.award_id)
        .outerjoin(reversed_posting, reversed_posting.c.award_id == AWARD_POSTING.c.reverses_award_id)
        .where(RECOVERY_LINE.c.recovery_id == recovery_id)
        .order_by(AWARD_POSTING.c.event_id, RECOVERY_LINE.c.award_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def entries_of(connection: Connection, recovery_id: str) -> list[Row]:
    """How a recovery was settled so far, in order."""
    query = select(RECOVERY_ENTRY).where(RECOVERY_ENTRY.c.recovery_id == recovery_id).order_by(RECOVERY_ENTRY.c.entry_no)
    return [dict(row) for row in connection.execute(query).mappings()]


def parts_of(connection: Connection, recovery_id: str) -> list[Row]:
    """The instalments that were agreed last, in order."""
    newest = select(func.max(RECOVERY_PART.c.plan_no)).where(RECOVERY_PART.c.recovery_id == recovery_id).scalar_subquery()
    query = select(RECOVERY_PART).where(RECOVERY_PART.c.recovery_id == recovery_id, RECOVERY_PART.c.plan_no == newest)
    return [dict(row) for row in connection.execute(query.order_by(RECOVERY_PART.c.part_no)).mappings()]


def events_by_recovery(connection: Connection, *, county_code: str) -> dict[str, frozenset[str]]:
    """The events that each recovery of the county is of."""
    found: dict[str, set[str]] = defaultdict(set)
    query = select(RECOVERY_LINE.c.recovery_id, AWARD_POSTING.c.event_id).join(
        AWARD_POSTING, AWARD_POSTING.c.award_id == RECOVERY_LINE.c.award_id
    )
    for recovery, event in connection.execute(query.where(AWARD_POSTING.c.county_code == county_code)):
        found[recovery].add(event)
    return {recovery: frozenset(events) for recovery, events in found.items()}


def runs_of(connection: Connection, awards: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The assessing run and the benefit year of each of these postings."""
    wanted, found = sorted(set(awards)), {}
    for start in range(0, len(wanted), CHUNK):
        query = select(AWARD_POSTING.c.award_id, AWARD_POSTING.c.run_id, AWARD_POSTING.c.benefit_year)
        for award, run, year in connection.execute(query.where(AWARD_POSTING.c.award_id.in_(wanted[start : start + CHUNK]))):
            found[award] = (run, year)
    return found


def less_recovered(connection: Connection, rows: Sequence[Mapping[str, Any]], *, county_code: str) -> list[Row]:
    """Payable postings without those that a recovery is made of, and less what of a posting was kept for one."""
    query = select(RECOVERY_LINE.c.award_id).join(RECOVERY, RECOVERY.c.recovery_id == RECOVERY_LINE.c.recovery_id)
    claimed = set(connection.execute(query.where(RECOVERY.c.county_code == county_code)).scalars())
    kept = (
        select(RECOVERY_ENTRY.c.award_id, func.sum(RECOVERY_ENTRY.c.amount_fen))
        .join(RECOVERY, RECOVERY.c.recovery_id == RECOVERY_ENTRY.c.recovery_id)
        .where(RECOVERY.c.county_code == county_code, RECOVERY_ENTRY.c.award_id.is_not(None))
        .group_by(RECOVERY_ENTRY.c.award_id)
    )
    parts = {award: int(fen) for award, fen in connection.execute(kept)}
    if not claimed:
        return [dict(row) for row in rows]
    left = ({**row, "amount_fen": row["amount_fen"] - parts.get(row["award_id"], 0)} for row in rows)
    return [row for row in left if row["award_id"] not in claimed and row["amount_fen"] != 0]


def write_recoveries(connection: Connection, recoveries: Sequence[Row], lines: Sequence[Row]) -> None:
    """Insert new recoveries with their postings; the database refuses a posting that lies in another one."""
    if recoveries:
        connection.execute(insert(RECOVERY), list(recoveries))
        connection.execute(insert(RECOVERY_LINE), list(lines))


def write_entry(
    connection: Connection,
    row: Mapping[str, Any],
    *,
    entry: str,
    amount_fen: int,
    award_id: str | None,
    reference: str,
    actor: str,
    at: str,
) -> bool:
    """Settle a part of the recovery `row`; False when an entry with this reference stands already.

    MianshenError RECOVERY_OVERPAID when it is more than what is open.
    """
    known = entries_of(connection, row["recovery_id"])
    if any(one["reference"] == reference for one in known):
        return False
    open_fen = row["amount_fen"] - sum(one["amount_fen"] for one in known)
    if amount_fen > open_fen:
        raise MianshenError("RECOVERY_OVERPAID", found=f"{amount_fen} > {open_fen} fen", where=f"recovery {row['recovery_id']}")
    values = {"entry": entry, "amount_fen": amount_fen, "award_id": award_id, "reference": reference, "actor": actor, "at": at}
    place = {"recovery_id": row["recovery_id"], "entry_no": len(known) + 1}
    connection.execute(insert(RECOVERY_ENTRY), {**place, **values})
    return True


def write_parts(
    connection: Connection, recovery_id: str, parts: Sequence[tuple[str, int]], *, agreed_by: str, agreed_at: str
) -> int:
    """Insert instalments (due day, fen) in place of those agreed before; returns the plan's number."""
    known = parts_of(connection, recovery_id)
    plan_no = 1 + max((row["plan_no"] for row in known), default=0)
    rows = [
        {
            "recovery_id": recovery_id,
            "plan_no": plan_no,
            "part_no": number,
            "due_on": due_on,
            "amount_fen": fen,
            "agreed_by": agreed_by,
            "agreed_at": agreed_at,
        }
        for number, (due_on, fen) in enumerate(parts, 1)
    ]
    connection.execute(insert(RECOVERY_PART), rows)
    return plan_no
