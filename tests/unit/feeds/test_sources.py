"""A county's sources as the settings name them: read, refused with their place, due at their hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.feeds.sources import FileAsk, PageAsk, Span, TableAsk, codes_due, contract_of, period_of, read_sources
from mianshen.policy.packs import load_pack

PACK = "510118_xinjin"
SFTP = {"code": "minzheng", "kind": "sftp", "conn_id": "minzheng_sftp", "path": "/out"}
HTTP = {"code": "yibao", "kind": "http", "conn_id": "yibao_api", "endpoint": "settlements", "list_code": "settlement"}
TABLE = {"code": "canlian", "kind": "database", "conn_id": "canlian_db", "table": "v", "key": ["id"], "list_code": "canlian"}
SHARE = {"code": "share", "kind": "object", "path": "file:///srv/share"}


def settings(*sources: object) -> dict[str, Any]:
    return {"counties": {PACK: {"sources": list(sources)}}}


def test_no_sources_are_none() -> None:
    assert read_sources({}, PACK) == ()
    assert read_sources({"counties": {PACK: {}}}, PACK) == ()


def test_each_kind_is_read() -> None:
    found = read_sources(settings(SFTP, HTTP, TABLE, SHARE), PACK)
    assert [type(one.ask) for one in found] == [FileAsk, PageAsk, TableAsk, FileAsk]
    assert [one.hours for one in found] == [(6,)] * 4
    assert found[3].conn_id is None


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("text", "not an object"),
        ({**SFTP, "kind": "ftp"}, "kind"),
        ({**SFTP, "code": "a/b"}, "code"),
        ({**SFTP, "code": "../x"}, "code"),
        ({**SFTP, "conn_id": None}, "conn_id"),
        ({**SFTP, "path": ""}, "path"),
        ({**SFTP, "password": "secret"}, "password"),
        ({**SFTP, "pattern": "("}, "pattern"),
        ({**SFTP, "pattern": 7}, "pattern"),
        ({**SFTP, "hours": [24]}, "hours"),
        ({**SFTP, "hours": []}, "hours"),
        ({**SFTP, "hours": [True]}, "hours"),
        ({**SFTP, "days": [0]}, "days"),
        ({**SFTP, "recursive": "yes"}, "recursive"),
        ({**SHARE, "path": "ftp://x"}, "path"),
        ({**SHARE, "path": "s3://key:secret@bucket/x"}, "path"),
        ({**HTTP, "endpoint": "//other.invalid/x"}, "endpoint"),
        ({**HTTP, "endpoint": "a?token=1"}, "endpoint"),
        ({**HTTP, "page_size": 0}, "page_size"),
        ({**HTTP, "list_code": None}, "list_code"),
        ({**HTTP, "parameters": {"a": 1}}, "parameters"),
        ({**HTTP, "period": "always"}, "period"),
        ({**TABLE, "key": []}, "key"),
        ({**TABLE, "key": ["id", "id"]}, "key"),
        ({**TABLE, "columns": ["name"]}, "key"),
        ({**TABLE, "table": "a; drop table b"}, "table"),
    ],
)
def test_nonsense_is_refused_with_its_place(source: object, named: str) -> None:
    with pytest.raises(MianshenError, match="SOURCE_SETTINGS") as caught:
        read_sources(settings(SFTP, source), PACK)
    assert named in caught.value.found
    assert "secret" not in str(caught.value)
    assert caught.value.where == f"settings.json counties.{PACK}.sources[1]"


def test_a_code_stands_once() -> None:
    with pytest.raises(MianshenError, match="minzheng twice"):
        read_sources(settings(SFTP, SFTP), PACK)
    with pytest.raises(MianshenError, match="not a list"):
        read_sources({"counties": {PACK: {"sources": {}}}}, PACK)


def test_the_list_must_be_one_of_the_pack() -> None:
    contracts = load_pack(PACK, on=date(2026, 11, 3)).contracts
    (free,) = read_sources(settings(SFTP), PACK)
    assert contract_of(free, contracts) is None
    (known,) = read_sources(settings({**SFTP, "list_code": "minzheng_ertong"}), PACK)
    found = contract_of(known, contracts)
    assert found is not None
    assert found.list_code == "minzheng_ertong"
    (unknown,) = read_sources(settings({**SFTP, "list_code": "nobodys"}), PACK)
    with pytest.raises(MianshenError, match="SOURCE_SETTINGS"):
        contract_of(unknown, contracts)
    (daily,) = read_sources(settings({**HTTP, "list_code": "minzheng_ertong", "period": "yesterday"}), PACK)
    with pytest.raises(MianshenError, match="SOURCE_SETTINGS"):
        contract_of(daily, contracts)


@pytest.mark.parametrize(
    ("span", "day", "written", "end"),
    [
        (Span.LAST_MONTH, date(2026, 1, 31), "202512", date(2026, 1, 1)),
        (Span.THIS_MONTH, date(2026, 12, 31), "202612", date(2027, 1, 1)),
        (Span.YESTERDAY, date(2026, 3, 1), "20260228", date(2026, 3, 1)),
        (Span.LAST_MONTH, date(2028, 3, 31), "202802", date(2028, 3, 1)),
    ],
)
def test_the_period_that_is_asked_for(span: Span, day: date, written: str, end: date) -> None:
    assert (period_of(span, day).written, period_of(span, day).end) == (written, end)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZONE)


def test_a_source_is_due_at_its_hours_and_stays_due_until_it_was_fetched() -> None:
    (source,) = read_sources(settings({**SFTP, "hours": [6, 12]}), PACK)
    assert source.last_due(at(3, 11)) == at(3, 6)
    assert source.last_due(at(3, 12)) == at(3, 12)
    assert source.last_due(at(3, 5)) == at(2, 12)
    assert source.is_due(at(3, 7), done_at=None)
    assert source.is_due(at(3, 7), done_at=at(3, 6) - timedelta(seconds=1))
    assert not source.is_due(at(3, 7), done_at=at(3, 6))
    assert source.is_due(at(5, 1), done_at=at(3, 6)), "what failed two days ago is still due"


def test_a_source_of_certain_days() -> None:
    (source,) = read_sources(settings({**SFTP, "days": [5, 31]}), PACK)
    assert source.last_due(at(4, 9)) == datetime(2026, 10, 31, 6, tzinfo=ZONE)
    assert source.last_due(at(5, 6)) == at(5, 6)
    assert codes_due([source], at(4, 9), done={"minzheng": at(1, 1)}) == []
    assert codes_due([source], at(5, 9), done={"minzheng": at(1, 1)}) == ["minzheng"]
