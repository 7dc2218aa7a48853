"""The stages by name, in the order of a batch's life. Doors look them up here; stages never call each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType

from mianshen.core.errors import MianshenError
from mianshen.core.redaction import trace
from mianshen.stages import apply, approve, assess, deidentify, disclose, pay, profile, receive, supervise, validate
from mianshen.stages.frame import Job, StageReport

Entry = Callable[[Job], StageReport]
"""What every stage offers: a job in, a report out."""


def _walled(name: str, stage: Entry) -> Entry:
    """The stage; what breaks in it leaves as STAGE_BROKEN, because a library's own words may quote a person."""

    @wraps(stage)
    def run(job: Job) -> StageReport:
        try:
            return stage(job)
        except MianshenError:
            raise
        except Exception as cause:
            error = MianshenError("STAGE_BROKEN", found=type(cause).__name__, where=f"{name} {job.pack.name} {job.month}")
            error.add_note(trace(cause))
            raise error from None

    return run


STAGES: Mapping[str, Entry] = MappingProxyType(
    {
        name: _walled(name, stage)
        for name, stage in (
            ("receive", receive.run),
            ("deidentify", deidentify.run),
            ("validate", validate.run),
            ("profile", profile.run),
            ("assess", assess.run),
            ("apply", apply.run),
            ("approve", approve.run),
            ("pay", pay.run),
            ("disclose", disclose.run),
            ("supervise", supervise.run),
        )
    }
)
"""From the inbox to the supervisor's tables."""


def entry(name: str) -> Entry:
    """The stage's entry; MianshenError STAGE_UNKNOWN lists the names that there are."""
    if name not in STAGES:
        raise MianshenError("STAGE_UNKNOWN", found=name, where=", ".join(STAGES))
    return STAGES[name]
