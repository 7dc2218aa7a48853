"""Processes whose cases claim bills: no end may leave a bill undecided."""

from __future__ import annotations

from mianshen.core.bills import Money
from mianshen.core.process import Process
from mianshen.policy.shapes import Row


def check_money(row: Row, process: Process) -> None:
    """Nothing when every way out says what becomes of the bills; MianshenError POLICY_DAMAGED at the first outcome that does not.

    Where an outcome releases bills, each outcome that ends a case without success refuses them.
    """
    for outcome in (one for step in row["steps"] for one in step["outcomes"]):
        if not process.claims_bills:
            if outcome["money"] is not None:
                outcome.at("money").refuse("没有放行单据的结论(money: release)", "no outcome releases the bills (money: release)")
            continue
        is_failure = outcome["ends"] is not None and not process.end(outcome["ends"]).is_success
        if is_failure and outcome["money"] != Money.REFUSE:
            outcome.spot.refuse("不成功的办结须写 money: refuse", "an end without success refuses the bills (money: refuse)")
