"""A small county with one person for each answer of the window, worked on by the real stages from bills to the bank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.stages.bank_county import PAPER, payments_of, settle
from tests.stages.money_county import County, certno_of, steady_entropy
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.core.cases import Happening
from mianshen.core.decisions import Outcome
from mianshen.core.moves import Act
from mianshen.core.window import Purpose
from mianshen.stages import apply, assess, pay, profile
from mianshen.stages.disclose.window import Why
from mianshen.stages.pay import payees
from mianshen.vault import register
from mianshen.vault.keyring import make_keyring, open_keyring
from mianshen.vault.records import Fact
from mianshen.vault.register import Register
from mianshen.warehouse import approvals
from mianshen.warehouse.case_moves import move
from mianshen.warehouse.connect import open_database

PAID, BELOW, UNLISTED, ACCIDENT, UNKNOWN = "欧阳付清", "王未超", "李无类", "赵摔伤", "钱未知"
WINDOW, REFUND, WAITING, REFUSED, BOUNCED = "孙窗口", "周退费", "吴待批", "郑被拒", "冯退汇"
HOSPITAL, NO_CARD, LATE, UNENROLLED = "陈医院", "褚无卡", "卫名单", "蒋缺保"
FIRST, SECOND, CUT = "沈同名", "韩同名", "尤补正"
NAMES = (
    *(PAID, BELOW, UNLISTED, ACCIDENT, UNKNOWN, WINDOW, REFUND, WAITING, REFUSED, BOUNCED),
    *(HOSPITAL, NO_CARD, LATE, UNENROLLED, FIRST, SECOND, CUT),
)
SHARED_NAME = FIRST
"""The name that FIRST and SECOND both bear."""
RELIEF_FEN = 124_350
"""Of a bill of 3,990.00: (3,990 - 3,000) x 50 % = 495.00; (3,990 - 495 - 1,000) x 30 % = 748.50."""
CLINIC_CODE = "91350100M000100Y43"
"""A credit code with a sound check character; no institution of the county."""
WHY = Why(Purpose.IN_PERSON)


@dataclass(frozen=True)
class Planted:
    """The county and who stands for what."""

    county: County
    """Job and people: person_key by the name of the list above."""

    @property
    def people(self) -> dict[str, str]:
        """person_key by name; SECOND bears FIRST's name in the register."""
        return self.county.people

    def certno(self, name: str) -> str:
        """The id number that the vault knows of the person."""
        return certno_of(NAMES.index(name))


def make_planted(root: Path) -> Planted:
    """Bills, lists and fees of October; who is to be paid is paid, sent back, refused, or waits."""
    staged = make_staged(root)
    essential = tuple(replace(one, is_essential=True) for one in staged.job.pack.lists)
    staged.job = replace(staged.job, entropy=steady_entropy(), pack=replace(staged.job.pack, lists=essential))
    (staged.job.home.root / "settings.json").write_text(json.dumps({"counties": {"_example": {"go_live_on": None}}}), "utf-8")
    county = County(staged.job, _register(staged))
    _deliver(staged, county.people)
    for stage in (profile, assess, apply):
        stage.run(county.job)
    _relation(county)
    _decide(county, {WAITING: None, REFUSED: (Outcome.REFUSE, "INCOME_ABOVE_LINE"), CUT: (Outcome.RETURN, "PAPERS_WANTED")})
    county.later(days=1)
    pay.run(county.job)
    county.later(days=1)
    sent = {name: found[0] for name, found in payments_of(county, "sent").items()}
    codes = {sent[name]: "1002" if name == BOUNCED else "0000" for name in (PAID, WINDOW, BOUNCED)}
    settle(county, codes)
    return Planted(county)


def _register(staged: StagedCounty) -> dict[str, str]:
    home = staged.job.home
    make_keyring(home.keyring, staged.job.entropy)
    vault = open_database(home.vault_url)
    register.create(vault)
    said = {certno_of(number): _facts(name, number) for number, name in enumerate(NAMES)}
    keys = Register(vault, open_keyring(home.keyring)).record(said, entropy=staged.job.entropy).keys
    vault.dispose()
    return {name: keys[certno_of(number)] for number, name in enumerate(NAMES)}


