"""Tables of the lake are opened by `lake.show` alone: what lies in a file is not always what stands (docs/adr/0028)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.architecture.sources import DAGS, PLUGINS, PRODUCT, ROOT, python_files

OPENS = re.compile(r"\b(read_parquet|parquet_scan|scan_parquet|ParquetFile|ParquetDataset|read_table|pq\.read_\w+)\b")
OTHERS = {
    "warehouse/layers.py": "what lake.show reads",
    "warehouse/lake_file.py": "the file that was just written",
    "warehouse/assessing_parts.py": "a task's own files, none of the lake",
    "warehouse/build.py": "a task's own files, none of the lake",
    "warehouse/publish_files.py": "the copy that was just written",
    "feeds/parquet.py": "a delivery that came as Parquet",
}
"""Modules that open Parquet, and what."""


def openings(text: str) -> list[str]:
    return [hit[0] for hit in OPENS.finditer(text)]


def test_no_reader_opens_a_file_of_the_lake_by_itself() -> None:
    files = python_files(PRODUCT, PLUGINS, DAGS, ROOT / "tools")
    opening = {str(path.relative_to(PRODUCT) if PRODUCT in path.parents else path) for path in files if openings(_text(path))}
    assert opening == OTHERS.keys()


def _text(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["con.execute(f\"from read_parquet('{path}')\")", "pq.ParquetFile(path)", "pl.scan_parquet(files)"]
)
def test_an_opening_is_seen(text: str) -> None:
    assert openings(text) != []
