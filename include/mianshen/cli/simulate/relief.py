"""A simulated year of relief: feeds and lists come, the chain runs, departments decide, the bank answers, by the stages' entries.

The files are the fictional county's. Who is late, and with what, is drawn; what really happened when is kept in `acts`, from
which `relief_truth` says afterwards which clocks had to be missed.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from mianshen.cli.simulate import bank
from mianshen.cli.simulate.acts import Acts
from mianshen.cli.simulate.clerk import Moments, draw_of, moment_of
from mianshen.cli.simulate.offices import Offices
from mianshen.cli.simulate.year import Year
from mianshen.core.clocks import end_of_day
from mianshen.core.contract import Feed
from mianshen.core.days import ZONE, Month, last_full_month, local, parse_month
from mianshen.core.pack import Pack
from mianshen.policy.packs import load_bank_profile, load_pack
from mianshen.stages.catalogue import STAGES, entry
from mianshen.stages.frame import Job
from mianshen.stages.reconcile import acts as bank_acts
from mianshen.synth import make_county
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.ledger import CASE, PAYMENT, PAYMENT_BATCH

CONTROL = ".ctl"
NEXT = timedelta(seconds=1)
"""How long after its files came an inbox is looked at: those of a moment are received together."""
OPENS, COMES, PAYS = time(8), time(10), time(16)
"""When a month's lists begin to be watched, when the network delivers, when payments leave."""
BANK = "generic_csv"
"""The profile of the simulated bank."""
RECEIPT = "5" * 64
"""Hash of the receipt of a payment by hand."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file and when it comes."""

    path: Path
    """The control file beside it."""
    feed: str
    """roster | settlement | enrolment."""
    list_code: str
    """The contract's list code."""
    month: Month
    """The month it speaks of."""


