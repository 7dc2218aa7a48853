"""Relief that a meeting granted beyond the rules: what must be said of it. No rule ever computes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mianshen.core.errors import MianshenError

BENEFIT = "exceptional"
"""The benefit that such a posting bears; no policy may have one of this name."""
NAME_ZH = "会商特殊救助"
"""What people read."""
ROUTE_REASON = "EXCEPTIONAL"
"""Why a person decides about it, always."""
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_LONG_DIGITS = re.compile(r"\d{15}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What the minutes of a meeting granted to a person."""

    person_key: str
    """The person, by key."""
    department_code: str
    """Department that pays, and whose approver decides."""
    fund_code: str
    """Fund that it comes from."""
    amount_fen: int
    """More than nothing."""
    minutes_no: str
    """Number of the 会商纪要."""
    document_sha256: str
    """SHA-256 of the scanned minutes."""
    decided_by: str
    """Office or login that decided in the meeting; never who records it."""
    decided_on: date
    """Day of the meeting."""
    benefit_year: int
    """Year that the relief is of."""


def check_grant(grant: Grant, *, recorded_by: str, departments: frozenset[str], funds: frozenset[str], today: date) -> None:
    """Nothing when the grant may be recorded; MianshenError EXCEPTIONAL_INVALID names what is missing or cannot be,
    MAKER_IS_CHECKER when who decided would record it."""
    wrong = {
        f"金额 amount {grant.amount_fen}": grant.amount_fen <= 0,
        "会商纪要号 minutes ?": not grant.minutes_no.strip() or _LONG_DIGITS.search(grant.minutes_no) is not None,
        "纪要指纹 sha256 ?": _SHA256.match(grant.document_sha256) is None,
        "决定人 decider ?": not grant.decided_by.strip(),
        f"部门 department {grant.department_code}": grant.department_code not in departments,
        f"资金 fund {grant.fund_code}": grant.fund_code not in funds,
        f"会商日期 day {grant.decided_on}": grant.decided_on > today,
        f"年度 year {grant.benefit_year}": not grant.decided_on.year - 2 <= grant.benefit_year <= grant.decided_on.year,
    }
    found = [what for what, is_wrong in wrong.items() if is_wrong]
    if found:
        raise MianshenError("EXCEPTIONAL_INVALID", found="; ".join(found), where="exceptional_award")
    if recorded_by == grant.decided_by:
        raise MianshenError("MAKER_IS_CHECKER", found=recorded_by, where="exceptional_award")
