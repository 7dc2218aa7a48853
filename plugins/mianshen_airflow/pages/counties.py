"""The figures behind the page, one board a county, read from the ledger at the moment of asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mianshen.stages.frame import read_settings
from mianshen.warehouse import board
from mianshen.warehouse.board import ApprovalRow, DeliveryRow, LateList, LimitRow, PaymentRow
from mianshen.warehouse.claim_reviews import PAYERS_TOLD, ReviewRow, looked_at, summary_of
from mianshen.warehouse.lake import Lake
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card, card_of


@dataclass(frozen=True, slots=True)
class CountyBoard:
    """What a supervisor sees of one county."""

    card: Card
    """Its names."""
    as_of: datetime
    """When it was read."""
    limits: list[LimitRow]
    """Time limits by holder."""
    late_lists: list[LateList]
    """Lists that are missing or came late."""
    approvals: list[ApprovalRow]
    """Items by department."""
    payments: list[PaymentRow]
    """Payment batches."""
    deliveries: list[DeliveryRow]
    """Deliveries by state."""
    reviews: list[ReviewRow]
    """Claims that a person looks at, by reason."""
    payers: list[dict[str, Any]]
    """Other payers: rows of out.payer_summary."""

    def as_dict(self) -> dict[str, Any]:
        """The board as JSON values."""
        shown = {name: [asdict(row) for row in getattr(self, name)] for name in _TABLES} | {"payers": self.payers}
        names = {"county": self.card.pack, "county_name_zh": self.card.county_name_zh, "county_name_en": self.card.county_name_en}
        return {**names, "as_of": self.as_of.isoformat(timespec="seconds"), **shown}


_TABLES = ("limits", "late_lists", "approvals", "payments", "deliveries", "reviews")


Names = Mapping[str, tuple[str, str]]
"""Packs with the counties' names, Chinese and English."""


def county_names() -> Names:
    """Packs that the home's settings name."""
    known = [card_of(pack) for pack in sorted(read_settings(defaults.home()).get("counties", {}))]
    return {one.pack: (one.county_name_zh, one.county_name_en) for one in known}


def boards(pack: str | None) -> list[CountyBoard]:
    """The boards of every county, or of one; KeyError when the home's settings do not name it."""
    known = sorted(read_settings(defaults.home()).get("counties", {}))
    if pack is not None and pack not in known:
        raise KeyError(pack)
    return [_board(card_of(one)) for one in ([pack] if pack else known)]


def _board(card: Card) -> CountyBoard:
    as_of, home = defaults.now(), defaults.home()
    ledger = defaults.ledger(home)
    lake = Lake(home.lake, ledger)
    reviews = looked_at(lake, county_code=card.county_code)
    payers = summary_of(lake, county_code=card.county_code, table=PAYERS_TOLD)
    with ledger.connect() as connection:
        return CountyBoard(
            card=card,
            as_of=as_of,
            limits=board.limits(connection, card.county_code, as_of=as_of),
            late_lists=board.late_lists(connection, card.county_code, as_of=as_of),
            approvals=board.approvals(connection, card.county_code),
            payments=board.payments(connection, card.county_code),
            deliveries=board.deliveries(connection, card.county_code),
            reviews=reviews,
            payers=payers,
        )
