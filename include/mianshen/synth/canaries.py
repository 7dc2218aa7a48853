"""Canaries: persons of the fictional county whose names and numbers a leak test looks for wherever they must not be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mianshen.core.contract import Kind
from mianshen.core.pack import Pack
from mianshen.synth import damage
from mianshen.synth.roll import OPEN, Roll
from mianshen.synth.streams import Ints, Stream, ints

_SURNAMES = ("尉迟", "澹台", "濮阳", "闻人", "宇文", "公冶", "司空", "呼延")
_GIVEN = ("霁珩", "翊瑄", "钰珹", "珺璟", "骁玥", "䶮珉", "琬琰", "𠮷翎")


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary: everything of it that must stay behind the vault."""

    certno: str
    """Id number."""
    name: str
    """A name that nobody else has."""
    phone: str
    """Phone number."""
    account: str
    """Bank account."""
    psn_no: str
    """The insurer's person number."""
    written: tuple[str, ...]
    """Other ways in which the id number stands in the files."""

    def values(self) -> tuple[str, ...]:
        """Every text to look for."""
        return (self.certno, self.name, self.phone, self.account, self.psn_no, *self.written)


def choose_canaries(chance: Stream, pack: Pack, roll: Roll, people: pd.DataFrame, count: int) -> Ints:
    """Residents with a right account, listed the longest on a list that carries accounts; ValueError when there are too few."""
    paying = {one.list_code for one in pack.contracts if any(column.kind is Kind.ACCOUNT for column in one.columns)}
    category = [place for place, list_code in enumerate(roll.lists) if list_code in paying]
    spans = roll.spans[(roll.spans["until"] == OPEN) & roll.spans["category"].isin(category)]
    fit = people.index[(people["account_state"] == "ok") & (people["insutype"] == "390")]
    oldest = spans[spans["person"].isin(fit)].sort_values(["since", "person"], kind="stable")["person"].drop_duplicates()
    if count > min(len(oldest), len(_SURNAMES) * len(_GIVEN)):
        raise ValueError(f"{count} canaries wanted, {len(oldest)} persons are fit to be one")
    half = ints(oldest)[: max(count, len(oldest) // 2)]
    return np.sort(chance.choice(half, size=count, replace=False))


def name_canaries(people: pd.DataFrame, places: Ints) -> None:
    """Gives the canaries names that nobody else has."""
    for number, place in enumerate(places):
        surname, given = number % len(_SURNAMES), (number + number // len(_SURNAMES)) % len(_GIVEN)
        people.loc[place, "name"] = _SURNAMES[surname] + _GIVEN[given]


def describe(people: pd.DataFrame, places: Ints) -> tuple[Canary, ...]:
    """The canaries as values, in the order of their places."""
    ways = ("certno_inner_space", "certno_bad_check_digit", "certno_fifteen_digits")
    rows = people.loc[places]
    return tuple(
        Canary(
            certno=str(row.certno),
            name=str(row.name_),
            phone=str(row.phone),
            account=str(row.account),
            psn_no=str(row.psn_no),
            written=tuple(damage.CERTNO[way](str(row.certno)) for way in ways),
        )
        for row in rows.rename(columns={"name": "name_"}).itertuples(index=False)
    )


def read_canaries(answer: Path) -> tuple[Canary, ...]:
    """The canaries that a county's answer key lists."""
    body = json.loads((answer / "canaries.json").read_text(encoding="utf-8"))
    return tuple(Canary(**{**one, "written": tuple(one["written"])}) for one in body)


def write_canaries(answer: Path, canaries: tuple[Canary, ...]) -> None:
    """Writes them beside the answer key."""
    body = json.dumps([asdict(one) for one in canaries], ensure_ascii=False, indent=1)
    (answer / "canaries.json").write_text(body + "\n", encoding="utf-8")
