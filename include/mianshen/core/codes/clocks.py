"""Time limits that were missed, leads of the supervisor: on what ground nobody is to blame, and acts that cannot be."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

GROUNDS = ("SYSTEM_OUTAGE", "FORCE_MAJEURE", "UPSTREAM_LATE", "RULE_UNCLEAR", "FIRST_OF_ITS_KIND")
"""On which 容错免责 may be applied for."""

REASONS: tuple[Reason, ...] = (
    Reason(
        "SYSTEM_OUTAGE",
        Level.ITEM,
        "系统故障",
        "the system was down",
        "附故障记录",
        "attach the record of the outage",
    ),
    Reason(
        "FORCE_MAJEURE",
        Level.ITEM,
        "不可抗力",
        "force majeure",
        "附说明",
        "attach what happened",
    ),
    Reason(
        "UPSTREAM_LATE",
        Level.ITEM,
        "上游数据或部门迟延",
        "data or a department before this one were late",
        "写明上游环节及其时限",
        "name the earlier step and its time limit",
    ),
    Reason(
        "RULE_UNCLEAR",
        Level.ITEM,
        "政策规定不明确",
        "the rule is unclear",
        "附请示或会议纪要",
        "attach the question that was put, or the minutes",
    ),
    Reason(
        "FIRST_OF_ITS_KIND",
        Level.ITEM,
        "先行先试,无经验可循",
        "a first trial without anything to go by",
        "附改革事项依据",
        "attach the paper that the trial rests on",
    ),
    Reason(
        "EXPERT_PENDING",
        Level.ITEM,
        "专家意见未出",
        "the drawn experts have not given their opinion",
        "催专家,或回避后重新抽取(mianshen case draw)",
        "remind them, or draw others (mianshen case draw)",
    ),
    Reason(
        "POST_PENDING",
        Level.ITEM,
        "已交邮,邮政未送达",
        "handed to the post, and not delivered",
        "按邮件跟踪号向邮政查询",
        "ask the post by the tracking number",
    ),
    Reason(
        "CALENDAR_PUBLISHED",
        Level.ITEM,
        "放假安排已公布,到期日重算",
        "the year's working days were published; the due day was reckoned again",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "CLOCK_UNKNOWN",
        Level.ITEM,
        "没有这个时限",
        "there is no such clock",
        "用 mianshen clock list 或监督台查编号",
        "look the number up with mianshen clock list or on the supervisor's page",
    ),
    Reason(
        "DIGEST_UNKNOWN",
        Level.ITEM,
        "没有这个待确认的通知",
        "no notification of this id waits to be settled",
        "编号见监督台运维页的待确认通知",
        "the id stands on the page 运维 operations, under notifications nobody knows of",
    ),
    Reason(
        "EXEMPTION_NOT_POSSIBLE",
        Level.ITEM,
        "不能这样认定免责",
        "the exemption cannot be recorded",
        "只有已逾期的时限可以申请;一次申请只由申请人以外的一人认定一次",
        "only a missed limit can be applied for; an application is decided once, by somebody else than the applicant",
    ),
    Reason(
        "LEAD_UNKNOWN",
        Level.ITEM,
        "没有这个监督疑点",
        "there is no such lead",
        "用 mianshen lead list 查编号",
        "look the number up with mianshen lead list",
    ),
    Reason(
        "LEAD_ACT_NOT_POSSIBLE",
        Level.ITEM,
        "此时不能这样处置该疑点",
        "the lead cannot be disposed of like this now",
        "先问询后答复;属实后才能移交;已排除或已移交的不再处置",
        "an answer follows a question, a transfer a confirmation; what was refuted or transferred is over",
    ),
)
