"""The answer key: what is true of the fictional county. It lies where no product module looks; tests and people read it.

persons, spans, settlements, enrolments: Parquet. faults.csv, files.csv: text. summary.json, canaries.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from mianshen.synth.costs import MONEY
from mianshen.synth.faults import EXPECTED
from mianshen.synth.files import Sent
from mianshen.synth.illnesses import PLACES
from mianshen.synth.roll import OPEN, Roll
from mianshen.synth.settlement_faults import outcome
from mianshen.synth.settlements import FilePlan
from mianshen.synth.streams import Ints, ints

PERSON_COLUMNS = (
    *("certno", "name", "gend", "born", "insutype", "psn_no", "phone", "account", "account_state"),
    *("household", "relation", "town", "village", "is_former", "is_canary"),
)
"""Columns of persons.parquet, beside the person's number."""
SETTLEMENT_COLUMNS = (
    *("setl_id", "init_setl_id", "person", "certno", "insutype", "med_type", "dise_code", "area", "hosp_lv", "is_away"),
    *("begin", "end", "settled", "updated", *MONEY, "refd_setl_flag", "state", "drawn"),
    *("period", "is_late", "categories", "is_eligible", "fault", "outcome"),
)
"""Columns of settlements.parquet: money in fen, newest version, before faults; `outcome` ACCEPTED or QUARANTINED."""


def true_spans(roll: Roll, people: pd.DataFrame) -> pd.DataFrame:
    """One row a membership: person, certno, category_code, list_code, since, until (null while it lasts; half-open)."""
    spans = roll.spans
    category = ints(spans["category"])
    until = _first_days(spans["until"].where(spans["until"] != OPEN, spans["since"]))
    return pd.DataFrame(
        {
            "person": spans["person"],
            "certno": people["certno"].to_numpy()[spans["person"].to_numpy()],
            "category_code": np.array(roll.categories, dtype=object)[category],
            "list_code": np.array(roll.lists, dtype=object)[category],
            "since": _first_days(spans["since"]),
            "until": until.where(spans["until"] != OPEN),
        }
    ).sort_values(["person", "category_code", "since"], kind="stable", ignore_index=True)


def _first_days(month: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    """The first day of each month (year * 12 + month - 1)."""
    return pd.Series((ints(month) - 1970 * 12).astype("datetime64[M]").astype("datetime64[s]"))


def true_settlements(rows: pd.DataFrame, people: pd.DataFrame, roll: Roll, *, plan: FilePlan) -> pd.DataFrame:
    """SETTLEMENT_COLUMNS of every settlement."""
    known = rows.assign(
        certno=people["certno"].to_numpy()[rows["person"].to_numpy()],
        dise_code=np.array([one.code for one in PLACES], dtype=object)[rows["illness"].to_numpy()],
        med_type=rows["med_type"].astype("str"),
        drawn=np.array(["visit", "heavy", "stay"], dtype=object)[rows["drawn"].to_numpy()],
        period=np.array(plan.periods, dtype=object)[rows["file"].to_numpy()],
        categories=_written(ints(rows["held"]), roll.categories),
        outcome=outcome(rows),
    )
    return known[list(SETTLEMENT_COLUMNS)]


def _written(bits: Ints, codes: tuple[str, ...]) -> pd.Series[str]:
    """The categories behind the bits, joined by blanks; few combinations occur, so each is written once."""
    seen, place = np.unique(bits, return_inverse=True)
    words = [" ".join(code for bit, code in enumerate(codes) if int(one) >> bit & 1) for one in seen]
    return pd.Series(np.array(words, dtype=object)[place], dtype="str")


def with_expectations(faults: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All faulty rows of all files with the effect and reason_code that the catalogue expects."""
    rows = pd.concat(list(faults), ignore_index=True)
    expected = [EXPECTED[(feed, kind)] for feed, kind in zip(rows["feed"], rows["kind"], strict=True)]
    rows["effect"] = [one.effect.value for one in expected]
    rows["reason_code"] = [one.reason_code for one in expected]
    return rows


def write_answer(
    folder: Path,
    *,
    people: pd.DataFrame,
    spans: pd.DataFrame,
    settlements: pd.DataFrame,
    enrolments: pd.DataFrame,
    faults: pd.DataFrame,
    sent: Iterable[Sent],
    summary: dict[str, object],
) -> None:
    """Writes the answer key into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    people[list(PERSON_COLUMNS)].reset_index(names="person").to_parquet(folder / "persons.parquet", index=False)
    spans.to_parquet(folder / "spans.parquet", index=False)
    settlements.to_parquet(folder / "settlements.parquet", index=False)
    paid = enrolments.drop(columns=["month_number"]).assign(certno=people["certno"].to_numpy()[enrolments["person"].to_numpy()])
    paid.to_parquet(folder / "enrolments.parquet", index=False)
    faults.to_csv(folder / "faults.csv", index=False, lineterminator="\n")
    pd.DataFrame([asdict(one) for one in sent]).to_csv(folder / "files.csv", index=False, lineterminator="\n")
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
