from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from mianshen.core.pack import Pack
from mianshen.synth.files import Drawer, delimited, fitting_name, gzipped, workbook


def book() -> bytes:
    return workbook(
        sheet="3月",
        above=("名单", "填报单位"),
        headings=("序号", "姓名", "证号"),
        rows=[(1, "陈军", "100999199001010017"), (2, "𠮷䶮", None)],
        below=(("合计", None, 2),),
    )


def test_a_workbook_is_the_same_bytes_twice_and_carries_no_moment() -> None:
    assert book() == book()
    with zipfile.ZipFile(io.BytesIO(book())) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_a_workbook_opens_with_two_readers() -> None:
    page = openpyxl.load_workbook(io.BytesIO(book())).worksheets[0]
    assert [str(one) for one in page.merged_cells.ranges] == ["A1:C1"]
    assert [cell.value for cell in page[4]] == [1, "陈军", "100999199001010017"]
    other = pd.read_excel(io.BytesIO(book()), header=2, dtype=str, engine="calamine")
    assert other["姓名"].tolist()[:2] == ["陈军", "𠮷䶮"]


def test_text_and_gzip_are_plain() -> None:
    content = delimited(("a", "b"), ["1,2", "3,4"], delimiter=",", encoding="utf-8-sig", line_end="\r\n")
    assert content == b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n"
    assert gzipped(content) == gzipped(content)
    assert gzipped(content)[4:8] == b"\0\0\0\0"


def test_a_file_lies_beside_its_control_file(tmp_path: Path, xinjin: Pack) -> None:
    contract = xinjin.contract("tuiyi_youfu")
    drawer = Drawer(tmp_path)
    drawer.put("tuiyi_youfu_202603.csv", b"x\n", contract=contract, period="2026-03", records=3)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["tuiyi_youfu_202603.csv", "tuiyi_youfu_202603.csv.ctl"]
    assert json.loads((tmp_path / "tuiyi_youfu_202603.csv.ctl").read_text("utf-8")) == {
        "feed": "roster",
        "dept": "veterans",
        "list_code": "tuiyi_youfu",
        "period": "2026-03",
        "records": 3,
        "sha256": hashlib.sha256(b"x\n").hexdigest(),
    }


def test_a_name_that_no_pattern_accepts_is_refused(xinjin: Pack) -> None:
    contract = xinjin.contract("tuiyi_youfu")
    assert fitting_name(contract, ("nothing.csv", "tuiyi_youfu_202603.xlsx")) == "tuiyi_youfu_202603.xlsx"
    with pytest.raises(ValueError, match="tuiyi_youfu"):
        fitting_name(contract, ("nothing.csv",))
