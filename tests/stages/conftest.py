"""What the stage tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.stages.money_county import County

from mianshen.core.cases import Happening
from mianshen.core.decisions import Outcome
from mianshen.core.moves import Act
from mianshen.warehouse import approvals
from mianshen.warehouse.case_moves import move


@pytest.fixture
def agree_all() -> Callable[[County], None]:
    """Agree to everything that waits, or to one department's items, straight in the ledger."""

    def agree(county: County, department: str | None = None) -> None:
        with county.job.ledger.begin() as connection:
            waiting = approvals.undecided(connection, county_code=county.job.county_code)
            acts = [
                (
                    item["application_id"],
                    Act(
                        Happening.DECIDED,
                        item["department_code"],
                        "approver",
                        item["holder_department"],
                        county.job.as_of,
                        outcome_code=Outcome.AGREE.value,
                        reason_code="REVIEWED",
                        how="person",
                    ),
                )
                for item in waiting
                if department in (None, item["department_code"])
            ]
            assert not move(connection, county.job.pack, acts).refused

    return agree
