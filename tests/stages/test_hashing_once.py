"""A number is hashed once a batch, however many rows say it: keyed hashing costs by person, not by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stages.intake_county import SETTLEMENT, certno, make_intake, settlement, settlements

from mianshen.core import crypto
from mianshen.feeds.expectations import Quality
from mianshen.stages import validate
from mianshen.vault.software import Software


class Counting(Software):
    """Software that counts whose number it was asked to hash."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def hmac_sm3(self, key: bytes, message: bytes, /) -> bytes:
        if message.startswith(b"certno|"):
            self.asked[message.decode().removeprefix("certno|")] += 1
        return super().hmac_sm3(key, message)


def test_each_distinct_number_of_a_batch_is_hashed_once_and_no_other(
    tmp_path: Path, entropy: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, "judge_rows", lambda _rows, *, folder, **_about: Quality(0, (), (), folder))
    intake, counting = make_intake(tmp_path / "home", entropy), Counting()
    rows = [settlement(who, setl_id=f"510118H{visit:04d}") for visit, who in enumerate([1, 2, 3] * 40)]
    with crypto.using(counting):
        intake.drop(SETTLEMENT, settlements(*rows))
        intake.run()
        assert len(intake.rows("staging.settlement")) == 120
        assert {one for one, times in counting.asked.items() if times} == {certno(number) for number in (1, 2, 3)}
        first = dict(counting.asked)
        intake.job = replace(intake.job, as_of=intake.job.as_of + timedelta(days=1))
        intake.drop(SETTLEMENT.replace("202610", "202611"), settlements(settlement(4, setl_id="510118H9000")))
        intake.run()
    assert {one: counting.asked[one] for one in first} == first, "who is known and not delivered again is not hashed again"
    assert set(first.values()) == {1}, first
