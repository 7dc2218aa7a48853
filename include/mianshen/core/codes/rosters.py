"""Reasons about departments' lists over time: what changed from month to month, and what a person should look at."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "ROSTER_NEW",
        Level.FLAG,
        "新增:此前名单没有此人",
        "new on the list",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "ROSTER_RETURNED",
        Level.FLAG,
        "新增:此人曾在名单上,中断后恢复",
        "back on the list after a gap",
        "核对中断期间的身份",
        "check the identity during the gap",
    ),
    Reason(
        "ROSTER_ABSENT",
        Level.FLAG,
        "退出:完整名单上已无此人",
        "left: a complete list no longer names the person",
        "确认退出属实",
        "confirm that the person has left",
    ),
    Reason(
        "ROSTER_ROW_SET_ASIDE",
        Level.FLAG,
        "未确认:此人的行被搁置,身份暂定",
        "unconfirmed: the person's row was set aside; the identity is provisional",
        "按退回单改正该行",
        "correct the row named in the return slip",
    ),
    Reason(
        "ROSTER_NOT_STATED",
        Level.FLAG,
        "未确认:名单并非整份,未提到此人",
        "unconfirmed: the list is not a whole one and does not speak of the person",
        "无需处理;确已退出的请交付整份名单",
        "nothing to do; deliver a whole list if the person has left",
    ),
    Reason(
        "ROSTER_CHANGED",
        Level.FLAG,
        "变更:同一人的字段与上份名单不同",
        "changed: a field differs from the list before",
        "核对变更属实",
        "confirm the change",
    ),
    Reason(
        "ROSTER_LEFT_UNEXPLAINED",
        Level.FLAG,
        "有人从名单上消失,但没有完整名单证明其退出",
        "people vanished from a list without a complete list to show that they left",
        "请部门逐人确认去向",
        "have the department account for each of them",
    ),
    Reason(
        "ROSTER_SHARE_GONE",
        Level.FLAG,
        "较上份名单退出的比例过大",
        "too large a share left since the list before",
        "请部门确认名单是否完整",
        "have the department confirm that the list is whole",
    ),
    Reason(
        "ROSTER_TOWN_GONE",
        Level.FLAG,
        "某镇街的人员在名单上全部消失",
        "everybody of a town is gone from a list",
        "请部门核对是否漏报该镇街",
        "have the department check whether the town was left out",
    ),
    Reason(
        "ROSTER_BACKDATED_START",
        Level.FLAG,
        "身份被追认到已核算的月份",
        "an identity was given for a month that had been assessed",
        "已重新核算,差额补发;请核对认定日期",
        "computed again, the difference is paid; check the stated day",
    ),
    Reason(
        "ROSTER_BACKDATED_END",
        Level.FLAG,
        "身份在已核算的月份被追销",
        "an identity was taken away for a month that had been assessed",
        "已重新核算,差额按更正处理;请核对退出日期",
        "computed again, the difference is handled as a correction; check the day",
    ),
    Reason(
        "NUMBER_MAY_BE_CORRECTED",
        Level.FLAG,
        "证号在本名单首次出现,与以往同名人员的证号相近,疑为更正",
        "a number new to this list that is like the number of a person of this name",
        "如系更正证号,请书面说明新旧两号;两号未确认前按两人处理",
        "if the number was corrected, name both numbers in writing; until then they count as two persons",
    ),
)
