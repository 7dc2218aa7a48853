"""A ledger that is written to in any order: postings, reversals, batches, banks' answers, claims, recalls, and rogue SQL between.

After every step the books are added up by other queries than the product's: what counts is what live lines carry and what is
payable, a payment is its lines, a batch its payments, a posting is never carried beyond itself, nothing is paid twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

from mianshen.core.days import ZONE
from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.warehouse import audit, bank_loop, bank_results, payments, postings
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.payment_draft import make_draft, netted

COUNTY = "510118"
AT = datetime(2026, 11, 3, 9, tzinfo=ZONE).isoformat(timespec="seconds")
PEOPLE = ("p1", "p2", "p3")
ROGUE = (
    "update payment set amount_fen = amount_fen + 1",
    "update payment set payee_key = 'thief'",
    "update payment set account_key = 'thief'",
    "update payment set state = 'paid' where state in ('drafted', 'approved')",
    "update payment set state = 'approved' where state = 'paid'",
    "update payment set state = 'reissued' where state in ('sent', 'paid')",
    "update payment set state = 'sent' where state in ('returned', 'paid', 'cancelled')",
    "update payment_batch set state = 'sent' where state = 'drafted'",
    "update payment_batch set state = 'drafted' where state <> 'drafted'",
    "update payment_batch set checker = maker where state = 'drafted'",
    "update payment_batch set amount_fen = amount_fen * 2",
    "update payment_line set amount_fen = amount_fen + 1",
    "update payment_line set is_live = 1 where not is_live",
    "update payment_line set payee_key = 'thief'",
    "insert into payment_line select payment_line_id || 'x', payment_id, award_id, payee_key, fund_code, department_code,"
    " amount_fen, is_live, relation_id from payment_line where is_live",
    "insert into payment select payment_id || 'x', payment_batch_id, sequence_no + 100, payee_key, account_key, amount_fen,"
    " state, reason_code from payment",
    "insert into award_posting select award_id || 'x', county_code, person_key, benefit_code, benefit_year, event_id, posting_no,"
    " kind, amount_fen, category_code, clause_id, department_code, fund_code, application_id, approval_item_id,"
    " reverses_award_id, policy_hash, run_id, posted_at from award_posting",
    "update award_posting set amount_fen = amount_fen + 1",
    "update bank_result set outcome = 'RETURNED', reason_code = 'RETURNED'",
    "delete from payment",
    "delete from payment_line",
    "delete from payment_batch",
    "delete from award_posting",
    "delete from bank_result",
    "delete from audit",
    "update audit set actor = 'somebody'",
)
"""What somebody with the database's password may try; whenever it would touch a row it must be refused."""
BOOKS = {
    "a posting is carried by more than itself": """
        select a.award_id from award_posting a join payment_line l on l.award_id = a.award_id and l.is_live
        group by a.award_id having abs(sum(l.amount_fen)) > abs(a.amount_fen) or count(*) > 1""",
    "a payment is not its lines": """
        select p.payment_id from payment p left join payment_line l on l.payment_id = p.payment_id
        group by p.payment_id having p.amount_fen <> coalesce(sum(l.amount_fen), 0)""",
    "a batch is not its payments": """
        select b.payment_batch_id from payment_batch b left join payment p on p.payment_batch_id = b.payment_batch_id
        group by b.payment_batch_id having b.amount_fen <> coalesce(sum(p.amount_fen), 0) or b.payments <> count(p.payment_id)""",
    "a payment that is over has live lines": """
        select p.payment_id from payment p join payment_line l on l.payment_id = p.payment_id and l.is_live
        where p.state in ('reissued', 'cancelled')""",
    "a payment under way has dead lines": """
        select p.payment_id from payment p join payment_line l on l.payment_id = p.payment_id and not l.is_live
        where p.state not in ('reissued', 'cancelled')""",
    "money left without a file or a checker": """
        select payment_batch_id from payment_batch
        where state = 'sent' and (file_sha256 is null or checker is null or checker = maker)""",
    "a payment has two final results": """
        select payment_id from bank_result where state = 'LOAD' and outcome <> 'PENDING'
        group by payment_id having count(*) > 1""",
}
"""Queries whose every row is a failure."""


