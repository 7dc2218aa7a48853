"""Id numbers: recovered where that is certain, refused with the reason where it would be a guess."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.ids import certno_in_disability_card, check_digit, make_certno, read_certno

TODAY = date(2026, 11, 22)
BORN = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)


@given(BORN, st.integers(0, 999))
def test_every_well_formed_number_is_accepted_unchanged(born: date, serial: int) -> None:
    certno = make_certno(born=born, serial=serial)
    assert read_certno(certno, today=TODAY).value == certno


@given(BORN, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes_as_somebody_else(born: date, serial: int, place: int, by: int) -> None:
    certno = make_certno(born=born, serial=serial)
    wrong = certno[:place] + str((int(certno[place]) + by) % 10) + certno[place + 1 :]
    assert read_certno(wrong, today=TODAY).value is None


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(1999, 12, 31)), st.integers(0, 999))
def test_fifteen_digits_become_the_eighteen_of_the_same_person(born: date, serial: int) -> None:
    certno = make_certno(born=born, serial=serial)
    fifteen = certno[:6] + certno[8:17]
    read = read_certno(fifteen, today=TODAY)
    assert (read.value, read.fixes) == (certno, ("fifteen_digits",))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda no: "", "CERTNO_MISSING"),
        (lambda no: "1.00999E+17", "CERTNO_DAMAGED"),
        (lambda no: no[:15] + "000", "CERTNO_DAMAGED"),
        (lambda no: no[:6] + "********" + no[14:], "CERTNO_MASKED"),
        (lambda no: no[:17], "CERTNO_LENGTH"),
        (lambda no: no[:6] + "19700230" + no[14:], "CERTNO_DATE"),
        (lambda no: no[:6] + "20991231" + no[14:], "CERTNO_DATE"),
        (lambda no: no[:17] + ("0" if no[17] != "0" else "1"), "CERTNO_CHECK_DIGIT"),
    ],
)
def test_damage_is_named_with_its_own_reason(damage, reason: str) -> None:
    read = read_certno(damage(make_certno(born=date(1970, 3, 1), serial=123)), today=TODAY)
    assert (read.value, read.reason_code) == (None, reason)


@pytest.mark.parametrize("dress", ["'{}", " {} ", "{}\t", "\ufeff{}"])
def test_wrapping_is_taken_off(dress: str) -> None:
    certno = make_certno(born=date(1970, 3, 1), serial=123)
    assert read_certno(dress.format(certno), today=TODAY).value == certno


def test_full_width_digits_and_lower_case_x_are_folded_and_recorded() -> None:
    certno = next(no for no in (make_certno(born=date(1970, 3, 1), serial=serial) for serial in range(1000)) if no.endswith("X"))
    wide = "".join(chr(ord(char) + 0xFEE0) for char in certno.lower())
    assert read_certno(wide, today=TODAY).value == certno
    assert "lower_case_x" in read_certno(certno.lower(), today=TODAY).fixes


def test_the_area_code_is_no_gate_for_the_elderly() -> None:
    first = "360702" + "19310306" + "222"
    assert read_certno(first + check_digit(first), today=TODAY).value is not None


def test_a_disability_card_yields_the_number_inside_it() -> None:
    certno = make_certno(born=date(1960, 5, 6), serial=7)
    assert certno_in_disability_card(certno + "42", today=TODAY).value == certno
    assert certno_in_disability_card(certno[:17] + "42", today=TODAY).reason_code == "CARD_NOT_IDENTITY"
