"""Stage deidentify: landed bytes become rows without people; the id number is checked before it is given a person_key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import RowMapping

from mianshen.core.contract import Contract, Feed
from mianshen.core.errors import MianshenError
from mianshen.core.ids import YEAR, CertNo
from mianshen.feeds.fixes import recorded
from mianshen.feeds.identities import Identities, identify
from mianshen.feeds.linked import lines_of, linked, unmatched, with_numbers
from mianshen.feeds.lists import listed, noticed
from mianshen.feeds.originals import WrittenRow, written_rows
from mianshen.feeds.outgoing import RENAMED, outgoing
from mianshen.feeds.reader import Landed, read
from mianshen.stages.frame import Job, StageReport
from mianshen.vault.custody import Custody
from mianshen.vault.decided import Decided, decided
from mianshen.vault.keyring import open_keyring
from mianshen.vault.links import WrittenIdentity
from mianshen.vault.records import DOUBTFUL, Fact
from mianshen.vault.register import Register, create
from mianshen.vault.suggest import trail
from mianshen.warehouse import deliveries
from mianshen.warehouse.connect import compute, open_database, show_arrow
from mianshen.warehouse.lake import LakeRun
from mianshen.warehouse.spool import Spool, gathered, spooling
from mianshen.warehouse.sql_files import sql_text, table_doc

STAGE = "deidentify"
IDENTITY = "identity_no"
"""Column that says which of the run's identities a row's is."""
ZEROED_TAIL = "000"
"""How a number ends that a spreadsheet has rounded; one in eleven of them still has a right check digit."""
ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
"""Arrow's kinds of the columns that are traced."""
FIXES, FIXED = "fixes", "staging.row_fix"
"""Where normalisations are laid aside, and the table that they become."""
ROUNDED = "CERTNO_DAMAGED"
"""Why such a number gets no person_key when its bearer is known under another."""


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A delivery opened in memory. Never printed."""

    row: RowMapping
    """Its row in the ledger."""
    contract: Contract
    """What it must look like."""
    spool: Spool
    """Where its rows lie without anything personal, under its delivery_id."""
    identities: Identities
    """Whose rows they are."""
    written: Sequence[WrittenRow]
    """What a list's rows say of their persons, to trace and to suggest; empty for other feeds."""


def run(job: Job) -> StageReport:
    """Publish staging.*_keyed for every received delivery; counts of rows, persons and deliveries."""
    waiting = deliveries.in_state(job.ledger, county_code=job.county_code, state="RECEIVED")
    if not waiting:
        return StageReport(STAGE, None, {}, ("没有新到的批次。No delivery is waiting.",))
    keyring = open_keyring(job.home.keyring)
    vault = open_database(job.vault_url)
    create(vault)
    custody, register = Custody(job.home.custody, vault, keyring), Register(vault, keyring)
    links = decided(register)
    counts: Counter[str] = Counter(deliveries=0, rows=0, persons_new=0, persons_changed=0)
    notes: list[str] = []
    opened: list[Opened] = []
    with spooling(job.home.lake / f".tmp-{STAGE}-{job.county_code}") as spool:
        for row in waiting:
            try:
                opened.append(_open(job, custody, register, row, spool, links))
            except MianshenError as error:
                _refuse(job, row, error)
                notes.append(error.message())
        if not opened:
            return StageReport(STAGE, None, dict(counts), tuple(notes))
        keys = _register_all(job, register, opened, counts)
        run_id = _publish(job, register, opened, keys, counts, links)
    return StageReport(STAGE, run_id, dict(counts), tuple(notes))


def _open(job: Job, custody: Custody, register: Register, row: RowMapping, spool: Spool, links: Decided) -> Opened:
    contract = job.pack.contract(row["list_code"])
    content = custody.open(row["content_sha256"])
    landed = read(content, contract=contract, where=row["file_name"])
    if (landed.records + landed.ignored, landed.ignored) != (row["rows_in"], row["rows_ignored"]):
        raise MianshenError("CONSERVATION_BROKEN", found=f"{landed.records} / {row['rows_in']} rows", where=row["file_name"])
    landed, identities, decisions = _decide(links, landed, contract, today=job.as_of.date())
    rows = _rows(job, register, landed, contract).append_column(IDENTITY, identities.numbers.cast(pa.int64()))
    spool.put(row["delivery_id"], (rows,))
    fixes = (recorded(landed, identities, contract, towns=job.pack.towns), linked(contract, decisions))
    spool.put(f"{row['delivery_id']}.{FIXES}", fixes)
    written = written_rows(landed, contract) if contract.feed is Feed.ROSTER else ()
    return Opened(row, contract, spool, identities, written)


