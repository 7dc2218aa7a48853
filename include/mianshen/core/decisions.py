"""Decisions on approval items: which there are, how a department's reply to a batch is written, and what it says of each item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mianshen.core.codes.approvals import AGREES, CONFIRMATIONS
from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.days import parse_moment
from mianshen.core.errors import MianshenError

EVERY_OTHER = "*"
"""Stands in a reply for every item that is not named."""
STAYS_OPEN = "未定"
"""In place of a choice: what is not named stays open."""
FIRST = "first"
"""What a form asks for that lists nothing that was opened again."""
EXAMPLE = "3=IDENTITY_NOT_CONFIRMED; 7=DUPLICATE_RELIEF"
"""How items are named; `*=REASON` names every other item."""

OPENED = "REVIEWED"
"""Why an item is agreed to that was opened by itself."""
_PAIR = re.compile(r"^(\d{1,9}|\*)=([A-Z_]+)$")
_NUMBER = re.compile(r"^\d{1,9}$")


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
REASONS_OF: Mapping[Outcome, tuple[str, ...]] = {Outcome.AGREE: AGREES, Outcome.RETURN: RETURNS, Outcome.REFUSE: REFUSALS}
"""Reason codes that an outcome may carry."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A department's answer to one batch, as it was written."""

    chosen: str
    """同意 / 退回补正 / 不予救助: what holds for every item that is not named; STAYS_OPEN leaves them."""
    refusals: str
    """Items not relieved, `number=REASON` separated by semicolons; empty for none."""
    returns: str
    """Items sent back for papers, written alike."""
    agrees: str
    """Items agreed to by number, written alike, or the number alone of one that was opened by itself; empty for none."""
    department_code: str
    """Department that answers; empty for the batch's own."""
    sheet_sha256: str
    """Of a decision sheet: the hash of its bytes; empty for a form."""
    asks_for: str
    """Of a form: FIRST, or the last moment of opening again that it knows; it answers nothing of later. Empty for no limit."""
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
    is_opened: bool
    """Whether the item was opened by itself: it counts as looked at by a person; else it was confirmed together with others."""


@dataclass(frozen=True, slots=True)
class Rulings:
    """What a reply says of a whole batch."""

    named: Mapping[int, Ruling]
    """By item number."""
    others: Ruling | None
    """Of every item that is not named; None leaves them open."""

    def of(self, number: int) -> Ruling | None:
        """What is said of this item; None leaves it open."""
        return self.named.get(number, self.others)


def reply_from(written: Mapping[str, str], *, where: str) -> Reply:
    """The reply in a form's answer or a line of a decision log; MianshenError DECISION_INVALID names a key that is missing."""
    missing = [key for key in ("chosen", "decided_by", "decided_at") if not written.get(key)]
    if missing:
        raise _invalid(f"{', '.join(missing)} = ?", where)
    return Reply(
        chosen=written["chosen"],
        refusals=written.get("refusals") or "",
        returns=written.get("returns") or "",
        agrees=written.get("agrees") or "",
        department_code=written.get("department_code") or "",
        sheet_sha256=written.get("sheet_sha256") or "",
        asks_for=written.get("asks_for") or "",
        decided_by=written["decided_by"],
        decided_at=parse_moment(written["decided_at"], where=where),
    )


def read_reply(reply: Reply, *, where: str) -> Rulings:
    """What the reply says; MianshenError DECISION_INVALID names what cannot be read and shows how to write it."""
    if reply.chosen not in (*CHOICES, STAYS_OPEN):
        raise _invalid(f"{reply.chosen} ∉ {' / '.join(CHOICES)}", where)
    pairs = {
        Outcome.REFUSE: _pairs(reply.refusals, REFUSALS, where),
        Outcome.RETURN: _pairs(reply.returns, RETURNS, where),
        Outcome.AGREE: _pairs(reply.agrees, CONFIRMATIONS, where, alone=OPENED),
    }
    named: dict[str, tuple[Outcome, str]] = {}
    for outcome, own in pairs.items():
        for number, code in own.items():
            if number in named:
                raise _invalid(f"{number} 既{named[number][0].name_zh}又{outcome.name_zh} / answered twice", where)
            named[number] = (outcome, code)
    if reply.chosen == STAYS_OPEN and not named:
        raise _invalid("0", where)
    return Rulings(
        named={int(number): _ruling(outcome, code) for number, (outcome, code) in named.items() if number != EVERY_OTHER},
        others=_rest(reply.chosen, named.get(EVERY_OTHER), where),
    )


def _ruling(outcome: Outcome, code: str) -> Ruling:
    """Who names an item to refuse it or to send it back has opened it; who agrees says whether he did."""
    return Ruling(outcome, code, is_opened=outcome is not Outcome.AGREE or code == OPENED)


def _rest(written: str, said: tuple[Outcome, str] | None, where: str) -> Ruling | None:
    if written == STAYS_OPEN:
        if said is not None:
            raise _invalid(f"{STAYS_OPEN} + {EVERY_OTHER}={said[1]}", where)
        return None
    chosen = {name: outcome for outcome, name in _NAMES.items()}[written]
    if chosen is Outcome.AGREE:
        if said is not None:
            raise _invalid(f"同意 + {EVERY_OTHER}={said[1]}", where)
        return Ruling(chosen, "CONFIRMED", is_opened=False)
    code = said[1] if said is not None else "PAPERS_WANTED" if chosen is Outcome.RETURN else None
    if code not in REASONS_OF[chosen]:
        raise _invalid(f"{chosen.name_zh}: {EVERY_OTHER}={code or '?'} ∉ {', '.join(REASONS_OF[chosen])}", where)
    return Ruling(chosen, code, is_opened=False)


def _pairs(written: str, allowed: tuple[str, ...], where: str, *, alone: str = "") -> dict[str, str]:
    """Codes by number or `*`; a number `alone` stands for that code, where one is given."""
    found: dict[str, str] = {}
    for part in re.split(r"[;,、\n]+", unicodedata.normalize("NFKC", written)):
        bare = re.sub(r"\s+", "", part)
        if not bare:
            continue
        pair = _PAIR.match(f"{bare}={alone}" if alone and _NUMBER.match(bare) else bare.upper())
        if pair is None:
            raise _invalid(f"{_harmless(bare)};例 / example: {EXAMPLE}", where)
        number, code = pair[1], pair[2]
        number = number if number == EVERY_OTHER else str(int(number))
        if code not in allowed:
            raise _invalid(f"{number}={code} ∉ {', '.join(allowed)}", where)
        if found.setdefault(number, code) != code:
            raise _invalid(f"{number}={found[number]}, {number}={code}", where)
    return found


def _harmless(text: str) -> str:
    """What was written, cut short and without long digits: a clerk may have pasted an id number."""
    return re.sub(r"\d{5,}", "…", text)[:40]


def _invalid(found: str, where: str) -> MianshenError:
    return MianshenError("DECISION_INVALID", found=found, where=where)
