"""取消救助资格: what an audit decided about a person whose relief was obtained by deceit, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mianshen.core.errors import MianshenError

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_LONG_DIGITS = re.compile(r"\d{15}")
GROUNDS = {
    "IMPOSTURE": "冒名顶替 somebody else's identity was used",
    "FALSE_PAPERS": "提供虚假材料 papers were false",
    "FAVOUR": "徇私舞弊 relief was granted by favour",
}
"""Why a person may be excluded: a closed list (code, words)."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What was decided about one person."""

    person_key: str
    """The person, by key."""
    ground: str
    """One of GROUNDS."""
    since: date
    """First day of care, or of a fee, for which nothing is given."""
    until: date | None
    """First day for which relief is given again; None until it is lifted."""
    document_no: str
    """Number of the decision."""
    document_sha256: str
    """SHA-256 of the scanned decision."""
    decided_by: str
    """Office or login that decided; never who records it."""
    decided_on: date
    """Day of the decision."""


def check_exclusion(one: Exclusion, *, recorded_by: str, today: date) -> None:
    """Nothing when it may be recorded; MianshenError EXCLUSION_INVALID names what is wrong, MAKER_IS_CHECKER who may not."""
    wrong = {
        f"理由 ground {one.ground}": one.ground not in GROUNDS,
        f"止日 until {one.until}": one.until is not None and one.until <= one.since,
        "文号 document ?": not one.document_no.strip() or _LONG_DIGITS.search(one.document_no) is not None,
        "文件指纹 sha256 ?": _SHA256.match(one.document_sha256) is None,
        "决定人 decider ?": not one.decided_by.strip(),
        f"决定日期 day {one.decided_on}": one.decided_on > today,
    }
    found = [what for what, is_wrong in wrong.items() if is_wrong]
    if found:
        raise MianshenError("EXCLUSION_INVALID", found="; ".join(found), where="exclusion")
    if recorded_by == one.decided_by:
        raise MianshenError("MAKER_IS_CHECKER", found=recorded_by, where="exclusion")
