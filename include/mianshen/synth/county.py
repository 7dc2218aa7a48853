"""A fictional county as departments' files, and its answer key beside them."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from mianshen.core.contract import Feed
from mianshen.core.days import Month, local
from mianshen.core.pack import Pack
from mianshen.synth import canaries as canary_birds
from mianshen.synth.answer import true_settlements, true_spans, with_expectations, write_answer
from mianshen.synth.bad_files import write_bad_files
from mianshen.synth.canaries import Canary
from mianshen.synth.care import Year, make_care
from mianshen.synth.costs import pay
from mianshen.synth.enrolments import make_enrolments, write_enrolments
from mianshen.synth.files import Drawer
from mianshen.synth.hand_bills import write_hand_bills
from mianshen.synth.names import make_pool
from mianshen.synth.people import make_people
from mianshen.synth.roll import OPEN, Roll, make_roll
from mianshen.synth.rosters import make_entries, write_rosters
from mianshen.synth.settlement_faults import deliver, label
from mianshen.synth.settlement_files import write_settlements
from mianshen.synth.settlements import FilePlan, make_settlements, month_of_rows
from mianshen.synth.shape import Shape, delivered_lists, listed_categories, trait_of
from mianshen.synth.streams import Flags, Ints, ints, stream

LATE_FOLDER = "late"
"""Where in the answer folder the late list waits."""
USUAL = Shape()
"""The county as it usually is."""


@dataclass(frozen=True, slots=True)
class CountySummary:
    """What was made. Counts only, the canaries apart."""

    county_code: str
    """Six-digit division code."""
    month: Month
    """The month that is delivered day by day."""
    insured: int
    """Persons insured in the county, listed or not."""
    persons: int
    """Persons that were ever listed; only their care is in the feed."""
    listed: int
    """Persons on at least one list in the month."""
    several_listed: int
    """Those of them with two or more categories."""
    settlements: int
    """True settlements of the benefit year to date, refunds and re-settlements included."""
    eligible: int
    """Those whose person held a category on the first or last day of care or at settlement, for care that the pack covers."""
    enrolments: int
    """Enrolment fees of the benefit year to date."""
    files: tuple[str, ...]
    """Names of the delivered files, in the order in which they were made; each has its control file."""
    late_file: str | None
    """The file that was held back."""
    bad_files: tuple[str, ...]
    """The files that must be refused."""
    faults: dict[str, int]
    """Planted faults by kind, rows."""
    answer: Path
    """Where the answer key lies."""
    canaries: tuple[Canary, ...]
    """Persons whose names and numbers a leak test looks for."""

    def as_dict(self) -> dict[str, object]:
        """JSON without any personal data: everything but the canaries and the answer's place."""
        body = asdict(self)
        del body["canaries"], body["answer"]
        return body | {"month": str(self.month)}


def make_county(
    pack: Pack,
    *,
    month: Month,
    insured: int = 20_000,
    seed: int,
    out: Path,
    answer: Path,
    as_of: datetime,
    shape: Shape = USUAL,
    late_list: str | None = None,
    bad_files: bool = False,
    canaries: int = 0,
) -> CountySummary:
    """Writes the deliveries of January to the month into `out`, their answer key into `answer`, and says what was made.

    Equal arguments give equal bytes. A day is delivered on the next: nothing of the day of `as_of` or later. `late_list` names
    the list of the month that is held back until `write_late_list`. ValueError when `answer` lies inside `out`, no day of the
    month was over, the pack has no such list, or more canaries are wanted than persons are fit.
    """
    last = min(month.last_day, local(as_of).date() - timedelta(days=1))
    _refuse(pack, month=month, last_is_before=last < month.first_day, out=out, answer=answer, late_list=late_list)
    roll, people, birds = _persons(pack, month=month, insured=insured, seed=seed, shape=shape, canaries=canaries)
    year, plan = Year(Month(month.year, 1).first_day, last), FilePlan(month, last)

    care = make_care(pack, people, year=year, seed=seed, shape=shape, canaries=birds)
    paid = pay(care, people, seed=seed, shape=shape, may_have_window=_window_holders(pack, roll, care))
    settlements = make_settlements(pack, paid, roll, year=year, plan=plan, seed=seed, shape=shape)
    settlements = _labelled(pack, settlements, people, birds=birds, plan=plan, seed=seed, shape=shape)
    enrolments = make_enrolments(pack, roll, people, last=last, canaries=birds, seed=seed, shape=shape)
    entries = make_entries(pack, roll, people, month=month, canaries=birds, seed=seed, shape=shape)

    drawer, late = Drawer(out), Drawer(answer / LATE_FOLDER)
    faults = with_expectations(
        [
            *(
                write_settlements(pack, deliver(settlements, plan=plan, seed=seed), people, plan=plan, drawer=drawer)
                if len(settlements)
                else ()
            ),
            *(write_enrolments(pack, enrolments, people, month=month, drawer=drawer) if len(enrolments) else ()),
            *write_rosters(pack, entries, month=month, drawer=drawer, late=late, late_list=late_list),
        ]
    )
    write_hand_bills(pack, roll, people, month=month, seed=seed, drawer=drawer)
    refused = write_bad_files(pack, month=month, drawer=drawer) if bad_files else ()
    truth = true_settlements(settlements, people, roll, plan=plan)
    today = roll.spans[roll.spans["until"] == OPEN].groupby("person").size()
    summary = CountySummary(
        county_code=pack.county_code,
        month=month,
        insured=insured,
        persons=roll.persons,
        listed=len(today),
        several_listed=int((today > 1).sum()),
        settlements=len(truth),
        eligible=int(truth["is_eligible"].sum()),
        enrolments=len(enrolments),
        files=tuple(one.name for one in drawer.sent),
        late_file=late.sent[0].name if late.sent else None,
        bad_files=tuple(one.name for one in refused),
        faults={str(kind): int(rows) for kind, rows in faults["kind"].value_counts().sort_index().items()},
        answer=answer,
        canaries=canary_birds.describe(people, birds),
    )
    write_answer(
        answer,
        people=people,
        spans=true_spans(roll, people),
        settlements=truth,
        enrolments=enrolments,
        faults=faults,
        sent=[*drawer.sent, *late.sent],
        summary=summary.as_dict(),
    )
    canary_birds.write_canaries(answer, summary.canaries)
    return summary


