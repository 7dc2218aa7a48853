"""A disease that Daye's procedure certified changes next month's relief to the fen; applying for it changes nothing.

Daye's text names no money: its procedure runs here in the fictional county, whose relief pays 70 instead of 50 % of the bills of
a disease that the person is certified for.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.stages.case_county import CaseCounty, certno, make_case_county, person, seeded
from tests.stages.intake_county import settlement, settlements, table
from tests.stages.money_county import County, agree_to_all
from tests.stages.test_channels import HEADS
from tests.stages.test_daye_year import PAPERS, PROCESS, act, judged

from mianshen.core.cases import Happening
from mianshen.core.days import ZONE, Month
from mianshen.core.pack import Pack
from mianshen.policy.packs import POLICIES, load_pack
from mianshen.stages import apply, assess, disclose, pay
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.ledger import PAYMENT

KIDNEYS = "M005"
CERTIFIED, APPLIED = 1, 2
ENTERED = "2026-10-20 09:00"
HALF = "since: 2025-01-01\n{0}deductible_yuan: 3000\n{0}brackets: [{{from_yuan: 0, to_yuan: null, ratio: 50%".format(" " * 16)
MARKS = "".join(
    f"  - {{code: {code}, name_zh: {name}, name_en: {code}, department: bureau, is_mark: true, source: example, article: 附则,"
    " status: illustrative}\n"
    for code, name in (("MENMANTE", "门诊慢特病患者"), (KIDNEYS, "慢性肾功能衰竭"), ("M001", "高血压"))
)


def policy_of(root: Path) -> Path:
    """The shipped policies, in which the fictional county pays more for a certified disease."""
    shutil.copytree(POLICIES / "national", root / "national")
    shutil.copytree(POLICIES / "_example", root / "_example")
    categories, law = root / "_example" / "categories.yaml", root / "_example" / "policy.yaml"
    categories.write_text(categories.read_text("utf-8") + MARKS, "utf-8")
    text = law.read_text("utf-8")
    assert HALF in text
    more = f"{HALF}, ratios: [{{when: {{dise_codes: [{KIDNEYS}], marks: [{KIDNEYS}]}}, ratio: 70%}}]"
    law.write_text(text.replace(HALF, more), "utf-8")
    return root


def pack_of(root: Path) -> Pack:
    """The fictional county with Daye's procedure, its experts and its window."""
    on = datetime.fromisoformat(ENTERED).date()
    relief, daye = load_pack("_example", on=on, root=root), load_pack("420281_daye", on=on)
    return replace(
        relief,
        processes=(*relief.processes, daye.process(PROCESS)),
        departments=(*relief.departments, *daye.departments),
        time_limits=(*relief.time_limits, *(one for one in daye.time_limits if one.code != "notice_days")),
        contracts=(*relief.contracts, daye.contract("apply_window")),
        experts=daye.experts,
        items=daye.items,
    )


@dataclass
class Certified(CaseCounty):
    """The county keeps its pack when the clock moves."""

    def at(self, moment: str) -> Certified:
        when = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
        self.job = replace(self.job, as_of=when, month=Month(when.year, when.month))
        return self


