"""The quota and its forecast: how many a day, whether that is enough, and what a refusal says in the person's record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.stages.money_county import County, Line, make_county

from mianshen.core.clocks import Counting
from mianshen.core.days import ZONE
from mianshen.core.yearly import Quota
from mianshen.stages import apply, approve, supervise
from mianshen.warehouse.approval_pace import pace
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.ledger import APPROVAL_BATCH


def county_of(root: Path, items: int, *, counting: Counting = Counting.WORKDAYS, per_day: int | None = 60) -> County:
    """Items that wait for the medical security bureau since 3 November, due on the 17th after ten working days."""
    made = make_county(root / "home", ())

    def change(pack):  # type: ignore[no-untyped-def]
        quota = None if per_day is None else Quota(per_day, counting)
        process = replace(pack.award_process, steps=tuple(replace(one, quota=quota) for one in pack.award_process.steps))
        return replace(pack, processes=(process,), routing=tuple(replace(one, large_fen=0) for one in pack.routing))

    made.with_pack(change)
    made.assess([Line(f"p{number}", f"e{number}", 100 + number, "district_last_resort") for number in range(items)])
    apply.run(made.job)
    return made


def paced(county: County, day: int) -> dict[str, object]:
    with county.job.ledger.connect() as connection:
        (row,) = pace(connection, county.job.pack, as_of=datetime(2026, 11, day, 9, tzinfo=ZONE))
    return row


def answer(county: County, numbers: range, day: int) -> None:
    with county.job.ledger.connect() as connection:
        batch = connection.execute(select(APPROVAL_BATCH.c.approval_batch_id)).scalar_one()
    said = "; ".join(f"{number}=CONFIRMED" for number in numbers)
    at = f"2026-11-{day:02d}T10:00:00+08:00"
    approve.record_replies(county.job, batch, {"chosen": "未定", "agrees": said, "decided_by": "a", "decided_at": at})


@pytest.mark.parametrize(
    ("items", "day", "expected"),
    [(59, 4, 59), (60, 4, 60), (61, 4, 60), (600, 4, 60), (601, 4, 61), (1_000, 4, 100), (130, 16, 65), (130, 17, 130)],
)
def test_the_pace_is_the_quota_or_what_is_left_over_the_days_left(tmp_path: Path, items: int, day: int, expected: int) -> None:
    assert paced(county_of(tmp_path, items), day)["required_pace"] == expected


@pytest.mark.parametrize(("counting", "days"), [(Counting.WORKDAYS, 10), (Counting.CALENDAR_DAYS, 14)])
def test_whether_a_day_means_a_working_day_is_the_quota_s(tmp_path: Path, counting: Counting, days: int) -> None:
    row = paced(county_of(tmp_path, 5, counting=counting), 4)
    assert (row["days_left"], row["counting"]) == (days, counting.value)


def test_without_a_quota_the_days_left_alone_decide(tmp_path: Path) -> None:
    row = paced(county_of(tmp_path, 25, per_day=None), 4)
    assert (row["quota_per_day"], row["required_pace"]) == (None, 3)


def test_the_forecast_says_what_would_be_left(tmp_path: Path) -> None:
    county = county_of(tmp_path, 300)
    answer(county, range(1, 21), 4)
    answer(county, range(21, 41), 5)
    row = paced(county, 5)
    assert (row["waiting"], row["decided_today"], row["pace_so_far"], row["days_left"]) == (260, 20, 13, 9)
    assert row["short_by"] == 260 - 13 * 9


def test_supervisors_read_the_pace_and_a_person_s_record_says_why_it_was_refused(tmp_path: Path) -> None:
    county = county_of(tmp_path, 3)
    with county.job.ledger.connect() as connection:
        batch = connection.execute(select(APPROVAL_BATCH.c.approval_batch_id)).scalar_one()
    said = {"chosen": "未定", "refusals": "2=INCOME_ABOVE_LINE", "decided_by": "a", "decided_at": "2026-11-04T10:00:00+08:00"}
    approve.record_replies(county.job, batch, said)
    county.later(days=1)
    supervise.run(county.job)
    con = compute()
    for name in ("out.approval_pace", "out.record_decision"):
        show(con, name, county.job.lake.current(name, county_code=county.job.county_code, month=str(county.job.month)))
    assert con.execute("select department_code, waiting, required_pace from out.approval_pace").fetchall() == [
        ("medical_security", 2, 2)
    ]
    (told,) = con.execute("select outcome, reason_code, saying_zh from out.record_decision").fetchall()
    assert told == (
        "refuse",
        "INCOME_ABOVE_LINE",
        "部门审批:不予救助。家庭收入或财产超过规定标准。可补充收入、财产材料后申请复核",
    )
    assert "每天须办 2 件(定额 quota 60)" in supervise.read_summary(county.job)
