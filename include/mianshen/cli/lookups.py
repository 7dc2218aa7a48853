"""Who looked whom up: both logs shown to their readers, and checked against the audit chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.office import OFFICES_ZH, READERS_EN, READERS_ZH, Office
from mianshen.core.paths import Home
from mianshen.stages.frame import read_settings, supervision_url

_PROBLEMS = {
    "changed": ("内容被改动", "its content was changed"),
    "moved": (
        "前后不相接,此前有缺失或此条是后加的",
        "it does not follow its predecessor: a row is missing or this one was put in",
    ),
    "gone": ("审计链记有此条,查名记录里没有", "the audit chain names it, the log has no such row"),
    "unanchored": (
        "审计链没有此条:后加的,或当时任务中断(未打开任何姓名);查明后用 mianshen vault explain 说明",
        "the audit chain does not name it: it was put in, or its task died before anything opened (mianshen vault explain)",
    ),
}


def log_rows(home: Home, office: Office) -> list[dict[str, Any]]:
    """Every row of an office's log; MianshenError LOOKUPS_CLOSED for an account that may not read it."""
    from sqlalchemy.exc import DBAPIError

    from mianshen.vault.lookups import LookupLog
    from mianshen.warehouse.connect import VAULT, open_database

    settings = read_settings(home)
    is_bureau = office is Office.BUREAU
    url = settings.get("vault_url") or home.vault_url if is_bureau else supervision_url(home, settings)
    engine = open_database(url, schema=VAULT)
    try:
        return LookupLog(engine, office).rows()
    except DBAPIError as cause:
        raise MianshenError("LOOKUPS_CLOSED", found=type(cause.orig).__name__, where=f"{office} log") from cause
    finally:
        engine.dispose()


def show(home: Home, office: Office) -> None:
    """Print a log, who may read it first; persons are counted, never named."""
    rows = log_rows(home, office)
    say(
        f"{OFFICES_ZH[office]}查名记录,可阅:{READERS_ZH[office]};{len(rows)} 条",
        f"look-ups of the {office}, read by {READERS_EN[office]}: {len(rows)}",
    )
    if rows:
        names = ("lookup_no", "looked_up_at", "actor", "purpose", "recipient", "fields", "persons")
        print(table([tuple(str(row[name]) for name in names) for row in rows]))


def tell_findings(home: Home, chain: Sequence[Mapping[str, Any]]) -> int:
    """Say what does not hold of the look-ups; returns how many. A log that this account may not read is said to be unchecked."""
    from mianshen.vault.lookups import verify
    from mianshen.warehouse.lookup_anchors import anchored

    named, problems = anchored(chain), 0
    for office in Office:
        whose_zh, whose_en = f"{OFFICES_ZH[office]}查名记录", f"look-ups of the {office}"
        try:
            rows = log_rows(home, office)
        except MianshenError as closed:
            if closed.code != "LOOKUPS_CLOSED":
                raise
            say(f"{whose_zh}:此账号不能阅读,未核对", f"{whose_en}: not for this account to read, not checked")
            continue
        found = verify(rows, office=office, anchored=named)
        for one in found:
            zh, en = _PROBLEMS[one.problem]
            say(f"{whose_zh}第 {one.lookup_no} 条:{zh}", f"{whose_en}, {one.lookup_no}: {en}")
        if not found:
            say(f"{whose_zh}与审计链相符:{len(rows)} 条", f"{whose_en} are as the chain says: {len(rows)}")
        problems += len(found)
    return problems
