"""Stage reckon: files assessed without a home: judged as `intake check` judges them, assessed as a county's month is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb

from mianshen.core.contract import Contract, Feed
from mianshen.core.days import Month, parse_month
from mianshen.core.errors import MianshenError
from mianshen.core.ids import mask_certno
from mianshen.core.pack import Pack
from mianshen.feeds.control import Control, read_control
from mianshen.feeds.header import months_of
from mianshen.feeds.identities import identify
from mianshen.feeds.inbox import Delivery, deliveries
from mianshen.feeds.judged import identity_table
from mianshen.feeds.reader import Landed, read
from mianshen.feeds.recognise import recognise
from mianshen.feeds.words import safe_file_name
from mianshen.policy.contracts import national_contract
from mianshen.policy.packs import POLICIES
from mianshen.stages.frame import plan_of_year, plans_by_years
from mianshen.stages.judging import JudgedFile, content_of, judge
from mianshen.stages.reckon.results import refuse_result, write_results
from mianshen.warehouse.assessing import assess_claims, years_of
from mianshen.warehouse.build import make_table, require_checks
from mianshen.warehouse.connect import compute
from mianshen.warehouse.events import Accepted, event_parameters
from mianshen.warehouse.standalone import keep_judged, make_facts, show_words

GENERIC = {Feed.ROSTER: "generic_roster", Feed.SETTLEMENT: "generic_expense"}
"""The national contract of each kind, for files that no contract of the county reads."""
SUMMED = ("out.funnel", "out.refusals", "out.relief_summary", "checks.assess")
"""Made from the assessment, the last of them to be passed."""
RESULTS = ("out.reckoned_claim", "out.reckoned_row_quarantined")
"""What is written: what became of every claim, and the rows that took no part."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is reckoned."""

    pack: Pack
    """The county, with the policy in force on the moment's day."""
    month: Month
    """The month that lists must reach; files that name no month are of this one."""
    as_of: datetime
    """The moment in Asia/Shanghai."""
    settlements: Path
    """A file of settlements, or a folder of them."""
    rosters: Path
    """A list, or a folder of lists."""
    others: Path | None = None
    """A file or a folder of enrolment fees and notices, known by their names."""
    list_code: str | None = None
    """The list that every roster is, when their names do not say."""
    overlays: tuple[str, ...] = ()
    """Overlays of the pack."""
    go_live_on: date | None = None
    """Claims of before this day are looked at by nobody, they only open balances; None looks at every claim."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read."""

    name: str
    """Its name, made safe."""
    contract: Contract
    """What it was read by."""
    month: Month
    """The month that it is for."""
    rows: int
    """Its records."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What came of it; numbers, codes and file names only, never a person."""

    sources: tuple[Source, ...]
    """The files, settlements first."""
    totals: Mapping[str, int]
    """People, claims by outcome and fen."""
    benefits: tuple[tuple[str, int, int, int], ...]
    """(benefit code, people, claims, fen) in the order of the policy."""
    reasons: tuple[tuple[str, str, int, int, int], ...]
    """(outcome, reason code, people, claims, base in fen) of claims that are not paid."""
    aside: tuple[tuple[str, int], ...]
    """(reason code, rows) of rows that took no part."""
    places: tuple[tuple[str, int, str], ...]
    """(file, line, reason code) of the first of them."""
    uncounted: tuple[tuple[str, int], ...]
    """(category code, people) of categories that the policy does not count."""
    written: tuple[Path, ...]
    """Files that hold the result."""


@dataclass(slots=True, repr=False)
class _Desk:
    """What is gathered on the way. Never printed."""

    given: Given
    keys: dict[str, str] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def reckon(given: Given, out: Path) -> Reckoned:
    """Assess the files and write what became of every claim; persons stand there by file and line alone.

    MianshenError as `intake check` says it for a file that cannot be read, LIST_UNCLEAR, RESULT_FORMAT, RESULT_STANDS,
    RESULT_TOO_LONG; with notes for further files that are refused.
    """
    refuse_result(out, tables=RESULTS)
    desk = _Desk(given)
    with compute() as connection:
        _read_all(connection, desk)
        _assess(connection, desk)
        written = write_results(connection, RESULTS, out, made=given.as_of)
        return _reckoned(connection, desk, written)


