"""What runs, summaries and the terminal say of claims that a person looks at: one block a reason, counts and fen only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mianshen.core.codes import reason
from mianshen.core.money import show_yuan
from mianshen.core.reviews import PAYER_NAMES

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


def payer_lines(rows: Iterable[Row]) -> list[Said]:
    """The lines of out.payer_summary: every payer that the county takes off the base, and others that gave or were told of."""
    return [_payer(row) for row in rows if row["is_counted"] or row["paid"]]


def _payer(row: Row) -> Said:
    name, fen = PAYER_NAMES[row["payer_code"]], show_yuan(row["fen"])
    counted = ("计入基数", "counted") if row["is_counted"] else ("不计入基数", "not counted")
    return (
        f"其他支付方 {name}({counted[0]}):支付 {row['paid']} 笔 {fen} 元,"
        f"未交付(未知) {row['unknown']} 笔,其中因此暂缓 {row['held']} 笔",
        f"{row['payer_code']} ({counted[1]}): {row['paid']} claims, {fen} yuan; "
        f"unknown for {row['unknown']}, {row['held']} of them held",
    )
