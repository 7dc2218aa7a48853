"""The intake that is killed: fetch, receive, deidentify, validate. A program of its own, as tests/proofs/driver.py.

A shared folder gives two lists and one day's settlements, one with a control file; a file lies in the inbox by hand; one nobody
knows. Person keys are drawn anew by each run that is started, so they are compared by the order in which they appear.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.proofs import intake_bugs
from tests.proofs.bugs import Bug
from tests.proofs.driver import Theatre, main
from tests.proofs.killpoints import Points, around
from tests.stages import intake_county
from tests.stages.intake_county import AS_OF, PACK, Intake, certno, child, children, make_intake, settlement, settlements, table

from mianshen.core.paths import Home
from mianshen.feeds.expectations import Quality
from mianshen.feeds.fetched import Memory
from mianshen.stages import validate
from mianshen.stages.catalogue import entry
from mianshen.stages.frame import Job
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import open_keyring
from mianshen.vault.register import create
from mianshen.vault.tables import PERSON
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import METADATA
from mianshen.warehouse.upgrade import ledger_upgrade
from mianshen_airflow.sources import objects  # noqa: F401 - imported before the forks, which would each pay for it
from mianshen_airflow.sources.visit import visit

SOURCE = "share"
OLD = 1_790_000_000
TABLES = tuple(f"staging.{feed}{kind}" for feed in ("settlement", "enrolment", "roster") for kind in ("", "_quarantined"))

BY_CHANCE = ("delivery_id", "person_key", "account_key", "phone_key", "run_id")
"""Columns that follow from which of equal files came first, or from a draw."""


def entropy_of(number: int) -> Callable[[int], bytes]:
    """Bytes of the n-th process: no two processes draw the same ones."""
    draws = itertools.count()
    return lambda size: hashlib.shake_256(f"{number} {next(draws)}".encode()).digest(size)


class IntakeTheatre(Theatre):
    """A county whose source and inbox are full, and nothing received."""

    bugs: Mapping[str, Bug] = intake_bugs.BUGS
    started = 0
    """Processes that drew entropy."""

    def __init__(self, folder: Path, *, postgres: str | None) -> None:
        import pyarrow.csv  # noqa: F401

        intake_county.pack()
        super().__init__(folder, postgres=postgres)

    def prepare(self) -> None:
        """The home, its shared folder, and both databases."""
        intake = make_intake(self.template, entropy_of(0))
        share = self.template / "share"
        share.mkdir()
        ask = {"code": SOURCE, "kind": "object", "path": "file://SHARE"}
        (self.template / "settings.json").write_text(json.dumps({"counties": {PACK: {"sources": [ask]}}}), "utf-8")
        rows = [settlement(1), settlement(2), settlement(2), settlement(3, certno="")]
        given = {
            intake_county.SETTLEMENT: settlements(*rows),
            intake_county.CHILDREN: children(child(1), child(4, 类别="富裕儿童")),
            f"{intake_county.CHILDREN}.ctl": b'{"feed": "roster", "list_code": "minzheng_ertong", "period": "202610"}',
            "unknown.csv": b"a,b\n1,2\n",
        }
        for number, (name, content) in enumerate(given.items()):
            (share / name).write_bytes(content)
            os.utime(share / name, (OLD + number, OLD + number))
        fee = ("E1", certno(1), "甲某", "390", "2026", "2026-10-08", "400.00")
        intake.drop(intake_county.ENROLMENT, table(intake_county.ENROLMENT_HEAD, [fee]))
        if self.postgres:
            ledger_upgrade(self._database("template_ledger"))
            create(open_database(self._database("template_vault")))

    def stage(self) -> Job:
        """The job on a fresh copy."""
        job = super().stage()
        settings = job.home.root / "settings.json"
        settings.write_text(settings.read_text("utf-8").replace("file://SHARE", f"file://{job.home.root / 'share'}"), "utf-8")
        vault = self._database(f"vault{self.number}", of="template_vault") if self.postgres else job.home.vault_url
        return replace(job, as_of=AS_OF, pack=intake_county.pack(), vault_url=vault)

    def perform(self, job: Job, points: Points) -> list[str]:
        """One process from fetch to validate; emptying the inbox is a point too."""
        os.unlink = around(points, "unlink", os.unlink)
        return super().perform(replace(job, entropy=entropy_of(os.getpid())), points)

    def work(self, job: Job) -> None:
        """Fetch, then every stage of the intake; `receive` is at work before too, as it is woken by any file."""
        validate.judge_rows = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)
        entry("receive")(job)
        visit(job.home, PACK, SOURCE, at=job.as_of, pause=lambda: None)
        for stage in ("receive", "deidentify", "validate"):
            entry(stage)(job)

    def deliver_again(self, job: Job, times: int) -> None:
        """The list and the settlements so many times more by hand, under other names, in changing order."""
        share = job.home.root / "share"
        for turn in range(times):
            names = (intake_county.SETTLEMENT, intake_county.CHILDREN)
            for place, name in enumerate(names if turn % 2 else reversed(names)):
                again = name.replace(".csv", f".again{turn}{place}.csv")
                (job.home.inbox(PACK) / again).write_bytes((share / name).read_bytes())

    def differs_at_once(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
        """Tables whose rows are others, whichever delivery they came with and whatever key a person has; people, what is left."""
        found = [name for name in TABLES if _said(one[name]) != _said(other[name])]
        found += [name for name in ("people", "left over") if one[name] != other[name]]
        return [*found, *(["custody"] if {*one["custody"].values()} != {*other["custody"].values()} else [])]

    def signature(self, job: Job) -> dict[str, Any]:
        """Ledger rows, lake tables, custody's contents by hash, people, memory, inbox, and nothing left over."""
        intake, seen = Intake(job), dict[str, int]()
        vault = open_database(job.vault_url)
        with job.ledger.connect() as connection:
            rows = {one.name: connection.execute(select(one)).mappings().all() for one in METADATA.sorted_tables}
        found: dict[str, Any] = {name: sorted(_text(row, seen, name) for row in kept) for name, kept in rows.items()}
        for name in (*TABLES, "checks.conservation"):
            found[name] = [_text(row, seen, name) for row in sorted(intake.rows(name), key=_place)]
        with vault.connect() as connection:
            found["people"] = ["person" for _ in connection.execute(select(PERSON))]
        found["custody"] = _custody(job, vault)
        memory = Memory(job.home.fetched(PACK) / f"{SOURCE}.jsonl")
        found["memory"] = {name: memory.gave(name) for name in (intake_county.SETTLEMENT, intake_county.CHILDREN, "unknown.csv")}
        found["inbox"] = sorted(path.name for path in intake.inbox.rglob("*") if path.is_file())
        found["left over"] = sorted(path.name for path in (job.home.root / "lake").glob("*/**/.tmp-*"))
        job.ledger.dispose()
        vault.dispose()
        return found


