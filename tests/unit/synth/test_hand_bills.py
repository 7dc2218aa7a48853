"""Bills that people hand in at a window: made where the pack takes them, readable, of listed people, paid by nobody yet."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from mianshen.core.days import ZONE, Month
from mianshen.core.money import parse_fen
from mianshen.feeds.reader import read
from mianshen.policy.packs import load_pack
from mianshen.synth import make_county

AS_OF = datetime(2026, 3, 2, 9, tzinfo=ZONE)


def made(root: Path, name: str, seed: int = 5) -> dict[str, bytes]:
    """The files of January and February, by name."""
    pack = load_pack(name, on=date(2026, 3, 1))
    out = root / f"{name}-{seed}"
    make_county(pack, month=Month(2026, 2), insured=600, seed=seed, out=out, answer=root / f"answer-{name}-{seed}", as_of=AS_OF)
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_each_month_has_bills_that_listed_people_paid_in_cash(tmp_path: Path) -> None:
    files = made(tmp_path, "360981_fengcheng")
    pack = load_pack("360981_fengcheng", on=date(2026, 3, 1))
    answer = tmp_path / "answer-360981_fengcheng-5"
    people, spans = (pd.read_parquet(answer / f"{one}.parquet") for one in ("persons", "spans"))
    listed = set(people[people["person"].isin(spans["person"])]["certno"])
    keys = []
    for month in ("202601", "202602"):
        name = f"window_bill_360981_{month}.csv"
        landed = read(files[name], contract=pack.contract("settlement_window"), where=name)
        assert landed.records >= 1 and f"{name}.ctl" in files
        rows = landed.table.to_pylist()
        keys += [row["setl_id"] for row in rows]
        for row in rows:
            assert row["certno"].startswith("100999") and row["certno"] in listed
            assert parse_fen(row["medfee_sumamt"]) == parse_fen(row["psn_cash_pay"]) == parse_fen(row["inscp_scp_amt"]) > 0
            assert {parse_fen(row[one]) for one in ("hifp_pay", "hifmi_pay", "maf_pay", "fund_pay_sumamt")} == {0}
    assert len(set(keys)) == len(keys)
    assert made(tmp_path / "again", "360981_fengcheng") == files, "equal seeds, equal bytes"


@pytest.mark.parametrize("name", ["510118_xinjin", "320902_tinghu"])
def test_a_county_that_takes_no_bills_by_hand_has_none(name: str, tmp_path: Path) -> None:
    assert not [one for one in made(tmp_path, name) if "window" in one]
