"""The bank loop: answers move payments, what came back is paid again once, every fen has its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.ledgers import disarm
from tests.stages.bank_county import PAPER, live_fen, new_account, paid_out, payments_of, rows, settle, states
from tests.stages.money_county import County, Line, certno_of, make_county

from mianshen.core.errors import MianshenError
from mianshen.documents import pdf
from mianshen.stages import apply, disclose, pay, reconcile
from mianshen.stages.reconcile import acts
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.ledger import (
    AUDIT,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_HOLD,
    PAYMENT_LINE,
    PAYMENT_REISSUE,
    PAYMENT_STOP,
    SUSPENSE,
)

Agree = Callable[..., None]
PAID, BACK, OPEN = "0000", "1002", "ZZ9"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, agree_all: Agree) -> County:
    """陈一 123.45, 李二 0.05 and 王三 1.00 yuan, sent to the bank."""
    county = make_county(tmp_path_factory.mktemp("sent") / "home", ["陈一", "李二", "王三"])
    county.assess([Line("陈一", "e1", 12345), Line("李二", "e2", 5), Line("王三", "e3", 100)])
    apply.run(county.job)
    agree_all(county)
    pay.run(county.job)
    return county


@pytest.fixture
def county(sent: County, tmp_path: Path) -> County:
    """The same in a home of the test's own."""
    return sent.copy(tmp_path / "home")


def one(county: County, name: str) -> str:
    return payments_of(county)[name][-1]


def as_person(county: County, login: str) -> County:
    return County(replace(county.job, actor=login), county.people)


def whole(county: County, **expected: int) -> None:
    """The identity holds, with these sums."""
    counts = reconcile.run(county.job).counts
    assert counts["differences"] == counts["difference_fen"] == 0
    assert {name: counts[name] for name in expected} == expected
    sides = ("paid_fen", "returned_fen", "in_flight_fen", "cancelled_fen", "held_fen", "waiting_fen")
    assert counts["approved_fen"] == sum(counts[name] for name in sides)


def test_answers_move_payments_and_what_is_unknown_stays_sent(county: County) -> None:
    counts = settle(county, {one(county, "陈一"): PAID, one(county, "李二"): BACK, one(county, "王三"): OPEN})
    assert (counts["paid"], counts["returned"]) == (1, 1)
    assert states(county) == {"陈一": "paid", "李二": "returned", "王三": "sent"}
    whole(county, approved_fen=12450, paid_fen=12345, returned_fen=5, in_flight_fen=100)
    before = rows(county, PAYMENT), len(rows(county, AUDIT))
    county.later(days=1)
    assert reconcile.run(county.job).counts["paid"] == 0
    assert (rows(county, PAYMENT), len(rows(county, AUDIT))) == before


def test_what_came_back_waits_for_a_better_account_and_is_then_paid_once(county: County) -> None:
    settle(county, {one(county, "李二"): BACK})
    assert pay.run(county.job).counts["reissued"] == 0
    new_account(county, certno_of(1), "6299999999999999999")
    county.later(days=1)
    counts = pay.run(county.job).counts
    assert (counts["reissued"], counts["drafted"], counts["sent_fen"]) == (1, 1, 5)
    whole(county, approved_fen=12450, in_flight_fen=12450)
    assert [row["round_no"] for row in rows(county, PAYMENT_REISSUE)] == [1]
    assert pay.run(county.job).counts["drafted"] == 0
    settle(county, {one(county, "李二"): PAID})
    whole(county, paid_fen=5, in_flight_fen=12445)


def test_a_returned_account_is_paid_again_only_when_a_clerk_finds_it_right(county: County) -> None:
    first = one(county, "李二")
    settle(county, {first: BACK})
    acts.reissue(county.job, first, keeps_account=False)
    county.later(days=1)
    assert pay.run(county.job).counts["held_fen"] == 5
    assert [row["reason_code"] for row in rows(county, PAYMENT_HOLD)] == ["ACCOUNT_RETURNED"]
    whole(county, returned_fen=5)
    with pytest.raises(MianshenError, match="PAYMENT_STEP"):
        acts.reissue(county.job, first, keeps_account=True)


def test_an_account_found_right_is_paid_to_again_under_another_number(county: County) -> None:
    first = one(county, "李二")
    settle(county, {first: BACK})
    acts.reissue(county.job, first, keeps_account=True)
    county.later(days=1)
    assert pay.run(county.job).counts["sent_fen"] == 5
    assert len(set(payments_of(county)["李二"])) == 2
    whole(county, in_flight_fen=12450)


