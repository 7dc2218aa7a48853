"""Stage profile: settlements become events, lists become identity spans, both become the person-month record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlalchemy import RowMapping, select

from mianshen.core.contract import Feed
from mianshen.core.days import Month
from mianshen.core.reviews import PAYERS, ReviewCode
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import claim_decisions, lake, rosters
from mianshen.warehouse.build import make_table, require_checks, write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import DELIVERY

STAGE = "profile"
SMALL_CELL = 10
"""Groups of fewer people are marked and never leave the bureau."""
LONGEST_CHAIN = 16
"""Refunds of refunds are followed this far."""
STAGING: Mapping[str, Feed] = {
    "staging.settlement": Feed.SETTLEMENT,
    "staging.settlement_quarantined": Feed.SETTLEMENT,
    "staging.enrolment": Feed.ENROLMENT,
    "staging.notice": Feed.NOTICE,
}
"""What is read, and from deliveries of which kind."""
MADE = (
    "facts.settlement_newest",
    "facts.refund",
    "facts.refund_quarantined",
    "facts.settlement_replaced",
    "facts.care_netted",
    "facts.notice_newest",
    "facts.claim_review",
    "facts.payer_share",
    "facts.care_event",
    "facts.enrolment_event",
    "facts.person_month",
    "out.category_counts",
    "out.portrait_group",
    "checks.profile",
)
"""In the order in which they read each other."""
WORKING = frozenset({"facts.settlement_newest", "facts.care_netted", "facts.notice_newest", "facts.payer_share"})
"""Made on the way, not published."""
OF_LISTS = ("facts.roster_snapshot", rosters.SPANS, *rosters.MADE)
"""Made from the lists before the others."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted delivery."""

    delivery_id: str
    """Its id."""
    feed: Feed
    """What kind it is."""
    list_code: str
    """Which list, for rosters."""
    partition: str
    """Its month, or day."""
    version: int
    """Its version of that partition."""
    received_at: str
    """When it came, ISO text."""
    run_id: str
    """The validate run that staged it."""


def run(job: Job) -> StageReport:
    """Publish facts.*, the portrait and their checks from every accepted delivery; nothing to do before the first one."""
    accepted = _accepted(job)
    if not accepted:
        return StageReport(STAGE, None, {}, ("没有已入库的批次。No delivery has been accepted yet.",))
    with job.ledger.connect() as ledger:
        decided = claim_decisions.decisions_of(ledger, county_code=job.county_code)
    inputs = (*(f"{one.delivery_id}@{one.run_id}" for one in accepted), *(f"decision@{one.digest}" for one in decided))
    with compute() as connection, job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        _show_staging(job, connection, accepted)
        claim_decisions.show_decisions(connection, decided)
        parameters = _parameters(job, accepted)
        rosters.make_changes(connection, job.lake, parameters, county_code=job.county_code)
        for table in MADE:
            make_table(connection, table, parameters)
        require_checks(connection, "checks.profile")
        rows = write_tables(written, connection, (*OF_LISTS, *(one for one in MADE if one not in WORKING)))
        written.totals.update(_totals(connection))
        run_id = job.lake.commit(written)
    late, awaited = missing_lists(job, accepted)
    notes = tuple(f"名单逾期未到,身份按上次名单暂定:{one}。List not delivered, last spans run on: {one}." for one in late)
    notes += tuple(f"名单未到期,到齐前身份暂定:{one}。List not due yet, spans are provisional: {one}." for one in awaited)
    return StageReport(STAGE, run_id, {**rows, "lists_late": len(late), "lists_awaited": len(awaited)}, notes)


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


def _parameters(job: Job, accepted: Sequence[Accepted]) -> dict[str, Any]:
    lists = {(one.list_code, one.partition): one for one in accepted if one.feed is Feed.ROSTER}
    notices = [one for one in accepted if one.feed is Feed.NOTICE]
    return {
        **_settled(accepted),
        **_reviewed(job),
        **_other_payers(job, notices),
        "notice_deliveries": [one.delivery_id for one in notices],
        "notice_received": [one.received_at for one in notices],
        "enrolment_deliveries": [one.delivery_id for one in accepted if one.feed is Feed.ENROLMENT],
        "roster_deliveries": [one.delivery_id for one in lists.values()],
        "roster_months": [one.partition for one in lists.values()],
        "known_at": job.moment,
        "partial_lists": [one.list_code for one in job.pack.lists if not one.is_complete],
        "large_share_ppm": job.pack.roster_watch.large_share_ppm,
        "fewest_people": job.pack.roster_watch.fewest_people,
        "essential_lists": [one.list_code for one in job.pack.lists if one.is_essential],
        "benefit_year_by": job.pack.plan.benefit_year_by,
        "county_code": job.county_code,
        "run_month": str(job.month),
        "months": [str(Month(job.month.year, number)) for number in range(1, job.month.number + 1)],
        "small_cell": SMALL_CELL,
        "waiting_original": "WAITING_ORIGINAL",
    }


def _settled(accepted: Sequence[Accepted]) -> dict[str, Any]:
    """Deliveries of settlements by month and version, each with its place in the order of arrival."""
    came = [one for one in accepted if one.feed is Feed.SETTLEMENT]
    arrival = {one.delivery_id: place for place, one in enumerate(came, 1)}
    ordered = sorted(came, key=lambda one: (one.partition, one.version, one.delivery_id))
    return {
        "settlement_deliveries": [one.delivery_id for one in ordered],
        "settlement_arrivals": [arrival[one.delivery_id] for one in ordered],
        "settlement_months": [one.partition[:7] for one in ordered],
        "longest_chain": LONGEST_CHAIN,
    }


def _reviewed(job: Job) -> dict[str, Any]:
    reviews = job.pack.reviews
    accident, late = reviews.rule(ReviewCode.ACCIDENT_PENDING), reviews.rule(ReviewCode.SETTLED_LATE)
    return {
        "review_codes": [one.code.value for one in reviews.rules],
        "review_actions": [one.action.value for one in reviews.rules],
        "accident_med_types": list(accident.med_types) if accident else [],
        "accident_dise_codes": list(accident.dise_codes) if accident else [],
        "late_days": late.days if late else None,
        "resettled_days": reviews.resettled_days,
    }


def _other_payers(job: Job, notices: Sequence[Accepted]) -> dict[str, Any]:
    """Which payers there are, and how far the deliveries of each reach."""
    told = {one.list_code: one.told for one in job.pack.contracts if one.feed is Feed.NOTICE}
    reach = [(code, one.partition[:7]) for one in notices for code in sorted(told.get(one.list_code, frozenset()))]
    return {
        "payer_codes": [one.value for one in PAYERS],
        "payer_reach_codes": [code for code, _ in reach],
        "payer_reach_months": [month for _, month in reach],
    }


def _totals(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = """
        select n.counted, n.fen, e.counted, e.fen
        from (select count(*) as counted, coalesce(sum(medfee_sumamt), 0) as fen from facts.settlement_newest) as n,
             (select count(*) as counted, coalesce(sum(medfee_sumamt), 0) as fen from facts.care_event where state = 'LIVE') as e
    """
    found = connection.execute(query).fetchone()
    return dict(zip(("rows_in", "fen_in", "rows_out", "fen_out"), (int(one) for one in found or ()), strict=True))
