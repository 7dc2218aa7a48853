"""Numbers that could be a person's never reach a log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import date

import pytest

from mianshen.core.ids import make_certno
from mianshen.core.redaction import BLOT, guard_logs, redact, scrub

CERTNO = make_certno(born=date(1958, 12, 13), serial=613)


@pytest.mark.parametrize(
    "personal", [CERTNO, CERTNO[:17] + "x", "6299996613376862189", "6299996613376862", CERTNO[:6] + CERTNO[8:17], "10015901038"]
)
def test_a_personal_number_is_blotted_out_even_beside_chinese(personal: str) -> None:
    assert redact(f"身份证{personal}号,金额1,243.50") == f"身份证{BLOT}号,金额1,243.50"


@pytest.mark.parametrize("harmless", ["2026-11-22T09:00:00+08:00", "1243.50", "510118", "DIBAO 2026-10", "12345678901234"])
def test_other_numbers_stay(harmless: str) -> None:
    assert redact(harmless) == harmless


@pytest.fixture
def unguarded() -> Iterator[None]:
    """The library's own records, whatever ran in this process before."""
    made = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logging.LogRecord)
    yield
    logging.setLogRecordFactory(made)


@pytest.fixture
def guarded(unguarded: None) -> None:
    guard_logs()


def test_every_logger_redacts_message_arguments_and_traceback(guarded: None) -> None:
    guard_logs()
    stream = io.StringIO()
    logger = logging.Logger("intake")
    logger.addHandler(logging.StreamHandler(stream))
    try:
        raise ValueError(f"cannot read {CERTNO} of '张三'")
    except ValueError:
        logger.exception("row of %s", CERTNO)
    written = stream.getvalue()
    assert f"row of {BLOT}" in written
    assert "ValueError: cannot read" in written and "test_redaction.py" in written
    assert CERTNO not in written and "张三" not in written


def test_without_the_guard_the_number_would_stand_in_the_log(unguarded: None) -> None:
    stream = io.StringIO()
    logger = logging.Logger("intake")
    logger.addHandler(logging.StreamHandler(stream))
    logger.warning("row of %s", CERTNO)
    assert CERTNO in stream.getvalue()


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Could not convert string '张三' to INT64", f"Could not convert string {BLOT} to INT64"),
        ("no column named 'setl_id' in staging.settlement", "no column named 'setl_id' in staging.settlement"),
        ("Invalid value: 欧阳海 at row 7", f"Invalid value: {BLOT} at row 7"),
        ('cast "Anna Karenina 1958" failed', f"cast {BLOT} failed"),
        (f"duplicate key {CERTNO}", f"duplicate key {BLOT}"),
    ],
)
def test_a_library_s_words_are_scrubbed_of_cells(said: str, left: str) -> None:
    assert scrub(said) == left
