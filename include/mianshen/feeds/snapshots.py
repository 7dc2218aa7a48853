"""The guard of complete lists: which earlier list a new one replaces, and whether it changed too much to be believed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from mianshen.core.contract import SnapshotGuard

SHARED_PERCENT = 50
"""Two lists that share so many per cent of the shorter one's people are versions of one list."""

FOR_A_PERSON = frozenset({"PERIOD_WRONG", "SNAPSHOT_DROP", "SNAPSHOT_EMPTY"})
"""Reasons that hold a file for a person; every other refuses it."""

_NOT_WORDS = re.compile(r"[\W\d_]+")
_VERSION_WORDS = re.compile(r"(v|ver|version|new|old|copy|第|版|新|旧|副本|更正|修订|补充|最终|终)+$", re.IGNORECASE)


def jumped(guard: SnapshotGuard, *, before: int, now: int) -> bool:
    """Whether a list changed by more than the guard allows."""
    if before < guard.fewest_rows:
        return False
    return not before * (100 - guard.largest_drop) <= now * 100 <= before * (100 + guard.largest_rise)


def same_list(earlier: Sequence[tuple[str, frozenset[str]]], name: str, people: frozenset[str]) -> int | None:
    """How many people the newest earlier version of this list had; None when there is none.

    A version bears the same name but for digits and marks of version, or has half of the shorter list's people in common.
    """
    for known, members in reversed(earlier):
        shared = len(members & people) * 100
        shorter = min(len(members), len(people))
        if _series(known) == _series(name) or (shorter and shared >= shorter * SHARED_PERCENT):
            return len(members)
    return None


def names_other_month(months: Sequence[str], month: str) -> bool:
    """Whether a name or title names months, and none of them is this one; months are written 2026-10."""
    return bool(months) and month not in months


def _series(name: str) -> str:
    stem = PurePath(name).name.split(".")[0]
    return _VERSION_WORDS.sub("", _NOT_WORDS.sub("", stem)).lower() or stem
