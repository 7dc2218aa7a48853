"""Departments and who takes over from one that ends: its successor has its open steps from that day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Department:
    """A department that keeps a list, decides or pays."""

    code: str
    """Short Latin code such as `civil_affairs`."""
    name_zh: str
    """Its Chinese name."""
    name_en: str
    """The same in English."""
    approver: str
    """Login of the department's approver in Airflow, such as `approver_civil_affairs`."""
    until: date | None = None
    """First day on which it is no more; None while it lasts."""
    successor_code: str | None = None
    """Who has its matters from that day on."""


def in_charge(departments: Sequence[Department], code: str, *, on: date) -> str:
    """Who has the department's matters on the day: itself, or the last of its successors; KeyError for a code of none."""
    known = {one.code: one for one in departments}
    own = known[code]
    while own.until is not None and own.successor_code is not None and own.until <= on:
        own = known[own.successor_code]
    return own.code
