"""Reasons about claims: why a settlement carries no relief, or why its amount waits."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "NO_CATEGORY",
        Level.CLAIM,
        "就诊时不属于任何救助对象类别",
        "the person held no category at the time of treatment",
        "如有身份认定材料,请向所属部门申报",
        "declare the identity to its department",
    ),
    Reason(
        "CARE_NOT_COVERED",
        Level.CLAIM,
        "该就医类别不在救助范围",
        "this kind of care is outside the policy",
        "可按其他渠道申请",
        "other channels remain open",
    ),
    Reason(
        "NOTHING_LEFT",
        Level.CLAIM,
        "前序报销后个人已无合规自付",
        "earlier payers left no in-scope burden",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "BELOW_DEDUCTIBLE",
        Level.CLAIM,
        "累计合规自付未超过起付线",
        "the cumulative burden is not above the deductible",
        "年度内继续累计",
        "it goes on adding up within the year",
    ),
    Reason(
        "CAP_REACHED",
        Level.CLAIM,
        "年度封顶线已用完",
        "the yearly cap is used up",
        "可转下一层救助或慈善救助",
        "the next tier or charity remains",
    ),
    Reason(
        "BETTER_ELSEWHERE",
        Level.CLAIM,
        "同层已按更有利的类别救助,不重复享受",
        "a better category of the same benefit was used",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "REFUND_STRUCK",
        Level.CLAIM,
        "该结算已退费",
        "the settlement was refunded",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "AFTER_DEATH",
        Level.HOLD,
        "就诊日期在死亡日期之后,待核查",
        "care after the date of death; under review",
        "由医保局核查",
        "the bureau reviews it",
    ),
    Reason(
        "PAYER_UNKNOWN",
        Level.HOLD,
        "前序支付方金额未知,暂缓",
        "an earlier payer is unknown; held",
        "补齐该支付方数据",
        "deliver that payer",
    ),
    Reason(
        "IDENTITY_PROVISIONAL",
        Level.HOLD,
        "身份所依据的名单逾期未到,待名单到达后重算",
        "the list that proves the identity is late; recomputed on arrival",
        "催交名单",
        "press for the list",
    ),
    Reason(
        "ACCIDENT_PENDING",
        Level.HOLD,
        "意外伤害待责任认定",
        "accident care waits for the finding",
        "等待调查结论",
        "wait for the finding",
    ),
    Reason(
        "POLICY_EXPIRED",
        Level.CLAIM,
        "费用发生时政策未生效或已到期",
        "the policy was not in force on the day",
        "按其他现行政策申请",
        "apply under a policy in force",
    ),
)
