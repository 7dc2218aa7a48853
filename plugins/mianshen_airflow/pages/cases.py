"""一案一卡: one matter's whole story on one page, nobody named; a name is opened for a purpose, logged, and shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mianshen.core.days import Month
from mianshen.documents.approval_sheet import masked
from mianshen.warehouse.case_file import CaseFile, case_behind, case_file
from mianshen.warehouse.lake import Lake
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.clocks import cards

if TYPE_CHECKING:
    from mianshen.stages.frame import Job


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A matter and where it belongs."""

    file: CaseFile
    """What the stores hold."""
    card: Card
    """Its county."""
    as_of: datetime
    """When it was read."""

    @property
    def awarded_fen(self) -> int:
        """What its awards add up to."""
        return sum(int(row["amount_fen"]) for row in self.file.postings)

    @property
    def paid_fen(self) -> int:
        """What the bank has paid of it."""
        return sum(int(row["line_fen"]) for row in self.file.payments if row["state"] == "paid" and row["is_live"])

    def clock_state(self, clock: dict[str, str | None]) -> str:
        """How one of its clocks stands: met, met_late, overdue or open."""
        if clock["closed_as"] is not None:
            return str(clock["closed_as"])
        return "overdue" if str(clock["due_at"]) <= self.as_of.isoformat(timespec="seconds") else "open"


@dataclass(frozen=True, slots=True)
class Opened:
    """A name that was opened for the page that is sent now; it is kept nowhere."""

    name: str
    """As the vault has it."""
    certno: str
    """The id number, its middle behind stars."""


def case_story(number: str) -> CaseStory | None:
    """The story behind an application, receipt, item, award, payment or case number; None when no county of the home has it."""
    known, home = cards(), defaults.home()
    ledger = defaults.ledger(home)
    lake = Lake(home.lake, ledger)
    for code, card in known.items():
        with ledger.connect() as connection:
            key = case_behind(connection, number, county_codes=(code,))
        if key is not None:
            limits = [limit for limit, _ in card.limits]
            return CaseStory(case_file(lake, key, county_code=code, limits=limits), card, defaults.now())
    return None


def open_name(story: CaseStory, *, login: str, purpose: str) -> Opened:
    """The name behind the matter, for a supervisor; the look-up stands in his own log and in the audit chain before it is shown.

    MianshenError LOOKUP_UNEXPLAINED without a purpose. ValueError for a matter about no person.
    """
    from mianshen.stages import disclose

    if story.file.person_key is None:
        raise ValueError(f"{story.file.case_id} is about no person")
    job = _job(story, login)
    found = disclose.look_up_as_supervisor(job, story.file.person_key, subject=story.file.case_id, purpose=purpose)
    return Opened(found.name or "—", masked(found.certno or ""))


def evidence_of(story: CaseStory, *, login: str) -> bytes:
    """The matter's evidence package, made by this account; its hash stands in the audit chain.

    MianshenError CASE_UNKNOWN for what was recorded before applications were cases.
    """
    from mianshen.stages.evidence import pack_case

    return pack_case(_job(story, login), story.file.case_id)


def _job(story: CaseStory, login: str) -> Job:
    from mianshen.stages.frame import make_job

    now = defaults.now().replace(microsecond=0)
    month = Month(now.year, now.month)
    return make_job(story.card.pack, month=month, as_of=now, home=defaults.home(), entropy=defaults.entropy, actor=login)
