"""Files of a folder into the inbox, whatever the door: what is finished and new is fetched, what changes meanwhile is not."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from mianshen.core.contract import Contract
from mianshen.core.errors import MianshenError
from mianshen.feeds.control import SUFFIX
from mianshen.feeds.fetched import Memory, Taken
from mianshen.feeds.guard import MAX_BYTES
from mianshen.feeds.landing import Landing, Parcel
from mianshen.feeds.sources import FileAsk, Source

UNFINISHED = (".tmp", ".swp", ".part", ".crdownload", ".filepart", "~")
"""Ends of names that are still being written."""
YOUNG = timedelta(seconds=60)
"""A file changed so shortly before it was fetched may change again within the same tick of its server's clock."""
LARGEST_CONTROL = 64 << 10
"""No control file is longer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as its source lists it."""

    name: str
    """Relative to the source's folder, with forward slashes."""
    size: int
    """Its length in bytes."""
    mark: str
    """What tells one state of it from another: time of change, tag."""
    changed_at: datetime | None
    """When it was changed, by the source's clock."""
    is_exact: bool = False
    """Whether the mark changes with the content for certain, as a tag does and a time does not."""

    @property
    def bare(self) -> str:
        """The name without folders."""
        return self.name.rsplit("/", 1)[-1]


class Store(Protocol):
    """A folder behind some door."""

    def look(self) -> Sequence[Seen]:
        """Every plain file of the folder, now."""

    def look_at(self, name: str) -> Seen | None:
        """The one file, now; None when it is gone."""

    def read(self, seen: Seen) -> Iterator[bytes]:
        """The file's bytes, piece by piece; FileNotFoundError when it is gone."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One visit to a source."""

    source: Source
    """Where to."""
    landing: Landing
    """Where its files land."""
    memory: Memory
    """What it gave before."""
    contract: Contract | None
    """What its files must look like, when it gives one list only."""
    at: datetime
    """The moment of the visit."""


def fetch_files(errand: Errand, ask: FileAsk, store: Store, *, pause: Callable[[], None]) -> Counter[str]:
    """Fetch what is new; counts of files seen, taken, known, same, ignored, waiting.

    The folder is looked at twice with a pause between: what differs is still being written. After all that can be taken was
    taken: MianshenError SOURCE_CHANGED when a file was changing, SOURCE_NAME when the source lists a name that is none,
    FILE_TOO_LARGE when no reader would open it.
    """
    counts: Counter[str] = Counter(seen=0, taken=0, known=0, same=0, ignored=0, waiting=0)
    listed = store.look()
    beside = {one.name: one for one in listed if one.name.endswith(SUFFIX)}
    troubles: Counter[str] = Counter()
    wanted = [one for one in listed if _is_wanted(one, ask, counts, troubles)]
    fresh = [(one, beside.get(one.name + SUFFIX)) for one in wanted]
    fresh = [pair for pair in fresh if not _is_known(errand, *pair, counts)]
    if fresh:
        pause()
        again = {one.name: one for one in store.look()}
        for seen, control in sorted(fresh, key=_by_age):
            if control is None and ask.needs_control:
                counts["waiting"] += 1
            elif _moved(seen, control, again) or not _take(errand, ask, store, seen, control, counts):
                troubles["SOURCE_CHANGED"] += 1
    errand.memory.keep([one.name for one in listed])
    for code in ("SOURCE_CHANGED", "SOURCE_NAME", "FILE_TOO_LARGE"):
        if troubles[code]:
            raise MianshenError(code, found=f"{troubles[code]} files", where=errand.source.code)
    return counts


def _moved(seen: Seen, control: Seen | None, again: Mapping[str, Seen]) -> bool:
    return again.get(seen.name) != seen or (control is not None and again.get(control.name) != control)


def _by_age(pair: tuple[Seen, Seen | None]) -> tuple[datetime, str]:
    return pair[0].changed_at or datetime.min.replace(tzinfo=UTC), pair[0].name


