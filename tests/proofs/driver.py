"""Runs the scenario in processes that are killed. Started as a program of its own: it forks, so it never computes itself.

`python -m tests.proofs.driver FOLDER [--points 3,7 | --labels "write half"] [--postgres URL] [--bug NAME]` prints one JSON line:
the labels of the points that a run passes, and for each point killed what differs afterwards from the run that nobody disturbed.
With a bug it goes backwards and stops where the bug is seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select, text
from tests.proofs import scenario
from tests.proofs.bugs import BUGS
from tests.proofs.killpoints import Points, install
from tests.stages.money_county import AS_OF, MONTH, shipped_pack, steady_entropy

from mianshen.core.paths import Home
from mianshen.documents import pdf
from mianshen.stages.frame import Job
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import METADATA

RECOVERIES = 3
"""A run that was killed is started again at most so often."""


def in_child(action: Callable[[], Any], answer: Path | None = None) -> int:
    """Run the action in a process of its own; its exit status as waitpid gives it, its result as JSON in `answer`."""
    child = os.fork()
    if child == 0:
        try:
            result = action()
            if answer is not None:
                answer.write_text(json.dumps(result), encoding="utf-8")
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    return os.waitpid(child, 0)[1]


class Theatre:
    """A prepared home and ledger, and copies of both for each performance."""

    bugs: Mapping[str, Callable[[], None]] = BUGS

    def __init__(self, folder: Path, *, postgres: str | None, bug: str | None) -> None:
        self.folder = folder
        self.postgres = postgres
        self.bug = bug
        self.number = 0
        self.template = folder / "template"
        status = in_child(self.prepare)
        if status != 0:
            raise RuntimeError(f"the scenario could not be prepared: {status}")

    def prepare(self) -> None:
        """Make the home, and the ledger, that every performance starts from."""
        url = self._database("template_ledger") if self.postgres else None
        pdf.can_print = lambda: False
        scenario.prepare(self.template, url).job.ledger.dispose()

    def stage(self) -> Job:
        """The second month's job on a fresh copy of the prepared home."""
        self.number += 1
        home = Home(self.folder / f"home{self.number}")
        shutil.copytree(self.template, home.root)
        url = self._database(f"copy{self.number}", of="template_ledger") if self.postgres else home.ledger_url
        job = Job(
            home=home,
            pack=shipped_pack(),
            month=MONTH,
            as_of=AS_OF,
            entropy=steady_entropy(),
            actor="system",
            ledger_url=url,
            vault_url=home.vault_url,
            go_live_on=MONTH.first_day,
        )
        return scenario.second(job)

    def perform(self, job: Job, points: Points) -> list[str]:
        """The scenario's second month with every point in place; returns the labels passed."""
        pdf.can_print = lambda: False
        if self.bug:
            self.bugs[self.bug]()
        install(points)
        self.work(job)
        job.ledger.dispose()
        return points.passed

    def work(self, job: Job) -> None:
        """What is killed, and what finishes it."""
        scenario.work(job)

    def signature(self, job: Job) -> dict[str, Any]:
        """Everything that must be the same afterwards."""
        return signature(job)

    def strike(self, job: Job) -> None:
        """Take a copy down again."""
        shutil.rmtree(job.home.root, ignore_errors=True)

    def _database(self, name: str, *, of: str | None = None) -> str:
        assert self.postgres is not None
        engine = create_engine(self.postgres, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'create database "{name}"' + (f' template "{of}"' if of else "")))
        engine.dispose()
        return self.postgres.replace("/postgres?", f"/{name}?", 1)


def signature(job: Job) -> dict[str, Any]:
    """Everything that must be the same: every ledger row, every file that left, no temporary file."""
    engine = open_database(job.ledger_url)
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
            if table.name != "run":
                found[table.name] = [json.dumps(dict(row), sort_keys=True, default=str) for row in rows]
        found["chain"] = verify(rows_of(connection)).problem
    engine.dispose()
    outbox = job.home.root / "outbox"
    files = sorted(path for path in outbox.rglob("*") if path.is_file())
    found["files"] = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of what differs."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def kill_and_recover(theatre: Theatre, point: int, total: int) -> dict[str, Any]:
    """Kill at the point, kill the first recovery at another one, then let it finish; what stands afterwards."""
    job = theatre.stage()
    first = in_child(lambda: theatre.perform(job, Points(point)))
    statuses = [first, in_child(lambda: theatre.perform(job, Points(1 + (point * 7) % total)))]
    while statuses[-1] != 0 and len(statuses) <= RECOVERIES:
        statuses.append(in_child(lambda: theatre.perform(job, Points())))
    found = theatre.signature(job)
    theatre.strike(job)
    killed = os.WIFSIGNALED(first) and os.WTERMSIG(first) == signal.SIGKILL
    return {"point": point, "killed": killed, "finished": statuses[-1] == 0, "signature": found}


def main(arguments: Sequence[str], kind: type[Theatre] = Theatre) -> int:
    """Print the result as one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--points", default="")
    parser.add_argument("--labels", default="")
    parser.add_argument("--postgres")
    parser.add_argument("--bug", choices=sorted(kind.bugs))
    parser.add_argument("--shard", help="k/N from 1: the points whose place is k; in place of --points")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    theatre = kind(chosen.folder, postgres=chosen.postgres, bug=chosen.bug)
    calm, answer = theatre.stage(), chosen.folder / "calm.json"
    if in_child(lambda: theatre.perform(calm, Points()), answer) != 0:
        raise RuntimeError("the undisturbed run failed")
    labels = json.loads(answer.read_text("utf-8"))
    expected = theatre.signature(calm)
    named = set(chosen.labels.split(","))
    wanted = [int(one) for one in chosen.points.split(",") if one]
    if chosen.shard:
        number, of = (int(part) for part in chosen.shard.split("/"))
        wanted += list(range(1, len(labels) + 1))[number - 1 :: of]
    wanted += [number for number, label in enumerate(labels, 1) if label in named]
    cases = []
    for point in reversed(wanted) if chosen.bug else wanted:
        case = kill_and_recover(theatre, point, len(labels))
        found = case.pop("signature")
        cases.append({**case, "differs": differences(expected, found), "label": labels[point - 1]})
        if chosen.bug and (cases[-1]["differs"] or not cases[-1]["finished"]):
            break
    print(json.dumps({"labels": labels, "cases": cases, "rows": {name: len(rows) for name, rows in expected.items()}}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
