"""Runs the scenario in processes that are killed. Started as a program of its own: it forks, so it never computes itself.

`python -m tests.proofs.driver FOLDER [--points 3,7:20 | --bugs] [--postgres URL]` prints a JSON line: the labels of the points
that a run passes, and for each point struck what differs afterwards from a run that nobody disturbed. 7:20 strikes at the seventh
point, and kills the recovery at its twentieth. Bugs are planted one after the other, and struck backwards until they are seen.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import create_engine, text
from tests.proofs import scenario
from tests.proofs.bugs import BUGS, Bug
from tests.proofs.killpoints import Points, install
from tests.proofs.standing import differences, files_of, half_files, money_differences, money_of, signature
from tests.proofs.strikes import Server, Strike, error, full, kill
from tests.stages.money_county import AS_OF, MONTH, County, shipped_pack, steady_entropy

from mianshen.core.paths import Home
from mianshen.documents import pdf
from mianshen.stages.frame import Job, code_hash
from mianshen.warehouse.sql_files import documented_tables, table_doc

RECOVERIES = 3
"""A run that was killed is started again at most so often."""


def in_child(action: Callable[[], Any], answer: Path | None = None) -> int:
    """Run the action in a process of its own; its exit status as waitpid gives it, its result as JSON in `answer`."""
    return os.waitpid(start_child(action, answer), 0)[1]


def start_child(action: Callable[[], Any], answer: Path | None = None) -> int:
    """The same without waiting for its end; its process number."""
    child = os.fork()
    if child == 0:
        try:
            result = action()
            if answer is not None:
                answer.write_text(json.dumps(result), encoding="utf-8")
            os._exit(0)
        except BaseException as fault:
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            os._exit(1)
    return child


def warm() -> None:
    """Read once, before the forks, what every process would read again."""
    import pandas  # noqa: F401

    code_hash()
    shipped_pack()
    for name in documented_tables():
        table_doc(name)


class Plot(Protocol):
    """What is performed: a module."""

    def prepare(self, root: Path, ledger_url: str | None = None, /) -> County:
        """Make the county that every performance begins with."""

    def second(self, job: Job, /) -> Job:
        """The job of a performance on a copy of it."""

    def work(self, job: Job, /) -> None:
        """What is killed, and what finishes it."""


class Theatre:
    """A prepared home and ledger, and copies of both for each performance."""

    bugs: Mapping[str, Bug] = BUGS
    plot: Plot = scenario

    def __init__(self, folder: Path, *, postgres: str | None) -> None:
        warm()
        self.folder = folder
        self.postgres = postgres
        self.bug: str | None = None
        self.whole: dict[str, str] = {}
        self.number = 0
        self.template = folder / "template"
        status = in_child(self.prepare)
        if status != 0:
            raise RuntimeError(f"the scenario could not be prepared: {status}")

    def prepare(self) -> None:
        """Make the home, and the ledger, that every performance starts from."""
        url = self._database("template_ledger") if self.postgres else None
        pdf.can_print = lambda: False
        self.plot.prepare(self.template, url).job.ledger.dispose()

    def stage(self) -> Job:
        """The job that is worked on, on a fresh copy of the prepared home."""
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
        return self.plot.second(job)

    def perform(self, job: Job, points: Points) -> list[str]:
        """The work with every point in place; returns the labels passed."""
        pdf.can_print = lambda: False
        if self.bug:
            self.bugs[self.bug].plant()
        install(points)
        self.work(job)
        job.ledger.dispose()
        return points.passed

    def work(self, job: Job) -> None:
        """What is killed, and what finishes it."""
        self.plot.work(job)

    def deliver_again(self, job: Job, times: int) -> None:
        """Put what several runs at once find in the inbox beside what lies there already."""

    def differs_at_once(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
        """Names of what several runs at once left otherwise than one run did."""
        return money_differences(one, other, files=True)

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
            connection.execute(text(f'create database "{self._named(name)}"' + (f' template "{self._named(of)}"' if of else "")))
        engine.dispose()
        return self.postgres.replace("/postgres?", f"/{self._named(name)}?", 1)

    def _named(self, name: str) -> str:
        """A name that no other theatre on the same server uses."""
        return f"{name}_{self.folder.parent.name}_{self.folder.name}"


@dataclass(frozen=True)
class Blow:
    """Where a run is struck, where its recovery is killed, how, and by which clock it recovers."""

    point: int
    again: int
    strike: Strike = kill
    days: int = 0
    server: Server | None = None


def strike_and_recover(theatre: Theatre, blow: Blow, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Strike at the point, kill the first recovery at another one, then let it finish; what stands afterwards."""
    job = theatre.stage()
    first = in_child(lambda: theatre.perform(job, Points(blow.point, blow.strike)))
    if blow.server is not None:
        blow.server.start()
    half = half_files(job, theatre.whole) if blow.days == 0 else []
    shifted = replace(job, as_of=job.as_of + timedelta(days=blow.days))
    statuses = [first, in_child(lambda: theatre.perform(shifted, Points(blow.again)))]
    while statuses[-1] != 0 and len(statuses) <= RECOVERIES:
        statuses.append(in_child(lambda: theatre.perform(job, Points())))
    found = theatre.signature(job) | money_of(job)
    theatre.strike(job)
    killed = os.WIFSIGNALED(first) and os.WTERMSIG(first) == signal.SIGKILL
    return {
        "point": blow.point,
        "again": blow.again,
        "killed": killed,
        "struck": first != 0,
        "finished": statuses[-1] == 0,
        "half": half,
        "signature": found,
    }


