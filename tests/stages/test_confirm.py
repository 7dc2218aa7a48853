"""Nobody who was treated before has to ask again: lists come in, everybody is matched, departments decide by list and by rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.stages.case_county import CaseCounty, copied, december, lifted, listed, make_case_county, seeded, treated

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.stages import handle, supervise
from mianshen.warehouse import audit, cases, matching
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.clock_store import clocks_of

PACK = "360702_zhanggong"
FIT, LEFT, YEAR = "free_treatment", "left_lists", 2027
NOTHING = {"lists": 0, "fit": 0, "left": 0, "decided": 0, "applied": 0, "followed": 0, "invited": 0}


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> CaseCounty:
    return december(tmp_path_factory.mktemp("staged"))


@pytest.fixture
def county(staged: CaseCounty, tmp_path: Path) -> CaseCounty:
    """A copy of the county on that morning, matched."""
    made = copied(staged, tmp_path / "home")
    assert made.morning()["confirm"] == NOTHING | {"fit": 4, "left": 1}
    return made


def act(county: CaseCounty, case: str, step: str, outcome: str, department: str = "approval_service", **said: str) -> None:
    handle.act(county.job, case, Act(Happening.DECIDED, step, f"clerk_{step}", department, county.job.as_of, outcome, **said))


def standing(county: CaseCounty, case: str) -> dict[str, str]:
    return {step: one.outcome_code for step, one in county.state(case).passed.items()}


def test_everybody_treated_before_is_in_one_of_two_lists_and_who_never_was_in_none(county: CaseCounty) -> None:
    assert sorted(county.by_serial(FIT, YEAR)) == [1, 2, 4, 8]
    assert sorted(county.by_serial(LEFT, YEAR)) == [3]
    assert county.morning()["confirm"] == NOTHING, "the same again opens nothing"
    assert sorted(county.by_serial(FIT, 2026)) == [1, 2, 3, 4], "8 was treated in 2026 for the first time, by the ordinary way"


def test_who_fits_no_more_is_told_which_list_was_left_and_since_when(county: CaseCounty) -> None:
    case = county.by_serial(LEFT, YEAR)[3]
    with county.job.ledger.connect() as connection:
        (said,) = matching.matched(connection, [case]).values()
        due = {one["due_on"] for one in clocks_of(connection, county.job.county_code) if one["subject_id"].startswith(case)}
    assert (said["verdict"], said["refusals"], said["left_lists"]) == ("left", "NOT_LISTED", "DIBAO:2026-12-01")
    assert set(county.state(case).open) == {"contact"}, "somebody calls"
    assert due == {"2026-12-28"}


def test_lists_and_rules_decide_by_themselves_beside_people_and_not_before_the_17th(county: CaseCounty) -> None:
    wanting = county.by_serial(FIT, YEAR)
    for case in wanting.values():
        act(county, case, "call", "wants", how="person")
    assert county.morning()["confirm"] == NOTHING, "it is the 16th"
    assert county.at("2026-12-17 09:00").morning()["confirm"] == NOTHING | {"decided": 12}
    assert standing(county, wanting[1]) == {
        "call": "wants",
        "civil_affairs": "agree",
        "agriculture": "elsewhere",
        "health": "agree",
    }
    assert standing(county, wanting[2])["agriculture"] == "agree"
    assert standing(county, wanting[2])["civil_affairs"] == "elsewhere"
    assert set(county.state(wanting[1]).open) == {"medical_security"}, "people decide there"
    assert county.morning()["confirm"] == NOTHING


def test_who_is_refused_because_a_list_was_corrected_is_called_too(county: CaseCounty) -> None:
    """1 leaves 低保 by a corrected list on the 18th, after having said yes."""
    case = county.by_serial(FIT, YEAR)[1]
    act(county, case, "call", "wants", how="person")
    county.at("2026-12-18 09:00").drop(minzheng_dibao_202612=listed(5, 6, 7, 8))
    assert county.morning()["confirm"] == NOTHING | {"decided": 1, "followed": 1}
    assert county.state(case).end_code == "refused"
    with county.job.ledger.connect() as connection:
        reasons = {
            one.step_code: one.reason_code for one in cases.events_of(connection, [case])[case] if one.outcome_code == "refuse"
        }
        assert audit.verify(audit.rows_of(connection)).problem == "ok"
    assert reasons == {"agriculture": "IDENTITY_NOT_CONFIRMED"}, "on no list of anybody: the first department says so"
    assert set(county.state(county.by_serial(LEFT, YEAR)[1]).open) == {"contact"}


def test_a_list_that_was_wrong_brings_its_person_back(county: CaseCounty) -> None:
    act(county, county.by_serial(LEFT, YEAR)[3], "contact", "corrected", how="person")
    county.at("2026-12-17 09:00")
    assert county.morning()["confirm"] == NOTHING | {"followed": 1}
    assert set(county.state(county.by_serial(FIT, YEAR)[3]).open) == {"call"}
    assert county.morning()["confirm"] == NOTHING


def test_a_list_that_stays_away_is_a_miss_and_nobody_is_matched_without_it(tmp_path: Path) -> None:
    made = make_case_county(tmp_path, PACK, seeded(), at="2026-12-01 09:00")
    made.drop(weijian_jiuzhi_202612=treated((1, "尿毒症", 2025)))
    made.morning()
    made.at("2026-12-15 16:00").drop(minzheng_dibao_202612=listed(1), minzheng_tekun_202612=listed(2))
    made.drop(xiangcun_tuopin_202612=lifted(4))
    assert made.morning()["confirm"] == NOTHING | {"lists": 1}
    made.at("2026-12-16 09:00").drop(minzheng_zhichuxing_202612=listed(3))
    assert made.morning()["confirm"] == NOTHING | {"lists": 1, "fit": 1}
    supervise.run(made.job)
    with made.job.ledger.connect() as connection:
        late = [one for one in clocks_of(connection, made.job.county_code) if one["missed_at"]]
    assert [(one["holder_department"], one["due_on"]) for one in late] == [("civil_affairs", "2026-12-15")]


@pytest.mark.parametrize(("year", "is_opened"), [(2022, False), (2023, True)])
def test_r000_19_the_law_reaches_back_to_benefit_year_2023_and_no_further(county: CaseCounty, year: int, is_opened: bool) -> None:
    matter = Matter("S1", year, channel="window")
    if is_opened:
        assert handle.open_cases(county.job, FIT, [matter])
        return
    with pytest.raises(MianshenError) as refused:
        handle.open_cases(county.job, FIT, [matter])
    assert refused.value.code == "YEAR_BEFORE_LAW"


def test_open_steps_of_a_department_that_ended_are_its_successor_s_from_that_day_on(tmp_path: Path) -> None:
    made = make_case_county(tmp_path, PACK, seeded(), at="2024-12-31 09:00")
    handle.open_cases(made.job, "yearly_lists", [Matter("county", 2025)])
    held = lambda: {row["step_code"]: row["department_code"] for row in _waiting(made)}  # noqa: E731 - asked three times
    assert held() == {"civil_affairs_lists": "civil_affairs", "agriculture_lists": "rural_revitalisation"}
    assert handle.run(made.job).counts["inherited"] == 0
    made.at("2025-01-01 09:00")
    assert handle.run(made.job).counts["inherited"] == 1
    assert held() == {"civil_affairs_lists": "civil_affairs", "agriculture_lists": "agriculture"}
    assert handle.run(made.job).counts["inherited"] == 0
    with made.job.ledger.connect() as connection:
        holders = {one["holder_department"] for one in clocks_of(connection, made.job.county_code)}
    assert holders == {"civil_affairs", "agriculture"}, "its clock went with it"
    assert made.job.pack.in_charge("rural_revitalisation", on=date(2024, 12, 31)) == "rural_revitalisation"


def _waiting(county: CaseCounty) -> list[dict[str, object]]:
    with county.job.ledger.connect() as connection:
        return cases.waiting(connection, county_code=county.job.county_code)
