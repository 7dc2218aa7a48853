"""Reasons about decisions that two written identities are one person."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "PERSON_LINKED",
        Level.FIX,
        "依据已复核的同人认定归到该人",
        "the row was given to its person by a confirmed decision",
        "无需处理,已记录",
        "nothing to do; recorded",
    ),
    Reason(
        "LINK_UNEXPLAINED",
        Level.SYSTEM,
        "同人认定缺少经办人、理由或依据文号",
        "the decision lacks its actor, reason or document",
        "补上 --actor、--reason、--document",
        "give --actor, --reason and --document",
    ),
    Reason(
        "LINK_UNKNOWN",
        Level.SYSTEM,
        "没有这条同人认定",
        "there is no such link",
        "用 mianshen person links 查编号",
        "look it up with mianshen person links",
    ),
    Reason(
        "LINK_SAME_HAND",
        Level.SYSTEM,
        "同人认定须由另一人复核",
        "another person than the proposer confirms a link",
        "请另一位经办人复核",
        "let a colleague confirm it",
    ),
    Reason(
        "LINK_DECIDED",
        Level.SYSTEM,
        "这条同人认定已有结论",
        "the link was decided before",
        "用 mianshen person links 查看;要改先撤销",
        "look at mianshen person links; undo it first to change it",
    ),
    Reason(
        "LINK_SAME_PERSON",
        Level.SYSTEM,
        "两边本来就是同一人",
        "both are one person already",
        "无需认定",
        "there is nothing to decide",
    ),
    Reason(
        "LINK_ROW_UNKNOWN",
        Level.SYSTEM,
        "该批次没有这一行记录,或批次尚未去标识化",
        "the delivery has no record at this line, or its rows have no keys yet",
        "核对批次号和行号(退回单首列)",
        "check the delivery and the line (first column of the return slip)",
    ),
    Reason(
        "LINK_TOO_VAGUE",
        Level.SYSTEM,
        "该行除姓名外没有可辨认的内容,认定会误及同名的人",
        "nothing but a name tells whose row it is; a link would catch others of that name",
        "请部门补全证号、村社区或电话后重新交付",
        "have the number, village or phone filled in and delivered again",
    ),
    Reason(
        "LINK_ROW_UNFIT",
        Level.SYSTEM,
        "只有名单中无可用证号的行,或证号可用的行可以认定;所指一方须是已登记的人",
        "only a row of a list, or a row with a usable number, can be linked, and only to a registered person",
        "核对两边的批次号和行号",
        "check both deliveries and lines",
    ),
)
