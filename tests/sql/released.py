"""A county's people for a release, and what an outsider could do with the tables: brute force, in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb
from tests.sql.given import fetched, given

from mianshen.core.days import parse_month
from mianshen.core.portrait import DiseaseGroup
from mianshen.core.release import QUASI_IDENTIFIERS, Recoding, ReleaseRules
from mianshen.warehouse.connect import compute
from mianshen.warehouse.releases import make_release, recodings

MONTH, MADE_AT = parse_month("2026-10"), "2026-11-06T09:00:00+08:00"
Group = tuple[str, str, str, str]
GROUPS = tuple(
    DiseaseGroup(code, code, code, prefixes, "illustrative")
    for code, prefixes in (("KIDNEY", ("N1",)), ("TUMOUR", ("C", "D0")), ("CHRONIC", ("M",)), ("TUMOUR_CHRONIC", ("M005",)))
)
"""Of two beginnings that fit M00500 the longer one counts."""


@dataclass(frozen=True)
class Somebody:
    """A listed person."""

    age: int | None
    gend: str | None
    town: str | None
    categories: tuple[str, ...]
    disease: str | None
    relief_yuan: int


def rules(k: int = 10, values: int = 3, *, suppressed_ppm: int = 50_000, **changes: Any) -> ReleaseRules:
    """Rules that try every level."""
    given_rules = {
        "k": k,
        "suppressed_ppm": suppressed_ppm,
        "levels": dict(QUASI_IDENTIFIERS),
        "diversity": {"disease_group": values, "relief_band": values},
        "band_edges_fen": (100, 100_000, 300_000),
        "town_groups": {"甲镇": "北片", "乙镇": "北片"},
        "statuses": ("illustrative",),
    }
    return ReleaseRules(**{**given_rules, **changes})


def county(people: Iterable[Somebody], *, unlisted: int = 0) -> duckdb.DuckDBPyConnection:
    """The tables that a release reads, in a DuckDB of their own; with so many people who are in no list."""
    con = compute()
    people = list(people)
    months = [
        {
            "person_key": f"P{place:03d}",
            "calendar_month": str(MONTH),
            "categories": list(one.categories),
            "town": one.town,
            "gend": one.gend,
            "birth_year": None if one.age is None else MONTH.year - one.age,
        }
        for place, one in enumerate(people)
    ]
    months += [{"person_key": f"U{place:03d}", "calendar_month": str(MONTH), "categories": []} for place in range(unlisted)]
    given(con, "facts.person_month", *months)
    care = [
        {
            "event_id": f"E{place:03d}",
            "person_key": f"P{place:03d}",
            "benefit_year": MONTH.year,
            "settled_on": date(2026, 10, 9),
            "dise_code": one.disease,
            "medfee_sumamt": 100_000,
            "state": "LIVE",
        }
        for place, one in enumerate(people)
        if one.disease is not None
    ]
    given(con, "facts.care_event", *care)
    lines = [
        {
            "event_id": f"E{place:03d}",
            "person_key": f"P{place:03d}",
            "benefit_year": MONTH.year,
            "event_on": date(2026, 10, 9),
            "entitled_fen": one.relief_yuan * 100,
            "is_held": False,
        }
        for place, one in enumerate(people)
        if one.relief_yuan
    ]
    given(con, "out.award_line", *lines)
    return con


def released(con: duckdb.DuckDBPyConnection, wanted: ReleaseRules) -> Recoding | None:
    """Make the release in the county's DuckDB."""
    return make_release(con, wanted, GROUPS, month=MONTH, made_at=MADE_AT)


def told(one: Somebody, how: Recoding, wanted: ReleaseRules) -> Group:
    """The person in the recoding's words, by hand."""
    categories = sorted(one.categories)
    category = {"set": "+".join(categories), "single": categories[0] if len(categories) == 1 else "several", "all": "all"}
    town = one.town or "unknown"
    place = {"town": town, "group": wanted.town_groups.get(town, town), "all": "all"}
    gend = {"said": one.gend or "9", "all": "all"}
    return age_band(one.age, how.age), gend[how.gend], place[how.town], category[how.category]


def age_band(age: int | None, level: str) -> str:
    if level == "all":
        return "all"
    if age is None:
        return "unknown"
    low = age - age % int(level)
    last = 90 - 90 % int(level)
    return f"{last}+" if low + int(level) > 90 else f"{low:02d}-{low + int(level) - 1:02d}"


def band(relief_yuan: int, wanted: ReleaseRules) -> int:
    """How many edges the relief has reached."""
    return sum(relief_yuan * 100 >= edge for edge in wanted.band_edges_fen)