@dataclass(slots=True)
class Relief:
    """Relief in a county's year."""

    year: Year
    """The year that it is a part of."""
    folder: Path
    """Where departments keep the files of the year before they send them; their answer key lies beside it."""
    acts: Acts = field(default_factory=Acts)
    """What happened."""
    offices: Offices = field(init=False)
    """Who decides."""
    _sent: set[str] = field(default_factory=set)
    """Payment batches that the bank took up."""
    _months: set[Month] = field(default_factory=set)
    """Months that are delivered."""

    def __post_init__(self) -> None:
        self.offices = Offices(self.year, self.acts, self._job, self._pay_after)

    def plan(self, *, last: Month, people: int) -> None:
        """Make the fictional county's files from January to the last month and put their coming on the agenda."""
        as_of = _at(last.shift(1).first_day, OPENS) + timedelta(days=1)
        answer, seed = self.folder.with_name(f"{self.folder.name}-answer"), self.year.seed
        pack = self.year.job.pack
        make_county(pack, month=last, insured=people, seed=seed, out=self.folder, answer=answer, as_of=as_of)
        for path in sorted(self.folder.glob(f"*{CONTROL}")):
            said = json.loads(path.read_text("utf-8"))
            self._expect(Arrival(path, said["feed"], said["list_code"], parse_month(said["period"][:7])))
        for month in sorted(self._months):
            self.year.agenda.put_once(_at(month.shift(1).first_day, OPENS), self._receive)

    def _expect(self, one: Arrival) -> None:
        pack = self.year.job.pack
        self._months.add(one.month)
        if one.feed != Feed.ROSTER:
            opened = max(pack.list_due_on(some, one.month) for some in pack.lists) if pack.lists else one.month.last_day
            day = pack.calendar.roll(opened + timedelta(days=1))
            self.year.agenda.put(_at(day, COMES), partial(self._deliver, one))
            self.year.agenda.put_once(_at(day, COMES) + NEXT, self._receive)
            return
        expected = next((some for some in pack.lists if some.list_code == one.list_code), None)
        if expected is None:
            return
        until = end_of_day(pack.list_due_on(expected, one.month), pack.time_limit("roster_due").day_ends_at)
        opened_at = _at(one.month.shift(1).first_day, OPENS) + timedelta(minutes=1)
        draw = draw_of(self.year.seed, "list", one.list_code, one.month)
        _, at = moment_of(Moments(opened_at, until), calendar=pack.calendar, draw=draw)
        if at is None:
            return
        self.acts.lists[f"{one.list_code}|{one.month}"] = at + NEXT
        self.year.agenda.put(at, partial(self._deliver, one))
        self.year.agenda.put_once(at + NEXT, self._receive)
        if at >= until:
            self.year.agenda.put_once(at + timedelta(hours=1), self._chain)

    def _deliver(self, one: Arrival) -> None:
        inbox = self.year.job.home.inbox(self.year.job.pack.name)
        content = one.path.with_name(one.path.name.removesuffix(CONTROL))
        for path in (one.path, content):
            draft = inbox / f".tmp-{path.name}"
            shutil.copyfile(path, draft)
            draft.replace(inbox / path.name)
        self.year.counts[f"files.{one.feed}"] += 1

    def _receive(self) -> None:
        """A file came: it is received at once; the chain follows when somebody lets it."""
        job = self._job()
        entry("receive")(job)
        with job.ledger.connect() as connection:
            waiting = [row for row in clocks_of(connection, job.county_code, kind="delivery") if row["closed_at"] is None]
        for started, until in sorted({(row["started_at"], row["due_at"]) for row in waiting if row["started_at"] == job.moment}):
            draw = draw_of(self.year.seed, "chain", started)
            opened = datetime.fromisoformat(started) + timedelta(minutes=30)
            _, at = moment_of(Moments(opened, datetime.fromisoformat(until)), calendar=job.pack.calendar, draw=draw)
            self.year.agenda.put_once(at or opened + timedelta(days=20), self._chain)

    def _job(self) -> Job:
        """The county's job at the moment: of the last full month, December's after the year."""
        job = self.year.job
        return replace(job, month=min(last_full_month(local(job.as_of).date()), max(self._months)))

    def _chain(self) -> None:
        """The whole chain, as the county's DAGs run it when something new is there."""
        job = self._job()
        self.year.told(f"{job.as_of:%Y-%m-%d %H:%M} 运行 run {job.month}")
        for name in STAGES:
            counts = entry(name)(job).counts
            if name == "apply":
                self.year.counts["applications"] += counts.get("applications", 0)
        self.acts.chains.append(local(job.as_of))
        self.year.counts["runs"] += 1
        self.offices.watch_claims(job)
        self.offices.ask_departments(job)
        self._after_pay(job)
        self._adopt(job)

    def _pay_after(self, at: datetime) -> None:
        day = local(at).date()
        first = _at(day, PAYS) if local(at).time() < PAYS else _at(day + timedelta(days=1), PAYS)
        self.year.agenda.put_once(_at(self.year.job.pack.calendar.roll(first.date()), PAYS), self._pay)

    def _pay(self) -> None:
        job = self._job()
        entry("pay")(job)
        self._after_pay(job)

    def _after_pay(self, job: Job) -> None:
        """The bank takes up every file that was sent; a clerk pays by hand what it cannot carry."""
        with job.ledger.connect() as connection:
            query = select(PAYMENT_BATCH).where(PAYMENT_BATCH.c.county_code == job.county_code, PAYMENT_BATCH.c.state == "sent")
            rows = [row for row in connection.execute(query).mappings() if row["payment_batch_id"] not in self._sent]
        for row in sorted(rows, key=lambda one: str(one["payment_batch_id"])):
            batch = row["payment_batch_id"]
            self._sent.add(batch)
            self._leaves(batch, local(job.as_of))
            self.year.counts["bank_files"] += 1
            draw = draw_of(self.year.seed, "answer", batch)
            at = bank.answer_at(local(job.as_of), draw=draw, calendar=job.pack.calendar)
            if at is not None and row["file_name"]:
                self.year.agenda.put(at, partial(self._answer, batch, row["file_name"]))
            if row["manual_payments"]:
                self.year.agenda.put(
                    _at(job.pack.calendar.roll(local(job.as_of).date() + timedelta(days=2)), PAYS), partial(self._by_hand, batch)
                )

    def _leaves(self, batch: str, at: datetime) -> None:
        """Every payment of a file leaves with it; what the bank cannot carry waits for a clerk."""
        with self.year.job.ledger.connect() as connection:
            query = select(PAYMENT.c.payment_id).where(PAYMENT.c.payment_batch_id == batch, PAYMENT.c.state != "manual")
            self.acts.sent |= dict.fromkeys(connection.execute(query).scalars(), at)

    def _answer(self, batch: str, name: str) -> None:
        job = self._job()
        outbox = job.home.outbox(job.pack.name)
        said = json.loads((outbox / f"{name}{CONTROL}").read_text("utf-8"))
        answered = bank.answer(
            [outbox / one["file"] for one in said["files"]], job.pack.bank, batch_id=batch, seed=self.year.seed
        )
        (job.home.inbox(job.pack.name) / f"bank_return_{batch}.txt").write_text(answered.text, encoding="utf-8")
        entry("receive")(job)
        entry("reconcile")(job)
        self.acts.paid |= dict.fromkeys(answered.arrived, local(job.as_of))
        self.year.counts["payments.arrived"] += len(answered.arrived)

    def _by_hand(self, batch: str) -> None:
        job = replace(self._job(), actor="cashier")
        with job.ledger.connect() as connection:
            query = select(PAYMENT.c.payment_id).where(PAYMENT.c.payment_batch_id == batch, PAYMENT.c.state == "manual")
            waiting = sorted(connection.execute(query).scalars())
        for one in waiting:
            bank_acts.record_by_hand(job, one, outcome="paid", happened_on=local(job.as_of).date(), paper_sha256=RECEIPT)
            self.acts.sent[one] = self.acts.paid[one] = local(job.as_of)
        self.year.counts["payments.by_hand"] += len(waiting)

    def _adopt(self, job: Job) -> None:
        """Cases that a stage opened (visits, recoveries) are taken up; an application's case is moved by its departments."""
        with job.ledger.connect() as connection:
            query = select(CASE).where(CASE.c.county_code == job.county_code, CASE.c.process_code != job.pack.award_process.code)
            rows = [row for row in connection.execute(query).mappings() if not self.year.knows(row["case_id"])]
        for place in sorted({(row["process_code"], row["benefit_year"]) for row in rows}):
            mine = sorted(row["case_id"] for row in rows if (row["process_code"], row["benefit_year"]) == place)
            self.year.adopt(mine, process_code=place[0], benefit_year=place[1])


def is_paid_here(pack: Pack) -> bool:
    """Whether the county pays relief from a feed: it awaits settlements and lists, and somebody decides on awards."""
    feeds = {one.feed for one in pack.contracts}
    return {Feed.SETTLEMENT, Feed.ROSTER} <= feeds and any(one.is_of_awards for one in pack.processes)


def paid_pack(job: Job, year: int) -> Pack:
    """The county's pack of the year's end, paid through the generic batch file, which the simulated bank reads.

    Incomes are not simulated: families are decided about without a check of their means.
    """
    pack = load_pack(job.pack.name, on=date(year, 12, 31), overlays=job.overlays)
    return replace(pack, bank=load_bank_profile(BANK), means=None)


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=ZONE)
