"""Sheets that offices send as CSV: staff of service points, ratings and calls, relief officers by login. They name nobody."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mianshen.core.errors import MianshenError
from mianshen.core.officers import Level, Officer
from mianshen.core.staffing import ServicePoint

STAFF_HEAD = ("乡镇", "服务人口", "专职人员")
"""Headings of the sheet of staff."""
OFFICER_HEAD = ("层级", "单位", "职责", "登录名")
"""Headings of the routing table of officers."""
RATING_HEAD = ("办理点", "事项编码", "渠道", "好评", "差评")
"""Headings of the sheet of ratings."""
CHANNELS = {"好差评": "ratings", "12345": "hotline"}
"""Where a count comes from: the county's rating devices, or the hotline's complaints and thanks."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Ratings of one item at one office."""

    office: str
    """Name of the office."""
    item_code: str
    """The item."""
    channel: str
    """One of CHANNELS."""
    good: int
    """Satisfied, or thanked."""
    bad: int
    """Not satisfied, or complained."""


def staff_of(content: bytes, *, where: str) -> list[ServicePoint]:
    """The service points of the sheet; MianshenError COUNTS_INVALID names the line."""
    name, people, staff = STAFF_HEAD
    found = [
        ServicePoint(row[name], _count(row, people, at), _count(row, staff, at)) for row, at in _rows(content, STAFF_HEAD, where)
    ]
    names = [one.name for one in found]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise MianshenError("COUNTS_INVALID", found=twice[0], where=where)
    return found


def officers_of(content: bytes, *, where: str) -> list[Officer]:
    """The officers of the routing table, in its order; MianshenError COUNTS_INVALID names the line of an unknown level."""
    found = []
    for row, at in _rows(content, OFFICER_HEAD, where):
        if row["层级"] not in {one.value for one in Level}:
            raise MianshenError("COUNTS_INVALID", found=row["层级"][:20], where=at)
        found.append(Officer(Level(row["层级"]), row["单位"], row["职责"], row["登录名"]))
    return found


def ratings_of(content: bytes, *, items: Collection[str], where: str) -> list[Rated]:
    """The ratings of the sheet; MianshenError COUNTS_INVALID names the line of what is unknown or no count."""
    found = []
    for row, at in _rows(content, RATING_HEAD, where):
        for name, known in (("事项编码", items), ("渠道", CHANNELS)):
            if row[name] not in known:
                raise MianshenError("COUNTS_INVALID", found=row[name][:20], where=at)
        found.append(Rated(row["办理点"], row["事项编码"], row["渠道"], _count(row, "好评", at), _count(row, "差评", at)))
    return found


def _rows(content: bytes, head: tuple[str, ...], where: str) -> Iterator[tuple[Mapping[str, str], str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MianshenError("COUNTS_INVALID", found="UTF-8 ?", where=where) from None
    reader = csv.reader(io.StringIO(text))
    found = tuple(one.strip() for one in next(reader, []))
    if found != head:
        raise MianshenError("COUNTS_INVALID", found=",".join(found)[:40], where=f"{where} 1")
    for number, cells in enumerate(reader, 2):
        if len(cells) != len(head):
            raise MianshenError("COUNTS_INVALID", found=f"{len(cells)} ≠ {len(head)}", where=f"{where} {number}")
        yield dict(zip(head, (one.strip() for one in cells), strict=True)), f"{where} {number}"


def _count(row: Mapping[str, str], name: str, where: str) -> int:
    if not (row[name].isascii() and row[name].isdigit()):
        raise MianshenError("COUNTS_INVALID", found=row[name][:20], where=f"{where} {name}")
    return int(row[name])
