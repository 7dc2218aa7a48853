"""Calculation records (核算依据单): the Plan's rates as rows, and the tables that put each claim's arithmetic into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from mianshen.core.codes import REASONS
from mianshen.core.plan import Benefit, Clause, EventKind, Plan, Status
from mianshen.core.plan_digest import plan_digest
from mianshen.core.rate_words import percent
from mianshen.core.rates import Rate
from mianshen.warehouse.build import Maker, make_table
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.record_inverse import MACROS, PURSE, TURN, inverse_words
from mianshen.warehouse.record_words import STEPS, is_plain, step_words

RECORD = "out.calculation_record"
"""What is kept."""
_CHANGES = ("out.record_asked", "out.record_stood", "out.record_turned", "out.record_change")
MADE = ("out.record_step", *_CHANGES, "out.record_saying", RECORD)
"""In the order in which they read each other."""
STATUS_ZH: Mapping[Status, str] = {
    Status.OFFICIAL: "文件原文",
    Status.QUOTED: "报道所载",
    Status.INFERRED: "推断",
    Status.ILLUSTRATIVE: "示例标准",
}
"""What a clerk reads behind a clause."""
_YUAN = """
    create or replace macro yuan_text(fen) as case
        when fen between 0 and 99999 then plain_yuan_text(fen)
        when fen between 100000 and 99999999
            then cast(fen // 100000 as varchar) || ',' || substr(plain_yuan_text(100000 + fen % 100000), 2)
        else if(fen < 0, '-', '') || format('{:,}', cast(abs(fen) // 100 as bigint))
            || '.' || lpad(cast(abs(fen) % 100 as varchar), 2, '0')
    end
"""
_PLAIN_YUAN = """
    create or replace macro plain_yuan_text(fen) as
        cast(cast(fen as decimal(16, 0)) * cast('0.01' as decimal(2, 2)) as varchar)
"""
_EXACT = """
    create or replace macro exact_yuan_text(weight) as
        format('{:,}', weight // 100000000) || '.' || lpad(cast(weight // 1000000 % 100 as varchar), 2, '0')
        || rtrim(lpad(cast(weight % 1000000 as varchar), 6, '0'), '0')
"""
_PERCENT = """
    create or replace macro percent_text(ratio_ppm) as
        cast(ratio_ppm // 10000 as varchar)
        || rtrim(rtrim('.' || lpad(cast(ratio_ppm * 100 % 1000000 as varchar), 6, '0'), '0'), '.') || '%'
"""
_BRACKET = pa.struct(
    [
        ("low_fen", pa.int64()),
        ("high_fen", pa.int64()),
        ("ratio_ppm", pa.int64()),
        ("weight", pa.int64()),
        ("ratio_zh", pa.string()),
    ]
)
_PAIR = pa.schema(
    [
        ("pair_no", pa.int64()),
        ("benefit_place", pa.int32()),
        ("benefit_code", pa.string()),
        ("benefit_name_zh", pa.string()),
        ("event_kind", pa.string()),
        ("printed_turn", pa.int32()),
        ("is_permitted", pa.bool_()),
        ("counts_window", pa.bool_()),
        ("takes_after_window", pa.bool_()),
        ("is_plain", pa.bool_()),
        ("is_inverted", pa.bool_()),
        ("turn", TURN),
        ("purse", PURSE),
        ("category_code", pa.string()),
        ("category_name_zh", pa.string()),
        ("category_bit", pa.int64()),
        ("quoted_zh", pa.string()),
        ("deductible_fen", pa.int64()),
        ("cap_fen", pa.int64()),
        ("brackets", pa.list_(_BRACKET)),
        ("med_types", pa.list_(pa.string())),
        ("dise_codes", pa.list_(pa.string())),
        ("valid_since", pa.date32()),
        ("valid_until", pa.date32()),
        ("steps", STEPS),
    ]
)


def make_records(
    connection: duckdb.DuckDBPyConnection, plan: Plan, make: Maker = make_table, *, this_year: int
) -> Mapping[str, Any]:
    """Make out.calculation_record from out.assessment, out.award_line and out.claim of the same Plan; returns what was bound.

    `this_year` is the first benefit year that is not over.
    """
    show_arrow(connection, "staging.plan_pair", pa.Table.from_pylist(_pairs(plan), schema=_PAIR))
    show_sayings(connection)
    base = next((one for one in plan.clauses if one.clause_id == "base"), None)
    parameters = {
        "policy_hash": plan_digest(plan),
        "base_quoted_zh": quoted(base) if base else None,
        "has_orders": len(plan.arrangements) > 1,
        "has_scales": bool(plan.base_scales),
        "admission_med_types": list(plan.admission_med_types),
        "this_year": this_year,
    }
    for table in MADE:
        make(connection, table, parameters, text=None)
    return parameters


def show_sayings(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what sentences are put together from readable: amounts as text, and every reason in words."""
    for macro in (_PLAIN_YUAN, _YUAN, _EXACT, _PERCENT, *MACROS):
        connection.execute(macro)
    show_reasons(connection)


def show_reasons(connection: duckdb.DuckDBPyConnection) -> None:
    """Make staging.reason_word readable: every reason code in words."""
    known = list(REASONS.values())
    columns = {
        "reason_code": [one.code for one in known],
        "reason_zh": [one.zh for one in known],
        "remedy_zh": [one.remedy_zh for one in known],
    }
    show_arrow(connection, "staging.reason_word", pa.table(columns))


def quoted(clause: Clause) -> str:
    """The clause as a sentence quotes it: document, article, text and how sure the product is."""
    return f"《{clause.document}》{clause.article}:{clause.text_zh.rstrip('。')}({STATUS_ZH[clause.status]})"


def _pairs(plan: Plan) -> list[dict[str, Any]]:
    """One row a benefit and category that it rates, in Plan order."""
    rated = [(place, benefit, rate) for place, benefit in enumerate(plan.benefits, 1) for rate in benefit.rates]
    return [_pair(plan, number, place, benefit, rate) for number, (place, benefit, rate) in enumerate(rated, 1)]


def _pair(plan: Plan, number: int, place: int, benefit: Benefit, rate: Rate) -> dict[str, Any]:
    codes = [one.code for one in plan.categories]
    counting = any(one.counts_window_relief and one.event_kind is EventKind.CARE for one in plan.benefits)
    return {
        "pair_no": number,
        "benefit_place": place,
        "benefit_code": benefit.code,
        "benefit_name_zh": benefit.name_zh,
        "event_kind": benefit.event_kind.value,
        "printed_turn": _printed_turn(plan, place, benefit),
        "is_permitted": _is_permitted(plan, benefit),
        "counts_window": benefit.counts_window_relief,
        "takes_after_window": counting and benefit.event_kind is EventKind.CARE and not benefit.counts_window_relief,
        "is_plain": is_plain(benefit),
        **inverse_words(plan, benefit, rate),
        "category_code": rate.category_code,
        "category_name_zh": next(one.name_zh for one in plan.categories if one.code == rate.category_code),
        "category_bit": 1 << codes.index(rate.category_code),
        "quoted_zh": quoted(plan.clause(rate.clause_id)),
        "deductible_fen": rate.deductible.amounts_fen[0],
        "cap_fen": rate.caps[0].amount_fen if rate.caps else None,
        "brackets": _brackets(rate),
        "med_types": list(benefit.med_types),
        "dise_codes": list(benefit.dise_codes),
        "valid_since": benefit.valid_since,
        "valid_until": benefit.valid_until,
        "steps": step_words(plan, benefit, rate),
    }


def _printed_turn(plan: Plan, place: int, benefit: Benefit) -> int | None:
    """Where the benefit stands for who has no choice of orders; None where it is left out."""
    if benefit.event_kind is not EventKind.CARE or not plan.arrangements:
        return place
    order = plan.arrangements[0]
    return order.index(benefit.code) + 1 if benefit.code in order else None


def _is_permitted(plan: Plan, benefit: Benefit) -> bool:
    """Whether an order has the benefit."""
    is_fee = benefit.event_kind is not EventKind.CARE
    return is_fee or not plan.arrangements or any(benefit.code in order for order in plan.arrangements)


def _brackets(rate: Rate) -> list[dict[str, Any]]:
    """The brackets with their weight, what all parts below them bring in fen times parts per million."""
    found, weight = [], 0
    for one in rate.brackets:
        found.append(
            {
                "low_fen": one.low_fen,
                "high_fen": one.high_fen,
                "ratio_ppm": one.ratio_ppm,
                "weight": weight,
                "ratio_zh": percent(one.ratio_ppm),
            }
        )
        weight += ((one.high_fen or one.low_fen) - one.low_fen) * one.ratio_ppm
    return found
