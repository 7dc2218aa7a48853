"""Bank files as a workbook: text cells only, no formula ever, dated by the batch's moment, written row by row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from mianshen.core.bank import BankProfile
from mianshen.documents.bank_lines import BankBatch, Pay, cells_of
from mianshen.documents.bank_text import frame_words

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_WORKBOOK_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_WORKBOOK_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_WORKBOOK_TYPE}.styles+xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
    '<sheets><sheet name="发放明细" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="SimSun"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
"""Every part but the rows and the dates. Format 49 is text: no program turns an account into a number."""


def bank_sheet(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch) -> bytes:
    """The workbook's bytes: head, headings, one row a payment, closing row, as the profile asks for them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
        for name, text in {**_PARTS, "docProps/core.xml": _core(batch.made_at)}.items():
            book.writestr(_part(name), (_HEAD + text).encode())
        with book.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in _rows(profile, payments, batch):
                sheet.write(f"<row>{''.join(_cell(text) for text in row)}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")
    return made.getvalue()


def _rows(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch) -> Iterator[Sequence[str]]:
    words = frame_words(profile, payments, batch)
    if profile.head:
        yield [text.format_map(words) for text in profile.head]
    if profile.has_header:
        yield [column.heading for column in profile.columns]
    for one in payments:
        yield cells_of(profile, one, batch)
    if profile.trailer:
        yield [text.format_map(words) for text in profile.trailer]


def _cell(text: str) -> str:
    """A text cell, whatever the text begins with; blanks at its ends are kept."""
    return f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name, date_time=_EARLIEST)
    part.compress_type = zipfile.ZIP_DEFLATED
    part.external_attr = 0o600 << 16
    return part


def _core(moment: datetime) -> str:
    stamp = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    dated = "".join(f'<dcterms:{word} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{word}>' for word in ("created", "modified"))
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{dated}</cp:coreProperties>'
    )
