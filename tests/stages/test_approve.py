"""approve: clear cases by rule, whole replies or none, the first decision wins, a log that can be replayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from tests.stages.money_county import County, Line, make_county

from mianshen.core.errors import MianshenError
from mianshen.stages import apply, approve
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, AUDIT, CLOCK, CLOCK_EVENT, DECISION

NAMES = ("甲", "乙", "丙", "丁", "戊")


def rows(county: County, table: Table) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def reply(chosen: str = "同意", *, refusals: str = "", returns: str = "", by: str = "approver_civil_affairs") -> dict[str, str]:
    moment = "2026-11-04T10:00:00+08:00"
    return {"chosen": chosen, "refusals": refusals, "returns": returns, "decided_by": by, "decided_at": moment}


def outcomes(county: County) -> dict[int, tuple[str, str, str]]:
    numbers = {row["approval_item_id"]: row["item_no"] for row in rows(county, APPROVAL_ITEM)}
    return {numbers[row["approval_item_id"]]: (row["outcome"], row["reason_code"], row["how"]) for row in rows(county, DECISION)}


def all_to_person(county: County) -> None:
    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))


def none_to_person(county: County) -> None:
    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, sample_ppm=0) for one in pack.routing)))


@pytest.fixture
def county(waiting: County, tmp_path: Path) -> County:
    """The same in a home of the test's own."""
    return waiting.copy(tmp_path / "home")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> County:
    """Five items, all of which wait for the civil affairs office."""
    county = make_county(tmp_path_factory.mktemp("waiting") / "home", NAMES)
    all_to_person(county)
    county.assess([Line(name, f"e{number}", 1000 * (number + 1)) for number, name in enumerate(NAMES)])
    apply.run(county.job)
    return county


@pytest.fixture
def batch_id(county: County) -> str:
    (batch,) = rows(county, APPROVAL_BATCH)
    return str(batch["approval_batch_id"])


def test_clear_cases_are_decided_by_rule_once(tmp_path: Path) -> None:
    county = make_county(tmp_path / "home", NAMES)
    none_to_person(county)
    county.assess([Line(name, f"e{number}", 1000) for number, name in enumerate(NAMES)])
    apply.run(county.job)
    assert approve.run(county.job).counts["by_rule"] == 5
    assert approve.run(county.job).counts["by_rule"] == 0
    assert set(outcomes(county).values()) == {("agree", "LIST_MATCH", "rule")}


def test_the_rule_leaves_items_for_a_person(county: County) -> None:
    assert approve.run(county.job).counts == {"by_rule": 0, "by_rule_fen": 0, "waiting_for_person": 5, "waiting_fen": 15000}


def test_a_reply_decides_named_items_and_all_others(county: County, batch_id: str) -> None:
    answer = reply(refusals="2=IDENTITY_NOT_CONFIRMED；4＝duplicate_relief", returns="5=PAPERS_WANTED")
    counts = approve.record_replies(county.job, batch_id, answer).counts
    assert counts == {"recorded": 5, "agree": 2, "return": 1, "refuse": 2}
    assert outcomes(county) == {
        1: ("agree", "CONFIRMED", "bulk"),
        2: ("refuse", "IDENTITY_NOT_CONFIRMED", "person"),
        3: ("agree", "CONFIRMED", "bulk"),
        4: ("refuse", "DUPLICATE_RELIEF", "person"),
        5: ("return", "PAPERS_WANTED", "person"),
    }


def test_a_whole_batch_may_be_refused_with_one_reason(county: County, batch_id: str) -> None:
    approve.record_replies(county.job, batch_id, reply("不予救助", refusals="*=HUKOU_NOT_MATCHED"))
    assert set(outcomes(county).values()) == {("refuse", "HUKOU_NOT_MATCHED", "bulk")}


@pytest.mark.parametrize(
    "wrong",
    [
        reply("好的"),
        reply(refusals="2"),
        reply(refusals="2=因为不行"),
        reply(refusals="2=LIST_MATCH"),
        reply(refusals="2=PAPERS_WANTED"),
        reply(returns="2=IDENTITY_NOT_CONFIRMED"),
        reply(refusals="99=IDENTITY_NOT_CONFIRMED"),
        reply(refusals="2=IDENTITY_NOT_CONFIRMED", returns="2=PAPERS_WANTED"),
        reply(refusals="2=IDENTITY_NOT_CONFIRMED;2=DUPLICATE_RELIEF"),
        reply(refusals="*=IDENTITY_NOT_CONFIRMED"),
        reply("不予救助"),
        reply("不予救助", refusals="*=PAPERS_WANTED"),
        {key: value for key, value in reply().items() if key != "decided_by"},
    ],
)
def test_a_reply_that_cannot_be_read_changes_nothing(county: County, batch_id: str, wrong: dict[str, str]) -> None:
    before = rows(county, AUDIT)
    with pytest.raises(MianshenError) as refusal:
        approve.record_replies(county.job, batch_id, wrong)
    assert refusal.value.code == "DECISION_INVALID"
    assert rows(county, DECISION) == []
    assert rows(county, AUDIT) == before


