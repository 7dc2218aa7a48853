"""Public notices: who may be listed is, masked; the others are a number; days run from the notice; an objection begins anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.stages.money_county import AS_OF, County, Line, make_county
from tests.stages.staged_county import example_pack

from mianshen.core.cases import Happening, state_of
from mianshen.core.days import ZONE
from mianshen.core.forms import FormCode
from mianshen.core.ids import make_certno
from mianshen.core.moves import Act
from mianshen.core.pack import Pack
from mianshen.stages import apply, disclose, handle
from mianshen.vault import register
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import open_keyring
from mianshen.vault.records import Fact
from mianshen.warehouse import cases, notices
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.connect import compute, open_database

ADULT, CHILD, ILL, LISTED_AS_CHILD = "王小明", "李小童", "赵大病", "钱某某"
STEPS = (("review", "agree", "bureau"), ("list_match", "agree", "union"), ("recheck", "agree", "bureau"))


@pytest.fixture
def county(tmp_path: Path) -> County:
    """A grown person, a child, somebody with a mental illness, and somebody on the list of children in hardship."""
    county = make_county(tmp_path / "home", (ADULT, ILL, LISTED_AS_CHILD))
    vault = open_database(county.job.vault_url)
    certno = make_certno(born=date(2012, 1, 1), serial=1)
    entry = {certno: [Fact("name", "minzheng_ertong", CHILD, "2026-10")]}
    known = register.Register(vault, open_keyring(county.job.home.keyring)).record(entry, entropy=county.job.entropy)
    county.people[CHILD] = known.keys[certno]
    vault.dispose()
    example = example_pack(AS_OF.date())
    limits = {one.code: one for one in (*county.job.pack.time_limits, *example.time_limits)}
    county.with_pack(
        lambda pack: replace(
            pack,
            processes=(*pack.processes, *(one for one in example.processes if one.code == "certification")),
            time_limits=tuple(limits.values()),
            departments=(*pack.departments, *example.departments),
        )
    )
    remember(county)
    return county


def remember(county: County) -> None:
    """What the lake knows: a diagnosis and an identity."""
    con = compute()
    ill, child = county.people[ILL], county.people[LISTED_AS_CHILD]
    with county.job.lake.writing(county.job.run_spec("profile", inputs=("facts",))) as run:
        run.write(con, "facts.care_event", f"select 'e9' as event_id, '{ill}' as person_key, 'F20.0' as dise_code")
        spans = f"select '{child}' as person_key, 'KUNJING_ERTONG' as category_code, 'minzheng_ertong' as list_code"
        run.write(con, "facts.identity_span", spans)
        county.job.lake.commit(run)


def to_notice(county: County, *names: str, town: str = "东镇") -> dict[str, str]:
    """The people's cases, moved to the public notice."""
    people = {cases.case_id(county.job.county_code, "certification", matter(county, one, town)): one for one in names}
    handle.open_cases(county.job, "certification", [matter(county, one, town) for one in names])
    came = Act(Happening.PAPERS, "intake", "clerk", "union", county.job.as_of, papers=("application", "discharge"))
    for case in people:
        handle.act(county.job, case, came)
        for step, outcome, department in (("intake", "accept", "union"), *STEPS):
            act(county, case, step, outcome, department)
    return {name: case for case, name in people.items()}


def matter(county: County, name: str, town: str) -> Matter:
    return Matter(f"A{county.people[name][:8]}", 2026, person_key=county.people[name], town=town)


def act(county: County, case: str, step: str, outcome: str, department: str, reason: str | None = None) -> None:
    county.later(minutes=1)
    done = Act(Happening.DECIDED, step, f"{step}er", department, county.job.as_of, outcome_code=outcome, reason_code=reason)
    handle.act(county.job, case, done)


def text_of(made: disclose.Made) -> str:
    return re.sub(r"<style>.*?</style>", "", made.path.read_text("utf-8"), flags=re.DOTALL)


def test_only_grown_people_without_a_protected_trait_are_listed_the_others_are_a_number(county: County) -> None:
    to_notice(county, ADULT, CHILD, ILL, LISTED_AS_CHILD)
    (made,) = disclose.publish(county.job)
    text = text_of(made)
    assert "王*明" in text and ADULT not in text
    for name in (CHILD, ILL, LISTED_AS_CHILD):
        assert name[0] + "*" not in text and name not in text
    assert "另有 3 人依法不列姓名" in text
    assert "100999" not in text and "62000000" not in text and "F20" not in text and "儿童" not in text


RENAMES: dict[str, Callable[[Pack], Pack]] = {
    "form": lambda pack: replace(
        pack,
        forms=tuple(
            replace(one, paragraphs=("全部人员逐一列名公示",), remedies=()) if one.code is FormCode.PUBLIC_NOTICE else one
            for one in pack.forms
        ),
    ),
    "categories": lambda pack: replace(
        pack,
        plan=replace(pack.plan, categories=tuple(replace(one, name_zh="一般对象") for one in pack.plan.categories)),
    ),
    "lists": lambda pack: replace(pack, contracts=tuple(replace(one, name_zh="名单") for one in pack.contracts)),
}


@pytest.mark.parametrize("change", RENAMES)
def test_no_pack_can_make_a_notice_list_a_child_or_an_ill_person(county: County, change: str) -> None:
    county.with_pack(RENAMES[change])
    to_notice(county, ADULT, CHILD, ILL, LISTED_AS_CHILD)
    (made,) = disclose.publish(county.job)
    text = text_of(made)
    assert "另有 3 人" in text and not any(name[0] + "*" in text for name in (CHILD, ILL, LISTED_AS_CHILD))