def test_a_recalled_file_is_paid_again_and_an_answered_payment_is_not(county: County) -> None:
    (batch,) = rows(county, PAYMENT_BATCH)
    batch_id = batch["payment_batch_id"]
    settle(county, {one(county, "陈一"): PAID})
    assert acts.ask_recall(county.job, batch_id, reason="文件送错银行") == 2
    assert states(county)["李二"] == "sent"
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        acts.answer_recall(county.job, batch_id, outcome="recalled", paper_sha256=PAPER)
    found = acts.answer_recall(as_person(county, "zhao").job, batch_id, outcome="recalled", paper_sha256=PAPER)
    assert found == {"payments": 2, "amount_fen": 105}
    whole(county, paid_fen=12345, cancelled_fen=105)
    county.later(days=1)
    assert pay.run(county.job).counts["sent_fen"] == 105
    whole(county, paid_fen=12345, in_flight_fen=105)


def test_a_refused_recall_leaves_everything_sent(county: County) -> None:
    batch_id = rows(county, PAYMENT_BATCH)[0]["payment_batch_id"]
    acts.ask_recall(county.job, batch_id, reason="重复")
    acts.answer_recall(as_person(county, "zhao").job, batch_id, outcome="refused", paper_sha256=PAPER)
    assert set(states(county).values()) == {"sent"}
    assert pay.run(county.job).counts["drafted"] == 0


def test_money_of_a_recalled_payment_that_moved_all_the_same_stops_the_county(county: County) -> None:
    batch_id, late = rows(county, PAYMENT_BATCH)[0]["payment_batch_id"], one(county, "王三")
    acts.ask_recall(county.job, batch_id, reason="重复")
    acts.answer_recall(as_person(county, "zhao").job, batch_id, outcome="recalled", paper_sha256=PAPER)
    counts = settle(county, {late: PAID})
    assert (counts["differences"], counts["stopped"]) == (1, 1)
    (stop,) = rows(county, PAYMENT_STOP)
    assert (stop["scope"], stop["stopped_by"]) == ("county", "reconcile")
    assert "result_not_followed" in stop["reason"] and late in stop["reason"]
    assert pay.run(county.job).counts["drafted"] == 0


def test_an_unsent_batch_is_cancelled_and_its_money_goes_into_the_next(county: County, agree_all: Agree) -> None:
    county.assess([Line("陈一", "e1", 12345), Line("李二", "e2", 5), Line("王三", "e3", 100), Line("陈一", "e4", 7)])
    apply.run(county.job)
    agree_all(county)
    pay.draft(pay.Till(county.job))
    batch_id = next(row["payment_batch_id"] for row in rows(county, PAYMENT_BATCH) if row["state"] == "drafted")
    assert acts.cancel_batch(county.job, batch_id) == {"payments": 1, "amount_fen": 7}
    whole(county, in_flight_fen=12450, cancelled_fen=7)
    assert pay.run(county.job).counts["sent_fen"] == 7
    whole(county, in_flight_fen=12457, cancelled_fen=0)
    sent = next(row["payment_batch_id"] for row in rows(county, PAYMENT_BATCH) if row["state"] == "sent")
    with pytest.raises(MianshenError, match="PAYMENT_STEP"):
        acts.cancel_batch(county.job, sent)


def test_a_payment_by_hand_is_in_flight_until_its_paper_comes(tmp_path: Path, agree_all: Agree) -> None:
    county = make_county(tmp_path / "home", ["甲", "䶮晓明"])
    county.with_pack(lambda pack: replace(pack, bank=replace(pack.bank, encoding="gbk")))
    county.assess([Line("䶮晓明", "e2", 40)])
    apply.run(county.job)
    agree_all(county)
    pay.run(county.job)
    whole(county, in_flight_fen=40)
    with pytest.raises(MianshenError, match="PAPER_HASH"):
        acts.record_by_hand(county.job, one(county, "䶮晓明"), outcome="paid", happened_on=date(2026, 11, 4), paper_sha256="x")
    acts.record_by_hand(county.job, one(county, "䶮晓明"), outcome="paid", happened_on=date(2026, 11, 4), paper_sha256=PAPER)
    whole(county, paid_fen=40, in_flight_fen=0)


def test_money_of_no_known_payment_is_in_suspense_once_and_cleared_by_another(county: County) -> None:
    counts = settle(county, {one(county, "陈一"): PAID}, extra=(("P0", BACK, 777),))
    assert (counts["suspense"], counts["suspense_fen"]) == (1, 777)
    assert reconcile.run(county.job).counts["suspense"] == 1
    (entry,) = rows(county, SUSPENSE)
    with pytest.raises(MianshenError, match="SUSPENSE_DIFFERS"):
        acts.clear_suspense(county.job, entry["suspense_id"], payment_id=one(county, "陈一"), paper_sha256=PAPER)
    acts.clear_suspense(county.job, entry["suspense_id"], payment_id=None, paper_sha256=PAPER)
    assert reconcile.run(county.job).counts["suspense"] == 0


def test_a_payment_that_comes_back_after_it_was_paid_is_found_again_in_suspense(county: County) -> None:
    paid = one(county, "陈一")
    settle(county, {paid: PAID})
    county.later(days=2)
    counts = settle(county, {paid: BACK})
    assert (counts["suspense_fen"], states(county)["陈一"]) == (12345, "paid")
    (entry,) = rows(county, SUSPENSE)
    acts.clear_suspense(county.job, entry["suspense_id"], payment_id=paid, paper_sha256=PAPER)
    assert states(county)["陈一"] == "returned"
    whole(county, returned_fen=12345, in_flight_fen=105)


