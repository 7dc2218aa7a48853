"""Two runs of a stage for one county: the second waits for the first, in whatever process it is; other counties do not wait."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stages.intake_county import SETTLEMENT, Intake, make_intake, settlement, settlements

from mianshen.stages.catalogue import entry
from mianshen.stages.turns import alone

WHILE = 1.5
"""Seconds in which what waits would long have ended."""


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    """A county's home with a day's settlements in its inbox; no connection is open that a child would share."""
    made = make_intake(tmp_path / "home", entropy)
    made.drop(SETTLEMENT, settlements(settlement(1), settlement(2)))
    made.job.ledger.dispose()
    return made


@contextmanager
def held_elsewhere(lock: Path) -> Iterator[None]:
    """Another process is at work within the lock; at the end it is let go."""
    taken, release = os.pipe(), os.pipe()
    if os.fork() == 0:
        os.close(release[1])
        with alone(lock):
            os.write(taken[1], b"in")
            os.read(release[0], 1)
        os._exit(0)
    os.read(taken[0], 2)
    yield
    os.write(release[1], b".")


def begun(action: Callable[[], object]) -> int:
    """The action in a process of its own; the pipe in which it says that it ended."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            action()
            os.write(writing, b"done")
        finally:
            os._exit(0)
    os.close(writing)
    return reading


def ended(pipe: int, *, within: float) -> bool:
    """Whether the process said so by then; a process that died says nothing."""
    return bool(select.select([pipe], [], [], within)[0]) and os.read(pipe, 4) == b"done"


def test_a_run_waits_for_one_that_is_at_work_and_goes_on_when_that_ended(intake: Intake) -> None:
    with held_elsewhere(intake.job.home.turns(intake.job.pack.name) / "receive.lock"):
        waiting = begun(lambda: entry("receive")(intake.job))
        assert not ended(waiting, within=WHILE)
    assert ended(waiting, within=60)


def test_another_county_does_not_wait(intake: Intake) -> None:
    elsewhere = replace(intake.job, pack=replace(intake.job.pack, name="320902_tinghu"))
    with held_elsewhere(intake.job.home.turns(intake.job.pack.name) / "receive.lock"):
        assert ended(begun(lambda: entry("receive")(elsewhere)), within=60)


def test_a_run_that_dies_lets_the_next_one_go_on(intake: Intake) -> None:
    lock = intake.job.home.turns(intake.job.pack.name) / "receive.lock"

    def die() -> None:
        with alone(lock):
            os._exit(9)

    assert not ended(begun(die), within=WHILE)
    assert entry("receive")(intake.job).stage == "receive"


def test_three_runs_at_once_all_end_and_leave_what_one_leaves(intake: Intake) -> None:
    pipes = [begun(lambda: [entry(name)(intake.job) for name in ("receive", "deidentify", "validate")]) for _ in range(3)]
    assert all([ended(one, within=200) for one in pipes])
    assert [one["state"] for one in intake.deliveries()] == ["ACCEPTED"]
    assert len(intake.rows("staging.settlement")) == 2