def engine_of(template: Path) -> tuple[Engine, sqlite3.Connection]:
    """A ledger in memory, as an installation has it."""
    raw = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    with sqlite3.connect(template) as original:
        original.backup(raw)
    raw.execute("pragma foreign_keys=on")
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("begin immediate"))
    return engine, raw


class MoneyMachine(RuleBasedStateMachine):
    """One ledger and what may happen to it. `template` is a migrated, empty ledger; `without` takes guards away."""

    template: Path
    without: Sequence[str] = ()

    @initialize()
    def open(self) -> None:
        self.engine, self.raw = engine_of(self.template)
        for statement in self.without:
            self.raw.execute(statement)
        self.numbers = 0
        self.returns: list[list[dict[str, Any]]] = []

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.raw.close()

    def next(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}{self.numbers}"

    def one(self, query: str, *bound: Any) -> list[tuple[Any, ...]]:
        return self.raw.execute(query, bound).fetchall()

    def told(self, connection: Connection, action: str, subject: str) -> None:
        audit.append(connection, [Entry(action, subject, {})], at=AT, actor="system")

    def posting(self, person: str, fen: int, **more: Any) -> dict[str, Any]:
        award = self.next("w")
        texts = ("category_code", "clause_id", "department_code", "fund_code", "policy_hash", "run_id")
        own = {"award_id": award, "county_code": COUNTY, "person_key": person, "benefit_code": "b", "benefit_year": 2026}
        rest = {
            "event_id": award,
            "posting_no": 1,
            "kind": "award",
            "amount_fen": fen,
            "posted_at": AT,
            "reverses_award_id": None,
        }
        return {**own, **dict.fromkeys(texts, "x"), **rest, "application_id": None, "approval_item_id": None, **more}

    @rule(person=st.sampled_from(PEOPLE), fen=st.integers(1, 5_000))
    def post(self, person: str, fen: int) -> None:
        with self.engine.begin() as connection:
            postings.write_postings(connection, [self.posting(person, fen)])
            self.told(connection, "apply.posted", person)

    @rule(place=st.integers(0, 50))
    def reverse(self, place: int) -> None:
        """A posting is taken back as a whole, once; its money is netted against what is paid next."""
        rows = self.one(
            "select award_id, person_key, event_id, amount_fen from award_posting a where reverses_award_id is null"
            " and not exists (select 1 from award_posting r where r.reverses_award_id = a.award_id) order by award_id"
        )
        if rows:
            award, person, event_id, fen = rows[place % len(rows)]
            back = self.posting(person, -fen, event_id=event_id, posting_no=2, reverses_award_id=award)
            with self.engine.begin() as connection:
                postings.write_postings(connection, [back])

    @rule()
    def draft(self) -> None:
        with self.engine.begin() as connection:
            rows = payments.payable(connection, county_code=COUNTY)
            shares = [{**row, "payee_key": row["person_key"], "relation_id": None} for row in rows]
            due = [one for one in netted(shares) if one.amount_fen > 0]
            if not due:
                return
            made = make_draft(due, county_code=COUNTY, bank_profile="generic")
            frozen = {"month": "2026-10", "created_at": AT, "maker": "maker", "audit_head": "0", "audit_count": 0}
            payments.write_draft(connection, {**made.batch, **frozen}, made.payments, made.lines)
            self.told(connection, "payment_batch.drafted", made.batch_id)

    def batches(self, state: str) -> list[str]:
        return [row[0] for row in self.one("select payment_batch_id from payment_batch where state = ? order by 1", state)]

    @rule(place=st.integers(0, 9), by=st.sampled_from(["maker", "checker"]))
    def approve(self, place: int, by: str) -> None:
        waiting = self.batches("drafted")
        if waiting:
            try:
                with self.engine.begin() as connection:
                    payments.approve_batch(connection, waiting[place % len(waiting)], checker=by, at=AT)
            except MianshenError as error:
                assert (error.code, by) == ("MAKER_IS_CHECKER", "maker")

    @rule(place=st.integers(0, 9))
    def send(self, place: int) -> None:
        waiting = self.batches("approved")
        if waiting:
            with self.engine.begin() as connection:
                batch = waiting[place % len(waiting)]
                payments.mark_sent(connection, batch, file_name=f"{batch}.csv", file_sha256=short_id("F", batch), at=AT)
                self.told(connection, "payment_batch.sent", batch)

    @rule(place=st.integers(0, 9))
    def cancel(self, place: int) -> None:
        waiting = self.batches("drafted") + self.batches("approved")
        if waiting:
            with self.engine.begin() as connection:
                bank_loop.cancel_batch(connection, waiting[place % len(waiting)], county_code=COUNTY)

    @rule(outcomes=st.lists(st.sampled_from(["PAID", "RETURNED", "PENDING"]), min_size=1, max_size=4))
    def answer(self, outcomes: list[str]) -> None:
        """The bank answers some payments; what it has answered for good is set aside when it comes again."""
        open_ones = self.one(
            "select payment_batch_id, payment_id, amount_fen from payment where state = 'sent' order by payment_id"
        )
        settled = {row[0] for row in self.one("select payment_id from bank_result where state = 'LOAD' and outcome <> 'PENDING'")}
        file, rows = self.next("f"), []
        for number, (outcome, (batch, payment, fen)) in enumerate(zip(outcomes, open_ones, strict=False), 1):
            state = "QUAR" if payment in settled else "LOAD"
            texts = {"outcome": outcome, "state": state, "reason_code": outcome, "bank_code": "", "received_at": AT}
            rows.append({"file_sha256": file, "line_no": number, "payment_batch_id": batch, "payment_id": payment, **texts})
            rows[-1]["amount_fen"] = fen
        self.returns.append(rows)
        self.deliver(rows)

    def deliver(self, rows: list[dict[str, Any]]) -> int:
        with self.engine.begin() as connection:
            return bank_results.write_results(connection, rows)

    @precondition(lambda self: self.returns)
    @rule(place=st.integers(0, 9))
    def deliver_again(self, place: int) -> None:
        """The same return once more, early or late: nothing is added."""
        assert self.deliver(self.returns[place % len(self.returns)]) == 0

    @rule()
    def follow(self) -> None:
        with self.engine.begin() as connection:
            bank_loop.apply_results(connection, county_code=COUNTY)
        with self.engine.begin() as connection:
            assert bank_loop.apply_results(connection, county_code=COUNTY) == []

    @rule(place=st.integers(0, 9))
    def claim(self, place: int) -> None:
        """What came back is claimed once, however many try."""
        with self.engine.begin() as connection:
            back = bank_loop.returned(connection, county_code=COUNTY)
            if back:
                payment = back[place % len(back)]["payment_id"]
                said = {"reason_code": "ACCOUNT_MISSING", "keeps_account": False, "by": "clerk", "at": AT}
                assert bank_loop.claim(connection, payment, **said)
                assert not bank_loop.claim(connection, payment, **said)

    @rule()
    def rogue(self) -> None:
        """Each statement is refused, or no row was there to be touched."""
        for statement in ROGUE:
            self.raw.execute("begin")
            try:
                touched = self.raw.execute(statement).rowcount
            except sqlite3.IntegrityError:
                touched = 0
            finally:
                self.raw.execute("rollback")
            assert touched <= 0, f"rogue SQL went through: {statement}"

    @invariant()
    def the_books_balance(self) -> None:
        if not hasattr(self, "raw"):
            return
        for said, query in BOOKS.items():
            assert self.one(query) == [], said
        with self.engine.connect() as connection:
            rest = sum(row["amount_fen"] for row in payments.payable(connection, county_code=COUNTY))
        counted = self.one("select coalesce(sum(amount_fen), 0) from award_posting")[0][0]
        carried = self.one("select coalesce(sum(amount_fen), 0) from payment_line where is_live")[0][0]
        assert counted == carried + rest, "agreed money is neither carried nor payable"
