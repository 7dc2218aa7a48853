"""Stage deidentify: landed bytes become rows without people; the id number is checked before it is given a person_key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, RowMapping

from mianshen.core.contract import Contract, Feed
from mianshen.core.errors import MianshenError
from mianshen.feeds.identities import Identities
from mianshen.feeds.judged import persons_of
from mianshen.feeds.linked import unmatched
from mianshen.feeds.outgoing import RENAMED
from mianshen.feeds.reader import Landed
from mianshen.feeds.said import Said
from mianshen.feeds.typed import AT, FEN
from mianshen.stages.frame import Job, StageReport
from mianshen.stages.opening import IDENTITY, Behind, Flags, Opened, identity_table, open_delivery, place_keys
from mianshen.vault.custody import Custody
from mianshen.vault.decided import Decided, decided
from mianshen.vault.keyring import keys_of
from mianshen.vault.links import WrittenIdentity
from mianshen.vault.records import DOUBTFUL, Fact
from mianshen.vault.register import Register, Registered, create
from mianshen.vault.suggest import trail
from mianshen.warehouse import deliveries
from mianshen.warehouse.connect import VAULT, compute, open_database, show_arrow
from mianshen.warehouse.lake import LakeRun
from mianshen.warehouse.spool import gathered, spooling
from mianshen.warehouse.sql_files import sql_text, table_doc

STAGE = "deidentify"
ZEROED_TAIL = "000"
"""How a number ends that a spreadsheet has rounded; one in eleven of them still has a right check digit."""
TOGETHER = 6
"""How many times some thousands of people are registered in one transaction: others wait for its end, some seconds."""
ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
"""Arrow's kinds of the columns that are traced."""
FIXED = "staging.row_fix"
"""The table of normalisations."""
GRIDDED = "staging.roster_grid"
"""The table of who lives in which grid."""


def run(job: Job) -> StageReport:
    """Publish staging.*_keyed for every received delivery; counts of rows, persons and deliveries."""
    waiting = deliveries.in_state(job.ledger, county_code=job.county_code, state="RECEIVED")
    if not waiting:
        return StageReport(STAGE, None, {}, ("没有新到的批次。No delivery is waiting.",))
    keyring = keys_of(job.home)
    vault = open_database(job.vault_url, schema=VAULT)
    create(vault)
    custody, register = Custody(job.home.custody, vault, keyring), Register(vault, keyring)
    links = decided(register)
    salt = lambda name: keyring.tagger.tag("wording", name)[:16]  # noqa: E731 - told to the reader of one delivery
    behind = Behind(custody.pieces, register.digests, salt, _bearers(links), links.numbers)
    counts: Counter[str] = Counter(deliveries=0, rows=0, persons_new=0, persons_changed=0)
    notes: list[str] = []
    opened: list[Opened] = []
    # a part of the rows is small: two threads would share it at a quarter more of processor time
    with compute(threads=1) as connection, spooling(job.home.lake / f".tmp-{STAGE}-{job.county_code}") as spool:
        for row in waiting:
            try:
                opened.append(open_delivery(job, behind, connection, row, spool))
            except MianshenError as error:
                _refuse(job, row, error)
                notes.append(error.message())
        if not opened:
            return StageReport(STAGE, None, dict(counts), tuple(notes))
        _register_all(job, register, opened, counts)
        run_id = _publish(job, connection, register, opened, counts, links)
    return StageReport(STAGE, run_id, dict(counts), tuple(notes))


def _bearers(links: Decided) -> Callable[[Landed, Identities, Contract], Mapping[int, str]]:
    """By line the numbers that recorded decisions give to rows of a list that bear none of their own."""

    def bearers(landed: Landed, identities: Identities, contract: Contract) -> Mapping[int, str]:
        if contract.list_code not in links.lists:
            return {}
        rows = unmatched(landed, identities, contract)
        written = [(row.line_no, WrittenIdentity(row.number, row.name, row.beside)) for row in rows]
        return links.bearers(contract.list_code, written)

    return bearers


def _refuse(job: Job, row: RowMapping, error: MianshenError) -> None:
    with job.ledger.begin() as connection:
        deliveries.refuse(connection, row["delivery_id"], error)


