"""Reasons about recoveries: money that was paid beyond what is due."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "RECOVERY_UNKNOWN",
        Level.ITEM,
        "没有这笔追回",
        "there is no such recovery",
        "用 mianshen correction list 查编号",
        "look its number up with mianshen correction list",
    ),
    Reason(
        "RECOVERY_OVERPAID",
        Level.ITEM,
        "超过尚未结清的数额",
        "more than what is still open",
        "按未结清数额登记;多收的退还本人",
        "record what is open; give back what is beyond it",
    ),
    Reason(
        "RECOVERY_PARTS",
        Level.ITEM,
        "分期期数超出规定",
        "so many instalments are not allowed",
        "按 recovery.yaml 的最多期数办理",
        "choose a number that recovery.yaml allows",
    ),
    Reason(
        "BUREAU_ERRED",
        Level.ITEM,
        "属经办差错,不向本人追回",
        "the bureau's own mistake; the person is not asked",
        "内部整改",
        "mend it inside the bureau",
    ),
    Reason(
        "HARDSHIP",
        Level.ITEM,
        "本人无力退回",
        "the person cannot pay it back",
        "附困难情况说明,由另一人决定核销",
        "say why; somebody else decides to write it off",
    ),
    Reason(
        "DIED_WITHOUT_ESTATE",
        Level.ITEM,
        "本人死亡且无遗产可供退回",
        "the person died and left nothing to pay it from",
        "附死亡和遗产核查说明,由另一人决定核销",
        "add what was found out; somebody else decides to write it off",
    ),
)
