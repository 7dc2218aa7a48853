"""A county that has no layout of its own: the generic list and the generic expenses from the inbox to the payment file."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.end_to_end.counties import agreeing, steady_entropy

from mianshen.cli.init import prepare
from mianshen.core.bank import BankField
from mianshen.core.days import ZONE, Month
from mianshen.core.ids import make_certno
from mianshen.core.money import parse_fen
from mianshen.core.paths import Home
from mianshen.core.plan import EventKind
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.packs import POLICIES, load_pack
from mianshen.stages.catalogue import STAGES
from mianshen.stages.frame import Job
from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute

AS_OF = datetime(2026, 11, 6, 9, tzinfo=ZONE)
LIST_HEAD = ("姓名", "身份证号", "人员类别", "镇街", "村社区", "手机号", "银行账号", "认定日期")
COST_HEAD = (
    "结算流水号", "身份证号", "姓名", "就医地", "医疗机构", "入院日期", "出院日期", "结算日期", "病种编码", "总费用",
    "医保范围内费用", "基本医保支付", "大病保险支付", "其他支付", "个人负担",
)  # fmt: skip
CONTRACT = "extends: generic_expense\ndepartment: bureau\nsource: example\narticle: 附则\nstatus: illustrative\n"


def certno(number: int) -> str:
    return make_certno(born=date(1950, 3, 3), serial=number)


def listed(number: int, **changes: str) -> dict[str, str]:
    name = "甲乙丙丁戊己庚辛壬癸"[number % 10] + "某"
    row = dict(
        zip(LIST_HEAD, (name, certno(number), "低收入者", "东镇", "一村", "", f"62{number:015d}", "2026-01-01"), strict=True)
    )
    return row | changes


def cost(serial: str, number: int, yuan: int, **changes: str) -> dict[str, str]:
    """A stay whose range is what the person bears, but for a tenth that basic insurance pays."""
    paid = yuan // 10
    name = "甲乙丙丁戊己庚辛壬癸"[number % 10] + "某"
    days = ("2026-10-03", "2026-10-06", "2026-10-06 10:00:00", "I63.900")
    money = (f"{yuan}.00", f"{yuan}.00", f"{paid}.00", "0.00", "0.00", f"{yuan - paid}.00")
    return dict(zip(COST_HEAD, (serial, certno(number), name, "100999", "县医院", *days, *money), strict=True)) | changes


CLEAN_LIST = [listed(number) for number in range(1, 6)]
CLEAN_COSTS = [cost(f"S{number}", number, 8_000 * number) for number in range(1, 6)]
WRONG = certno(1)[:-1] + ("1" if certno(1)[-1] != "1" else "2")
DIRTY_LIST = [*CLEAN_LIST, listed(6, 身份证号=WRONG), listed(7, 镇街="东"), CLEAN_LIST[0]]
DIRTY_COSTS = [
    *CLEAN_COSTS,
    cost("S6", 2, 9_000, 个人负担="1.00"),
    cost("S7", 3, 9_000, 身份证号=""),
    cost("S8", 4, 30_000),
    cost("S8-R", 4, -30_000),
    CLEAN_COSTS[1],
    cost("S9", 9, 50_000),
]


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional county with nothing but the generic contracts.

    Generic expenses say neither the kind of care nor relief paid at the window: its law asks for neither.
    """
    root = tmp_path_factory.mktemp("policies")
    for name in ("national", "_example"):
        shutil.copytree(POLICIES / name, root / name)
    (root / "_example" / "feeds" / "settlement.yaml").write_text(CONTRACT, "utf-8")
    law = root / "_example" / "policy.yaml"
    written = law.read_text("utf-8").replace('med_types: ["11", "14", "21"]', "med_types: []")
    none = "      - {field: hifes_pay, sign: minus, absent_means: zero, reason: 本县没有企业补充保险}\n"
    written = written.replace("value: same_benefit", "value: earlier_payer").replace(
        none, none + none.replace("hifes_pay", "maf_pay")
    )
    law.write_text(written.replace("counts_window_relief: true", "counts_window_relief: false"), "utf-8")
    return root