def _register_all(job: Job, register: Register, opened: Sequence[Opened], counts: Counter[str]) -> None:
    """Give every resident a person_key. Numbers with a zeroed tail come last: one that looks rounded gets no key."""
    whole: list[list[pa.Array]] = [[pa.array([], pa.string())] for _ in opened]
    alone: list[list[bool]] = [[] for _ in opened]
    doubtful: list[dict[str, Said]] = [{} for _ in opened]
    for one, keys, tails, by_itself in zip(opened, whole, doubtful, alone, strict=True):
        waiting = one.identities.people()
        while some := list(islice(waiting, TOGETHER)):
            with register.writing() as within:
                for people in some:
                    tails.update((certno, said) for certno, said in people.items() if certno.endswith(ZEROED_TAIL))
                    sound = {certno: said for certno, said in people.items() if certno not in tails}
                    known = _register(job, register, one, sound, counts, within=within)
                    keys.append(pa.array([known.keys.get(certno) for certno in people], pa.string()))
                    by_itself.extend(known.are_alone(people))
    late: dict[str, str] = {}
    for one, tails in zip(opened, doubtful, strict=True):
        rounded = register.rounded({certno: said.names for certno, said in tails.items()})
        sound = {certno: said for certno, said in tails.items() if certno not in rounded}
        late.update(_register(job, register, one, sound, counts).keys)
    for one, keys, tails, by_itself in zip(opened, whole, doubtful, alone, strict=True):
        one.keys = _with_late(pa.concat_arrays(keys), tails, late)
        one.alone = np.array(by_itself, np.bool_)
        if len(opened) > 1:  # another delivery may speak of the same person
            one.alone[:] = False


def _with_late(keys: pa.Array, tails: Collection[str], late: Mapping[str, str]) -> pa.Array:
    """The keys with those of the numbers that came last; the others all have one."""
    found = pa.array([late.get(certno) for certno in tails], pa.string())
    return pc.replace_with_mask(keys, pc.is_null(keys), found) if tails else keys


def _register(
    job: Job,
    register: Register,
    one: Opened,
    wanted: Mapping[str, Said],
    counts: Counter[str],
    *,
    within: Connection | None = None,
) -> Registered:
    """The wanted numbers' person_keys; the vault learns what the delivery says of each."""
    origin, since = one.row["list_code"], one.row["partition"]
    facts = {
        id(found): [
            Fact(said.kind, _origin(origin, said.kind, said.is_doubtful), said.value, since, said.is_doubtful)
            for said in found.statements
        ]
        for found in {id(found): found for found in wanted.values()}.values()
    }
    people = {certno: facts[id(found)] for certno, found in wanted.items()}
    registered = register.record(people, entropy=job.entropy, within=within)
    counts["persons_new"] += registered.added
    counts["persons_changed"] += registered.changed
    return registered


def _origin(origin: str, kind: str, is_doubtful: bool) -> str:
    """A damaged name is kept beside the sound one; a doubtful account replaces the list's account, so that none is guessed."""
    return origin + DOUBTFUL if kind == "name" and is_doubtful else origin


def _publish(
    job: Job,
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    opened: Sequence[Opened],
    counts: Counter[str],
    links: Decided,
) -> str:
    inputs = (*(f"{one.row['delivery_id']}@{one.row['content_sha256']}" for one in opened), *links.ids)
    with job.lake.writing(job.run_spec(STAGE, inputs=inputs)) as written:
        for feed in Feed:
            mine = sorted((one for one in opened if one.contract.feed is feed), key=lambda one: str(one.row["delivery_id"]))
            counts["rows"] += _write(connection, register, written, feed, mine)
        _trace(written, connection, register, opened)
        _write_fixes(connection, written, opened)
        expected = sum(one.row["rows_in"] - one.row["rows_ignored"] for one in opened)
        if counts["rows"] != expected:
            raise MianshenError("CONSERVATION_BROKEN", found=f"{counts['rows']} / {expected} rows", where="staging.*_keyed")
        counts["deliveries"] = len(opened)
        written.totals.update(rows_in=expected, rows_out=counts["rows"])
        ids = [one.row["delivery_id"] for one in opened]
        run_id = written.spec.run_id
        return job.lake.commit(written, also=lambda ledger: deliveries.mark_keyed(ledger, ids, run_id=run_id))


