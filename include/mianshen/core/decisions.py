"""Decisions on approval items: which there are, how a department's reply to a batch is written, and what it says of each item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.days import parse_moment
from mianshen.core.errors import MianshenError

EVERY_OTHER = "*"
"""Stands in a reply for every item that is not named."""
EXAMPLE = "3=IDENTITY_NOT_CONFIRMED; 7=DUPLICATE_RELIEF"
"""How items are named; `*=REASON` names every other item."""

_PAIR = re.compile(r"^(\d{1,9}|\*)=([A-Z_]+)$")


class Outcome(StrEnum):
    """What a department may say of an item."""

    AGREE = "agree"
    RETURN = "return"
    REFUSE = "refuse"

    @property
    def name_zh(self) -> str:
        """What the clerk chooses in the form."""
        return _NAMES[self]


_NAMES = {Outcome.AGREE: "同意", Outcome.RETURN: "退回补正", Outcome.REFUSE: "不予救助"}
CHOICES: tuple[str, ...] = tuple(_NAMES.values())
"""The options of a batch's form, in their order."""
REASONS_OF: Mapping[Outcome, tuple[str, ...]] = {Outcome.RETURN: RETURNS, Outcome.REFUSE: REFUSALS}
"""Reason codes that an outcome may carry."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A department's answer to one batch, as it was written."""

    chosen: str
    """同意 / 退回补正 / 不予救助: what holds for every item that is not named."""
    refusals: str
    """Items not relieved, `number=REASON` separated by semicolons; empty for none."""
    returns: str
    """Items sent back for papers, written alike."""
    decided_by: str
    """Login of the approver."""
    decided_at: datetime
    """When, with zone."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a reply says of one item."""

    outcome: Outcome
    """Agree, return or refuse."""
    reason_code: str
    """Why, from `core.codes`."""
    is_named: bool
    """Whether the item was named by itself; else it fell under the batch's choice."""


@dataclass(frozen=True, slots=True)
class Rulings:
    """What a reply says of a whole batch."""

    named: Mapping[int, Ruling]
    """By item number."""
    others: Ruling
    """Of every item that is not named."""


def reply_from(written: Mapping[str, str], *, where: str) -> Reply:
    """The reply in a form's answer or a line of a decision log; MianshenError DECISION_INVALID names a key that is missing."""
    missing = [key for key in ("chosen", "decided_by", "decided_at") if not written.get(key)]
    if missing:
        raise _invalid(f"{', '.join(missing)} = ?", where)
    return Reply(
        chosen=written["chosen"],
        refusals=written.get("refusals") or "",
        returns=written.get("returns") or "",
        decided_by=written["decided_by"],
        decided_at=parse_moment(written["decided_at"], where=where),
    )


def read_reply(reply: Reply, *, where: str) -> Rulings:
    """What the reply says; MianshenError DECISION_INVALID names what cannot be read and shows how to write it."""
    if reply.chosen not in CHOICES:
        raise _invalid(f"{reply.chosen} ∉ {' / '.join(CHOICES)}", where)
    chosen = {name: outcome for outcome, name in _NAMES.items()}[reply.chosen]
    refused = _pairs(reply.refusals, Outcome.REFUSE, where)
    returned = _pairs(reply.returns, Outcome.RETURN, where)
    for number in refused.keys() & returned.keys():
        raise _invalid(f"{number} 既不予救助又退回 / refused and returned", where)
    rest = _rest(chosen, {**refused, **returned}, where)
    named = {
        int(number): Ruling(outcome, code, is_named=True)
        for outcome, pairs in ((Outcome.REFUSE, refused), (Outcome.RETURN, returned))
        for number, code in pairs.items()
        if number != EVERY_OTHER
    }
    return Rulings(named=named, others=rest)


def _rest(chosen: Outcome, pairs: Mapping[str, str], where: str) -> Ruling:
    code = pairs.get(EVERY_OTHER)
    if chosen is Outcome.AGREE:
        if code is not None:
            raise _invalid(f"同意 + {EVERY_OTHER}={code}", where)
        return Ruling(chosen, "CONFIRMED", is_named=False)
    if code is None and chosen is Outcome.RETURN:
        code = "PAPERS_WANTED"
    if code not in REASONS_OF[chosen]:
        raise _invalid(f"{chosen.name_zh}: {EVERY_OTHER}={code or '?'} ∉ {', '.join(REASONS_OF[chosen])}", where)
    return Ruling(chosen, code, is_named=False)


def _pairs(written: str, outcome: Outcome, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in re.split(r"[;,、\n]+", unicodedata.normalize("NFKC", written)):
        bare = re.sub(r"\s+", "", part)
        if not bare:
            continue
        pair = _PAIR.match(bare.upper())
        if pair is None:
            raise _invalid(f"{_harmless(bare)};例 / example: {EXAMPLE}", where)
        number, code = pair[1], pair[2]
        number = number if number == EVERY_OTHER else str(int(number))
        if code not in REASONS_OF[outcome]:
            raise _invalid(f"{number}={code} ∉ {', '.join(REASONS_OF[outcome])}", where)
        if found.setdefault(number, code) != code:
            raise _invalid(f"{number}={found[number]}, {number}={code}", where)
    return found


def _harmless(text: str) -> str:
    """What was written, cut short and without long digits: a clerk may have pasted an id number."""
    return re.sub(r"\d{5,}", "…", text)[:40]


def _invalid(found: str, where: str) -> MianshenError:
    return MianshenError("DECISION_INVALID", found=found, where=where)
