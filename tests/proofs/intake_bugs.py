"""Seeded bugs of landing and loading: what the enumeration of its kill points must be able to see."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.proofs.bugs import Bug

from mianshen.feeds import fetched, fetching, inbox, landing
from mianshen.stages import receive


def no_rename() -> None:
    """Fetched files are written under their final name from the first byte on, and what breaks off stays."""

    def temporary(parcel: landing.Parcel) -> Path:
        return parcel._path

    landing.Parcel._temporary = property(temporary)  # type: ignore[assignment]
    landing.Parcel.drop = lambda parcel: parcel._file.close()  # type: ignore[method-assign]


def remembered_first() -> None:
    """A file is remembered before it lies in the inbox."""
    place, add = landing.Parcel.place, fetched.Memory.add

    def remember(errand: Any, ask: Any, store: Any, seen: Any, control: Any, counts: Any) -> bool:
        content = hashlib.sha256(b"".join(store.read(seen))).hexdigest()
        add(errand.memory, fetched.Taken(seen.name, seen.size, fetching._state(seen, control), content))
        with errand.landing.parcel(seen.bare, stamp=fetching.stamp_of(seen)) as parcel:
            for part in store.read(seen):
                parcel.write(part)
            place(parcel, control=fetching._read_control(store, control) if control else None)
        counts["taken"] += 1
        return True

    fetching._take = remember


def emptied_first() -> None:
    """The inbox is emptied before the delivery's row is committed."""
    take = receive._take

    def emptied(job: Any, arrived: Any, *rest: Any) -> Any:
        inbox.empty(arrived.delivery, inbox=job.home.inbox(job.pack.name))
        return take(job, arrived, *rest)

    receive._take = emptied


BUGS = {
    "no_rename": Bug(no_rename, "write half"),
    "remembered_first": Bug(remembered_first, "write half"),
    "emptied_first": Bug(emptied_first, "unlink after"),
}
"""By name."""