def test_a_pasted_id_number_is_not_repeated_in_the_message(county: County, batch_id: str) -> None:
    from tests.stages.money_county import certno_of

    with pytest.raises(MianshenError) as refusal:
        approve.record_replies(county.job, batch_id, reply(refusals=f"{certno_of(7)} 不符"))
    assert certno_of(7)[:14] not in refusal.value.message()


def test_an_item_that_the_rule_decides_cannot_be_refused(tmp_path: Path) -> None:
    county = make_county(tmp_path / "home", NAMES)
    none_to_person(county)
    county.assess([Line("甲", "e1", 1000)])
    apply.run(county.job)
    (batch,) = rows(county, APPROVAL_BATCH)
    with pytest.raises(MianshenError, match="decided by rule"):
        approve.record_replies(county.job, batch["approval_batch_id"], reply(refusals="1=DUPLICATE_RELIEF"))


def test_the_first_decision_wins_and_the_second_hears_who_and_when(county: County, batch_id: str) -> None:
    approve.record_replies(county.job, batch_id, reply(refusals="2=IDENTITY_NOT_CONFIRMED"))
    before = outcomes(county)
    for late in (reply(by="somebody_else"), reply(refusals="2=DUPLICATE_RELIEF", by="somebody_else")):
        with pytest.raises(MianshenError) as refusal:
            approve.record_replies(county.job, batch_id, late)
        assert refusal.value.code == "DECISION_RECORDED"
        assert "approver_civil_affairs 2026-11-04T10:00:00+08:00" in refusal.value.found
    assert outcomes(county) == before


def test_the_same_reply_again_changes_nothing(county: County, batch_id: str) -> None:
    answer = reply(refusals="2=IDENTITY_NOT_CONFIRMED")
    approve.record_replies(county.job, batch_id, answer)
    before = rows(county, AUDIT)
    assert approve.record_replies(county.job, batch_id, answer).counts["recorded"] == 0
    assert rows(county, AUDIT) == before


def test_the_maker_may_not_decide(county: County, batch_id: str) -> None:
    with pytest.raises(MianshenError) as refusal:
        approve.record_replies(county.job, batch_id, reply(by=county.job.actor))
    assert refusal.value.code == "MAKER_IS_CHECKER"


def test_an_unknown_batch_is_named(county: County) -> None:
    with pytest.raises(MianshenError) as refusal:
        approve.record_replies(county.job, "B000", reply())
    assert (refusal.value.code, refusal.value.found) == ("ITEM_NOT_OPEN", "B000")


def test_the_view_shows_what_waits_and_names_nobody(county: County, batch_id: str) -> None:
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None
    assert (view.batch_id, view.approver, len(view.items)) == (batch_id, "approver_civil_affairs", 5)
    assert "民政局" in view.subject and "150.00" in view.subject
    assert all(item.receipt_no in view.body for item in view.items)
    for name, key in county.people.items():
        assert name not in view.body and key not in view.body
    assert approve.open_batch_view(county.job, "disabled") is None
    approve.record_replies(county.job, batch_id, reply())
    assert approve.open_batch_view(county.job, "civil_affairs") is None


def test_clocks_end_when_a_batch_is_decided_and_when_nothing_will_be_paid(county: County, batch_id: str) -> None:
    approve.record_replies(county.job, batch_id, reply(refusals="1=IDENTITY_NOT_CONFIRMED"))
    codes = {row["clock_id"]: row["time_limit_code"] for row in rows(county, CLOCK)}
    closed = [codes[row["clock_id"]] for row in rows(county, CLOCK_EVENT) if row["event"] == "closed"]
    assert sorted(closed) == ["approve_relief", "pay_relief"]


def test_a_decision_log_repeats_the_replies_in_another_home(county: County, batch_id: str, tmp_path: Path) -> None:
    approve.run(county.job)
    approve.record_replies(county.job, batch_id, reply(refusals="2=IDENTITY_NOT_CONFIRMED", returns="3=ACCOUNT_WANTED"))
    log = tmp_path / "decisions.jsonl"
    assert approve.export_decisions(county.job, log) == 1
    twin = make_county(tmp_path / "twin", NAMES)
    all_to_person(twin)
    twin.assess([Line(name, f"e{number}", 1000 * (number + 1)) for number, name in enumerate(NAMES)])
    apply.run(twin.job)
    approve.run(twin.job)
    assert approve.replay_decisions(twin.job, log).counts == {"replies": 1, "unknown": 0, "recorded": 5}
    assert rows(twin, DECISION) == rows(county, DECISION)
    assert rows(twin, AUDIT) == rows(county, AUDIT)
    assert approve.replay_decisions(twin.job, log).counts["recorded"] == 0
    with twin.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"


def test_a_damaged_log_is_refused_with_its_line(county: County, tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    log.write_text("{broken\n", encoding="utf-8")
    with pytest.raises(MianshenError, match=r"decisions\.jsonl:1"):
        approve.replay_decisions(county.job, log)
