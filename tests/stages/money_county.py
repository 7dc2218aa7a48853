"""A small county for the money stages: a home with keys and people, entitlements written straight into the lake."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.ledgers import new_ledger

from mianshen.core.cases import Happening
from mianshen.core.days import ZONE, Month
from mianshen.core.decisions import Outcome
from mianshen.core.ids import make_certno
from mianshen.core.moves import Act
from mianshen.core.pack import Pack
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack
from mianshen.stages.frame import Job
from mianshen.vault import register
from mianshen.vault.keyring import make_keyring, open_keyring
from mianshen.vault.records import Fact
from mianshen.warehouse import approvals
from mianshen.warehouse.case_moves import move
from mianshen.warehouse.connect import compute, open_database

PACK = "510118_xinjin"
AS_OF = datetime(2026, 11, 3, 9, tzinfo=ZONE)
MONTH = Month(2026, 10)
DEPARTMENTS = {
    "special_civil_affairs": ("civil_affairs", "DIBAO"),
    "special_disabled": ("disabled", "ZHONGDU_CANJI"),
    "district_last_resort": ("medical_security", "DIBAO"),
}
"""Benefits of the pack that the small county uses: department and category."""


@dataclass(frozen=True)
class Line:
    """One entitlement, as assess writes it."""

    person: str
    event: str | None
    fen: int
    benefit: str = "special_civil_affairs"
    on: date = date(2026, 10, 12)
    is_held: bool = False

    def row(self) -> tuple[Any, ...]:
        department, category = DEPARTMENTS[self.benefit]
        return (
            self.person, self.benefit, self.on.year, self.event, self.fen, self.is_held, self.on, category,
            f"clause.{self.benefit}", department, "district_medical_relief",
        )  # fmt: skip


@dataclass
class County:
    """The county, its people and what they are entitled to now."""

    job: Job
    """The job that the stages run on; replace it to move the clock."""
    people: dict[str, str]
    """person_key by the name that tests give the person."""
    moves: int = 0
    """Assessments so far."""

    def assess(
        self,
        lines: Iterable[Line],
        *,
        held: Iterable[str] = (),
        of: str | None = None,
        causes: Mapping[str, list[str]] | None = None,
    ) -> str:
        """Write the entitlements as a new assessment: held events of a person, why people were touched; returns its run."""
        rows = [replace(one, person=self.people.get(one.person, one.person)).row() for one in lines]
        self.moves += 1
        number = self.moves
        con = compute()
        con.execute(
            "create table line (person_key varchar, benefit_code varchar, benefit_year integer, event_id varchar,"
            " amount_fen bigint, is_held boolean, event_on date, category_code varchar, clause_id varchar,"
            " department_code varchar, fund_code varchar)"
        )
        if rows:
            con.executemany("insert into line values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        owner = self.people[of] if of else None
        con.execute(
            "create table held as select unnest(cast($held as varchar[])) as event_id, cast($of as varchar) as person_key",
            {"held": list(held), "of": owner},
        )
        with self.job.lake.writing(self.job.run_spec("assess", inputs=(f"assessment {number}",))) as run:
            run.write(con, "out.award_line", "select * from line order by all")
            run.write(
                con,
                "out.assessment",
                "select event_id, person_key, benefit_year, 'PAID' as outcome from line union all"
                " select event_id, person_key, cast(2026 as integer), 'HELD' from held order by all",
            )
            touched = [[self.people[name], said] for name, said in (causes or {}).items()]
            con.execute("create table touched (person_key varchar, causes varchar[])")
            for row in touched:
                con.execute("insert into touched values (?, ?)", row)
            run.write(con, "out.person_touched", "select * from touched order by all")
            return self.job.lake.commit(run)

    def later(self, **shift: int) -> None:
        """Move the job's moment on."""
        self.job = replace(self.job, as_of=self.job.as_of + timedelta(**shift))

    def copy(self, root: Path) -> County:
        """The county as it stands, in another home; only of one whose ledger lies in its home."""
        self.job.ledger.dispose()
        shutil.copytree(self.job.home.root, root)
        home, drawn = Home(root), self.job.entropy
        assert isinstance(drawn, Steady)
        urls = {"ledger_url": home.ledger_url, "vault_url": home.vault_url}
        return replace(self, job=replace(self.job, home=home, entropy=replace(drawn), **urls), people=dict(self.people))

    def with_pack(self, change: Callable[[Pack], Pack]) -> None:
        """Change the pack."""
        self.job = replace(self.job, pack=change(self.job.pack))


@cache
def shipped_pack() -> Pack:
    """The shipped pack, read once."""
    return load_pack(PACK, on=AS_OF.date())


@dataclass
class Steady:
    """Bytes that are the same in every run."""

    seed: str
    """Another seed, other bytes."""
    drawn: int = -1
    """Number of the last draw."""

    def __call__(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed} {self.drawn}".encode()).digest(size)


def steady_entropy(seed: str = "county") -> Callable[[int], bytes]:
    """Bytes that are the same in every run."""
    return Steady(seed)


def certno_of(number: int) -> str:
    """The number of the n-th synthetic person."""
    return make_certno(born=date(1950, 1, 1) + timedelta(days=number // 1000), serial=number % 1000)


def facts_of(name: str, number: int) -> list[Fact]:
    """What the civil affairs list says of a person."""
    account = f"62{number:017d}"
    return [Fact("name", "minzheng_shehuijiuzhu", name, "2026-10"), Fact("account", "minzheng_shehuijiuzhu", account, "2026-10")]


def make_county(
    root: Path,
    names: Iterable[str],
    *,
    facts: Callable[[str, int], list[Fact]] = facts_of,
    ledger_url: str | None = None,
    vault_url: str | None = None,
    go_live_on: date | None = date(2026, 10, 1),
) -> County:
    """A home with keys, the people registered, an empty ledger."""
    home = Home(root)
    home.make()
    (root / "settings.json").write_text("{}\n", encoding="utf-8")
    entropy = steady_entropy()
    if not home.keyring.exists():
        make_keyring(home.keyring, entropy)
    vault = open_database(vault_url or home.vault_url)
    register.create(vault)
    numbered = {certno_of(number): (name, number) for number, name in enumerate(names)}
    known = register.Register(vault, open_keyring(home.keyring)).record(
        {certno: facts(name, number) for certno, (name, number) in numbered.items()}, entropy=entropy
    )
    new_ledger(ledger_url or home.ledger_url)
    job = Job(
        home=home,
        pack=shipped_pack(),
        month=MONTH,
        as_of=AS_OF,
        entropy=entropy,
        actor="system",
        ledger_url=ledger_url or home.ledger_url,
        vault_url=vault_url or home.vault_url,
        go_live_on=go_live_on,
    )
    return County(job, {name: known.keys[certno] for certno, (name, _) in numbered.items()})


def agree_to_all(county: County, department: str | None = None) -> None:
    """Agree to everything that waits, or to one department's items, straight in the ledger."""
    with county.job.ledger.begin() as connection:
        waiting = approvals.undecided(connection, county_code=county.job.county_code)
        acts = [
            (
                item["application_id"],
                Act(
                    Happening.DECIDED,
                    item["department_code"],
                    "approver",
                    item["holder_department"],
                    county.job.as_of,
                    outcome_code=Outcome.AGREE.value,
                    reason_code="REVIEWED",
                    how="person",
                ),
            )
            for item in waiting
            if department in (None, item["department_code"])
        ]
        assert not move(connection, county.job.pack, acts).refused
