"""Stage receive: the inbox into custody, one delivery a file, clocks started and stopped; one bad file never stops another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mianshen.core.clocks import TimeLimit
from mianshen.core.contract import Contract, Feed
from mianshen.core.days import ZONE, Month, month_of, parse_month
from mianshen.core.errors import MianshenError
from mianshen.core.returns import ReturnProfile
from mianshen.feeds.bank.judge import HELD, judge_return
from mianshen.feeds.bank.rows import batches_of, known_of, rows_of
from mianshen.feeds.control import SUFFIX, Control, read_control
from mianshen.feeds.encodings import Source
from mianshen.feeds.inbox import Delivery, delivered, empty, lone_controls
from mianshen.feeds.inbox import deliveries as deliveries_in
from mianshen.feeds.reader import Measured, measure
from mianshen.feeds.recognise import name_of_pages, recognise
from mianshen.feeds.snapshots import FOR_A_PERSON, jumped, names_other_month
from mianshen.feeds.verdict import FileOutcome, RowState
from mianshen.feeds.words import safe_file_name
from mianshen.policy.returns import load_return_profile
from mianshen.stages.frame import Job, StageReport
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import keys_of
from mianshen.vault.likeness import KeyedLikeness
from mianshen.vault.register import Register, create
from mianshen.warehouse import bank_results, clock_store, deliveries
from mianshen.warehouse.clock_store import Subject
from mianshen.warehouse.connect import VAULT, open_database
from mianshen.warehouse.deliveries import Judged, Slot

STAGE = "receive"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file of the inbox, landed."""

    delivery: Delivery
    """Where it lay, and its control file."""
    name: str
    """Its name, made safe."""
    source: Source
    """Its bytes, piece by piece."""
    size: int
    """How many they are."""
    content_sha256: str
    """Their hash."""
    control: bytes | None
    """The control file's bytes, when there is one."""


def run(job: Job) -> StageReport:
    """Take every finished file of the county's inbox; counts by outcome and reason, one note a refused or missing file."""
    custody, profile = _custody(job), load_return_profile()
    counts: Counter[str] = Counter(files=0, received=0, duplicate=0, rejected=0, held=0, rows=0)
    notes: list[str] = []
    for delivery in sorted(deliveries_in(job.home.inbox(job.pack.name)), key=lambda one: (one.name, one.path)):
        counts["files"] += 1
        try:
            _receive(job, custody, delivery, profile, counts, notes)
        except OSError as cause:  # it could not be read, or changed meanwhile: it stays where it is
            error = MianshenError("FILE_UNREADABLE", found=type(cause).__name__, where=safe_file_name(delivery.name))
            counts["rejected"] += 1
            notes.append(error.message())
    for alone in lone_controls(job.home.inbox(job.pack.name)):
        name = safe_file_name(alone.name)
        counts["missing"] += 1
        notes.append(MianshenError("FILE_MISSING", found=name.removesuffix(SUFFIX), where=name).message())
    with job.ledger.begin() as connection:
        _watch_lists(job, connection)
    return StageReport(STAGE, None, dict(counts), tuple(notes))


def _custody(job: Job) -> Custody:
    vault = open_database(job.vault_url, schema=VAULT)
    create(vault)
    return Custody(job.home.custody, vault, keys_of(job.home))


def _receive(
    job: Job, custody: Custody, delivery: Delivery, profile: ReturnProfile, counts: Counter[str], notes: list[str]
) -> None:
    arrived = _land(job, custody, delivery)
    if any(re.fullmatch(pattern, arrived.name, re.IGNORECASE) for pattern in profile.file_patterns):
        outcome, refusal = _take_return(job, custody, arrived, profile, counts, notes)
        _tell(job, arrived, outcome, refusal, counts, notes)
    else:
        _take(job, arrived, counts, notes)


def _land(job: Job, custody: Custody, delivery: Delivery) -> Arrived:
    control = delivery.control.read_bytes() if delivery.control else None
    source, size = delivered(delivery)
    content_sha256 = custody.land(source, at=job.moment, entropy=job.entropy)
    if control is not None:
        custody.land(control, at=job.moment, entropy=job.entropy)
    name = name_of_pages(job.pack.contracts, delivery.name) if delivery.is_paged else delivery.name
    return Arrived(delivery, safe_file_name(name), source, size, content_sha256, control)


def _take(job: Job, arrived: Arrived, counts: Counter[str], notes: list[str]) -> None:
    """Judge the file, record it with its clock in one transaction, and only then empty its place in the inbox."""
    judged, error = _judge(job, arrived)
    with job.ledger.begin() as connection:
        before = _jumped_from(job, connection, judged) if judged.state == "RECEIVED" else None
        if before is not None:
            found = f"{before} → {judged.rows_in - judged.rows_ignored} rows"
            error = MianshenError("SNAPSHOT_DROP", found=found, where=arrived.name)
            judged = replace(judged, state="HELD", reason_code=error.code, reason_where=error.where)
        is_new = deliveries.take(connection, judged, at=job.moment)
        if is_new and judged.state == "RECEIVED":
            _start_relief(job, connection, judged)
    if is_new and judged.state == "RECEIVED":
        counts["rows"] += judged.rows_in
    _tell(job, arrived, judged.state.lower() if is_new else "duplicate", error if is_new else None, counts, notes)


