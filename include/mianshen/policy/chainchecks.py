"""Checks between the benefits of a Plan: window relief, shared purses, admissions, deductibles that last for years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate

from mianshen.core.plan import Benefit, Bucket, EventKind, MafCounting
from mianshen.core.rates import Period, Rate
from mianshen.policy.shapes import Row


def check_codes(rows: Sequence[Row]) -> None:
    """Nothing when no benefit's code stands twice."""
    for row, earlier in zip(rows, accumulate(([one["code"]] for one in rows), initial=[]), strict=False):
        if row["code"] in earlier:
            row.at("code").refuse(f"待遇代码 {row['code']} 重复", f"benefit {row['code']} stands twice")


def check_active(policy: Row, rows: Sequence[Row]) -> None:
    """Nothing when no benefit pays that needs a rule which the policy language cannot say, and one benefit pays at all."""
    reasons = {one["code"]: one for one in policy["cannot_express"]}
    for row in rows:
        _check_needs(row, reasons)
    if not any(row["active"] for row in rows):
        policy.at("tiers").refuse("没有一项待遇在用", "no benefit is active")


def _check_needs(row: Row, reasons: Mapping[str, Row]) -> None:
    for code in row["needs"]:
        if code not in reasons:
            row.at("needs").refuse(f"cannot_express 中没有 {code}", f"cannot_express has no {code}")
    if row["active"] and row["needs"]:
        told = reasons[row["needs"][0]]
        row.at("needs").refuse(
            f"待遇 {row['code']} 依赖承载不了的规则({told['rule_zh']}:{told['reason_zh']}),请写 active: false",
            f"{row['code']} needs a rule that cannot be carried ({told['rule_en']}: {told['reason_en']}); write active: false",
        )


def check_window_relief(policy: Row, rows: Sequence[Row], counting: MafCounting) -> None:
    """Nothing when window relief is counted once and before any other money for care."""
    counters = [row for row in rows if row["counts_window_relief"]]
    if counters and counting is MafCounting.EARLIER_PAYER:
        counters[0].at("counts_window_relief").refuse(
            "maf_counts_as 为 earlier_payer 时不得再计窗口救助", "window relief is already an earlier payer"
        )
    if counting is MafCounting.SAME_BENEFIT and len(counters) != 1:
        policy.at("maf_counts_as").refuse(
            "same_benefit 须有且只有一项待遇 counts_window_relief", "exactly one benefit must count window relief"
        )
    care = [row for row in rows if row["event"] == EventKind.CARE.value]
    if counters and care and counters[0] is not care[0]:
        counters[0].at("counts_window_relief").refuse(
            "计窗口救助的待遇须排在所有就医待遇之前", "the benefit that counts window relief must be the first that pays for care"
        )


def check_buckets(rows: Sequence[Row], benefits: Sequence[Benefit], buckets: Sequence[Bucket]) -> None:
    """Nothing when every purse exists and bounds every category of its benefits."""
    bounds = {one.code: {code for code, _ in one.amounts_fen} for one in buckets}
    for row, benefit in zip(rows, benefits, strict=True):
        if benefit.bucket_code is None:
            continue
        if benefit.bucket_code not in bounds:
            row.at("bucket").refuse(f"buckets 中没有 {benefit.bucket_code}", f"buckets has no {benefit.bucket_code}")
        missing = sorted({one.category_code for one in benefit.rates} - bounds[benefit.bucket_code])
        if missing:
            row.at("bucket").refuse(f"共用额度没有写类别 {missing[0]}", f"the purse has no bound for {missing[0]}")
        if benefit.counts_window_relief:
            row.at("bucket").refuse("计窗口救助的待遇不得共用额度", "the benefit that counts window relief shares no purse")


def check_between(rows: Sequence[Row], benefits: Sequence[Benefit], orders: Sequence[Sequence[str]]) -> None:
    """Nothing when in every permitted order, the printed one where there are none, each purse is used claim by claim."""
    row_of = {one.code: row for row, one in zip(rows, benefits, strict=True)}
    known = {one.code: one for one in benefits}
    for order in orders or [tuple(known)]:
        for bucket in {known[code].bucket_code for code in order} - {None}:
            places = [place for place, code in enumerate(order) if known[code].bucket_code == bucket]
            between = order[places[0] : places[-1]]
            if any(known[code].needs_the_year for code in between):
                found = " > ".join(order)
                row_of[order[places[0]]].at("bucket").refuse(
                    f"共用额度的待遇之间不得有按年度核定的待遇(次序 {found})",
                    f"a benefit that needs the whole year stands between those that share, in the order {found}",
                )


def check_admissions(rows: Sequence[Row], benefits: Sequence[Benefit], admission_med_types: Sequence[str]) -> None:
    """Nothing when the policy says what an admission is wherever a deductible counts admissions."""
    for row, benefit in zip(rows, benefits, strict=True):
        if not admission_med_types and any(len(one.deductible.amounts_fen) > 1 for one in benefit.rates):
            row.at("table").refuse("分次起付线须在 policy.yaml 写明 admissions", "policy.yaml must say what an admission is")


def check_once(rows: Sequence[Row], benefits: Sequence[Benefit], starts: Sequence[tuple[date, Row]]) -> None:
    """Nothing when no value of the pack changes while a deductible that is met once may still be running."""
    for row, benefit in zip(rows, benefits, strict=True):
        if not any(_lasts(one) for one in benefit.rates):
            continue
        for since, entry in starts:
            if benefit.valid_since < since and (benefit.valid_until is None or since < benefit.valid_until):
                entry.at("since").refuse(
                    f"待遇 {row['code']} 的起付线跨年只用一次,期间任何数值不得变更",
                    f"a deductible of {row['code']} is met once for all years: no value may change meanwhile",
                )


def _lasts(rate: Rate) -> bool:
    periods = {rate.deductible.period, rate.bracket_period, *(one.period for one in rate.caps)}
    return Period.ONCE in periods