def _is_wanted(one: Seen, ask: FileAsk, counts: Counter[str], troubles: Counter[str]) -> bool:
    """Whether it is a finished file whose name fits the pattern."""
    if "\x00" in one.name or "\\" in one.name or any(part in ("", ".", "..") for part in one.name.split("/")):
        troubles["SOURCE_NAME"] += 1
        return False
    if one.bare.endswith(SUFFIX):
        return False
    if one.bare.startswith((".", "~$")) or one.bare.lower().endswith(UNFINISHED) or not ask.pattern.fullmatch(one.bare):
        counts["ignored"] += 1
        return False
    counts["seen"] += 1
    if one.size > MAX_BYTES:
        troubles["FILE_TOO_LARGE"] += 1
    return one.size <= MAX_BYTES


def _state(seen: Seen, control: Seen | None) -> str:
    return seen.mark if control is None else f"{seen.mark}+{control.mark}/{control.size}"


def _is_known(errand: Errand, seen: Seen, control: Seen | None, counts: Counter[str]) -> bool:
    is_known = errand.memory.has(seen.name, size=seen.size, mark=_state(seen, control))
    counts["known"] += is_known
    return is_known


def _take(errand: Errand, ask: FileAsk, store: Store, seen: Seen, control: Seen | None, counts: Counter[str]) -> bool:
    """Whether the file came whole and stood still meanwhile; then it lies in the inbox and is remembered."""
    with errand.landing.parcel(seen.bare, stamp=stamp_of(seen)) as parcel:
        try:
            for part in store.read(seen):
                parcel.write(part)
            beside = _read_control(store, control) if control else _own_control(errand.contract, ask, seen, parcel)
        except FileNotFoundError:
            return False
        if parcel.size != seen.size or store.look_at(seen.name) != seen:
            return False
        content = _content(parcel.sha256, beside)
        if errand.memory.gave(seen.name) == content:
            counts["same"] += 1
        else:
            parcel.place(control=beside)
            counts["taken"] += 1
    is_young = not seen.is_exact and (seen.changed_at is None or errand.at - seen.changed_at < YOUNG)
    errand.memory.add(Taken(seen.name, seen.size, _state(seen, control), content, is_young))
    return True


def stamp_of(seen: Seen) -> str:
    """The folder that a file lands in: by time of change, so that the older of two versions is received first."""
    changed = f"{seen.changed_at.astimezone(UTC):%Y%m%dT%H%M%S}Z" if seen.changed_at else "00000000T000000Z"
    return f"{changed}-{hashlib.sha256(seen.name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _content(sha256: str, control: bytes | None) -> str:
    return sha256 if control is None else hashlib.sha256(sha256.encode() + control).hexdigest()


def _read_control(store: Store, control: Seen) -> bytes:
    parts: list[bytes] = []
    for part in store.read(control):
        parts.append(part)
        if sum(map(len, parts)) > LARGEST_CONTROL:
            break
    return b"".join(parts)


def _own_control(contract: Contract | None, ask: FileAsk, seen: Seen, parcel: Parcel) -> bytes | None:
    """The control file of a source whose list is known and whose names say the period; the sender wrote none."""
    found = ask.pattern.fullmatch(seen.bare)
    period = found.groupdict().get("period") if found else None
    return control_file(contract, period=period, sha256=parcel.sha256) if contract and period else None


def control_file(contract: Contract, *, period: str, sha256: str) -> bytes:
    """The bytes of a control file that the sender did not write; equal for equal facts.

    It states no number of rows: that would be our own count, and would let a list that shrank by half pass as confirmed.
    """
    said = {
        "feed": contract.feed.value,
        "dept": contract.department_code,
        "list_code": contract.list_code,
        "period": period,
        "sha256": sha256,
    }
    return (json.dumps(said, ensure_ascii=False) + "\n").encode()
