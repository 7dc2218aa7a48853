"""correct: money paid beyond what is due is asked for openly, once, of nobody who lost nothing; later awards settle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError
from tests.stages.money_county import AS_OF, County, Line, make_county
from tests.stages.staged_county import example_pack
from tests.stages.test_pay import paid, rows
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.cases import Happening, state_of
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.core.pack import Pack
from mianshen.policy.packs import load_pack
from mianshen.stages import apply, correct, handle, pay, reconcile
from mianshen.stages.disclose.matters import matters_of
from mianshen.warehouse import cases, payments, recoveries
from mianshen.warehouse.ledger import RECOVERY, RECOVERY_ENTRY, RECOVERY_LINE

Agree = Callable[..., None]


def with_recovery(pack: Pack, *, of: Pack | None = None, **changes: Any) -> Pack:
    """The pack with the fictional county's rules and process, or those of another, its steps held by one of its departments."""
    example = of or example_pack(AS_OF.date())
    assert example.recovery is not None
    process = example.process("recovery")
    steps = tuple(replace(one, department_code="medical_security") for one in process.steps)
    known = {one.code for one in pack.time_limits}
    return replace(
        pack,
        recovery=replace(example.recovery, **changes),
        processes=(
            *(one for one in pack.processes if one.code != process.code),
            replace(process, lead_department="medical_security", steps=steps),
        ),
        time_limits=(*pack.time_limits, *(one for one in example.time_limits if one.code not in known)),
    )


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path / "home", ["甲", "乙", "丙"])
    made.with_pack(with_recovery)
    return made


def month(county: County, agree_all: Agree, lines: list[Line], causes: Mapping[str, list[str]] | None = None) -> dict[str, int]:
    """The chain from an assessment to the payments; what `correct` counted."""
    county.assess(lines, causes=causes)
    apply.run(county.job)
    agree_all(county)
    counts = correct.run(county.job).counts
    pay.run(county.job)
    county.later(days=1)
    return counts


def only(county: County, table: Table) -> dict[str, Any]:
    (row,) = rows(county, table)
    return row


def state(county: County, case_id: str) -> Any:
    with county.job.ledger.connect() as connection:
        return state_of(cases.events_of(connection, [case_id])[case_id])


def do(county: County, case_id: str, step: str, outcome: str, *, by: str = "li", reason: str | None = None) -> None:
    act = Act(Happening.DECIDED, step, by, "medical_security", county.job.as_of, outcome_code=outcome, reason_code=reason)
    handle.act(county.job, case_id, act)
    county.later(hours=1)


PAID = [Line("甲", "e1", 90_000), Line("甲", "e1", 10_000, "special_disabled"), Line("乙", "e2", 7_000)]


def test_a_refund_after_payment_is_asked_for_in_a_case_by_fund_and_department(county: County, agree_all: Agree) -> None:
    month(county, agree_all, PAID)
    counts = month(county, agree_all, [Line("甲", "e1", 40_000), Line("乙", "e2", 7_000)], {"甲": ["refund"]})
    assert (counts["case_found"], counts["case_fen"], counts["open_fen"]) == (1, 60_000, 60_000)
    row = only(county, RECOVERY)
    assert (row["person_key"], row["amount_fen"], row["cause"]) == (county.people["甲"], 60_000, "refund")
    lines = {line["department_code"]: line["amount_fen"] for line in rows(county, RECOVERY_LINE)}
    assert lines == {"civil_affairs": -50_000, "disabled": -10_000}
    assert set(state(county, row["case_id"]).open) == {"check"}
    assert paid(county) == {"甲": 100_000, "乙": 7_000}
    again = correct.run(county.job).counts
    assert (again["case_found"], again["kept_fen"], again["open_fen"]) == (0, 0, 60_000)


