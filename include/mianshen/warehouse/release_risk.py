"""How well a release hides people: what could be told of them before and after, and against the release of the month before."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

import duckdb

from mianshen.core.release import SENSITIVE, Difference, ReleaseRules, Risk

_MILLION = 1_000_000
_GROUP = "age_band, gend, town, category"


def risk_of(con: duckdb.DuckDBPyConnection, rules: ReleaseRules) -> Risk:
    """The figures of the release that stands in this DuckDB, working tables included."""
    people_in, unique, small = _before(con, rules.k)
    counted = con.execute(
        "select count(*), coalesce(sum(people), 0), coalesce(min(people), 0) from release.people_group"
    ).fetchall()
    groups, released, smallest = (int(one) for one in counted[0])
    alone = con.execute("select count(*) from release.people_group where people = 1").fetchall()[0][0]
    others = con.execute("select coalesce(sum(people), 0) from release.people_fate where fate = 'FOR_ANOTHER'").fetchall()[0][0]
    mixed = {column: _mixture(con, column) for column in SENSITIVE}
    return Risk(
        people_in=people_in,
        people_released=released,
        suppressed_ppm=_ppm(people_in - released, people_in),
        suppressed_for_others=int(others),
        groups=groups,
        smallest_group=smallest,
        largest_risk_ppm=_ppm(1, smallest),
        mean_risk_ppm=_ppm(groups, released),
        unique_before_ppm=_ppm(unique, people_in),
        small_before_ppm=_ppm(small, people_in),
        unique_after_ppm=_ppm(int(alone), released),
        fewest_values={column: values for column, (values, _) in mixed.items()},
        least_entropy={column: entropy for column, (_, entropy) in mixed.items()},
    )


def difference_of(con: duckdb.DuckDBPyConnection, before: str, *, is_same_recoding: bool, k: int) -> Difference:
    """This release against the table `before`, which holds the groups of the month before; a missing group counts as 0."""
    if not is_same_recoding:
        return Difference(is_same_recoding=False, groups_compared=0, groups_close=0)
    query = f"""
        select count(*), count(*) filter (where abs(people - people_before) between 1 and $k - 1)
        from (
            select coalesce(n.people, 0) as people, coalesce(b.people, 0) as people_before
            from release.people_group as n
            full join {before} as b
                on n.age_band = b.age_band and n.gend = b.gend and n.town = b.town and n.category = b.category
        ) as met
    """  # noqa: S608 - the name of our own view
    compared, close = con.execute(query, {"k": k}).fetchall()[0]
    return Difference(is_same_recoding=True, groups_compared=int(compared), groups_close=int(close))


def _before(con: duckdb.DuckDBPyConnection, k: int) -> tuple[int, int, int]:
    """People, those who are alone and those in groups of fewer than k, by what identifies them in full detail."""
    query = """
        select coalesce(sum(people), 0), coalesce(sum(people) filter (where people = 1), 0),
            coalesce(sum(people) filter (where people < $k), 0)
        from (select count(*) as people from release.people_candidate group by age, gend, town, category_set) as grouped
    """
    people, unique, small = con.execute(query, {"k": k}).fetchall()[0]
    return int(people), int(unique), int(small)


def _mixture(con: duckdb.DuckDBPyConnection, column: str) -> tuple[int, str]:
    """Different values, and bits of entropy, of the most uniform group of a sensitive column."""
    query = f"select {_GROUP}, count(*) from release.people group by {_GROUP}, {column}"  # noqa: S608 - our own columns
    counts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for *group, people in con.execute(query).fetchall():
        counts[tuple(group)].append(int(people))
    if not counts:
        return 0, "0.000"
    least = min(_bits(one) for one in counts.values())
    return min(len(one) for one in counts.values()), str(least.quantize(Decimal("0.001"), rounding=ROUND_FLOOR))


def _bits(counts: list[int]) -> Decimal:
    total = Decimal(sum(counts))
    return sum((one / total * (total / one).ln() for one in map(Decimal, counts)), Decimal(0)) / Decimal(2).ln()


def _ppm(part: int, whole: int) -> int:
    """Parts per million, half up; 0 of nothing."""
    return int((Decimal(part) * _MILLION / whole).to_integral_value(ROUND_HALF_UP)) if whole else 0
