"""Lists as departments send them: bytes, headings, sheets, id numbers, names, fields. Read it as a list."""

from __future__ import annotations

from datetime import date

from tests.corpus.deliveries.said import ID, PLAIN, TWO, X_PERSON, accept, hold, one, refuse, row
from tests.corpus.deliveries.written import (
    ROSTER_HEAD,
    archive,
    bill,
    book,
    certno,
    expense,
    gzipped,
    name,
    parquet,
    person,
    roster,
    text,
)

# --- how bytes come
one("utf8", "UTF-8", roster(*TWO), PLAIN)
one("utf8_mark", "UTF-8 with a mark", roster(*TWO, encoding="utf-8-sig"), PLAIN)
one("gbk", "GBK", roster(*TWO, encoding="gbk"), PLAIN)
one("utf16", "UTF-16 with a mark", roster(*TWO, encoding="utf-16"), PLAIN)
one("crlf", "Windows line ends", roster(*TWO, end="\r\n"), PLAIN)
one("old_mac", "line ends of an old Mac", roster(*TWO, end="\r"), PLAIN)
one("tsv", "tabs", roster(*TWO, delimiter="\t"), PLAIN, path="list.txt")
one("bars", "bars", roster(*TWO, delimiter="|"), PLAIN, path="list.txt")
one("semicolons", "semicolons", roster(*TWO, delimiter=";"), PLAIN)
one("full_width_commas", "full-width commas", roster(*TWO, delimiter="\uff0c"), PLAIN)
one("gzip", "packed", gzipped(roster(*TWO)), PLAIN, path="list.csv.gz")
one("zip", "one file in an archive", archive({"名单.csv": roster(*TWO)}), PLAIN, path="list.zip")
one("zip_of_mac", "a Mac's litter", archive({"list.csv": roster(*TWO), "__MACOSX/._list.csv": b"x", ".DS_Store": b"x"}), PLAIN)
one("rare_name", "GB18030 alone has it", roster(person(1, 姓名="张㐂𠮷"), encoding="gb18030"), accept("LOAD 1=张㐂𠮷"))
refuse("no_bytes", "nothing at all", b"", "FILE_EMPTY")
refuse(
    "two_encodings",
    "a line of UTF-8 in GBK",
    roster(person(1), encoding="gbk") + text([person(2)], head=()).encode(),
    "ENCODING_UNKNOWN",
)
EVEN = person(2, 姓名="李二", 镇街="宝墩", 村社区="龙王")
refuse(
    "two_encodings_unseen",
    "a line of UTF-8 that GBK takes for other characters",
    roster(person(1), encoding="gbk") + text([EVEN], head=()).encode(),
    "ENCODING_MIXED",
)
refuse("not_text", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "ENCODING_UNKNOWN")
refuse("nul", "NUL bytes in text", roster(*TWO) + b"\x00\x00", "FILE_UNREADABLE")
refuse("cut_archive", "an archive cut short", archive({"a.csv": roster(*TWO)})[:-30], "FILE_UNREADABLE")
refuse("two_members", "an archive of two files", archive({"a.csv": roster(*TWO), "b.csv": roster(*TWO)}), "ARCHIVE_SEVERAL")
refuse("nested", "an archive in an archive", archive({"a.zip": archive({"b.csv": roster(*TWO)})}), "ARCHIVE_SEVERAL")
refuse("climbing_name", "a name that leads out", archive({"../../list.csv": roster(*TWO)}), "FILE_UNREADABLE")
refuse("bomb", "a bomb", archive({"a.csv": b"0" * (64 << 20)}), "FILE_TOO_LARGE")
refuse(
    "open_quote",
    "a quotation that never ends",
    roster(person(1, 村社区='"龙王村'), *(person(n) for n in range(2, 9))),
    "FILE_UNREADABLE",
)

