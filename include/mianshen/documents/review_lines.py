"""What runs, summaries and the terminal say of claims that a person looks at: one block a reason, counts and fen only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mianshen.core.codes import reason
from mianshen.core.money import show_yuan

Row = Mapping[str, Any]
Said = tuple[str, str]
"""Chinese, English."""


def review_lines(rows: Iterable[Row]) -> list[Said]:
    """The lines of out.review_summary: what waits, what was decided, what of before the go-live day nobody looks at."""
    return [line for row in rows for line in (*_waiting(row), *_decided(row), *_openings(row))]


def _waiting(row: Row) -> Sequence[Said]:
    if not row["waiting"]:
        return ()
    about, fen = reason(row["review_code"]), show_yuan(row["waiting_fen"])
    counted = (row["waiting"], row["waiting_people"], row["deliveries"])
    return (
        (
            f"待核查 {about.code} {about.zh}:{counted[0]} 笔 {counted[1]} 人(来自 {counted[2]} 个批次),"
            f"合规自付 {fen} 元,核查前不付。{about.remedy_zh}",
            f"{about.en}: {counted[0]} claims of {counted[1]} people wait (from {counted[2]} deliveries), "
            f"{fen} yuan of burden, nothing is paid before: {about.remedy_en}",
        ),
    )


def _decided(row: Row) -> Sequence[Said]:
    if not row["released"] + row["refused"]:
        return ()
    about = reason(row["review_code"])
    return (
        (
            f"已核查 {about.code} {about.zh}:放行 {row['released']} 笔,不予救助 {row['refused']} 笔",
            f"{about.en}: {row['released']} released, {row['refused']} refused",
        ),
    )


def _openings(row: Row) -> Sequence[Said]:
    if not row["opening_counted"] + row["opening_left_out"]:
        return ()
    about, fen = reason(row["review_code"]), show_yuan(row["opening_fen"])
    return (
        (
            f"上线前、不核查 {about.code} {about.zh}:计入期初 {row['opening_counted']} 笔 {fen} 元,"
            f"不计入 {row['opening_left_out']} 笔",
            f"{about.en}, before go-live, not looked at: {row['opening_counted']} counted in openings with {fen} yuan, "
            f"{row['opening_left_out']} left out",
        ),
    )