def _facts(name: str, number: int) -> list[Fact]:
    """The list says name, account and phone; of who is on none, settlements say the name."""
    origin = "settlement" if name == UNLISTED else "bureau_list"
    found = [Fact("name", origin, SHARED_NAME if name == SECOND else name, "2026-10")]
    if name != NO_CARD:
        found.append(Fact("account", origin, f"62{number:017d}", "2026-10"))
    if name not in (REFUSED, NO_CARD, WINDOW):
        found.append(Fact("phone", origin, f"1380000{number:04d}", "2026-10"))
    return found


def _deliver(staged: StagedCounty, people: Mapping[str, str]) -> None:
    def bill(name: str, **more: Any) -> Mapping[str, Any]:
        number = NAMES.index(name) + 1
        own = {"person_key": people[name], "inscp_scp_amt": 399_000, "medfee_sumamt": 500_000, "fund_pay_sumamt": 100_000}
        return {**settlement(f"S{number:02d}", on=date(2026, 10, number)), **own, **more}

    staged.deliver(
        "settlement",
        "settlement",
        "2026-10",
        *(bill(one) for one in (PAID, UNLISTED, WAITING, REFUSED, BOUNCED, HOSPITAL, NO_CARD, CUT)),
        bill(BELOW, inscp_scp_amt=50_000),
        bill(ACCIDENT, dise_code="S72.0"),
        bill(UNKNOWN, hifp_pay=None),
        bill(WINDOW, maf_pay=10_000),
        bill(REFUND),
        bill(REFUND, setl_id="S07R", refd_setl_flag="1", init_setl_id="S07", inscp_scp_amt=-399_000, medfee_sumamt=-500_000),
        bill(LATE, dise_code="C34.900"),
    )
    poor = [name for name in NAMES if name not in (UNLISTED, LATE)]
    towns = {SECOND: "西乡"}
    staged.deliver("roster", "bureau_list", "2026-10", *(listed(people[one], town=towns.get(one, "东镇")) for one in poor))
    staged.deliver("roster", "union_list", "2026-09", listed(people[LATE], "WORKER", town="东镇"))
    fee = {"person_key": people[FIRST], "paid_on": date(2026, 10, 20), "fee_fen": 0, "enrol_id": "F1", "benefit_year": 2026}
    staged.deliver("enrolment", "enrolment", "2026-10", fee)


def _relation(county: County) -> None:
    """The hospital advanced the whole cost of one bill."""
    form = {
        "kind": "hospital",
        "beneficiary_certno": certno_of(NAMES.index(HOSPITAL)),
        "payee_certno": CLINIC_CODE,
        "payee_name": "虚构县医院",
        "payee_account": "6288888888888888888",
        "event_id": f"S{NAMES.index(HOSPITAL) + 1:02d}",
        "advanced_yuan": "1243.50",
    }
    found = payees.add(county.job, json.dumps(form, ensure_ascii=False), paper_sha256=PAPER)
    payees.confirm(replace(county.job, actor="zhao"), found)


def _decide(county: County, others: Mapping[str, tuple[Outcome, str] | None]) -> None:
    """Every item is agreed to, but of these people: another outcome with its reason, or none yet."""
    names = {key: name for name, key in county.people.items()}
    with county.job.ledger.begin() as connection:
        acts = []
        for item in approvals.undecided(connection, county_code=county.job.county_code):
            decided = others.get(names[item["person_key"]], (Outcome.AGREE, "REVIEWED"))
            if decided is not None:
                act = Act(
                    Happening.DECIDED, item["department_code"], "approver", item["holder_department"], county.job.as_of,
                    outcome_code=decided[0].value, reason_code=decided[1], how="person",
                )  # fmt: skip
                acts.append((item["application_id"], act))
        assert not move(connection, county.job.pack, acts).refused
