"""A list comes four days late: its people wait, are paid once when it comes, and get what they would have got in time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.end_to_end.counties import (
    ARRIVED,
    IN_TIME,
    MISSED,
    Files,
    House,
    agreeing,
    make_house,
    nobody,
    write_files,
)
from tests.end_to_end.reckoned import SAID, reckoned, replayed

from mianshen.synth import write_late_list

LATE = "minzheng_shehuijiuzhu"
"""The largest list: 特困, 低保, 低保边缘 and 刚性支出, kept by the civil affairs bureau."""
PAID = (
    "select a.person_key, a.benefit_code, a.event_id, sum(l.amount_fen) from payment_line l"
    " join award_posting a on a.award_id = l.award_id where l.is_live group by a.person_key, a.benefit_code, a.event_id"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("county"), insured=4_000, late_list=LATE)


@pytest.fixture(scope="module")
def late(files: Files, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The list came four days late: the month was worked on before, on the morning after its day, and when it came."""
    house = make_house(tmp_path_factory.mktemp("late"))
    house.receive(files.folder)
    house.carry(IN_TIME, clerk=agreeing)
    house.carry(MISSED, clerk=nobody)
    write_late_list(answer=files.answer, out=house.home.inbox("510118_xinjin"))
    house.carry(ARRIVED, clerk=agreeing)
    return house


@pytest.fixture(scope="module")
def in_time(files: Files, late: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same county with the same keys, where every list came in time."""
    root = tmp_path_factory.mktemp("in_time")
    house = make_house(root / "home", vault=late.home.vault)
    house.receive(files.all_lists(root / "sent"))
    house.carry(IN_TIME, clerk=agreeing)
    return house


def test_both_counties_pay_the_same_fen_to_each_person_benefit_and_visit(late: House, in_time: House) -> None:
    assert sorted(late.ledger(PAID)) == sorted(in_time.ledger(PAID))
    assert late.ledger("select sum(amount_fen) from payment") == in_time.ledger("select sum(amount_fen) from payment")
    assert late.ledger("select sum(amount_fen) from award_posting") == in_time.ledger("select sum(amount_fen) from award_posting")


def test_the_late_list_moved_money_from_the_first_payment_to_the_second(late: House) -> None:
    batches = late.ledger("select amount_fen from payment_batch order by created_at")
    assert len(batches) == 2
    assert min(fen for (fen,) in batches) > 0
    assert late.ledger("select count(*) from award_posting where amount_fen > 0")[0][0] > 0


def test_nobody_is_paid_twice_for_the_same_visit_and_benefit(late: House) -> None:
    entitled = Counter()
    for person, benefit, event, fen in late.lake(
        "select person_key, benefit_code, event_id, amount_fen from out.award_line", "out.award_line"
    ):
        entitled[person, benefit, event] += fen
    for person, benefit, event, fen in late.ledger(PAID):
        assert fen <= max(entitled[person, benefit, event], 0), (benefit, event)
    assert late.ledger("select award_id from payment_line where is_live group by award_id having count(*) > 1") == []


def test_nothing_that_rested_on_the_list_was_posted_before_it_came(late: House) -> None:
    own = ("DIBAO", "TEKUN", "DIBAO_BIANYUAN", "ZHICHU_KUNNAN")
    resting = {
        event
        for (event,) in late.lake(
            "select distinct event_id from out.award_line join facts.care_event using (event_id)"
            " where benefit_code = 'special_civil_affairs' and list_contains($own, category_code)"
            " and since >= date '2026-10-01' and amount_fen > 0",
            "out.award_line",
            "facts.care_event",
            own=list(own),
        )
    }
    posted = late.ledger(
        "select posted_at, event_id from award_posting where benefit_code = 'special_civil_affairs' and amount_fen > 0"
    )
    early = {event for at, event in posted if at < ARRIVED.isoformat()}
    assert len(resting) > 20
    assert early, "what did not rest on the list was posted"
    assert not early & resting
    assert resting <= {event for _, event in posted}


def test_the_list_counts_as_come_late_and_the_miss_stays_with_its_department(late: House) -> None:
    events = late.ledger(
        "select e.event, e.happened_at from clock_event e join clock c on c.clock_id = e.clock_id"
        " where c.subject_id = :list and e.event in ('missed', 'closed') order by e.happened_at",
        list=f"{LATE}|2026-10",
    )
    assert [event for event, _ in events] == ["missed", "closed"]
    (told,) = late.summary()["late_lists"]
    assert (told["list_code"], told["holder_department"], told["days_late"]) == (LATE, "civil_affairs", 4)
    assert told["arrived_at"].startswith("2026-11-09")


def test_a_third_run_after_the_list_came_finds_nothing_to_do(late: House) -> None:
    reports = late.carry(ARRIVED, clerk=nobody)
    assert reports["apply"].counts["postings"] == 0
    assert reports["pay"].counts["drafted"] == reports["pay"].counts["sent"] == 0


def test_the_same_files_reckoned_without_a_home_say_the_same(files: Files, in_time: House, tmp_path: Path) -> None:
    found = reckoned(files.all_lists(tmp_path / "sent"), tmp_path / "result.parquet", at=IN_TIME)
    assert len(found) > 300
    assert found == sorted(in_time.lake(f"select {SAID} from out.assessment", "out.assessment"), key=repr)


def test_a_thousand_records_are_replayed_byte_for_byte_by_another_process(in_time: House) -> None:
    said = replayed(in_time, 1_000)
    assert int(said.split(" records replayed, 0 differ")[0].split()[-1]) > 300
