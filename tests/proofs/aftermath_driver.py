"""The day after the bank file, killed: answers, reissue, late news, recovery. A program of its own, as tests/proofs/driver.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from tests.proofs import aftermath, aftermath_bugs
from tests.proofs.bugs import Bug
from tests.proofs.driver import Theatre, main
from tests.proofs.killpoints import Points, around
from tests.proofs.standing import seal_problems, without_seals

from mianshen.stages.frame import Job


class AftermathTheatre(Theatre):
    """A county whose batch was sent, the bank's answers in its inbox."""

    plot = aftermath
    bugs: Mapping[str, Bug] = aftermath_bugs.BUGS

    def perform(self, job: Job, points: Points) -> list[str]:
        """One process from the answers to the money that came back; emptying the inbox is a point too."""
        os.unlink = around(points, "unlink", os.unlink)
        return super().perform(job, points)

    def signature(self, job: Job) -> dict[str, Any]:
        """Every row and file; of the last seal that it holds."""
        return {**without_seals(super().signature(job)), "seal": seal_problems(job)}

    def deliver_again(self, job: Job, times: int) -> None:
        """The bank's files so many times more, in changing order."""
        aftermath.deliver_again(job, times)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], AftermathTheatre))
