"""Every line of a file is a record, a line that is no record, or a broken row; nothing is lost and nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256

import pytest
from tests.unit.feeds.conftest import to_book

from mianshen.core.contract import Contract
from mianshen.core.errors import MianshenError
from mianshen.feeds.reader import Landed, read

Read = Callable[[bytes], Landed]
HEAD = "姓名,身份证号,救助类别,镇（街道）\n"
ROWS = "张三,100999195812136133,农村低保,宝墩镇\n李四,100999195812136134,特困人员,兴义镇\n"


def lines(landed: Landed, column: str = "name") -> list[tuple[int, str]]:
    return list(zip(landed.table["line_no"].to_pylist(), landed.table[column].to_pylist(), strict=True))


def refused(read_roster: Read, content: bytes) -> MianshenError:
    with pytest.raises(MianshenError) as caught:
        read_roster(content)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_text_is_read_in_each_encoding_and_line_end(read_roster: Read, encoding: str, line_end: str) -> None:
    landed = read_roster((HEAD + ROWS).replace("\n", line_end).encode(encoding))
    assert lines(landed) == [(2, "张三"), (3, "李四")]
    assert landed.columns == ("name", "certno", "written_category", "town")


@pytest.mark.parametrize("delimiter", ["\t", ";", "|", "\uff0c"])
def test_the_headings_decide_the_delimiter(read_roster: Read, delimiter: str) -> None:
    assert lines(read_roster((HEAD + ROWS).replace(",", delimiter).encode("gb18030"))) == [(2, "张三"), (3, "李四")]


def test_a_missing_last_line_end_loses_nothing(read_roster: Read) -> None:
    assert read_roster((HEAD + ROWS).rstrip("\n").encode()).records == 2


def test_an_id_number_keeps_its_digits_as_text(read_roster: Read) -> None:
    assert lines(read_roster((HEAD + ROWS).encode()), "certno") == [(2, "100999195812136133"), (3, "100999195812136134")]


def test_words_that_other_readers_take_for_missing_stay(read_roster: Read) -> None:
    landed = read_roster((HEAD + "NA,1,null,NaN\nNone,2,#N/A,\n").encode())
    assert landed.table.select(["name", "written_category", "town"]).to_pylist() == [
        {"name": "NA", "written_category": "null", "town": "NaN"},
        {"name": "None", "written_category": "#N/A", "town": ""},
    ]


def test_titles_above_and_totals_below_are_no_records(read_roster: Read) -> None:
    text = f"低保名单(2026年10月),,,\n填报单位:民政局,,,\n{HEAD}{ROWS}合 计,2,,\n,,,\n制表人\uff1a王五,,审核人\uff1a赵六,\n"
    landed = read_roster(text.encode())
    assert lines(landed) == [(4, "张三"), (5, "李四")]
    assert (landed.ignored, landed.months_in_title) == (3, ("2026-10",))


def test_a_repeated_heading_is_no_record(read_roster: Read) -> None:
    landed = read_roster((HEAD + ROWS + HEAD + ROWS).encode())
    assert [line for line, _ in lines(landed)] == [2, 3, 5, 6] and landed.ignored == 1


def test_blank_lines_do_not_shift_line_numbers(read_roster: Read) -> None:
    first, second = ROWS.splitlines(keepends=True)
    assert lines(read_roster((HEAD + first + "\n  \n,,,\n" + second).encode())) == [(2, "张三"), (6, "李四")]


def test_a_row_of_another_width_is_kept_as_broken_in_its_line(read_roster: Read) -> None:
    landed = read_roster((HEAD + "张三,1,农村低保,宝墩镇,多余\n" + ROWS + "李四,2\n").encode())
    faults = list(zip(landed.table["line_no"].to_pylist(), landed.table["row_fault"].to_pylist(), strict=True))
    assert faults == [(2, "ROW_SHAPE"), (3, None), (4, None), (5, "ROW_SHAPE")]
    assert landed.table["name"].to_pylist()[0] == "", "cells of a broken row are not taken for any column"


def test_surplus_empty_cells_do_no_harm(read_roster: Read) -> None:
    landed = read_roster((HEAD + "张三,1,农村低保,宝墩镇,,\n").encode())
    assert lines(landed) == [(2, "张三")] and landed.table["row_fault"].to_pylist() == [None]


def test_quoted_cells_may_hold_delimiters_and_line_ends(read_roster: Read) -> None:
    landed = read_roster((HEAD + '"张三","1","农村,低保","宝墩\n镇"\n李四,2,特困,x\n').encode())
    assert landed.table["written_category"].to_pylist() == ["农村,低保", "特困"]
    assert landed.records == 2


def test_a_quotation_that_never_ends_refuses_the_file_instead_of_swallowing_rows(read_roster: Read) -> None:
    error = refused(read_roster, (HEAD + '张三,1,"农村低保,宝墩镇\n' + ROWS * 5).encode())
    assert error.code == "FILE_UNREADABLE"


def test_a_quotation_that_ends_rows_later_refuses_the_file(read_roster: Read) -> None:
    error = refused(read_roster, (HEAD + '张三,1,"农村低保,宝墩镇\n' + ROWS + '李四,2,农村低保",宝墩镇\n' + ROWS).encode())
    assert error.code == "FILE_UNREADABLE"


def test_a_column_that_nobody_knows_is_not_read(read_roster: Read) -> None:
    landed = read_roster("姓名,身份证号,救助类别,备注,序号\n张三,1,农村低保,秘密,1\n".encode())
    assert landed.extra_columns == 2 and "秘密" not in str(landed.table.to_pydict())


@pytest.mark.parametrize(
    ("header", "code", "found"),
    [
        ("姓名,救助类别,镇（街道）", "HEADER_CHANGED", "身份证号"),
        ("甲,乙,丙,丁", "HEADER_MISSING", ""),
        ("姓名,身份证号,身份证号码,救助类别", "HEADER_DOUBLED", "certno"),
        ("姓名,身份证号,救助类别,月人均收入（万元）", "HEADER_UNIT", "万元"),
        ("单位\uff1a万元,,,\n姓名,身份证号,救助类别,月人均收入", "HEADER_UNIT", "万元"),
    ],
)
def test_a_changed_header_is_named(read_roster: Read, header: str, code: str, found: str) -> None:
    error = refused(read_roster, f"{header}\n张三,1,2,3\n".encode())
    assert error.code == code and found in error.found


@pytest.mark.parametrize("header", ["姓 名,身份证号*,救助类别,月人均收入(元)", "姓名 ,【身份证号】,救助类别\t,月人均收入"])
def test_headings_are_known_through_decoration(read_roster: Read, header: str) -> None:
    assert "certno" in read_roster(f"{header}\n张三,1,2,3\n".encode()).columns


@pytest.mark.parametrize("content", [HEAD.encode(), (HEAD + "合计,0,,\n").encode(), (HEAD + ",,,\n\n").encode()])
def test_a_heading_alone_has_no_records(read_roster: Read, content: bytes) -> None:
    assert read_roster(content).records == 0


def test_an_unknown_encoding_names_the_line(read_roster: Read) -> None:
    error = refused(read_roster, (HEAD + "张三,1,2,3\n").encode("gb18030") + b"\xff\xff\xfe,1,2,3\n")
    assert (error.code, error.where) == ("ENCODING_UNKNOWN", "sample.csv:3")


def test_a_workbook_with_titles_totals_and_signature_is_read(read_roster: Read) -> None:
    book = to_book(
        {
            "10月": [
                ["低保名单\uff08 2026 年 9 月\uff09", None, None, None],
                ["姓名", "身份证号", "救助类别", "批准时间"],
                ["张三", "100999195812136133", "农村低保", date(2024, 5, 1)],
                ["李四", "100999195812136134", "特困", "2019年07月"],
                ["合计", None, 2, None],
                ["制表人:王五", None, None, None],
            ]
        },
        merged=["A1:D1"],
    )
    landed = read_roster(book)
    assert lines(landed, "valid_from") == [(3, "2024-05-01"), (4, "2019-07")]
    assert (landed.ignored, landed.months_in_title) == (2, ("2026-09",))


def test_numbers_in_cells_are_exact_or_recognisably_damaged(read_roster: Read) -> None:
    rows = [
        ["姓名", "身份证号", "救助类别", "银行账号", "月人均收入"],
        ["张三", 100999195812136133, "农村低保", 6299996613376862189, 586.0],
        ["李四", 100999581213613, "农村低保", "6299996613376862189", 12.3],
        ["王五", "100999195812136133", True, None, 0.1 + 0.2],
    ]
    landed = read_roster(to_book({"a": rows}))
    ids = landed.table["certno"].to_pylist()
    assert ids[0].startswith("1.00999195812136E+") and ids[1:] == ["100999581213613", "100999195812136133"]
    assert landed.table["account"].to_pylist()[0].endswith("E+18")
    assert landed.table["monthly_income"].to_pylist() == ["586", "12.3", "0.3"]


def test_hidden_sheets_are_not_read_and_two_headed_ones_not_guessed(read_roster: Read) -> None:
    rows = [["姓名", "身份证号", "救助类别"], ["张三", "1", "农村低保"]]
    assert read_roster(to_book({"旧": rows * 3, "新": rows, "说明": [["x"]]}, hidden=["旧"])).records == 1
    assert refused(read_roster, to_book({"a": rows, "b": rows})).code == "SHEETS_SEVERAL"


def test_a_moment_cell_keeps_its_time(settlement: Contract) -> None:
    names = ["setl_id", "certno", "med_type", "setl_time", "medfee_sumamt", "fulamt_ownpay_amt", "inscp_scp_amt"]
    rows = [names, ["S1", "1", "11", datetime.fromisoformat("2026-10-05 08:17:36"), 10.5, "0.50", "10"]]
    landed = read(to_book({"a": rows}), contract=settlement, where="f")
    assert landed.table["setl_time"].to_pylist() == ["2026-10-05 08:17:36"]
    assert landed.table["medfee_sumamt"].to_pylist() == ["10.5"]


def test_line_numbers_hold_over_many_blocks(read_roster: Read) -> None:
    wide = sha256(b"wide").hexdigest() * 60
    body = "".join("坏\n" if number % 1_000 == 0 else f"名{number},{number},农村低保,{wide}\n" for number in range(2, 12_002))
    landed = read_roster((HEAD + body).encode())
    good = [(line, name) for line, name in lines(landed) if name]
    assert landed.records == 12_000 and len(good) == 11_988
    assert all(name == f"名{line}" for line, name in good)
