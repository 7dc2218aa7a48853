"""Whatever people ask of funds, in whatever order: balances add up to what came less what was used, and none is below zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledgers import new_ledger
from tests.stages.bank_county import clinic
from tests.stages.money_county import County, make_county

from mianshen.core.errors import MianshenError
from mianshen.core.pack import Fund
from mianshen.stages.reconcile import fund_acts as funds
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.funds import balances

FUND, CHARITY = "district_medical_relief", "charity"
DAY = date(2026, 11, 3)


@pytest.fixture
def county(tmp_path: Path) -> County:
    """A county that keeps two funds."""
    county = make_county(tmp_path / "home", [])
    known = (Fund(FUND, "区级资金", "district money"), Fund(CHARITY, "慈善资金", "charity money"))
    county.with_pack(lambda pack: replace(pack, funds=known, accounts=replace(pack.accounts, is_kept=True)))
    county.job = replace(county.job, funds_since=county.job.go_live_on)
    return county


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("receipt", "transfer", "advance", "top_up", "used")),
        st.sampled_from((FUND, CHARITY)),
        st.integers(1, 400),
        st.sampled_from(("H1", "H2")),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_asked_balances_add_up_and_none_is_below_zero(
    tmp_path_factory: pytest.TempPathFactory, county: County, steps: list[tuple[str, str, int, str]]
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('funds') / 'ledger.db'}"
    new_ledger(url)
    job = replace(county.job, ledger_url=url)
    for number, code in enumerate(("H1", "H2"), 1):
        clinic(replace(county, job=job), code, number=number)
    came = used = 0
    for number, (kind, fund, fen, holder) in enumerate(steps):
        more: dict[str, str] = {}
        if kind == "transfer":
            more = {"other_fund": CHARITY if fund == FUND else FUND}
        elif kind != "receipt":
            more = {"clinic_code": holder} | ({"month": f"20{10 + number}-01"} if kind == "used" else {})
        paper = f"{number:064x}"
        act = funds.ask(job, kind, fund_code=fund, amount_fen=fen, happened_on=DAY, paper_sha256=paper, **more)  # type: ignore[arg-type]
        try:
            funds.check(replace(job, actor="finance"), act, is_agreed=True, reason="")
        except MianshenError as short:
            assert short.code == "FUND_SHORT"
            continue
        came += fen if kind == "receipt" else 0
        used += fen if kind == "used" else 0
    engine = open_database(url)
    with engine.connect() as connection:
        standing = balances(connection, county_code=job.county_code)
    engine.dispose()
    job.ledger.dispose()
    assert all(fen >= 0 for fen in standing.values())
    assert sum(standing.values()) == came - used
