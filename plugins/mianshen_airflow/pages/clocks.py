"""What the pages of the register of clocks show: filters from the address, counts, one page of rows, one clock's whole story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, RowMapping

from mianshen.core.days import ZONE
from mianshen.documents.workbook import Book
from mianshen.stages.frame import read_settings
from mianshen.warehouse import docket
from mianshen.warehouse.docket import Counted, DocketPage, Wanted
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card, card_of
from mianshen_airflow.pages.charts import AgeBand, age_pyramid
from mianshen_airflow.pages.speech import Speech
from mianshen_airflow.pages.wording import HEADINGS, STATE_NAMES
from mianshen_airflow.watching import WatchNote

MOST_EXPORTED = 50_000
"""Rows of one workbook; a wider choice is narrowed by its filters."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, in the words of the address; empty text asks for everything."""

    county: str = ""
    """A pack."""
    limit: str = ""
    """Code of a time limit."""
    holder: str = ""
    """Code of a department."""
    town: str = ""
    """A town."""
    state: str = ""
    """One of STATES."""
    since: str = ""
    """First due day."""
    until: str = ""
    """Last due day."""

    def address(self, **change: str) -> str:
        """The query of an address that asks for this, with changes; what is empty is left out."""
        return urlencode({name: value for name, value in {**_words(self), **change}.items() if value})


@dataclass(frozen=True, slots=True)
class Docket:
    """One page of the register."""

    asked: Asked
    """What was asked for."""
    cards: Mapping[str, Card]
    """Every county of the home by its code."""
    counted: Sequence[Counted]
    """Counts under the filters, whatever the state."""
    page: DocketPage
    """The rows."""
    towns: Sequence[str]
    """Towns to choose from."""
    weeks: Sequence[Sequence[tuple[date, int | None]]]
    """Heat calendar: weeks of (day, misses), None for days outside."""
    ages: Sequence[tuple[tuple[str, str], int, bool]]
    """Running clocks by days left: (Chinese and English label, how many, whether late)."""
    pyramid: Sequence[AgeBand]
    """Running clocks by days since they started, the oldest first."""
    as_of: datetime
    """When it was read."""

    @property
    def widest_age(self) -> int:
        """The most clocks on one side of the pyramid, at least 1."""
        return max(1, *(max(one.in_time, one.late) for one in self.pyramid))

    def total(self, state: str) -> int:
        """Clocks in the state."""
        return sum(one.clocks for one in self.counted if one.state == state)

    def groups(self) -> list[tuple[Counted, Counter[str]]]:
        """Counts by county, limit and holder: (any of them, clocks by state)."""
        found: dict[tuple[str, str, str], tuple[Counted, Counter[str]]] = {}
        for one in self.counted:
            key = (one.county_code, one.time_limit_code, one.holder_department)
            found.setdefault(key, (one, Counter()))[1][one.state] += one.clocks
        return list(found.values())


def cards() -> dict[str, Card]:
    """The counties of the home's settings, by division code."""
    known = [card_of(pack) for pack in sorted(read_settings(defaults.home()).get("counties", {}))]
    return {one.county_code: one for one in known}


def docket_of(asked: Asked, *, after: str = "") -> Docket:
    """The register under these filters; KeyError for a county that the home does not name."""
    known, as_of = cards(), defaults.now()
    wanted = wanted_of(asked, known)
    whole = replace(wanted, state=None)
    with defaults.ledger(defaults.home()).connect() as connection:
        counted = docket.counted(connection, whole, as_of=as_of)
        towns = counted if not asked.town else docket.counted(connection, replace(whole, town=None), as_of=as_of)
        return Docket(
            asked=asked,
            cards=known,
            counted=counted,
            page=docket.page_of(connection, wanted, as_of=as_of, after=_place(after)),
            towns=sorted({one.town for one in towns if one.town}),
            weeks=_weeks(docket.misses_by_day(connection, whole), as_of.date()),
            ages=_ages(docket.due_by_day(connection, whole, as_of=as_of), as_of.date()),
            pyramid=age_pyramid(docket.started_by_day(connection, whole, as_of=as_of), today=as_of.date()),
            as_of=as_of,
        )


def wanted_of(asked: Asked, known: Mapping[str, Card]) -> Wanted:
    """The filters as the register reads them; KeyError for a county that the home does not name."""
    codes = tuple(code for code, card in known.items() if asked.county in ("", card.pack))
    if not codes:
        raise KeyError(asked.county)
    until = (date.fromisoformat(asked.until) + timedelta(days=1)).isoformat() if asked.until else None
    return Wanted(
        county_codes=codes,
        time_limit_code=asked.limit or None,
        holder_department=asked.holder or None,
        town=asked.town or None,
        state=asked.state or None,
        due_since=asked.since or None,
        due_until=until,
    )


def place_of(page: DocketPage) -> str:
    """Where the next page begins, as the address writes it; empty at the end."""
    return "~".join(page.after) if page.after else ""


def _place(after: str) -> tuple[str, str] | None:
    due_at, _, clock = after.partition("~")
    return (due_at, clock) if clock else None


