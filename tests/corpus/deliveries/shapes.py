"""Units, captions, notes and ends of files that a second reader thought of. Read it as a list."""

from __future__ import annotations

from tests.corpus.deliveries.said import PLAIN, TWO, accept, hold, one, refuse
from tests.corpus.deliveries.written import EXPENSE_HEAD, ROSTER_HEAD, bill, expense, person, roster

UNITS = ("",) * 9
BILLS = (bill(1), bill(2))

# --- in what money is counted
one("units_below", "a row of units under the heading", expense((*UNITS, *["元"] * 6), *BILLS), PLAIN, feed="expense")
refuse("other_units_below", "the row says 万元", expense((*UNITS, *["万元"] * 6), *BILLS), "HEADER_UNIT", feed="expense")
refuse(
    "other_unit_noted",
    "a note under the rows says 万元",
    expense(*BILLS) + "注:金额单位为万元\n".encode(),
    "HEADER_UNIT",
    feed="expense",
)
one(
    "total_in_words",
    "a total said in 万元 is no unit of the rows",
    expense(*BILLS) + "合计金额:1.2万元\n".encode(),
    accept("LOAD 1", "LOAD 2", "IGNORE ROW_FOOTER -"),
    feed="expense",
)

# --- pages and parts
one(
    "second_part",
    "a caption and the heading again",
    roster(person(1), ("特困人员名单(续)",), ROSTER_HEAD, person(2)),
    accept("LOAD 1", "IGNORE ROW_HEADING -", "IGNORE ROW_HEADING -", "LOAD 2"),
)
one(
    "caption_in_cells",
    "the same with empty cells behind it",
    roster(person(1), ("特困人员名单", *[""] * 7), ROSTER_HEAD, person(2)),
    accept("LOAD 1", "IGNORE ROW_HEADING -", "IGNORE ROW_HEADING -", "LOAD 2"),
)

# --- ends
one("dos_end", "the end sign of DOS", roster(*TWO) + b"\x1a", accept("LOAD 1", "LOAD 2", "IGNORE ROW_BLANK -"))
hold("heading_cut", "a heading alone, without a line end", ",".join(ROSTER_HEAD).encode(), "SNAPSHOT_EMPTY")
hold("bill_heading_cut", "the same of expenses", ",".join(EXPENSE_HEAD).encode(), "SNAPSHOT_EMPTY", feed="expense")

# --- what a form says beside its headings
one(
    "asides",
    "must be filled in, eighteen digits, a pattern",
    roster(
        *TWO,
        head=("姓名(必填)", "身份证号（18位）", *ROSTER_HEAD[2:5], "手机号(选填)", "银行账号(文本格式)", "认定日期(yyyy-mm-dd)"),
    ),
    PLAIN,
)
