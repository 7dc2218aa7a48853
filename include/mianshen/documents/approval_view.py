"""What an approver reads: a batch as a subject line and a Markdown page. Receipts and categories only, nobody is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mianshen.core.approving import is_asked
from mianshen.core.codes import reason
from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.decisions import EXAMPLE, Outcome
from mianshen.core.money import show_yuan
from mianshen.core.pack import Pack

SHOWN = 200
"""Items listed on the page, the largest amounts first; every item has its number whether it is listed or not."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item that waits for a person."""

    item_no: int
    """Its number in the batch; replies name it."""
    receipt_no: str
    """受理号 of the application."""
    category_code: str
    """Category that counted."""
    town: str
    """The person's town; empty when none is known."""
    events: int
    """How many settlements or enrolments."""
    amount_fen: int
    """What the department would pay."""
    route_reason: str
    """Why a person decides."""
    follows_refusal: bool = False
    """Whether another department's refusal changed what this one would pay."""

    @property
    def why_zh(self) -> str:
        """Why a person decides, and why the item came, as the approver reads it; which department refused is not said."""
        why = reason(self.route_reason).zh
        return f"{why};其他部门未予救助,金额因此重算" if self.follows_refusal else why


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch that waits for its department's reply."""

    batch_id: str
    """Its id."""
    department_code: str
    """Who decides."""
    approver: str
    """Login of the department's approver."""
    subject: str
    """One line."""
    body: str
    """Markdown, Chinese first."""
    items: tuple[ItemView, ...]
    """Every item that waits, by number."""


def batch_view(batch: Mapping[str, Any], items: Sequence[Mapping[str, Any]], *, pack: Pack, asks_for: str = "") -> BatchView:
    """The page of a batch: `items` are all its items with their decisions; those that wait for a person, and that
    the form asks for (`core.approving.is_asked`), are listed."""
    department = pack.department(batch["department_code"])
    waiting = tuple(item_view(row) for row in items if _waits_here(row, batch["department_code"]) and is_asked(row, asks_for))
    total = sum(one.amount_fen for one in waiting)
    subject = f"{department.name_zh}审批 {batch['month']}:{len(waiting)} 件待审,{show_yuan(total)} 元"
    sections = (
        _banner(pack),
        _facts(batch, items, waiting, department_zh=department.name_zh, department_en=department.name_en),
        _how_to_reply(),
        _table(waiting, pack),
    )
    return BatchView(
        batch_id=batch["approval_batch_id"],
        department_code=department.code,
        approver=department.approver,
        subject=subject,
        body="\n\n".join(section for section in sections if section) + "\n",
        items=waiting,
    )


def _waits_here(row: Mapping[str, Any], department_code: str) -> bool:
    """Whether the department's person is to decide the item: not one that was delegated away, or whose time stands still."""
    is_open = row["route"] == "person" and row["outcome"] is None and not row["is_paused"]
    return is_open and row["holder_department"] == department_code


def item_view(row: Mapping[str, Any]) -> ItemView:
    """What an approver sees of an item."""
    return ItemView(
        item_no=row["item_no"],
        receipt_no=row["receipt_no"],
        category_code=row["category_code"],
        town=row["town"] or "",
        events=row["events"],
        amount_fen=row["amount_fen"],
        route_reason=row["route_reason"],
        follows_refusal=row["follows_refusal"],
    )


def _banner(pack: Pack) -> str:
    if not pack.plan.is_illustrative:
        return ""
    return "> **示例标准**:本县区政策含示例数值,不作为发放依据。 *Illustrative amounts; not a basis for payment.*"


def _facts(
    batch: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    waiting: Sequence[ItemView],
    *,
    department_zh: str,
    department_en: str,
) -> str:
    by_rule = [row for row in items if row["how"] == "rule"]
    return "\n".join(
        (
            f"### {department_zh} 并联审批 · {department_en}",
            "",
            f"- 批次 batch:`{batch['approval_batch_id']}`,月份 month:{batch['month']}",
            f"- 全部 all:{len(items)} 件,{show_yuan(sum(row['amount_fen'] for row in items))} 元",
            f"- 规则已审核 by rule:{len(by_rule)} 件,{show_yuan(sum(row['amount_fen'] for row in by_rule))} 元",
            f"- **待您审核 for you:{len(waiting)} 件,{show_yuan(sum(one.amount_fen for one in waiting))} 元**",
            f"- 冻结哈希 frozen content:`{batch['content_sha256'][:16]}…`",
        )
    )


def _how_to_reply() -> str:
    def listed(codes: Sequence[str]) -> str:
        return "、".join(f"`{code}` {reason(code).zh}" for code in codes)

    refuse, send_back = Outcome.REFUSE.name_zh, Outcome.RETURN.name_zh
    return "\n".join(
        (
            "**答复写法 How to reply**:所选意见适用于未逐件列出的全部事项;个别事项按「序号=原因代码」列出,用分号隔开。"
            "Your choice holds for every item that is not named; name others as number=REASON, separated by semicolons.",
            "",
            f"- 例 example:`{EXAMPLE}`;整批{refuse} refuse all others:`*=IDENTITY_NOT_CONFIRMED`",
            f"- {refuse} refusals:{listed(REFUSALS)}",
            f"- {send_back} returns:{listed(RETURNS)}",
            "- 逐件打开核查后同意的,把序号写进「同意(逐件核查过的)」,如 `1, 4` / numbers of items that you opened and agree to",
            "- 今天只办一部分的,勾选「其余不动」:没有写序号的保持待审,另开表单再问 / tick it to leave what is not named open",
        )
    )


def _table(waiting: Sequence[ItemView], pack: Pack) -> str:
    if not waiting:
        return ""
    names = {one.code: one.name_zh for one in pack.plan.categories}
    shown = sorted(sorted(waiting, key=lambda one: (-one.amount_fen, one.item_no))[:SHOWN], key=lambda one: one.item_no)
    lines = [
        "| 序号 no. | 受理号 receipt | 对象类别 category | 镇街 town | 人次 events | 金额(元) yuan | 转人工原因 why |",
        "|---:|---|---|---|---:|---:|---|",
    ]
    lines += [
        f"| {one.item_no} | {one.receipt_no} | {names.get(one.category_code, one.category_code)} | {one.town or '—'} |"
        f" {one.events} | {show_yuan(one.amount_fen)} | {one.why_zh} |"
        for one in shown
    ]
    if len(shown) < len(waiting):
        lines += [
            "",
            f"另有 {len(waiting) - len(shown)} 件金额较小的未列出。 {len(waiting) - len(shown)} smaller items are not listed.",
        ]
    return "\n".join(lines)
