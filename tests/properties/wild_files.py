"""Deliveries as a stranger's program might leave them: sound files of every kind, and what may befall their bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from tests.corpus.bank_returns.written import SENT, Said, Tx, fixed, pain002, text

from mianshen.core.ids import make_certno

HEADING = ("姓名", "身份证号", "人员类别", "镇街", "村社区", "手机号", "银行账号", "认定日期")
NAMES = ("陈一一", "李二二", "欧阳三三", "阿依·古丽", "䶮明", "周六六")
PEOPLE = tuple(
    (name, make_certno(born=date(1950 + place, 1, 2), serial=place), "低保对象", "城关镇", "一村", f"1390000{place:04d}",
     f"621700001000999{place:04d}", "2026-11-05")
    for place, name in enumerate(NAMES)
)  # fmt: skip
PERSONAL = frozenset(
    [word for person in PEOPLE for word in (person[0], person[1], person[5], person[6])]
    + [word for one in SENT for word in (one.name, one.account)]
)
"""What no message may hold."""

Rows = Sequence[Sequence[str]]


def delimited(rows: Rows) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([HEADING, *rows])
    return stream.getvalue().encode()


def workbook(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in (HEADING, *rows):
        page.append(list(row))
    for cells in page.iter_rows():
        for cell in cells:
            cell.data_type = "s"  # a formula that nobody has computed has no value to lose
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def packed(rows: Rows) -> bytes:
    return gzip.compress(delimited(rows), mtime=0)


def zipped(rows: Rows) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("list.csv", delimited(rows))
    return stream.getvalue()


def parquet(rows: Rows) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({name: [row[place] for row in rows] for place, name in enumerate(HEADING)}), stream)
    return stream.getvalue()


def page(rows: Rows) -> bytes:
    body = [dict(zip(HEADING, row, strict=True)) for row in rows]
    return json.dumps({"page": 1, "pageSize": 100, "total": len(body), "rows": body}, ensure_ascii=False).encode()


LISTS: dict[str, Callable[[Rows], bytes]] = {
    "delimited": delimited,
    "workbook": workbook,
    "gzip": packed,
    "zip": zipped,
    "parquet": parquet,
    "pages": page,
}
"""Lists by the kind of file."""
RETURNS: dict[str, bytes] = {
    "bank text": text([Said(one) for one in SENT]),
    "bank fixed": fixed([Said(one) for one in SENT]),
    "pain.002": pain002([[Tx(one) for one in SENT]]),
}
"""Bank returns by the kind of file."""


@dataclass(frozen=True, slots=True)
class Harm:
    """What befalls bytes at a place, given as thousandths of their length."""

    kind: str
    at: int
    length: int
    with_bytes: bytes

    def to(self, content: bytes) -> bytes:
        start = len(content) * self.at // 1000
        end = min(len(content), start + self.length)
        part = content[start:end]
        return {
            "drop": content[:start] + content[end:],
            "double": content[:end] + part + content[end:],
            "insert": content[:start] + self.with_bytes + content[start:],
            "write": content[:start] + self.with_bytes + content[start + len(self.with_bytes) :],
            "cut": content[:start],
            "turn": content[:start] + part[::-1] + content[end:],
            "lines": b"\n".join(content.split(b"\n")[::-1]),
            "again": content + content,
        }[self.kind]


TOKENS = (
    b"|", b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\t", b"T|", b"H|", b"-", b"0.001", b"NaN", b"1e400",
    b"<", b"&x;", b"<!DOCTYPE a>", b"]]>", b"{", b"}", b"[", b"null", b"9" * 400, b"\xe5", b"\x81\x30\x81\x30", b"\x1a",
    b"PK\x05\x06",
)  # fmt: skip
HARMS = st.lists(
    st.builds(
        Harm,
        kind=st.sampled_from(["drop", "double", "insert", "write", "cut", "turn", "lines", "again"]),
        at=st.integers(0, 1000),
        length=st.integers(1, 60),
        with_bytes=st.one_of(st.binary(min_size=1, max_size=6), st.sampled_from(TOKENS)),
    ),
    max_size=4,
)
"""A few things that befall a file, in order."""
CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "合计", "\u3000", "'", '"', "=1+1", "1.0E+17", "*", "姓名", "负责人:甲", "0", "-", "\u200b", "𠮷", "\ue81e"]
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\x00", exclude_categories=("Cs", "Cc")), max_size=9),
)
"""What may stand in a cell."""
