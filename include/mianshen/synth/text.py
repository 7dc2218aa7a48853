"""Numbers, days and moments as the text that departments deliver, for whole columns at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mianshen.synth.streams import Ints

SINCE_FORMS = ("{year}-{month}-01", "{year}{month}", "{year}年{month}月", "{year}.{month}.01", "{year}/{month}/01")
"""The ways in which departments write the day an identity began."""


def yuan(fen: Ints) -> pd.Series[str]:
    """Each amount in yuan with two decimals, such as 1234.50 and -0.05."""
    whole, cents = np.divmod(np.abs(fen), 100)
    text = pd.Series(whole).astype("str") + "." + pd.Series(cents).astype("str").str.zfill(2)
    return text.where(pd.Series(fen >= 0), "-" + text)


def ratio(ppm: Ints) -> pd.Series[str]:
    """Each share as a decimal with two places at most, such as 0.7 and 0.85."""
    return "0." + pd.Series(ppm // 10_000).astype("str").str.zfill(2).str.rstrip("0")


def days(day: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Each day as 2026-10-05."""
    return pd.Series(np.datetime_as_string(day.to_numpy().astype("datetime64[D]")), dtype="str")


def moments(moment: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Each moment as 2026-10-05 09:30:00."""
    text = pd.Series(np.datetime_as_string(moment.to_numpy().astype("datetime64[s]")), dtype="str")
    return text.str.slice(0, 10) + " " + text.str.slice(11, 19)


def months_since(month: Ints, form: Ints) -> pd.Series[str]:
    """Each month (year * 12 + month - 1) in one of the SINCE_FORMS."""
    year, place = np.divmod(month, 12)
    years, numbers = pd.Series(year).astype("str"), pd.Series(place + 1).astype("str").str.zfill(2)
    text = years + "-" + numbers + "-01"
    for one, (before, between, after) in enumerate((("", "", ""), ("", "年", "月"), ("", ".", ".01"), ("", "/", "/01")), start=1):
        text = text.where(pd.Series(form != one), before + years + between + numbers + after)
    return text


def lines(columns: Sequence[pd.Series[str]], delimiter: str) -> list[str]:
    """One line a row, cells joined by the delimiter; cells hold no delimiter and no quote."""
    joined = columns[0].astype("str")
    for column in columns[1:]:
        joined = joined + delimiter + column
    return [str(one) for one in joined]
