"""Whatever is delivered: a reason, or every row accounted for. No crash, no row lost."""

from __future__ import annotations

import csv
import io
import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mianshen.core.contract import Contract
from mianshen.core.errors import MianshenError
from mianshen.feeds.reader import read

CELL = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\x00", exclude_categories=("Cs",)), max_size=12)
ROW = st.tuples(CELL, CELL, CELL, CELL)
HEAD = ("姓名", "身份证号", "救助类别", "镇（街道）")
LEADS = [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0", b"\xff\xfe"]
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(rows=st.lists(ROW, max_size=30), encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), quoted=st.booleans())
def test_rows_in_are_records_and_ignored_lines(
    roster: Contract, rows: list[tuple[str, ...]], encoding: str, quoted: bool
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerows([HEAD, *rows])
    expected = len(rows)
    try:
        landed = read(stream.getvalue().encode(encoding), contract=roster, where="f")
    except MianshenError as error:
        assert error.code in {"HEADER_DOUBLED", "HEADER_UNIT", "ENCODING_UNKNOWN", "ENCODING_MIXED"}
        return
    assert landed.records + landed.ignored == expected
    assert landed.table["line_no"].to_pylist() == sorted(set(landed.table["line_no"].to_pylist()))


@QUICK
@given(
    body=st.text(alphabet=string.printable + "低保张三合计,\"'\uff0c", max_size=400),
    cut=st.integers(0, 20),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_any_text_is_read_or_refused_with_a_reason(roster: Contract, body: str, cut: int, encoding: str) -> None:
    content = (",".join(HEAD) + "\n" + body).encode(encoding)
    try:
        landed = read(content[: len(content) - cut], contract=roster, where="f")
    except MianshenError as error:
        assert error.code.startswith(("FILE_", "HEADER_", "ENCODING_", "PAGE"))
        return
    assert landed.records + landed.ignored <= len(content)


@QUICK
@given(
    content=st.binary(max_size=300), lead=st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0", b"\xff\xfe"])
)
def test_any_bytes_are_refused_with_a_reason(roster: Contract, content: bytes, lead: bytes) -> None:
    try:
        read(lead + content, contract=roster, where="f")
    except MianshenError as error:
        assert error.code.startswith(("FILE_", "HEADER_", "ENCODING_", "PAGE"))
