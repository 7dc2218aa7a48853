"""Reasons about persons who are excluded from relief."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "PERSON_EXCLUDED",
        Level.ITEM,
        "经核查取消救助资格,期间发生的费用不予救助",
        "excluded from relief after an audit: nothing is given for these days",
        "对决定有异议的按决定书所列途径申请复核;解除后发生的费用照常救助",
        "object as the decision says; costs after the lifting are relieved again",
    ),
    Reason(
        "EXCLUSION_INVALID",
        Level.ITEM,
        "取消资格的登记不完整或不合规",
        "what was said of the exclusion is incomplete or cannot be",
        "按决定书补全理由、起止日期、文号、决定人后重新登记",
        "give ground, days, number and decider as the decision has them",
    ),
    Reason(
        "EXCLUSION_UNKNOWN",
        Level.ITEM,
        "没有这个取消资格的决定,或已解除",
        "there is no such exclusion, or it was lifted",
        "用 mianshen exclusion list 查看编号",
        "see the ids with mianshen exclusion list",
    ),
)
