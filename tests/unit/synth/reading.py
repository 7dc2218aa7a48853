"""Reads a delivered file by physical lines, with nothing of the product: what the answer key's line numbers mean."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import openpyxl

HEADINGS_OF_IDS = {"身份证号", "身份证号码", "证件号码", "公民身份号码", "残疾人证号", "certno"}


def grid(path: Path) -> list[list[str]]:
    """Every line as cells; line n of the file is item n - 1."""
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in page.iter_rows(values_only=True)]
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    encoding = "gb18030" if ".gbk." in path.name or path.suffix == ".tsv" else "utf-8-sig"
    delimiter = "\t" if path.suffix == ".tsv" else ","
    return [line.split(delimiter) for line in text.decode(encoding).replace("\r\n", "\n").split("\n")[:-1]]


def body(path: Path) -> tuple[list[str], dict[int, dict[str, str]]]:
    """Headings, and the records by line number: heading -> cell."""
    rows = grid(path)
    first = 3 if path.suffix == ".xlsx" else 1
    last = len(rows) - 2 if path.suffix == ".xlsx" else len(rows)
    headings = rows[first - 1]
    return headings, {line: dict(zip(headings, rows[line - 1], strict=True)) for line in range(first + 1, last + 1)}


def written_id(record: dict[str, str]) -> str:
    """The cell under the heading of the id number."""
    return next(cell for heading, cell in record.items() if heading in HEADINGS_OF_IDS)
