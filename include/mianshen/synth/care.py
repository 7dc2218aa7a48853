"""Who is treated, when, where, for what: visits, long treatments and stays of everyone the watch list ever named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from mianshen.core.pack import Pack
from mianshen.synth import illnesses
from mianshen.synth.shape import Shape
from mianshen.synth.streams import Flags, Ints, Stream, flags, ints, pick, stream

VISIT, HEAVY, STAY = 0, 1, 2
"""What drew the settlement: an ordinary visit, a long treatment, a hospital stay."""
_DAY_SECONDS = 86_400
_CHRONIC_SHARE = 0.3
_CHRONIC_VISITS = 0.6
_OTHER_TYPES = (("13", 0.05), ("41", 0.025), ("12", 0.005))
_AWAY_VISITS = 0.04
_NEIGHBOURS = ("01", "04", "05", "06", "07", "08", "12", "14", "15", "21", "24", "29", "31", "81", "82")
_CANARY_STAY_FEN = 9_000_000
_FAR = ("500103", "530102", "110105", "440106")


@dataclass(frozen=True, slots=True)
class Year:
    """The days that settlements fall on."""

    first: date
    """First day of the benefit year."""
    last: date
    """Last day, included."""

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.last - self.first).days + 1

    @property
    def share(self) -> float:
        """The part of a year."""
        return self.days / 365


def make_care(pack: Pack, people: pd.DataFrame, *, year: Year, seed: int, shape: Shape, canaries: Ints) -> pd.DataFrame:
    """One row a settlement: person, drawn, begin, end (days), settled (moment), med_type, illness, area, hospital, hosp_lv."""
    chance = stream(seed, "care")
    frailty = chance.gamma(1 / shape.visits_alpha, shape.visits_alpha, len(people))
    parts = (
        _visits(chance, people, year=year, shape=shape, frailty=frailty),
        _heavy(chance, people, year=year, shape=shape),
        _stays(chance, people, year=year, shape=shape, frailty=frailty),
        _certain(canaries, year=year),
    )
    care = pd.concat(parts, ignore_index=True)
    care["begin"] = care["day"] - care["length"]
    _settle(chance, care, year=year)
    _place(chance, care, pack=pack, shape=shape)
    return care.sort_values(["settled", "person", "drawn"], kind="stable", ignore_index=True).drop(columns=["day", "length"])


def _rows(person: Ints, *, drawn: int, day: Ints, length: Ints, med_type: Ints, illness: Ints) -> pd.DataFrame:
    rows = {"person": person, "drawn": drawn, "day": day, "length": length, "med_type": med_type, "illness": illness}
    return pd.DataFrame(rows).assign(least_fen=0)


def _visits(
    chance: Stream, people: pd.DataFrame, *, year: Year, shape: Shape, frailty: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> pd.DataFrame:
    person = np.repeat(np.arange(len(people)), chance.poisson(shape.visits_per_year * year.share * frailty))
    count = len(person)
    is_chronic = (chance.random(len(people)) < _CHRONIC_SHARE) & flags(people["age"] >= 18)
    own = illnesses.draw(chance, illnesses.CHRONIC, len(people))
    treated = is_chronic[person] & (chance.random(count) < _CHRONIC_VISITS)
    kinds = np.array([int(code) for code, _ in _OTHER_TYPES] + [11])
    shares = [share for _, share in _OTHER_TYPES]
    other = chance.choice(kinds, size=count, p=[*shares, 1 - sum(shares)])
    return _rows(
        person,
        drawn=VISIT,
        day=chance.integers(0, year.days, count),
        length=np.zeros(count, dtype=np.int64),
        med_type=np.where(treated, 14, other),
        illness=np.where(treated, own[person], illnesses.draw(chance, illnesses.EVERYDAY, count)),
    )


def _heavy(chance: Stream, people: pd.DataFrame, *, year: Year, shape: Shape) -> pd.DataFrame:
    """Persons in dialysis or psychiatric day care, at even intervals."""
    who = pick(chance, flags(people["age"] >= 18), max(1, round(len(people) * shape.heavy_share)))
    low, high = shape.heavy_visits
    yearly = chance.integers(low, high + 1, len(who))
    visits = np.rint(yearly * year.share).astype(np.int64)
    person = np.repeat(who, visits)
    number = np.arange(len(person)) - np.repeat(np.cumsum(visits) - visits, visits)
    day = np.minimum(number * 365 // np.repeat(yearly, visits), year.days - 1)
    kind = np.where(
        chance.random(len(who)) < 0.7, illnesses.place_of(illnesses.DIALYSIS), illnesses.place_of(illnesses.PSYCHIATRY)
    )
    return _rows(
        person,
        drawn=HEAVY,
        day=day.astype(np.int64),
        length=np.zeros(len(person), dtype=np.int64),
        med_type=np.full(len(person), 14),
        illness=np.repeat(kind, visits),
    )


def _stays(
    chance: Stream, people: pd.DataFrame, *, year: Year, shape: Shape, frailty: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> pd.DataFrame:
    person = np.repeat(np.arange(len(people)), chance.poisson(shape.stays_per_year * year.share * (0.5 + 0.5 * frailty)))
    count = len(person)
    luck = chance.random(count)
    can_bear = flags((people["gend"] == "2") & people["age"].between(20, 42))[person]
    is_birth, is_injury = can_bear & (luck < 0.15), luck > 0.97
    usual = illnesses.draw(chance, illnesses.STAYS, count)
    return _rows(
        person,
        drawn=STAY,
        day=chance.integers(0, year.days, count),
        length=1 + np.minimum(np.floor(chance.lognormal(1.9, 0.6, count)), 60).astype(np.int64),
        med_type=np.select([is_birth, is_injury, luck > 0.95], [52, 22, 24], default=21),
        illness=np.select(
            [is_birth, is_injury], [illnesses.place_of(illnesses.BIRTH), illnesses.place_of(illnesses.INJURY)], default=usual
        ),
    )


def _certain(canaries: Ints, *, year: Year) -> pd.DataFrame:
    """A visit and a costly stay near the end for each canary, so that canaries appear in every paper that names persons."""
    count = len(canaries)
    visit = _rows(
        canaries,
        drawn=VISIT,
        day=np.full(count, max(0, year.days - 12)),
        length=np.zeros(count, dtype=np.int64),
        med_type=np.full(count, 11),
        illness=np.full(count, illnesses.place_of(illnesses.EVERYDAY[0])),
    )
    stay = _rows(
        canaries,
        drawn=STAY,
        day=np.full(count, max(0, year.days - 6)),
        length=np.full(count, 7),
        med_type=np.full(count, 21),
        illness=np.full(count, illnesses.place_of(illnesses.STAYS[0])),
    )
    return pd.concat([visit, stay.assign(least_fen=_CANARY_STAY_FEN)], ignore_index=True)


def _settle(chance: Stream, care: pd.DataFrame, *, year: Year) -> None:
    """Adds end and settled: visits settle at once, one stay in seven a day after discharge."""
    first = np.datetime64(year.first, "D")
    waits = flags(care["drawn"] == STAY) & (chance.random(len(care)) < 1 / 7)
    end = ints(care["day"]) - waits
    second = np.clip(chance.normal(11 * 3_600, 2.5 * 3_600, len(care)), 6 * 3_600, _DAY_SECONDS - 60).astype(np.int64)
    settled = (first + ints(care["day"])).astype("datetime64[s]") + second
    care["settled"] = settled
    care["end"] = (first + end).astype("datetime64[s]")
    care["begin"] = (first + np.minimum(ints(care["begin"]), end)).astype("datetime64[s]")
    care["updated"] = settled + chance.integers(1 * 3_600, 40 * 3_600, len(care))


def _place(chance: Stream, care: pd.DataFrame, *, pack: Pack, shape: Shape) -> None:
    """Adds area, hospital (a number within the area), hosp_lv and is_away."""
    is_stay = flags(care["drawn"] == STAY)
    is_long = flags(care["drawn"] == HEAVY)
    is_away = chance.random(len(care)) < np.where(is_stay, shape.away_share, np.where(is_long, 0.0, _AWAY_VISITS))
    near = [pack.county_code[:4] + end for end in _NEIGHBOURS if pack.county_code[:4] + end != pack.county_code]
    areas = np.array([pack.county_code, *near, *_FAR], dtype=object)
    weights = np.array([8.0] * len(near) + [1.0] * len(_FAR))
    away = 1 + chance.choice(len(areas) - 1, size=len(care), p=weights / weights.sum())
    level = np.where(is_away, chance.choice([2, 3], size=len(care), p=[0.25, 0.75]), _levels_at_home(chance, is_stay, is_long))
    care["area"] = areas[np.where(is_away, away, 0)]
    care["hosp_lv"] = level
    care["hospital"] = level * 10 + chance.integers(0, np.where(level == 1, 9, 3))
    care["is_away"] = is_away


def _levels_at_home(chance: Stream, is_stay: Flags, is_long: Flags) -> Ints:
    """Levels of hospitals in the county: stays in level 2, visits in level 1, long treatments in level 2."""
    luck = chance.random(len(is_stay))
    stays = np.select([luck < 0.25, luck < 0.9], [1, 2], default=3)
    visits = np.select([luck < 0.62, luck < 0.93], [1, 2], default=3)
    return np.where(is_long, 2, np.where(is_stay, stays, visits)).astype(np.int64)
