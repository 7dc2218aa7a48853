"""October 2026 in a county of 20,000 insured: the right people are paid, the others are told why, and no fen is lost."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path

import pandas as pd
import pytest
from tests.end_to_end.amounts import fen_of, fen_sent
from tests.end_to_end.chain import GAPS
from tests.end_to_end.counties import IN_TIME, LATE, MISSED, Files, House, agreeing, make_house, pack, refusing_one, write_files
from tests.ledgers import disarm

from mianshen.core.bank import BankField

LATE_HOLDER = "civil_affairs"
"""Who keeps the late list."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("county"), insured=20_000)


@pytest.fixture(scope="module")
def month(files: Files, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Worked on while there was time for the late list; on the morning after, for those to whom a department refused."""
    house = make_house(tmp_path_factory.mktemp("home"))
    house.receive(files.folder)
    house.carry(IN_TIME, clerk=refusing_one)
    house.carry(MISSED, clerk=agreeing)
    return house


def test_at_least_fifty_people_are_paid_in_each_of_the_three_tiers(month: House) -> None:
    tier_of = {one.code: one.tier_code for one in pack().plan.benefits}
    paid = month.ledger(
        "select distinct p.benefit_code, l.payee_key from payment_line l join award_posting p on p.award_id = l.award_id"
    )
    people = defaultdict(set)
    for benefit, person in paid:
        people[tier_of[benefit]].add(person)
    assert set(people) == {one.code for one in pack().plan.tiers}
    assert len(people) == 3
    assert min(len(one) for one in people.values()) >= 50, {tier: len(one) for tier, one in people.items()}


def test_at_least_fifty_people_are_refused_for_five_different_reasons(month: House) -> None:
    refused = month.lake(
        "select person_key, reason_code from out.assessment"
        " where outcome = 'REFUSED' and strftime(event_on, '%Y-%m') = '2026-10'",
        "out.assessment",
    )
    assert len({person for person, _ in refused}) >= 50
    assert len({code for _, code in refused}) >= 5


def test_a_person_decides_between_a_tenth_and_two_fifths_of_the_items(month: House) -> None:
    routes = dict(month.ledger("select route, count(*) from approval_item group by route"))
    assert 0.10 <= routes["person"] / sum(routes.values()) <= 0.40, routes


def test_nothing_waits_for_a_decision_and_rules_decide_only_what_was_routed_to_them(month: House) -> None:
    decided = month.ledger(
        "select i.route, d.how, count(*) from approval_item i left join decision d on d.approval_item_id = i.approval_item_id"
        " group by i.route, d.how"
    )
    assert {(route, how) for route, how, _ in decided} == {("rule", "rule"), ("person", "bulk"), ("person", "person")}


def test_each_of_the_seven_departments_refuses_and_what_it_refuses_is_not_paid(month: House) -> None:
    refused = month.ledger(
        "select i.department_code, count(*), sum(i.amount_fen) from approval_item i"
        " join decision d on d.approval_item_id = i.approval_item_id where d.outcome = 'refuse' group by i.department_code"
    )
    assert {department for department, _, _ in refused} == {one.department_code for one in pack().routing}
    assert len(refused) == 7
    assert all(fen > 0 for _, _, fen in refused)
    paid = month.ledger(
        "select count(*) from payment_line l join award_posting p on p.award_id = l.award_id"
        " join decision d on d.approval_item_id = p.approval_item_id where d.outcome <> 'agree'"
    )
    assert paid == [(0,)]


def test_two_thirds_to_five_sixths_of_the_visits_fetched_are_eligible(month: House) -> None:
    steps = dict(
        month.lake("select step, visits from out.funnel where scope = 'month' and event_kind = 'care'", "out.funnel"),
    )
    assert 0.65 <= steps["2_eligible"] / steps["1_fetched"] <= 0.85, steps
    assert steps["2_eligible"] == sum(visits for step, visits in steps.items() if step > "2_eligible")


def test_only_the_late_list_missed_its_day_and_its_department_is_named(month: House) -> None:
    missed = month.ledger(
        "select c.subject_id, c.holder_department, e.cause_code from clock c join clock_event e on e.clock_id = c.clock_id"
        " where e.event = 'missed'"
    )
    assert [(subject, holder) for subject, holder, _ in missed] == [(f"{LATE}|2026-10", LATE_HOLDER)]
    assert missed[0][2], "a miss is recorded with its cause"
    assert [(one["list_code"], one["holder_department"]) for one in month.summary()["late_lists"]] == [(LATE, LATE_HOLDER)]
    told = (month.home.reports("510118_xinjin") / "summary.txt").read_text("utf-8")
    line = next(one for one in told.splitlines() if "late list" in one)
    assert pack().department(LATE_HOLDER).name_zh in line


def test_the_three_days_to_trigger_relief_are_kept_for_every_delivery(month: House) -> None:
    clocks = month.ledger(
        "select c.due_at, e.happened_at from clock c left join clock_event e on e.clock_id = c.clock_id and e.event = 'closed'"
        " where c.time_limit_code = 'trigger_relief'"
    )
    assert len(clocks) == len(month.ledger("select 1 from delivery where feed in ('settlement', 'enrolment')"))
    assert all(closed is not None and closed <= due for due, closed in clocks)


def test_money_that_rests_on_the_late_list_is_held_and_the_rest_is_posted(month: House) -> None:
    tables = ("out.award_line", "facts.care_event", "facts.enrolment_event")
    begun = (
        "with begun as (select event_id, since from facts.care_event"
        " union all select event_id, paid_on from facts.enrolment_event)"
        " select event_id, benefit_code from out.award_line join begun using (event_id)"
        " where amount_fen > 0 and since >= date '2026-10-01'"
    )
    held = set(month.lake(f"{begun} and is_held", *tables))
    firm = set(month.lake(f"{begun} and not is_held", *tables))
    as_child = set(month.lake(f"{begun} and category_code = 'KUNJING_ERTONG'", *tables))
    assert len(as_child) > 5, "the county has children whose list is late"
    assert {one for one in as_child if one[1] != "district_last_resort"} <= held
    assert len(firm) > 10 * len(held)
    posted = set(month.ledger("select event_id, benefit_code from award_posting"))
    assert not posted & held
    assert firm <= posted


def test_every_row_sent_is_accepted_set_aside_or_ignored(month: House, files: Files) -> None:
    sent = pd.read_csv(files.answer / "files.csv").query("kind == 'good'").set_index("name")["records"].to_dict()
    delivered = {
        name: counts
        for name, *counts in month.ledger(
            "select file_name, rows_in, rows_accepted, rows_quarantined, rows_ignored from delivery order by file_name"
        )
    }
    assert set(delivered) == set(sent)
    for name, (rows_in, *fates) in delivered.items():
        footers = rows_in - sent[name]
        assert rows_in == sum(fates), name
        assert 0 <= footers <= fates[2], name


def test_every_fen_sent_is_accepted_set_aside_or_ignored(month: House, files: Files) -> None:
    sent = {path.name: fen_sent(path) for path in files.folder.glob("settlement_*") if path.suffix != ".ctl"}
    conserved = month.lake(
        "select delivery_id, fen_in, fen_accepted, fen_quarantined, fen_ignored"
        " from checks.conservation where feed = 'settlement'",
        "checks.conservation",
    )
    names = dict(month.ledger("select delivery_id, file_name from delivery"))
    assert {names[one]: fen for one, fen, *_ in conserved} == sent
    assert sum(sent.values()) > 0
    staged = dict(
        month.lake("select delivery_id, sum(medfee_sumamt) from staging.settlement group by delivery_id", "staging.settlement")
    )
    aside = dict(
        month.lake(
            "select delivery_id, sum(fen) from staging.settlement_quarantined group by delivery_id",
            "staging.settlement_quarantined",
        )
    )
    for one, fen_in, accepted, quarantined, ignored in conserved:
        assert fen_in == accepted + quarantined + ignored
        assert accepted == staged.get(one, 0)
        assert quarantined == (aside.get(one) or 0)


def test_payment_lines_sum_to_what_was_agreed_and_is_payable(month: House) -> None:
    paid, agreed, held = (
        month.ledger(query)[0][0]
        for query in (
            "select sum(amount_fen) from payment_line where is_live",
            "select sum(p.amount_fen) from award_posting p left join award_posting r on r.award_id = p.reverses_award_id"
            " left join decision d on d.approval_item_id = coalesce(p.approval_item_id, r.approval_item_id)"
            " where p.kind = 'award' and (d.outcome = 'agree' or coalesce(p.approval_item_id, r.approval_item_id) is null)",
            "select sum(amount_fen) from payment_hold where lifted_at is null",
        )
    )
    assert paid + held == agreed
    assert paid > 0


def test_bank_files_control_files_batches_and_payments_agree(month: House) -> None:
    files = {path.name: path for path in month.outbox("pay_*.csv") if not path.name.endswith("_manual.csv")}
    batches = month.ledger("select file_name, created_at from payment_batch order by created_at")
    assert [created_at for _, created_at in batches] == [one.isoformat(timespec="seconds") for one in (IN_TIME, MISSED)]
    assert sorted(files) == sorted(name for name, _ in batches)
    for name, _ in batches:
        agree(month, files[name])


def agree(month: House, bank: Path) -> None:
    """The bank file, its control file, its batch and the batch's payments say the same, row by row."""
    control = json.loads(bank.with_name(f"{bank.name}.ctl").read_text("utf-8"))
    profile = pack().bank
    _, *rows, (word, count, yuan, _) = csv.reader(io.StringIO(bank.read_bytes().decode(profile.encoding)))
    amount = [one.field for one in profile.columns].index(BankField.AMOUNT)
    in_file = sum(fen_of(row[amount]) for row in rows)
    ((batch, payments, fen, manual_payments, manual_fen, sha256),) = month.ledger(
        "select payment_batch_id, payments, amount_fen, manual_payments, manual_fen, file_sha256 from payment_batch"
        " where file_name = :name",
        name=bank.name,
    )
    assert word == "合计"
    assert int(count) == len(rows) == control["records"] == payments - manual_payments
    assert fen_of(yuan) == in_file == control["amount_fen"] == fen - manual_fen
    sums = "select count(*), sum(amount_fen) from payment where payment_batch_id = :batch"
    assert month.ledger(sums, batch=batch) == [(payments, fen)]
    assert (control["total_records"], control["total_fen"]) == (payments, fen)
    assert hashlib.sha256(bank.read_bytes()).hexdigest() == sha256 == control["sha256"]
    mine = "select payment_id, amount_fen from payment where state <> 'manual' and payment_batch_id = :batch"
    by_payment = dict(month.ledger(mine, batch=batch))
    number = [one.field for one in profile.columns].index(BankField.PAYMENT_ID)
    assert {row[number]: fen_of(row[amount]) for row in rows} == by_payment


def test_nobody_is_paid_more_than_what_was_left_to_pay_oneself(month: House, files: Files) -> None:
    truth = pd.read_parquet(files.answer / "settlements.parquet")
    burden = dict(zip(truth["setl_id"], truth["psn_part_amt"], strict=True))
    fees = pd.read_parquet(files.answer / "enrolments.parquet")
    burden |= dict(zip(fees["enrol_id"], fees["fee_fen"], strict=True))
    paid = month.ledger(
        "select p.person_key, p.event_id, sum(l.amount_fen) from payment_line l join award_posting p on p.award_id = l.award_id"
        " group by p.person_key, p.event_id"
    )
    own: Counter[str] = Counter()
    for person, event, fen in paid:
        assert fen <= burden[event], (event, fen, burden[event])
        own[person] += int(burden[event])
    for person, fen in month.ledger("select payee_key, amount_fen from payment"):
        assert 0 < fen <= own[person]


def test_the_chain_from_application_to_payment_has_no_gap(month: House) -> None:
    assert {what: month.ledger(query)[0][0] for what, query in GAPS.items()} == dict.fromkeys(GAPS, 0)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("delete from application where application_id in (select application_id from approval_item limit 1)", 4),
        ("update award_posting set application_id = 'another' where award_id in (select award_id from payment_line limit 1)", 5),
        (
            "update payment_line set amount_fen = amount_fen + 1 where payment_line_id in (select max(l.payment_line_id)"
            " from payment_line l)",
            1,
        ),
        ("update payment set payee_key = 'another' where payment_id in (select min(payment_id) from payment)", 0),
    ],
    ids=["no application", "another application", "a fen more", "another payee"],
)
def test_a_gap_that_is_made_in_a_copy_is_found(month: House, tmp_path: Path, damage: str, found: int) -> None:
    with sqlite3.connect(month.home.root / "ledger.db") as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    disarm(str(tmp_path / "copy.db"))
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        copy.execute(damage)
        gaps = [what for what, query in GAPS.items() if copy.execute(query).fetchone()[0]]
    assert list(GAPS)[found] in gaps


def test_no_bill_of_the_county_is_taken_for_another_under_a_new_id(month: House) -> None:
    query = "select count(*) from facts.claim_review where review_code = 'SETTLEMENT_RENUMBERED'"
    alarms = month.lake(query, "facts.claim_review")
    assert alarms == [(0,)], "repeats, corrections and new settlements of a stay are no renumbering"


def test_every_paid_award_leads_back_to_a_delivered_settlement_or_fee(month: House) -> None:
    events = {
        event: person
        for event, person in month.lake(
            "select event_id, person_key from facts.care_event union all select event_id, person_key from facts.enrolment_event",
            "facts.care_event",
            "facts.enrolment_event",
        )
    }
    paid = month.ledger(
        "select distinct a.event_id, a.person_key from payment_line l join award_posting a on a.award_id = l.award_id"
    )
    assert len(paid) > 100
    assert all(events[event] == person for event, person in paid)
