"""What the lists said of a month when it was paid, beside what is known now, with the cause of each difference."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.stages.staged_county import StagedCounty, listed, make_staged

from mianshen.core.days import Month
from mianshen.core.errors import MianshenError
from mianshen.stages import profile
from mianshen.warehouse import roster_held
from mianshen.warehouse.roster_held import Asked, Counted, HeldIdentity

LIST = "bureau_list"


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    return make_staged(tmp_path / "home")


def asked(county: StagedCounty, month: Month, as_known: str) -> Asked:
    return Asked(county.job.county_code, month, as_known, county.job.moment, essential_lists=(LIST,))


def test_a_month_is_told_as_it_was_known_then_and_why_it_is_another_now(county: StagedCounty) -> None:
    county.deliver("roster", LIST, "2026-09", listed("P1"), listed("P2"))
    profile.run(county.job)
    then = county.job.moment
    county.later(days=20)
    county.deliver("roster", LIST, "2026-09", listed("P1"), listed("P3"), version=2)
    county.deliver("roster", LIST, "2026-10", listed("P1"), listed("P3"), listed("P4", valid_from=date(2026, 9, 1)))
    profile.run(county.job)
    september = Month(2026, 9)
    (one,) = roster_held.held(county.job.lake, asked(county, september, then))
    assert one == Counted(LIST, one.category_code, 2, 3, (("ROSTER_BACKDATED_START", 1), ("ROSTER_NEW_VERSION", 2)))
    (gone,) = roster_held.held_by(county.job.lake, asked(county, september, then), "P2")
    assert gone == HeldIdentity(LIST, one.category_code, True, False, gone.was_provisional, "ROSTER_NEW_VERSION")
    (same,) = roster_held.held(county.job.lake, asked(county, september, county.job.moment))
    assert (same.then, same.now, same.causes) == (3, 3, ()), "as known now, nothing differs"
    assert roster_held.held_by(county.job.lake, asked(county, september, then), "NOBODY") == []


def test_a_list_that_came_after_the_payment_is_the_cause(county: StagedCounty) -> None:
    county.deliver("roster", "union_list", "2026-09", listed("P9"))
    profile.run(county.job)
    then = county.job.moment
    county.later(days=5)
    county.deliver("roster", LIST, "2026-09", listed("P1"))
    profile.run(county.job)
    told = {one.list_code: one for one in roster_held.held(county.job.lake, asked(county, Month(2026, 9), then))}
    assert (told[LIST].then, told[LIST].now, told[LIST].causes) == (0, 1, (("ROSTER_CAME_LATE", 1),))
    assert (told["union_list"].then, told["union_list"].now) == (1, 1)


def test_a_row_that_is_none_names_nobody(county: StagedCounty) -> None:
    with pytest.raises(MianshenError, match="LINK_ROW_UNKNOWN"):
        roster_held.person_at(county.job.lake, delivery_id="D0", line_no=2)
