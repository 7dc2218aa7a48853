"""A thousand ledgers of fifty steps each, written to in any order, rogue SQL between: the books balance after every step."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.conftest import Shard
from tests.ledgers import new_ledger
from tests.proofs.money_machine import PEOPLE, MoneyMachine

MACHINES = 1_000
STEPS = 50
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
HEALTH = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("machine") / "ledger.db"
    new_ledger(f"sqlite:///{path}")
    return path


def run(template: Path, *, machines: int, number: int) -> None:
    kind = type("Machine", (MoneyMachine,), {"template": template})
    chosen = settings(
        max_examples=machines,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=HEALTH,
        report_multiple_bugs=False,
    )
    seed(number)(run_state_machine_as_test)(kind, settings=chosen)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_the_books_balance_after_every_step(template: Path, shard: Shard) -> None:
    run(template, machines=len(shard.take(range(MACHINES))), number=shard.number)


GUARDS = (
    "drop index one_live_line",
    "drop trigger payment_steps",
    "drop trigger payment_frozen",
    "drop trigger payment_stays",
    "drop trigger payment_batch_steps",
    "drop trigger payment_batch_frozen",
    "drop trigger payment_batch_stays",
    "drop trigger payment_line_frozen",
    "drop trigger award_posting_keeps_update",
    "drop trigger bank_result_keeps_update",
    "drop trigger audit_keeps_update",
    "drop trigger audit_keeps_delete",
)
"""Guards of the money; each holds off a statement that nothing else refuses."""


def lived(template: Path, *without: str) -> MoneyMachine:
    """A ledger with money in every state: returned, paid, sent, drafted."""
    kind = type("Machine", (MoneyMachine,), {"template": template, "without": without})
    machine: MoneyMachine = kind()
    machine.open()
    for fen in (500, 70, 30):
        for person in PEOPLE:
            machine.post(person, fen)
        machine.draft()
        if fen > 30:
            machine.approve(0, "checker")
            machine.send(0)
        if fen > 70:
            machine.answer(["PAID", "RETURNED", "PENDING"])
            machine.follow()
    machine.the_books_balance()
    return machine


def test_rogue_sql_is_refused_in_every_state(template: Path) -> None:
    lived(template).rogue()


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_that_was_taken_away_is_found(template: Path, guard: str) -> None:
    """Where two guards hold off the same statement, the second one is taken away as well."""
    more = {"drop index one_live_line": ("drop trigger payment_line_above",)}.get(guard, ())
    machine = lived(template, guard, *more)
    if guard in ("drop trigger payment_stays", "drop trigger payment_batch_stays"):
        machine.raw.execute("pragma foreign_keys=off")
    with pytest.raises(AssertionError, match="rogue SQL went through"):
        machine.rogue()
