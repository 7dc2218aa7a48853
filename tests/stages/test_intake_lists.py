"""deidentify and validate on departments' lists: words, keys, versions, whole lists held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.stages.intake_county import (
    CHILDREN,
    ROSTER_HEAD,
    SETTLEMENT,
    Intake,
    certno,
    child,
    children,
    make_intake,
    settlement,
    settlements,
    table,
)

from mianshen.core.contract import BadRows
from mianshen.core.ids import make_certno
from mianshen.feeds.expectations import Quality
from mianshen.stages import deidentify, receive, validate


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


@pytest.fixture(autouse=True)
def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch passes Great Expectations, so that only SQL decides."""
    passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
    monkeypatch.setattr(validate, "judge_rows", passed)


def test_a_list_becomes_words_of_the_contract_and_keys(intake: Intake) -> None:
    intake.drop(
        CHILDREN, children(child(1), child(2, 类别="富裕儿童"), child(3, 保障起始年月="2024年13月"), child(4, 镇街="远方镇"))
    )
    intake.drop(SETTLEMENT, settlements(settlement(1)))
    intake.run()
    first, unknown, early, last = intake.rows("staging.roster")
    names = ("list_code", "list_month", "category_code", "valid_from", "town", "gend")
    assert tuple(first[name] for name in names) == (
        "minzheng_ertong", "2026-10", "KUNJING_ERTONG", date(2024, 5, 1), "宝墩镇", "2",
    )  # fmt: skip
    assert first["person_key"] == intake.rows("staging.settlement")[0]["person_key"]
    assert (last["town"], last["flags"]) == (None, ["TOWN_UNKNOWN"])
    assert (unknown["category_code"], unknown["flags"]) == (None, ["CATEGORY_UNKNOWN"])
    assert (early["valid_from"], early["flags"]) == (None, ["DATE_DOUBTFUL"])
    assert intake.rows("staging.roster_quarantined") == []


def test_names_that_differ_flag_the_persons_rows(intake: Intake) -> None:
    intake.drop(CHILDREN, children(child(1, 儿童姓名="童甲"), child(2, 儿童姓名="童乙")))
    intake.drop(SETTLEMENT, settlements(settlement(1, psn_name="童佳"), settlement(2, psn_name="童 乙")))
    intake.run()
    assert [one["flags"] for one in intake.rows("staging.roster")] == [["NAMES_DIFFER"], []]
    assert [one["flags"] for one in intake.rows("staging.settlement")] == [["NAMES_DIFFER"], []]


def test_names_that_differ_within_one_delivery_of_strangers_flag_their_rows(intake: Intake) -> None:
    rows = (settlement(1, psn_name="童甲"), settlement(1, psn_name="童佳", setl_id="S-OTHER"), settlement(2, psn_name="童乙"))
    intake.drop(SETTLEMENT, settlements(*rows))
    intake.run()
    assert [one["flags"] for one in intake.rows("staging.settlement")] == [["NAMES_DIFFER"], ["NAMES_DIFFER"], []]


def test_a_rounded_number_with_a_right_check_digit_does_not_make_a_stranger(intake: Intake) -> None:
    days = (date(1950, 1, 1) + timedelta(days=number) for number in range(400))
    day = next(one for one in days if make_certno(born=one, serial=300).endswith("000"))
    whole, rounded = (make_certno(born=day, serial=serial) for serial in (347, 300))
    rows = [child(1, 儿童姓名="童甲", 身份证号=rounded), child(2, 儿童姓名="童乙", 身份证号=rounded)]
    intake.drop(CHILDREN, children(rows[0]))
    intake.drop(SETTLEMENT, settlements(settlement(1, certno=whole, psn_name="童甲")))
    intake.run()
    assert [one["reason_code"] for one in intake.rows("staging.roster_quarantined")] == ["CERTNO_DAMAGED"]
    intake.drop(CHILDREN, children(rows[1]))
    intake.run()
    assert len(intake.rows("staging.roster")) == 1, "under another name it may well be somebody else's own number"


