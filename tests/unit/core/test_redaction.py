"""Numbers that could be a person's never reach a log."""

from __future__ import annotations

import io
import logging
from datetime import date

import pytest

from mianshen.core.ids import make_certno
from mianshen.core.redaction import BLOT, RedactingFilter, redact

CERTNO = make_certno(born=date(1958, 12, 13), serial=613)


@pytest.mark.parametrize(
    "personal", [CERTNO, CERTNO[:17] + "x", "6299996613376862189", "6299996613376862", CERTNO[:6] + CERTNO[8:17], "10015901038"]
)
def test_a_personal_number_is_blotted_out_even_beside_chinese(personal: str) -> None:
    assert redact(f"身份证{personal}号,金额1,243.50") == f"身份证{BLOT}号,金额1,243.50"


@pytest.mark.parametrize("harmless", ["2026-11-22T09:00:00+08:00", "1243.50", "510118", "DIBAO 2026-10", "12345678901234"])
def test_other_numbers_stay(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_the_filter_redacts_message_arguments_and_traceback() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("intake")
    logger.addHandler(handler)
    try:
        raise ValueError(f"cannot read {CERTNO}")
    except ValueError:
        logger.exception("row of %s", CERTNO)
    written = stream.getvalue()
    assert BLOT in written and "ValueError" in written
    assert CERTNO not in written
