"""A delivery opened out of custody: its rows laid aside without people, its people gathered; a long text block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import RowMapping

from mianshen.core.contract import Contract, Feed
from mianshen.core.errors import MianshenError
from mianshen.feeds.apart import put_back, set_apart
from mianshen.feeds.certnos import birth_years
from mianshen.feeds.fixes import recorded
from mianshen.feeds.identities import Gathering, Identities, identify
from mianshen.feeds.linked import lines_of, linked, with_numbers
from mianshen.feeds.lists import Digests, listed, noticed
from mianshen.feeds.originals import WrittenRow, written_rows
from mianshen.feeds.outgoing import RENAMED, leaving
from mianshen.feeds.reader import Landed, read, read_blocks
from mianshen.feeds.typed import typed_name
from mianshen.feeds.wording import spoken
from mianshen.stages.frame import Job
from mianshen.warehouse.spool import Spool
from mianshen.warehouse.sql_files import table_doc

IDENTITY = "identity_no"
"""Column of the rows laid aside that says which of the delivery's identities a row's is."""
ROUNDED = "CERTNO_DAMAGED"
"""Why such a number gets no person_key when its bearer is known under another."""
IN_BLOCKS = (Feed.SETTLEMENT, Feed.ENROLMENT)
"""Feeds whose files may be longer than memory; lists of people are compared as a whole."""

_KEY, _WORDING = "key_hash", "wording_hash"
_COUNTED_TOGETHER = 500_000
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Behind:
    """What the vault does for an opened delivery."""

    pieces: Callable[[str], Iterator[bytes]]
    """The bytes in custody under a content hash."""
    digests: Digests
    """Keyed digests of personal values."""
    salt: Callable[[str], str]
    """A secret of the county's for the delivery with this content hash; always the same."""
    bearers: Callable[[Landed, Identities, Contract], Mapping[int, str]]
    """By line the numbers that recorded decisions give to rows of a list without a usable one."""
    linked: Set[str]
    """Canonical numbers whose person, by a recorded decision, is another number's."""


@dataclass(slots=True, repr=False)
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
    doubled: Hashes | None = None
    """Ascending hashes of the keys that stand more than once; None where rows carry their wording with them."""
    wordings: dict[int, int] = field(default_factory=dict)
    """The number of each wording met so far under such a key."""
    keys: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    """The person_key of each resident once they are registered; null where one has none."""
    alone: Flags = field(default_factory=lambda: np.zeros(0, np.bool_))
    """Of each resident, whether nobody says another name than this delivery; false in a run of several deliveries."""
    odd: Sequence[str] = ()
    """Text columns whose cells lie apart: nearly all of them were typed."""
    fixed: int = 1
    """In how many pieces its normalisations lie aside."""

    @property
    def delivery_id(self) -> str:
        """Its name."""
        return str(self.row["delivery_id"])

    def rows(self) -> Iterator[pa.Table]:
        """Its rows as they were laid aside, in file order."""
        for part in self.spool.take(self.delivery_id):
            piece = put_back(part, self.odd)
            yield piece if self.doubled is None else piece.append_column("wording_no", self._wording(piece, self.doubled))

    def fixes(self) -> Iterator[pa.Table]:
        """What was normalised, in file order; no piece where nothing was."""
        for number in range(self.fixed):
            yield from (piece for piece in self.spool.take(_fixes_name(self.row, number)) if piece.num_rows)

    def _wording(self, piece: pa.Table, doubled: Hashes) -> pa.Array:
        """A number from 1 on for what rows under one key say beside their columns; 0 for a row whose key stands once."""
        numbers = np.zeros(piece.num_rows, np.int64)
        places = np.flatnonzero(np.isin(piece[_KEY].to_numpy(), doubled))
        for place, said in zip(places.tolist(), piece[_WORDING].to_numpy()[places].tolist(), strict=True):
            numbers[place] = self.wordings.setdefault(said, len(self.wordings) + 1)
        return pa.array(numbers)


def open_delivery(job: Job, behind: Behind, connection: duckdb.DuckDBPyConnection, row: RowMapping, spool: Spool) -> Opened:
    """The delivery, its rows and normalisations laid aside. MianshenError CONSERVATION_BROKEN, and the refusals of `read`."""
    contract = job.pack.contract(row["list_code"])
    if contract.feed in IN_BLOCKS:
        return _open_blocks(job, behind, connection, row, contract, spool)
    return _open_whole(job, behind, row, contract, spool)


def _open_whole(job: Job, behind: Behind, row: RowMapping, contract: Contract, spool: Spool) -> Opened:
    landed = read(b"".join(behind.pieces(row["content_sha256"])), contract=contract, where=row["file_name"])
    _conserve(row, landed.records, landed.ignored)
    identities = identify(landed, contract, today=job.as_of.date())
    given = behind.bearers(landed, identities, contract) if contract.feed is Feed.ROSTER else {}
    if given:
        landed = with_numbers(landed, contract, given)
        identities = identify(landed, contract, today=job.as_of.date())
    if contract.feed is Feed.ROSTER:
        rows = listed(landed, contract, towns=job.pack.towns, digests=behind.digests, grids=job.pack.grids)
    else:
        rows = noticed(landed, contract)
    spool.put(row["delivery_id"], (rows.append_column(IDENTITY, identities.numbers),))
    decisions = linked(contract, [*given, *lines_of(landed, identities, behind.linked)])
    spool.put(_fixes_name(row, 0), (recorded(landed, identities, contract, towns=job.pack.towns), decisions))
    written = written_rows(landed, contract) if contract.feed is Feed.ROSTER else ()
    return Opened(row, contract, spool, identities, written)


