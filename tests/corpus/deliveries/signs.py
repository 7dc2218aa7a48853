"""Signs, names, numbers and days that a second reader thought of. Read it as a list."""

from __future__ import annotations

from tests.corpus.deliveries.said import ID, PLAIN, TWO, X_PERSON, accept, cost, hold, one, row
from tests.corpus.deliveries.written import REFUND, ROSTER_HEAD, bill, book, certno, expense, name, person, roster

# --- invisible signs and groups
row("id_direction_marks", "marks of writing direction", "FIX SPACES_REMOVED 1", 身份证号=f"\u202a{ID}\u202c")
row("phone_dashes", "a phone in groups", "FIX SPACES_REMOVED 1", 手机号="138-0000-0001")
row("phone_land_line", "a land line has its dash", "LOAD 1", 手机号="028-82450001")
row("account_dashes", "a card in groups with dashes", "FIX SPACES_REMOVED 1", 银行账号="6217-0000-1000-9900-001")

# --- numbers that nobody has
row("phone_zeros", "eleven zeros", "FLAG PHONE_FLAGGED 1", 手机号="00000000000")
row("phone_ones", "eleven ones", "FLAG PHONE_FLAGGED 1", 手机号="11111111111")
row("account_zeros", "nineteen zeros", "FLAG ACCOUNT_FLAGGED 1", 银行账号="0" * 19)
row("account_rounded", "a card whose tail a spreadsheet rounded", "FLAG ACCOUNT_FLAGGED 1", 银行账号="6217000010009910000")
row("account_round", "a card that ends in zeros and is right", "LOAD 1", 银行账号="6217000010009950000")

# --- names
row("name_garbled_gbk", "UTF-8 read as GBK", "FLAG NAME_DOUBTFUL 1=寮犱笁", 姓名="寮犱笁")
row("name_garbled_twice", "turned twice", "FLAG NAME_DOUBTFUL 1=锟斤拷", 姓名="锟斤拷")
row("name_rare_surname", "a rare surname is no damage", "LOAD 1=濮存昕", 姓名="濮存昕")
row("name_endless", "longer than any name", f"FLAG NAME_DOUBTFUL 1={'王' * 51}", 姓名="王" * 51)
row("name_accent", "an accent written apart", "FIX SPELLING_UNIFIED 1=José", 姓名="Jose\u0301")

# --- days
row("day_before_birth", "confirmed before the person was born", "FLAG DATE_DOUBTFUL 1", 认定日期="1899-12-30")
row("day_of_nought", "the first day that a spreadsheet knows", "FLAG DATE_DOUBTFUL 1", 认定日期="1900-01-01")
row("day_of_birth_year", "confirmed in the year of birth", "LOAD 1", 认定日期=f"{certno(1)[6:10]}-12-01")
row("category_levels", "grades in brackets", "FIX CATEGORY_RESPELLED 1", 人员类别="重度残疾人（1~2级）")

# --- cells of a workbook that hold no value
one(
    "formula_uncounted",
    "a card from a formula that was never counted",
    book({"a": [ROSTER_HEAD, (*person(1)[:6], "=G3", person(1)[7]), person(2)]}),
    accept("FLAG ACCOUNT_FLAGGED 1", "LOAD 2"),
    path="list.xlsx",
)
one(
    "formula_failed",
    "an id number that a lookup did not find",
    book({"a": [ROSTER_HEAD, (name(1), "#N/A", *person(1)[2:]), person(2)]}),
    accept("QUAR CERTNO_DAMAGED -=张一", "LOAD 2"),
    path="list.xlsx",
)
row("account_not_found", "a lookup that failed, as text", "FLAG ACCOUNT_FLAGGED 1", 银行账号="#N/A")

# --- settlements
cost("settled_before", "settled before the stay", "QUAR DATE_ORDER 1", 结算日期="2026-11-20")
cost("settled_within", "settled before the stay ended", "FLAG SETTLED_EARLY 1", 结算日期="2026-12-03")
cost("serial_damaged", "a scientific serial", "QUAR KEY_DAMAGED 1", 结算流水号="1.23E+17")
cost("settled_at_number", "a day number with its time", "FIX DATE_RESPELLED 1", 结算日期="46361.4375")

# --- words and signs that a third reader thought of
row("id_word_of_nothing", "a word that says there is none", "QUAR CERTNO_MISSING -=张一", 身份证号="无")
row("id_not_yet", "another", "QUAR CERTNO_MISSING -=张一", 身份证号="暂无")
for sign, called in (("×", "times"), ("Х", "cyrillic"), ("χ", "greek")):
    one(
        f"id_{called}_for_x",
        "a sign that looks like X",
        roster(person(X_PERSON, 身份证号=certno(X_PERSON)[:17] + sign), person(2)),
        accept(f"QUAR CERTNO_LETTER -={name(X_PERSON)}", "LOAD 2"),
    )
row("name_full_stop", "a full stop is no middle dot", "FLAG NAME_DOUBTFUL 1=张三.", 姓名="张三.")
row("name_dot_at_end", "a middle dot that parts nothing", "FLAG NAME_DOUBTFUL 1=张三·", 姓名="张三·")
row("name_crossed", "a name crossed out", "FLAG NAME_DOUBTFUL 1=张XX", 姓名="张XX")
row("name_of_letters", "a name of letters that ends in one", "LOAD 1=AlexX", 姓名="AlexX")
cost("serial_foreign", "a serial that holds a word", "QUAR KEY_DAMAGED 1", 结算流水号="结算第1笔")
one(
    "refund_by_other_hyphen",
    "a reversal behind a word processor's hyphen",
    expense(bill(1), bill(1, 结算流水号="JS20260001\u2010R", **REFUND)),
    accept("LOAD 1", "FIX SPELLING_UNIFIED 1"),
    feed="expense",
)
hold("other_month_without_year", "last month's name, without its year", roster(*TWO), "PERIOD_WRONG", path="11月名单.csv")
one("this_month_without_year", "this month's", roster(*TWO), PLAIN, path="12月名单.csv")
one("months_in_name", "the last of several months", roster(*TWO), PLAIN, path="10-12月名单.csv")
one("day_in_name", "a day in a name is the day of writing", roster(*TWO), PLAIN, path="名单1月4日.csv")