# --- headings
one("title", "a title above", "低保对象名单(2026年12月),,,,,,,\n".encode() + roster(*TWO), PLAIN)
one(
    "other_order",
    "columns turned round and one more",
    roster(*((*r[::-1], "备注") for r in TWO), head=(*ROSTER_HEAD[::-1], "备注")),
    PLAIN,
)
one("decorated", "decorated headings", roster(*TWO, head=("姓 名", "*公民身份号码", "人员\u3000类别", *ROSTER_HEAD[3:])), PLAIN)
one("broken_heading", "a heading over two lines", roster(*TWO, head=("姓名", '"身份证\n号"', *ROSTER_HEAD[2:])), PLAIN)
refuse("no_heading", "no heading", roster(*TWO, head=()), "HEADER_MISSING")
refuse(
    "lost_column",
    "no id column",
    roster(*(r[:1] + r[2:] for r in TWO), head=(ROSTER_HEAD[0], *ROSTER_HEAD[2:])),
    "HEADER_CHANGED",
)
refuse("doubled_column", "two id columns", roster(*((*r, r[1]) for r in TWO), head=(*ROSTER_HEAD, "身份证号")), "HEADER_DOUBLED")
refuse(
    "ten_thousands",
    "money in 万元",
    expense(bill(1)).replace("总费用".encode(), "总费用(万元)".encode()),
    "HEADER_UNIT",
    feed="expense",
)
hold("heading_alone", "a heading without rows", roster(), "SNAPSHOT_EMPTY")
hold("other_month_in_title", "last month's title", "低保名单(2026年11月),,,,,,,\n".encode() + roster(*TWO), "PERIOD_WRONG")
hold("other_month_in_name", "last month's name", roster(*TWO), "PERIOD_WRONG", path="roster_202611.csv")
one("day_in_title", "the day of writing is no period", "填报日期:2027年1月3日,,,,,,,\n".encode() + roster(*TWO), PLAIN)

# --- sheets
ROWS = [ROSTER_HEAD, *TWO]
one("sheet", "a workbook", book({"名单": ROWS}), PLAIN, path="list.xlsx")
one("sheet_with_title", "a merged title and a signature",
    book({"名单": [["低保名单"] + [None] * 7, *ROWS, ["合计", 2], ["制表人:某人"]]}, merged=["A1:H1"]),
    accept("LOAD 1", "LOAD 2", "IGNORE ROW_FOOTER -", "IGNORE ROW_FOOTER -"), path="list.xlsx")  # fmt: skip
one("two_row_heading", "a heading of two rows",
    book({"名单": [["姓名", "身份证号", "人员类别", "住址", None, "联系", None, "认定日期"],
                 [None, None, None, "镇街", "村社区", "手机号", "银行账号", None], *TWO]}), PLAIN, path="list.xlsx")  # fmt: skip
one(
    "hidden_sheet",
    "last month hidden",
    book({"旧": [ROSTER_HEAD, person(3)], "新": ROWS}, hidden=["旧"]),
    PLAIN,
    path="list.xlsx",
)
one("hidden_rows", "filtered rows are rows", book({"a": ROWS}, hidden_rows=[2]), PLAIN, path="list.xlsx")
refuse(
    "two_sheets", "two sheets with people", book({"a": ROWS, "b": [ROSTER_HEAD, person(3)]}), "SHEETS_SEVERAL", path="list.xlsx"
)
one(
    "date_cells",
    "cells that are days",
    book({"a": [ROSTER_HEAD, (*person(1)[:7], date(2026, 1, 5))]}),
    accept("LOAD 1"),
    path="list.xlsx",
)
one(
    "days_from_1904",
    "days of a Mac",
    book({"a": [ROSTER_HEAD, (*person(1)[:7], date(2026, 1, 5))]}, is_1904=True),
    accept("LOAD 1"),
    path="a.xlsx",
)
one(
    "day_number_from_1904",
    "a bare day number of a Mac",
    book({"a": [ROSTER_HEAD, (*person(1)[:7], 44565), (*person(2)[:7], 46000)]}, is_1904=True),
    accept("FIX DATE_RESPELLED 1", "FLAG DATE_DOUBTFUL 2"),
    path="a.xlsx",
)
one("numeric_id", "a number cell has lost the tail",
    book({"a": [ROSTER_HEAD, (name(1), int(certno(2)[:17] + "1"), *person(1)[2:])]}), accept("QUAR CERTNO_DAMAGED -=张一"), path="list.xlsx")  # fmt: skip