def _trace(written: LakeRun, connection: duckdb.DuckDBPyConnection, register: Register, opened: Sequence[Opened]) -> None:
    """Write staging.roster_trace and staging.row_suggestion: digests, keys and rules alone."""
    traced: dict[str, list[tuple[object, ...]]] = {"staging.roster_trace": [], "staging.row_suggestion": []}
    for one in opened:
        if not one.written:
            continue
        place = (one.row["delivery_id"], one.row["list_code"], one.row["partition"])
        people = place_keys(one.identities, one.keys).take(one.identities.numbers).to_pylist()
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
    connection: duckdb.DuckDBPyConnection, register: Register, written: LakeRun, feed: Feed, opened: Sequence[Opened]
) -> int:
    """Write staging.<feed>_keyed a part at a time, by delivery and line; returns its rows."""
    if not opened:
        return 0
    identities = [_identities(register, one) for one in opened]
    wanted = [column.name for column in table_doc(f"staging.landed_{feed}").columns]
    table = f"staging.{feed}_keyed"
    query = sql_text(table)
    rows = 0
    parts = (_part(one, piece, whose, wanted) for one, whose in zip(opened, identities, strict=True) for piece in one.rows())
    for part in gathered(parts):
        show_arrow(connection, f"staging.landed_{feed}", part)
        rows += written.write(connection, table, query, order=("delivery_id", "line_no"))
        if feed is Feed.ROSTER and pc.count(part["grid_code"]).as_py():
            written.write(connection, GRIDDED, sql_text(GRIDDED), order=("delivery_id", "line_no"))
    return rows


def _write_fixes(connection: duckdb.DuckDBPyConnection, written: LakeRun, opened: Sequence[Opened]) -> None:
    """Write staging.row_fix a part at a time; no table where nothing was normalised."""
    ordered = sorted(opened, key=lambda one: str(one.row["delivery_id"]))
    pieces = ((one, piece) for one in ordered for piece in one.fixes())
    parts = (piece.add_column(0, "delivery_id", pa.array([one.row["delivery_id"]] * len(piece))) for one, piece in pieces)
    for part in gathered(parts):
        show_arrow(connection, FIXED, part)
        written.write(connection, FIXED, f"select * from {FIXED} order by delivery_id, line_no, field, reason_code")  # noqa: S608


def _identities(register: Register, one: Opened) -> pa.Table:
    """Whose each distinct written number of the delivery is, by its place."""
    return identity_table(one.identities, one.keys, _differing(register, one.identities, one.keys, alone=one.alone))


def _differing(register: Register, identities: Identities, keys: pa.Array, *, alone: Flags) -> Flags:
    """Of each resident, whether several names are known of the person; of those `alone` only what this delivery says counts."""
    shared = _shared(identities, keys)
    asked = identities.said_often() | ~alone | pc.is_in(keys, pa.array(shared, pa.string())).to_numpy(zero_copy_only=False)
    found: Flags = np.zeros(len(keys), np.bool_)
    for places, people in identities.people_at(np.flatnonzero(asked)):
        mine = keys.take(pa.array(places)).to_pylist()
        named = {key: shared.get(key, said.names) for key, said in zip(mine, people.values(), strict=True) if key is not None}
        others = {key for key, is_alone in zip(mine, alone[places].tolist(), strict=True) if not is_alone}
        several = {key for key, names in named.items() if len(names) > 1 and key not in others}
        several |= register.differing({key: names for key, names in named.items() if key in others})
        found[places] = [key in several for key in mine]
    return found


def _shared(identities: Identities, keys: pa.Array) -> dict[str, frozenset[str]]:
    """The names of each person who bears several numbers of the delivery."""
    if pc.count_distinct(keys).as_py() == len(keys) - keys.null_count:
        return {}
    counted = pc.value_counts(keys.drop_null())
    names = {one["values"]: frozenset[str]() for one in counted.filter(pc.greater(counted.field(1), 1)).to_pylist()}
    start = 0
    for people in identities.people():
        for key, said in zip(keys.slice(start, len(people)).to_pylist(), people.values(), strict=True):
            if key in names:
                names[key] |= said.names
        start += len(people)
    return names


def _part(one: Opened, rows: pa.Table, identities: pa.Table, wanted: Sequence[str]) -> pa.Table:
    """A piece of a delivery as staging.landed_<feed> has it."""
    count = rows.num_rows
    said = {"delivery_id": one.row["delivery_id"], "list_code": one.row["list_code"], "list_month": one.row["partition"][:7]}
    made = {name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in said.items()}
    made |= persons_of(identities, rows[IDENTITY].combine_chunks())
    made |= {RENAMED.get(name, name): rows[name] for name in rows.column_names if RENAMED.get(name, name) not in made}
    nothing = {name: pa.null() if f"{name}{FEN}" in wanted or f"{name}{AT}" in wanted else pa.string() for name in wanted}
    return pa.table({name: made[name] if name in made else pa.nulls(count, nothing[name]) for name in wanted})