def test_a_whole_process_for_such_an_illness_counts_everybody(county: County) -> None:
    processes = tuple(replace(one, name_zh="重性精神病门诊认定") for one in county.job.pack.processes)
    county.with_pack(lambda pack: replace(pack, processes=processes))
    to_notice(county, ADULT)
    (made,) = disclose.publish(county.job)
    assert "王*" not in text_of(made) and "另有 1 人" in text_of(made)


def test_a_notice_a_town_and_each_case_stands_on_one(county: County) -> None:
    to_notice(county, ADULT)
    to_notice(county, ILL, town="西乡")
    assert len(disclose.publish(county.job)) == 2
    assert disclose.publish(county.job) == []
    county.later(hours=1)
    to_notice(county, CHILD)
    (made,) = disclose.publish(county.job)
    assert made.papers == 1, "those who stand on a notice already are not published again"


def test_days_run_from_the_notice_and_roll_past_a_holiday(county: County) -> None:
    county.job = replace(county.job, as_of=datetime(2026, 11, 1, 9, tzinfo=ZONE))
    case = to_notice(county, ADULT)[ADULT]
    county.later(days=4)
    assert handle.run(county.job).counts["passed_by_time"] == 0
    (made,) = disclose.publish(county.job)
    assert "自2026年11月5日起至2026年11月12日止(7天)" in text_of(made)
    county.job = replace(county.job, as_of=datetime(2026, 11, 12, 23, 59, tzinfo=ZONE))
    assert handle.run(county.job).counts["passed_by_time"] == 0
    county.later(minutes=1)
    assert handle.run(county.job).counts["passed_by_time"] == 1
    with county.job.ledger.connect() as connection:
        passed = cases.events_of(connection, [case])[case]
    assert state_of(passed).passed["notice"].at == datetime(2026, 11, 13, tzinfo=ZONE)


def test_seven_days_that_end_on_a_holiday_end_after_it(county: County) -> None:
    county.job = replace(county.job, as_of=datetime(2026, 9, 25, 9, tzinfo=ZONE))
    to_notice(county, ADULT)
    (made,) = disclose.publish(county.job)
    until = re.search(r"至(\d+)年(\d+)月(\d+)日止", text_of(made))
    assert until is not None
    last = date(*(int(one) for one in until.groups()))
    assert county.job.pack.calendar.is_workday(last) and last > date(2026, 10, 2)


def test_nothing_passes_that_was_never_published(county: County) -> None:
    to_notice(county, ADULT)
    county.later(days=60)
    assert handle.run(county.job).counts == {"waiting": 1, "passed_by_time": 0, "opened": 0, "inherited": 0}


def test_an_objection_opens_the_case_again_and_its_next_notice_has_new_days(county: County) -> None:
    case = to_notice(county, ADULT)[ADULT]
    (first,) = disclose.publish(county.job)
    county.later(days=6)
    letter = "我认为王小明家有两套房。反映人:孙某".encode()
    sealed = disclose.take_objection(county.job, case, letter)
    step, outcome = handle.objecting(county.job, case)
    act(county, case, step, outcome, "bureau", reason="OBJECTED_MEANS")
    county.later(days=3)
    assert handle.run(county.job).counts["passed_by_time"] == 0
    act(county, case, "review", "agree", "bureau")
    act(county, case, "recheck", "agree", "bureau")
    (second,) = disclose.publish(county.job)
    assert second.path != first.path and "自2026年11月12日起至2026年11月19日止" in text_of(second)
    county.job = replace(county.job, as_of=datetime(2026, 11, 20, tzinfo=ZONE))
    assert handle.run(county.job).counts["passed_by_time"] == 1
    with county.job.ledger.connect() as connection:
        decided = [one for one in cases.events_of(connection, [case])[case] if one.reason_code == "OBJECTED_MEANS"]
        chain = rows_of(connection)
    assert [(one.actor, one.outcome_code) for one in decided if one.happening is Happening.DECIDED] == [("noticeer", "objection")]
    assert verify(chain).problem == "ok"
    kept = [row for row in chain if row["action"] == notices.OBJECTED]
    assert [row["subject"] for row in kept] == [f"{case}|{sealed}"]
    assert not any("孙某" in str(value) or ADULT in str(value) for row in chain for value in row.values())
    vault = open_database(county.job.vault_url)
    assert Custody(county.job.home.custody, vault, open_keyring(county.job.home.keyring)).open(sealed) == letter


def test_a_relief_application_is_published_with_its_amount_and_category(county: County) -> None:
    county.assess([Line(ADULT, "e1", 123_456)])
    apply.run(county.job)
    with county.job.ledger.connect() as connection:
        application = connection.exec_driver_sql("select application_id from application").scalar_one()
    subject = Matter(application, 2026, person_key=county.people[ADULT], town="东镇")
    (case,) = handle.open_cases(county.job, "certification", [subject])
    handle.act(
        county.job, case, Act(Happening.PAPERS, "intake", "c", "union", county.job.as_of, papers=("application", "discharge"))
    )
    for step, outcome, department in (("intake", "accept", "union"), *STEPS):
        act(county, case, step, outcome, department)
    (made,) = disclose.publish(county.job)
    assert "1,234.56" in text_of(made) and "低保对象" in text_of(made) and "王*明" in text_of(made)
