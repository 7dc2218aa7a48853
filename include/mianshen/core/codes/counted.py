"""Reasons about sheets of counts and of officers."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "COUNTS_INVALID",
        Level.FILE,
        "计数表的表头、行或数字不合规",
        "the sheet of counts has a heading, line or number that cannot be",
        "按说明的表头填写整数,改正所列的行后重新导入",
        "write whole numbers under the headings that the guide lists, mend the line and give it again",
    ),
    Reason(
        "RATING_NOT_TAKEN",
        Level.ITEM,
        "事项还在办理,或这个渠道已经有另一个评价",
        "the case runs yet, or the channel said otherwise of it before",
        "办结后再登记;已登记的评价不改,不服的按投诉另办",
        "record it once the case has ended; what was said stands, and a dispute is a matter of its own",
    ),
    Reason(
        "OFFICERS_INVALID",
        Level.FILE,
        "分送表有不合规的行,或领导小组不全",
        "the routing table has lines that cannot be, or the leading group is incomplete",
        "组长一人、副组长至少一人;部门写代码,镇街写全称,村社区写镇街/村名;改正所列各行后整份重交",
        "one head, a deputy at least; departments by code, towns by name, villages as town/village; mend the lines named",
    ),
)
