"""A county's card: the few facts of a pack that a DAG file needs, kept beside the home so that parsing reads no policy.

Reading a pack takes most of a second, and every task and every parse would pay it. The card is a small JSON file named by the
size and time of every page of the pack; when a page changes, the next parse writes a new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mianshen.core.contract import FEED_NAMES

if TYPE_CHECKING:
    from mianshen.core.pack import Pack

DELIVERY_NAMES = {**FEED_NAMES, "unknown": "无法识别 unknown"}
"""What deliveries are called that are no list."""


@dataclass(frozen=True, slots=True)
class ListCard:
    """A list expected each month."""

    list_code: str
    """Its code."""
    name_zh: str
    """What the department calls it."""
    name_en: str
    """The same in English."""
    department_name_zh: str
    """Who delivers it."""


@dataclass(frozen=True, slots=True)
class DepartmentCard:
    """A department that decides."""

    code: str
    """Short Latin code."""
    name_zh: str
    """Its Chinese name."""
    name_en: str
    """The same in English."""
    approver: str
    """Login of its approver."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the DAGs of a county are built from."""

    pack: str
    """Folder name of the pack."""
    county_code: str
    """Six digits."""
    county_name_zh: str
    """The county's name."""
    county_name_en: str
    """The same in English."""
    lists: tuple[ListCard, ...]
    """Lists expected each month."""
    deciders: tuple[DepartmentCard, ...]
    """Departments that decide on items, in the pack's order."""
    departments: tuple[tuple[str, str], ...]
    """Code and Chinese name of every department."""
    departments_en: tuple[tuple[str, str], ...]
    """The same in English."""
    logins: tuple[tuple[str, str], ...]
    """Code of every department and the login that answers for it."""
    quotas: tuple[tuple[str, int], ...]
    """Code of each department that decides by a quota, and how many a day at least."""
    limits: tuple[tuple[str, str], ...]
    """Code and Chinese name of each time limit."""
    limits_en: tuple[tuple[str, str], ...]
    """The same in English."""
    list_days: tuple[int, ...]
    """Days of the month by whose end lists are due."""
    year_end: tuple[tuple[int, int], ...]
    """First and last (month, day) of the county's yearly calendar of steps; empty without one."""
    pays_relief: bool
    """Whether relief is computed and paid here; else the county has cases only."""
    is_delivered_to: bool
    """Whether files are delivered to it."""

    def limit_name(self, code: str) -> str:
        """Chinese name of the time limit; KeyError when the pack has none of this code."""
        return dict(self.limits)[code]

    def list_names(self, list_code: str) -> tuple[str, str]:
        """The list in Chinese and in English; the code itself for one that the pack does not know."""
        known = (one for one in self.lists if one.list_code == list_code)
        return next(((one.name_zh, one.name_en) for one in known), (list_code, list_code))


def card_of(pack_name: str) -> Card:
    """The county's card, from its file when no page of the pack changed since."""
    from mianshen.policy.packs import POLICIES

    kept = _folder() / f"{pack_name}.{_stamp(POLICIES / pack_name, POLICIES / 'national')}.json"
    try:
        return _read(json.loads(kept.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        made = _make(pack_name)
        _keep(kept, made)
        return made


def _make(pack_name: str) -> Card:
    from mianshen.policy.packs import load_pack
    from mianshen_airflow import defaults

    return card_from(load_pack(pack_name, on=defaults.now().date()))


def card_from(pack: Pack) -> Card:
    """The card of a pack that is at hand."""
    deciding = {one.department_code for one in pack.routing}
    deciding_steps = pack.award_process.steps if pack.pays_relief else ()
    return Card(
        pack=pack.name,
        county_code=pack.county_code,
        county_name_zh=pack.county_name_zh,
        county_name_en=pack.county_name_en,
        lists=tuple(
            ListCard(one.list_code, one.name_zh, one.name_en, pack.department(one.department_code).name_zh) for one in pack.lists
        ),
        deciders=tuple(
            DepartmentCard(one.code, one.name_zh, one.name_en, one.approver) for one in pack.departments if one.code in deciding
        ),
        departments=tuple((one.code, one.name_zh) for one in pack.departments),
        departments_en=tuple((one.code, one.name_en) for one in pack.departments),
        quotas=tuple((one.code, one.quota.per_day) for one in deciding_steps if one.quota),
        logins=tuple((one.code, one.approver) for one in pack.departments),
        limits=tuple((one.code, one.name_zh) for one in pack.time_limits),
        limits_en=tuple((one.code, one.name_en) for one in pack.time_limits),
        list_days=tuple(sorted({one.due_day for one in pack.lists})),
        year_end=_year_end(pack),
        pays_relief=pack.pays_relief,
        is_delivered_to=bool(pack.contracts),
    )


def _year_end(pack: Pack) -> tuple[tuple[int, int], ...]:
    """From the first day on which a step of a yearly calendar opens to the last on which one closes; empty for a year or more."""
    windows = [step.window for process in pack.processes for step in process.steps if step.window is not None]
    if not windows:
        return ()
    first = min((one.opens.years, one.opens.month, one.opens.day) for one in windows)
    last = max((one.closes.years, one.closes.month, one.closes.day) for one in windows)
    is_shorter_than_a_year = last < (first[0] + 1, *first[1:])
    return (first[1:], last[1:]) if is_shorter_than_a_year else ()


_NAMED = ("departments", "departments_en", "limits", "limits_en")


def _read(kept: dict[str, Any]) -> Card:
    parts = {
        "lists": tuple(ListCard(**one) for one in kept["lists"]),
        "deciders": tuple(DepartmentCard(**one) for one in kept["deciders"]),
        **{named: tuple((code, name) for code, name in kept[named]) for named in _NAMED},
        "list_days": tuple(kept["list_days"]),
        "year_end": tuple((month, day) for month, day in kept["year_end"]),
        "quotas": tuple((code, per_day) for code, per_day in kept["quotas"]),
        "logins": tuple((code, login) for code, login in kept["logins"]),
    }
    return Card(**{**kept, **parts})


def _keep(path: Path, card: Card) -> None:
    """Written under a temporary name and renamed, because several parsers may write at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".card-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(asdict(card), stream, ensure_ascii=False)
    Path(name).replace(path)
    for old in path.parent.glob(f"{card.pack}.*.json"):
        if old != path:
            old.unlink(missing_ok=True)


def _stamp(*folders: Path) -> str:
    pages = sorted(page for folder in folders for page in folder.rglob("*.yaml"))
    known = [(str(page), page.stat().st_size, page.stat().st_mtime_ns) for page in pages]
    return hashlib.sha256(repr(known).encode()).hexdigest()[:16]


def _folder() -> Path:
    return Path(os.environ.get("AIRFLOW_HOME", tempfile.gettempdir())) / "mianshen_cards"
