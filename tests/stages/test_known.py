"""A past run beside now: what each cause moved, fen by fen, adds up to the whole difference, whatever happened between."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged, settlement

from mianshen.core.late_news import CAUSES
from mianshen.stages import assess, profile
from mianshen.stages.known import Known, known
from mianshen.warehouse.ledger import RUN


def bill(setl_id: str, yuan: int, *, day: int = 12, **changes: Any) -> dict[str, Any]:
    amounts = {"inscp_scp_amt": yuan * 100, "medfee_sumamt": yuan * 100}
    return dict(settlement(setl_id, on=date(2026, 10, day)) | amounts | changes)


def assessed(county: StagedCounty) -> str:
    """Profile and assess; the run."""
    county.later(hours=1)
    profile.run(county.job)
    assess.run(county.job)
    with county.job.ledger.connect() as connection:
        query = select(RUN.c.run_id).where(RUN.c.stage == "assess").order_by(RUN.c.run_no.desc()).limit(1)
        return str(connection.execute(query).scalar_one())


def moved(found: Known) -> dict[str, int]:
    assert sum(fen for _, fen, _ in found.causes) == found.now_fen - found.then_fen
    return {cause: fen for cause, fen, _ in found.causes if fen}


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    made = make_staged(tmp_path / "home")
    made.deliver("settlement", "settlement", "2026-10-01", bill("S1", 20_000), bill("S2", 20_000, person_key="P2"))
    made.first_list = made.deliver("roster", "bureau_list", "2026-10", listed("P1"))  # type: ignore[attr-defined]
    made.deliver("roster", "union_list", "2026-10")
    return made


def test_nothing_happened_and_nothing_moved(county: StagedCounty) -> None:
    run = assessed(county)
    assert moved(known(county.job, run_id=run)) == {}


def test_each_cause_is_named_with_what_it_moved(county: StagedCounty) -> None:
    run = assessed(county)
    county.deliver("settlement", "settlement", "2026-10-02", bill("S3", 1_000, day=13))
    found = known(county.job, run_id=run, against=assessed(county))
    assert moved(found) == {"claim_new": 65_000}, "1,000 yuan more at 50 %, and 30 % of what is left"
    refund = bill("S3R", -1_000, day=13, refd_setl_flag="1", init_setl_id="S3")
    county.deliver("settlement", "settlement", "2026-10-03", refund)
    middle = found.now_run
    found = known(county.job, run_id=middle, against=assessed(county))
    assert moved(found) == {"refund": -65_000}
    county.supersede(county.first_list)  # type: ignore[attr-defined]
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"), version=2)
    last = found.now_run
    found = known(county.job, run_id=last, against=assessed(county))
    assert set(moved(found)) == {"identity_added"} and moved(found)["identity_added"] > 0
    whole = known(county.job, run_id=run)
    assert set(moved(whole)) == {"identity_added"}, "the refund took back the new claim"


def test_a_changed_policy_is_named(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10-04", bill("S4", 20_000, maf_pay=400_000, day=14))
    run = assessed(county)
    pack = example_pack(county.job.as_of.date(), "earlier_payer")
    county.job = replace(county.job, pack=pack, overlays=("earlier_payer",))
    assert set(moved(known(county.job, run_id=run, against=assessed(county)))) == {"policy"}


@pytest.mark.parametrize("seed", range(2))
def test_the_causes_add_up_over_any_history(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    county = make_staged(tmp_path / "home")
    people = [f"P{number}" for number in range(6)]
    county.deliver("roster", "union_list", "2026-10")
    delivery = county.deliver("roster", "bureau_list", "2026-10", *(listed(one) for one in people[:4]))
    runs, bills = [], dict[str, dict[str, Any]]()
    for step in range(4):
        rows = []
        for number in range(chance.randrange(1, 6)):
            name = f"S{step}{number}"
            bills[name] = bill(name, chance.randrange(100, 30_000), person_key=chance.choice(people), day=chance.randrange(1, 28))
            rows.append(bills[name])
        for name in chance.sample(sorted(bills), min(2, len(bills))) if step else []:
            taken = bills.pop(name)
            money = {one: -taken[one] for one in ("medfee_sumamt", "inscp_scp_amt")}
            rows.append(taken | money | {"setl_id": f"{name}R", "refd_setl_flag": "1", "init_setl_id": name})
        county.deliver("settlement", "settlement", f"2026-10-{step + 1:02d}", *rows)
        county.supersede(delivery)
        chosen = chance.sample(people, chance.randrange(2, 6))
        categories = ("POOR", "ILL")
        delivery = county.deliver(
            "roster", "bureau_list", "2026-10", *(listed(one, chance.choice(categories)) for one in chosen), version=step + 2
        )
        runs.append(assessed(county))
    causes = set()
    for first, second in ((0, 1), (1, 3), (0, 3), (3, 0)):
        found = known(county.job, run_id=runs[first], against=runs[second])
        causes |= set(moved(found))
    assert len(causes & {"claim_new", "claim_withdrawn", "refund", "identity_added", "identity_revoked"}) >= 3
    assert causes <= set(CAUSES)
