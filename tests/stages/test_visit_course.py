"""A family on no list, from the visit to the written refusal or the confirmation: each step its owner, its papers, its clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.stages.families import SPOUSE, answer, checked, family, written
from tests.stages.money_county import County, make_county
from tests.stages.radar_home import over_line, profiled, rows

from mianshen.core.cases import Happening, state_of
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.core.visits import SpokeWith, Visit, Way
from mianshen.documents import means_sheet
from mianshen.stages import disclose, handle, means, radar, visits
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import open_keyring
from mianshen.warehouse.cases import events_of
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import CASE, FAMILY_MEMBER, MEANS_ANSWER, MEANS_TEST


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


LINE = 3 * 1100 * 12
"""Yuan a head that a family within the line earns in twelve months at most."""


def applied(county: County, *incomes: float) -> dict[str, int]:
    """The town applied for the family of two, civil affairs told these incomes."""
    act(county, "assist", "town", papers=("application", "authorisation"))
    county.later(hours=1)
    assert disclose.take_family(county.job, family(county.job, case_of(county), SPOUSE), where="family.xlsx") == 2
    act(county, "assist", "town", outcome="submitted")
    county.later(hours=1)
    county.job = replace(county.job, actor="civil_affairs_li")
    return checked(county.job, *incomes)


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
    assert applied(county, LINE, LINE) == {"recorded": 2, "stood": 0, "tested": 1, "within": 1}
    with pytest.raises(MianshenError) as refused:
        act(county, "decide", "medical_security", outcome="agree", by="civil_affairs_li")
    assert refused.value.code == "MAKER_IS_CHECKER"
    act(county, "decide", "medical_security", outcome="agree")
    assert standing(county) == ([], "confirmed")


def test_a_family_above_the_line_is_told_in_writing_why_and_what_it_can_do(county: County) -> None:
    with pytest.raises(MianshenError, match="PAPER_NOTHING"):
        disclose.print_form(county.job, FormCode.REFUSED, case_of(county))
    applied(county, LINE, LINE + 0.01)
    with pytest.raises(MianshenError) as refused:
        act(county, "decide", "medical_security", outcome="agree")
    assert refused.value.code == "MEANS_OTHERWISE" and "3,300.00 > 3 × 1,100.00" in refused.value.found
    act(county, "decide", "medical_security", outcome="refuse", reason="INCOME_ABOVE_LINE")
    assert standing(county) == (["tell"], None), "the refusal ends nothing before the family was told"
    made = disclose.print_form(county.job, FormCode.REFUSED, case_of(county))
    text = made.path.read_text("utf-8")
    assert "甲某" in text and "应救未救走访与认定" in text and "行政复议" in text and "区医疗保障局" in text
    assert "收入合计 79,200.01 元" in text and "低保标准 1,100.00 元的 3 倍为 3,300.00 元" in text, "why, to the fen"
    act(county, "tell", "town", outcome="told")
    assert standing(county) == ([], "refused")


def test_every_step_ran_by_its_own_clock_with_its_own_holder(county: County) -> None:
    applied(county, LINE + 1, LINE)
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


def test_no_step_is_passed_without_members_incomes_and_a_test(county: County) -> None:
    act(county, "assist", "town", papers=("application", "authorisation"))
    for step, department, outcome in (("assist", "town", "submitted"), ("check", "civil_affairs", "answered")):
        with pytest.raises(MianshenError) as refused:
            act(county, step, department, outcome=outcome)
        assert refused.value.code == "MEANS_MISSING"
        if step == "assist":
            disclose.take_family(county.job, family(county.job, case_of(county)), where="family.xlsx")
            act(county, "assist", "town", outcome="submitted")


def taken(county: County, content: bytes) -> tuple[int, ...]:
    """Recorded, stood, tested, within."""
    return tuple(means.take_answer(county.job, content, where="answer.xlsx").counts.values())


def test_what_is_told_twice_stands_once_and_what_is_told_otherwise_is_refused_whole(county: County) -> None:
    act(county, "assist", "town", papers=("application", "authorisation"))
    sheet = family(county.job, case_of(county), SPOUSE)
    assert [disclose.take_family(county.job, sheet, where="family.xlsx") for _ in "12"] == [2, 0]
    other = family(county.job, case_of(county))
    with pytest.raises(MianshenError, match="MEANS_KNOWN"):
        disclose.take_family(county.job, other, where="other.xlsx")
    act(county, "assist", "town", outcome="submitted")
    county.later(hours=1)
    half = answer(county.job, 3600.5, None)
    assert taken(county, half) == (1, 0, 0, 0)
    for wrong in ("-1", "1.005", "没有", "=1+1"):
        with pytest.raises(MianshenError, match="SHEET_INVALID"):
            means.take_answer(county.job, answer(county.job, 3600.5, wrong), where="wrong.xlsx")
    whole = answer(county.job, "3,600.50", 0)
    assert means.take_answer(county.job, whole, where="whole.xlsx").counts == {
        "recorded": 1,
        "stood": 1,
        "tested": 1,
        "within": 1,
    }
    counted = [len(rows(county, one)) for one in (FAMILY_MEMBER, MEANS_ANSWER, MEANS_TEST)]
    assert means.take_answer(county.job, whole, where="again.xlsx").counts == {
        "recorded": 0,
        "stood": 2,
        "tested": 0,
        "within": 0,
    }
    assert [len(rows(county, one)) for one in (FAMILY_MEMBER, MEANS_ANSWER, MEANS_TEST)] == counted == [2, 2, 1]
    with pytest.raises(MianshenError, match="SHEET_INVALID"):
        means.take_answer(county.job, written(whole, means_sheet.SHEET, {"J9": "1"}), where="other.xlsx")
    with pytest.raises(MianshenError, match="SHEET_CHANGED"):
        means.take_answer(county.job, written(whole, means_sheet.SHEET, {"E9": "乙"}), where="changed.xlsx")


def test_the_answer_lies_in_custody_and_no_name_or_number_outside_the_vault(county: County) -> None:
    applied(county, 0, 0)
    told = str([rows(county, one) for one in (FAMILY_MEMBER, MEANS_ANSWER, MEANS_TEST)])
    assert not any(one in told for one in (*SPOUSE[:2], "甲某"))
    (sheet,) = {row["sheet_sha256"] for row in rows(county, MEANS_ANSWER)}
    assert disclose.keep_answer(county.job, answered_bytes(county)) == sheet, "the file that was taken is the one that is kept"


def answered_bytes(county: County) -> bytes:
    """The answer as it lies in custody."""
    (sheet,) = {row["sheet_sha256"] for row in rows(county, MEANS_ANSWER)}
    vault = open_database(county.job.vault_url)
    return Custody(county.job.home.custody, vault, open_keyring(county.job.home.keyring)).open(sheet)
