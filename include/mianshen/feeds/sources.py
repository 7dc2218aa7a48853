"""Where a county's deliveries come from: the home's settings as values, each refused with its place when it makes no sense.

`settings.json`, `counties.<pack>.sources`: a list of objects. Addresses and secrets stand in Airflow's connections, never here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from mianshen.core.contract import Contract
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.feeds.fields import Fields

CODE = r"[a-z0-9][a-z0-9_]{0,39}"
_CONNECTION = r"[\w.@-]{1,200}"
_WORD = r"[A-Za-z0-9_]{1,64}"
_COLUMN = r"[^\x00-\x1f\"`;]{1,64}"
_ENDPOINT = r"(?!//)[^\s?#\\]{1,500}"
EARLIEST = (6,)
"""The hours at which a source is fetched that names none."""


class SourceKind(StrEnum):
    """By which door the deliveries come."""

    SFTP = "sftp"
    HTTP = "http"
    DATABASE = "database"
    OBJECT = "object"


class NameEncoding(StrEnum):
    """In which bytes a server tells the names of its files; old servers on Chinese Windows tell them in GBK."""

    UTF8 = "utf-8"
    GB18030 = "gb18030"


class Span(StrEnum):
    """Which period is asked of an interface or a table, seen from the day of fetching."""

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    YESTERDAY = "yesterday"


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a month as it is asked for."""

    first: date
    """Its first day."""
    end: date
    """The first day after it."""

    @property
    def written(self) -> str:
        """202610, or 20261005 for a day."""
        return f"{self.first:%Y%m%d}" if (self.end - self.first).days == 1 else f"{self.first:%Y%m}"


@dataclass(frozen=True, slots=True)
class FileAsk:
    """Files of a folder, on an SFTP server, a shared folder or in object storage."""

    path: str
    """The folder; of object storage with its scheme, s3://bucket/folder or file:///folder."""
    pattern: re.Pattern[str]
    """What the whole bare name must match; a group `period` gives 202610 or 20261005."""
    is_recursive: bool
    """Whether folders below are looked through."""
    needs_control: bool
    """Whether a file waits until its control file lies beside it."""
    name_encoding: NameEncoding
    """How an SFTP server writes the names of files and folders."""


@dataclass(frozen=True, slots=True)
class PageAsk:
    """An interface that gives pages `{"page","pageSize","total","rows"}`."""

    endpoint: str
    """Path below the connection's address."""
    parameters: Mapping[str, str]
    """Further parameters; `{period}` in a value is replaced."""
    page_size: int
    """Rows asked for at a time."""
    span: Span
    """Which period is asked for."""
    period_format: str
    """How the interface writes it, as of strftime."""


@dataclass(frozen=True, slots=True)
class TableAsk:
    """A table or view."""

    table: str
    """Its name."""
    schema: str | None
    """Its schema; None for the connection's own."""
    columns: tuple[str, ...]
    """Columns taken, in this order; empty takes all."""
    key: tuple[str, ...]
    """Columns that order the rows and make each unique."""
    period_column: str | None
    """The column that tells the period; None takes every row."""
    span: Span
    """Which period is asked for."""
    period_format: str
    """How a text column writes it, as of strftime."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place from which deliveries are fetched."""

    code: str
    """Its name in tasks, folders and messages."""
    kind: SourceKind
    """By which door."""
    conn_id: str | None
    """Airflow connection; None for a shared folder that needs none."""
    list_code: str | None
    """Which list it gives; None when names or control files say so."""
    hours: tuple[int, ...]
    """Hours of the day, Asia/Shanghai, at which it is fetched."""
    days: tuple[int, ...]
    """Days of the month on which it is fetched; empty for every day."""
    ask: FileAsk | PageAsk | TableAsk
    """What is asked of it."""

    def last_due(self, now: datetime) -> datetime:
        """The newest moment, not later than now, at which it was to be fetched."""
        day = now.astimezone(ZONE).date()
        while True:
            if not self.days or day.day in self.days:
                for hour in sorted(self.hours, reverse=True):
                    due = datetime.combine(day, time(hour), tzinfo=ZONE)
                    if due <= now:
                        return due
            day -= timedelta(days=1)

    def is_due(self, now: datetime, *, done_at: datetime | None) -> bool:
        """Whether it was to be fetched since it last was; what failed stays due."""
        return done_at is None or done_at < self.last_due(now)


def period_of(span: Span, day: date) -> Period:
    """The period that a source is asked for on this day."""
    first = day.replace(day=1)
    if span is Span.YESTERDAY:
        return Period(day - timedelta(days=1), day)
    if span is Span.LAST_MONTH:
        return Period((first - timedelta(days=1)).replace(day=1), first)
    return Period(first, (first + timedelta(days=31)).replace(day=1))


