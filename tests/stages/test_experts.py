"""R002-06: experts of Daye's pool are drawn with recusals and a log, and nobody else gives the opinion. Counts tell the year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from tests.stages.money_county import County, make_county
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.cases import Happening
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.experts import Recusal, draw
from mianshen.core.moves import Act
from mianshen.policy.packs import load_pack
from mianshen.stages import handle
from mianshen.stages.draw import draw as draw_experts
from mianshen.warehouse import case_counts, experts
from mianshen.warehouse.audit import rows_of
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.ledger import EXPERT_DRAW

OPENED = datetime(2026, 3, 2, 9, tzinfo=ZONE)
PAPERS = ("id_or_card", "review_form", "medical_records", "test_report")


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path, ("甲",))
    daye = load_pack("420281_daye", on=OPENED.date())
    made.with_pack(lambda _: daye)
    made.job = replace(made.job, as_of=OPENED)
    return made


def applied(county: County, *items: str) -> list[str]:
    matters = [Matter("A1", 2026, channel="window", town="东风路街道", item_code=item) for item in items]
    return handle.open_cases(county.job, "chronic_disease", matters)


def act(county: County, case: str, step: str, outcome: str = "", *, days: int = 1, **said: Any) -> None:
    county.later(days=days)
    process = county.job.pack.process("chronic_disease")
    actor = said.pop("actor", f"clerk_{step}")
    happening = said.pop("happening", Happening.DECIDED)
    handle.act(
        county.job, case, Act(happening, step, actor, process.step(step).department_code, county.job.as_of, outcome, **said)
    )


def to_review(county: County, case: str) -> None:
    act(county, case, "first_check", happening=Happening.PAPERS, papers=PAPERS, days=0)
    act(county, case, "first_check", "accept")


def test_r002_06_three_are_drawn_without_the_treating_doctor_and_one_of_them_decides(county: County) -> None:
    (case,) = applied(county, "M001")
    to_review(county, case)
    with pytest.raises(MianshenError, match="EXPERT_NOT_DRAWN"):
        act(county, case, "review", "agree", actor="expert_01")
    made = draw_experts(county.job, case, "review", {"expert_01": Recusal.TREATING_DOCTOR})
    assert len(made.experts) == 3 and "expert_01" not in made.experts
    with pytest.raises(MianshenError, match="EXPERT_NOT_DRAWN"):
        act(county, case, "review", "agree", actor="expert_01")
    act(county, case, "review", "agree", actor=made.experts[0])
    (told,) = [row for row in rows_of_chain(county) if row["action"] == "experts.drawn"]
    assert made.seed in told["detail"] and told["subject"] == case


def rows_of_chain(county: County) -> list[Any]:
    with county.job.ledger.connect() as connection:
        return list(rows_of(connection))


def test_the_log_is_enough_to_draw_again(county: County) -> None:
    (case,) = applied(county, "M001")
    to_review(county, case)
    draw_experts(county.job, case, "review", {"expert_02": Recusal.TREATING_DOCTOR})
    with county.job.ledger.connect() as connection:
        (kept,) = experts.draws_of(connection, [case])[case, "review", 1]
    assert county.job.pack.experts is not None
    again = draw(county.job.pack.experts, item="M001", recused=kept.recused, seed=kept.seed)
    assert tuple(one.code for one in again) == kept.experts


def test_the_same_draw_again_is_the_one_that_stands_and_a_new_recusal_draws_anew(county: County) -> None:
    (case,) = applied(county, "M001")
    to_review(county, case)
    first = draw_experts(county.job, case, "review", {})
    assert draw_experts(county.job, case, "review", {}) == first
    second = draw_experts(county.job, case, "review", {first.experts[0]: Recusal.UNAVAILABLE})
    assert (second.draw_no, first.experts[0] in second.experts) == (2, False)
    with pytest.raises(MianshenError, match="EXPERT_NOT_DRAWN"):
        act(county, case, "review", "agree", actor=first.experts[0])
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        connection.execute(EXPERT_DRAW.update().values(experts="expert_09"))


def test_who_treated_the_person_is_not_drawn_after_an_objection_either(county: County) -> None:
    (case,) = applied(county, "M001")
    to_review(county, case)
    first = draw_experts(county.job, case, "review", {"expert_01": Recusal.TREATING_DOCTOR, "expert_02": Recusal.UNAVAILABLE})
    act(county, case, "review", "agree", actor=first.experts[0])
    act(county, case, "recheck", "return", reason_code="CRITERIA_NOT_MET")
    second = draw_experts(county.job, case, "review", {})
    assert (second.draw_no, dict(second.recused)) == (1, {"expert_01": "treating_doctor"})
    assert "expert_01" not in second.experts


def test_a_step_that_experts_do_not_decide_or_that_waits_for_nobody_draws_none(county: County) -> None:
    (case,) = applied(county, "M001")
    with pytest.raises(MianshenError, match="EXPERTS_NOT_ASKED"):
        draw_experts(county.job, case, "first_check", {})
    with pytest.raises(MianshenError, match="STEP_NOT_OPEN"):
        draw_experts(county.job, case, "review", {})


def reviewed(county: County, case: str, outcome: str, **said: Any) -> None:
    to_review(county, case)
    act(county, case, "review", outcome, actor=draw_experts(county.job, case, "review", {}).experts[0], **said)


def test_counts_say_who_applied_who_passed_by_disease_and_how_long_it_took(county: County, invoke: Callable[..., str]) -> None:
    """R002-15, R000-21: cases by step, by end and by disease, with their working days."""
    first, second, third = applied(county, "M001", "M002", "M003")
    reviewed(county, first, "agree")
    reviewed(county, second, "refuse", reason_code="CRITERIA_NOT_MET")
    act(county, second, "recheck_refusal", "agree", reason_code="CRITERIA_NOT_MET")
    assert county.job.as_of.date().isoformat() == "2026-03-07", "a Saturday: four working days after Monday the 2nd"
    with county.job.ledger.connect() as connection:
        ends = case_counts.ended(connection, county_code=county.job.county_code, calendar=county.job.pack.calendar)
        steps = case_counts.stepped(connection, county_code=county.job.county_code, benefit_year=2026)
        assert case_counts.stepped(connection, county_code=county.job.county_code, benefit_year=2025) == []
    assert [(one.item_code, one.end_code, one.cases, one.median_workdays) for one in ends] == [
        ("M001", "", 1, None),
        ("M002", "refused", 1, 4),
        ("M003", "", 1, None),
    ]
    assert {(one.item_code, one.step_code, one.outcome_code): one.cases for one in steps} == {
        ("M001", "first_check", "accept"): 1,
        ("M001", "review", "agree"): 1,
        ("M001", "recheck", ""): 1,
        ("M002", "first_check", "accept"): 1,
        ("M002", "review", "refuse"): 1,
        ("M002", "recheck_refusal", "agree"): 1,
        ("M003", "first_check", ""): 1,
    }
    assert third
    assert "专家评审" in invoke("case", "counts", "--pack", "420281_daye", "--home", str(county.job.home.root))


@pytest.fixture
def invoke() -> Callable[..., str]:
    def ran(*words: str) -> str:
        found = CliRunner().invoke(app, list(words))
        assert found.exit_code == 0, found.output
        return found.output

    return ran
