"""The scripted clerk: answers for every department over REST, as that department's own user, refusing one item of each batch."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mianshen.cli.demo.rest import Api, RefusedError, task_path
from mianshen.core.codes import reason
from mianshen.core.codes.money import REFUSALS
from mianshen.core.decisions import Outcome

ROW = re.compile(r"^\|\s*(\d+)\s*\|", re.MULTILINE)
"""A line of the form's table that begins with an item number."""
SECONDS_TO_READ = 6
"""A form is answered once it has been open so long. A person takes longer; Airflow may lose an answer that comes at once."""
ANSWERED = 409
"""Airflow says so when somebody answered before."""


@dataclass(slots=True)
class Clerk:
    """Remembers whom it answered for, so that each department refuses for another reason."""

    api: Api
    """Where the forms wait."""
    reader: str
    """Login that lists what waits."""
    seen: dict[str, float] = field(default_factory=dict)
    """When each form was seen first, by its task and try."""
    answers: list[tuple[str, int, int, str]] = field(default_factory=list)
    """Department's login, items that waited, the item refused, why."""

    def answer_all(self) -> int:
        """Answer every form that was open long enough; returns how many wait or were answered."""
        waiting = self.api.get(
            "/api/v2/dags/~/dagRuns/~/hitlDetails", user=self.reader, response_received="false", state="awaiting_input", limit=100
        )
        forms = waiting["hitl_details"]
        for one in forms:
            if self._is_read(one["task_instance"]):
                self._answer(one)
        return len(forms)

    def _is_read(self, task: Mapping[str, Any]) -> bool:
        first = self.seen.setdefault(f"{task['id']}/{task['try_number']}", time.monotonic())
        return time.monotonic() - first >= SECONDS_TO_READ

    def _answer(self, form: Mapping[str, Any]) -> None:
        approver = form["assigned_users"][0]["id"]
        numbers = [int(found) for found in ROW.findall(form["body"])]
        code = self.reason_for(approver)
        reply = {
            "chosen_options": [Outcome.AGREE.name_zh],
            "params_input": {"agrees": "", "refusals": f"{numbers[0]}={code}", "returns": "", "rest_stays_open": False},
        }
        try:
            self.api.patch(f"{task_path(form['task_instance'])}/-1/hitlDetails", reply, user=approver)
        except RefusedError as refusal:
            if refusal.status != ANSWERED:
                raise
            return
        self.answers.append((approver, len(numbers), numbers[0], code))

    def reason_for(self, approver: str) -> str:
        """Why the next item is refused: each time for another reason."""
        return REFUSALS[len(self.answers) % len(REFUSALS)]

    def lines(self, since: int) -> list[tuple[str, str]]:
        """What was answered after the first `since` answers, in Chinese and English."""
        return [
            (
                f"{approver}：同意 {items - 1} 件，不予救助第 {number} 件（{reason(code).zh}）",
                f"{approver}: {items - 1} agreed, item {number} refused ({reason(code).en})",
            )
            for approver, items, number, code in self.answers[since:]
        ]