def _open_blocks(
    job: Job, behind: Behind, connection: duckdb.DuckDBPyConnection, row: RowMapping, contract: Contract, spool: Spool
) -> Opened:
    wanted = {column.name for column in table_doc(f"staging.landed_{contract.feed}").columns} | RENAMED.keys()
    salt = behind.salt(row["content_sha256"])

    def take(blocks: Iterator[Landed]) -> Opened:
        gathering = Gathering(contract, today=job.as_of.date())
        keys: list[Hashes] = []
        lines = [0, 0]

        odd: list[str] = []

        def apart(landed: Landed) -> Sequence[str]:
            odd[:] = [one.name for one in contract.columns if typed_name(one) in wanted and one.name in landed.columns]
            return odd

        def leave() -> Iterator[pa.Table]:
            for landed in blocks:
                lines[0], lines[1] = lines[0] + landed.records, lines[1] + landed.ignored
                numbered = gathering.add(landed)
                decisions = linked(contract, lines_of(landed, numbered, behind.linked))
                fixes = (recorded(landed, numbered, contract, towns=job.pack.towns), decisions)
                spool.put(_fixes_name(row, len(keys)), fixes)
                hashes = _hashes(connection, landed, contract.key[0], salt)
                keys.append(hashes[_KEY])
                rows = set_apart(leaving(landed, contract, only=wanted), apart(landed))
                for name, cells in {IDENTITY: numbered.numbers, **{name: pa.array(one) for name, one in hashes.items()}}.items():
                    rows = rows.append_column(name, cells)
                yield rows

        spool.put(row["delivery_id"], leave())
        _conserve(row, lines[0], lines[1])
        return Opened(row, contract, spool, gathering.done(), (), _doubled(keys), fixed=len(keys), odd=tuple(odd))

    return read_blocks(partial(behind.pieces, row["content_sha256"]), take, contract=contract, where=row["file_name"])


def _fixes_name(row: RowMapping, number: int) -> str:
    return f"{row['delivery_id']}.fixes-{number}"


def _conserve(row: RowMapping, records: int, ignored: int) -> None:
    if (records + ignored, ignored) != (row["rows_in"], row["rows_ignored"]):
        raise MianshenError("CONSERVATION_BROKEN", found=f"{records} / {row['rows_in']} rows", where=row["file_name"])


def _hashes(connection: duckdb.DuckDBPyConnection, landed: Landed, key: str, salt: str) -> dict[str, Hashes]:
    """Of each row the hash of its key, and of its salted words, which nobody without the salt can try out."""
    keys = landed.table[key] if key in landed.columns else pa.array([""] * landed.records)
    some = pa.table({"key": keys, "words": spoken(landed, salt=salt)})
    found = connection.from_arrow(some).project(f"hash(key) as {_KEY}, hash(words) as {_WORDING}").fetchnumpy()
    return {name: np.asarray(found[name], np.uint64) for name in (_KEY, _WORDING)}


def _doubled(keys: Sequence[Hashes]) -> Hashes:
    """Ascending hashes that stand more than once; counted in turns, so that memory stays flat."""
    turns = np.uint64(sum(len(some) for some in keys) // _COUNTED_TOGETHER + 1)
    found = [np.zeros(0, np.uint64)]
    for turn in range(int(turns)):
        mine = np.sort(np.concatenate([some[some % turns == turn] for some in keys]))
        found.append(np.unique(mine[1:][mine[1:] == mine[:-1]]))
    return np.sort(np.concatenate(found))


def place_keys(identities: Identities, keys: pa.Array) -> pa.Array:
    """The person_key of each distinct written number; `keys` are the residents', null where one has none."""
    has, at = _residents(identities)
    return keys.take(pa.array(at, mask=~has))


def identity_table(identities: Identities, keys: pa.Array, differing: Flags) -> pa.Table:
    """Whose each distinct written number of a delivery is, by its place; no written id number is in it."""
    has, at = _residents(identities)
    found = place_keys(identities, keys)
    is_known = found.is_valid()
    odd = sorted(identities.others)
    refused = [place for place in odd if identities.others[place].reason_code]
    reasons = pc.if_else(is_known, pa.scalar(None, pa.string()), ROUNDED)
    mask = np.zeros(len(has), np.bool_)
    mask[refused] = True
    codes = pa.array([identities.others[place].reason_code for place in refused], pa.string())
    several = np.append(np.asarray(differing, np.bool_), False)[np.where(has, at, -1)]
    return pa.table(
        {
            "person_key": found,
            "birth_year": pc.if_else(
                is_known, pa.array(birth_years(identities.values).astype(np.int32)), pa.scalar(None, pa.int32())
            ),
            "reason_code": pc.replace_with_mask(reasons, pa.array(mask), codes),
            "fixes": _fixes(identities, odd, len(has)),
            "has_several_names": pa.array(several),
        }
    )


def _residents(identities: Identities) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Whether each distinct written number is a resident's, and the resident's place."""
    at = np.searchsorted(identities.residents, identities.values)
    has: npt.NDArray[np.bool_] = np.append(identities.residents, -2)[at] == identities.values
    return has, np.where(has, at, 0)


def _fixes(identities: Identities, odd: Sequence[int], count: int) -> pa.Array:
    lengths = np.zeros(count, np.int32)
    for place in odd:
        lengths[place] = len(identities.others[place].fixes)
    said = [fix for place in odd for fix in identities.others[place].fixes]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(said, pa.string()))
