"""Reasons about bills that a case claims at a window."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "BILL_MISSING",
        Level.ITEM,
        "事项没有归入单据",
        "no bill was laid to the case",
        "先导入单据,再用 mianshen case bill 归入本事项",
        "import the bills and lay them to the case with mianshen case bill",
    ),
    Reason(
        "BILL_NOT_TAKEN",
        Level.ITEM,
        "该事项不再收或不收单据",
        "the case claims no bills, or has been decided",
        "办理报销的事项在同意之前归入;已决定的另立事项",
        "lay bills to a case of reimbursement before it is agreed; open another case else",
    ),
    Reason(
        "BILL_TAKEN",
        Level.ITEM,
        "该单据已归入另一事项",
        "the bill belongs to another case",
        "同一张单据只办一次,请查看所列事项",
        "a bill is claimed once: see the case that is named",
    ),
    Reason(
        "BILL_NOT_PAID",
        Level.ITEM,
        "单据的款项尚未全部拨付",
        "what the bills gave has not all left yet",
        "先核算、审批并发出付款批次;没有应付金额的选不予办理",
        "compute, approve and send the payment first; where nothing is due, refuse",
    ),
)
