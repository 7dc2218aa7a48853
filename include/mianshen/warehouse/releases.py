"""A month's release: the people of the lists, generalised by the recoding that keeps most, suppressed, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

import duckdb

from mianshen.core.days import Month
from mianshen.core.portrait import DiseaseGroup
from mianshen.core.release import QUASI_IDENTIFIERS, Recoding, ReleaseRules
from mianshen.warehouse.build import make_table, require_checks
from mianshen.warehouse.lake import Lake, show

READ = ("facts.person_month", "facts.care_event", "out.award_line")
"""Tables that a release is made from."""
TRIED = ("release.people_candidate", "release.people_recoded", "release.people_class", "checks.release_recoding")
"""Made first, in this order: every recoding, and which one is chosen."""
CHOSEN = ("release.people_fate", "release.people", "release.people_group", "release.people_total", "checks.release")
"""Made with the recoding that was chosen."""
PUBLISHED = ("release.people", "release.people_group", "release.people_total", "checks.release_recoding", "checks.release")
"""What the stage publishes; the rest knows people one by one and stays in the task."""
NO_RELIEF = "0"
"""The band of who was given nothing."""


def show_sources(con: duckdb.DuckDBPyConnection, lake: Lake, *, county_code: str, month: Month) -> None:
    """Make the month's tables of READ readable; a table that no run wrote is empty."""
    for table in READ:
        show(con, table, lake.current(table, county_code=county_code, month=str(month)))


def make_release(
    con: duckdb.DuckDBPyConnection, rules: ReleaseRules, groups: Sequence[DiseaseGroup], *, month: Month, made_at: str
) -> Recoding | None:
    """Make every table of a release from the tables of READ; the recoding chosen, None when nobody is listed.

    MianshenError CONSERVATION_BROKEN when a group came out too small or too uniform, or somebody was lost.
    """
    tried = recodings(rules)
    bound = parameters(rules, tried, groups, month=month, made_at=made_at)
    for table in TRIED:
        make_table(con, table, bound)
    found = con.execute("select recoding_no from checks.release_recoding where is_chosen").fetchone()
    bound["recoding_no"] = int(found[0]) if found else 0
    for table in CHOSEN:
        make_table(con, table, bound)
    require_checks(con, "checks.release")
    return tried[int(found[0]) - 1] if found else None


def recodings(rules: ReleaseRules) -> tuple[Recoding, ...]:
    """Every combination of levels, the finest first; the place counts from 1 and decides between equals."""
    return tuple(Recoding(*levels) for levels in product(*(rules.levels[column] for column in QUASI_IDENTIFIERS)))


def parameters(
    rules: ReleaseRules, tried: Sequence[Recoding], groups: Sequence[DiseaseGroup], *, month: Month, made_at: str
) -> dict[str, Any]:
    """What the SQL of release.* binds."""
    edges = rules.band_edges_fen
    names = [NO_RELIEF, *(f"{low // 100}-{high // 100 - 1}" for low, high in pairwise(edges)), f"{edges[-1] // 100}+"]
    following = month.shift(1)
    prefixes = [(one.code, prefix) for one in groups for prefix in one.prefixes]
    return {
        "run_month": str(month),
        "run_year": month.year,
        "next_on": f"{following}-01",
        "made_at": made_at,
        "group_codes": [code for code, _ in prefixes],
        "group_prefixes": [prefix for _, prefix in prefixes],
        "k": rules.k,
        "l_disease_group": rules.diversity["disease_group"],
        "l_relief_band": rules.diversity["relief_band"],
        "suppressed_ppm": rules.suppressed_ppm,
        "band_names": names,
        "band_since_fen": [-(2**62), *edges],
        "band_until_fen": [*edges, None],
        "grouped_towns": list(rules.town_groups),
        "town_groups": list(rules.town_groups.values()),
        "recoding_nos": list(range(1, len(tried) + 1)),
        "age_levels": [one.age for one in tried],
        "gend_levels": [one.gend for one in tried],
        "town_levels": [one.town for one in tried],
        "category_levels": [one.category for one in tried],
    }
