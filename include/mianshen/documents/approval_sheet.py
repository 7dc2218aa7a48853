"""The list that a department checks identities by: who stands behind the numbers of its batch. HTML made to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mianshen.core.money import show_yuan
from mianshen.core.pack import Pack
from mianshen.documents.approval_view import ItemView
from mianshen.documents.batch_sheet import environment


@dataclass(frozen=True, slots=True, repr=False)
class NamedItem:
    """An item with the person behind it. Never printed by accident: it has no repr."""

    item: ItemView
    """What the approver's page shows."""
    name: str
    """The person's name."""
    certno: str
    """The id number; the sheet masks it."""


def masked(certno: str) -> str:
    """The id number with its middle behind stars: enough to find the person on the department's own list."""
    return f"{certno[:6]}********{certno[-4:]}" if len(certno) == 18 else "—"


def approval_sheet(batch: Mapping[str, Any], items: Sequence[NamedItem], *, pack: Pack) -> str:
    """The sheet as HTML; equal input gives equal text."""
    categories = {one.code: one.name_zh for one in pack.plan.categories}
    rows = [
        {
            "item_no": one.item.item_no,
            "receipt_no": one.item.receipt_no,
            "name": one.name,
            "certno": masked(one.certno),
            "category_zh": categories.get(one.item.category_code, one.item.category_code),
            "town": one.item.town,
            "events": one.item.events,
            "amount_fen": one.item.amount_fen,
            "why_zh": one.item.why_zh,
        }
        for one in items
    ]
    template = environment().get_template("approval_sheet.html")
    department = pack.department(batch["department_code"])
    return str(
        template.render(batch=batch, items=rows, department=department, is_illustrative=pack.plan.is_illustrative, yuan=show_yuan)
    )
