"""Which clocks of a simulated year of relief had to be missed, counted from what its people did and from the money's own rows.

Nothing here asks the clock store when a clock ended: a list by when it came, a delivery by the first run after it, a batch by its
department's answer, a claim by who looked at it, an application by the decisions on it and, as the county counts, by when the
money left or by the bank's answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from mianshen.cli.simulate.acts import Acts
from mianshen.cli.simulate.truth import Truth
from mianshen.core.pack import Pack
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.ledger import APPROVAL_ITEM, AWARD_POSTING, DECISION, PAYMENT_LINE, RECOVERY_LINE

Row = dict[str, Any]


def plant(truth: Truth, acts: Acts, connection: Connection, *, pack: Pack, until: datetime) -> int:
    """Write down every clock of relief that had to be missed up to this moment; returns how many clocks there were."""
    county_code = pack.county_code
    ended: dict[str, Callable[[Row], datetime | None]] = {
        "list": lambda row: acts.lists.get(row["subject_id"]),
        "delivery": lambda row: _first(acts.chains, after=_moment(row["started_at"])),
        "batch": _batches(acts, connection),
        "claim": lambda row: _first([*_of(acts.looked, row), *_of(acts.gone, row)], after=_moment(row["started_at"])),
        "application": _applications(acts.sent if _until_sent(pack) else acts.paid, connection, county_code),
    }
    seen = 0
    for kind, ends in ended.items():
        for row in map(dict, clocks_of(connection, county_code, kind=kind)):
            seen += 1
            due, at = _moment(row["due_at"]), ends(row)
            if due <= until and (at is None or at >= due):
                truth.plant(row["subject_id"], due)
    return seen


def _first(moments: Iterable[datetime], *, after: datetime) -> datetime | None:
    return min((one for one in moments if one >= after), default=None)


def _of(noted: Mapping[str, datetime], row: Row) -> list[datetime]:
    found = noted.get(row["subject_id"])
    return [] if found is None else [found]


def _batches(acts: Acts, connection: Connection) -> Callable[[Row], datetime | None]:
    """When each batch was wholly answered: at once where the rule decided all of it."""
    query = select(APPROVAL_ITEM.c.approval_batch_id).where(APPROVAL_ITEM.c.route == "person").distinct()
    asked = set(connection.execute(query).scalars())

    def ends(row: Row) -> datetime | None:
        batch = row["subject_id"]
        return acts.decided.get((batch, row["holder_department"])) if batch in asked else _moment(row["started_at"])

    return ends


@dataclass(frozen=True, slots=True)
class _Money:
    """Postings of awards, the decisions on them, and what payments carry of them."""

    postings: dict[str, Row]
    """Rows of award_posting by award."""
    decided: dict[str, tuple[str, datetime]]
    """Outcome and moment by item."""
    lines: dict[str, list[Row]]
    """Live payment lines by award."""
    claimed: frozenset[str]
    """Awards that a recovery claims back."""

    def is_effective(self, posting: Row) -> bool:
        """Whether it was agreed, or what it takes back was; nothing need be agreed of what bears no item."""
        first = self.postings.get(posting["reverses_award_id"] or "", posting)
        item = first["approval_item_id"] or posting["approval_item_id"]
        return item is None or self.decided.get(item, ("", None))[0] == "agree"

    def rest(self, posting: Row) -> int:
        """Fen of it that no payment carries and no recovery claims."""
        carried = sum(int(line["amount_fen"]) for line in self.lines.get(posting["award_id"], ()))
        return 0 if posting["award_id"] in self.claimed else int(posting["amount_fen"]) - carried

    def due(self) -> dict[str, int]:
        """Fen that each person has still to get, takings back counted."""
        found: dict[str, int] = defaultdict(int)
        for row in filter(self.is_effective, self.postings.values()):
            found[row["person_key"]] += self.rest(row)
        return found

    def taken_back(self) -> dict[str, datetime]:
        """When agreed postings were last taken back, by application."""
        found: dict[str, datetime] = {}
        for row in self.postings.values():
            first = self.postings.get(row["reverses_award_id"] or "")
            if first is not None and first["application_id"] and self.is_effective(first):
                at = _moment(row["posted_at"])
                found[first["application_id"]] = max(at, found.get(first["application_id"], at))
        return found


def _until_sent(pack: Pack) -> bool:
    """Whether the county counts to the day on which money leaves; else to the payee's account."""
    return any(one.code == "pay_relief" and one.ends_at == "money_sent" for one in pack.time_limits)


def _applications(done: Mapping[str, datetime], connection: Connection, county_code: str) -> Callable[[Row], datetime | None]:
    items: dict[str, list[str]] = defaultdict(list)
    for application, item in connection.execute(select(APPROVAL_ITEM.c.application_id, APPROVAL_ITEM.c.approval_item_id)):
        items[application].append(item)
    money = _money(connection, county_code)
    own: dict[str, list[Row]] = defaultdict(list)
    for row in filter(money.is_effective, money.postings.values()):
        own[row["application_id"]].append(row)
    due, taken_back = money.due(), money.taken_back()

    def ends(clock: Row) -> datetime | None:
        application = clock["subject_id"]
        payments = {line["payment_id"] for row in own[application] for line in money.lines.get(row["award_id"], ())}
        owed = [row for row in own[application] if money.rest(row) > 0 and due[row["person_key"]] > 0]
        if owed or payments - done.keys() or set(items[application]) - money.decided.keys():
            return None
        decided = [money.decided[item][1] for item in items[application]]
        return max([done[one] for one in payments] or [*decided, taken_back.get(application, decided[0])])

    return ends


def _money(connection: Connection, county_code: str) -> _Money:
    wanted = select(AWARD_POSTING).where(AWARD_POSTING.c.county_code == county_code, AWARD_POSTING.c.kind == "award")
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(select(PAYMENT_LINE).where(PAYMENT_LINE.c.is_live)).mappings():
        lines[row["award_id"]].append(dict(row))
    said = connection.execute(select(DECISION.c.approval_item_id, DECISION.c.outcome, DECISION.c.decided_at))
    return _Money(
        {row["award_id"]: dict(row) for row in connection.execute(wanted).mappings()},
        {item: (outcome, _moment(at)) for item, outcome, at in said},
        lines,
        frozenset(connection.execute(select(RECOVERY_LINE.c.award_id)).scalars()),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
