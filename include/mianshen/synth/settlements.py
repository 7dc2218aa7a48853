"""The settlements as they truly are: keys, refunds and re-settlements, who was eligible, and which file carries each row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.core.plan import EventKind
from mianshen.synth.care import Year
from mianshen.synth.costs import MONEY
from mianshen.synth.numbers import padded
from mianshen.synth.roll import Roll
from mianshen.synth.shape import Shape
from mianshen.synth.streams import Flags, Ints, Stream, flags, ints, pick, scramble, stream

LIVE, STRUCK, REFUND = "LIVE", "STRUCK", "REFUND"
"""State of a settlement once everything has arrived."""
_LONGEST_WAIT = 20
_HOUR = np.timedelta64(3_600, "s")


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The settlement files of the benefit year, in the order in which they arrive: months, then days of the last month."""

    month: Month
    """The month that is delivered day by day."""
    last: date
    """Its last day that is delivered."""

    @property
    def monthly(self) -> int:
        """How many monthly files come first."""
        return self.month.number - 1

    @property
    def periods(self) -> tuple[str, ...]:
        """The partition of each file: 2026-01 ... then 2026-10-01 ..."""
        months = [f"{self.month.year}-{one:02d}" for one in range(1, self.month.number)]
        days = [(self.month.first_day + timedelta(days=one)).isoformat() for one in range(self.last.day)]
        return (*months, *days)

    def of(self, moment: pd.Series[pd.Timestamp]) -> Ints:
        """The file of each settlement moment, by place."""
        month, day = ints(moment.dt.month), ints(moment.dt.day)
        return np.where(month < self.month.number, month - 1, self.monthly + day - 1)

    def later(self, chance: Stream, place: Ints) -> Ints:
        """A later file for each: the next month, a day of the last month, or one to five days on."""
        last = len(self.periods) - 1
        of_last_month = chance.integers(self.monthly, last + 1, len(place))
        days_on = np.minimum(place + chance.integers(1, 6, len(place)), last)
        return np.where(place >= self.monthly, days_on, np.where(place == self.monthly - 1, of_last_month, place + 1)).astype(
            np.int64
        )

    def starts(self) -> pd.Series[pd.Timestamp]:
        """The first day of each file's partition."""
        return pd.Series(pd.to_datetime([f"{one}-01"[:10] for one in self.periods])).astype("datetime64[s]")


def make_settlements(
    pack: Pack, paid: pd.DataFrame, roll: Roll, *, year: Year, plan: FilePlan, seed: int, shape: Shape
) -> pd.DataFrame:
    """One row a settlement with keys, refd_setl_flag, state, file, is_late, held (categories as bits) and is_eligible."""
    chance = stream(seed, "settlements")
    rows = paid.assign(refd_setl_flag="0", init_setl_id="", state=LIVE)
    _number(rows, seed=seed)
    rows = _refund(chance, rows, year=year, shape=shape)
    rows = rows.sort_values(["settled", "setl_id"], kind="stable", ignore_index=True)
    days = [roll.holds(ints(rows["person"]), month_of_rows(rows[one])) for one in ("begin", "end", "settled")]
    rows["held"] = days[0] | days[1] | days[2]
    rows["is_eligible"] = (rows["held"] > 0) & covered(pack, rows["med_type"])
    rows["file"] = plan.of(rows["settled"])
    late = pick(chance, flags(rows["file"] < len(plan.periods) - 1), round(len(rows) * shape.late_share))
    rows["is_late"] = np.isin(np.arange(len(rows)), late)
    rows.loc[late, "file"] = plan.later(chance, ints(rows["file"])[late])
    return rows


def month_of_rows(day: pd.Series[pd.Timestamp]) -> Ints:
    """The month of each day as a whole number, year * 12 + month - 1."""
    return ints(day.dt.year * 12 + day.dt.month - 1)


def covered(pack: Pack, med_type: pd.Series[int]) -> Flags:
    """Which kinds of care some benefit of the pack covers."""
    care = [one for one in pack.plan.benefits if one.event_kind is EventKind.CARE]
    if any(not one.med_types for one in care):
        return np.ones(len(med_type), dtype=np.bool_)
    kinds = {kind for one in care for kind in one.med_types}
    return flags(med_type.astype("str").isin(kinds))


def _number(rows: pd.DataFrame, *, seed: int) -> None:
    """Adds setl_id and mdtrt_id: area, letter, day, ten digits of which the first nine differ everywhere."""
    day = pd.Series(np.datetime_as_string(rows["settled"].to_numpy(), unit="D"), dtype="str")
    short = day.str.slice(2, 4) + day.str.slice(5, 7) + day.str.slice(8, 10)
    number = padded(scramble(len(rows), digits=9, offset=seed * 1_009), 9) + padded(np.arange(len(rows)) % 10, 1)
    area = rows["area"].astype("str")
    rows["setl_id"] = area + "H" + short + number
    rows["mdtrt_id"] = area + "M" + short + number


def _refund(chance: Stream, rows: pd.DataFrame, *, year: Year, shape: Shape) -> pd.DataFrame:
    """The rows with refunds (a new row, negated, naming its original) and re-settlements (a new row again)."""
    age = (np.datetime64(year.last, "D") - rows["settled"].to_numpy().astype("datetime64[D]")).astype(np.int64)
    struck = pick(chance, (age >= 2) & flags(rows["least_fen"] == 0), round(len(rows) * shape.refund_share))
    original = rows.loc[struck]
    wait = 1 + np.floor(chance.random(len(struck)) * np.minimum(age[struck] - 1, _LONGEST_WAIT)).astype(np.int64)
    day = original["settled"].to_numpy().astype("datetime64[D]") + wait
    moment = day.astype("datetime64[s]") + chance.integers(9 * 3_600, 17 * 3_600, len(struck))
    refund = original.assign(
        setl_id=original["setl_id"].str.slice(0, -1) + "R",
        init_setl_id=original["setl_id"],
        refd_setl_flag="1",
        state=REFUND,
        settled=moment,
        updated=moment + 9 * _HOUR,
    )
    refund[list(MONEY)] = -refund[list(MONEY)]
    is_again = np.isin(
        np.arange(len(struck)), pick(chance, np.ones(len(struck), dtype=np.bool_), round(len(struck) * shape.resettled_share))
    )
    again = original.assign(
        setl_id=original["setl_id"].str.slice(0, -1) + "S",
        settled=moment + np.timedelta64(20 * 60, "s"),
        updated=moment + 9 * _HOUR + np.timedelta64(20 * 60, "s"),
    )[is_again]
    rows.loc[struck, "state"] = STRUCK
    return pd.concat([rows, refund, again], ignore_index=True)
