"""Settings of the Airflow side from the environment; here moments and entropy enter the house.

MIANSHEN_HOME           the home folder; nothing runs without it
MIANSHEN_SECRET_FILE    a file of mode 0600 with the secret that wraps the vault's keys, such as a docker secret
MIANSHEN_SECRET_CONN    an Airflow connection whose password is that secret, from whatever secrets backend Airflow has
MIANSHEN_AS_OF          a fixed moment for every task, for proofs that compare bytes; unset in real use
MIANSHEN_POLL_SECONDS   how often a watcher looks at the clock store, default 60
MIANSHEN_INBOX_SECONDS  how often the inbox is looked at, default 15
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mianshen.core.days import ZONE, local, parse_moment
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home, SecretSource, keep_to_owner
from mianshen.core.secret import secret_in_file
from mianshen_airflow.secret import masked, password_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

ZONE_NAME = "Asia/Shanghai"
"""The zone of every schedule."""
RETRIES = 2
"""Every task is tried again: a stage that ran in part goes on where it stopped."""
RETRY_DELAY = timedelta(seconds=20)
"""Pause before a task is tried again."""
PATIENT_SQLITE = {"timeout": 60}
"""Connect arguments of Airflow's own database where it is SQLite: wait for the writer instead of failing."""


def home() -> Home:
    """The home folder of MIANSHEN_HOME, in which this process writes for its owner alone; MianshenError HOME_MISSING when it is
    not set."""
    folder = os.environ.get("MIANSHEN_HOME")
    if not folder:
        raise MianshenError("HOME_MISSING", found="MIANSHEN_HOME", where="environment of Airflow")
    keep_to_owner()
    return Home(Path(folder).absolute(), secret_source())


def secret_source() -> SecretSource | None:
    """Where the secret that wraps the vault's keys is kept: a file, else a connection's password; None while in the key file."""
    file, connection = (os.environ.get(name) for name in ("MIANSHEN_SECRET_FILE", "MIANSHEN_SECRET_CONN"))
    if file:
        return partial(masked, secret_in_file(Path(file)))
    return partial(masked, partial(password_of, connection)) if connection else None


def now() -> datetime:
    """The moment in Asia/Shanghai, or the fixed one of MIANSHEN_AS_OF."""
    return fixed_moment() or datetime.now(ZONE)


def fixed_moment() -> datetime | None:
    """The moment of MIANSHEN_AS_OF; None in real use."""
    text = os.environ.get("MIANSHEN_AS_OF")
    return parse_moment(text, where="MIANSHEN_AS_OF") if text else None


def poll_seconds() -> int:
    """How often a watcher looks."""
    return int(os.environ.get("MIANSHEN_POLL_SECONDS", "60"))


def inbox_seconds() -> int:
    """How often the inbox is looked at."""
    return int(os.environ.get("MIANSHEN_INBOX_SECONDS", "15"))


def entropy(size: int) -> bytes:
    """Random bytes of the operating system, for new person keys."""
    return os.urandom(size)


def ledger(place: Home) -> Engine:
    """The ledger's engine, by the home's settings."""
    from mianshen.stages.frame import read_settings

    return _engine(read_settings(place).get("ledger_url") or place.ledger_url, os.getpid())


@lru_cache(maxsize=4)
def _engine(url: str, _process: int) -> Engine:
    """One engine a process: a connection must not cross a fork."""
    from mianshen.warehouse.upgrade import open_ledger

    return open_ledger(url)


def first_live_month(county_code: str) -> str:
    """The month in which the county went live, as 2026-10; empty when the home's settings name no day."""
    from mianshen.stages.frame import read_settings

    counties = read_settings(home()).get("counties", {})
    days = [one.get("go_live_on") for pack, one in counties.items() if pack.startswith(f"{county_code}_")]
    return str(days[0])[:7] if days and days[0] else ""


def run_floor(context: Any) -> datetime:
    """The moment from which what happened counts as this run's work: the run's own, or the fixed one when that is earlier."""
    run_after = local(context["dag_run"].run_after, where="dag_run.run_after")
    return min(run_after, fixed_moment() or run_after)