def test_a_newer_version_supersedes_the_older_one(intake: Intake) -> None:
    intake.drop(CHILDREN, children(child(1), child(2)))
    intake.run()
    intake.drop(CHILDREN, children(child(1), child(3)))
    intake.run()
    assert [(one["version"], one["state"]) for one in intake.deliveries()] == [(1, "SUPERSEDED"), (2, "ACCEPTED")]


def test_of_two_versions_in_one_run_the_newest_stands(intake: Intake) -> None:
    for content in (children(child(1), child(2)), children(child(1), child(3))):
        intake.drop(CHILDREN, content)
        receive.run(intake.job)
    deidentify.run(intake.job)
    validate.run(intake.job)
    assert [(one["version"], one["state"]) for one in intake.deliveries()] == [(1, "SUPERSEDED"), (2, "ACCEPTED")]


def test_a_list_full_of_bad_rows_is_held_and_the_last_one_stands(intake: Intake) -> None:
    intake.drop(CHILDREN, children(*(child(number) for number in range(1, 21))))
    intake.run()
    bad = [child(number, 身份证号=certno(number)[:17] if number < 11 else certno(number)) for number in range(1, 21)]
    intake.drop(CHILDREN, children(*bad))
    report = intake.run()[2]
    assert [(one["version"], one["state"], one["reason_code"]) for one in intake.deliveries()] == [
        (1, "ACCEPTED", None),
        (2, "HELD", "ROWS_BAD"),
    ]
    assert report.counts["held.ROWS_BAD"] == 1 and any("ROWS_BAD" in one for one in report.notes)


@pytest.mark.parametrize(
    ("limit", "state"),
    [
        (BadRows(largest_share=40, fewest_rows=10), "HELD"),
        (BadRows(largest_share=50, fewest_rows=10), "ACCEPTED"),
        (BadRows(largest_share=40, fewest_rows=11), "ACCEPTED"),
        (BadRows(largest_share=49, fewest_rows=0), "HELD"),
        (None, "ACCEPTED"),
    ],
)
def test_how_many_bad_rows_hold_a_list_is_said_by_its_contract(intake: Intake, limit: BadRows | None, state: str) -> None:
    contracts = tuple(
        replace(one, bad_rows=limit) if one.list_code == "minzheng_ertong" else one for one in intake.job.pack.contracts
    )
    intake.job = replace(intake.job, pack=replace(intake.job.pack, contracts=contracts))
    bad = [child(number, 身份证号=certno(number)[:17] if number < 11 else certno(number)) for number in range(1, 21)]
    intake.drop(CHILDREN, children(*bad))
    intake.run()
    assert [one["state"] for one in intake.deliveries()] == [state]


def test_a_column_of_names_beside_the_list_reaches_nothing(intake: Intake) -> None:
    head = (*ROSTER_HEAD, "备注")
    intake.drop(CHILDREN, table(head, [(*child(1), "联系邻居王大妈")]))
    intake.run()
    assert "王大妈" not in str(intake.rows("staging.roster")) + str(intake.rows("staging.roster_keyed"))


def test_a_list_tells_the_application_and_the_registration(intake: Intake) -> None:
    head = ("姓名", "身份证号", "人员类别", "申请日期", "是否本县户籍")
    told = (("2026-05-09", "是"), ("2026-05-10", "外县"), ("", "不详"), ("", ""))
    rows = [("甲某", certno(number), "因病致贫", *said) for number, said in enumerate(told, 1)]
    intake.drop("yibao_yinbingzhipin_202610.csv", table(head, rows))
    intake.run()
    assert [(row["applied_on"], row["is_local"]) for row in intake.rows("staging.roster")] == [
        (date(2026, 5, 9), True),
        (date(2026, 5, 10), False),
        (None, None),
        (None, None),
    ]
