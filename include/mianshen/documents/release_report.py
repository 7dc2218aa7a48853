"""去标识化效果评估报告: how well a release hides people, what was verified and what was not. HTML made to be printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mianshen.core.pack import Pack
from mianshen.core.release import Difference, Recoding, ReleaseRules, Risk
from mianshen.documents.batch_sheet import environment

COLUMNS_ZH = {
    "age": "年龄",
    "gend": "性别",
    "town": "镇街",
    "category": "对象类别",
    "disease_group": "病组",
    "relief_band": "救助金额档",
}
"""What columns are called on the report."""
LEVELS_ZH = {
    "5": "5 岁一档",
    "10": "10 岁一档",
    "20": "20 岁一档",
    "said": "原样",
    "group": "镇街组",
    "set": "全部类别",
    "single": "单一类别或“多类”",
    "all": "不分",
}
"""What levels of detail are called; `town` is the town itself."""


@dataclass(frozen=True, slots=True)
class Release:
    """What the report says of a release."""

    run_id: str
    """The run that holds the tables."""
    month: str
    """2026-10."""
    as_of: str
    """Moment as of which it was made."""
    rules: ReleaseRules
    """What it had to keep."""
    recoding: Recoding | None
    """What was chosen; None when nobody is listed."""
    risk: Risk
    """What could be told of people before and after."""
    difference: Difference | None
    """Beside the month before; None when that was not released."""
    is_total_told: bool
    """Whether the number of all listed people may be told: else what is suppressed follows from it."""
    again: str | None
    """Why the month is released again; None the first time."""


def release_report(release: Release, *, pack: Pack) -> str:
    """The report; equal input gives equal text."""
    return str(
        environment()
        .get_template("release_report.html")
        .render(
            one=release,
            risk=release.risk,
            rules=release.rules,
            county_zh=pack.county_name_zh,
            county_en=pack.county_name_en,
            levels=list(_levels(release)),
            sensitive=list(_sensitive(release)),
            share=share_of,
        )
    )


def share_of(ppm: int) -> str:
    """Parts per million as per cent with two places, half up: 14_250 is 1.43 %."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def _levels(release: Release) -> Iterator[tuple[str, str, str]]:
    for column, tried in release.rules.levels.items():
        chosen = "—" if release.recoding is None else _level_zh(getattr(release.recoding, column))
        yield COLUMNS_ZH[column], "、".join(_level_zh(level) for level in tried), chosen


def _level_zh(level: str) -> str:
    return LEVELS_ZH.get(level, "镇街")


def _sensitive(release: Release) -> Iterator[tuple[str, int, int, str]]:
    for column, wanted in release.rules.diversity.items():
        yield COLUMNS_ZH[column], wanted, release.risk.fewest_values[column], release.risk.least_entropy[column]