def _read_all(connection: duckdb.DuckDBPyConnection, desk: _Desk) -> None:
    """Judge every file; the first refusal is raised when all have been looked at, the others are its notes."""
    refusals: list[MianshenError] = []
    for feed, delivery in _files(desk.given):
        try:
            _read(connection, desk, feed, delivery)
        except MianshenError as refusal:
            refusals.append(refusal)
    if refusals:
        for other in refusals[1:]:
            refusals[0].add_note(other.message())
        raise refusals[0]


def _files(given: Given) -> Iterator[tuple[Feed, Delivery]]:
    """Every file with its kind; of a folder those that are known as, or may be, of the kind: an inbox holds all together."""
    for feed, root in ((Feed.SETTLEMENT, given.settlements), (Feed.ROSTER, given.rosters)):
        found = [one for one in deliveries(root) if root.is_file() or _kind(given, one) in (feed, None)]
        if not found:
            raise MianshenError("PATH_MISSING", found="0 files", where=safe_file_name(root.name))
        yield from ((feed, one) for one in found)
    for delivery in deliveries(given.others) if given.others else ():
        kind = _kind(given, delivery)
        if kind is None:
            raise MianshenError("FILE_UNKNOWN", found="0 contracts", where=safe_file_name(delivery.name))
        if kind not in GENERIC:
            yield kind, delivery


def _kind(given: Given, delivery: Delivery) -> Feed | None:
    """What kind of file the name or control file says it is; None when they do not say."""
    where = safe_file_name(delivery.name)
    try:
        control = read_control(delivery.control.read_bytes(), where=where) if delivery.control else None
        return recognise(given.pack.contracts, file_name=where, control=control).contract.feed
    except MianshenError:
        return None


def _read(connection: duckdb.DuckDBPyConnection, desk: _Desk, feed: Feed, delivery: Delivery) -> None:
    given, where = desk.given, safe_file_name(delivery.name)
    today = given.as_of.date()
    content = content_of(delivery)
    control = read_control(delivery.control.read_bytes(), where=where) if delivery.control else None
    contract, landed, period = _landed(given, feed, content, control, where=where)
    if landed.records == 0:
        raise MianshenError("SNAPSHOT_EMPTY", found="0 rows", where=where)
    months = months_of(delivery.name) or landed.months_in_title
    month = parse_month(period[:7]) if period else parse_month(months[0]) if months else given.month
    identities = identify(landed, contract, today=today)
    for certno in identities.names:
        desk.keys.setdefault(certno, f"P{len(desk.keys) + 1:07d}")
    file = JudgedFile(contract, month, f"F{len(desk.sources) + 1:03d}", given.pack.towns)
    judge(connection, file, landed, identity_table(identities, desk.keys), identities.numbers, today=today)
    keep_judged(connection, feed)
    slots = sum(one.feed is feed and one.list_code == contract.list_code and one.partition == str(month) for one in desk.accepted)
    at = given.as_of.isoformat(timespec="seconds")
    desk.accepted.append(Accepted(file.delivery_id, feed, contract.list_code, str(month), slots + 1, at, file.delivery_id))
    desk.sources.append(Source(where, contract, month, landed.records))


def _landed(
    given: Given, feed: Feed, content: bytes, control: Control | None, *, where: str
) -> tuple[Contract, Landed, str | None]:
    """The file read by the contract that its name or control file says, else by the one that fits, else by the national one."""
    known = [one for one in given.pack.contracts if one.feed is feed]
    if feed is Feed.ROSTER and given.list_code is not None:
        known = [one for one in known if one.list_code == given.list_code]
        if not known:
            raise MianshenError("FILE_UNKNOWN", found=given.list_code, where=f"--list {where}")
    try:
        claim = recognise(known, file_name=where, control=control)
    except MianshenError:
        return (*_by_reading(known, feed, content, where=where), None)
    period = claim.partition(where=where, today=given.as_of.date())
    return claim.contract, read(content, contract=claim.contract, where=where), period


