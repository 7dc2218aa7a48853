"""Files as departments send them: text, workbook or gzip, each with its control file; equal content gives equal bytes."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from mianshen.core.contract import Contract
from mianshen.core.digest import sha256_hex

_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_SHEET_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - workbooks carry no zone
_XLSX_MOMENT = b"2000-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Sent:
    """One file that was written, as the answer key lists it."""

    name: str
    """Bare file name."""
    feed: str
    """settlement | enrolment | roster."""
    list_code: str
    """The contract's list code."""
    period: str
    """Partition: 2026-10 or 2026-10-05."""
    records: int
    """Data rows."""
    sha256: str
    """Hash of the bytes."""
    kind: str = "good"
    """good | late | a kind of bad file."""
    reason_code: str = ""
    """What a bad file is expected to be called."""


@dataclass(slots=True)
class Drawer:
    """A folder that files are put into; a control file lands before its file, and a file appears whole."""

    folder: Path
    """Where files go."""
    sent: list[Sent] = field(default_factory=list)
    """What was put, in order."""

    def put(self, name: str, content: bytes, *, contract: Contract, period: str, records: int, **changes: str) -> Sent:
        """The file with its control file; `changes` (dept, kind, reason_code) make bad ones."""
        note = Sent(
            name=name,
            feed=contract.feed.value,
            list_code=contract.list_code,
            period=period,
            records=records,
            sha256=sha256_hex(content),
            kind=changes.get("kind", "good"),
            reason_code=changes.get("reason_code", ""),
        )
        control = {
            "feed": note.feed,
            "dept": changes.get("dept", contract.department_code),
            "list_code": note.list_code,
            "period": note.period,
            "records": records,
            "sha256": note.sha256,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.ctl").write_text(json.dumps(control, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft = self.folder / f"{name}.tmp"
        draft.write_bytes(content)
        draft.replace(self.folder / name)
        self.sent.append(note)
        return note


def delimited(headings: Sequence[str], lines: Iterable[str], *, delimiter: str, encoding: str, line_end: str) -> bytes:
    """A text file with one heading line; `utf-8-sig` writes a byte order mark."""
    return line_end.join([delimiter.join(headings), *lines, ""]).encode(encoding)


def gzipped(content: bytes) -> bytes:
    """The content as gzip without name and moment."""
    return gzip.compress(content, compresslevel=6, mtime=0)


def workbook(
    *,
    sheet: str,
    above: Sequence[str],
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    below: Iterable[Sequence[object]],
) -> bytes:
    """An xlsx file: title lines (the first merged over the width), headings, rows, closing lines."""
    book = Workbook(write_only=True)
    book.properties.created = _SHEET_MOMENT
    page = book.create_sheet(sheet)
    for line in above:
        page.append([line])
    page.merged_cells.add(f"A1:{get_column_letter(len(headings))}1")
    page.append(list(headings))
    for row in rows:
        page.append(row)
    for row in below:
        page.append(list(row))
    raw = io.BytesIO()
    book.save(raw)
    return _without_moments(raw.getvalue())


def _without_moments(xlsx: bytes) -> bytes:
    """The same workbook with every date of its making fixed."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in sorted(old.namelist()):
            part = zipfile.ZipInfo(name, date_time=_ZIP_MOMENT)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, _MODIFIED.sub(rb"\g<1>" + _XLSX_MOMENT + rb"\g<2>", old.read(name)), compresslevel=6)
    return fixed.getvalue()


def fitting_name(contract: Contract, candidates: Sequence[str]) -> str:
    """The first name that a pattern of the contract accepts; ValueError when none fits."""
    for name in candidates:
        if any(re.fullmatch(pattern, name) for pattern in contract.file_patterns):
            return name
    raise ValueError(f"no pattern of contract {contract.list_code} accepts {candidates[0]}")
