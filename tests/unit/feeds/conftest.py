"""Small contracts and files, written by hand."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence

import openpyxl
import pytest

from mianshen.core.contract import Column, Contract, Feed, Kind, SumRule
from mianshen.feeds.reader import Landed, read

Book = Callable[..., bytes]


def column(name: str, kind: Kind, *aliases: str, required: bool = True, empty: bool = False, codes: Sequence[str] = ()) -> Column:
    return Column(name, kind, (name, *aliases), required, empty, tuple(codes))


@pytest.fixture(scope="session")
def roster() -> Contract:
    return Contract(
        feed=Feed.ROSTER,
        list_code="sample_list",
        department_code="civil_affairs",
        name_zh="样表",
        file_patterns=(r"sample_list_(?P<period>\d{6})\.(?:gbk\.|bom\.)?(?:csv|tsv|xlsx)",),
        columns=(
            column("name", Kind.NAME, "姓名"),
            column("certno", Kind.CERTNO, "身份证号", "身份证号码"),
            column("written_category", Kind.TEXT, "救助类别"),
            column("town", Kind.TEXT, "镇（街道）", required=False, empty=True),
            column("household_id", Kind.CODE, "户编号", required=False, empty=True),
            column("phone", Kind.PHONE, "手机号", required=False, empty=True),
            column("account", Kind.ACCOUNT, "银行账号", required=False, empty=True),
            column("valid_from", Kind.DATE, "批准时间", required=False, empty=True),
            column("monthly_income", Kind.MONEY, "月人均收入（元）", required=False, empty=True),
        ),
        key=("certno", "written_category"),
        category_code=None,
        category_column="written_category",
        category_words={"农村低保": "DIBAO", "特困人员(集中供养)": "TEKUN"},
        sum_rules=(),
        period_grain="month",
    )


@pytest.fixture(scope="session")
def settlement() -> Contract:
    return Contract(
        feed=Feed.SETTLEMENT,
        list_code="settlement",
        department_code="medical_security",
        name_zh="结算",
        file_patterns=(r"settlement_510118_(?P<period>\d{6}(?:\d{2})?)\.csv(?:\.gz)?",),
        columns=(
            column("setl_id", Kind.CODE),
            column("psn_cert_type", Kind.CODE, required=False, empty=True),
            column("certno", Kind.CERTNO),
            column("psn_name", Kind.NAME, required=False, empty=True),
            column("med_type", Kind.CODE, codes=("11", "21")),
            column("setl_time", Kind.MOMENT),
            column("medfee_sumamt", Kind.MONEY),
            column("fulamt_ownpay_amt", Kind.MONEY),
            column("inscp_scp_amt", Kind.MONEY),
        ),
        key=("setl_id",),
        category_code=None,
        category_column=None,
        category_words={},
        sum_rules=(SumRule("IDENTITY_TOTAL", "medfee_sumamt", ("fulamt_ownpay_amt", "inscp_scp_amt"), 1),),
        period_grain="day",
    )


def to_book(sheets: dict[str, Iterable[Sequence[object]]], *, hidden: Sequence[str] = (), merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
        for area in merged:
            page.merge_cells(area)
        if title in hidden:
            page.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def read_roster(roster: Contract) -> Callable[[bytes], Landed]:
    return lambda content: read(content, contract=roster, where="sample.csv")
