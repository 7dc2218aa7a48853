"""应救未救: who may need help and is not reached by it; a signal is no finding, a visit asks the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LIMITS = ("burden_line_yuan", "burden_months", "lapsed_months", "unpaid_days", "enrolment_month", "worker_months")
"""What the radar draws its lines by, from national/radar.yaml."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of sign that somebody should be helped and is not."""

    code: str
    """Stable for ever."""
    zh: str
    """What is seen."""
    en: str
    """The same in English."""
    ask_zh: str
    """What the visitor finds out."""
    ask_en: str
    """The same in English."""


_LISTED = (
    Signal(
        "OVER_LINE_UNLISTED",
        "自付费用超过提示线而不在任何名单",
        "own costs over the line, and in no list",
        "是否因病致贫,是否愿意由我们代办认定",
        "whether illness made the family poor, and whether it wants us to apply for it",
    ),
    Signal(
        "LAPSED_IN_STAY",
        "住院期间身份终止,至今不在任何名单",
        "lost the identity within a stay, and in no list since",
        "身份为何终止,是否仍然困难",
        "why the identity ended, and whether the need goes on",
    ),
    Signal(
        "AGREED_UNPAID",
        "已同意的救助久未到账",
        "relief that was agreed and has not been paid",
        "账户有无问题,补交可用账户",
        "what is wrong with the account; bring one that works",
    ),
    Signal(
        "ENROLMENT_MISSING",
        "在名单而没有当年参保记录",
        "in a list, and no trace of enrolment in the year",
        "是否参保,是否需要资助代缴",
        "whether they are insured, and whether the fee should be paid for them",
    ),
)
SIGNALS: Mapping[str, Signal] = MappingProxyType({one.code: one for one in _LISTED})
"""Every kind of signal by its code."""
