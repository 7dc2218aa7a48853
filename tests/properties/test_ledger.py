"""Whatever order news comes in: postings add up to the entitlement, payments to its highest value so far, none leaves twice."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.stages.money_county import County, Line, make_county

from mianshen.core.paths import Home
from mianshen.stages import apply, approve, pay
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.ledger import (
    APPROVAL_ITEM,
    AWARD_POSTING,
    DECISION,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_HOLD,
    PAYMENT_LINE,
)

PEOPLE = ("甲", "乙")
EVENTS = {"e1": date(2026, 10, 2), "e2": date(2026, 10, 9), "e3": date(2026, 10, 20), "old": date(2026, 8, 1)}
"""Events and their days; `old` lies before go-live."""
BENEFITS = ("special_civil_affairs", "special_disabled")
KEYS = [(person, event, benefit) for person in PEOPLE for event in EVENTS for benefit in BENEFITS]

Targets = dict[tuple[str, str, str], int]

targets = st.dictionaries(st.sampled_from(KEYS), st.integers(min_value=1, max_value=300), max_size=len(KEYS))
refusals = st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(("civil_affairs", "disabled"))), max_size=2)
steps = st.lists(st.tuples(targets, st.booleans()), min_size=1, max_size=5)
refusing_steps = st.lists(st.tuples(targets, refusals), min_size=1, max_size=4)
quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> County:
    """A home that every example starts from a copy of."""
    county = make_county(tmp_path_factory.mktemp("template") / "home", PEOPLE)
    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    county.job.ledger.dispose()
    return county


def copy_of(template: County, folder: Path) -> County:
    home = Home(folder / "home")
    shutil.copytree(template.job.home.root, home.root)
    job = replace(template.job, home=home, ledger_url=home.ledger_url, vault_url=home.vault_url)
    return County(job, template.people)


def assess(county: County, wanted: Targets) -> None:
    county.assess([Line(person, event, fen, benefit, EVENTS[event]) for (person, event, benefit), fen in wanted.items()])


def answer(county: County, refused: set[tuple[str, str]] | None = None) -> None:
    """Answer every batch that waits: agree, but for the (person, department) pairs that are refused."""
    for department in ("civil_affairs", "disabled"):
        while (view := approve.open_batch_view(county.job, department)) is not None:
            with county.job.ledger.connect() as connection:
                keys = select(APPROVAL_ITEM.c.item_no, APPROVAL_ITEM.c.person_key)
                items = connection.execute(keys.where(APPROVAL_ITEM.c.approval_batch_id == view.batch_id)).all()
            bad = {county.people[person] for person, where in refused or set() if where == department}
            named = "; ".join(f"{item.item_no}=DUPLICATE_RELIEF" for item in items if item.person_key in bad)
            reply = {"chosen": "同意", "refusals": named, "decided_by": f"a_{department}", "decided_at": county.job.moment}
            approve.record_replies(county.job, view.batch_id, reply)


def entitled(wanted: Targets) -> Counter[str]:
    """What each person is entitled to here; events before go-live were paid the old way."""
    sums: Counter[str] = Counter()
    for (person, event, _), fen in wanted.items():
        if event != "old":
            sums[person] += fen
    return sums


def posted(county: County) -> Targets:
    names = {key: person for person, key in county.people.items()}
    table = AWARD_POSTING.c
    query = select(table.person_key, table.event_id, table.benefit_code, func.sum(table.amount_fen)).group_by(
        table.person_key, table.event_id, table.benefit_code
    )
    with county.job.ledger.connect() as connection:
        return {(names[person], event, benefit): int(fen) for person, event, benefit, fen in connection.execute(query) if fen}


def paid(county: County) -> Counter[str]:
    names = {key: person for person, key in county.people.items()}
    query = select(PAYMENT.c.payee_key, func.sum(PAYMENT.c.amount_fen)).group_by(PAYMENT.c.payee_key)
    with county.job.ledger.connect() as connection:
        return Counter({names[payee]: int(fen) for payee, fen in connection.execute(query)})


def holds(county: County) -> dict[str, int]:
    standing = select(PAYMENT_HOLD).where(PAYMENT_HOLD.c.lifted_at.is_(None))
    with county.job.ledger.connect() as connection:
        return {row.payee_key: row.amount_fen for row in connection.execute(standing)}


def check_ledger(county: County) -> None:
    """What must hold at every moment."""
    with county.job.ledger.connect() as connection:
        live = connection.execute(
            select(PAYMENT_LINE.c.award_id, func.count()).where(PAYMENT_LINE.c.is_live).group_by(PAYMENT_LINE.c.award_id)
        )
        assert all(count == 1 for _, count in live)
        lines = connection.execute(select(func.coalesce(func.sum(PAYMENT_LINE.c.amount_fen), 0))).scalar_one()
        payments = connection.execute(select(func.coalesce(func.sum(PAYMENT.c.amount_fen), 0))).scalar_one()
        batches = connection.execute(select(func.coalesce(func.sum(PAYMENT_BATCH.c.amount_fen), 0))).scalar_one()
        assert lines == payments == batches
        assert verify(rows_of(connection)).problem == "ok"
        refused = (
            select(PAYMENT_LINE.c.payment_line_id)
            .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
            .join(DECISION, DECISION.c.approval_item_id == AWARD_POSTING.c.approval_item_id)
            .where(DECISION.c.outcome != "agree")
        )
        assert connection.execute(refused).all() == []


@quick
@given(story=steps)
def test_payments_follow_the_highest_entitlement(template: County, story: list[tuple[Targets, bool]]) -> None:
    highest: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        county = copy_of(template, Path(folder))
        for wanted, pays in [*story, (story[-1][0], True)]:
            assess(county, wanted)
            apply.run(county.job)
            assert posted(county) == wanted
            answer(county)
            if pays:
                pay.run(county.job)
                highest |= entitled(wanted)
                assert paid(county) == highest
            check_ledger(county)
            county.later(hours=1)
        carried = holds(county)
        final = entitled(story[-1][0])
        assert carried == {county.people[one]: final[one] - highest[one] for one in highest if final[one] != highest[one]}
        county.job.ledger.dispose()


@quick
@given(story=refusing_steps)
def test_what_is_refused_is_never_paid_and_never_taken_back(
    template: County, story: list[tuple[Targets, set[tuple[str, str]]]]
) -> None:
    most: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        county = copy_of(template, Path(folder))
        for wanted, refused in story:
            assess(county, wanted)
            apply.run(county.job)
            assert posted(county) == wanted
            answer(county, refused)
            before = paid(county)
            pay.run(county.job)
            most |= entitled(wanted)
            assert all(paid(county)[one] >= before[one] for one in PEOPLE), "a payment never shrinks"
            assert all(paid(county)[one] <= most[one] for one in PEOPLE)
            check_ledger(county)
            county.later(hours=1)
        county.job.ledger.dispose()
