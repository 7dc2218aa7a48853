"""Sheets that offices send as Excel or CSV: staff of service points, ratings and calls, relief officers by login; no names.

What they are is seen by their bytes, behind the same guard as every delivery.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from mianshen.core.errors import MianshenError
from mianshen.core.officers import Level, Officer
from mianshen.core.ratings import Channel, Rated
from mianshen.core.staffing import ServicePoint
from mianshen.feeds.delimited import open_text
from mianshen.feeds.grid import LINE, Grid
from mianshen.feeds.guard import Shape, unpack
from mianshen.feeds.sheets import open_book

STAFF_HEAD = ("乡镇", "服务人口", "专职人员")
"""Headings of the sheet of staff."""
OFFICER_HEAD = ("层级", "单位", "职责", "登录名")
"""Headings of the routing table of officers."""
RATING_HEAD = ("办理点", "事项编码", "渠道", "好评", "差评")
"""Headings of the sheet of ratings."""


def staff_of(content: bytes, *, served: Mapping[str, int], where: str) -> list[ServicePoint]:
    """The service points of the sheet, with the staff that the ledger saw serve there, whatever the sheet says.

    A town in which nobody was seen has the staff of the sheet, where it has that column, else nobody.
    MianshenError COUNTS_INVALID names the line.
    """
    name, people, staff = STAFF_HEAD
    head = STAFF_HEAD if _has(content, STAFF_HEAD, where) else STAFF_HEAD[:2]
    found = [
        ServicePoint(row[name], _count(row, people, at), served.get(row[name]) or (_count(row, staff, at) if staff in row else 0))
        for row, at in _rows(content, head, where)
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
        for name, known in (("事项编码", items), ("渠道", tuple(Channel))):
            if row[name] not in known:
                raise MianshenError("COUNTS_INVALID", found=row[name][:20], where=at)
        found.append(
            Rated(row["办理点"], row["事项编码"], Channel(row["渠道"]), _count(row, "好评", at), _count(row, "差评", at))
        )
    return found


def _rows(content: bytes, head: tuple[str, ...], where: str) -> Iterator[tuple[Mapping[str, str], str]]:
    """The records under the headings with their places, blank lines left out."""
    grid = _grid(content, head, where)
    heads = [_trimmed(cells) for cells in grid.top]
    if head not in heads:
        raise MianshenError("COUNTS_INVALID", found=",".join(heads[0] if heads else ())[:40], where=f"{where} 1")
    body = grid.body(heads.index(head), len(head))
    for number, cells in body.broken:
        if any(one.strip() for one in cells):
            raise MianshenError("COUNTS_INVALID", found=f"{len(cells)} ≠ {len(head)}", where=f"{where} {number}")
    columns = [body.table[name].to_pylist() for name in body.table.column_names if name != LINE]
    for number, *values in zip(body.table[LINE].to_pylist(), *columns, strict=True):
        record = [str(one or "").strip() for one in values]
        if any(record):
            yield dict(zip(head, record, strict=True)), f"{where} {number}"


def _has(content: bytes, head: tuple[str, ...], where: str) -> bool:
    return head in [_trimmed(cells) for cells in _grid(content, head, where).top]


def _grid(content: bytes, head: tuple[str, ...], where: str) -> Grid:
    unpacked = unpack(content, where=where)
    opened = {Shape.BOOK: open_book, Shape.TEXT: open_text}.get(unpacked.shape)
    if opened is None:
        raise MianshenError("COUNTS_INVALID", found=unpacked.shape.value, where=where)

    def knows(rows: Sequence[Sequence[str]]) -> int:
        return max((len(set(_trimmed(cells)) & set(head)) for cells in rows), default=0)

    return opened(unpacked.content, where=where, knows=knows)


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without blanks around them, and without the empty ones at the end."""
    found = [one.strip().removeprefix("\ufeff") for one in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _count(row: Mapping[str, str], name: str, where: str) -> int:
    if not (row[name].isascii() and row[name].isdigit()):
        raise MianshenError("COUNTS_INVALID", found=row[name][:20], where=f"{where} {name}")
    return int(row[name])
