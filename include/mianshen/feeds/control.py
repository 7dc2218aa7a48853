"""Control files: `<file>.ctl`, a JSON object {feed, dept, list_code, period, records, sha256} beside the file it speaks of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mianshen.core.contract import Feed
from mianshen.core.errors import MianshenError

SUFFIX = ".ctl"
"""What a control file's name adds to its file's."""
MOST_RECORDS = 999_999_999
"""No delivery holds more rows: a longer number in this place is something else, a card number perhaps."""

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_CODE = re.compile(r"^\w{1,60}$")
_LONG = re.compile(r"\d{9}")
_OTHER_WORDS = {"expense": "settlement", "expenses": "settlement"}
"""What a department may call a feed, to its name."""


@dataclass(frozen=True, slots=True)
class Control:
    """What the department says of its own file; None where it says nothing."""

    feed: Feed
    """Which kind of delivery."""
    department_code: str | None
    """Who delivers."""
    list_code: str
    """Which list; the feed's own name for settlements and enrolments."""
    period: str | None
    """As written: 202610, 2026-10 or 20261005."""
    records: int | None
    """How many data rows."""
    sha256: str | None
    """The file's hash, lower-case hexadecimal."""


def read_control(content: bytes, *, where: str) -> Control:
    """The control file as a value; MianshenError CONTROL_DAMAGED for anything but the agreed JSON object."""
    try:
        body = json.loads(content.decode("utf-8-sig"))
        return _control(body)
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise MianshenError("CONTROL_DAMAGED", found=type(cause).__name__, where=where) from None


def _control(body: dict[str, Any]) -> Control:
    written = str(body["feed"]).strip().lower()
    feed = Feed(_OTHER_WORDS.get(written, written))
    records, sha256 = body.get("records"), _text(body.get("sha256"))
    if records is not None and (isinstance(records, bool) or not 0 <= int(records) <= MOST_RECORDS):
        raise ValueError("records")
    if sha256 is not None and not _SHA256.match(sha256.lower()):
        raise ValueError("sha256")
    department, list_code = _text(body.get("dept")), _text(body.get("list_code")) or feed.value
    if not all(_CODE.match(one) and not _LONG.search(one) for one in (department, list_code) if one):
        raise ValueError("code")
    return Control(
        feed=feed,
        department_code=department,
        list_code=list_code,
        period=_text(body.get("period")),
        records=None if records is None else int(records),
        sha256=sha256.lower() if sha256 else None,
    )


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None
