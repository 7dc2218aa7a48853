"""A fictional county's files, and homes in which its month is worked on: what the end-to-end tests share."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Engine, text

from mianshen.cli.init import prepare
from mianshen.core.codes.money import REFUSALS
from mianshen.core.days import ZONE, Month
from mianshen.core.decisions import Outcome
from mianshen.core.pack import Pack
from mianshen.core.paths import PRIVATE, Home
from mianshen.policy.packs import load_pack
from mianshen.stages import approve
from mianshen.stages.catalogue import STAGES
from mianshen.stages.frame import Job, StageReport, make_job
from mianshen.synth import CountySummary, make_county, write_late_list

PACK = "510118_xinjin"
MONTH = Month(2026, 10)
GO_LIVE = "2026-10-01"
LATE = "minzheng_ertong"
"""The list that does not come in time; 困境儿童, kept by the civil affairs bureau."""
IN_TIME = datetime(2026, 11, 5, 17, tzinfo=ZONE)
"""The last afternoon on which October's lists are in time."""
MISSED = datetime(2026, 11, 6, 9, tzinfo=ZONE)
"""The morning after."""
ARRIVED = datetime(2026, 11, 9, 9, tzinfo=ZONE)
"""When the late list comes."""

Clerk = Callable[[Job], None]
"""Answers what waits for a person."""


@dataclass(frozen=True)
class Files:
    """What departments send, and what is true of it."""

    folder: Path
    """Their files with control files."""
    answer: Path
    """The answer key."""
    made: CountySummary
    """What the generator says it made."""

    def all_lists(self, target: Path) -> Path:
        """A copy of the files with the late list among them."""
        shutil.copytree(self.folder, target)
        write_late_list(answer=self.answer, out=target)
        return target


@dataclass
class House:
    """A home in which one county's months are worked on."""

    home: Home
    """Its folders."""
    entropy: Callable[[int], bytes]
    """Bytes that are the same in every test run."""

    def job(self, at: datetime) -> Job:
        """The month's job at a moment."""
        return make_job(PACK, month=MONTH, as_of=at, home=self.home, entropy=self.entropy)

    def receive(self, files: Path) -> None:
        """Put the folder's files into the inbox."""
        inbox = self.home.inbox(PACK)
        for path in files.iterdir():
            shutil.copyfile(path, inbox / path.name)

    def carry(self, at: datetime, *, clerk: Clerk) -> dict[str, StageReport]:
        """Run every stage at the moment, the clerk answering after the rule decided; the reports by stage."""
        job = self.job(at)
        reports = {}
        for name, entry in STAGES.items():
            reports[name] = entry(job)
            if name == "approve":
                clerk(job)
        return reports

    def ledger(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query over the ledger."""
        return rows_of(self.job(IN_TIME).ledger, query, **values)

    def lake(self, query: str, *tables: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query over these tables of the lake, as their newest runs wrote them."""
        lake = self.job(IN_TIME).lake
        with duckdb.connect(":memory:") as con:
            for table in tables:
                schema, _ = table.split(".")
                files = lake.current(table, county_code=PACK[:6])
                assert files, f"no run wrote {table}"
                con.execute(f"create schema if not exists {schema}")
                con.execute(f"create view {table} as select * from read_parquet({files}, hive_partitioning=false)")
            return con.execute(query, values or None).fetchall()

    def outbox(self, pattern: str) -> list[Path]:
        """The files of the outbox that match, by name."""
        return sorted(self.home.outbox(PACK).glob(pattern))

    def summary(self) -> dict[str, Any]:
        """The figures of the month's summary."""
        loaded: dict[str, Any] = json.loads((self.home.reports(PACK) / "summary.json").read_text("utf-8"))
        return loaded


@cache
def pack() -> Pack:
    """The shipped pack."""
    return load_pack(PACK, on=IN_TIME.date())


def write_files(root: Path, *, insured: int, seed: int = 7, late_list: str | None = LATE, **options: Any) -> Files:
    """The county's files from January to October; `options` go to the generator."""
    folder, answer = root / "sent", root / "answer"
    made = make_county(
        pack(), month=MONTH, insured=insured, seed=seed, out=folder, answer=answer, as_of=IN_TIME, late_list=late_list, **options
    )
    return Files(folder, answer, made)


def make_house(root: Path, *, seed: str = "house", vault: Path | None = None, **urls: str | None) -> House:
    """A new home; with `vault`, the keys and persons of that vault folder are in it already."""
    home = Home(root)
    if vault is not None:
        home.make()
        shutil.copytree(vault, home.vault, dirs_exist_ok=True)
        home.vault.chmod(PRIVATE)
    prepare(home, packs=(PACK,), go_live=GO_LIVE, urls=dict(urls))
    return House(home, steady_entropy(seed))


def steady_entropy(seed: str) -> Callable[[int], bytes]:
    """Bytes that look random and are the same in every run."""
    counter = itertools.count()
    return lambda size: hashlib.shake_256(f"{seed} {next(counter)}".encode()).digest(size)


def refusing_one(job: Job) -> None:
    """The clerk who refuses the first item of every department, each for another reason, and agrees to the others."""
    for place, department in enumerate(job.pack.departments):
        _answer(job, department.code, refuse_for=REFUSALS[place % len(REFUSALS)])


def agreeing(job: Job) -> None:
    """The clerk who agrees to everything."""
    for department in job.pack.departments:
        _answer(job, department.code, refuse_for="")


def nobody(job: Job) -> None:
    """The clerk who is not there."""


def _answer(job: Job, department: str, *, refuse_for: str) -> None:
    while (view := approve.open_batch_view(job, department)) is not None:
        refusals = f"{view.items[0].item_no}={refuse_for}" if refuse_for else ""
        reply = {
            "chosen": Outcome.AGREE.name_zh,
            "refusals": refusals,
            "returns": "",
            "decided_by": view.approver,
            "decided_at": job.moment,
        }
        approve.record_replies(job, view.batch_id, reply)


def rows_of(engine: Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of a query as tuples."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def tree(folder: Path, patterns: Iterable[str] = ("**/*",)) -> dict[str, bytes]:
    """Every file below the folder with its bytes, by path."""
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(found)}
