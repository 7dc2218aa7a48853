"""No release gives a person away: sizes, mixture, conservation, the recoding chosen and what totals give back, by brute force."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sql.released import Somebody, best, breaches, county, released, rules

from mianshen.core.errors import MianshenError
from mianshen.core.release import ReleaseRules
from mianshen.warehouse import build
from mianshen.warehouse.sql_files import sql_text

PEOPLE = st.builds(
    Somebody,
    age=st.sampled_from([None, 0, 4, 5, 37, 41, 89, 90, 101]),
    gend=st.sampled_from(["1", "2", None]),
    town=st.sampled_from(["甲镇", "乙镇", "丙镇", None]),
    categories=st.sampled_from([("POOR",), ("ILL",), ("ILL", "POOR"), ("WORKER",)]),
    disease=st.sampled_from([None, "N18", "C34", "M00500", "M01600", "I10"]),
    relief_yuan=st.sampled_from([0, 1, 999, 1000, 5000]),
)
RULES = st.builds(
    rules,
    k=st.integers(2, 4),
    values=st.integers(1, 3),
    suppressed_ppm=st.sampled_from([0, 50_000, 300_000, 1_000_000]),
    town_groups=st.sampled_from([{}, {"甲镇": "北片", "乙镇": "北片"}]),
)


@given(people=st.lists(PEOPLE, max_size=40), wanted=RULES)
@settings(max_examples=25, deadline=None)
def test_nobody_is_told_apart(people: list[Somebody], wanted: ReleaseRules) -> None:
    con = county(people, unlisted=3)
    how = released(con, wanted)
    assert (how is None) == (not people)
    if how is not None:
        assert how == best(people, wanted)
        assert breaches(con, people, wanted, how) == []


def some(
    count: int, town: str, category: str, *, ill: Sequence[str] = ("N18", "C34"), yuan: Sequence[int] = (0, 2000)
) -> list[Somebody]:
    """So many people alike but for disease and relief, which go round."""
    return [Somebody(40, "1", town, (category,), ill[n % len(ill)], yuan[n // 2 % len(yuan)]) for n in range(count)]


PLANTED = (
    # a small group alone in its town: its size follows from the total unless another goes with it
    [*some(8, "甲镇", "POOR"), *some(7, "甲镇", "ILL"), *some(3, "甲镇", "WORKER")],
    # large enough, and everybody has the same illness; or the same relief
    [*some(8, "甲镇", "POOR"), *some(7, "甲镇", "WORKER"), *some(6, "甲镇", "ILL", ill=("I10",))],
    [*some(8, "甲镇", "POOR"), *some(7, "甲镇", "WORKER"), *some(6, "甲镇", "ILL", yuan=(5,))],
    # a town of one small group beside a town where all is well
    [*some(8, "甲镇", "POOR"), *some(7, "甲镇", "WORKER"), *some(2, "乙镇", "ILL")],
    # k people suppressed who are as many as their groups: each is alone in hers
    [*some(8, "甲镇", "POOR"), *some(7, "甲镇", "WORKER"), *(one for name in "ABCD" for one in some(1, "甲镇", name))],
    # nobody who could be released
    some(2, "乙镇", "ILL"),
)


MUTANTS = {
    "a group of k - 1 is kept": ("release.people_class", "count(*) >= $k", "count(*) >= $k - 1"),
    "diseases need not be mixed": (
        "release.people_class",
        "count(distinct disease_group) >= $l_disease_group",
        "count(distinct disease_group) >= $l_disease_group - 1",
    ),
    "relief need not be mixed": (
        "release.people_class",
        "count(distinct relief_band) >= $l_relief_band",
        "count(distinct relief_band) >= $l_relief_band - 1",
    ),
    "no group goes for another's sake": ("release.people_fate", "not is_safe or (not is_covered and place = 1)", "not is_safe"),
    "one suppressed group is thought covered": ("release.people_fate", "t.groups_unsafe >= 2", "t.groups_unsafe >= 1"),
    "so many people as groups are thought covered": (
        "release.people_fate",
        "t.people_unsafe >= $k and t.people_unsafe > t.groups_unsafe",
        "true",
    ),
    "a town without a safe group tells its total": (
        "release.people_fate",
        "not is_covered and groups_safe = 0 as is_total_kept_back",
        "false as is_total_kept_back",
    ),
    "the county's total gives back its only town": ("release.people_total", "when max(o.groups_gone) = 0 then", "when true then"),
    "somebody is lost": ("release.people", "and f.fate = 'KEPT'", "and f.fate = 'KEPT' and p.person_key <> 'P000'"),
}


COARSE = {"age": ("all",), "gend": ("all",), "town": ("town",), "category": ("set",)}


def held_against(people: Sequence[Somebody]) -> tuple[bool, bool]:
    """Whether an outsider, and whether the release's own checks, find something."""
    con, wanted = county(people), rules(k=4, values=2, levels=COARSE)
    how = released(con, wanted)
    assert how is not None
    failures = con.execute("select sum(failures) from checks.release").fetchall()[0][0]
    return bool(breaches(con, people, wanted, how)), bool(failures)


def test_what_is_planted_is_released_well() -> None:
    assert [held_against(one) for one in PLANTED] == [(False, False)] * len(PLANTED)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_seeded_bug_is_seen_by_an_outsider_and_by_the_checks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table, sound, broken = MUTANTS[name]
    text = sql_text(table)
    assert sound in text
    monkeypatch.setattr("mianshen.warehouse.releases.require_checks", lambda con, table: None)
    monkeypatch.setattr(build, "sql_text", lambda one: text.replace(sound, broken) if one == table else sql_text(one))
    seen = [held_against(one) for one in PLANTED]
    assert any(by_outsider for by_outsider, _ in seen)
    assert any(by_checks for _, by_checks in seen)


def test_a_breach_stops_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    text = sql_text("release.people_class")
    broken = text.replace("count(*) >= $k", "count(*) >= $k - 1")
    monkeypatch.setattr(build, "sql_text", lambda one: broken if one == "release.people_class" else sql_text(one))
    with pytest.raises(MianshenError, match=r"CONSERVATION_BROKEN.*groups_large"):
        released(county(PLANTED[0]), rules(k=4, values=2, levels=COARSE))
