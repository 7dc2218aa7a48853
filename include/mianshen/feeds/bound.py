"""What a contract binds into the SQL that judges its rows: columns that must be filled, known codes, tolerances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from mianshen.core.contract import Contract, Kind
from mianshen.feeds.expected import FRESH_DAYS

CODED = ("insutype", "med_type", "hosp_lv", "gend", "refd_setl_flag")
"""Columns whose codes are compared with the contract's; unknown ones are kept and flagged."""
TOLERANCES = {
    "IDENTITY_TOTAL": "total_tolerance",
    "IDENTITY_FUND": "fund_tolerance",
    "IDENTITY_PERSON": "person_tolerance",
    "IDENTITY_SCOPE": "scope_tolerance",
}
"""Parameter that carries the tolerance of each accounting identity; null where the contract has no such rule."""


def bound_by(contracts: Sequence[Contract], *, today: date) -> dict[str, Any]:
    """The parameters of a feed's SQL files; `contracts` are all of that feed, no date may lie after `today`."""
    contract = contracts[0]
    dated = (Kind.MONEY, Kind.DATE, Kind.MOMENT)
    columns = {one.name: one for one in contract.columns}
    tolerances: dict[str, int | None] = dict.fromkeys(TOLERANCES.values())
    for rule in contract.sum_rules:
        tolerances[TOLERANCES[rule.reason_code]] = rule.tolerance_fen
    return {
        "filled": [one.name for one in contract.columns if one.is_required and not one.may_be_empty and one.kind in dated],
        "list_codes": [one.list_code for one in contracts],
        **{f"known_{name}": (list(columns[name].codes) or None) if name in columns else None for name in CODED},
        "today": today,
        "fresh_days": FRESH_DAYS,
        **tolerances,
    }