def test_shares_that_move_between_departments_ask_nobody(county: County, agree_all: Agree) -> None:
    month(county, agree_all, PAID)
    moved = [Line("甲", "e1", 30_000), Line("甲", "e1", 70_000, "special_disabled"), Line("乙", "e2", 7_000)]
    counts = month(county, agree_all, moved, {"甲": ["identity_added"]})
    assert (counts["case_found"], counts["small_found"], counts["forgiven_found"]) == (0, 0, 0)
    assert paid(county) == {"甲": 100_000, "乙": 7_000}


def test_a_person_waits_for_a_department_before_anything_is_asked(county: County, agree_all: Agree) -> None:
    month(county, agree_all, PAID)
    more = [Line("甲", "e1", 20_000), Line("甲", "e1", 90_000, "special_disabled"), Line("乙", "e2", 7_000)]
    county.assess(more, causes={"甲": ["identity_added"]})
    apply.run(county.job)
    assert correct.run(county.job).counts["open"] == 0, "what the other department gives is not decided yet"
    agree_all(county)
    assert correct.run(county.job).counts["open"] == 0
    pay.run(county.job)
    assert paid(county)["甲"] == 110_000


@pytest.mark.parametrize(("left", "cause", "way"), [(89_500, "refund", "small"), (40_000, "code", "forgiven")])
def test_small_differences_and_our_own_mistakes_are_let_go(
    county: County, agree_all: Agree, left: int, cause: str, way: str
) -> None:
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    counts = month(county, agree_all, [Line("甲", "e1", left)], {"甲": [cause]})
    assert (counts[f"{way}_found"], counts["open_fen"]) == (1, 0)
    assert only(county, RECOVERY)["case_id"] is None
    assert (only(county, RECOVERY_ENTRY)["entry"], only(county, RECOVERY_ENTRY)["amount_fen"]) == ("let_go", 90_000 - left)
    month(county, agree_all, [Line("甲", "e1", left), Line("甲", "e9", 3_000)])
    assert paid(county)["甲"] == 93_000, "what was let go is not taken from a later award"


def test_later_awards_are_kept_only_where_the_pack_allows_and_never_beyond_the_claim(county: County, agree_all: Agree) -> None:
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    month(county, agree_all, [Line("甲", "e1", 40_000)], {"甲": ["resettled"]})
    counts = month(county, agree_all, [Line("甲", "e1", 40_000), Line("甲", "e3", 20_000)])
    assert (counts["kept_fen"], counts["open_fen"]) == (20_000, 30_000)
    counts = month(county, agree_all, [Line("甲", "e1", 40_000), Line("甲", "e3", 20_000), Line("甲", "e4", 80_000)])
    assert (counts["kept_fen"], counts["open_fen"], counts["cases_settled"]) == (30_000, 0, 1)
    assert paid(county)["甲"] == 90_000 + 50_000 == 40_000 + 20_000 + 80_000
    assert state(county, only(county, RECOVERY)["case_id"]).end_code == "recovered"
    assert reconcile.run(county.job).counts["differences"] == 0


def test_without_offset_the_award_is_paid_and_the_claim_stands(county: County, agree_all: Agree) -> None:
    county.with_pack(lambda pack: replace(pack, recovery=pack.recovery and replace(pack.recovery, is_offset_allowed=False)))
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    month(county, agree_all, [Line("甲", "e1", 40_000)], {"甲": ["resettled"]})
    counts = month(county, agree_all, [Line("甲", "e1", 40_000), Line("甲", "e3", 20_000)])
    assert (counts["kept_fen"], counts["open_fen"], paid(county)["甲"]) == (0, 50_000, 110_000)


