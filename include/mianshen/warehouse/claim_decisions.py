"""What people decided about held claims: read, shown to a run, recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, insert, select

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.reviews import ReviewCode, ReviewOutcome
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.ledger import CLAIM_DECISION

_COLUMNS = ("event_id", "review_code", "outcome", "decided_at", "decided_by")


@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """One decision."""

    event_id: str
    """The claim."""
    review_code: str
    """Why it was looked at."""
    outcome: str
    """release | refuse."""
    decided_at: str
    """When, ISO text."""
    decided_by: str
    """Login of who decided."""

    @property
    def digest(self) -> str:
        """SHA-256 of its content, so that a run names what it went by."""
        return sha256_hex(canonical_json([getattr(self, name) for name in _COLUMNS]))


def decisions_of(connection: Connection, *, county_code: str) -> list[ClaimDecision]:
    """The county's decisions by claim and reason."""
    query = select(*(CLAIM_DECISION.c[name] for name in _COLUMNS)).where(CLAIM_DECISION.c.county_code == county_code)
    found = connection.execute(query.order_by(CLAIM_DECISION.c.event_id, CLAIM_DECISION.c.review_code))
    return [ClaimDecision(*row) for row in found]


def show_decisions(con: duckdb.DuckDBPyConnection, decisions: Sequence[ClaimDecision]) -> None:
    """Make the decisions readable as ledger.claim_decision."""
    rows = pa.table({name: pa.array([getattr(one, name) for one in decisions], pa.string()) for name in _COLUMNS})
    con.execute("create schema if not exists ledger")
    con.register("claim_decision_rows", rows)
    con.execute("create or replace view ledger.claim_decision as select * from claim_decision_rows")


def decide(
    connection: Connection,
    *,
    county_code: str,
    event_id: str,
    code: ReviewCode,
    outcome: ReviewOutcome,
    reason: str,
    at: str,
    actor: str,
) -> None:
    """Record the decision with its row in the audit chain; MianshenError DECISION_STANDS when one was recorded before."""
    audit.lock_money(connection)
    same = (
        CLAIM_DECISION.c.county_code == county_code,
        CLAIM_DECISION.c.event_id == event_id,
        CLAIM_DECISION.c.review_code == code.value,
    )
    known = connection.execute(select(CLAIM_DECISION).where(*same)).mappings().first()
    if known is not None:
        found = f"{known['outcome']}, {known['decided_by']}, {known['decided_at']}"
        raise MianshenError("REVIEW_DECIDED", found=found, where=f"{event_id} {code.value}")
    row = {"county_code": county_code, "event_id": event_id, "review_code": code.value, "outcome": outcome.value}
    connection.execute(insert(CLAIM_DECISION).values(**row, reason=reason, decided_at=at, decided_by=actor))
    detail = {"review_code": code.value, "outcome": outcome.value, "reason_sha256": sha256_hex(reason.encode())}
    audit.append(connection, [Entry("claim.decided", event_id, detail)], at=at, actor=actor)
