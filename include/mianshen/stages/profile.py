"""Stage profile: settlements become events, lists become identity spans, both become the person-month record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
from sqlalchemy import RowMapping, select

from mianshen.core.contract import Feed
from mianshen.policy.supervision import load_radar
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import claim_decisions, exclusions, grants, insured, lake, return_records, rosters
from mianshen.warehouse.build import make_table, require_checks, write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.events import EVENTS, Accepted, event_parameters
from mianshen.warehouse.ledger import DELIVERY

STAGE = "profile"
STAGING: Mapping[str, Feed] = {
    "staging.settlement": Feed.SETTLEMENT,
    "staging.settlement_quarantined": Feed.SETTLEMENT,
    "staging.enrolment": Feed.ENROLMENT,
    "staging.notice": Feed.NOTICE,
}
"""What is read, and from deliveries of which kind."""
MADE = (
    *EVENTS,
    "facts.person_digest",
    "facts.care_placed",
    "facts.person_month",
    "out.category_counts",
    "out.portrait_group",
    "checks.profile",
)
"""In the order in which they read each other."""
WORKING = frozenset(
    {"facts.settlement_newest", "facts.care_netted", "facts.notice_newest", "facts.payer_share", "facts.care_placed"}
)
"""Made on the way, not published."""
OF_LISTS = ("facts.roster_snapshot", rosters.SPANS, *rosters.MADE, return_records.TABLE)
"""Made from the lists before the others."""


def run(job: Job) -> StageReport:
    """Publish facts.*, the portrait and their checks from every accepted delivery; nothing to do before the first one."""
    accepted = _accepted(job)
    if not accepted:
        return StageReport(STAGE, None, {}, ("没有已入库的批次。No delivery has been accepted yet.",))
    with job.ledger.connect() as ledger:
        decided = claim_decisions.decisions_of(ledger, county_code=job.county_code)
        excluded = exclusions.exclusions_of(ledger, county_code=job.county_code)
        granted = grants.granted(ledger, job.pack)
    known = (*(f"{one.delivery_id}@{one.run_id}" for one in accepted), *(f"decision@{one.digest}" for one in decided))
    spans = (f"exclusion@{one['exclusion_id']}@{one['ended_on']}" for one in excluded)
    given = (f"granted@{grants.digest_of(granted)}",) if granted else ()
    inputs = (*known, *spans, *given, f"go_live_on@{job.go_live_on}")
    with compute() as connection, job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        _show_staging(job, connection, accepted)
        claim_decisions.show_decisions(connection, decided)
        exclusions.show_exclusions(connection, excluded)
        grants.show_granted(connection, granted)
        parameters = event_parameters(job.pack, accepted, month=job.month, known_at=job.moment, go_live_on=job.go_live_on)
        rosters.make_changes(connection, job.lake, parameters, county_code=job.county_code)
        for table in MADE:
            make_table(connection, table, parameters)
        require_checks(connection, "checks.profile")
        written.totals.update(_totals(connection))
        dropped = _drop_unlisted(job, connection)
        rows = write_tables(written, connection, (*OF_LISTS, *(one for one in MADE if one not in WORKING)))
        run_id = job.lake.commit(written)
    late, awaited = missing_lists(job, accepted)
    notes = tuple(f"名单逾期未到,身份按上次名单暂定:{one}。List not delivered, last spans run on: {one}." for one in late)
    notes += tuple(f"名单未到期,到齐前身份暂定:{one}。List not due yet, spans are provisional: {one}." for one in awaited)
    counts = {**rows, "lists_late": len(late), "lists_awaited": len(awaited)}
    if dropped is not None:
        counts["people_not_kept"] = dropped
    return StageReport(STAGE, run_id, counts, notes)


def _drop_unlisted(job: Job, connection: duckdb.DuckDBPyConnection) -> int | None:
    """Where everybody insured is sent, keep listed people and those over the radar's line; how many were dropped, else None."""
    if insured.purpose_of(job.pack) is None:
        return None
    day = job.as_of.date()
    with job.ledger.connect() as ledger:
        known = insured.known_people(ledger, county_code=job.county_code)
    return insured.keep_listed(connection, {**load_radar(on=day), "seen_on": day.isoformat(), "known_people": known})


def missing_lists(job: Job, accepted: Sequence[Accepted]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of the expected lists that have not come for the job's month or a later one: late ones, and those not due yet.

    Both leave their people's identities provisional, because nothing confirms them; only the late ones are a miss.
    """
    came = {one.list_code for one in accepted if one.feed is Feed.ROSTER and one.partition >= str(job.month)}
    missing = [one for one in job.pack.lists if one.list_code not in came]
    late = tuple(one.list_code for one in missing if job.as_of.date() > job.pack.list_due_on(one, job.month))
    return late, tuple(one.list_code for one in missing if one.list_code not in late)


def _accepted(job: Job) -> list[Accepted]:
    query = (
        select(DELIVERY)
        .where(DELIVERY.c.county_code == job.county_code, DELIVERY.c.state == "ACCEPTED", DELIVERY.c.staged_run_id.is_not(None))
        .order_by(DELIVERY.c.received_at, DELIVERY.c.partition, DELIVERY.c.version, DELIVERY.c.delivery_id)
    )
    with job.ledger.connect() as connection:
        return [_as_accepted(row) for row in connection.execute(query).mappings()]


def _as_accepted(row: RowMapping) -> Accepted:
    return Accepted(
        delivery_id=row["delivery_id"],
        feed=Feed(row["feed"]),
        list_code=row["list_code"],
        partition=row["partition"],
        version=row["version"],
        received_at=row["received_at"],
        run_id=row["staged_run_id"],
    )


def _show_staging(job: Job, connection: duckdb.DuckDBPyConnection, accepted: Sequence[Accepted]) -> None:
    rosters.show_rosters(connection, job.lake, county_code=job.county_code)
    for table, feed in STAGING.items():
        runs = {one.run_id for one in accepted if one.feed is feed}
        lake.show(connection, table, job.lake.files(table, run_ids=runs))


def _totals(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = """
        select n.counted, n.fen, e.counted, e.fen
        from (select count(*) as counted, coalesce(sum(medfee_sumamt), 0) as fen from facts.settlement_newest) as n,
             (select count(*) as counted, coalesce(sum(medfee_sumamt), 0) as fen from facts.care_event where state = 'LIVE') as e
    """
    found = connection.execute(query).fetchone()
    return dict(zip(("rows_in", "fen_in", "rows_out", "fen_out"), (int(one) for one in found or ()), strict=True))
