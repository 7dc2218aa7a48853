"""Transfers between funds that a plan has decided: what one fund is to give and another to take back, without any payment.

Where shares of a person moved between departments and add up to nothing, nobody is paid and nobody owes: the fund that stands for
the award now gives the other one its money back. Of what is a recovery, so much as moved is transferred likewise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mianshen.core.clinics import BENEFIT
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.warehouse import funds
from mianshen.warehouse.ledger import FUND_ACT, FUND_CHECK, PAYEE_RELATION, RECOVERY, RECOVERY_LINE, TRANSFER_LINE

Row = dict[str, Any]
Pairs = dict[tuple[str, str], int]
"""Fen by the fund that gives and the fund that takes."""


@dataclass(frozen=True, slots=True)
class Signed:
    """In whose names a transfer is booked, and when."""

    county_code: str
    """Whose funds."""
    maker: str
    """Who asks for it: whoever runs the stage."""
    checker: str
    """Who signs it: the stage, for the departments that decided."""
    at: str
    """ISO moment."""


def flips(rows: Iterable[Mapping[str, Any]], *, not_of: Collection[str], stopped: Collection[str]) -> dict[str, list[Row]]:
    """Payable postings, by person, of everybody to whom they come to nothing while their funds do not; whole shares of people.

    Left out are people of whom a department decides or whose relief goes to somebody else (`not_of`), and funds that are stopped.
    """
    by_person: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["benefit_code"] != BENEFIT:
            by_person[row["person_key"]].append(dict(row))
    found = {}
    for person, own in sorted(by_person.items()):
        nets = _nets(own)
        is_free = person not in not_of and not nets.keys() & set(stopped)
        if is_free and sum(nets.values()) == 0 and any(nets.values()):
            found[person] = own
    return found


def with_payees(connection: Connection, *, county_code: str) -> set[str]:
    """People for whom somebody else may receive: what their shares come to is said for each payee, not for the person."""
    query = select(PAYEE_RELATION.c.person_key).where(PAYEE_RELATION.c.county_code == county_code)
    return set(connection.execute(query).scalars())


def book(connection: Connection, moved: Mapping[str, Sequence[Row]], signed: Signed) -> dict[str, int]:
    """Book the transfers of these people's postings, those between the same funds together: {transfers, transferred_fen, short}.

    `short` are transfers for which the giving fund has not enough; they wait.
    """
    groups: dict[tuple[tuple[str, str], ...], list[Row]] = defaultdict(list)
    for rows in moved.values():
        groups[tuple(sorted(pairs_of(_nets(rows))))] += rows
    counts: Counter[str] = Counter({"transfers": 0, "transferred_fen": 0, "transfers_short": 0})
    for _, rows in sorted(groups.items()):
        lines = [{name: row[name] for name in ("award_id", "fund_code", "amount_fen")} for row in rows]
        paper = sha256_hex(canonical_json([[row["award_id"], row["amount_fen"]] for row in lines]))
        pairs = pairs_of(_nets(rows))
        if not _enter(connection, pairs, paper, signed, counts):
            continue
        said = {"transfer_id": paper, "county_code": signed.county_code, "booked_at": signed.at}
        connection.execute(insert(TRANSFER_LINE), [{**row, **said} for row in lines])
    return dict(counts)


def book_recovered(connection: Connection, signed: Signed, *, since: str) -> dict[str, int]:
    """Book what moved between funds inside recoveries found on `since` or later: once each, as soon as the fund has it."""
    counts: Counter[str] = Counter({"transfers": 0, "transferred_fen": 0, "transfers_short": 0})
    query = (
        select(RECOVERY_LINE.c.recovery_id, RECOVERY_LINE.c.fund_code, func.sum(RECOVERY_LINE.c.amount_fen))
        .join(RECOVERY, RECOVERY.c.recovery_id == RECOVERY_LINE.c.recovery_id)
        .where(RECOVERY.c.county_code == signed.county_code, RECOVERY.c.found_at >= since)
        .group_by(RECOVERY_LINE.c.recovery_id, RECOVERY_LINE.c.fund_code)
    )
    nets: dict[str, dict[str, int]] = defaultdict(dict)
    for recovery, fund, fen in connection.execute(query):
        nets[recovery][fund] = int(fen)
    papers = {sha256_hex(recovery.encode()): own for recovery, own in sorted(nets.items()) if max(own.values()) > 0}
    booked = select(FUND_ACT.c.paper_sha256).where(FUND_ACT.c.county_code == signed.county_code, FUND_ACT.c.kind == "transfer")
    known = set(connection.execute(booked).scalars())
    for paper, own in papers.items():
        if paper not in known:
            _enter(connection, pairs_of(own), paper, signed, counts)
    return dict(counts)


def pairs_of(nets: Mapping[str, int]) -> Pairs:
    """Which fund gives how much to which: what stands in one above zero goes to those below, in the order of their codes."""
    below = {fund: -fen for fund, fen in sorted(nets.items()) if fen < 0}
    found: Pairs = {}
    for giver, fen in sorted(nets.items()):
        for taker in below:
            part = min(max(fen, 0), below[taker])
            if part:
                found[giver, taker] = part
                below[taker] -= part
                fen -= part
    return found


def _nets(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in rows:
        found[row["fund_code"]] += row["amount_fen"]
    return dict(found)


def _enter(connection: Connection, pairs: Pairs, paper: str, signed: Signed, counts: Counter[str]) -> bool:
    """Ask for, sign and enter a transfer a pair, all of them or none; False when a fund has not enough."""
    has = funds.balances(connection, county_code=signed.county_code)
    gives: Counter[str] = Counter()
    for (giver, _), fen in pairs.items():
        gives[giver] += fen
    if any(has.get((giver, funds.OWN), 0) < fen for giver, fen in gives.items()):
        counts["transfers_short"] += 1
        return False
    said = {"county_code": signed.county_code, "happened_on": signed.at[:10], "by": signed.maker, "at": signed.at}
    rows = [
        funds.act_row("transfer", giver, fen, other_fund=taker, paper_sha256=paper, **said)
        for (giver, taker), fen in pairs.items()
    ]
    funds.propose(connection, rows)
    sign = {"made_by": signed.maker, "outcome": "agreed", "reason": "PLAN", "checked_by": signed.checker, "checked_at": signed.at}
    connection.execute(insert(FUND_CHECK), [{"act_id": row["act_id"], **sign} for row in rows])
    funds.enter(connection, rows, at=signed.at)
    counts["transfers"] += len(rows)
    counts["transferred_fen"] += sum(pairs.values())
    return True