def groups_of(people: Iterable[Somebody], how: Recoding, wanted: ReleaseRules) -> dict[Group, list[Somebody]]:
    found: dict[Group, list[Somebody]] = defaultdict(list)
    for one in people:
        found[told(one, how, wanted)].append(one)
    return dict(found)


def disease_group(code: str | None) -> str:
    """The group of a diagnosis by hand."""
    if code is None:
        return "NONE"
    fitting = [(len(prefix), one.code) for one in GROUPS for prefix in one.prefixes if code.startswith(prefix)]
    return max(fitting)[1] if fitting else "OTHER"


def is_safe(group: Sequence[Somebody], wanted: ReleaseRules) -> bool:
    diseases = {disease_group(one.disease) for one in group}
    bands = {band(one.relief_yuan, wanted) for one in group}
    enough = (len(diseases), "disease_group"), (len(bands), "relief_band")
    return len(group) >= wanted.k and all(values >= wanted.diversity[column] for values, column in enough)


def best(people: Sequence[Somebody], wanted: ReleaseRules) -> Recoding:
    """The recoding that the rule of docs/reference/release.md chooses, tried one by one."""

    def rank(how: Recoding) -> tuple[bool, int, int, int]:
        groups = groups_of(people, how, wanted).values()
        gone = sum(len(one) for one in groups if not is_safe(one, wanted))
        kept = sum(is_safe(one, wanted) for one in groups)
        is_within = gone * 1_000_000 <= wanted.suppressed_ppm * len(people)
        return (not is_within, -kept if is_within else 0, gone, -kept)

    return min(recodings(wanted), key=rank)


def breaches(con: duckdb.DuckDBPyConnection, people: Sequence[Somebody], wanted: ReleaseRules, how: Recoding) -> list[str]:
    """Everything that an outsider, or a supervisor, could hold against the release."""
    truth = groups_of(people, how, wanted)
    rows = fetched(con, "select * from release.people")
    seen = Counter((one["age_band"], one["gend"], one["town"], one["category"]) for one in rows)
    found = [f"{group}: {count} of {len(truth.get(group, ()))}" for group, count in seen.items() if count != len(truth[group])]
    found += [f"{group}: not safe" for group in seen if not is_safe(truth[group], wanted)]
    groups = {
        (one["age_band"], one["gend"], one["town"], one["category"]): one["people"]
        for one in fetched(con, "select * from release.people_group")
    }
    found += ["release.people_group is not release.people"] if groups != dict(seen) else []
    totals = {one["town"]: one["people"] for one in fetched(con, "select * from release.people_total")}
    for town, people_told in totals.items():
        inside = [one for group, one in truth.items() if town in (group[2], "COUNTY")]
        if people_told is not None and people_told != sum(map(len, inside)):
            found.append(f"{town}: {people_told} people")
    return found + [f"{group}: {count} people follow from the totals" for group, count in recomputed(truth, seen, totals).items()]


def recomputed(
    truth: Mapping[Group, Sequence[Somebody]], seen: Mapping[Group, int], totals: Mapping[str, int | None]
) -> dict[Group, int]:
    """Suppressed groups whose size follows from what is published, for somebody who knows which groups there are."""
    hidden = [group for group in sorted(truth) if group not in seen]
    equations = []
    for town, people in totals.items():
        if people is not None:
            inside = [group for group in truth if town in (group[2], "COUNTY")]
            left = people - sum(seen.get(group, 0) for group in inside)
            equations.append([Fraction(group in inside) for group in hidden] + [Fraction(left)])
    solved = eliminated(equations)
    found = {}
    for row in solved:
        cells = [place for place, factor in enumerate(row[:-1]) if factor]
        is_minimum = all(factor > 0 for factor in row[:-1] if factor) and row[-1] == sum(row[:-1])
        if len(cells) == 1 or (cells and is_minimum):  # every group holds at least one person
            found |= {hidden[place]: len(truth[hidden[place]]) for place in cells}
    return found


def eliminated(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The equations in reduced row echelon form; an unknown is determined when a row holds it alone."""
    rows = [list(row) for row in rows]
    width = len(rows[0]) - 1 if rows else 0
    top = 0
    for column in range(width):
        pivot = next((place for place in range(top, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[top], rows[pivot] = rows[pivot], rows[top]
        rows[top] = [value / rows[top][column] for value in rows[top]]
        for place, row in enumerate(rows):
            if place != top and row[column]:
                rows[place] = [value - row[column] * own for value, own in zip(row, rows[top], strict=True)]
        top += 1
    return rows[:top]