def _by_reading(known: Sequence[Contract], feed: Feed, content: bytes, *, where: str) -> tuple[Contract, Landed]:
    fitting: list[tuple[Contract, Landed]] = []
    refusals: list[MianshenError] = []
    for contract in known:
        try:
            fitting.append((contract, read(content, contract=contract, where=where)))
        except MianshenError as refusal:
            refusals.append(refusal)
    if len(fitting) > 1:
        raise MianshenError("LIST_UNCLEAR", found=" / ".join(one.list_code for one, _ in fitting), where=where)
    if fitting:
        return fitting[0]
    national = national_contract(GENERIC[feed], root=POLICIES)
    try:
        return national, read(content, contract=national, where=where)
    except MianshenError as refusal:
        raise (refusals[0] if len(known) == 1 else refusal) from None


def _assess(connection: duckdb.DuckDBPyConnection, desk: _Desk) -> None:
    """Make the facts, the assessment and the tables of the result, by the statements of a county's month."""
    given, today = desk.given, desk.given.as_of.date()
    at = given.as_of.isoformat(timespec="seconds")
    make_facts(
        connection,
        desk.accepted,
        event_parameters(given.pack, desk.accepted, month=given.month, known_at=at, go_live_on=given.go_live_on),
        known_at=at,
    )
    plans = plans_by_years(
        lambda year: plan_of_year(given.pack, year, today=today, overlays=given.overlays),
        years_of(connection),
        today=given.pack.plan,
        month=given.month,
    )
    assess_claims(connection, plans, with_records=True, on=today)
    for table in SUMMED:
        make_table(connection, table, {"run_month": str(given.month), "run_year": given.month.year})
    require_checks(connection, SUMMED[-1])
    files = {one.delivery_id: source.name for one, source in zip(desk.accepted, desk.sources, strict=True)}
    show_words(connection, people={key: mask_certno(certno) for certno, key in desk.keys.items()}, files=files)
    for table in RESULTS:
        make_table(connection, table, {})


def _reckoned(connection: duckdb.DuckDBPyConnection, desk: _Desk, written: Sequence[Path]) -> Reckoned:
    counted = connection.execute("""
        select
            count(distinct person_key) as people, count(distinct person_key) filter (where outcome = 'PAID') as people_paid,
            count(*) as claims,
            count(*) filter (where outcome = 'PAID') as paid,
            count(*) filter (where outcome = 'REFUSED') as refused,
            count(*) filter (where outcome = 'HELD') as held,
            cast(coalesce(sum(base_fen), 0) as bigint) as base_fen,
            cast(coalesce(sum(relief_fen), 0) as bigint) as relief_fen,
            cast(coalesce(sum(held_fen), 0) as bigint) as held_fen,
            cast(coalesce(sum(left_fen), 0) as bigint) as left_fen
        from out.assessment
    """)
    names = [one[0] for one in counted.description or ()]
    totals = dict(zip(names, counted.fetchone() or (), strict=True))
    reasons = connection.execute("""
        select outcome, reason_code, count(distinct person_key), count(*), cast(coalesce(sum(base_fen), 0) as bigint)
        from out.assessment where reason_code is not null group by all order by outcome, count(*) desc, reason_code
    """).fetchall()
    benefits = connection.execute("""
        select benefit_code, count(distinct person_key), count(*), cast(sum(amount_fen) as bigint)
        from out.award_line group by benefit_code
    """).fetchall()
    order = {one.code: place for place, one in enumerate(desk.given.pack.plan.benefits)}
    aside = connection.execute(
        "select reason_code, count(*) from out.reckoned_row_quarantined group by all order by count(*) desc, reason_code"
    ).fetchall()
    places = connection.execute(
        "select file_name, line_no, reason_code from out.reckoned_row_quarantined order by file_name, line_no limit 5"
    ).fetchall()
    uncounted = connection.execute(
        "select category_code, count(distinct person_key) from facts.identity_span"
        " where not list_contains($known, category_code) group by all order by category_code",
        {"known": [one.code for one in desk.given.pack.plan.categories]},
    ).fetchall()
    return Reckoned(
        sources=tuple(desk.sources),
        totals=totals,
        benefits=tuple(sorted(benefits, key=lambda one: order.get(one[0], len(order)))),
        reasons=tuple(reasons),
        aside=tuple(aside),
        places=tuple(places),
        uncounted=tuple(uncounted),
        written=tuple(written),
    )
