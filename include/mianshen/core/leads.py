"""监督疑点: what looks wrong and must be checked by a person, the word it belongs to, and what may be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

LIMITS = (
    "grace_days",
    "brief_before_days",
    "brief_after_days",
    "haste_seconds",
    "night_from",
    "night_until",
    "repay_days",
)
"""What the checks draw their lines by, from national/supervision.yaml."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One kind of lead."""

    code: str
    """Stable for ever."""
    word_zh: str
    """The word of source 001 that it belongs to."""
    zh: str
    """What looks wrong."""
    en: str
    """The same in English."""


_LISTED = (
    Indicator("ITEM_UNDECIDED", "受而不办", "审批事项逾期未作决定", "an item past its limit without a decision"),
    Indicator("DELIVERY_UNTRIGGERED", "受而不办", "数据到达后逾期未触发救助", "accepted data without an application in time"),
    Indicator("STEP_IDLE", "受而不办", "环节逾期未办", "a step of a case past its limit"),
    Indicator("DECIDED_LATE", "受而缓办", "逾期才作决定", "decided after its limit"),
    Indicator("FINISHED_LATE", "受而缓办", "逾期才办结", "finished after its limit"),
    Indicator("AMOUNT_SHORT", "少救", "登记金额少于应救助金额", "less was granted than the facts known now give"),
    Indicator("NEVER_GRANTED", "漏救", "应救助而没有登记", "due relief, and none was granted"),
    Indicator("REFUSED_THOUGH_LISTED", "漏救", "名单有身份却以身份不符拒绝", "refused, though the lists confirm an identity"),
    Indicator("LIST_AWAITED", "漏救", "名单逾期,名单上的人救助待定", "a late list on which the relief of its people waits"),
    Indicator("IDENTITY_MISSING", "人情救助", "就医日没有任何身份却获救助", "relieved without any identity on the days of care"),
    Indicator(
        "IDENTITY_BRIEF",
        "人情救助",
        "身份在就医前刚取得、其后很快失去",
        "an identity only just around the care",
    ),
    Indicator("ACCOUNT_SHARED", "人情救助", "多名领款人共用一个账户", "one account of several payees"),
    Indicator("DECIDED_IN_HASTE", "人情救助", "人工审批过快", "a person decided within seconds"),
    Indicator("DECIDED_AT_NIGHT", "人情救助", "夜间人工审批", "a person decided at night"),
    Indicator("COST_AFTER_DEATH", "违规", "死亡之后的费用获救助", "relief for care after the day of death"),
    Indicator("STAYS_OVERLAP", "违规", "住院日期重叠且均获救助", "two relieved stays on the same night"),
    Indicator("CLAIM_GONE", "违规", "已退费或不予救助的结算仍有救助", "relief on care that was refunded or refused"),
    Indicator("NOT_PAID_IN_TIME", "及时足额", "逾期未发放到位", "not paid in time"),
    Indicator("RETURNED_NOT_REPAID", "及时足额", "退汇后久未更正发放", "money that came back and was not paid again"),
)
INDICATORS: Mapping[str, Indicator] = MappingProxyType({one.code: one for one in _LISTED})
"""Every kind of lead by its code, in the order of the words."""


class LeadAct(StrEnum):
    """What was done about a lead."""

    ASKED = "asked"
    ANSWERED = "answered"
    REFUTED = "refuted"
    CONFIRMED = "confirmed"
    TRANSFERRED = "transferred"


FOLLOWS: Mapping[LeadAct, frozenset[LeadAct | None]] = MappingProxyType(
    {
        LeadAct.ASKED: frozenset({None, LeadAct.ANSWERED}),
        LeadAct.ANSWERED: frozenset({LeadAct.ASKED}),
        LeadAct.REFUTED: frozenset({None, LeadAct.ASKED, LeadAct.ANSWERED}),
        LeadAct.CONFIRMED: frozenset({None, LeadAct.ASKED, LeadAct.ANSWERED}),
        LeadAct.TRANSFERRED: frozenset({LeadAct.CONFIRMED}),
    }
)
"""After which act each may come; None is a lead that nobody looked at yet. What was refuted or transferred is over."""
ACT_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "": ("未处置", "not looked at"),
        "asked": ("已问询", "asked"),
        "answered": ("已答复", "answered"),
        "refuted": ("排除", "refuted"),
        "confirmed": ("属实", "confirmed"),
        "transferred": ("已移交", "transferred"),
    }
)
"""What the acts are called."""
