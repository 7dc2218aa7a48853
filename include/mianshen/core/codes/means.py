"""Reasons about the check of a family's means: what is missing, and what the check contradicts."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "MEANS_MISSING",
        Level.ITEM,
        "家庭经济状况核对还缺这一份,不能作此结论",
        "the check of the family's means lacks this; the step cannot be decided so",
        "先交家庭成员登记表,再交核对结果,之后作结论",
        "hand in the members, then the answer with the incomes, then decide",
    ),
    Reason(
        "MEANS_OTHERWISE",
        Level.ITEM,
        "与家庭经济状况核对的结果不一致",
        "the decision is not what the check of the family's means says",
        "按核对结果作结论;收入有误的,请核对部门更正后重新核对",
        "decide as the check says; wrong incomes are corrected by the department that told them",
    ),
    Reason(
        "MEANS_KNOWN",
        Level.FILE,
        "与已登记的家庭成员或收入不一致,未采纳",
        "members or incomes of this case were recorded otherwise; nothing was taken",
        "以先登记的为准;确有变化的,退回重新核对",
        "what was recorded first stands; have the check done anew if it changed",
    ),
)
