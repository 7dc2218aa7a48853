"""A department sees that its amount changed because another one did not relieve the person, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stages.money_county import County, Line, make_county

from mianshen.stages import apply, approve

NOTE = "其他部门未予救助,金额因此重算"
Agree = Callable[..., None]


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Every item goes to a person."""
    made = make_county(tmp_path / "home", ["甲", "乙"])
    made.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    return made


def refuse(county: County, department: str, *, of: str) -> None:
    view = approve.open_batch_view(county.job, department)
    assert view is not None
    number = next(one.item_no for one in view.items if one.amount_fen == int(of))
    reply = {
        "chosen": "同意",
        "refusals": f"{number}=IDENTITY_NOT_CONFIRMED",
        "decided_by": f"approver_{department}",
        "decided_at": county.job.moment,
    }
    approve.record_replies(county.job, view.batch_id, reply)


def noted(county: County, department: str) -> dict[int, bool]:
    """By amount: whether the item's line bears the note."""
    view = approve.open_batch_view(county.job, department)
    assert view is not None
    assert (NOTE in view.body) is any(one.follows_refusal for one in view.items)
    return {one.amount_fen: NOTE in one.why_zh for one in view.items}


def test_only_who_another_department_refused_bears_the_note_and_only_the_next_time(county: County, agree_all: Agree) -> None:
    both = [Line("甲", "e1", 100), Line("甲", "e1", 70, "special_disabled"), Line("乙", "e2", 200)]
    county.assess(both)
    apply.run(county.job)
    assert noted(county, "civil_affairs") == {100: False, 200: False}
    refuse(county, "disabled", of="70")
    agree_all(county)
    county.later(days=1)
    county.assess([Line("甲", "e1", 130), Line("乙", "e2", 200), Line("乙", "e3", 50)])
    apply.run(county.job)
    assert noted(county, "civil_affairs") == {30: True, 50: False}
    batch = approve.open_batch_view(county.job, "civil_affairs")
    assert batch is not None and "残" not in batch.body.split("| 序号")[1], "which department refused is not said"
    agree_all(county)
    county.later(days=1)
    county.assess([Line("甲", "e1", 130), Line("甲", "e4", 40), Line("乙", "e2", 200), Line("乙", "e3", 50)])
    apply.run(county.job)
    assert noted(county, "civil_affairs") == {40: False}, "a later claim has nothing to do with it"
