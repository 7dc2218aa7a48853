"""What a hospital window paid (maf_pay) is never paid again, however late and in whatever shape the county hears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged
from tests.stages.test_reviews_and_withdrawals import computed, stay

from mianshen.warehouse.ledger import AWARD_POSTING

WINDOW = 400_000
DUE = {"same_benefit": 850_000 - WINDOW, "earlier_payer": 650_000}
"""20,000 yuan, deductible 3,000, 50 %, 4,000 paid at the window: 4,500 or 6,500."""
WITHOUT = 850_000


@pytest.fixture(params=sorted(DUE))
def county(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[StagedCounty, int]:
    """The county under either reading of the law, and what the bureau owes beside the window."""
    made = make_staged(tmp_path / "home")
    if request.param == "earlier_payer":
        overlays = ("earlier_payer",)
        pack = example_pack(made.job.as_of.date(), *overlays)
        made.job = replace(made.job, pack=pack, overlays=overlays)
    made.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    made.deliver("roster", "union_list", "2026-10")
    return made, DUE[request.param]


def bureau(county: StagedCounty) -> int:
    """What stands posted for the bureau's own relief, all events together."""
    query = select(func.coalesce(func.sum(AWARD_POSTING.c.amount_fen), 0)).where(AWARD_POSTING.c.benefit_code == "bureau_relief")
    with county.job.ledger.connect() as connection:
        return int(connection.execute(query).scalar_one())


def told(setl_id: str, hour: int, **changes: Any) -> Mapping[str, Any]:
    row: Mapping[str, Any] = stay(setl_id, updt_time=datetime.fromisoformat(f"2026-10-13 {hour:02d}:00"), **changes)
    return row


def deliver(county: StagedCounty, *days: Sequence[Mapping[str, Any]]) -> int:
    for number, rows in enumerate(days, 1):
        if not rows:
            continue  # what came before stands
        county.deliver("settlement", "settlement", f"2026-10-{number:02d}", *rows)
        computed(county)
    return bureau(county)


BILL = told("S1", 1)
PAID_AT_WINDOW = told("S1", 2, maf_pay=WINDOW)
REFUND = told("S1R", 3, init_setl_id="S1", refd_setl_flag="1", medfee_sumamt=-2_500_000, inscp_scp_amt=-2_000_000)
AGAIN = told("S2", 4, maf_pay=WINDOW, setl_time=datetime.fromisoformat("2026-10-13 04:00"))


def test_window_relief_in_the_bill_is_never_paid_again(county: tuple[StagedCounty, int]) -> None:
    assert deliver(county[0], [PAID_AT_WINDOW]) == county[1]


def test_window_relief_told_late_by_a_correction_is_never_paid_again(county: tuple[StagedCounty, int]) -> None:
    made, due = county
    assert deliver(made, [BILL]) == WITHOUT
    assert deliver(made, [], [PAID_AT_WINDOW]) == due
    assert deliver(made, [], [], [PAID_AT_WINDOW, BILL]) == due, "told again, and the old word once more: nothing moves"


def test_window_relief_of_a_bill_that_is_refunded_and_settled_again_is_never_paid_again(county: tuple[StagedCounty, int]) -> None:
    made, due = county
    assert deliver(made, [BILL]) == WITHOUT
    assert deliver(made, [], [REFUND]) == 0
    assert deliver(made, [], [], [AGAIN]) == due


def test_window_relief_that_is_corrected_away_is_paid_once(county: tuple[StagedCounty, int]) -> None:
    made, due = county
    assert deliver(made, [PAID_AT_WINDOW]) == due
    assert deliver(made, [], [told("S1", 3)]) == WITHOUT
    assert deliver(made, [], [], [PAID_AT_WINDOW]) == WITHOUT, "an older version changes nothing"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_window_relief_is_never_paid_again_whatever_came_first(county: tuple[StagedCounty, int], order: tuple[int, ...]) -> None:
    made, due = county
    days = [[[BILL], [REFUND], [AGAIN, AGAIN]][place] for place in order]
    assert deliver(made, *days) == due