def run(home: Home, policies: Path, people: list[dict[str, str]], costs: list[dict[str, str]]) -> Job:
    """Every stage over the two files, the clerks agreeing to everything."""
    prepare(home, packs=("_example",), go_live="2026-10-01")
    for name, rows in (("bureau_list_202610.csv", people), ("expense_100999_202610.csv", costs)):
        with (home.inbox("_example") / name).open("w", encoding="gb18030", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    job = Job(
        home=home,
        pack=load_pack("_example", on=AS_OF.date(), root=policies),
        month=Month(2026, 10),
        as_of=AS_OF,
        entropy=steady_entropy("generic"),
        actor="system",
        ledger_url=home.ledger_url,
        vault_url=home.vault_url,
        go_live_on=date(2026, 10, 1),
    )
    for name, entry in STAGES.items():
        entry(job)
        if name == "approve":
            agreeing(job)
    return job


def due(job: Job, people: dict[int, dict[str, int]]) -> dict[str, int]:
    """What the calculator for one person gives to each claim of listed people: claim to fen."""
    found = {}
    for costs in people.values():
        claims = [
            Claim(
                event_id=serial,
                kind=EventKind.CARE,
                benefit_year=2026,
                since=date(2026, 10, 3),
                until_on=date(2026, 10, 6),
                settled_on=date(2026, 10, 6),
                settled_at=datetime.fromisoformat("2026-10-06 10:00:00"),
                dise_code="I63.900",
                amounts_fen={"inscp_scp_amt": yuan * 100, "hifp_pay": yuan * 10, "hifmi_pay": 0, "oth_pay": 0},
            )
            for serial, yuan in costs.items()
        ]
        spans = [IdentitySpan("POOR", Span(date(2026, 1, 1), None))]
        found.update(
            {one.event_id: one.relief_fen for one in assess_person(job.pack.plan, events=claims, spans=spans).assessments}
        )
    return found


def rows(job: Job, table: str) -> list[dict[str, Any]]:
    with compute() as con:
        lake.show(con, table, job.lake.history(table, county_code=job.county_code))
        found = con.execute(f"select * from {table}")
        return [dict(zip([one[0] for one in found.description], row, strict=True)) for row in found.fetchall()]


def paid_fen(job: Job) -> int:
    with job.ledger.connect() as connection:
        return int(
            connection.execute(
                text("select coalesce(sum(amount_fen), 0) from payment where state in ('sent', 'manual')")
            ).scalar_one()
        )


def file_fen(job: Job) -> int:
    """Sum of the payment file's amounts, read from its bytes."""
    (path,) = job.home.outbox("_example").glob("pay_*[0-9a-f].csv")
    body = path.read_bytes().decode(job.pack.bank.encoding)
    place = [one.field for one in job.pack.bank.columns].index(BankField.AMOUNT)
    lines = [line.split(job.pack.bank.delimiter) for line in body.split()]
    amounts = [cells[place] for cells in lines if len(cells) == len(job.pack.bank.columns) and cells[0].isdigit()]
    return sum(parse_fen(one) for one in amounts)


STATES = ("rows_load", "rows_fix", "rows_flag", "rows_quarantined", "rows_ignored")
MONTHS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "clean": lambda: (CLEAN_LIST, CLEAN_COSTS, {"roster": (5, 0, 0, 0, 0), "settlement": (5, 0, 0, 0, 0)}),
    "dirty": lambda: (DIRTY_LIST, DIRTY_COSTS, {"roster": (5, 1, 0, 1, 1), "settlement": (8, 0, 0, 2, 1)}),
}


@pytest.mark.parametrize("month", list(MONTHS))
def test_a_county_on_generic_contracts_is_paid_to_the_fen(tmp_path: Path, policies: Path, month: str) -> None:
    people, costs, states = MONTHS[month]()
    job = run(Home(tmp_path / "home"), policies, people, costs)
    proof = {one["feed"]: one for one in rows(job, "checks.conservation")}
    assert {feed: tuple(one[state] for state in STATES) for feed, one in proof.items()} == states
    for one in proof.values():
        assert one["rows_in"] == sum(one[state] for state in STATES)
        assert one["fen_in"] == one["fen_accepted"] + one["fen_quarantined"] + one["fen_ignored"]
    expected = due(job, {number: {f"S{number}": 8_000 * number} for number in range(1, 6)})
    assert len(expected) == 5 and all(fen > 0 for fen in expected.values())
    relief = {one["event_id"]: one["relief_fen"] for one in rows(job, "out.assessment") if one["relief_fen"]}
    assert relief == expected
    assert paid_fen(job) == file_fen(job) == sum(expected.values())
