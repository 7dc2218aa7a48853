"""One small county of the shipped Xinjin pack, made once for all tests of the generator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from mianshen import synth
from mianshen.core.days import ZONE, Month
from mianshen.core.pack import Pack
from mianshen.policy.packs import load_pack

AS_OF = datetime(2026, 4, 20, 9, tzinfo=ZONE)
MONTH = Month(2026, 3)


@dataclass(frozen=True)
class Made:
    """A county on disk."""

    pack: Pack
    summary: synth.CountySummary
    out: Path
    answer: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.answer / f"{name}.parquet")

    def sheet(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.answer / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def xinjin() -> Pack:
    return load_pack("510118_xinjin", on=date(2026, 4, 20))


@pytest.fixture(scope="session")
def county(xinjin: Pack, tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("county")
    out, answer = root / "inbox", root / "answer"
    summary = synth.make_county(
        xinjin,
        month=MONTH,
        insured=6_000,
        seed=11,
        out=out,
        answer=answer,
        as_of=AS_OF,
        late_list="canlian_zhongdu",
        bad_files=True,
        canaries=4,
    )
    return Made(xinjin, summary, out, answer)
