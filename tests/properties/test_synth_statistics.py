"""The fictional county has the statistics that it promises: shares, means and spreads, each with its tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mianshen import synth
from mianshen.core.days import ZONE, Month
from mianshen.policy.packs import load_pack
from mianshen.synth.costs import SIGMA, STAY, VISIT, draw_totals
from mianshen.synth.streams import stream

INSURED = 120_000
MONTH = Month(2026, 10)
DAYS = (MONTH.last_day - date(2026, 1, 1)).days + 1
PER_10K = {"DIBAO": 283, "TEKUN": 33, "DIBAO_BIANYUAN": 43, "FANPIN_JIANCE": 21}


@dataclass(frozen=True)
class County:
    """The answer key of one county."""

    summary: synth.CountySummary
    persons: pd.DataFrame
    spans: pd.DataFrame
    settlements: pd.DataFrame
    enrolments: pd.DataFrame

    def listed_in(self, number: int) -> pd.DataFrame:
        """Memberships that a month's lists carry."""
        first = pd.Timestamp(2026, number, 1)
        return self.spans[(self.spans["since"] <= first) & (self.spans["until"].isna() | (self.spans["until"] > first))]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    root: Path = tmp_path_factory.mktemp("statistics")
    summary = synth.make_county(
        load_pack("510118_xinjin", on=date(2026, 11, 20)),
        month=MONTH,
        insured=INSURED,
        seed=5,
        out=root / "in",
        answer=root / "answer",
        as_of=datetime(2026, 11, 20, 9, tzinfo=ZONE),
    )
    tables = (pd.read_parquet(root / "answer" / f"{name}.parquet") for name in ("persons", "spans", "settlements", "enrolments"))
    return County(summary, *tables)


@pytest.mark.parametrize("code", PER_10K)
def test_categories_per_ten_thousand(county: County, code: str) -> None:
    rows = (county.listed_in(MONTH.number)["category_code"] == code).sum()
    assert rows * 10_000 / INSURED == pytest.approx(PER_10K[code], rel=0.01)


def test_seven_to_nine_per_cent_are_listed(county: County) -> None:
    assert 0.07 <= county.listed_in(MONTH.number)["person"].nunique() / INSURED <= 0.09


def test_a_quarter_to_a_third_hold_several_categories(county: County) -> None:
    held = county.listed_in(MONTH.number).groupby("person").size()
    assert 0.25 <= (held > 1).mean() <= 0.35
    assert county.summary.several_listed == (held > 1).sum()


@pytest.mark.parametrize("number", range(2, 11))
def test_lists_churn_by_two_per_cent_a_month(county: County, number: int) -> None:
    keys = ["person", "category_code"]
    before, after = (set(county.listed_in(one)[keys].itertuples(index=False, name=None)) for one in (number - 1, number))
    assert 0.015 <= len(before ^ after) / len(before) <= 0.025
    assert len(after) == pytest.approx(len(before), rel=0.01)


def test_visits_are_negative_binomial(county: County) -> None:
    visits = county.settlements.query("drawn == 'visit' and state != 'REFUND' and not setl_id.str.endswith('S')")
    counts = np.bincount(visits["person"], minlength=len(county.persons))
    yearly = counts.mean() * 365 / DAYS
    assert 3.5 * 1.3 <= yearly <= 3.5 * 1.8
    alpha = (counts.var() - counts.mean()) / counts.mean() ** 2
    assert alpha == pytest.approx(2.0, abs=0.25)


def test_a_few_are_treated_eighty_to_a_hundred_and_fifty_six_times_a_year(county: County) -> None:
    heavy = county.settlements.query("drawn == 'heavy' and state != 'REFUND' and not setl_id.str.endswith('S')")
    per_person = heavy.groupby("person").size() * 365 / DAYS
    assert 0.002 <= len(per_person) / len(county.persons) <= 0.004
    assert per_person.min() >= 79 and per_person.max() <= 157
    assert set(heavy["dise_code"]) == {"M07801", "M02300"}


def test_stays(county: County) -> None:
    stays = county.settlements.query("drawn == 'stay' and state != 'REFUND' and not setl_id.str.endswith('S')")
    assert len(stays) / len(county.persons) * 365 / DAYS == pytest.approx(0.30, rel=0.06)
    assert stays["is_away"].mean() == pytest.approx(0.20, abs=0.02)
    assert (stays["area"] != "510118").eq(stays["is_away"]).all()


@pytest.mark.parametrize(
    ("drawn", "insutype", "mean_yuan", "tolerance"),
    [("stay", "390", 7_339, 0.12), ("visit", "390", 179, 0.03), ("visit", "310", 282, 0.06)],
)
def test_mean_costs(county: County, drawn: str, insutype: str, mean_yuan: int, tolerance: float) -> None:
    rows = county.settlements.query("drawn == @drawn and insutype == @insutype and state != 'REFUND'")
    assert rows["medfee_sumamt"].mean() / 100 == pytest.approx(mean_yuan, rel=tolerance)


