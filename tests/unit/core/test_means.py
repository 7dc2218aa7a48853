"""A family's income against three times the living standard: exact at the line, by the standard of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mianshen.core.means import MeansRules, Standard, judge_means
from mianshen.policy.packs import load_pack

RULES = load_pack("510118_xinjin", on=date(2026, 11, 3)).means
LINE = 3 * 110_000 * 12
"""Three times 1,100 yuan for twelve months, a head."""


@pytest.fixture
def rules() -> MeansRules:
    assert RULES is not None
    return RULES


@pytest.mark.parametrize(("over", "within"), [(-1, True), (0, True), (1, False)])
def test_a_fen_above_the_line_of_three_people_is_above_it_and_exactly_the_line_is_within(
    rules: MeansRules, over: int, within: bool
) -> None:
    made = judge_means(rules, [2 * LINE, LINE + over, 0], borne_fen=2_000_000, applied_on=date(2026, 11, 3))
    assert (made.is_within_line, made.is_passed) == (within, within)
    assert made.per_head_fen == 330_000, "what is shown is rounded, what decides is not"


@pytest.mark.parametrize(("borne", "poor"), [(999_999, False), (1_000_000, True)])
def test_poor_is_only_who_bore_the_costs_of_an_illness(rules: MeansRules, borne: int, poor: bool) -> None:
    made = judge_means(rules, [0], borne_fen=borne, applied_on=date(2026, 11, 3))
    assert made.is_within_line and made.is_passed is poor


def test_the_standard_is_that_of_the_day_of_the_application(rules: MeansRules) -> None:
    published = (Standard(date(2024, 1, 1), 105_000, "一", "quoted"), Standard(date(2026, 7, 1), 110_000, "二", "quoted"))
    dated = replace(rules, standards=published)
    lines = {day: judge_means(dated, [0], borne_fen=0, applied_on=date.fromisoformat(day)).line_fen for day in DAYS}
    assert lines == {"2023-12-31": 315_000, "2026-06-30": 315_000, "2026-07-01": 330_000}


DAYS = ("2023-12-31", "2026-06-30", "2026-07-01")


def test_every_number_of_the_test_is_dated_and_has_its_source(rules: MeansRules) -> None:
    assert (rules.times, rules.months) == (3, 12)
    assert "低保标准3倍以内因病致困的家庭" in rules.article and rules.status == "quoted"
    assert [(one.since.isoformat(), one.fen, one.status) for one in rules.standards] == [
        ("2023-01-01", 105_000, "illustrative"),
        ("2024-01-01", 110_000, "illustrative"),
    ]
