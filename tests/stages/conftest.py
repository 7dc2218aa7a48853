"""What the stage tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.stages.money_county import County

from mianshen.core.decisions import Outcome
from mianshen.warehouse import approvals


@pytest.fixture
def agree_all() -> Callable[[County], None]:
    """Agree to everything that waits, or to one department's items, straight in the ledger."""

    def agree(county: County, department: str | None = None) -> None:
        with county.job.ledger.begin() as connection:
            waiting = [
                item
                for route in ("rule", "person")
                for item in approvals.undecided(connection, county_code=county.job.county_code, route=route)
                if department in (None, item["department_code"])
            ]
            rows = [
                approvals.decision_row(
                    item["approval_item_id"],
                    outcome=Outcome.AGREE,
                    reason_code="CONFIRMED",
                    decided_by="approver",
                    decided_at=county.job.moment,
                    how="person",
                )
                for item in waiting
            ]
            approvals.write_decisions(connection, rows)

    return agree
