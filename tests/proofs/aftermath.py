"""What follows the bank file: the banks' answers, a payee paid again, late news, money asked back and paid back in parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.proofs.scenario import settled
from tests.stages.bank_county import answer_text, new_account, payments_of
from tests.stages.money_county import County, Line, certno_of, make_county
from tests.stages.test_correct import with_recovery

from mianshen.core.cases import Happening, state_of
from mianshen.core.moves import Act
from mianshen.stages import apply, approve, correct, disclose, handle, pay, receive, reconcile
from mianshen.stages.frame import Job
from mianshen.warehouse import cases, recoveries

PEOPLE = ("甲", "乙", "丙", "丁")
FIRST = [
    Line("甲", "e1", 90_000),
    Line("甲", "e1", 10_000, "special_disabled"),
    Line("乙", "e2", 7_000),
    Line("丙", "e3", 64_000),
    Line("丁", "e4", 500),
]
"""What is paid in peace."""
LATE = [
    Line("甲", "e1", 40_000),
    Line("乙", "e2", 7_500),
    Line("丙", "e3", 64_000),
    Line("丁", "e4", 500),
    Line("丁", "e6", 250, "district_last_resort"),
]
"""What is known afterwards: 甲 owes 600.00 yuan, 乙 and 丁 are due more."""
ANSWERS = ({"甲": "0000", "乙": "1002", "丙": "ZZ9"}, {"丙": "0000", "丁": "0000"})
"""What the bank says in its two files: paid, returned, not known yet."""
STRANGER = (("P-unknown", "1002", 321),)
"""A line of a payment that the bank was never sent."""
RECEIPTS = (("收据1", 20_000), ("收据2", 40_000))
"""What 甲 pays back."""


def prepare(root: Path, ledger_url: str | None = None) -> County:
    """The county with its batch sent, the bank's two files in the inbox, another account of 乙, and the late news assessed."""
    county = make_county(root, PEOPLE, ledger_url=ledger_url)
    county.job = _changed(county.job)
    county.assess(FIRST)
    _decide_and_pay(county.job)
    county.later(days=1)
    for number, body in enumerate(answers(county), 1):
        inbox = county.job.home.inbox(county.job.pack.name)
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / f"bank_return_{number}.txt").write_text(body, encoding="utf-8")
    new_account(county, certno_of(PEOPLE.index("乙")), "6299999999999999999")
    county.assess(LATE, causes={"甲": ["refund"]})
    return county


def answers(county: County) -> Iterator[str]:
    """The bank's two files."""
    sent = payments_of(county)
    for said, extra in zip(ANSWERS, (STRANGER, ()), strict=True):
        yield answer_text(county, {sent[name][-1]: code for name, code in said.items()}, extra=extra)


def second(job: Job) -> Job:
    """The job of the day after, for a copy of the prepared home."""
    return replace(_changed(job), as_of=job.as_of + timedelta(days=1))


def work(job: Job) -> None:
    """From the bank's answers to the money that came back: what is killed and what finishes it, the same."""
    receive.run(job)
    reconcile.run(job)
    apply.run(job)
    approve.run(job)
    _decide(job)
    correct.run(job)
    _recover(replace(job, actor="li"))
    pay.run(job)
    disclose.run(job)
    reconcile.run(job)


def deliver_again(job: Job, times: int) -> None:
    """The bank's files so many times more under names that are read before the first ones, in changing order."""
    inbox = job.home.inbox(job.pack.name)
    bodies = [(inbox / f"bank_return_{number}.txt").read_bytes() for number in (1, 2)]
    for turn in range(times):
        for place, body in enumerate(bodies if turn % 2 else reversed(bodies)):
            (inbox / f"bank_return_0{turn}{place}.txt").write_bytes(body)


def _changed(job: Job) -> Job:
    return settled(replace(job, pack=with_recovery(job.pack, is_offset_allowed=False)))


def _decide_and_pay(job: Job) -> None:
    apply.run(job)
    approve.run(job)
    _decide(job)
    pay.run(job)
    disclose.run(job)


def _decide(job: Job) -> None:
    for department in ("civil_affairs", "disabled", "medical_security"):
        while (view := approve.open_batch_view(job, department)) is not None:
            reply = {"chosen": "同意", "refusals": "", "decided_by": f"a_{department}", "decided_at": job.moment}
            approve.record_replies(job, view.batch_id, reply)


def _recover(job: Job) -> None:
    """The bureau confirms, writes, agrees on parts and takes them; what was done is not done again."""
    for row in _recoveries(job):
        case_id = str(row["case_id"])
        for step, outcome in (("check", "confirm"), ("notice", "sent")):
            if step in _open_steps(job, case_id):
                act = Act(Happening.DECIDED, step, job.actor, "medical_security", job.as_of, outcome_code=outcome)
                handle.act(job, case_id, act)
        if not _is_in_parts(job, row["recovery_id"]):
            correct.agree_instalments(job, case_id, parts=3, first_on=date(2026, 11, 30))
        for reference, fen in RECEIPTS:
            correct.receive(job, case_id, amount_fen=fen, reference=reference)


def _recoveries(job: Job) -> list[dict[str, Any]]:
    with job.ledger.connect() as connection:
        return recoveries.of_county(connection, county_code=job.county_code)


def _is_in_parts(job: Job, recovery_id: str) -> bool:
    with job.ledger.connect() as connection:
        return bool(recoveries.parts_of(connection, recovery_id))


def _open_steps(job: Job, case_id: str) -> set[str]:
    with job.ledger.connect() as connection:
        return set(state_of(cases.events_of(connection, [case_id])[case_id]).open)
