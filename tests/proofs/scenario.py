"""The county that is killed: a first month paid in peace, a second one with more, less, new, held and unwritable payees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from tests.stages.money_county import County, Line, facts_of, make_county

from mianshen.stages import apply, approve, disclose, pay
from mianshen.stages.frame import Job
from mianshen.vault.records import Fact

PEOPLE = ("甲", "乙", "丙", "䶮晓明", "无卡人", "戊")
FIRST = [
    Line("甲", "e1", 1000),
    Line("乙", "e2", 500),
    Line("乙", "e2", 70, "special_disabled"),
    Line("丙", "old", 900, on=date(2026, 8, 1)),
]
"""What the first month gives."""
SECOND = [
    Line("甲", "e1", 400),
    Line("甲", "e9", 250, "special_disabled"),
    Line("乙", "e2", 500),
    Line("乙", "e2", 95, "special_disabled"),
    Line("乙", "e3", 30, "district_last_resort"),
    Line("丙", "e4", 640),
    Line("䶮晓明", "e5", 88),
    Line("无卡人", "e6", 77),
    Line("戊", "e7", 3_000_000),
]
"""What the second month gives: 甲 less, 乙 more, 丙 new, one by hand, one without account, one refused by a person."""


def prepare(root: Path, ledger_url: str | None = None, vault_url: str | None = None) -> County:
    """The county with its first month paid and its second one assessed."""
    county = make_county(root, PEOPLE, facts=_facts, ledger_url=ledger_url, vault_url=vault_url)
    county.job = settled(county.job)
    county.assess(FIRST)
    work(county.job)
    county.later(days=7)
    county.assess(SECOND)
    return county


def settled(job: Job) -> Job:
    """The job with a bank that cannot write every name, and no draw of samples."""
    pack = job.pack
    routing = tuple(replace(one, sample_ppm=0) for one in pack.routing)
    return replace(job, pack=replace(pack, bank=replace(pack.bank, encoding="gbk"), routing=routing))


def second(job: Job) -> Job:
    """The job of the second month, for a copy of the prepared home."""
    return replace(settled(job), as_of=job.as_of + timedelta(days=7))


def work(job: Job) -> None:
    """From entitlements to the sheet: what is killed and what finishes it, the same."""
    apply.run(job)
    approve.run(job)
    for department in ("civil_affairs", "disabled", "medical_security"):
        while (view := approve.open_batch_view(job, department)) is not None:
            named = f"{view.items[0].item_no}=IDENTITY_NOT_CONFIRMED"
            reply = {"chosen": "同意", "refusals": named, "decided_by": f"a_{department}", "decided_at": job.moment}
            approve.record_replies(job, view.batch_id, reply)
    pay.run(job)
    disclose.run(job)


def _facts(name: str, number: int) -> list[Fact]:
    known = facts_of(name, number)
    return [one for one in known if one.kind == "name"] if name == "无卡人" else known