def _tell(job: Job, arrived: Arrived, outcome: str, error: MianshenError | None, counts: Counter[str], notes: list[str]) -> None:
    """Count what became of the file, and only then empty its place in the inbox."""
    counts[outcome] += 1
    if error is not None:
        counts[f"reason.{error.code}"] += 1
        notes.append(error.message())
    empty(arrived.delivery, inbox=job.home.inbox(job.pack.name))


def _take_return(
    job: Job, custody: Custody, arrived: Arrived, profile: ReturnProfile, counts: Counter[str], notes: list[str]
) -> tuple[str, MianshenError | None]:
    """Judge a bank return against the payments sent and append its lines to the ledger; no payment changes its state."""
    with job.ledger.begin() as connection:
        sent = bank_results.payments_sent(connection, county_code=job.county_code)
        known = known_of(bank_results.results_of(connection, county_code=job.county_code))
        same = KeyedLikeness(Register(custody.engine, custody.keyring), (row["payee_key"] for row in sent))
        batches, content = batches_of(sent), b"".join(arrived.source())
        slot = Slot(job.county_code, Feed.BANK_RETURN.value, Feed.BANK_RETURN.value, "unknown")
        delivery = Judged(slot, arrived.content_sha256, arrived.name, arrived.size, "bank", "REJECTED")
        try:
            judged = judge_return(content, batches=batches, profile=profile, known=known, same=same, where=arrived.name)
        except MianshenError as error:
            state = "HELD" if error.code in HELD else "REJECTED"
            delivery = replace(delivery, state=state, reason_code=error.code, reason_where=error.where)
            return (state.lower() if deliveries.take(connection, delivery, at=job.moment) else "duplicate"), error
        if judged.outcome is FileOutcome.DUPLICATE:
            return "duplicate", None
        answered = next(batch for batch in batches if batch.number == judged.batch)
        slot = replace(slot, partition=next(row["month"] for row in sent if row["payment_batch_id"] == judged.batch))
        states = Counter(line.state for line in judged.lines)
        delivery = replace(
            delivery,
            slot=slot,
            state="ACCEPTED",
            rows_in=len(judged.lines),
            rows_accepted=states[RowState.LOAD],
            rows_quarantined=states[RowState.QUAR],
            rows_ignored=states[RowState.IGNORE],
        )
        if not deliveries.take(connection, delivery, at=job.moment):
            return "duplicate", None
        rows = rows_of(judged, batch=answered, file_sha256=arrived.content_sha256, at=job.moment)
        bank_results.write_results(connection, rows)
        counts[f"still_open.{judged.batch}"] = judged.still_open
        notes.append(
            f"回盘 {judged.batch}:采用 {delivery.rows_accepted} 笔,搁置 {delivery.rows_quarantined} 笔;"
            f"该批还有 {judged.still_open} 笔没有结果。"
            f" Return of {judged.batch}: {delivery.rows_accepted} lines taken, {delivery.rows_quarantined} set aside; "
            f"{judged.still_open} payments of the batch are still open."
        )
        return "accepted", None


def _judge(job: Job, arrived: Arrived) -> tuple[Judged, MianshenError | None]:
    slot = Slot(job.county_code, "unknown", "unknown", "unknown")
    judged = Judged(slot, arrived.content_sha256, arrived.name, arrived.size, "unknown", "REJECTED")
    try:
        control = read_control(arrived.control, where=f"{arrived.name}{SUFFIX}") if arrived.control is not None else None
        claim = recognise(job.pack.contracts, file_name=arrived.name, control=control)
        contract = claim.contract
        slot = replace(slot, feed=contract.feed.value, list_code=contract.list_code)
        stated = control.records if control else None
        judged = replace(judged, slot=slot, department_code=contract.department_code, records_stated=stated)
        partition = claim.partition(where=arrived.name, today=job.as_of.date())
        judged = replace(judged, slot=replace(slot, partition=partition))
        landed = _read(arrived, contract, control, partition=partition)
    except MianshenError as error:
        state = "HELD" if error.code in FOR_A_PERSON else "REJECTED"
        return replace(judged, state=state, reason_code=error.code, reason_where=error.where), error
    return replace(judged, state="RECEIVED", rows_in=landed.records + landed.ignored, rows_ignored=landed.ignored), None


