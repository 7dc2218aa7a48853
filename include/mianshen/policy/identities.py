"""Identity rules, upgrades and scales of the base from their rows."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.core.identity import IdentityRule, MonthArithmetic, Tested, Upgrade
from mianshen.core.plan import BaseScale
from mianshen.core.rates import RoundingMode
from mianshen.policy.benefits import Known
from mianshen.policy.dated import check_year_starts, in_force
from mianshen.policy.rates import condition_of
from mianshen.policy.shapes import Row


def identities_of(known: Known, rows: Sequence[Row]) -> dict[str, IdentityRule]:
    """Category code to its rule, for those that have one. POLICY_DAMAGED for an unknown category or one that stands twice."""
    found: dict[str, IdentityRule] = {}
    for place, row in enumerate(rows, 1):
        known.clause(f"identity.{place}", row, text_zh=row["text_zh"])
        for category in row["categories"]:
            if category not in known.categories or category in found:
                row.at("categories").refuse(f"类别 {category} 未登记或重复", f"{category} is unknown or stands twice")
            found[category] = _rule(row)
    return found


def _rule(row: Row) -> IdentityRule:
    if row.has("hukou_unknown") and row["hukou"] == "any":
        row.at("hukou_unknown").refuse("不要求户籍时不写 hukou_unknown", "hukou_unknown needs hukou: county")
    if row.has("month_arithmetic") and row["reaches_back_months"] is None:
        row.at("month_arithmetic").refuse("month_arithmetic 只用于 reaches_back_months", "it is for reaches_back_months only")
    return IdentityRule(
        tested_on=tuple(one for one in Tested if one.value in row["tested_on"]),
        is_by_month=row["by"] == "month",
        ends_after_months=row["ends_after_months"],
        reaches_back_months=row["reaches_back_months"],
        month_arithmetic=MonthArithmetic(row["month_arithmetic"]),
        is_yearly=row["yearly"],
        must_be_local=row["hukou"] == "county",
        unknown_is_local=row["hukou_unknown"] == "counts",
    )


def upgrades_of(known: Known, rows: Sequence[Row]) -> tuple[Upgrade, ...]:
    """The upgrades in order. POLICY_DAMAGED for an unknown category."""
    found = []
    for place, row in enumerate(rows, 1):
        for key in ("category", "mark", "also"):
            if row[key] not in known.categories:
                row.at(key).refuse(f"未登记的类别 {row[key]}", f"category {row[key]} is not registered")
        clause_id = known.clause(f"upgrade.{place}", row, text_zh=row["text_zh"])
        found.append(Upgrade(row["category"], row["mark"], row["also"], clause_id))
    return tuple(found)


def base_scales_of(known: Known, rows: Sequence[Row]) -> tuple[BaseScale, ...]:
    """The scales of the base in force on the day, in order."""
    found = []
    for place, row in enumerate(rows, 1):
        check_year_starts(row["values"])
        value = in_force(row["values"], on=known.on)
        clause_id = known.clause(f"base_scale.{place}.{value.since}", value.row, text_zh=value.row["text_zh"])
        found.append(BaseScale(condition_of(value.row["when"], known.categories), value.row["ratio"], clause_id))
    return tuple(found)


def base_rounding_of(known: Known, entries: Sequence[Row] | None) -> RoundingMode:
    """How a scaled base becomes whole; half up when nothing is written."""
    if not entries:
        return RoundingMode.HALF_UP
    check_year_starts(entries)
    return RoundingMode(in_force(entries, on=known.on).row["value"])
