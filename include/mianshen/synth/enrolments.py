"""Enrolment fees: each listed resident pays once in the calendar year; a file a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from mianshen.core.contract import Feed
from mianshen.core.days import Month, month_of
from mianshen.core.pack import Pack
from mianshen.synth import damage
from mianshen.synth.faults import choose
from mianshen.synth.files import Drawer, delimited, fitting_name
from mianshen.synth.layouts import layout_of
from mianshen.synth.numbers import padded
from mianshen.synth.roll import Roll, month_number
from mianshen.synth.settlement_text import taken
from mianshen.synth.shape import Shape
from mianshen.synth.streams import Flags, Ints, flags, ints, stream
from mianshen.synth.text import days, lines, yuan

_MONTH_WEIGHTS = (1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2)
"""An even spread with the yearly peak of October to December."""


def make_enrolments(
    pack: Pack, roll: Roll, people: pd.DataFrame, *, last: date, canaries: Ints, seed: int, shape: Shape
) -> pd.DataFrame:
    """One row a payment of the year up to the day, none when the pack takes no enrolments.

    Columns: person, enrol_id, paid_on, benefit_year, fee_fen, insutype, is_eligible, fault.
    """
    chance = stream(seed, "enrolments")
    month = month_of(last)
    first = month_number(Month(month.year, 1))
    in_year = np.isin(np.arange(roll.persons), roll.spans.loc[roll.spans["until"] > first, "person"])
    takes_any = any(one.feed is Feed.ENROLMENT for one in pack.contracts)
    payers = np.flatnonzero(in_year & flags(people["insutype"] == "390") & takes_any)
    turn = np.repeat(np.arange(1, 13), _MONTH_WEIGHTS)
    number = chance.permutation(turn[np.arange(len(payers)) % len(turn)])
    number[np.isin(payers, canaries)] = month.number
    length = np.array([min(Month(month.year, one).last_day, last).day for one in range(1, 13)], dtype=np.int64)[number - 1]
    day = np.floor(chance.random(len(payers)) * length).astype(np.int64)
    starts = np.array([Month(month.year, one).first_day for one in range(1, 13)], dtype="datetime64[D]")[number - 1]
    paid_on = starts + day
    rows = pd.DataFrame({"person": payers, "month_number": number, "paid_on": paid_on.astype("datetime64[s]")})
    rows = rows[rows["month_number"] <= month.number].sort_values(["paid_on", "person"], kind="stable", ignore_index=True)
    rows["enrol_id"] = (
        pack.county_code + "E" + str(month.year) + padded(rows["month_number"].to_numpy(), 2) + padded(np.arange(len(rows)), 8)
    )
    rows["benefit_year"] = month.year
    rows["fee_fen"] = shape.resident_fee_fen
    rows["insutype"] = people["insutype"].to_numpy()[rows["person"].to_numpy()]
    held = roll.holds(rows["person"].to_numpy(), (month_number(Month(month.year, 1)) + rows["month_number"] - 1).to_numpy())
    rows["is_eligible"] = held > 0
    rows["fault"] = _labels(rows, people, is_canary=np.isin(rows["person"], canaries), seed=seed, shape=shape)
    return rows


def _labels(
    rows: pd.DataFrame, people: pd.DataFrame, *, is_canary: Flags, seed: int, shape: Shape
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    person = ints(rows["person"])
    usual = ~is_canary
    kinds = (*damage.CERTNO, *damage.NAME, *damage.BEGIN, *damage.KEY, "money_invalid", "row_doubled")
    can_carry = dict.fromkeys(kinds, usual)
    can_carry["certno_fifteen_digits"] = usual & flags(people["born"].dt.year < 2000)[person]
    can_carry["certno_lower_case_x"] = usual & flags(people["certno"].str.endswith("X"))[person]
    renamed = damage.spoil(people["name"], np.full(len(people), "name_homophone", dtype=object), damage.NAME)
    can_carry["name_homophone"] = usual & flags(renamed != people["name"])[person]
    return choose(stream(seed, "enrolment faults"), Feed.ENROLMENT, can_carry=can_carry, count=len(rows), shape=shape)


def write_enrolments(
    pack: Pack, rows: pd.DataFrame, people: pd.DataFrame, *, month: Month, drawer: Drawer
) -> Iterator[pd.DataFrame]:
    """Writes a file a month; yields the faulty rows of each: file, line, key, person, kind."""
    contract = pack.contract(Feed.ENROLMENT.value)
    doubled = rows[rows["fault"] == "row_doubled"].assign(copy=1)
    written = pd.concat([rows.assign(copy=0), doubled]).sort_values(["enrol_id", "copy"], kind="stable", ignore_index=True)
    columns = _columns(written, people)
    fields = [
        (layout_heading, column.name)
        for (layout_heading, _), column in zip(layout_of(contract).fields, contract.columns, strict=True)
    ]
    text = lines([columns[name] for _, name in fields], ",")
    for number in range(1, month.number + 1):
        chosen = np.flatnonzero(written["month_number"] == number)
        if not len(chosen):
            continue
        period = Month(month.year, number)
        stem = f"enrolment_{pack.county_code}_{period.year}{number:02d}"
        content = delimited(
            [one for one, _ in fields], [text[one] for one in chosen], delimiter=",", encoding="utf-8", line_end="\n"
        )
        name = fitting_name(contract, (f"{stem}.csv", f"{stem}.txt"))
        sent = drawer.put(name, content, contract=contract, period=str(period), records=len(chosen))
        part = written.iloc[chosen]
        shows = (part["fault"] != "") & ((part["fault"] != "row_doubled") | (part["copy"] == 1))
        yield pd.DataFrame(
            {
                "file": sent.name,
                "line": np.arange(2, 2 + len(chosen)),
                "feed": Feed.ENROLMENT.value,
                "list_code": contract.list_code,
                "key": part["enrol_id"].to_numpy(),
                "person": part["person"].to_numpy(),
                "kind": part["fault"].to_numpy(),
            }
        )[flags(shows)]


def _columns(rows: pd.DataFrame, people: pd.DataFrame) -> dict[str, pd.Series[str]]:
    person = ints(rows["person"])
    labels = rows["fault"].to_numpy(dtype=object)
    return {
        "enrol_id": damage.spoil(rows["enrol_id"].astype("str"), labels, damage.KEY),
        "certno": damage.spoil(taken(people["certno"], person), labels, damage.CERTNO),
        "psn_name": damage.spoil(taken(people["name"], person), labels, damage.NAME),
        "insutype": rows["insutype"].astype("str"),
        "benefit_year": rows["benefit_year"].astype("str"),
        "paid_on": damage.spoil(days(rows["paid_on"]), labels, damage.BEGIN),
        "fee_fen": damage.spoil(yuan(ints(rows["fee_fen"])), labels, damage.MONEY),
    }