def _custody(job: Job, vault: Any) -> dict[str, str]:
    """Every sealed file, opened: its content's hash by its name."""
    held = Custody(job.home.custody, vault, open_keyring(job.home.keyring))
    names = sorted(path.stem for path in Home(job.home.root).custody.glob("*.sealed"))
    return {name: hashlib.sha256(held.open(name)).hexdigest() for name in names}


def _said(rows: Iterable[str]) -> list[str]:
    """The rows without what names a delivery or a person, in a fixed order: every line and every fen, as often as it stands."""
    own = ({name: value for name, value in json.loads(row).items() if name not in BY_CHANCE} for row in rows)
    return sorted(json.dumps(one, sort_keys=True) for one in own)


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("delivery_id", "line_no", "feed", "table_name"))


def _text(row: Mapping[str, Any], seen: dict[str, int], table_name: str) -> str:
    """The row as text; keys that were drawn are numbered in the order of their first appearance."""
    plain = dict(row)
    for name in ("person_key",):
        if plain.get(name):
            plain[name] = seen.setdefault(str(plain[name]), len(seen))
    if table_name == "run":
        plain = {"run_id": plain["run_id"], "stage": plain["stage"]}
    return json.dumps(plain, sort_keys=True, default=str)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], IntakeTheatre))