def _decide(links: Decided, landed: Landed, contract: Contract, *, today: date) -> tuple[Landed, Identities, list[int]]:
    """The delivery, its rows without a usable number given those that recorded decisions say; the lines that decisions touch."""
    identities, found = identify(landed, contract, today=today), {}
    if contract.feed is Feed.ROSTER and contract.list_code in links.lists:
        rows = unmatched(landed, identities, contract)
        found = links.bearers(
            contract.list_code, [(row.line_no, WrittenIdentity(row.number, row.name, row.beside)) for row in rows]
        )
    if found:
        landed = with_numbers(landed, contract, found)
        identities = identify(landed, contract, today=today)
    return landed, identities, [*found, *lines_of(landed, identities, links.numbers)]


def _rows(job: Job, register: Register, landed: Landed, contract: Contract) -> pa.Table:
    if contract.feed is Feed.ROSTER:
        return listed(landed, contract, towns=job.pack.towns, digests=register.digests)
    if contract.feed is Feed.NOTICE:
        return noticed(landed, contract)
    wanted = {column.name for column in table_doc(f"staging.landed_{contract.feed}").columns}
    return outgoing(landed, contract, only=wanted | RENAMED.keys())


def _refuse(job: Job, row: RowMapping, error: MianshenError) -> None:
    with job.ledger.begin() as connection:
        deliveries.refuse(connection, row["delivery_id"], error)


def _register_all(job: Job, register: Register, opened: Sequence[Opened], counts: Counter[str]) -> dict[str, str]:
    """person_keys by canonical id number. Numbers with a zeroed tail come last: one that looks rounded gets no key."""
    keys: dict[str, str] = {}
    for one in opened:
        whole = {certno for certno in one.identities.names if not certno.endswith(ZEROED_TAIL)}
        keys.update(_register(job, register, one, whole, counts))
    for one in opened:
        doubtful = {certno: names for certno, names in one.identities.names.items() if certno.endswith(ZEROED_TAIL)}
        keys.update(_register(job, register, one, doubtful.keys() - register.rounded(doubtful), counts))
    return keys


def _register(job: Job, register: Register, one: Opened, wanted: Set[str], counts: Counter[str]) -> Mapping[str, str]:
    """The wanted numbers' person_keys; the vault learns what the delivery says of each."""
    origin, since = one.row["list_code"], one.row["partition"]
    people = {
        certno: [
            Fact(said.kind, _origin(origin, said.kind, said.is_doubtful), said.value, since, said.is_doubtful)
            for said in one.identities.statements[certno]
        ]
        for certno in wanted
    }
    registered = register.record(people, entropy=job.entropy)
    counts["persons_new"] += registered.added
    counts["persons_changed"] += registered.changed
    return registered.keys


def _origin(origin: str, kind: str, is_doubtful: bool) -> str:
    """A damaged name is kept beside the sound one; a doubtful account replaces the list's account, so that none is guessed."""
    return origin + DOUBTFUL if kind == "name" and is_doubtful else origin


def _publish(
    job: Job, register: Register, opened: Sequence[Opened], keys: dict[str, str], counts: Counter[str], links: Decided
) -> str:
    inputs = (*(f"{one.row['delivery_id']}@{one.row['content_sha256']}" for one in opened), *links.ids)
    with compute() as connection, job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        for feed in Feed:
            mine = sorted((one for one in opened if one.contract.feed is feed), key=lambda one: str(one.row["delivery_id"]))
            counts["rows"] += _write(connection, register, written, feed, mine, keys)
        _trace(written, connection, register, opened, keys)
        _write_fixes(connection, written, opened)
        expected = sum(one.row["rows_in"] - one.row["rows_ignored"] for one in opened)
        if counts["rows"] != expected:
            raise MianshenError("CONSERVATION_BROKEN", found=f"{counts['rows']} / {expected} rows", where="staging.*_keyed")
        counts["deliveries"] = len(opened)
        written.totals.update(rows_in=expected, rows_out=counts["rows"])
        ids = [one.row["delivery_id"] for one in opened]
        run_id = written.spec.run_id
        return job.lake.commit(written, also=lambda ledger: deliveries.mark_keyed(ledger, ids, run_id=run_id))


def _trace(
    written: LakeRun, connection: duckdb.DuckDBPyConnection, register: Register, opened: Sequence[Opened], keys: dict[str, str]
) -> None:
    """Write staging.roster_trace and staging.row_suggestion: digests, keys and rules alone."""
    traced: dict[str, list[tuple[object, ...]]] = {"staging.roster_trace": [], "staging.row_suggestion": []}
    for one in opened:
        if not one.written:
            continue
        place, numbers = (one.row["delivery_id"], one.row["list_code"], one.row["partition"]), one.identities.numbers.to_pylist()
        people = [keys.get(one.identities.read[number].value or "") for number in numbers]
        trails, meant = trail(register, place, [(row.line_no, row.number, row.name) for row in one.written], people)
        traced["staging.roster_trace"] += trails
        traced["staging.row_suggestion"] += meant
    for table, rows in traced.items():
        if any(one.written for one in opened):
            kinds = [(column.name, ARROW[column.type]) for column in table_doc(table).columns]
            cells = [pa.array([row[place] for row in rows], kind) for place, (_, kind) in enumerate(kinds)]
            show_arrow(connection, table, pa.table(cells, schema=pa.schema(kinds)))
            written.write(connection, table, f"select * from {table} order by all")  # noqa: S608 - two names of our own


