"""The demo's counties: which packs, which list is late, how their files are made and dropped into the inboxes."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mianshen.cli.init import make_home
from mianshen.core.days import Month, last_full_month
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home

if TYPE_CHECKING:
    from mianshen.core.pack import Pack
    from mianshen.synth import CountySummary

MARK = ".mianshen-demo"
"""Lies in a home that a demo made; no other home is ever emptied."""
MADE = ".made"
"""Lies beside a county's answers once all its files were made."""
SIGNER = "finance"
"""Login by which finance signs in the demo."""
OPENING_FEN = 50_000_000_00
"""What each fund of a county of the demo opens with: an illustrative receipt, fifty million yuan, beyond any month."""
CONTROL = ".ctl"
"""Ending of control files; they land before their file."""


@dataclass(frozen=True, slots=True)
class DemoCounty:
    """A county of the demo."""

    pack: str
    """A shipped pack."""
    late_list: str
    """The list that does not come, though its day has passed."""
    overlays: tuple[str, ...] = ()
    """Overlays of the pack that the home's settings name."""


COUNTIES = (
    DemoCounty("510118_xinjin", late_list="minzheng_ertong"),
    DemoCounty("320902_tinghu", late_list="gonghui_tekunzhigong", overlays=("extend_trial",)),
)
"""Counties of the demo. What they pay, and to whom, stands in their packs alone."""


def prepare_home(home: Home, *, fresh: bool, go_live_on: date) -> None:
    """Make the demo's home, emptied first when `fresh`.

    MianshenError HOME_NOT_DEMO when the folder holds something that no demo made.
    """
    is_there = home.root.exists() and any(home.root.iterdir())
    if is_there and not (home.root / MARK).exists():
        raise MianshenError("HOME_NOT_DEMO", found=home.root.name, where="--home")
    if is_there and fresh:
        shutil.rmtree(home.root)
    home.root.mkdir(parents=True, exist_ok=True)
    (home.root / MARK).touch()
    make_home(home=home.root, pack=[one.pack for one in COUNTIES], go_live=go_live_on.isoformat())
    _name_choices(home)


def _name_choices(home: Home) -> None:
    """Overlays; and the funds' books begin with the go-live day, finance signing batches by standing order."""
    path = home.root / "settings.json"
    settings: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for county in COUNTIES:
        own = settings["counties"][county.pack]
        own |= {"funds_since": own["go_live_on"], "funds_signer": SIGNER}
        if county.overlays:
            own["overlays"] = list(county.overlays)
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")


def shown_month(moment: datetime) -> Month:
    """The last full month whose lists were all due before the moment's day: a list that does not come is late for certain."""
    month = last_full_month(moment.date())
    while not all(_lists_are_over(county, month, moment.date()) for county in COUNTIES):
        month = month.shift(-1)
    return month


def _lists_are_over(county: DemoCounty, month: Month, day: date) -> bool:
    pack = load(county, on=month.last_day)
    return all(pack.list_due_on(one, month) < day for one in pack.lists)


def load(county: DemoCounty, *, on: date) -> Pack:
    """The county's pack with its overlays."""
    from mianshen.policy.packs import load_pack

    return load_pack(county.pack, on=on, overlays=county.overlays)


def make_files(home: Home, county: DemoCounty, *, month: Month, as_of: datetime, insured: int, seed: int) -> CountySummary:
    """Write the county's files where departments keep them before they send them; their answer key beside them.

    Each county has a seed of its own: nobody lives in two of them.
    """
    from mianshen.synth import make_county

    made = make_county(
        load(county, on=month.last_day),
        month=month,
        insured=insured,
        seed=seed + COUNTIES.index(county),
        out=_outgoing(home, county),
        answer=_answers(home, county),
        as_of=as_of,
        late_list=county.late_list,
        bad_files=True,
    )
    (_answers(home, county) / MADE).touch()
    return made


def open_funds(home: Home, county: DemoCounty, *, month: Month, as_of: datetime) -> int:
    """Enter the opening receipts of the demo (illustrative), asked for by one login and signed by another; how many are new."""
    import os

    from mianshen.stages.frame import make_job
    from mianshen.stages.reconcile import fund_acts
    from mianshen.warehouse.funds import acts_of

    job = make_job(county.pack, month=month, as_of=as_of, home=home, entropy=os.urandom, actor="demo")
    paper = hashlib.sha256(b"demo: opening receipts, illustrative").hexdigest()
    asked = [
        fund_acts.ask(job, "receipt", fund_code=one.code, amount_fen=OPENING_FEN, happened_on=month.first_day, paper_sha256=paper)
        for one in job.pack.funds
    ]
    with job.ledger.connect() as connection:
        signed = {act["act_id"] for act in acts_of(connection, county_code=job.county_code) if act["outcome"] is not None}
    fresh = [act for act in asked if act not in signed]
    for act in fresh:
        fund_acts.check(replace(job, actor=SIGNER), act, is_agreed=True, reason="")
    return len(fresh)


def has_files(home: Home, county: DemoCounty) -> bool:
    """Whether all of the county's files were made already, sent or not."""
    return (_answers(home, county) / MADE).exists()


def send_files(home: Home, county: DemoCounty) -> int:
    """Move the county's files into its inbox, each under a temporary name first; returns how many, control files apart."""
    inbox = home.inbox(county.pack)
    files = sorted(_outgoing(home, county).iterdir(), key=lambda path: (not path.name.endswith(CONTROL), path.name))
    for path in files:
        draft = inbox / f"{path.name}.tmp"
        shutil.copyfile(path, draft)
        draft.replace(inbox / path.name)
        path.unlink()
    return sum(not path.name.endswith(CONTROL) for path in files)


def _answers(home: Home, county: DemoCounty) -> Path:
    return home.root / "demo" / "answers" / county.pack


def _outgoing(home: Home, county: DemoCounty) -> Path:
    return home.root / "demo" / "outgoing" / county.pack
