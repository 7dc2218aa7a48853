"""Great Expectations and SQL judge the same batch apart from each other, and agree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.stages.intake_county import AS_OF, CLEAN, pack, settlement
from tests.stages.intake_sql import around, flat, judged
from tests.stages.test_intake_rows import BROKEN

from mianshen.core.contract import Kind
from mianshen.feeds.bound import bound_by
from mianshen.feeds.expectations import judge_counts, judge_rows
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute

GATES = {
    "PERSON_KEY": "person_key)",
    "KEY_MISSING": "null(setl_id)",
    "KEY_TWICE": "(delivery_id, setl_id, refd_setl_flag, updt_time)",
    "MONEY_MISSING": "null(inscp_scp_amt)",
    "DATE_MISSING": "null(setl_time)",
    "DATE_ORDER": "(enddate, begndate)",
    "IDENTITY_TOTAL": "(gap_0)",
    "IDENTITY_FUND": "(gap_1)",
    "IDENTITY_PERSON": "(gap_2)",
}
"""Each gate as SQL counts it, and a word of the expectation that judges it."""


def test_with_its_verdicts_wiped_out_a_bad_batch_fails_the_same_gates_in_both(tmp_path: Path) -> None:
    rows = [settlement(number, **changes) for number, (changes, _, _) in enumerate(BROKEN.values(), start=1)]
    conflict = [settlement(90), settlement(90, maf_pay="1.00", oth_pay="-1.00")]
    contract = pack().contract("settlement")
    with compute() as connection:
        judged(connection, [*rows, *conflict, {**CLEAN, "setl_id": "S99"}])
        connection.execute("update staging.settlement_judged set reason_code = null")
        around(connection, arrived_on=date(2026, 11, 3), is_drifted=None, known=())
        make_table(connection, "checks.settlement_quality", bound_by([contract], today=date(2099, 1, 1)))
        counted = connection.execute("select * from checks.settlement_quality").df()
        frame = flat(connection)
    by_sql = set(counted[counted["is_gate"] & (counted["failures"] > 0)]["check_code"])
    said = judge_rows(frame, contracts=[contract], folder=tmp_path, run_name="run", run_at=AS_OF).failed
    by_library = {code for code, word in GATES.items() if any(word in one for one in said)}
    assert by_sql == by_library == set(GATES)
    told = judge_counts(counted, name="settlement_checks", folder=tmp_path, run_name="run", run_at=AS_OF)
    assert len(told.failed) == len(by_sql)


NOTED = {"ROWS_DRIFT": "(is_drifted)", "EVENT_OLD": "(days_since)", "ORIGINAL_UNKNOWN": "(is_original_known)"}
"""What is odd about a batch of sound rows, as SQL counts it, and a word of the expectation that notes it."""


@pytest.mark.parametrize(
    ("arrived_on", "is_drifted", "known", "odd"),
    [
        (date(2026, 11, 3), 0, ("S1",), set()),
        (date(2026, 11, 3), None, ("S1",), set()),
        (date(2026, 11, 3), 1, ("S1",), {"ROWS_DRIFT"}),
        (date(2027, 3, 1), 0, ("S1",), {"EVENT_OLD"}),
        (date(2026, 11, 3), 0, (), {"ORIGINAL_UNKNOWN"}),
        (date(2027, 3, 1), 1, (), set(NOTED)),
    ],
)
def test_sound_rows_in_an_odd_batch_are_noted_by_both_and_stop_nothing(
    tmp_path: Path, arrived_on: date, is_drifted: int | None, known: tuple[str, ...], odd: set[str]
) -> None:
    contract = pack().contract("settlement")
    refund = settlement(1, setl_id="R1", init_setl_id="S1", refd_setl_flag="1")
    money = [one.name for one in contract.columns if one.kind is Kind.MONEY and refund.get(one.name)]
    negated = {**refund, **{name: f"-{refund[name]}" for name in money if float(refund[name])}}
    with compute() as connection:
        judged(connection, [settlement(1), negated])
        around(connection, arrived_on=arrived_on, is_drifted=is_drifted, known=known)
        make_table(connection, "checks.settlement_quality", bound_by([contract], today=date(2099, 1, 1)))
        counted = connection.execute("select * from checks.settlement_quality").df()
        frame = flat(connection)
    assert set(counted[counted["failures"] > 0]["check_code"]) == odd
    said = judge_rows(frame, contracts=[contract], folder=tmp_path, run_name="run", run_at=AS_OF)
    assert said.failed == ()
    assert {code for code, word in NOTED.items() if any(word in one for one in said.noted)} == odd