def _write(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    written: LakeRun,
    feed: Feed,
    opened: Sequence[Opened],
    keys: dict[str, str],
) -> int:
    """Write staging.<feed>_keyed a part at a time, by delivery and line; returns its rows."""
    if not opened:
        return 0
    offsets = _show_identities(connection, register, opened, keys)
    wanted = [column.name for column in table_doc(f"staging.landed_{feed}").columns]
    table = f"staging.{feed}_keyed"
    query = f"{sql_text(table).rstrip()}\norder by delivery_id, line_no"
    rows = 0
    parts = (_part(one, piece, offset, wanted) for one, offset in zip(opened, offsets, strict=True) for piece in _pieces(one))
    for part in gathered(parts):
        show_arrow(connection, f"staging.landed_{feed}", part)
        rows += written.write(connection, table, query)
    return rows


def _write_fixes(connection: duckdb.DuckDBPyConnection, written: LakeRun, opened: Sequence[Opened]) -> None:
    """Write staging.row_fix a part at a time; no table where nothing was normalised."""
    ordered = sorted(opened, key=lambda one: str(one.row["delivery_id"]))
    pieces = ((one, piece) for one in ordered for piece in one.spool.take(f"{one.row['delivery_id']}.{FIXES}") if piece.num_rows)
    parts = (piece.add_column(0, "delivery_id", pa.array([one.row["delivery_id"]] * len(piece))) for one, piece in pieces)
    for part in gathered(parts):
        show_arrow(connection, FIXED, part)
        written.write(connection, FIXED, f"select * from {FIXED} order by delivery_id, line_no, field, reason_code")  # noqa: S608


def _pieces(one: Opened) -> Iterator[pa.Table]:
    return one.spool.take(one.row["delivery_id"])


def _show_identities(
    connection: duckdb.DuckDBPyConnection, register: Register, opened: Sequence[Opened], keys: dict[str, str]
) -> list[int]:
    """Make staging.landed_identity readable, no written id number is in it; returns each delivery's first number there."""
    identities, offsets, offset = [], [], 0
    for one in opened:
        named: dict[str, frozenset[str]] = {}
        for certno, names in one.identities.names.items():
            if certno in keys:
                named[keys[certno]] = named.get(keys[certno], frozenset()) | names
        differing = register.differing(named)
        identities.append(_identity(one.identities.read, offset, keys, differing))
        offsets.append(offset)
        offset += len(one.identities.read)
    show_arrow(connection, "staging.landed_identity", pa.concat_tables(identities))
    return offsets


def _part(one: Opened, rows: pa.Table, offset: int, wanted: Iterable[str]) -> pa.Table:
    """A piece of a delivery as staging.landed_<feed> has it."""
    count = rows.num_rows
    made = {
        "delivery_id": pa.array([one.row["delivery_id"]] * count, pa.string()),
        "list_code": pa.array([one.row["list_code"]] * count, pa.string()),
        "list_month": pa.array([one.row["partition"][:7]] * count, pa.string()),
        IDENTITY: pc.add(rows[IDENTITY], offset),
    }
    cells = {RENAMED.get(name, name): rows[name] for name in rows.column_names}
    empty = pa.nulls(count, pa.string())
    return pa.table({name: made[name] if name in made else cells.get(name, empty) for name in wanted})


def _identity(read_numbers: Sequence[CertNo], offset: int, keys: dict[str, str], differing: set[str]) -> pa.Table:
    known = [one.value if one.value in keys else None for one in read_numbers]
    found = [keys[value] if value else None for value in known]
    born = [int(value[YEAR]) if value else None for value in known]
    lost = [one.reason_code or (None if value else ROUNDED) for one, value in zip(read_numbers, known, strict=True)]
    return pa.table(
        {
            "identity_no": pa.array(range(offset, offset + len(read_numbers)), pa.int64()),
            "person_key": pa.array(found, pa.string()),
            "birth_year": pa.array(born, pa.int32()),
            "reason_code": pa.array(lost, pa.string()),
            "fixes": pa.array([list(one.fixes) for one in read_numbers], pa.list_(pa.string())),
            "has_several_names": pa.array([key in differing for key in found], pa.bool_()),
        }
    )
