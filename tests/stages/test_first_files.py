"""Files that `mianshen synth` makes for a county without monthly relief lists are taken whole, and its year begins on them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
from tests.stages.case_county import ZHANGGONG, CaseCounty, make_case_county, seeded

from mianshen.core.days import ZONE, Month
from mianshen.synth import CountySummary, Shape, make_county
from mianshen.vault.keyring import open_keyring
from mianshen.vault.register import Register
from mianshen.warehouse.connect import open_database

TREATED = "weijian_jiuzhi"
DAYE = "420281_daye"


def filled(root: Path, pack: str, month: Month, at: str, *, shape: Shape) -> tuple[CaseCounty, CountySummary]:
    """A county with the month's files in its inbox, and what was made."""
    county = make_case_county(root / "home", pack, seeded(), at=at)
    inbox, when = county.job.home.inbox(pack), datetime.fromisoformat(at).replace(tzinfo=ZONE)
    made = make_county(
        county.job.pack, month=month, as_of=when, seed=5, out=inbox, answer=root / "answer", insured=900, shape=shape
    )
    for path in inbox.iterdir():
        if f"_{month.year}{month.number:02d}" not in path.name:
            path.unlink()
    return county, made


def test_applications_of_daye_s_four_channels_become_cases_and_every_damaged_row_is_named(tmp_path: Path) -> None:
    county, made = filled(tmp_path, DAYE, Month(2026, 1), "2026-02-03 09:00", shape=Shape(visits_per_year=0.5))
    said = county.morning()
    assert (said["receive"]["received"], said["receive"]["rejected"]) == (len(made.files), 0)
    verdicts = said["validate"]
    assert verdicts["accepted"] + verdicts["quarantined"] + verdicts["ignored"] == said["receive"]["rows"]
    faults = pd.read_csv(made.answer / "faults.csv", dtype=str, keep_default_na=False)
    assert verdicts["quarantined"] == (faults["effect"] == "QUARANTINED").sum() > 0
    cases = county.rows("chronic_disease", 2026)
    assert said["confirm"]["applied"] == len(cases) == len({(row["person_key"], row["item_code"]) for row in cases}) > 20


def test_zhanggong_s_two_lists_are_those_that_the_answer_key_says(tmp_path: Path) -> None:
    county, made = filled(tmp_path, ZHANGGONG, Month(2026, 12), "2026-12-14 09:00", shape=Shape(fault_scale=0))
    county.morning()
    county.at("2026-12-16 09:00").morning()
    spans = pd.read_parquet(made.answer / "spans.parquet")
    today = spans[spans["until"].isna()]
    treated = set(today.loc[today["list_code"] == TREATED, "certno"])
    listed = set(today.loc[today["list_code"] != TREATED, "certno"])
    keys = Register(open_database(county.job.vault_url), open_keyring(county.job.home.keyring)).keys_of(sorted(treated))
    told = {process: {row["person_key"] for row in county.rows(process, 2027)} for process in ("free_treatment", "left_lists")}
    assert treated & listed and treated - listed
    assert told["free_treatment"] == {keys[one] for one in treated & listed}
    assert told["left_lists"] == {keys[one] for one in treated - listed}
