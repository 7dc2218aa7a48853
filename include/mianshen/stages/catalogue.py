"""The stages by name, in the order of a batch's life. Doors look them up here; stages never call each other.

A stage is imported when it runs: a process that receives a file does not pay for the libraries that print a notice.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MappingProxyType

from mianshen.core.errors import MianshenError
from mianshen.core.redaction import trace
from mianshen.stages.frame import Job, StageReport
from mianshen.stages.turns import alone

Entry = Callable[[Job], StageReport]
"""What every stage offers: a job in, a report out."""
_SELDOM = 200_000
"""New objects between two looks of Python's collector of cycles; a stage makes millions of objects and hardly a cycle."""


def _walled(name: str, stage: Entry) -> Entry:
    """The stage, one run of it for a county at a time; what breaks in it leaves as STAGE_BROKEN: a library may quote a person."""

    @wraps(stage)
    def run(job: Job) -> StageReport:
        try:
            with alone(job.home.turns(job.pack.name) / f"{name}.lock"), _seldom_collected():
                return stage(job)
        except MianshenError:
            raise
        except Exception as cause:
            error = MianshenError("STAGE_BROKEN", found=type(cause).__name__, where=f"{name} {job.pack.name} {job.month}")
            error.add_note(trace(cause))
            raise error from None

    return run


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Within, cycles are looked for seldom, and never among what was there before: it would take a tenth of a stage's time."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _receive(job: Job) -> StageReport:
    from mianshen.stages import receive

    return receive.run(job)


def _deidentify(job: Job) -> StageReport:
    from mianshen.stages import deidentify

    return deidentify.run(job)


def _validate(job: Job) -> StageReport:
    from mianshen.stages import validate

    return validate.run(job)


def _profile(job: Job) -> StageReport:
    from mianshen.stages import profile

    return profile.run(job)


def _assess(job: Job) -> StageReport:
    from mianshen.stages import assess

    return assess.run(job)


def _apply(job: Job) -> StageReport:
    from mianshen.stages import apply

    return apply.run(job)


def _approve(job: Job) -> StageReport:
    from mianshen.stages import approve

    return approve.run(job)


def _reconcile(job: Job) -> StageReport:
    from mianshen.stages import reconcile

    return reconcile.run(job)


def _correct(job: Job) -> StageReport:
    from mianshen.stages import correct

    return correct.run(job)


def _pay(job: Job) -> StageReport:
    from mianshen.stages import pay

    return pay.run(job)


def _handle(job: Job) -> StageReport:
    from mianshen.stages import handle

    return handle.run(job)


def _confirm(job: Job) -> StageReport:
    from mianshen.stages import confirm

    return confirm.run(job)


def _disclose(job: Job) -> StageReport:
    from mianshen.stages import disclose

    return disclose.run(job)


def _tell(job: Job) -> StageReport:
    from mianshen.stages import disclose

    return disclose.tell(job)


def _radar(job: Job) -> StageReport:
    from mianshen.stages import radar

    return radar.run(job)


def _portray(job: Job) -> StageReport:
    from mianshen.stages import portray

    return portray.run(job)


def _release(job: Job) -> StageReport:
    from mianshen.stages import release

    return release.run(job)


def _supervise(job: Job) -> StageReport:
    from mianshen.stages import supervise

    return supervise.run(job)


def _report(job: Job) -> StageReport:
    from mianshen.stages import report

    return report.run(job)


STAGES: Mapping[str, Entry] = MappingProxyType(
    {
        name: _walled(name, stage)
        for name, stage in (
            ("receive", _receive),
            ("deidentify", _deidentify),
            ("validate", _validate),
            ("profile", _profile),
            ("assess", _assess),
            ("apply", _apply),
            ("approve", _approve),
            ("handle", _handle),
            ("confirm", _confirm),
            ("reconcile", _reconcile),
            ("correct", _correct),
            ("pay", _pay),
            ("disclose", _disclose),
            ("tell", _tell),
            ("radar", _radar),
            ("portray", _portray),
            ("release", _release),
            ("supervise", _supervise),
            ("report", _report),
        )
    }
)
"""From the inbox to the supervisor's tables and the month's portrait report."""


def entry(name: str) -> Entry:
    """The stage's entry; MianshenError STAGE_UNKNOWN lists the names that there are."""
    if name not in STAGES:
        raise MianshenError("STAGE_UNKNOWN", found=name, where=", ".join(STAGES))
    return STAGES[name]
