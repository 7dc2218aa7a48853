"""A county of five people whose portrait is counted by hand; what each table must say stands in the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.stages import assess, profile


def bill(setl_id: str, person: str, day: date, yuan: int, **changes: Any) -> Mapping[str, Any]:
    """A settlement of so many yuan, all of it in scope and nothing paid by anyone."""
    amounts = {"medfee_sumamt": yuan * 100, "inscp_scp_amt": yuan * 100, "psn_part_amt": yuan * 100, "fund_pay_sumamt": 0}
    return settlement(setl_id, on=day) | amounts | {"person_key": person} | changes


def planted(root: Path) -> StagedCounty:
    """Anna is poor and a worker, Bao is ill, Chen is in no list and falls deep, Deng is listed and well, Er is refunded.

    October: Anna 20,000 yuan in the county (high blood pressure), Bao 10,000 in the prefecture of which insurance paid 4,000 and
    charity 1,000 (cancer), Chen 9,000 in a far city, Er 500 that was refunded. September: Chen 3,000 and dialysis, a stay of 31
    days. Anna's fee of January is supported with 300 yuan.
    """
    county = make_staged(root)
    county.deliver(
        "settlement",
        "settlement",
        "2026-10",
        bill(
            "A1", "Anna", date(2026, 10, 12), 20_000, mdtrt_admdvs="100998", dise_code="I10.x00", hosp_lv="2", fixmedins_code="H1"
        ),
        bill(
            *("B1", "Bao", date(2026, 10, 13), 10_000),
            **{"mdtrt_admdvs": "100901", "dise_code": "C34.900", "hosp_lv": "3", "fixmedins_code": "H2"},
            **{"hifp_pay": 400_000, "fund_pay_sumamt": 400_000, "psn_part_amt": 600_000},
        ),
        bill("C1", "Chen", date(2026, 9, 30), 3_000, begndate=date(2026, 8, 30), mdtrt_admdvs="100999", dise_code="M07801"),
        bill("C2", "Chen", date(2026, 10, 20), 9_000, mdtrt_admdvs="510107", dise_code="M07600"),
        bill("E1", "Er", date(2026, 10, 2), 500),
        bill("E1R", "Er", date(2026, 10, 3), -500, refd_setl_flag="1", init_setl_id="E1"),
    )
    county.deliver(
        "roster",
        "bureau_list",
        "2026-10",
        listed("Anna", valid_from=date(2026, 1, 1), town="东镇", household_key="F1"),
        listed("Bao", "ILL", town="东镇"),
        listed("Deng", town="西乡"),
    )
    county.deliver("roster", "union_list", "2026-10", listed("Anna", "WORKER", valid_from=date(2026, 10, 11), town="东镇"))
    told = {"notice_id": "N1", "notice_code": "PAY_CHARITY", "person_key": "Bao", "setl_id": "B1", "fen": 100_000}
    county.deliver("notice", "other_payer", "2026-10", told | {"benefit_year": 2026, "happened_on": date(2026, 10, 20)})
    fee = {"enrol_id": "F1", "person_key": "Anna", "benefit_year": 2026, "paid_on": date(2026, 1, 9), "fee_fen": 40_000}
    county.deliver("enrolment", "enrolment", "2026-01", fee)
    return county


def assessed(county: StagedCounty) -> None:
    """Profile and assess at the county's moment."""
    profile.run(county.job)
    assess.run(county.job)