one("numeric_account", "a card in a number cell", book({"a": [ROSTER_HEAD, (*person(1)[:6], 6217000010009900001, person(1)[7])]}),
    accept("FLAG ACCOUNT_FLAGGED 1"), path="list.xlsx")  # fmt: skip
one("merged_category", "one category merged over rows",
    book({"a": [ROSTER_HEAD, person(1), person(2, 人员类别="")]}, merged=["C2:C3"]), PLAIN, path="list.xlsx")  # fmt: skip
refuse(
    "not_a_book",
    "an archive that says it is a book",
    archive({"[Content_Types].xml": b"<x/>"}),
    "FILE_UNREADABLE",
    path="list.xlsx",
)
refuse(
    "dtd",
    "a declaration",
    archive({"[Content_Types].xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}),
    "FILE_UNREADABLE",
    path="list.xlsx",
)
one(
    "parquet",
    "Parquet",
    parquet(dict(zip(ROSTER_HEAD, map(list, zip(*TWO, strict=True)), strict=True))),
    PLAIN,
    path="list.parquet",
)

# --- lines that are no records
one("no_records", "blank lines, the heading again, a total",
    roster(person(1), ("",) * 8, ROSTER_HEAD, person(2), ("合 计", "2 人", *[""] * 6)),
    accept("LOAD 1", "IGNORE ROW_BLANK -", "IGNORE ROW_HEADING -", "LOAD 2", "IGNORE ROW_FOOTER -"))  # fmt: skip
one("short_row", "a row cut short", roster(person(1), person(2)[:4], person(3)), accept("LOAD 1", "QUAR ROW_SHAPE -", "LOAD 3"))
one("twice", "the same row twice", roster(person(1), person(1), person(2)), accept("LOAD 1", "IGNORE ROW_REPEATED 1", "LOAD 2"))
one("contradiction", "one key, two contents", roster(person(1), person(1, 镇街="花源街道"), person(2)),
    accept("QUAR KEY_CONFLICT 1", "QUAR KEY_CONFLICT 1", "LOAD 2"))  # fmt: skip
one("two_categories", "one person, two categories", roster(person(1), person(1, 人员类别="重度残疾人"), person(2)),
    accept("LOAD 1", "LOAD 1", "LOAD 2"))  # fmt: skip

# --- id numbers
row("id_tab", "a trailing tab", "FIX SPACES_REMOVED 1", 身份证号=f"{ID}\t")
row("id_spaced", "inner spaces", "FIX SPACES_REMOVED 1", 身份证号=f"{ID[:6]} {ID[6:14]} {ID[14:]}")
row("id_apostrophe", "an apostrophe", "FIX APOSTROPHE_REMOVED 1", 身份证号=f"'{ID}")
row("id_excel_text", "the spreadsheet's way to say text", "FIX APOSTROPHE_REMOVED 1", 身份证号=f'="{ID}"')
row("id_full_width", "full-width digits", "FIX WIDTH_FOLDED 1", 身份证号="".join(chr(ord(c) + 0xFEE0) for c in ID))
row("id_fifteen", "fifteen digits", "FIX FIFTEEN_UPGRADED 1", 身份证号=ID[:6] + ID[8:17])
row("id_mark", "an invisible mark", "FIX SPACES_REMOVED 1", 身份证号=f"\ufeff{ID}")
row("id_card", "a disability card holds it", "FIX CARD_OPENED 1", 身份证号=f"{ID}43")
one(
    "id_lower_x",
    "a lower-case x",
    roster(person(X_PERSON, 身份证号=certno(X_PERSON).lower())),
    accept(f"FIX LETTER_X_RAISED {X_PERSON}"),
)
row("id_scientific", "scientific", "QUAR CERTNO_DAMAGED -=张一", 身份证号="3.60E+17")
row("id_rounded", "a rounded tail", "QUAR CERTNO_DAMAGED -=张一", 身份证号=f"{certno(3)[:15]}000")
row("id_masked", "masked", "QUAR CERTNO_MASKED -=张一", 身份证号=f"{ID[:6]}********{ID[14:]}")
row("id_letter", "the letter O for 0", "QUAR CERTNO_LETTER -=张一", 身份证号=ID.replace("0", "O", 1))
row("id_short", "seventeen digits", "QUAR CERTNO_LENGTH -=张一", 身份证号=ID[:17])
row("id_missing", "no number", "QUAR CERTNO_MISSING -=张一", 身份证号="")
row("id_check", "a wrong check digit", "QUAR CERTNO_CHECK_DIGIT -=张一", 身份证号=ID[:17] + ("1" if ID[17] != "1" else "2"))
row("id_no_day", "a day that is none", "QUAR CERTNO_DATE -=张一", 身份证号="100999194102301019")
row("id_unborn", "born tomorrow", "QUAR CERTNO_DATE -=张一", 身份证号="10099920990101101X")
row("id_passport", "a passport", "QUAR CERT_TYPE_UNSUPPORTED -=张一", 身份证号="E12345678")

# --- names
row("name_spaced", "a spaced name", "FIX SPACES_REMOVED 1", 姓名="张 一")
row("name_dot", "another dot", "FIX SPELLING_UNIFIED 1=阿依·古丽", 姓名="阿依•古丽")
row("name_na", "a name that libraries take for nothing", "LOAD 1=NA", 姓名="NA")
row("name_null", "another", "LOAD 1=null", 姓名="null")
row("name_lost", "a lost character", "FLAG NAME_DOUBTFUL 1=张?", 姓名="张?")
row("name_replaced", "a replacement character", "FLAG NAME_DOUBTFUL 1=张\ufffd", 姓名="张\ufffd")
row("name_private", "a private character that has a home", "FLAG NAME_DOUBTFUL 1=张\u9fb4", 姓名="张\ue81e")
row("name_formula", "a formula stays text", "FLAG NAME_DOUBTFUL 1==1+1", 姓名="=1+1")
row("name_missing", "no name", "FLAG NAME_MISSING 1=", 姓名="")

# --- other fields
row("category_synonym", "another word", "FIX CATEGORY_RESPELLED 1", 人员类别="低保户")
row("category_spaced", "full-width blanks and brackets", "FIX CATEGORY_RESPELLED 1", 人员类别="特困（集中\u3000供养）")
row("category_unknown", "an unknown word is kept", "FLAG CATEGORY_UNKNOWN 1", 人员类别="其他困难人员")
row("category_missing", "no category", "QUAR CATEGORY_MISSING 1", 人员类别="")
row("town_office", "the office for the town", "FIX TOWN_RESPELLED 1", 镇街="宝墩镇人民政府")
row("old_division", "an old division code", "FIX DIVISION_RENAMED 1", 镇街="510132")
row("phone_short", "a short phone", "FLAG PHONE_FLAGGED 1", 手机号="1380000")
row("phone_spaced", "a spaced phone", "FIX SPACES_REMOVED 1", 手机号="138 0000 0001")
row("account_scientific", "a damaged card", "FLAG ACCOUNT_FLAGGED 1", 银行账号="6.217E+18")
row("account_spaced", "a card in groups", "FIX SPACES_REMOVED 1", 银行账号="6217 0000 1000 9900 001")
row("account_none", "no card", "LOAD 1", 银行账号="")
one("empty_headings", "an empty heading at the end", roster(*TWO, head=(*ROSTER_HEAD, "")), PLAIN)
one(
    "sender_below",
    "the office under the list",
    roster(*TWO, ("新津区民政局", *[""] * 7)),
    accept("LOAD 1", "LOAD 2", "IGNORE ROW_FOOTER -"),
)
row("day_chinese", "a Chinese day", "FIX DATE_RESPELLED 1", 认定日期="2026年1月5日")
row("day_packed", "eight digits", "FIX DATE_RESPELLED 1", 认定日期="20260105")
row("day_serial", "a spreadsheet's day number", "FIX DATE_RESPELLED 1", 认定日期="46027")
row("day_zeros", "zeros mean nothing", "LOAD 1", 认定日期="0000-00-00")
row("day_impossible", "no such day", "FLAG DATE_DOUBTFUL 1", 认定日期="2026-02-30")
row("day_ahead", "a day ahead", "FLAG DATE_DOUBTFUL 1", 认定日期="2027-03-01")
row("long_cell", "a cell of 200,000 signs", "LOAD 1", 村社区="村" * 200_000)
