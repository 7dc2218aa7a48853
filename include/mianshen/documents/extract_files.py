"""A department's extract as files: a workbook of text cells, CSV without live formulas, Parquet. Equal input, equal bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mianshen.core.days import local
from mianshen.core.extract import COLUMNS, KEY, KEY_ZH
from mianshen.core.pack import Pack
from mianshen.documents.live_text import tamed
from mianshen.documents.workbook import Book


def extract_files(
    rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str], pack: Pack, department: str, month: str, made: datetime
) -> dict[str, bytes]:
    """The files' bytes by suffix: xlsx, csv, parquet. `rows` hold the department's key and the columns granted."""
    names = [KEY, *columns]
    lines = [[_text(row[name]) for name in names] for row in rows]
    return {
        "xlsx": _workbook(lines, names, pack=pack, department=department, month=month, made=made),
        "csv": _csv(names, lines),
        "parquet": _parquet(rows, names),
    }


def _workbook(
    lines: Sequence[Sequence[str]], names: Sequence[str], *, pack: Pack, department: str, month: str, made: datetime
) -> bytes:
    headings = [{KEY: KEY_ZH, **COLUMNS}[name] for name in names]
    above = [
        f"{pack.department(department).name_zh}救助对象画像 {month}",
        f"{pack.county_name_zh};共 {len(lines)} 人;截至 {local(made):%Y-%m-%d %H:%M}。",
        "只供本部门按所写用途使用,不含姓名证件;* 为相同者过少,不告知。",
    ]
    if pack.plan.is_illustrative:
        above.append("按示例标准计算,不得作为发放依据。")
    book = Book()
    book.sheet(month, above=above, headings=headings, rows=lines)
    return book.content(made=made)


def _csv(names: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([tamed(one) for one in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _parquet(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    kinds = {name: pa.int64() if name.endswith("_fen") else pa.string() for name in names}
    table = pa.table({name: pa.array([row[name] for row in rows], kinds[name]) for name in names})
    raw = io.BytesIO()
    pq.write_table(table, raw, compression="zstd")
    return raw.getvalue()


def _text(value: Any) -> str:
    return "" if value is None else str(value)
