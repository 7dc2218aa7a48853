"""Deliveries as strangers write them: what is said of each file and row, through the function that the terminal calls."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from tests.corpus.deliveries.cases import CASES, Case
from tests.corpus.deliveries.written import certno, name

from mianshen.core.codes import REASONS
from mianshen.core.contract import Contract
from mianshen.core.days import Month
from mianshen.feeds.verdict import FileVerdict, RowVerdict
from mianshen.policy.contracts import national_contract
from mianshen.policy.packs import POLICIES
from mianshen.stages.examine import Task, examine

DAY = date(2027, 1, 4)


@cache
def contract(feed: str) -> Contract:
    return national_contract(f"generic_{feed}", root=POLICIES)


def judged(case: Case, folder: Path) -> list[FileVerdict]:
    for path, content in case.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return examine(folder, Task(contract(case.feed), Month(2026, 12), DAY, ()))


def expected_row(said: str) -> tuple[str, str, str, str]:
    state, *reason, who = (
        said.split(" ") if "=" not in said else [*said.split("=")[0].split(" ")[:-1], said.split(" ", said.count(" "))[-1]]
    )
    place, mark, other = who.partition("=")
    number = certno(int(place)) if place != "-" else ""
    own = name(int(place)) if place != "-" else ""
    return state, reason[0] if reason else "", number, other if mark else own


def shown(row: RowVerdict) -> tuple[str, str, str, str]:
    return row.state.value, row.reason, row.identity, row.name


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_a_delivery_is_judged(case: Case, tmp_path: Path) -> None:
    verdicts = {one.path: one for one in judged(case, tmp_path)}
    assert set(verdicts) == set(case.expected), case.why
    for path, said in case.expected.items():
        found = verdicts[path]
        assert (found.outcome.value, found.reason) == (said.outcome, said.reason), case.why
        assert [shown(row) for row in found.rows] == [expected_row(row) for row in said.rows], case.why
        assert {found.reason, *(row.reason for row in found.rows)} - {""} <= set(REASONS)


def test_the_cases_are_many_and_bear_one_name_each() -> None:
    assert len(CASES) >= 100
    assert [one for one, count in Counter(case.name for case in CASES).items() if count > 1] == []