def write_late_list(*, answer: Path, out: Path) -> tuple[str, ...]:
    """Delivers what was held back: copies the late list and its control file into `out`; the names, empty when nothing waits."""
    waiting = sorted((answer / LATE_FOLDER).glob("*")) if (answer / LATE_FOLDER).is_dir() else []
    for path in sorted(waiting, key=lambda one: one.suffix != ".ctl"):
        draft = out / f"{path.name}.tmp"
        shutil.copyfile(path, draft)
        draft.replace(out / path.name)
    return tuple(path.name for path in waiting if path.suffix != ".ctl")


def _refuse(pack: Pack, *, month: Month, last_is_before: bool, out: Path, answer: Path, late_list: str | None) -> None:
    if answer.resolve().is_relative_to(out.resolve()):
        raise ValueError("the answer key may not lie inside the inbox")
    if last_is_before:
        raise ValueError(f"no day of {month} was over at the moment given")
    if late_list is not None and late_list not in delivered_lists(pack):
        raise ValueError(f"the pack awaits no list {late_list}; it awaits {', '.join(delivered_lists(pack))}")


def _persons(
    pack: Pack, *, month: Month, insured: int, seed: int, shape: Shape, canaries: int
) -> tuple[Roll, pd.DataFrame, Ints]:
    """Memberships, persons, and the places of the canaries among them."""
    roll = make_roll(pack, month=month, insured=insured, seed=seed, shape=shape)
    people = make_people(pack, roll, month=month, seed=seed, shape=shape, pool=make_pool(seed))
    birds = canary_birds.choose_canaries(stream(seed, "canaries"), pack, roll, people, canaries)
    canary_birds.name_canaries(people, birds)
    people["is_canary"] = np.isin(people.index, birds)
    spans = roll.spans.copy()
    born = month_of_rows(people["born"])[spans["person"].to_numpy()]
    spans["since"] = np.minimum(np.maximum(spans["since"], born + 1), spans["until"] - 1)
    return replace(roll, spans=spans), people, birds


def _labelled(
    pack: Pack, rows: pd.DataFrame, people: pd.DataFrame, *, birds: Ints, plan: FilePlan, seed: int, shape: Shape
) -> pd.DataFrame:
    """The settlements with the fault of each; none where the pack takes no settlements."""
    if not any(one.feed is Feed.SETTLEMENT for one in pack.contracts):
        return rows.iloc[:0].assign(fault="")
    is_bird = np.isin(rows["person"], birds)
    contract = pack.contract(Feed.SETTLEMENT.value)
    return label(rows, people, contract=contract, plan=plan, canaries=is_bird, seed=seed, shape=shape)


def _window_holders(pack: Pack, roll: Roll, care: pd.DataFrame) -> Flags:
    """Care of persons who hold a category whose relief is partly settled at the window."""
    held = roll.holds(ints(care["person"]), month_of_rows(care["begin"]))
    bits = sum(1 << place for place, (one, _) in enumerate(listed_categories(pack)) if trait_of(one).has_window_relief)
    return np.asarray(held & bits > 0, dtype=np.bool_)
