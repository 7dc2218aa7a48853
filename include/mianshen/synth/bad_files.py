"""Files that must be refused by name and reason while the others go on: wrong period, changed heading, unreadable, ..."""

from __future__ import annotations

from pathlib import Path

from mianshen.core.contract import Contract
from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.synth.files import Drawer, Sent, delimited
from mianshen.synth.layouts import Form, layout_of

_BROKEN_TEXT = b"\xb1\xe0\xba\xc5,\xd0\xd5\xc3\xfb\n" + b"\xff\xff\xfe,\x80\x20\xff\n" * 8
_BROKEN_BOOK = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 64
_SLIP_MONTHS = 120
"""A slip of the pen in the year, 2036 for 2026."""


def write_bad_files(pack: Pack, *, month: Month, drawer: Drawer) -> tuple[Sent, ...]:
    """Six bad deliveries made from one good text list of the month; their control files say whose they are.

    ValueError when no text list was written.
    """
    good, contract = _model(pack, month, drawer)
    content = (drawer.folder / good.name).read_bytes()
    period, records = good.period, good.records
    heading, *rows = content.splitlines(keepends=True)
    layout = layout_of(contract)
    renamed = [f"旧{one}" if field in ("certno", "card") else one for one, field in layout.fields]
    delimiter = "\t" if layout.form is Form.TSV else ","
    changed = delimited(renamed, (), delimiter=delimiter, encoding=layout.encoding, line_end="\r\n") + b"".join(rows)
    again = heading + b"".join(rows[:-1])

    def put(kind: str, body: bytes, reason_code: str, *, count: int, **changes: str) -> Sent:
        suffix = "xlsx" if body.startswith(b"PK") else layout.form.value
        stem = f"{contract.list_code}_{month.year}{month.number:02d}"
        name = f"{stem}.{kind.replace('_', '')}.{suffix}"
        said = changes.pop("period", period)
        return drawer.put(
            name, body, contract=contract, period=said, records=count, kind=kind, reason_code=reason_code, **changes
        )

    return (
        put("wrong_period", again, "PERIOD_WRONG", count=records - 1, period=str(month.shift(_SLIP_MONTHS))),
        put("wrong_header", changed, "HEADER_CHANGED", count=records),
        put("unreadable_text", _BROKEN_TEXT, "ENCODING_UNKNOWN", count=8),
        put("unreadable_book", _BROKEN_BOOK, "FILE_UNREADABLE", count=8),
        put("unknown_department", heading + b"".join(rows[1:]), "DEPARTMENT_UNKNOWN", count=records - 1, dept="unknown_bureau"),
        put("sent_twice", content, "DELIVERY_DUPLICATE", count=records),
    )


def _model(pack: Pack, month: Month, drawer: Drawer) -> tuple[Sent, Contract]:
    """The first good delimited list of the month."""
    for sent in drawer.sent:
        if sent.feed == "roster" and sent.period == str(month) and sent.kind == "good" and Path(sent.name).suffix != ".xlsx":
            return sent, pack.contract(sent.list_code)
    raise ValueError("bad files are made from a delimited list of the month, and the pack has none")
