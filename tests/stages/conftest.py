"""What the stage tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.stages.money_county import agree_to_all


@pytest.fixture(scope="session")
def agree_all() -> Callable[..., None]:
    """Agree to everything that waits, or to one department's items, straight in the ledger."""
    return agree_to_all
