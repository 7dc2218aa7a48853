"""The county of the service items on its own plan: lists, bills and fees of made-up people, taken in at windows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.stages.case_county import CaseCounty, make_case_county, person, seeded
from tests.stages.intake_county import CLEAN, ENROLMENT_HEAD, settlements, table

from mianshen.core.cases import Happening
from mianshen.core.moves import Act
from mianshen.stages import apply, approve, assess, deidentify, handle, pay, profile, receive, validate
from mianshen.warehouse import cases
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.ledger import AWARD_POSTING, PAYMENT

FENGCHENG = "360981_fengcheng"
TOWN = "曲江镇"
HEAD = ("姓名", "身份证号", "人员类别", "镇街", "银行账号", "认定日期")
POOR, DESTITUTE, PLAIN, MOTHER, HURT = 1, 2, 3, 4, 5
"""低保, 特困, an insured person, a mother on 低保, somebody hurt in an accident; all are insured."""


def listed(*rows: tuple[int, str]) -> bytes:
    """A list: serial and category, each person with an account."""
    return table(HEAD, ((*person(one), word, TOWN, f"62{one:017d}", "2026-01-01") for one, word in rows))


def bill(key: str, serial: int, yuan: str, **changes: str) -> dict[str, str]:
    """A bill that was paid in cash: nobody has paid anything of it."""
    name, certno = person(serial)
    zero = {one: "0.00" for one in CLEAN if one.endswith("_pay") or one in ("act_pay_dedc", "fund_pay_sumamt")}
    zero |= dict.fromkeys(("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt"), "0.00")
    whole = dict.fromkeys(("medfee_sumamt", "inscp_scp_amt", "psn_part_amt", "psn_cash_pay"), yuan)
    own = {"setl_id": key, "mdtrt_id": f"M{key}", "certno": certno, "psn_name": name, "insu_admdvs": "360981"}
    return {**CLEAN, **zero, **whole, **own, "mdtrt_admdvs": "360983", "fixmedins_code": "H36098300031", **changes}


def made(root: Path) -> CaseCounty:
    """3 November 2026, 9:00: October's lists, bills and fees are there; nothing was agreed to."""
    county = make_case_county(root, FENGCHENG, seeded(), at="2026-11-03 09:00")
    hospital = bill("H1", POOR, "10000.00", hifp_pay="6000.00", maf_pay="2800.00", fund_pay_sumamt="8800.00")
    county.drop(
        minzheng_kunnan_202610=listed((POOR, "低保"), (DESTITUTE, "特困"), (MOTHER, "低保")),
        nongye_fanpin_202610=listed((9, "返贫致贫")),
        yibao_canbao_202610=listed(*((one, "参保人员") for one in (POOR, DESTITUTE, PLAIN, MOTHER, HURT))),
        settlement_360981_202610=settlements(hospital | {"psn_part_amt": "1200.00", "psn_cash_pay": "1200.00"}),
        window_bill_360981_202610=settlements(
            bill("W1", POOR, "50000.00"),
            bill("W3", PLAIN, "101.01", med_type="11"),
            bill("W4", MOTHER, "5000.00", med_type="52", dise_code="O80.900"),
            bill("W5", HURT, "1000.00", med_type="19", dise_code="S52.500"),
        ),
        window_fee_360981_202610=table(
            ENROLMENT_HEAD, [("F2", person(DESTITUTE)[1], person(DESTITUTE)[0], "390", "2026", "2026-10-08", "400.00")]
        ),
    )
    for stage in (receive, deidentify, validate):
        stage.run(county.job)
    return county


def computed(county: CaseCounty) -> None:
    """What the DAGs do from the facts to the bank, everybody agreeing."""
    for stage in (profile, assess, apply, approve, pay):
        stage.run(county.job)


def accepted(county: CaseCounty, process: str, serial: int, bills: Iterable[str]) -> str:
    """A person's case, its papers complete, its bills laid to it, agreed to up to the payment."""
    key = county.keys([serial])[serial]
    (case,) = handle.open_cases(county.job, process, [Matter(f"A{serial}", 2026, person_key=key, channel="window", town=TOWN)])
    handle.attach(county.job, case, list(bills))
    papers = tuple(one.code for one in county.job.pack.process(process).step("intake").papers)
    act(county, case, "intake", happening=Happening.PAPERS, papers=papers)
    for step, outcome in (("intake", "accept"), ("town_check", "agree"), ("city_review", "agree")):
        act(county, case, step, outcome)
    return case


def act(county: CaseCounty, case: str, step: str, outcome: str = "", **said: Any) -> None:
    """One act of the step's own office."""
    happening = said.pop("happening", Happening.DECIDED)
    with county.job.ledger.connect() as connection:
        (row,) = cases.cases_of(connection, [case])
    department = county.job.pack.process(row["process_code"]).step(step).department_code
    handle.act(county.job, case, Act(happening, step, f"clerk_{step}", department, county.job.as_of, outcome, **said))


def payments(county: CaseCounty) -> list[tuple[str, int]]:
    """Payee and amount of every payment."""
    with county.job.ledger.connect() as connection:
        query = select(PAYMENT.c.payee_key, PAYMENT.c.amount_fen).order_by(PAYMENT.c.payee_key, PAYMENT.c.amount_fen)
        return [(row.payee_key, row.amount_fen) for row in connection.execute(query)]


def awarded(county: CaseCounty) -> dict[str, dict[str, int]]:
    """Fen of each benefit, by bill or fee."""
    found: dict[str, dict[str, int]] = {}
    with county.job.ledger.connect() as connection:
        for row in connection.execute(select(AWARD_POSTING)).mappings():
            own = found.setdefault(str(row["event_id"]), {})
            own[row["benefit_code"]] = own.get(row["benefit_code"], 0) + row["amount_fen"]
    return found