def test_a_paper_tells_of_money_that_no_return_names(county: County) -> None:
    first = acts.record_suspense(county.job, amount_fen=100, paper_sha256=PAPER)
    assert acts.record_suspense(county.job, amount_fen=100, paper_sha256=PAPER) == first
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        acts.clear_suspense(county.job, first, payment_id=None, paper_sha256=PAPER)


@pytest.mark.parametrize(
    "rogue",
    [
        "update payment set state = 'paid' where state = 'reissued'",
        "update payment set state = 'drafted'",
        "update payment set state = 'cancelled' where state = 'sent'",
        "update payment set state = 'returned' where state = 'paid'",
        "update payment set amount_fen = amount_fen + 1",
        "update payment_batch set state = 'approved'",
        "update payment_batch set amount_fen = 0",
        "update payment_line set amount_fen = 1",
        "update payment_line set fund_code = 'charity'",
        "delete from payment_line",
        "delete from payment",
        "delete from payment_batch",
    ],
)
def test_the_database_refuses_steps_and_changes_that_are_not_allowed(county: County, rogue: str) -> None:
    settle(county, {one(county, "陈一"): PAID, one(county, "李二"): BACK})
    acts.reissue(county.job, one(county, "李二"), keeps_account=False)
    with pytest.raises(DBAPIError, match="payment"), county.job.ledger.begin() as connection:
        connection.execute(text(rogue))


def test_the_database_refuses_lines_above_their_posting(county: County) -> None:
    line = next(row for row in rows(county, PAYMENT_LINE) if row["amount_fen"] == 100)
    with pytest.raises(IntegrityError, match="more than the posting"), county.job.ledger.begin() as connection:
        connection.execute(insert(PAYMENT_LINE).values(**{**line, "payment_line_id": "L2", "amount_fen": 1}))


FORGED = {
    "fund_identity": update(PAYMENT_LINE).where(PAYMENT_LINE.c.amount_fen == 100).values(fund_code="charity"),
    "payment_lines": update(PAYMENT).where(PAYMENT.c.amount_fen == 100).values(amount_fen=101),
    "batch_payments": update(PAYMENT_BATCH).values(amount_fen=1),
    "bank_identity": update(PAYMENT).where(PAYMENT.c.amount_fen == 100).values(state="approved"),
    "state_without_proof": update(PAYMENT).where(PAYMENT.c.amount_fen == 100).values(state="paid"),
    "result_not_followed": update(PAYMENT).where(PAYMENT.c.amount_fen == 12345).values(state="sent"),
}


@pytest.mark.parametrize("check", sorted(FORGED))
def test_each_check_of_the_day_finds_what_was_forged_and_says_where(county: County, check: str) -> None:
    settle(county, {one(county, "陈一"): PAID})
    county.job.ledger.dispose()
    disarm(str(county.job.home.root / "ledger.db"))
    with county.job.ledger.begin() as connection:
        connection.execute(FORGED[check])
    with_money = reconcile.run(county.job)
    if check == "result_not_followed":
        assert with_money.counts["paid"] == 1, "a sent payment with a final answer is moved, not reported"
        return
    assert with_money.counts["differences"] >= 1
    assert any(check in note for note in with_money.notes)
    assert with_money.counts["stops"] >= 1


def test_nothing_is_drafted_while_the_ledger_differs(county: County, agree_all: Agree) -> None:
    county.job.ledger.dispose()
    disarm(str(county.job.home.root / "ledger.db"))
    with county.job.ledger.begin() as connection:
        connection.execute(FORGED["fund_identity"])
    county.assess([Line("陈一", "e1", 12345), Line("李二", "e2", 5), Line("王三", "e3", 100), Line("陈一", "e4", 7)])
    apply.run(county.job)
    agree_all(county)
    before = live_fen(county)
    assert pay.run(county.job).counts["drafted"] == 0
    assert [(row["reason_code"], row["amount_fen"]) for row in rows(county, PAYMENT_HOLD)] == [("MONEY_DIFFERS", 7)]
    assert live_fen(county) == before


def test_the_sheet_says_where_the_countys_money_stands(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "can_print", lambda: False)
    disclose.run(county.job)
    (sheet,) = county.job.home.outbox(county.job.pack.name).glob("*_sheet.html")
    assert "124.50 元 = 已付 paid 0.00" in sheet.read_text("utf-8")


def test_the_chain_holds_after_everything(county: County) -> None:
    settle(county, {one(county, "陈一"): PAID, one(county, "李二"): BACK}, extra=(("P0", BACK, 777),))
    acts.reissue(county.job, one(county, "李二"), keeps_account=True)
    pay.run(county.job)
    assert paid_out(county) == 12345
    with county.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"
