"""Every order of benefits that a policy permits: permutations, one of each exclusive group, with and without leaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, permutations, product

from mianshen.core.plan import Benefit, EventKind, OrderChoice
from mianshen.core.rates import CapKind, DeductibleKind, Form, Period, Rate
from mianshen.policy.benefits import Known
from mianshen.policy.dated import check_year_starts, in_force
from mianshen.policy.shapes import Row

MOST = 24
"""Most orders that are tried for one person and year."""


def arrangements_of(
    entries: Sequence[Row], benefits: Sequence[Benefit], known: Known
) -> tuple[tuple[tuple[str, ...], ...], OrderChoice]:
    """Every permitted order of the care benefits' codes, the printed one first, and when the order is settled.

    POLICY_DAMAGED for codes that are no care benefits, orders that nothing permits, and more than 24 of them.
    """
    check_year_starts(entries)
    value = in_force(entries, on=known.on)
    row = value.row
    known.clause(f"orders.{value.since}", row, text_zh=row["text_zh"])
    care = {one.code: one for one in benefits if one.event_kind is EventKind.CARE}
    _check_names(row, care)
    found = list(dict.fromkeys(_sequences(row, care)))
    if not found:
        row.at("before").refuse("先后要求互相矛盾,没有一种次序可行", "no order satisfies what must stand before what")
    if len(found) > MOST:
        row.at("free").refuse(
            f"{len(row['free'])} 项待遇有 {len(found)} 种次序,超过 {MOST} 种;请写明先后(before)或减少可换序的待遇",
            f"{len(found)} orders for a person covered by {', '.join(row['free'])}: more than {MOST}; say more under before",
        )
    return tuple(found), OrderChoice(row["choice"])


def _check_names(row: Row, care: dict[str, Benefit]) -> None:
    for key, groups in (("free", [row["free"]]), ("before", row["before"]), ("exclusive", row["exclusive"])):
        for code in chain.from_iterable(groups):
            if code not in care:
                row.at(key).refuse(f"没有就医待遇 {code}", f"there is no care benefit {code}")
        if any(len(set(group)) != len(group) for group in groups):
            row.at(key).refuse("同一项待遇写了两次", "a benefit stands twice in one group")
    _check_groups(row)
    _check_fixed(row, care)


def _check_fixed(row: Row, care: dict[str, Benefit]) -> None:
    for code in (*row["free"], *chain.from_iterable(row["exclusive"])):
        if care[code].counts_window_relief:
            row.spot.refuse(f"{code} 计窗口救助,不得换序或互斥", f"{code} counts window relief: its place is fixed")
    for one in care.values():
        if any(_lasts(rate) for rate in one.rates):
            row.spot.refuse(
                f"{one.code} 的起付线或封顶跨年只用一次(once):一年怎样排序会改变以后各年,按年试算的次序择优无法比较;"
                "请改按年度计(year),或不写 orders",
                f"what {one.code} asks once for all years depends on the order of earlier years, and orders are compared by the"
                " year: write the period year, or no orders",
            )


def _check_groups(row: Row) -> None:
    if any(len(pair) != 2 or not set(pair) <= set(row["free"]) for pair in row["before"]):
        row.at("before").refuse("before 每组是 free 中的两项", "each entry of before is a pair of benefits of free")
    grouped = list(chain.from_iterable(row["exclusive"]))
    if len(set(grouped)) != len(grouped):
        row.at("exclusive").refuse("一项待遇只能属于一个互斥组", "a benefit belongs to one exclusive group only")


def _lasts(rate: Rate) -> bool:
    return Period.ONCE in {rate.deductible.period, rate.bracket_period, *(one.period for one in rate.caps)}


def _sequences(row: Row, care: dict[str, Benefit]) -> Iterator[tuple[str, ...]]:
    """Fewest changes of the printed order first: all benefits before some left out, the printed order before the others."""
    printed = list(care)
    searched = {*row["free"], *chain.from_iterable(row["exclusive"])}
    leaping = [code for code in printed if code in searched and any(_leaps(one) for one in care[code].rates)]
    for left_out in chain.from_iterable(combinations(leaping, count) for count in range(len(leaping) + 1)):
        for kept in product(*row["exclusive"]):
            dropped = {*left_out, *(set(chain.from_iterable(row["exclusive"])) - set(kept))}
            for order in _permuted(printed, row):
                yield tuple(code for code in order if code not in dropped)


def _permuted(printed: Sequence[str], row: Row) -> Iterator[list[str]]:
    places = [place for place, code in enumerate(printed) if code in row["free"]]
    for order in permutations([printed[place] for place in places]):
        if all(order.index(first) < order.index(second) for first, second in row["before"]):
            taken = dict(zip(places, order, strict=True))
            yield [taken.get(place, code) for place, code in enumerate(printed)]


def _leaps(rate: Rate) -> bool:
    """Whether more cost may bring less or a leap, so that a person may be better off without it."""
    return (
        rate.deductible.kind is DeductibleKind.GATE
        or rate.form is Form.BANDS
        or any(one.kind is CapKind.ALL_OR_NOTHING for one in rate.caps)
    )