def bills(serial: int) -> list[dict[str, str]]:
    """Of its kidneys before and after the entry, and of its blood pressure after it."""
    said = (("2026-10-10", KIDNEYS, "3333.33"), ("2026-11-05", KIDNEYS, "1000.01"), ("2026-11-06", "M001", "1000.01"))
    nought = ("fulamt_ownpay_amt", "preselfpay_amt", "act_pay_dedc", "hifp_pay", "hifmi_pay", "fund_pay_sumamt")
    return [
        settlement(
            serial,
            **dict.fromkeys(nought, "0.00"),
            **dict.fromkeys(("medfee_sumamt", "inscp_scp_amt", "psn_part_amt", "psn_cash_pay"), borne),
            **dict.fromkeys(("begndate", "enddate"), on),
            setl_id=f"100999H{serial:02d}{number:02d}",
            mdtrt_id=f"100999M{serial:02d}{number:02d}",
            certno=certno(serial),
            psn_name=person(serial)[0],
            insu_admdvs="100999",
            med_type="14",
            dise_code=ill,
            setl_time=f"{on} 10:00:00",
            updt_time=f"{on} 12:00:00",
        )
        for number, (on, ill, borne) in enumerate(said)
    ]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """Both are poor and applied for their kidneys in October; 1 was certified on the 20th, 2 still waits. November was paid."""
    root = tmp_path_factory.mktemp("certified")
    made = Certified(make_case_county(root / "home", "_example", seeded(), at="2026-10-01 09:00").job)
    made.job = replace(made.job, pack=pack_of(policy_of(root / "policies")))
    ill = [(*person(one), "慢性肾功能衰竭") for one in (CERTIFIED, APPLIED)]
    made.drop(apply_window_202610=table(HEADS["window"], ill))
    made.morning()
    of = made.keys([CERTIFIED])
    case = next(row["case_id"] for row in made.rows(PROCESS, 2026) if row["person_key"] == of[CERTIFIED])
    act(made, case, "first_check", happening=Happening.PAPERS, papers=PAPERS)
    act(made, case, "first_check", "accept")
    made.at("2026-10-09 09:00")
    judged(made, case)
    act(made, case, "recheck", "agree")
    disclose.run(made.job)
    made.at("2026-10-17 00:00").morning()
    made.at(ENTERED)
    act(made, case, "entry", "entered")
    head = ("姓名", "身份证号", "人员类别", "认定日期", "银行账号")
    poor = [(*person(one), "低收入者", "2026-01-01", f"62{one:017d}") for one in (CERTIFIED, APPLIED)]
    made.at("2026-11-30 18:00").drop(
        bureau_list_202611=table(head, poor),
        settlement_100999_202611=settlements(*bills(CERTIFIED), *bills(APPLIED)),
    )
    made.morning()
    assess.run(made.job)
    apply.run(made.job)
    agree_to_all(County(made.job, {}))
    pay.run(made.job)
    return made


def test_the_certified_disease_is_paid_by_its_own_ratio_from_the_entry_on_and_nothing_else_is(county: Certified) -> None:
    """R002-10: 333.33 x 50 % = 166.665; 1000.01 x 70 % = 700.007, x 50 % = 500.005; the running sum is rounded.

    166.67, 866.67, 1366.68 of the certified; 166.67, 666.67, 1166.68 of the other; a bill gets the step.
    """
    found: dict[int, dict[str, int]] = defaultdict(dict)
    of = {key: serial for serial, key in county.keys((CERTIFIED, APPLIED)).items()}
    with compute() as con:
        show(con, "out.award_line", county.job.lake.current("out.award_line", county_code="100999"))
        query = "select person_key, event_id, amount_fen from out.award_line where benefit_code = 'bureau_relief'"
        for key, event, fen in con.execute(query).fetchall():
            found[of[key]][event[-2:]] = fen
    assert found[CERTIFIED] == {"00": 16_667, "01": 70_000, "02": 50_001}
    assert found[APPLIED] == {"00": 16_667, "01": 50_000, "02": 50_001}, "who applied holds nothing yet"


def test_the_bank_pays_the_difference_that_the_policy_makes(county: Certified) -> None:
    """Last resort, 30 % of what is left above 1000: of 5333.35 - 1366.68 it is 890.00, of 5333.35 - 1166.68 it is 950.00."""
    of = {key: serial for serial, key in county.keys((CERTIFIED, APPLIED)).items()}
    with county.job.ledger.connect() as connection:
        query = select(PAYMENT.c.payee_key, func.sum(PAYMENT.c.amount_fen)).group_by(PAYMENT.c.payee_key)
        paid = {of[key]: int(fen) for key, fen in connection.execute(query)}
    assert paid == {CERTIFIED: 136_668 + 89_000, APPLIED: 116_668 + 95_000}
