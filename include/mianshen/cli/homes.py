"""Which home folder a command works on: --home, else MIANSHEN_HOME, else .home here."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.core.days import ZONE, last_full_month
from mianshen.core.paths import Home

if TYPE_CHECKING:
    from mianshen.stages.frame import Job

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="数据目录，默认 MIANSHEN_HOME 或 .home  home folder, else MIANSHEN_HOME, else .home")
]
"""The option that every command on a home takes."""


def home_at(folder: Path | None) -> Home:
    """The home folder that was named, or the one of the environment, as an absolute path; it need not exist."""
    return Home((folder or Path(os.environ.get("MIANSHEN_HOME", ".home"))).absolute())


def job_of(pack: str, home: Path | None) -> Job:
    """The county's job of this moment, for commands that read or write the ledger; its month is the last full one."""
    from mianshen.stages.frame import make_job

    now = datetime.now(ZONE)
    return make_job(pack, month=last_full_month(now.date()), as_of=now, home=home_at(home), entropy=os.urandom)
