"""Ratings of finished cases in the ledger, once a case and channel, and how many there are by office and item."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, insert, select

from mianshen.core.cases import state_of
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Pack
from mianshen.core.ratings import Channel, Rated
from mianshen.warehouse import cases
from mianshen.warehouse.ledger import CASE, CASE_RATING

NO_TOWN = "—"
"""The office of a case of no town."""
GOOD, BAD = "good", "bad"
"""What a rating says."""


def record(connection: Connection, pack: Pack, case_id: str, channel: Channel, *, is_good: bool, by: str, at: str) -> bool:
    """Keep what was said of the case; False when the very same was kept before.

    MianshenError CASE_UNKNOWN; RATING_NOT_TAKEN when the case runs yet, or the channel said otherwise before.
    """
    cases.case_of(connection, case_id, county_code=pack.county_code)
    if state_of(cases.events_of(connection, [case_id])[case_id]).end_code is None:
        raise MianshenError("RATING_NOT_TAKEN", found="在办 running", where=f"case {case_id}")
    said = GOOD if is_good else BAD
    own = CASE_RATING.c
    stood = connection.execute(
        select(own.rating).where(own.case_id == case_id, own.channel == channel.value)
    ).scalar_one_or_none()
    if stood is not None and stood != said:
        raise MianshenError("RATING_NOT_TAKEN", found=f"{channel.value} {stood}", where=f"case {case_id}")
    if stood is None:
        values = {"case_id": case_id, "channel": channel.value, "rating": said, "recorded_by": by, "recorded_at": at}
        connection.execute(insert(CASE_RATING).values(values))
    return stood is None


def counted(connection: Connection, pack: Pack, *, benefit_year: int | None = None) -> list[Rated]:
    """Ratings of the county's cases by town, item and channel, in that order."""
    items = {one.code: one.item_code or "" for one in pack.processes}
    own = CASE_RATING.c
    query = (
        select(CASE.c.town, CASE.c.process_code, own.channel, own.rating)
        .join(CASE_RATING, own.case_id == CASE.c.case_id)
        .where(CASE.c.county_code == pack.county_code)
    )
    if benefit_year is not None:
        query = query.where(CASE.c.benefit_year == benefit_year)
    found = Counter(
        (row.town or NO_TOWN, items.get(row.process_code, ""), row.channel, row.rating) for row in connection.execute(query)
    )
    places = sorted({key[:3] for key in found})
    return [
        Rated(office, item, Channel(way), found[office, item, way, GOOD], found[office, item, way, BAD])
        for office, item, way in places
    ]
