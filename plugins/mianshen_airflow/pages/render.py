"""The page as HTML: one template, every value escaped, no script from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from mianshen.core.codes import reason
from mianshen.core.money import show_yuan
from mianshen.core.reviews import PAYER_NAMES
from mianshen_airflow.pages.counties import CountyBoard

STATES_ZH = {
    "RECEIVED": "已接收 received",
    "KEYED": "已去标识 keyed",
    "ACCEPTED": "已入库 accepted",
    "SUPERSEDED": "已被更新 superseded",
    "REJECTED": "退回 rejected",
    "HELD": "暂缓 held",
    "drafted": "已编制 drafted",
    "approved": "已复核 approved",
    "sent": "已送银行 sent",
    "cancelled": "已撤销 cancelled",
}
"""What the states of deliveries and payment batches are called."""


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    return Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    ).get_template("supervisor.html")


def page(boards: Sequence[CountyBoard], *, names: Mapping[str, str]) -> str:
    """The supervisor's page of these counties; `names` are all counties, for the choice at the top."""
    return _template().render(
        boards=boards, names=names, yuan=show_yuan, state_zh=STATES_ZH, why=_why, totals=totals, payer=PAYER_NAMES
    )


def totals(board: CountyBoard) -> dict[str, int]:
    """The figures at the top of a county: overdue, running, in time, waiting for approval, paid payments and fen."""
    sent = [one for one in board.payments if one.state == "sent"]
    return {
        "overdue": sum(one.overdue for one in board.limits),
        "late": sum(one.met_late for one in board.limits),
        "open": sum(one.open for one in board.limits),
        "met": sum(one.met for one in board.limits),
        "waiting": sum(one.waiting for one in board.approvals),
        "payments": sum(one.payments for one in sent),
        "paid_fen": sum(one.amount_fen for one in sent),
    }


def _why(code: str | None) -> str:
    return "" if code is None else f"{reason(code).zh} {reason(code).en}"