def _read(arrived: Arrived, contract: Contract, control: Control | None, *, partition: str) -> Measured:
    if control and control.sha256 not in (None, arrived.content_sha256):
        raise MianshenError("CONTROL_MISMATCH", found="sha256", where=arrived.name)
    landed = measure(arrived.source, contract=contract, where=arrived.name)
    if names_other_month(landed.months_in_title, partition[:7]):
        raise MianshenError("PERIOD_WRONG", found=f"{' '.join(landed.months_in_title)} / {partition}", where=arrived.name)
    if control and control.records not in (None, landed.records):
        raise MianshenError("CONTROL_MISMATCH", found=f"{control.records} / {landed.records} rows", where=arrived.name)
    if landed.records == 0 and (control is None or control.records is None):
        raise MianshenError("SNAPSHOT_EMPTY", found="0 rows", where=arrived.name)
    return landed


def _jumped_from(job: Job, connection: Connection, judged: Judged) -> int | None:
    """The rows of the month before when a complete list lost or gained too large a share since; None when all is well.

    A control file's count speaks for itself.
    """
    if judged.slot.feed != Feed.ROSTER or judged.records_stated is not None:
        return None
    before = deliveries.records_before(connection, judged.slot)
    if before is None:
        return None
    guard = _contract(job.pack.contracts, judged).snapshot
    return before if jumped(guard, before=before, now=judged.rows_in - judged.rows_ignored) else None


def _start_relief(job: Job, connection: Connection, judged: Judged) -> None:
    contract = _contract(job.pack.contracts, judged)
    limit = _limit(job, starts_at="arrival")
    if limit is None or contract.feed in (Feed.ROSTER, Feed.NOTICE):
        return
    subject = Subject(job.county_code, "delivery", judged.delivery_id, contract.department_code)
    clock_store.open_clock(connection, subject, limit=limit, started=job.as_of, calendar=job.pack.calendar)


def _watch_lists(job: Job, connection: Connection) -> None:
    """A clock for every list expected for the months at work, so that a missing list has one; closed where the list has come."""
    limit = _limit(job, starts_at="list_due")
    if limit is None:
        return
    known = {row["subject_id"] for row in clock_store.clocks_of(connection, job.county_code) if row["subject_kind"] == "list"}
    for month in _listed_months(job, connection):
        _watch_month(job, connection, month, limit, known)
    for subject_id, holder, at in _list_arrivals(job, connection):
        clock = clock_store.clock_id(Subject(job.county_code, "list", subject_id, holder), limit.code)
        clock_store.record_event(connection, clock, event="closed", at=datetime.fromisoformat(at))


def _listed_months(job: Job, connection: Connection) -> list[Month]:
    """The job's month, and every month from the go-live day on of which a list has come."""
    if job.go_live_on is None:
        return [job.month]
    came = deliveries.partitions(connection, county_code=job.county_code, feed=Feed.ROSTER)
    return sorted({job.month, *(parse_month(one) for one in came if str(month_of(job.go_live_on)) <= one <= str(job.month))})


def _watch_month(job: Job, connection: Connection, month: Month, limit: TimeLimit, known: Set[str]) -> None:
    """A list whose day was over before anybody watched it has no clock once it has come: the county was not at work here yet."""
    month_end = datetime.combine(month.last_day + timedelta(days=1), datetime.min.time(), tzinfo=ZONE)
    came = deliveries.arrivals(connection, county_code=job.county_code, feed=Feed.ROSTER, partition=str(month))
    for expected in job.pack.lists:
        subject = Subject(job.county_code, "list", f"{expected.list_code}|{month}", expected.department_code)
        due_on = job.pack.list_due_on(expected, month)
        if subject.subject_id not in known and expected.list_code in came and job.as_of.date() > due_on:
            continue
        clock_store.open_clock_due_on(
            connection, subject, limit=limit, started=min(job.as_of, month_end), due_on=due_on, calendar=job.pack.calendar
        )


def _list_arrivals(job: Job, connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Lists whose clock stands and that have come: subject, holder, moment of arrival."""
    standing = {
        row["subject_id"]
        for row in clock_store.clocks_of(connection, job.county_code)
        if row["subject_kind"] == "list" and row["closed_at"] is None
    }
    for month in sorted({one.split("|")[1] for one in standing}):
        came = deliveries.arrivals(connection, county_code=job.county_code, feed=Feed.ROSTER, partition=month)
        for expected in job.pack.lists:
            subject_id = f"{expected.list_code}|{month}"
            if expected.list_code in came and subject_id in standing:
                yield subject_id, expected.department_code, came[expected.list_code]


def _limit(job: Job, *, starts_at: str) -> TimeLimit | None:
    return next((one for one in job.pack.time_limits if one.starts_at == starts_at), None)


def _contract(contracts: Sequence[Contract], judged: Judged) -> Contract:
    return next(one for one in contracts if (one.feed, one.list_code) == (judged.slot.feed, judged.slot.list_code))
