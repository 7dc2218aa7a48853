"""Seeded bugs of the days after the bank file: what the enumeration of their kill points must be able to see."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.proofs.bugs import Bug

from mianshen.warehouse import bank_loop, recoveries


def answers_apart() -> None:
    """Payments follow the bank's answers, and that is committed before the chain and the suspense account hear of it."""
    _commit_after(bank_loop, "apply_results")


def reissued_apart() -> None:
    """What came back is claimed for another payment, and that is committed before there is one."""
    _commit_after(bank_loop, "claim")


def received_apart() -> None:
    """Money that came back is committed before its case follows."""
    _commit_after(recoveries, "write_entry")


def claimed_apart() -> None:
    """A recovery is committed before its case is opened."""
    _commit_after(recoveries, "write_recoveries")


def _commit_after(module: ModuleType, name: str) -> None:
    done = getattr(module, name)

    def and_commit(connection: Any, *args: Any, **kwargs: Any) -> Any:
        found = done(connection, *args, **kwargs)
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("begin immediate")
        return found

    setattr(module, name, and_commit)


BUGS = {
    "answers_apart": Bug(answers_apart, "insert audit"),
    "reissued_apart": Bug(reissued_apart, "insert audit"),
    "received_apart": Bug(received_apart, "insert audit"),
    "claimed_apart": Bug(claimed_apart, 'insert "case"'),
}
"""By name."""