@pytest.mark.parametrize(("later", "asked", "sent"), [(60_000, 0, 100_000), (50_000, 0, 90_000), (20_000, 30_000, 90_000)])
def test_who_loses_nothing_on_the_whole_is_asked_for_nothing_though_no_award_is_ever_kept(
    county: County, agree_all: Agree, later: int, asked: int, sent: int
) -> None:
    """A refund of 500 yuan and a new claim in one look, where nothing is offset: paid is what is due now less what was paid, and
    asked for is by how much the person's total fell. What comes when a claim stands already is paid whole (above)."""
    county.with_pack(lambda pack: replace(pack, recovery=pack.recovery and replace(pack.recovery, is_offset_allowed=False)))
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    lines = [Line("甲", "e1", 40_000), Line("甲", "e3", later)]
    counts = month(county, agree_all, lines, {"甲": ["refund", "claim_new"]})
    assert (counts["open_fen"], counts["kept_fen"], paid(county)["甲"]) == (asked, 0, sent)
    assert sent - asked == sum(one.fen for one in lines)


def test_a_claim_falls_when_its_own_facts_come_back(county: County, agree_all: Agree) -> None:
    county.with_pack(lambda pack: replace(pack, recovery=pack.recovery and replace(pack.recovery, is_offset_allowed=False)))
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    month(county, agree_all, [], {"甲": ["identity_revoked"]})
    counts = month(county, agree_all, [Line("甲", "e1", 90_000)], {"甲": ["identity_added"]})
    assert (counts["kept_fen"], counts["open_fen"], paid(county)["甲"]) == (90_000, 0, 90_000)
    assert [row["entry"] for row in rows(county, RECOVERY_ENTRY)] == ["fallen"]


def owing(county: County, agree_all: Agree) -> str:
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    month(county, agree_all, [Line("甲", "e1", 40_000)], {"甲": ["refund"]})
    case_id = str(only(county, RECOVERY)["case_id"])
    do(county, case_id, "check", "confirm")
    do(county, case_id, "notice", "sent")
    return case_id


def test_money_that_comes_back_counts_once_and_ends_the_case(county: County, agree_all: Agree) -> None:
    case_id = owing(county, agree_all)
    plan = correct.agree_instalments(county.job, case_id, parts=3, first_on=date(2026, 11, 30))
    assert plan == [("2026-11-30", 16_666), ("2026-12-30", 16_666), ("2027-01-30", 16_668)]
    assert correct.receive(county.job, case_id, amount_fen=16_666, reference="收据1")
    assert not correct.receive(county.job, case_id, amount_fen=16_666, reference="收据1")
    with pytest.raises(MianshenError, match="RECOVERY_OVERPAID"):
        correct.receive(county.job, case_id, amount_fen=33_335, reference="收据2")
    assert state(county, case_id).end_code is None
    assert correct.receive(county.job, case_id, amount_fen=33_334, reference="收据2")
    assert state(county, case_id).end_code == "recovered"
    with pytest.raises(MianshenError, match="RECOVERY_PARTS"):
        correct.agree_instalments(county.job, case_id, parts=1, first_on=date(2026, 11, 30))


def test_the_letter_says_what_why_and_how_much_and_names_nobody_before_it_is_opened(county: County, agree_all: Agree) -> None:
    owing(county, agree_all)
    row = only(county, RECOVERY)
    correct.agree_instalments(county.job, row["recovery_id"], parts=2, first_on=date(2026, 12, 10))
    for number in (row["recovery_id"], row["case_id"]):
        (matter,) = matters_of(county.job, FormCode.RECOVERY, number)
        assert (matter.person_key, matter.words) == (
            county.people["甲"],
            {"amount": "500.00", "days": "30天", "department": "区医疗保障局"},
        )
        assert dict(matter.facts)["多付原因"] == "退费"
        assert [table.rows for table in matter.tables] == [
            (("e1", "民政专项医疗救助", "区民政局", "-500.00"),),
            (("1", "2026年12月10日", "250.00"), ("2", "2027年1月10日", "250.00")),
        ]


