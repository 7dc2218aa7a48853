"""The sheet of a payment batch: who is paid what and why, with the head of the audit chain. HTML made to be printed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mianshen.core import clinics, exceptional
from mianshen.core.money import show_yuan
from mianshen.core.pack import Pack

TEMPLATES = Path(__file__).resolve().parent / "templates"
"""Where the templates lie."""
OTHER_ZH = {exceptional.BENEFIT: exceptional.NAME_ZH, clinics.BENEFIT: clinics.NAME_ZH}
"""Names of what is paid beside the policy's benefits."""
TAIL = 4
"""Digits of an account that the sheet shows."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What one benefit pays one payee."""

    department_zh: str
    """The department's name."""
    benefit_zh: str
    """The benefit's name."""
    amount_fen: int
    """Net over its events."""
    events: int
    """How many events are behind it."""
    article: str
    """Clause: document and article."""


@dataclass(frozen=True, slots=True, repr=False)
class SheetPayee:
    """One payee on the sheet. Never printed by accident: it has no repr."""

    sequence_no: int
    """Place in the batch."""
    name: str
    """The payee's name."""
    account_tail: str
    """The account's last digits behind stars."""
    amount_fen: int
    """What is paid."""
    way_zh: str
    """银行代发 or 人工发放."""
    behalf_zh: str
    """For whom he receives it and as what; empty when it is his own relief."""
    lines: tuple[SheetLine, ...]
    """Why, by benefit in the order in which they pay."""


def tail_of(account: str) -> str:
    """The account's last four digits behind stars; a dash when there is none."""
    return f"****{account[-TAIL:]}" if account else "—"


def sheet_lines(rows: Sequence[Mapping[str, Any]], *, pack: Pack) -> tuple[SheetLine, ...]:
    """The lines of one payment summed by benefit and clause, in the order in which benefits pay."""
    order = {one.code: number for number, one in enumerate(pack.plan.benefits)}
    names = {one.code: one.name_zh for one in pack.plan.benefits} | OTHER_ZH
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["benefit_code"], row["clause_id"], row["department_code"]), []).append(row)
    return tuple(
        SheetLine(
            department_zh=pack.department(department).name_zh,
            benefit_zh=names.get(benefit, benefit),
            amount_fen=sum(row["amount_fen"] for row in own),
            events=len({row["event_id"] for row in own}),
            article=_article(clause, pack),
        )
        for (benefit, clause, department), own in sorted(groups.items(), key=lambda one: (order.get(one[0][0], 99), one[0]))
    )


def batch_sheet(
    batch: Mapping[str, Any], payees: Sequence[SheetPayee], *, pack: Pack, files: Sequence[Mapping[str, Any]] = ()
) -> str:
    """The sheet as HTML; equal input gives equal text. `files` are the bank files of a batch that has several."""
    return str(
        environment()
        .get_template("batch_sheet.html")
        .render(
            batch=batch,
            payees=payees,
            files=files,
            bank_count=batch["payments"] - batch["manual_payments"],
            bank_fen=batch["amount_fen"] - batch["manual_fen"],
            county_zh=pack.county_name_zh,
            county_en=pack.county_name_en,
            standing=json.loads(batch["standing"]) if batch["standing"] else None,
            is_illustrative=pack.plan.is_illustrative,
            yuan=show_yuan,
        )
    )


@cache
def environment() -> Environment:
    """The templates, escaping everything that they are given; a name that is missing is an error."""
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)


def _article(clause_id: str, pack: Pack) -> str:
    known = {one.clause_id: f"{one.document} {one.article}" for one in pack.plan.clauses}
    return known.get(clause_id, clause_id)
