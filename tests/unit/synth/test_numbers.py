from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from mianshen.core.ids import SYNTHETIC_AREA, make_certno, read_certno
from mianshen.synth import numbers
from mianshen.synth.streams import scramble, stream


def luhn(account: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(account)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def test_id_numbers_are_those_that_core_makes_and_all_different() -> None:
    days = pd.Series(pd.to_datetime(["1931-02-03", "1990-12-31", "2001-02-28"] * 300)).astype("datetime64[s]")
    is_male = stream(3, "sex").random(len(days)) < 0.5
    made = numbers.certnos(days, is_male=is_male, offset=3)
    assert made.is_unique
    for certno, day, male in zip(made, days, is_male, strict=True):
        assert certno == make_certno(born=day.date(), serial=int(certno[14:17]))
        assert int(certno[16]) % 2 == male
        assert certno.startswith(SYNTHETIC_AREA)
        assert read_certno(certno, today=date(2026, 1, 1)).value == certno


def test_a_day_holds_no_more_than_five_hundred_of_a_sex() -> None:
    days = pd.Series(pd.to_datetime(["1990-12-31"] * 501)).astype("datetime64[s]")
    try:
        numbers.certnos(days, is_male=np.ones(501, dtype=np.bool_), offset=0)
    except ValueError as refusal:
        assert "500" in str(refusal)
    else:
        raise AssertionError("501 men of one birthday got numbers")


def test_accounts_pass_luhn_and_begin_with_the_unissued_prefix() -> None:
    made = numbers.accounts(2_000, offset=7)
    assert made.is_unique
    assert all(len(one) == 19 and one.startswith("629999") and luhn(one) for one in made)


def test_phones_are_in_no_service() -> None:
    made = numbers.phones(2_000, offset=7)
    assert made.is_unique
    assert all(len(one) == 11 and one.startswith("100") for one in made)


def test_scrambled_numbers_differ_and_keep_their_width() -> None:
    for digits, count in ((3, 1_000), (8, 5_000), (15, 5_000)):
        made = scramble(count, digits=digits, offset=5)
        assert len(np.unique(made)) == count
        assert made.min() >= 0 and made.max() < 10**digits


def test_streams_of_different_purpose_differ_and_of_the_same_agree() -> None:
    assert stream(1, "a").integers(0, 1 << 40) == stream(1, "a").integers(0, 1 << 40)
    assert stream(1, "a").integers(0, 1 << 40) != stream(1, "b").integers(0, 1 << 40)
    assert stream(1, "a").integers(0, 1 << 40) != stream(2, "a").integers(0, 1 << 40)


def test_two_counties_share_no_person_and_no_account() -> None:
    days = pd.Series(pd.to_datetime(["1950-01-01"] * 150 + ["1971-06-30"] * 50)).astype("datetime64[s]")
    is_male = np.arange(200) % 2 == 0
    here, there = (numbers.certnos(days, is_male=is_male, offset=seed) for seed in (7, 8))
    assert not set(here) & set(there)
    assert not set(numbers.accounts(5_000, offset=7)) & set(numbers.accounts(5_000, offset=8))