def test_a_clerk_lists_and_reads_recoveries_at_the_terminal(county: County, agree_all: Agree) -> None:
    owing(county, agree_all)
    row = only(county, RECOVERY)
    place = ["--pack", county.job.pack.name, "--home", str(county.job.home.root)]
    listed = CliRunner().invoke(app, ["correction", "list", *place])
    assert listed.exit_code == 0 and row["recovery_id"] in listed.output and "退费" in listed.output and "500.00" in listed.output
    shown = CliRunner().invoke(app, ["correction", "show", row["case_id"], *place])
    assert shown.exit_code == 0 and "e1" in shown.output and "-500.00" in shown.output and row["run_id"][:12] in shown.output
    taken = [*("correction", "receive", row["case_id"], *place), "--actor", "li", "--yuan", "500.00", "--reference", "R1"]
    assert CliRunner().invoke(app, taken).exit_code == 0
    assert row["recovery_id"] not in CliRunner().invoke(app, ["correction", "list", *place]).output


def test_somebody_else_writes_off_and_then_nothing_is_open(county: County, agree_all: Agree) -> None:
    case_id = owing(county, agree_all)
    do(county, case_id, "repay", "propose", by="wang", reason="HARDSHIP")
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        do(county, case_id, "write_off", "agree", by="wang")
    do(county, case_id, "write_off", "agree", by="zhao")
    assert correct.run(county.job).counts["open_fen"] == 0
    entry = only(county, RECOVERY_ENTRY)
    assert (entry["entry"], entry["actor"], entry["amount_fen"]) == ("written_off", "zhao", 50_000)


def test_the_database_refuses_a_posting_in_two_recoveries_and_any_change(county: County, agree_all: Agree) -> None:
    owing(county, agree_all)
    row, line = only(county, RECOVERY), only(county, RECOVERY_LINE)
    twice = {**row, "recovery_id": "C2"}
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        recoveries.write_recoveries(connection, [twice], [{**line, "recovery_id": "C2"}])
    with pytest.raises(Exception, match="append-only"), county.job.ledger.begin() as connection:
        connection.execute(RECOVERY.update().values(amount_fen=1))


def test_a_county_that_says_nothing_carries_the_balance_forward(county: County, agree_all: Agree) -> None:
    county.with_pack(lambda pack: replace(pack, recovery=None))
    month(county, agree_all, [Line("甲", "e1", 90_000)])
    assert month(county, agree_all, [Line("甲", "e1", 40_000)]) == {"recoveries": 0}
    assert rows(county, RECOVERY) == []
    with county.job.ledger.connect() as connection:
        holds = payments.standing_holds(connection, county_code=county.job.county_code)
    assert [(one["reason_code"], one["amount_fen"]) for one in holds] == [("NET_NOT_POSITIVE", -50_000)]


@pytest.mark.parametrize("name", ["510118_xinjin", "320902_tinghu"])
def test_a_shipped_county_asks_for_it_openly_and_keeps_no_later_award(tmp_path: Path, agree_all: Agree, name: str) -> None:
    """By the county's own rules and process: a case opens, the next claim is paid in full, who asked writes nothing off."""
    made = make_county(tmp_path / "home", ["甲"])
    own = load_pack(name, on=AS_OF.date(), overlays=("extend_trial",) if "tinghu" in name else ())
    made.with_pack(lambda pack: with_recovery(pack, of=own))
    month(made, agree_all, [Line("甲", "e1", 90_000)])
    month(made, agree_all, [Line("甲", "e1", 40_000)], {"甲": ["refund"]})
    month(made, agree_all, [Line("甲", "e1", 40_000), Line("甲", "e2", 7_000)])
    row = only(made, RECOVERY)
    assert (row["way"], row["amount_fen"], paid(made)) == ("case", 50_000, {"甲": 97_000})
    do(made, row["case_id"], "check", "confirm")
    do(made, row["case_id"], "notice", "sent")
    do(made, row["case_id"], "repay", "propose", reason="HARDSHIP")
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        do(made, row["case_id"], "write_off", "agree")
    do(made, row["case_id"], "write_off", "agree", by="zhao")
    assert state(made, row["case_id"]).end_code == "written_off"
    assert correct.run(made.job).counts["open_fen"] == 0
