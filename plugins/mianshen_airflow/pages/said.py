"""What the interface answers with: codes, counts and moments; nobody is named."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel, Field

from mianshen.core.outlook import AHEAD_DAYS
from mianshen.warehouse.feed_grid import FeedPeriod
from mianshen.warehouse.forecast import Forecast


class CountData(BaseModel):
    """Clocks of one county, limit, holder and town in one state."""

    county_code: str = Field(description="six-digit division code")
    time_limit_code: str = Field(description="the time limit")
    holder_department: str = Field(description="the department that must act")
    town: str | None = Field(description="where the people live; null where no person stands behind the clock")
    state: str = Field(description="overdue, due_soon, open, paused, met_late, met or exempted")
    clocks: int = Field(description="how many")


class ClockData(BaseModel):
    """One clock as it stands."""

    clock_id: str = Field(description="its id")
    county_code: str = Field(description="six-digit division code")
    time_limit_code: str = Field(description="the time limit")
    subject_kind: str = Field(description="application, batch, delivery, list, claim or case_step")
    subject_id: str = Field(description="what it runs on")
    holder_department: str = Field(description="the department that must act")
    town: str | None = Field(description="where the person lives")
    started_at: str = Field(description="when it opened, Asia/Shanghai")
    due_on: str = Field(description="last day in time; 9999-12-31 while its time stands still")
    due_at: str = Field(description="first moment at which it is late")
    is_provisional: bool = Field(description="whether a day counted on has no official notice yet")
    closed_at: str | None = Field(description="when it closed")
    missed_at: str | None = Field(description="when it was missed; stays after the cure")
    cause_code: str | None = Field(description="why it was late")
    exempted_at: str | None = Field(description="when an exemption was granted")
    state: str = Field(description="overdue, due_soon, open, paused, met_late, met or exempted")


class EventData(BaseModel):
    """Something that happened to a clock."""

    at: str = Field(description="when, Asia/Shanghai")
    what: str = Field(description="opened, warned_2, warned_1, missed, closed, paused, turned or exemption_…")
    holder: str | None = Field(description="the department that holds it from then on, or that acted")
    due_on: str | None = Field(description="last day in time from then on")
    code: str | None = Field(description="reason or cause")
    actor: str | None = Field(description="login of who acted")
    document: str | None = Field(description="the paper it rests on")


class ClocksData(BaseModel):
    """A page of the register of clocks."""

    as_of: str = Field(description="when it was read")
    counted: list[CountData] = Field(description="counts under the filters, whatever the state")
    clocks: list[ClockData] = Field(description="up to 50 clocks by due moment")
    after: str = Field(description="where the next page begins; empty at the end")


class SignalData(BaseModel):
    """A sign that somebody should be helped and is not."""

    signal_id: str
    signal_code: str
    county_code: str
    town: str | None
    grid_code: str | None
    arose_on: str
    amount_fen: int
    evidence: str
    raised_at: str
    case_id: str | None
    end_code: str


class StoryData(BaseModel):
    """A clock and everything that happened to it."""

    as_of: str = Field(description="when it was read")
    clock: ClockData = Field(description="the clock")
    days_late: int = Field(description="calendar days past the due day, 0 in time")
    history: list[EventData] = Field(description="as it came")
    watched_by: str = Field(description="address of the Airflow run that watches it, below Airflow's own")


class LeadData(BaseModel):
    """Something that looks wrong and must be checked by a person."""

    lead_id: str = Field(description="its id")
    county_code: str = Field(description="six-digit division code")
    indicator_code: str = Field(description="what looks wrong")
    subject_kind: str = Field(description="item, claim, award, application, payment, delivery, decision or case_step")
    subject_id: str = Field(description="what it is about; of an award it begins with the person's pseudonym")
    department_code: str | None = Field(description="department concerned; null where none can be named")
    town: str | None = Field(description="where the person lives")
    arose_on: str = Field(description="day on which it arose")
    amount_fen: int = Field(description="money concerned, in fen")
    evidence: str = Field(description="days, codes, ids and fen")
    raised_at: str = Field(description="when it was first found")
    act: str = Field(description="the last act: asked, answered, refuted, confirmed, transferred; empty for none")
    acted_at: str = Field(description="when that was; empty for none")


class MissedData(BaseModel):
    """Clocks of one county, holder and limit that became late since a moment."""

    county_code: str = Field(description="six-digit division code")
    holder_department: str = Field(description="the department that must act")
    time_limit_code: str = Field(description="the time limit")
    clocks: int = Field(description="how many")
    first_due_on: str = Field(description="the earliest last day in time")


class RaisedData(BaseModel):
    """Leads of one county, department and kind that were raised since a moment."""

    county_code: str = Field(description="six-digit division code")
    department_code: str | None = Field(description="department concerned; null where none can be named")
    indicator_code: str = Field(description="what looks wrong")
    leads: int = Field(description="how many")
    first_arose_on: str = Field(description="the earliest day on which one arose")


class FreshData(BaseModel):
    """What is new since a moment."""

    since: str = Field(description="the moment asked for")
    missed: list[MissedData] = Field(description="became late")
    leads: list[RaisedData] = Field(description="raised")


class ShortfallData(BaseModel):
    """Clocks of one due day that will be missed at the pace so far."""

    due_on: str = Field(description="their last day in time")
    clocks: int = Field(description="how many")
    workdays_left: int = Field(description="working days from today to the due day, both counted")


class ForecastData(BaseModel):
    """What becomes of the running clocks of one county, limit and holder at the pace so far."""

    county_code: str = Field(description="six-digit division code")
    time_limit_code: str = Field(description="the time limit")
    holder_department: str = Field(description="the department that must act")
    overdue: int = Field(description="already late; they are worked off first")
    running: int = Field(description="not late yet")
    done: int = Field(description="closed on the working days looked back on")
    days: int = Field(description="how many working days those were")
    required: int = Field(description="clocks a working day that would do")
    clocks: int = Field(description="how many will be missed")
    clocks_soon: int = Field(description="how many of them within two working days")
    shortfalls: list[ShortfallData] = Field(description="by due day")

    @classmethod
    def of(cls, one: Forecast) -> ForecastData:
        """The forecast as it is told."""
        seen, ends = one.outlook, [{**asdict(short), "due_on": short.due_on.isoformat()} for short in one.outlook.shortfalls]
        return cls.model_validate(
            {
                **{name: getattr(one, name) for name in ("county_code", "time_limit_code", "holder_department")},
                **{name: getattr(seen, name) for name in ("overdue", "running", "required", "clocks")},
                "done": seen.pace.done,
                "days": seen.pace.days,
                "clocks_soon": sum(short.clocks for short in seen.within(AHEAD_DAYS)),
                "shortfalls": ends,
            }
        )


class FeedPeriodData(BaseModel):
    """A feed in a month."""

    county_code: str = Field(description="six-digit division code")
    list_code: str = Field(description="the list, settlement, enrolment or another feed")
    month: str = Field(description="2026-10")
    state: str = Field(description="MISSING, RECEIVED, KEYED, ACCEPTED, SUPERSEDED, REJECTED, HELD or WITHDRAWN")
    waits_for: str = Field(description="nobody, machine, bureau or sender")
    parts: int = Field(description="days or months of it that came in some form")
    settled: int = Field(description="those of them that are accepted")
    department_code: str = Field(description="who sends it")
    delivery_id: str | None = Field(description="the delivery that gave the state")
    reason_code: str | None = Field(description="why it was held or rejected")
    due_on: str | None = Field(description="last day in time of an expected list")

    @classmethod
    def of(cls, county_code: str, one: FeedPeriod) -> FeedPeriodData:
        """The period as it is told."""
        return cls.model_validate({**asdict(one), "county_code": county_code, "waits_for": one.waits_for.value})
