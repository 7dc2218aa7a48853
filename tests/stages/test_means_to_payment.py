"""001: a family on no list, from the bill that shows it to the money in its account; one a fen above the line to its letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.stages.case_county import CaseCounty, copied, make_case_county, seeded
from tests.stages.families import CHILD, SPOUSE, checked, family
from tests.stages.intake_county import PACK, settlement, settlements
from tests.stages.money_county import County, agree_to_all

from mianshen.core.cases import Happening
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.core.visits import SpokeWith, Visit, Way
from mianshen.stages import apply, assess, disclose, handle, pay, profile, radar, visits
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.ledger import PAYMENT

VISITED = "family_visit"
LINE = 3 * 1100 * 12
"""Yuan a head that a family within the line earns in twelve months at most."""
BORNE = "30000.37"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> CaseCounty:
    """Somebody on no list bore 30,000.37 yuan of a stay; the town found them and they want help."""
    made = make_case_county(tmp_path_factory.mktemp("family"), PACK, seeded(), at="2026-11-03 09:00")
    nought = ("fulamt_ownpay_amt", "preselfpay_amt", "act_pay_dedc", "hifp_pay", "hifmi_pay", "fund_pay_sumamt")
    whole = dict.fromkeys(("medfee_sumamt", "inscp_scp_amt", "psn_part_amt", "psn_cash_pay"), BORNE)
    made.job = replace(made.job, pack=replace(made.job.pack, lists=()))
    made.drop(settlement_510118_202610=settlements(settlement(1, **dict.fromkeys(nought, "0.00"), **whole)))
    made.morning()
    assert assessed(made) == 0, "nobody on a list, nothing to pay"
    assert radar.run(made.job).counts["visits_opened"] == 1
    later(made, days=1)
    visits.record(made.job, case_of(made), Visit("wants", Way.HOME, SpokeWith.SELF, made.job.as_of.date(), "王"))
    return made


@pytest.fixture
def county(staged: CaseCounty, tmp_path: Path) -> CaseCounty:
    return copied(staged, tmp_path / "home")


def case_of(county: CaseCounty) -> str:
    return str(county.rows(VISITED, 2026)[0]["case_id"])


def later(county: CaseCounty, **shift: int) -> None:
    county.job = replace(county.job, as_of=county.job.as_of + timedelta(**shift))


def assessed(county: CaseCounty) -> int:
    """Relief of the month, in fen."""
    return assess.run(county.job).counts["relief_fen"]


def act(county: CaseCounty, step: str, department: str, outcome: str = "", *, papers: tuple[str, ...] = (), **said: str) -> None:
    later(county, hours=1)
    kind = Happening.PAPERS if papers else Happening.DECIDED
    wanted = Act(kind, step, f"{department}_li", department, county.job.as_of, outcome, said.get("reason"), papers)
    handle.act(county.job, case_of(county), wanted)


def told(county: CaseCounty, *incomes: float) -> dict[str, int]:
    """The town applies for the family of three, civil affairs tells its incomes."""
    act(county, "assist", "town", papers=("application", "authorisation", "account"))
    sheet = family(county.job, case_of(county), SPOUSE, CHILD, account="6217000000000000001")
    disclose.take_family(county.job, sheet, where="family.xlsx")
    act(county, "assist", "town", "submitted")
    later(county, days=1)
    return checked(county.job, *incomes)


def test_r001_04_a_family_within_the_line_is_confirmed_and_paid_for_the_care_that_made_it_poor(county: CaseCounty) -> None:
    """The bureau: 10,000 + 8,000.37 x 60 % = 14,800.22; the last resort of the rest: 4,000 + 4,200.15 x 60 % = 6,520.09."""
    assert told(county, LINE, 2 * LINE, 0) == {"recorded": 3, "stood": 0, "tested": 1, "within": 1}
    later(county, days=1)
    act(county, "decide", "medical_security", "agree")
    assert county.state(case_of(county)).end_code == "confirmed"
    later(county, days=1)
    profile.run(county.job)
    assert assessed(county) == 1_480_022 + 652_009
    apply.run(county.job)
    agree_to_all(County(county.job, {}))
    pay.run(county.job)
    with county.job.ledger.connect() as connection:
        paid = connection.execute(select(PAYMENT.c.payee_key, func.sum(PAYMENT.c.amount_fen)).group_by(PAYMENT.c.payee_key)).all()
    assert [(key, int(fen)) for key, fen in paid] == [(county.keys([1])[1], 2_132_031)]


def test_r001_04_a_family_a_fen_above_the_line_is_told_in_writing_and_paid_nothing(county: CaseCounty) -> None:
    assert told(county, LINE, 2 * LINE, 0.01)["within"] == 0
    act(county, "decide", "medical_security", "refuse", reason="INCOME_ABOVE_LINE")
    text = disclose.print_form(county.job, FormCode.REFUSED, case_of(county)).path.read_text("utf-8")
    assert "收入合计 118,800.01 元" in text and "3,300.00 元" in text and "行政复议" in text
    act(county, "tell", "town", "told")
    assert county.state(case_of(county)).end_code == "refused"
    later(county, days=1)
    profile.run(county.job)
    assert assessed(county) == 0
    with county.job.ledger.connect() as connection:
        steps = [one for one in clocks_of(connection, county.job.county_code, kind="case_step")]
    holders = {one["time_limit_code"]: one["holder_department"] for one in steps}
    own = {"search_days": "medical_security", "assist_days": "town", "check_days": "civil_affairs", "tell_days": "town"}
    assert holders.items() >= {**own, "decide_days": "medical_security"}.items()
    assert all(one["closed_at"] for one in steps), "each step had its owner and its clock, and none runs on"