def blows_of(chosen: argparse.Namespace, labels: Sequence[str]) -> list[Blow]:
    """The blows that the command line asks for."""
    total = len(labels)
    wanted = [one for one in chosen.points.split(",") if one]
    if chosen.shard:
        number, of = (int(part) for part in chosen.shard.split("/"))
        wanted += [str(one) for one in range(1, total + 1)[number - 1 :: of]]
    server = Server(chosen.postgres) if chosen.strike == "stop" else None
    strike = {"kill": kill, "error": error, "full": full, "stop": server.stop if server else kill}[chosen.strike]
    found = []
    for one in wanted:
        first, _, second = one.partition(":")
        again = int(second) if second else 1 + (int(first) * 7) % total
        found.append(Blow(int(first), again, strike, chosen.days, server))
    return found


def perform_at_once(theatre: Theatre, runs: int) -> dict[str, Any]:
    """So many processes do the same work at the same time; whoever was refused tries again. What stands afterwards."""
    job = theatre.stage()
    theatre.deliver_again(job, runs)
    left = runs
    for _ in range(RECOVERIES * runs):
        children = [start_child(lambda: theatre.perform(job, Points())) for _ in range(left)]
        left = sum(os.waitpid(child, 0)[1] != 0 for child in children)
        if left == 0:
            break
    found = theatre.signature(job) | money_of(job)
    theatre.strike(job)
    return {"finished": left == 0, "signature": found}


def see_bugs(theatre: Theatre) -> dict[str, Any]:
    """By bug: the case in which it showed, or what stood in the way of the undisturbed run; null where no point showed it."""
    found: dict[str, Any] = {}
    for name, bug in theatre.bugs.items():
        theatre.bug, found[name] = name, None
        try:
            labels, expected = calm_run(theatre)
        except RuntimeError as failed:
            found[name] = str(failed)
            continue
        strike, total = {"kill": kill, "error": error}[bug.strike], len(labels)
        points = [number for number, label in enumerate(labels, 1) if label == bug.label]
        for point in reversed(points):
            case = strike_and_recover(theatre, Blow(point, 1 + (point * 7) % total, strike), expected)
            case["differs"] = differences(expected, case.pop("signature"))
            if case["differs"] or case["half"] or not case["finished"]:
                found[name] = case
                break
    theatre.bug = None
    return found


def calm_run(theatre: Theatre) -> tuple[list[str], dict[str, Any]]:
    """The labels that an undisturbed run passes, and what stands after it."""
    calm, answer = theatre.stage(), theatre.folder / "calm.json"
    if in_child(lambda: theatre.perform(calm, Points()), answer) != 0:
        raise RuntimeError("the undisturbed run failed")
    theatre.whole = files_of(calm)
    found = theatre.signature(calm) | money_of(calm)
    return json.loads(answer.read_text("utf-8")), found


def main(arguments: Sequence[str], kind: type[Theatre] = Theatre) -> int:
    """Print the result as one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--points", default="")
    parser.add_argument("--postgres")
    parser.add_argument("--bugs", action="store_true", help="every seeded bug in its turn, until it is seen")
    parser.add_argument("--shard", help="k/N from 1: the points whose place is k; in place of --points")
    parser.add_argument("--strike", choices=("kill", "error", "full", "stop"), default="kill")
    parser.add_argument("--days", type=int, default=0, help="days by which the recovery's clock is off; money is compared")
    parser.add_argument("--at-once", type=int, default=0, help="runs at the same time; money and files are compared")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    theatre = kind(chosen.folder, postgres=chosen.postgres)
    if chosen.bugs:
        print(json.dumps(see_bugs(theatre)))
        return 0
    labels, expected = calm_run(theatre)
    cases = []
    for blow in blows_of(chosen, labels):
        case = strike_and_recover(theatre, blow, expected)
        found = case.pop("signature")
        told = money_differences(expected, found) if chosen.days else differences(expected, found)
        cases.append({**case, "differs": told, "label": labels[blow.point - 1]})
    if chosen.at_once:
        case = perform_at_once(theatre, chosen.at_once)
        told = theatre.differs_at_once(expected, case.pop("signature"))
        cases.append({**case, "differs": told})
    print(json.dumps({"labels": labels, "cases": cases, "rows": {name: len(rows) for name, rows in expected.items()}}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
