"""The departments and reviewers of a simulated county: who looks at a held claim, who answers a batch, when, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

from mianshen.cli.simulate.acts import Acts
from mianshen.cli.simulate.clerk import Moments, draw_of, moment_of
from mianshen.cli.simulate.year import Year
from mianshen.core.clocks import TimeLimit, due
from mianshen.core.codes.money import REFUSALS
from mianshen.core.days import Month, local
from mianshen.core.reviews import ReviewCode, ReviewOutcome
from mianshen.stages import approve
from mianshen.stages.frame import Job
from mianshen.warehouse import approvals
from mianshen.warehouse.claim_reviews import decide_claims, reviews_of

REFUSED = 0.04
"""Share of the items that a department refuses."""
REFUSED_CLAIMS = 0.3
"""Share of held claims that are not released."""
SOON = timedelta(minutes=5)
"""How long after a run somebody may act at the soonest."""


@dataclass(slots=True)
class Offices:
    """Those who decide."""

    year: Year
    """The year that they work in."""
    acts: Acts
    """What they did, as they remember it."""
    job: Callable[[], Job]
    """The county's job at the moment."""
    pay_after: Callable[[datetime], None]
    """What follows a decision."""
    _held: set[str] = field(default_factory=set)
    """Claims that were held when somebody looked last, `review|settlement`."""
    _asked: set[tuple[str, str]] = field(default_factory=set)
    """Batches and departments that were asked."""
    _month: Month | None = None
    """The month of the newest run."""

    def watch_claims(self, job: Job) -> None:
        """Somebody takes up each claim that is held; what is held no longer is noted."""
        waiting: set[str] = set()
        fresh: dict[str, TimeLimit] = {}
        for rule in job.pack.reviews.rules:
            rows = reviews_of(job.lake, county_code=job.county_code, month=str(job.month), code=rule.code)
            own = {f"{rule.code.value}|{row['event_id']}" for row in rows if row["is_waiting"]}
            waiting |= own
            if rule.limit is not None:
                fresh |= dict.fromkeys(own - self._held, rule.limit)
        self.acts.gone |= dict.fromkeys(self._held - waiting - self.acts.gone.keys(), local(job.as_of))
        for one, limit in sorted(fresh.items(), key=lambda pair: pair[0]):
            draw = draw_of(self.year.seed, "claim", one)
            at = self._when(job, due(limit, start=job.as_of, calendar=job.pack.calendar).at, draw)
            if at is not None:
                outcome = ReviewOutcome.REFUSE if draw.random() < REFUSED_CLAIMS else ReviewOutcome.RELEASE
                self.year.agenda.put(at, partial(self._look, one, outcome))
        self._held |= waiting
        self._month = job.month

    def _when(self, job: Job, until: datetime, draw: Random) -> datetime | None:
        return moment_of(Moments(local(job.as_of) + SOON, until), calendar=job.pack.calendar, draw=draw)[1]

    def _look(self, claim: str, outcome: ReviewOutcome) -> None:
        if claim in self.acts.gone or self._month is None:
            return
        job = self.job()
        code, event = claim.split("|")
        decide_claims(
            job.lake,
            county_code=job.county_code,
            month=str(self._month),
            code=ReviewCode(code),
            outcome=outcome,
            events=[event],
            reason="模拟 simulated",
            at=job.moment,
            actor="reviewer",
        )
        self.acts.looked[claim] = local(job.as_of)
        self.year.counts[f"claims.{outcome.value}"] += 1

    def ask_departments(self, job: Job) -> None:
        """Each department makes up its mind about what a new batch leaves to it."""
        with job.ledger.connect() as connection:
            waiting = approvals.undecided(connection, county_code=job.county_code, route="person")
            batches = approvals.batches(connection, county_code=job.county_code)
        opened = {row["approval_batch_id"]: datetime.fromisoformat(row["opened_at"]) for row in batches}
        limit = job.pack.time_limit("approve_relief")
        fresh = {(row["approval_batch_id"], row["holder_department"]) for row in waiting} - self._asked
        self._asked |= fresh
        for batch, department in sorted(fresh):
            until = due(limit, start=opened[batch], calendar=job.pack.calendar).at
            at = self._when(job, until, draw_of(self.year.seed, "batch", batch, department))
            if at is not None:
                self.year.agenda.put(at, partial(self._decide, batch, department))
                self.pay_after(at)
            if at is None or at >= until:  # from then on its silence holds up nobody
                self.pay_after(until)

    def _decide(self, batch: str, department: str) -> None:
        job = self.job()
        with job.ledger.connect() as connection:
            rows = approvals.items_of(connection, batch)
        waiting = [row for row in rows if row["outcome"] is None and row["route"] == "person"]
        own = [row["item_no"] for row in waiting if row["holder_department"] == department]
        draw = draw_of(self.year.seed, "items", batch, department)
        reply = {
            "chosen": "同意",
            "refusals": ";".join(f"{number}={draw.choice(REFUSALS)}" for number in own if draw.random() < REFUSED),
            "department_code": department,
            "decided_by": f"approver_{department}",
            "decided_at": job.moment,
        }
        done = approve.record_replies(job, batch, reply)
        self.acts.decided[batch, department] = local(job.as_of)
        self.year.counts.update({f"items.{name}": count for name, count in done.counts.items()})
