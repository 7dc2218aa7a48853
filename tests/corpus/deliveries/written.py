"""How departments send lists and expenses: people, rows, and builders of text, sheets, archives and Parquet."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from mianshen.core.ids import make_certno

ROSTER_HEAD = ("姓名", "身份证号", "人员类别", "镇街", "村社区", "手机号", "银行账号", "认定日期")
EXPENSE_HEAD = (
    "结算流水号", "身份证号", "姓名", "就医地", "医疗机构", "入院日期", "出院日期", "结算日期", "病种编码",
    "总费用", "医保范围内费用", "基本医保支付", "大病保险支付", "其他支付", "个人负担",
)  # fmt: skip
NAMES = (
    "张一",
    "李二二",
    "王三",
    "赵四四",
    "钱五",
    "孙六六",
    "周七",
    "吴八八",
    "郑九",
    "冯十十",
    "陈甲",
    "褚乙乙",
    "卫丙",
    "蒋丁丁",
    "沈戊",
    "韩己己",
)


def certno(place: int) -> str:
    """The id number of person `place`, from 1."""
    return make_certno(born=date(1940 + place, 3, 1 + place), serial=100 + place)


def name(place: int) -> str:
    return NAMES[place - 1]


def person(place: int, **changed: str) -> tuple[str, ...]:
    """A roster row without fault, but for what is changed."""
    row = {
        "姓名": name(place),
        "身份证号": certno(place),
        "人员类别": "低保对象",
        "镇街": "宝墩镇",
        "村社区": "龙王村",
        "手机号": f"138000000{place:02d}",
        "银行账号": f"62170000100099{place:05d}",
        "认定日期": "2026-01-05",
    }
    return tuple({**row, **changed}.values())


def bill(place: int, **changed: str) -> tuple[str, ...]:
    """An expense row without fault, but for what is changed."""
    row = dict(
        zip(
            EXPENSE_HEAD,
            (
                f"JS2026{place:04d}",
                certno(place),
                name(place),
                "510118",
                "新津区人民医院",
                "2026-12-01",
                "2026-12-05",
                "2026-12-05",
                "I63.900",
                "1000.00",
                "900.00",
                "500.00",
                "100.00",
                "0.00",
                "300.00",
            ),
            strict=True,
        )
    )
    return tuple({**row, **changed}.values())


REFUND = {
    "总费用": "-1000.00", "医保范围内费用": "-900.00", "基本医保支付": "-500.00", "大病保险支付": "-100.00",
    "其他支付": "0.00", "个人负担": "-300.00",
}  # fmt: skip
"""The amounts of a row that takes another back."""


def text(rows: Iterable[Sequence[str]], *, head: Sequence[str] = ROSTER_HEAD, delimiter: str = ",", end: str = "\n") -> str:
    return "".join(delimiter.join(row) + end for row in ([head] if head else []) + list(rows))


def roster(*rows: Sequence[str], encoding: str = "utf-8", **how: Any) -> bytes:
    return text(rows, **how).encode(encoding)


def expense(*rows: Sequence[str], encoding: str = "utf-8", **how: Any) -> bytes:
    return text(rows, head=EXPENSE_HEAD, **how).encode(encoding)


def book(
    sheets: Mapping[str, Iterable[Sequence[Any]]],
    *,
    hidden: Sequence[str] = (),
    merged: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    is_1904: bool = False,
) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    if is_1904:
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for title, rows in sheets.items():
        page = made.create_sheet(title)
        for row in rows:
            page.append(list(row))
        for area in merged:
            page.merge_cells(area)
        for number in hidden_rows:
            page.row_dimensions[number].hidden = True
        page.sheet_state = "hidden" if title in hidden else "visible"
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def archive(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as handle:
        for path, content in members.items():
            handle.writestr(path, content)
    return stream.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def parquet(columns: Mapping[str, Sequence[Any]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), stream)
    return stream.getvalue()
