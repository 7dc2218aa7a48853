"""Expenses, and inboxes of several files. Read it as a list."""

from __future__ import annotations

import hashlib
import json

from tests.corpus.deliveries.said import PLAIN, TWO, Said, accept, cost, inbox, one
from tests.corpus.deliveries.written import REFUND, bill, expense, person, roster

# --- expenses
cost("bill", "an expense without fault", "LOAD 1")
cost("commas", "thousands commas", "FIX MONEY_RESPELLED 1", 总费用='"1,000.00"')
cost("yen", "a currency sign", "FIX MONEY_RESPELLED 1", 总费用="¥1000.00")
cost("dashes", "two dashes are no zero", "QUAR MONEY_MISSING 1", 大病保险支付="--")
cost("empty_amount", "an empty amount is no zero", "QUAR MONEY_MISSING 1", 个人负担="")
cost("three_decimals", "a tenth of a fen", "QUAR MONEY_INVALID 1", 个人负担="300.001")
cost("in_words", "1.2万", "QUAR MONEY_INVALID 1", 总费用="1.2万")
cost("brackets", "an accountant's brackets", "QUAR MONEY_INVALID 1", 个人负担="(300.00)")
cost("decimal_comma", "a decimal comma", "QUAR MONEY_INVALID 1", 个人负担='"300,00"')
cost("one_fen", "a fen is tolerated", "LOAD 1", 个人负担="300.01")
cost("two_fen", "two are not", "QUAR IDENTITY_SCOPE 1", 个人负担="300.02")
cost("range_over_total", "the range exceeds the total", "QUAR IDENTITY_SCOPE 1", 总费用="800.00")
cost("backwards", "left before he came", "QUAR DATE_ORDER 1", 出院日期="2026-11-05")
cost("still_there", "no day of discharge", "FLAG ENDDATE_MISSING 1", 出院日期="")
cost("ahead", "settled in the future", "QUAR DATE_FUTURE 1", 结算日期="2027-02-01")
cost("no_day", "no such day", "QUAR DATE_INVALID 1", 结算日期="2026-12-32")
cost("bill_without_name", "no name", "FLAG NAME_MISSING 1=", 姓名="")
cost("no_serial", "no serial", "QUAR KEY_MISSING 1", 结算流水号="")
cost("old_area", "an old division code", "FIX DIVISION_RENAMED 1", 就医地="510132")
cost("one_negative", "a negative part of a positive bill", "QUAR MONEY_NEGATIVE 1", 其他支付="-1.00")
one("refund", "a reversal with its original", expense(bill(1), bill(1, 结算流水号="JS20260001-R", **REFUND)),
    accept("LOAD 1", "LOAD 1"), feed="expense")  # fmt: skip
one("refund_by_sign", "a reversal by its sign", expense(bill(1), bill(1, **REFUND)), accept("LOAD 1", "LOAD 1"), feed="expense")
one("refund_alone", "a reversal without its original", expense(bill(2), bill(1, 结算流水号="JS20260001-R", **REFUND)),
    accept("LOAD 2", "QUAR WAITING_ORIGINAL 1"), feed="expense")  # fmt: skip
one("bill_twice", "the same bill twice", expense(bill(1), bill(1)), accept("LOAD 1", "IGNORE ROW_REPEATED 1"), feed="expense")
one("bill_contradicts", "one serial, two hospitals", expense(bill(1), bill(1, 医疗机构="别的医院")),
    accept("QUAR KEY_CONFLICT 1", "QUAR KEY_CONFLICT 1"), feed="expense")  # fmt: skip
inbox("refund_next_file", "the original came before", {"1.csv": expense(bill(1)), "2.csv": expense(bill(1, 结算流水号="JS20260001-R", **REFUND))},
      {"1.csv": accept("LOAD 1"), "2.csv": accept("LOAD 1")}, feed="expense")  # fmt: skip

# --- inboxes
TEN = [person(n) for n in range(1, 11)]
ALL_TEN = accept(*(f"LOAD {n}" for n in range(1, 11)))
inbox("same_again", "the same bytes under another name", {"a.csv": roster(*TWO), "b.csv": roster(*TWO)},
      {"a.csv": PLAIN, "b.csv": Said("DUPLICATE", "DELIVERY_DUPLICATE", ())})  # fmt: skip
inbox("drop", "more than four in ten are gone", {"1.csv": roster(*TEN), "2.csv": roster(*TEN[:5])},
      {"1.csv": ALL_TEN, "2.csv": Said("HOLD", "SNAPSHOT_DROP", ())})  # fmt: skip
inbox("jump", "more than twice as many", {"1.csv": roster(*TEN[:6]), "2.csv": roster(*(person(n) for n in range(1, 14)))},
      {"1.csv": accept(*(f"LOAD {n}" for n in range(1, 7))), "2.csv": Said("HOLD", "SNAPSHOT_DROP", ())})  # fmt: skip
inbox("other_list", "another list is no drop", {"a.csv": roster(*TEN), "b.csv": roster(person(11), person(12))},
      {"a.csv": ALL_TEN, "b.csv": accept("LOAD 11", "LOAD 12")})  # fmt: skip
inbox(
    "unfinished",
    "what is no delivery",
    {"a.csv": roster(*TWO), "b.csv.part": b"x", "~$a.xlsx": b"x", ".a.csv": b"x"},
    {"a.csv": PLAIN},
)


def controlled(content: bytes, **said: object) -> dict[str, bytes]:
    whole = {"feed": "roster", "dept": "civil_affairs", "period": "202612", "records": 2}
    return {"a.csv": content, "a.csv.ctl": json.dumps({**whole, "sha256": hashlib.sha256(content).hexdigest(), **said}).encode()}


MISMATCH = {"a.csv": Said("REJECT", "CONTROL_MISMATCH", ())}
inbox("control_agrees", "a control file that agrees", controlled(roster(*TWO)), {"a.csv": PLAIN})
inbox("control_count", "another count", controlled(roster(*TWO), records=3), MISMATCH)
inbox("control_hash", "another hash", controlled(roster(*TWO), sha256="0" * 64), MISMATCH)
inbox("control_period", "another period", controlled(roster(*TWO), period="202611"), MISMATCH)
inbox("control_feed", "another feed", controlled(roster(*TWO), feed="expense"), MISMATCH)
inbox(
    "control_damaged",
    "a control file that is none",
    {"a.csv": roster(*TWO), "a.csv.ctl": b"{"},
    {"a.csv": Said("REJECT", "CONTROL_DAMAGED", ())},
)
inbox("control_none", "none are said and none came", controlled(roster(), records=0), {"a.csv": accept()})