def read_sources(settings: Mapping[str, Any], pack: str) -> tuple[Source, ...]:
    """The county's sources in the order of the settings; MianshenError SOURCE_SETTINGS for the first that makes no sense."""
    raw = settings.get("counties", {}).get(pack, {}).get("sources", [])
    where = f"settings.json counties.{pack}.sources"
    if not isinstance(raw, list):
        raise MianshenError("SOURCE_SETTINGS", found="not a list", where=where)
    found = tuple(_source(Fields.of(one, where=f"{where}[{place}]")) for place, one in enumerate(raw))
    doubled = sorted({one.code for one in found if [other.code for other in found].count(one.code) > 1})
    if doubled:
        raise MianshenError("SOURCE_SETTINGS", found=f"code {doubled[0]} twice", where=where)
    return found


def contract_of(source: Source, contracts: Iterable[Contract]) -> Contract | None:
    """The contract of the list that the source gives; None when it names none.

    MianshenError SOURCE_SETTINGS when the pack has no such list, or keeps it by another length of period.
    """
    if source.list_code is None:
        return None
    known = {one.list_code: one for one in contracts}
    if source.list_code not in known:
        raise MianshenError("SOURCE_SETTINGS", found=f"list_code {source.list_code}", where=source.code)
    contract = known[source.list_code]
    if isinstance(source.ask, FileAsk):
        return contract
    is_daily = source.ask.span is Span.YESTERDAY
    if is_daily and contract.period_grain != "day":
        raise MianshenError(
            "SOURCE_SETTINGS", found=f"period {source.ask.span}, list by {contract.period_grain}", where=source.code
        )
    return contract


def _source(fields: Fields) -> Source:
    kind = SourceKind(fields.choice("kind", [one.value for one in SourceKind]))
    code = fields.text("code", CODE)
    gives_files = kind in (SourceKind.SFTP, SourceKind.OBJECT)
    is_free = kind is SourceKind.OBJECT
    made = Source(
        code=code,
        kind=kind,
        conn_id=fields.optional("conn_id", _CONNECTION) if is_free else fields.text("conn_id", _CONNECTION),
        list_code=fields.optional("list_code", _WORD) if gives_files else fields.text("list_code", _WORD),
        hours=fields.numbers("hours", 0, 23) or EARLIEST,
        days=fields.numbers("days", 1, 31),
        ask=_ask(fields, kind),
    )
    fields.finish()
    return made


def _ask(fields: Fields, kind: SourceKind) -> FileAsk | PageAsk | TableAsk:
    if kind is SourceKind.HTTP:
        return _pages(fields)
    return _table(fields) if kind is SourceKind.DATABASE else _files(fields, kind)


def _files(fields: Fields, kind: SourceKind) -> FileAsk:
    path = fields.text("path", r"[^\x00]{1,1000}")
    if kind is SourceKind.OBJECT and not re.match(r"(s3|file)://", path):
        fields.refuse("path", "s3://… | file:///…")
    if re.search(r"://[^/]*:[^/]*@", path):
        fields.refuse("path", "no password here")
    encoding = NameEncoding.UTF8
    if kind is SourceKind.SFTP:
        encoding = NameEncoding(fields.choice("name_encoding", list(NameEncoding), default=encoding))
    return FileAsk(path, fields.pattern("pattern"), fields.flag("recursive"), fields.flag("needs_control"), encoding)


def _pages(fields: Fields) -> PageAsk:
    return PageAsk(
        endpoint=fields.text("endpoint", _ENDPOINT),
        parameters=fields.words("parameters"),
        page_size=fields.number("page_size", 1, 100_000, default=1000),
        span=_span(fields),
        period_format=fields.optional("period_format", r"[%\w./年月日-]{2,40}") or "%Y%m",
    )


def _table(fields: Fields) -> TableAsk:
    columns, key = fields.names("columns", _COLUMN), fields.names("key", _COLUMN, needed=True)
    if columns and not set(key) <= set(columns):
        fields.refuse("key", "须在 columns 之内 must be among columns")
    return TableAsk(
        table=fields.text("table", _COLUMN),
        schema=fields.optional("schema", _COLUMN),
        columns=columns,
        key=key,
        period_column=fields.optional("period_column", _COLUMN),
        span=_span(fields),
        period_format=fields.optional("period_format", r"[%\w./年月日-]{2,40}") or "%Y%m",
    )


def _span(fields: Fields) -> Span:
    return Span(fields.choice("period", [one.value for one in Span], default=Span.LAST_MONTH.value))


def codes_due(sources: Sequence[Source], now: datetime, *, done: Mapping[str, datetime | None]) -> list[str]:
    """Codes of the sources that are due, in the settings' order."""
    return [one.code for one in sources if one.is_due(now, done_at=done.get(one.code))]
