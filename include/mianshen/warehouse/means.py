"""Families, their incomes and the tests in the ledger; and which acts in a case the test does not allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from mianshen.core.cases import Event, Happening
from mianshen.core.days import local
from mianshen.core.errors import MianshenError
from mianshen.core.means import MeansRules, MeansTest
from mianshen.core.money import show_yuan
from mianshen.core.moves import Act
from mianshen.core.pack import Pack
from mianshen.warehouse import cases
from mianshen.warehouse.ledger import FAMILY_MEMBER, MEANS_ANSWER, MEANS_TEST, RADAR_SIGNAL

BURDEN = "OVER_LINE_UNLISTED"
"""The sign that says what care a person bore."""
_TESTED = ("people", "months", "income_fen", "borne_fen", "times", "standard_fen", "least_borne_fen")

Row = dict[str, Any]


def members_of(connection: Connection, case_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Members of the families of these cases, by case, the applicant first."""
    return _of_cases(connection, FAMILY_MEMBER, case_ids, FAMILY_MEMBER.c.member_no)


def answers_of(connection: Connection, case_ids: Iterable[str]) -> dict[tuple[str, int, int], Row]:
    """What was told of incomes in these cases, by case, round and member."""
    found = _of_cases(connection, MEANS_ANSWER, case_ids, MEANS_ANSWER.c.member_no)
    return {(row["case_id"], row["round_no"], row["member_no"]): row for rows in found.values() for row in rows}


def tests_of(connection: Connection, case_ids: Iterable[str]) -> dict[str, Row]:
    """The newest test of each of these cases, as its row."""
    found = _of_cases(connection, MEANS_TEST, case_ids, MEANS_TEST.c.round_no)
    return {case: rows[-1] for case, rows in found.items()}


def test_of(row: Mapping[str, Any]) -> MeansTest:
    """A row of means_test as a value."""
    return MeansTest(**{name: row[name] for name in _TESTED})


def columns_of(test: MeansTest) -> dict[str, int]:
    """The test as columns of means_test."""
    return {name: getattr(test, name) for name in _TESTED}


def borne_of(connection: Connection, case_ids: Iterable[str]) -> dict[str, int]:
    """Care borne, in fen, as the signs of these visits say; a case without such a sign is not among them."""
    own = RADAR_SIGNAL.c
    query = select(own.case_id, func.max(own.amount_fen)).where(own.case_id.in_(sorted(case_ids)), own.signal_code == BURDEN)
    return {case: int(fen) for case, fen in connection.execute(query.group_by(own.case_id))}


def applied_at(rules: MeansRules, events: Sequence[Event]) -> datetime:
    """When the family was applied for: the last decision of the step of the application. ValueError before there was one."""
    found = [local(one.at) for one in events if one.happening is Happening.DECIDED and one.step_code == rules.applied_at]
    return max(found)


def write(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of one of the three tables."""
    if rows:
        connection.execute(insert(table), [dict(one) for one in rows])


def require(connection: Connection, pack: Pack, act: Act, row: Mapping[str, Any]) -> None:
    """Nothing when the act may be as far as the family's means go; `row` is the case.

    MianshenError MEANS_MISSING without members, incomes or a test; MEANS_OTHERWISE for a decision that the test contradicts.
    """
    rules = pack.means
    if rules is None or row["process_code"] != rules.process_code or act.happening is not Happening.DECIDED:
        return
    case, place = row["case_id"], f"case {row['case_id']}"
    if act.step_code == rules.applied_at and _is_submitted(pack, rules, act) and not members_of(connection, [case]):
        raise MianshenError("MEANS_MISSING", found="家庭成员登记表", where=place)
    if (act.step_code, act.outcome_code) == (rules.checked_at, rules.answered_as) and case not in tests_of(connection, [case]):
        raise MianshenError("MEANS_MISSING", found="核对结果", where=place)
    if act.step_code == rules.decided_at:
        _require_same(rules, act, tests_of(connection, [case]).get(case), place)


def _is_submitted(pack: Pack, rules: MeansRules, act: Act) -> bool:
    outcome = pack.process(rules.process_code).step(act.step_code).outcome(act.outcome_code)
    return outcome is not None and rules.checked_at in outcome.opens


def _require_same(rules: MeansRules, act: Act, found: Row | None, place: str) -> None:
    if found is None:
        raise MianshenError("MEANS_MISSING", found="核对结果", where=place)
    test = test_of(found)
    is_agreed = act.outcome_code == rules.agreed_as
    if is_agreed == test.is_passed or (not is_agreed and act.reason_code != rules.reason_code):
        return
    sign = "≤" if test.is_within_line else ">"
    said = f"人均月收入 {show_yuan(test.per_head_fen)} {sign} {test.times} × {show_yuan(test.standard_fen)}"
    borne = f"因病支出 {show_yuan(test.borne_fen)} / {show_yuan(test.least_borne_fen)}"
    raise MianshenError("MEANS_OTHERWISE", found=f"{said},{borne}", where=place)


def _of_cases(connection: Connection, table: Table, case_ids: Iterable[str], order: Any) -> dict[str, list[Row]]:
    wanted, found = sorted(set(case_ids)), dict[str, list[Row]]()
    for start in range(0, len(wanted), cases.CHUNK):
        query = select(table).where(table.c.case_id.in_(wanted[start : start + cases.CHUNK]))
        for row in connection.execute(query.order_by(table.c.case_id, order)).mappings():
            found.setdefault(row["case_id"], []).append(dict(row))
    return found
