"""A batch taken in slices is judged as the batch taken whole; equal keys meet wherever their rows stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.stages.intake_county import CHILDREN, SETTLEMENT, Intake, child, children, make_intake, settlement, settlements
from tests.stages.test_intake_rows import BROKEN

from mianshen.feeds.expectations import Quality
from mianshen.feeds.expected import asked_of
from mianshen.stages import validate
from mianshen.warehouse import slices, spool

Entropy = Callable[[int], bytes]
TABLES = (
    "staging.settlement",
    "staging.settlement_quarantined",
    "staging.roster",
    "staging.roster_quarantined",
    "checks.conservation",
    "checks.settlement_quality",
    "checks.roster_quality",
)


def _deliver(root: Path, entropy: Entropy) -> tuple[Intake, dict[str, Any]]:
    """Rows of every fault, a repeat and a conflict whose two rows stand far apart, a child that stands twice."""
    intake = make_intake(root, entropy)
    rows = [settlement(number, **changes) for number, (changes, _, _) in enumerate(BROKEN.values(), start=1)]
    apart = [settlement(90), settlement(91, maf_pay="0.00"), settlement(92), settlement(93), settlement(92, setl_id="")]
    again = [settlement(90), settlement(91, maf_pay="1.00", oth_pay="-1.00"), settlement(92)]
    intake.drop(SETTLEMENT, settlements(*apart, *rows, *again))
    intake.drop(CHILDREN, children(*(child(number) for number in range(1, 12)), child(1), child(2, 类别="不识")))
    counts: dict[str, Any] = {}
    for report in intake.run():
        counts |= report.counts
    return intake, counts


def _rows(intake: Intake, table: str) -> list[str]:
    return sorted(str({**row, "person_key": None}) for row in intake.rows(table))


def test_slices_change_no_verdict(tmp_path: Path, entropy: Entropy, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, counted = _deliver(tmp_path / "whole", entropy)
    monkeypatch.setattr(spool, "AT_ONCE", 4)
    monkeypatch.setattr(slices, "AT_ONCE", 4)
    monkeypatch.setattr(validate, "AT_ONCE", 3)
    monkeypatch.setattr(validate, "PANDAS_ROWS", 3)
    sliced, counted_again = _deliver(tmp_path / "sliced", entropy)
    assert counted_again == counted
    assert counted["ignored.ROW_REPEATED"] >= 2 and counted["quarantined.KEY_CONFLICT"] >= 2
    for table in TABLES:
        assert _rows(sliced, table) == _rows(whole, table), table
    parts = sorted((sliced.job.home.lake / "staging" / "settlement").rglob("part-*.parquet"))
    assert len(parts) > 3, "it was taken in slices"
    assert not list(sliced.job.home.lake.glob(".tmp-*")), "nothing laid aside stays"


def test_slices_bring_the_library_the_whole_batch(tmp_path: Path, entropy: Entropy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that it judges row by row is gathered from its slices, every row once, with the columns that are asked."""
    brought: list[Any] = []

    def judge(frame: Any, *, contracts: Any, folder: Path, **_about: Any) -> Quality:
        assert set(frame.columns) == set(asked_of(contracts)), "an expectation about a column that no batch has fails every batch"
        brought.append(frame.sort_values(["delivery_id", "line_no"]).reset_index(drop=True).drop(columns="person_key").to_csv())
        return Quality(0, (), (), folder)

    monkeypatch.setattr(validate, "judge_rows", judge)
    _deliver(tmp_path / "whole", entropy)
    monkeypatch.setattr(slices, "AT_ONCE", 4)
    monkeypatch.setattr(spool, "AT_ONCE", 4)
    monkeypatch.setattr(validate, "AT_ONCE", 3)
    sliced, counted = _deliver(tmp_path / "sliced", entropy)
    assert len(list((sliced.job.home.lake / "staging" / "settlement").rglob("part-*.parquet"))) > 3, "it was taken in slices"
    assert brought[:2] == brought[2:]
    assert sum(len(one.splitlines()) - 1 for one in brought[2:]) == sum(
        number for name, number in counted.items() if name in ("accepted", "quarantined") or name == "ignored.ROW_REPEATED"
    )
