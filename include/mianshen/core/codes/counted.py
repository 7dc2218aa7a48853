"""Reasons about sheets of counts that offices send once a year."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "COUNTS_INVALID",
        Level.FILE,
        "计数表的表头、行或数字不合规",
        "the sheet of counts has a heading, line or number that cannot be",
        "按说明的表头填写整数,改正所列的行后重新导入",
        "write whole numbers under the headings that the guide lists, mend the line and give it again",
    ),
)
