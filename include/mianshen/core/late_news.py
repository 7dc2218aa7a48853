"""Late news: the causes for which what is due now differs from what was due then, each with its words."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, tuple[str, str]] = {
    "claim_new": ("新到的费用", "a new claim"),
    "claim_withdrawn": ("撤回的费用", "a claim that was withdrawn"),
    "refund": ("退费", "a refund"),
    "resettled": ("重新结算或更正", "a settlement made anew or corrected"),
    "payer": ("其他支付方补报", "another payer told"),
    "death": ("死亡", "a death"),
    "decision": ("核查结论", "a decision after a look"),
    "identity_list": ("逾期名单到达或逾期", "a list that came, or did not"),
    "identity_added": ("身份增加", "an identity added"),
    "identity_revoked": ("身份取消", "an identity revoked"),
    "policy": ("政策变化", "a changed policy"),
    "code": ("程序变化", "changed code"),
    "policy_and_code": ("政策和程序变化", "a changed policy and changed code"),
    "year_over": ("年度结束", "the end of the benefit year"),
    "unknown": ("原因待查", "not known yet"),
}
"""Causes in the order in which they come in, in Chinese and English; after the facts those of the rules."""
MONEY_CAUSES: Mapping[str, tuple[str, str]] = {
    "money_paid": ("新到账", "money that arrived"),
    "money_back": ("退汇或追回", "money that came back"),
}
"""Causes for which the money that reached accounts differs, beside those of the identities."""
RAISING = frozenset({"claim_new", "identity_added"})
"""Causes that by themselves take nothing from anybody."""
