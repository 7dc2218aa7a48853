"""The job of a command that acts in a county's ledger at a moment: who acts is said, when is now unless it is said."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.core.days import ZONE, last_full_month, parse_moment
from mianshen.core.digest import sha256_file
from mianshen.core.errors import MianshenError

if TYPE_CHECKING:
    from mianshen.stages.frame import Job

PackOption = Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")]
ActorOption = Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who acts, for the audit chain")]
AtOption = Annotated[str | None, typer.Option(help="办理时刻,默认现在  moment of the act, else now")]


def text_of(path: Path) -> str:
    """The file's text, UTF-8; MianshenError PATH_MISSING when there is none. Its name and content are never printed."""
    if not path.is_file():
        raise MianshenError("PATH_MISSING", found=path.name, where="file")
    return path.read_text("utf-8-sig")


def now_text() -> str:
    """The present moment, ISO with zone, to the second."""
    return datetime.now(ZONE).isoformat(timespec="seconds")


def hash_of(paper: Path) -> str:
    """SHA-256 of a scanned paper; MianshenError PATH_MISSING when there is none."""
    if not paper.is_file():
        raise MianshenError("PATH_MISSING", found=paper.name, where="--paper")
    return sha256_file(paper)


def job_of(pack: str, *, home: HomeOption, actor: str = "system", at: str | None = None) -> Job:
    """The county's job at the moment, the present one unless it is said; its month is the last full one."""
    from mianshen.stages.frame import make_job

    moment = parse_moment(at, where="--at") if at else datetime.now(ZONE).replace(microsecond=0)
    month = last_full_month(moment.date())
    return make_job(pack, month=month, as_of=moment, home=home_at(home), entropy=os.urandom, actor=actor)
