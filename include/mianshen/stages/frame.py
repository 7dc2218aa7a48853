"""The frame of every stage: what a job is, what it reports, how it opens its stores. Moment and entropy are arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

import mianshen
from mianshen.core import digest
from mianshen.core.days import Month, local
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Pack
from mianshen.core.paths import Home
from mianshen.core.plan import Plan
from mianshen.policy.packs import load_pack
from mianshen.warehouse import sql_files
from mianshen.warehouse.lake import Lake, RunSpec
from mianshen.warehouse.layers import USUAL, Layering
from mianshen.warehouse.upgrade import open_ledger


@dataclass(frozen=True)
class Job:
    """One county, one month, one moment: what every stage works on."""

    home: Home
    """Where the data lies."""
    pack: Pack
    """The county, with the policy in force on the moment's day."""
    month: Month
    """The month that is worked on; the benefit year is its year."""
    as_of: datetime
    """The moment, in Asia/Shanghai; the only clock a stage knows."""
    entropy: Callable[[int], bytes]
    """Random bytes for new person keys and nonces."""
    actor: str
    """Who acts, for the audit chain: a login or `system`."""
    ledger_url: str
    """SQLAlchemy URL of the ledger."""
    vault_url: str
    """SQLAlchemy URL of the register of persons."""
    go_live_on: date | None
    """Events settled before this day post opening balances; None pays everything."""
    overlays: tuple[str, ...] = ()
    """Overlays of the pack that the home's settings ask for."""
    funds_since: date | None = None
    """Day from which the balances of a pack that keeps its funds stand in this ledger; None leaves them elsewhere."""
    funds_signer: str = ""
    """Login of finance that signs batches within the balances by standing order; empty waits for a person."""
    layering: Layering = USUAL
    """When the lake writes a table whole although few of its rows are new."""

    @property
    def keeps_funds(self) -> bool:
        """Whether batches are bounded by the funds' balances here: the pack says so, and the home's books have begun."""
        return self.pack.accounts.is_kept and self.funds_since is not None and self.funds_since <= self.as_of.date()

    @cached_property
    def ledger(self) -> Engine:
        """The ledger's engine."""
        return open_ledger(self.ledger_url)

    @property
    def supervision_url(self) -> str:
        """SQLAlchemy URL of the log of the supervisor's look-ups."""
        return supervision_url(self.home, {**read_settings(self.home), "vault_url": self.vault_url})

    @cached_property
    def lake(self) -> Lake:
        """The lake beside that ledger."""
        return Lake(self.home.lake, self.ledger, self.layering)

    @property
    def county_code(self) -> str:
        """Six-digit division code."""
        return self.pack.county_code

    @property
    def moment(self) -> str:
        """The moment as ISO text, to the second."""
        return self.as_of.isoformat(timespec="seconds")

    def plan_of(self, benefit_year: int) -> Plan:
        """The policy for claims of a benefit year: of its last day, of the moment's while it lasts, of its first before."""
        return plan_of_year(self.pack, benefit_year, today=self.as_of.date(), overlays=self.overlays)

    def run_spec(self, stage: str, *, inputs: tuple[str, ...]) -> RunSpec:
        """The name-giving facts of this job's run of a stage."""
        return RunSpec(
            stage=stage,
            county_code=self.county_code,
            month=str(self.month),
            as_of=self.moment,
            inputs=inputs,
            policy_hash=self.pack.plan.policy_hash,
            code_hash=code_hash(),
        )


@dataclass(frozen=True, slots=True)
class StageReport:
    """What a stage says when it is done; numbers and codes only, never a person."""

    stage: str
    """Its name in the catalogue."""
    run_id: str | None
    """The run it committed; None when there was nothing to do or it writes the ledger only."""
    counts: dict[str, int]
    """Rows, fen and items by name."""
    notes: tuple[str, ...] = ()
    """Sentences for the log, Chinese first."""

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {"stage": self.stage, "run_id": self.run_id, "counts": self.counts, "notes": list(self.notes)}


def plan_of_year(pack: Pack, benefit_year: int, *, today: date, overlays: Sequence[str] = ()) -> Plan:
    """The policy for claims of a benefit year: of its last day, the pack's own while it lasts, of its first before it began.

    Only fees are paid for a year that has not begun.
    """
    if benefit_year == today.year:
        return pack.plan
    day = date(benefit_year, 12, 31) if benefit_year < today.year else date(benefit_year, 1, 1)
    return load_pack(pack.name, on=day, overlays=overlays).plan


def plans_by_years(
    plan_of: Callable[[int], Plan], years: Sequence[int], *, today: Plan, month: Month
) -> list[tuple[Plan, list[int]]]:
    """Each plan with the benefit years that it governs; years of equal values share one. At least the plan of today."""
    governed: dict[Plan, list[int]] = {}
    for year in years:
        governed.setdefault(replace(plan_of(year), in_force_on=today.in_force_on), []).append(year)
    return list(governed.items()) or [(today, [month.year])]


def make_job(
    pack_name: str,
    *,
    month: Month,
    as_of: datetime,
    home: Home,
    entropy: Callable[[int], bytes],
    actor: str = "system",
) -> Job:
    """A job from a pack's name and the home's settings.json; MianshenError HOME_MISSING before `mianshen init`."""
    moment = local(as_of, where="as_of")
    settings = read_settings(home)
    county = settings.get("counties", {}).get(pack_name, {})
    live, funds = county.get("go_live_on"), county.get("funds_since")
    overlays = tuple(county.get("overlays", ()))
    return Job(
        home=home,
        pack=load_pack(pack_name, on=moment.date(), overlays=overlays),
        month=month,
        as_of=moment,
        entropy=entropy,
        actor=actor,
        ledger_url=settings.get("ledger_url") or home.ledger_url,
        vault_url=settings.get("vault_url") or home.vault_url,
        go_live_on=date.fromisoformat(live) if live else None,
        overlays=overlays,
        funds_since=date.fromisoformat(funds) if funds else None,
        funds_signer=str(county.get("funds_signer") or ""),
        layering=Layering(**settings.get("lake_layers", {})),
    )


def supervision_url(home: Home, settings: Mapping[str, Any]) -> str:
    """SQLAlchemy URL of the log of the supervisor's look-ups: the settings', else a vault's on a server, else a file."""
    told, vault = settings.get("supervision_url"), settings.get("vault_url") or home.vault_url
    return str(told or (home.supervision_url if vault.startswith("sqlite") else vault))


def read_settings(home: Home) -> dict[str, Any]:
    """The home's settings.json; MianshenError HOME_MISSING when there is none."""
    path = home.root / "settings.json"
    if not path.is_file():
        raise MianshenError("HOME_MISSING", found="settings.json", where=str(home.root))
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


@cache
def code_hash() -> str:
    """SHA-256 over the product's Python and SQL files, so that a run names the code that made it."""
    root = Path(mianshen.__file__).resolve().parent
    files = sorted([*root.rglob("*.py"), *sql_files.ROOT.rglob("*.sql")])
    return digest.sha256_hex("".join(digest.sha256_file(path) for path in files).encode())
