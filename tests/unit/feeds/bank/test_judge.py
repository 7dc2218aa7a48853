"""Bank returns as strangers write them: what a careful cashier decides, case by case."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.corpus.bank_returns.cases import CASES, Case
from tests.corpus.bank_returns.written import SENT

from mianshen.core.codes import REASONS
from mianshen.feeds.bank.judge import ReturnFile, judge_returns, summary_of
from mianshen.feeds.verdict import FileVerdict
from mianshen.policy.returns import load_return_profile

PROFILE = load_return_profile()
PLACES = {one.instruction: place for place, one in enumerate(SENT, 1)}


def judged(case: Case) -> list[FileVerdict]:
    files = [ReturnFile(path, content, case.sent) for path, content in sorted(case.files.items())]
    return judge_returns(files, profile=PROFILE)


def shown(verdict: FileVerdict) -> list[str]:
    states = {"LOAD": "", "QUAR": "QUAR ", "IGNORE": "IGNORE "}
    return [f"{PLACES.get(row.identity, 0)}:{states[row.state]}{row.reason}" for row in verdict.rows]


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_a_return_is_judged(case: Case) -> None:
    for verdict in judged(case):
        expected = case.expected[verdict.path]
        assert (verdict.outcome, verdict.reason) == (expected.outcome, expected.reason), case.why
        assert shown(verdict) == list(expected.rows), case.why


def test_the_cases_are_many_and_bear_one_name_each() -> None:
    assert len(CASES) >= 100
    assert [name for name, count in Counter(one.name for one in CASES).items() if count > 1] == []


def test_every_reason_is_of_the_closed_list_and_no_summary_names_a_person() -> None:
    personal = {word for one in SENT for word in (one.name, one.account)}
    for case in CASES:
        for verdict in judged(case):
            assert {verdict.reason, *(row.reason for row in verdict.rows)} - {""} <= set(REASONS)
            assert not [word for word in personal if word in summary_of(verdict)]


def test_no_payment_is_settled_twice_in_one_inbox() -> None:
    for case in CASES:
        rows = [row for verdict in judged(case) for row in verdict.rows if row.reason in ("PAID", "RETURNED")]
        assert [name for name, count in Counter(row.identity for row in rows).items() if count > 1] == []
