"""A family on no list, from the visit to the written refusal or the confirmation: each step its owner, its papers, its clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stages.money_county import County, make_county
from tests.stages.radar_home import over_line, profiled, rows

from mianshen.core.cases import Happening, state_of
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.core.visits import SpokeWith, Visit, Way
from mianshen.stages import disclose, handle, radar, visits
from mianshen.warehouse.cases import events_of
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.ledger import CASE


@pytest.fixture
def county(tmp_path: Path) -> County:
    """One family was visited and wants help."""
    made = make_county(tmp_path / "home", ("甲某",))
    made.assess([])
    profiled(made, over_line(made, "甲某"))
    radar.run(made.job)
    made.later(days=1)
    visits.record(made.job, case_of(made), Visit("wants", Way.HOME, SpokeWith.SELF, made.job.as_of.date(), "王"))
    return made


def case_of(county: County) -> str:
    return str(rows(county, CASE)[0]["case_id"])


def act(county: County, step: str, department: str, *, papers: tuple[str, ...] = (), outcome: str = "", reason: str | None = None,
        by: str | None = None) -> None:  # fmt: skip
    county.later(hours=1)
    kind = Happening.PAPERS if papers else Happening.DECIDED
    wanted = Act(kind, step, by or f"{department}_li", department, county.job.as_of, outcome, reason, papers)
    handle.act(county.job, case_of(county), wanted)


def applied(county: County) -> None:
    """The town applied for the family, the means were checked."""
    act(county, "assist", "town", papers=("application", "authorisation"))
    act(county, "assist", "town", outcome="submitted")
    act(county, "check", "civil_affairs", outcome="answered")


def standing(county: County) -> tuple[list[str], str | None]:
    case = case_of(county)
    with county.job.ledger.connect() as connection:
        state = state_of(events_of(connection, [case])[case])
    return sorted(state.open), state.end_code


def test_nothing_is_checked_without_the_family_s_authorisation(county: County) -> None:
    act(county, "assist", "town", papers=("application",))
    with pytest.raises(MianshenError) as refused:
        act(county, "assist", "town", outcome="submitted")
    assert refused.value.code == "PAPERS_MISSING" and "授权书" in refused.value.found


def test_a_family_within_the_line_is_confirmed_by_another_than_who_checked(county: County) -> None:
    applied(county)
    with pytest.raises(MianshenError) as refused:
        act(county, "decide", "medical_security", outcome="agree", by="civil_affairs_li")
    assert refused.value.code == "MAKER_IS_CHECKER"
    act(county, "decide", "medical_security", outcome="agree")
    assert standing(county) == ([], "confirmed")


def test_a_family_above_the_line_is_told_in_writing_why_and_what_it_can_do(county: County) -> None:
    with pytest.raises(MianshenError, match="PAPER_NOTHING"):
        disclose.print_form(county.job, FormCode.REFUSED, case_of(county))
    applied(county)
    act(county, "decide", "medical_security", outcome="refuse", reason="INCOME_ABOVE_LINE")
    assert standing(county) == (["tell"], None), "the refusal ends nothing before the family was told"
    made = disclose.print_form(county.job, FormCode.REFUSED, case_of(county))
    text = made.path.read_text("utf-8")
    assert "甲某" in text and "应救未救走访与认定" in text and "行政复议" in text and "区医疗保障局" in text
    act(county, "tell", "town", outcome="told")
    assert standing(county) == ([], "refused")


def test_every_step_ran_by_its_own_clock_with_its_own_holder(county: County) -> None:
    applied(county)
    act(county, "decide", "medical_security", outcome="refuse", reason="INCOME_ABOVE_LINE")
    act(county, "tell", "town", outcome="told")
    with county.job.ledger.connect() as connection:
        clocks = clocks_of(connection, county.job.county_code, kind="case_step")
    holders = {one["time_limit_code"]: one["holder_department"] for one in clocks}
    assert holders == {
        "visit_days": "town",
        "visit_and_search": holders["visit_and_search"],
        "assist_days": "town",
        "check_days": "civil_affairs",
        "decide_days": "medical_security",
        "tell_days": "town",
    }
    open_clocks = [one["time_limit_code"] for one in clocks if not one["closed_at"]]
    assert open_clocks == [], "nothing runs on after the case has ended"