@pytest.mark.parametrize(("drawn", "kind"), [("stay", STAY), ("visit", VISIT)])
def test_spread_of_costs(county: County, drawn: str, kind: int) -> None:
    rows = county.settlements.query("drawn == @drawn and insutype == '390' and state != 'REFUND'")
    logs = np.log(rows["medfee_sumamt"])
    middle = logs.quantile(0.75) - logs.quantile(0.25)
    assert middle / 1.349 == pytest.approx(SIGMA[kind], rel=0.06)


def test_two_per_cent_of_stays_are_in_a_pareto_tail(county: County) -> None:
    fen = county.settlements.query("drawn == 'stay' and insutype == '390' and state != 'REFUND'")["medfee_sumamt"]
    assert 0.015 <= (fen > 6 * 7_339 * 100).mean() <= 0.045


@pytest.mark.parametrize(("is_worker", "mean_yuan"), [(False, 7_339), (True, 11_522)])
def test_the_law_of_stays_has_its_mean_and_its_tail(is_worker: bool, mean_yuan: int) -> None:
    count = 400_000
    yuan = draw_totals(stream(1, "stays"), np.full(count, STAY), np.full(count, is_worker)) / 100
    assert yuan.mean() == pytest.approx(mean_yuan, rel=0.01)
    beyond = yuan[yuan > 12 * mean_yuan]
    assert len(beyond) / count == pytest.approx(0.02 / 2**3, rel=0.4)
    assert (beyond > 24 * mean_yuan).mean() == pytest.approx(1 / 2**3, abs=0.05)


def test_refunds_resettlements_and_late_rows(county: County) -> None:
    rows = county.settlements
    refunds = (rows["state"] == "REFUND").sum()
    originals = len(rows) - refunds - rows["setl_id"].str.endswith("S").sum()
    assert 0.005 <= refunds / originals <= 0.010
    assert rows["setl_id"].str.endswith("S").sum() / refunds == pytest.approx(0.6, abs=0.05)
    assert 0.01 <= rows["is_late"].mean() <= 0.03


def test_captured_visits_that_are_eligible(county: County) -> None:
    live = county.settlements[county.settlements["state"] == "LIVE"]
    assert 0.65 <= live["is_eligible"].mean() <= 0.85
    assert 0.10 <= (live["categories"] == "").mean() <= 0.30
    by_month = live.groupby(live["settled"].dt.month)["is_eligible"].mean()
    assert by_month.between(0.65, 0.85).all()


def test_window_relief_on_a_tenth_of_the_rows(county: County) -> None:
    live = county.settlements[county.settlements["state"] == "LIVE"]
    paid = live[live["maf_pay"] > 0]
    assert 0.08 <= len(paid) / len(live) <= 0.12
    assert paid["categories"].str.contains(r"\b(?:TEKUN|DIBAO|DIBAO_BIANYUAN)\b").mean() > 0.95


def test_enrolments_spread_over_the_year_with_a_peak(county: County) -> None:
    rows = county.enrolments
    monthly = rows.groupby(rows["paid_on"].dt.month).size()
    assert (monthly.loc[1:9] / INSURED * 20_000 >= 60).all()
    assert monthly.loc[10] / monthly.loc[1:9].mean() == pytest.approx(2.0, abs=0.1)
    assert (rows["insutype"] == "390").all() and (rows["fee_fen"] == 40_000).all()
    assert (rows["benefit_year"] == rows["paid_on"].dt.year).all()
    assert rows["person"].is_unique


def test_faults_are_rare(county: County) -> None:
    rows = pd.read_csv(county.summary.answer / "files.csv").query("kind == 'good'")["records"].sum()
    assert sum(county.summary.faults.values()) / rows < 0.06
    quarantined = county.settlements["outcome"].eq("QUARANTINED").mean()
    assert 0.005 < quarantined < 0.02


@pytest.mark.parametrize("number", [1, 6, 10, 12])
def test_the_demo_size_has_sixty_enrolments_in_any_month(number: int, tmp_path: Path) -> None:
    month = Month(2026, number)
    summary = synth.make_county(
        load_pack("510118_xinjin", on=month.last_day),
        month=month,
        seed=number,
        out=tmp_path / "in",
        answer=tmp_path / "answer",
        as_of=datetime.combine(month.shift(1).last_day, datetime.min.time(), tzinfo=ZONE),
    )
    rows = pd.read_parquet(tmp_path / "answer" / "enrolments.parquet")
    in_month = rows[(rows["paid_on"].dt.month == number) & (rows["fault"] == "")]
    assert in_month["is_eligible"].sum() >= 60
    assert summary.insured == 20_000
    assert 0.65 <= summary.eligible / summary.settlements <= 0.86
