"""The intake stopped dead at any step and run again ends where an undisturbed one ends: nothing lost, nothing twice."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Shard
from tests.stages.intake_county import (
    CHILDREN,
    ENROLMENT,
    ENROLMENT_HEAD,
    SETTLEMENT,
    Intake,
    certno,
    child,
    children,
    make_intake,
    settlement,
    settlements,
    table,
)

from mianshen.feeds.expectations import Quality
from mianshen.stages import validate
from mianshen.vault import custody, register
from mianshen.warehouse import deliveries, lake

STEPS: dict[str, tuple[Any, str]] = {
    "custody's file": (custody, "put_private"),
    "custody's row": (custody.Custody, "land"),
    "the delivery's row": (deliveries, "take"),
    "emptying the inbox": (Path, "unlink"),
    "the register": (register.Register, "record"),
    "a table of the lake": (lake.LakeRun, "write"),
    "the rename of a run": (lake, "_publish"),
    "marking deliveries keyed": (deliveries, "mark_keyed"),
    "settling a delivery": (deliveries, "settle"),
    "the commit of a run": (lake.Lake, "commit"),
}
"""Each step that leaves a trace, by the function that takes it."""


class Killed(BaseException):
    """Nothing in the product catches it."""


def stocked(root: Path) -> Intake:
    draws = itertools.count()
    made = make_intake(root, lambda size: hashlib.shake_256(b"%d" % next(draws)).digest(size))
    made.drop(SETTLEMENT, settlements(settlement(1), settlement(2), settlement(2), settlement(3, certno="")))
    made.drop(
        CHILDREN, children(child(1), child(4, 类别="富裕儿童")), feed="roster", list_code="minzheng_ertong", period="202610"
    )
    made.drop(ENROLMENT, table(ENROLMENT_HEAD, [("E1", certno(1), "甲某", "390", "2026", "2026-10-08", "400.00")]))
    made.drop("unknown.csv", b"a,b\n1,2\n")
    return made


def end_state(intake: Intake) -> dict[str, Any]:
    """What must not depend on interruptions: rows with each person by a running number, deliveries, clocks, custody, inbox."""
    seen: dict[str, int] = {}

    def known(row: dict[str, Any]) -> dict[str, Any]:
        own = {"person_key": seen.setdefault(row["person_key"], len(seen))} if row.get("person_key") else {}
        return row | own

    tables = [f"staging.{feed}{kind}" for feed in ("settlement", "enrolment", "roster") for kind in ("", "_quarantined")]
    return {
        **{name: [known(row) for row in intake.rows(name)] for name in (*tables, "checks.conservation")},
        "deliveries": [dict(one) for one in intake.deliveries()],
        "clocks": {key: dict(one) for key, one in intake.clocks().items()},
        "custody": sorted(path.name for path in intake.job.home.custody.iterdir()),
        "inbox": sorted(path.name for path in intake.inbox.iterdir()),
        "left over": [str(path) for path in intake.job.home.lake.rglob(".tmp-*")],
    }


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str], *, call: int, after: bool) -> Iterator[None]:
    """The process dies before or after the given call of the function, counted from 1; other calls are as ever."""
    owner, name = place
    real: Callable[..., Any] = getattr(owner, name)
    calls = itertools.count(1)

    def dying(*args: Any, **kwargs: Any) -> Any:
        number = next(calls)
        if number == call and not after:
            raise Killed
        result = real(*args, **kwargs)
        if number == call and after:
            raise Killed
        return result

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, dying)
        yield


@pytest.fixture(autouse=True)
def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
    monkeypatch.setattr(validate, "judge_rows", passed)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    intake = stocked(tmp_path_factory.mktemp("undisturbed") / "home")
    with pytest.MonkeyPatch.context() as patched:
        passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
        patched.setattr(validate, "judge_rows", passed)
        intake.run()
    return end_state(intake)


@pytest.mark.proof
def test_a_run_killed_at_a_step_ends_the_same_when_it_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, Any], shard: Shard
) -> None:
    cases = [(step, after) for step in STEPS for after in (False, True)]
    for place, (step, after) in enumerate(shard.take(cases)):
        intake = stocked(tmp_path / str(place) / "home")
        with killed_at(monkeypatch, STEPS[step], call=1, after=after), pytest.raises(Killed):
            intake.run()
        with killed_at(monkeypatch, STEPS[step], call=2, after=after), suppress(Killed):
            intake.run()
        intake.run()
        assert end_state(intake) == undisturbed, f"killed {'after' if after else 'before'} {step}"


def test_the_steps_are_really_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, Any]) -> None:
    assert undisturbed["inbox"] == [] and len(undisturbed["custody"]) == 5 and len(undisturbed["deliveries"]) == 4
    assert len(undisturbed["staging.settlement"]) == 2
    for step, place in STEPS.items():
        intake = stocked(tmp_path / step / "home")
        with killed_at(monkeypatch, place, call=1, after=False), pytest.raises(Killed):
            intake.run()