@dataclass(frozen=True, slots=True)
class Story:
    """One clock and everything that happened to it."""

    clock: RowMapping
    """Its row of clock_standing with `state`."""
    card: Card
    """Its county."""
    history: Sequence[Mapping[str, Any]]
    """Events, turns and exemptions as they came."""
    watched_by: str
    """Address of the Airflow run that watches it; that run's tasks keep the log."""
    as_of: datetime
    """When it was read."""

    @property
    def may_be_applied_for(self) -> bool:
        """Whether an exemption may be applied for: it is recorded as missed, and none waits or stands."""
        return self.clock["missed_at"] is not None and self._last_exemption in ("", "exemption_denied")

    @property
    def waits_for_a_decision(self) -> bool:
        """Whether an exemption was applied for and not decided."""
        return self._last_exemption == "exemption_applied"

    @property
    def applicant(self) -> str:
        """Login of who applied last; empty when nobody did."""
        return next((one["actor"] for one in reversed(self.history) if one["what"] == "exemption_applied"), "")

    @property
    def _last_exemption(self) -> str:
        return next((one["what"] for one in reversed(self.history) if one["what"].startswith("exemption_")), "")

    @property
    def days_late(self) -> int:
        """Calendar days past the due day, up to its end or to now; 0 in time."""
        return late_days(self.clock, self.as_of)


def story_of(clock_id: str) -> Story | None:
    """The story of a clock; None when no county of the home has it."""
    known, as_of = cards(), defaults.now()
    with defaults.ledger(defaults.home()).connect() as connection:
        row = docket.clock_row(connection, clock_id, county_codes=tuple(known), as_of=as_of)
        if row is None:
            return None
        card = known[row["county_code"]]
        return Story(row, card, docket.history(connection, clock_id), _watch_address(card, row), as_of)


def late_days(clock: Mapping[Any, Any], as_of: datetime) -> int:
    """Calendar days past the due day, up to its end or to now; 0 in time."""
    if clock["state"] not in ("overdue", "met_late", "exempted"):
        return 0
    end = datetime.fromisoformat(clock["closed_at"]).astimezone(ZONE) if clock["closed_at"] else as_of
    return max(0, (end.date() - date.fromisoformat(clock["due_on"])).days)


def workbook(asked: Asked, *, speech: Speech) -> bytes:
    """The clocks under these filters as a workbook in the reader's language: text cells only, at most MOST_EXPORTED rows."""
    known, as_of = cards(), defaults.now()
    with defaults.ledger(defaults.home()).connect() as connection:
        rows = _exported(connection, wanted_of(asked, known), as_of)
    book = Book()
    book.sheet(
        speech.say("时限台账", "clocks"),
        above=(
            speech.say("免申即享 时限台账", "register of clocks"),
            f"{speech.as_of(as_of)} · {speech.say('{n} 条', '{n} rows').format(n=len(rows))}"
            + (speech.say(",只列最早到期的", ", those due first only") if len(rows) == MOST_EXPORTED else ""),
            f"{speech.say('筛选:', 'filters: ')}{asked.address() or speech.say('无', 'none')}",
        ),
        headings=[speech.say(*one) for one in HEADINGS],
        rows=[_line(known[row["county_code"]], row, as_of, speech) for row in rows],
    )
    return book.content(made=as_of)


def _exported(connection: Connection, wanted: Wanted, as_of: datetime) -> Sequence[RowMapping]:
    return docket.every_row(connection, wanted, as_of=as_of, most=MOST_EXPORTED)


def _line(card: Card, row: RowMapping, as_of: datetime, speech: Speech) -> list[str]:
    return [
        speech.county_name(card),
        speech.limit_name(card, row["time_limit_code"]),
        speech.department_name(card, row["holder_department"]),
        row["town"] or "",
        speech.say(*STATE_NAMES[row["state"]]),
        row["started_at"][:16].replace("T", " "),
        "" if row["state"] == "paused" else row["due_on"],
        speech.say("暂定", "provisional") if row["is_provisional"] else "",
        (row["closed_at"] or "")[:16].replace("T", " "),
        str(late_days(row, as_of) or ""),
        speech.why(row["cause_code"]),
        speech.subject_name(card, row["subject_kind"], row["subject_id"]),
        row["clock_id"],
    ]


def _watch_address(card: Card, row: RowMapping) -> str:
    listed = row["subject_id"] if row["subject_kind"] == "list" else ""
    note = WatchNote(row["county_code"], row["time_limit_code"], row["started_at"], row["due_at"], listed)
    return f"/dags/{card.pack}__deadlines/runs/{note.run_id}"


def _weeks(missed: Mapping[str, int], today: date) -> list[list[tuple[date, int | None]]]:
    """The last 18 weeks, Monday first, up to the week of today."""
    first = today - timedelta(days=today.weekday() + 17 * 7)
    days = [first + timedelta(days=number) for number in range(18 * 7)]
    cells = [(day, missed.get(day.isoformat(), 0) if day <= today else None) for day in days]
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


_AGES = (
    (-(10**6), ("逾期超过30天", "over 30 days late")),
    (-30, ("逾期11—30天", "11 to 30 days late")),
    (-10, ("逾期4—10天", "4 to 10 days late")),
    (-3, ("逾期1—3天", "1 to 3 days late")),
    (0, ("今天到期", "due today")),
    (1, ("还剩1—2天", "1 to 2 days left")),
    (3, ("还剩3—5天", "3 to 5 days left")),
    (6, ("还剩6—10天", "6 to 10 days left")),
    (11, ("还剩超过10天", "over 10 days left")),
)


def _ages(due: Mapping[str, int], today: date) -> list[tuple[tuple[str, str], int, bool]]:
    counts: Counter[tuple[str, str]] = Counter()
    for day, count in due.items():
        left = (date.fromisoformat(day) - today).days
        label = next(name for since, name in reversed(_AGES) if left >= since)
        counts[label] += count
    return [(name, counts[name], since < 0) for since, name in _AGES]


def _words(asked: Asked) -> dict[str, str]:
    return {name: getattr(asked, name) for name in ("county", "limit", "holder", "town", "state", "since", "until")}
