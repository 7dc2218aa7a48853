"""Whose file is it, and for which day or month: by control file first, by file name else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mianshen.core.contract import Contract
from mianshen.core.errors import MianshenError
from mianshen.feeds.control import Control

_PERIOD = re.compile(r"^(\d{4})-?(\d{2})(?:-?(\d{2}))?$")
_STRANGE = re.compile(r"[^0-9/.\-年月日]")
_ENDINGS = (".zip", ".csv", ".xlsx", ".txt")
OLDEST_YEARS = 5
"""A period more than so many years back is taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose file it says it is."""

    contract: Contract
    """What it must look like."""
    periods: tuple[str, ...]
    """Its period as written in the name and in the control file; one or two spellings of the same, or it is wrong."""

    def partition(self, *, where: str, today: date) -> str:
        """2026-10, or 2026-10-05 for a day's file.

        MianshenError PERIOD_WRONG when the period is no date, lies in the future or more than five years back, CONTROL_MISMATCH
        when it differs between name and control file.
        """
        found = sorted({read_period(one, where=where, today=today) for one in self.periods})
        if len(found) > 1:
            raise MianshenError("CONTROL_MISMATCH", found=" / ".join(found), where=where)
        if not found:
            raise MianshenError("PERIOD_WRONG", found="none", where=where)
        return found[0]


def recognise(contracts: Iterable[Contract], *, file_name: str, control: Control | None) -> Claim:
    """Whose file it is.

    MianshenError FILE_UNKNOWN when no contract or several know it, DEPARTMENT_UNKNOWN for a sender that does not keep the list.
    """
    known = tuple(contracts)
    named = _by_name(known, file_name)
    if control is None:
        if len(named) != 1:
            raise MianshenError("FILE_UNKNOWN", found=f"{len(named)} contracts", where=file_name)
        contract, written = named[0]
        return Claim(contract, (written,))
    contract = _by_control(known, control, where=file_name)
    in_name = [period for one, period in named if one.list_code == contract.list_code]
    return Claim(contract, tuple(one for one in (control.period, *in_name) if one))


def name_of_pages(contracts: Iterable[Contract], folder: str) -> str:
    """What a folder of pages is called as a file: its name with an ending that a contract knows, else as an archive."""
    known = tuple(contracts)
    named = (f"{folder}{ending}" for ending in _ENDINGS)
    return next((name for name in named if _by_name(known, name)), f"{folder}{_ENDINGS[0]}")


def read_period(written: str, *, where: str, today: date) -> str:
    """2026-10 or 2026-10-05 from 202610, 2026-10, 20261005 or 2026-10-05; MianshenError PERIOD_WRONG otherwise."""
    found = _PERIOD.match(written)
    try:
        parts = [int(one) for one in found.groups() if one] if found else []
        first = date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)
    except (ValueError, IndexError):
        raise MianshenError("PERIOD_WRONG", found=_STRANGE.sub("?", written)[:20] or "none", where=where) from None
    if first > today or first.year < today.year - OLDEST_YEARS:
        raise MianshenError("PERIOD_WRONG", found=written, where=where)
    return f"{first:%Y-%m-%d}" if len(parts) > 2 else f"{first:%Y-%m}"


def _by_name(contracts: Iterable[Contract], file_name: str) -> list[tuple[Contract, str]]:
    found: list[tuple[Contract, str]] = []
    for contract in contracts:
        matches = (re.fullmatch(pattern, file_name, re.IGNORECASE) for pattern in contract.file_patterns)
        hits = [one.groupdict().get("period") or "" for one in matches if one]
        found.extend((contract, hit) for hit in hits[:1])
    return found


def _by_control(contracts: Iterable[Contract], control: Control, *, where: str) -> Contract:
    found = [one for one in contracts if one.feed is control.feed and one.list_code == control.list_code]
    if len(found) != 1:
        raise MianshenError("FILE_UNKNOWN", found=f"{control.feed.value} {control.list_code}", where=where)
    if control.department_code not in (None, found[0].department_code):
        raise MianshenError("DEPARTMENT_UNKNOWN", found=str(control.department_code), where=f"{where}.ctl")
    return found[0]
