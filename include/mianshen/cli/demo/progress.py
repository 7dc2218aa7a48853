"""Follows the DAGs over REST, says each step as it ends, and knows when nothing more will happen by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mianshen.cli.demo.clerk import Clerk
from mianshen.cli.demo.rest import Api, task_path
from mianshen.core.errors import MianshenError

POLL_SECONDS = 1
"""Between two looks."""
QUIET_LOOKS = 6
"""So many looks in a row without work mean that the chain has come to its end: a wake-up takes a scheduler's round."""
LONGEST_SECONDS = 1800
"""After this the demo gives up."""
WATCHERS = "__deadlines"
"""Runs of this DAG wait for due moments, for days; the chain does not wait for them."""
SHOWN = 6
"""Counts told of a step."""
STEPS = {
    "receive": "receive",
    "deidentify": "deidentify",
    "validate": "validate",
    "profile": "profile",
    "assess": "assess",
    "apply": "apply",
    "open": "approve by rule",
    "close": "approvals closed",
    "reconcile": "reconcile",
    "correct": "correct",
    "pay": "pay",
    "disclose": "disclose",
    "tell": "tell",
    "supervise": "supervise",
    "complete": "lists complete",
}
"""Tasks that are told, in English; the departments' own are told by the clerk, watchers are not told."""


@dataclass(slots=True)
class Follower:
    """What was seen so far."""

    api: Api
    """Airflow."""
    user: str
    """Login that may read everything."""
    inboxes: list[Path]
    """Empty when every file was taken."""
    has_work: Callable[[], bool]
    """Whether the ledger holds deliveries or items that nobody has dealt with."""
    say: Callable[[str], None]
    """Prints a line."""
    told: set[str] = field(default_factory=set)
    """Task instances that were told, by id and try."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds by stage, for the summary."""

    def follow(self, clerk: Clerk, check: Callable[[], None]) -> float:
        """Follow the chain to its end, answering forms on the way; returns the seconds it took.

        MianshenError DEMO_STUCK names a task that failed, or what still runs when the time is over.
        """
        began, quiet = time.monotonic(), 0
        while quiet < QUIET_LOOKS:
            check()
            answered = self._let_answer(clerk)
            busy = self._tell() or answered or self._at_work()
            quiet = 0 if busy else quiet + 1
            if time.monotonic() - began > LONGEST_SECONDS:
                raise MianshenError("DEMO_STUCK", found=", ".join(self._at_work()) or "?", where=self.api.base_url)
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began - QUIET_LOOKS * POLL_SECONDS

    def _let_answer(self, clerk: Clerk) -> int:
        before = len(clerk.answers)
        answered = clerk.answer_all()
        for zh, en in clerk.lines(before):
            self.say(f"  部门审批 {zh}")
            self.say(f"      {en}")
        return answered

    def _tell(self) -> bool:
        """Say every task that ended since the last look; MianshenError DEMO_STUCK for one that failed for good."""
        page = self.api.get(
            "/api/v2/dags/~/dagRuns/~/taskInstances",
            user=self.user,
            state=["success", "failed", "upstream_failed"],
            order_by="-end_date",
            limit=60,
        )
        fresh = [one for one in reversed(page["task_instances"]) if one["id"] not in self.told]
        for one in fresh:
            self.told.add(one["id"])
            if one["state"] == "failed":
                found = f"{one['dag_display_name']} / {one['task_display_name']}"
                raise MianshenError("DEMO_STUCK", found=found, where=f"{self.api.base_url}/dags/{one['dag_id']}")
            if one["task_id"] in STEPS:
                self._say_step(one)
        return bool(fresh)

    def _say_step(self, one: Mapping[str, Any]) -> None:
        took = one["duration"] or 0
        self.seconds[one["task_id"]] = self.seconds.get(one["task_id"], 0) + took
        name = f"{one['dag_display_name']} › {one['task_display_name']} ({STEPS[one['task_id']]})"
        self.say(f"  {name}  {took:.1f} s{self._counts(one)}")

    def _counts(self, one: Mapping[str, Any]) -> str:
        """The stage's counts that are not zero, as it reported them."""
        entries = self.api.get(f"{task_path(one)}/xcomEntries", user=self.user, xcom_key_pattern="reports", limit=1)
        if not entries["xcom_entries"]:
            return ""
        value = self.api.get(f"{task_path(one)}/xcomEntries/reports", user=self.user, deserialize="true")["value"]
        counts = [
            f"{name} {count:,}" for report in value for name, count in report["counts"].items() if count and "." not in name
        ]
        return "  " + ", ".join(counts[:6]) if counts else ""

    def _at_work(self) -> list[str]:
        """Runs that work, and inboxes that are not empty."""
        page = self.api.get("/api/v2/dags/~/dagRuns", user=self.user, state=["queued", "running"], limit=100)
        runs = [one["dag_id"] for one in page["dag_runs"] if not one["dag_id"].endswith(WATCHERS)]
        boxes = [str(box) for box in self.inboxes if any(box.iterdir())]
        return [*runs, *boxes] or (["ledger"] if self.has_work() else [])
