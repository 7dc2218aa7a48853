"""A simulated year: every planted miss is raised once, at its due moment, and nothing else; who does not look finds nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.cli.simulate import result_of, simulate_county
from mianshen.cli.simulate.truth import Alarm, Truth
from mianshen.cli.simulate.year import Year
from mianshen.core.clocks import Counting
from mianshen.core.days import ZONE
from mianshen.core.paths import Home
from mianshen.warehouse.clock_store import clocks_of

DUE = datetime(2026, 3, 4, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


def year_of(root: Path, pack: str, people: int, *, is_watched: bool = True) -> Year:
    """A year of matters; where the county pays relief, of one month of it."""
    return simulate_county(Home(root), pack, year=2026, people=people, seed=11, told=[], is_watched=is_watched, months=1)


@pytest.mark.parametrize(("pack", "people"), [("360702_zhanggong", 120), ("360981_fengcheng", 120), ("420281_daye", 30)])
def test_in_a_year_every_planted_miss_is_raised_once_at_its_due_moment_and_nothing_else(
    pack: str, people: int, tmp_path: Path
) -> None:
    county = year_of(tmp_path, pack, people)
    found = result_of(county)
    assert found["planted"] >= 4, "the year is no test without misses"
    assert (found["lost"], found["false"], found["doubled"], found["mistimed"]) == ((), (), (), ())
    assert found["raised"] == found["planted"]
    assert found["open_without_a_planted_reason"] == [], "every case is closed, or left open on purpose"
    ended = sum(count for name, count in county.counts.items() if name.startswith("ended."))
    assert ended + found["open_cases"] == county.counts["cases"]
    with county.job.ledger.connect() as connection:
        rows = [dict(row) for row in clocks_of(connection, county.job.county_code)]
    check_last_minutes(county, rows)
    check_calendar(county, {row["subject_id"]: row for row in rows})


def check_last_minutes(county: Year, rows: list[dict[str, Any]]) -> None:
    """Who acted in the last minute is not raised; who acted at the due moment is."""
    raised = {one.subject_id for one in county.truth.alarms}
    closed = {row["subject_id"]: (moment(row["closed_at"]), moment(row["due_at"])) for row in rows if row["closed_at"]}
    near = {subject for subject, (at, due) in closed.items() if at == due - MINUTE}
    late = {subject for subject, (at, due) in closed.items() if at >= due}
    assert near
    assert not raised & near
    assert late <= raised


def check_calendar(county: Year, rows: dict[str, dict[str, Any]]) -> None:
    """Due moments of what was raised, counted by a package that nobody here wrote."""
    limits = {one.code: one for one in county.job.pack.time_limits if one.starts_at == "step" and "." not in one.code}
    for alarm in county.truth.alarms:
        row = rows[alarm.subject_id]
        limit = limits.get(row["time_limit_code"])
        if row["turn_no"] or limit is None or limit.counting is not Counting.WORKDAYS or alarm.at.year > 2026:
            continue
        day, left = date.fromisoformat(row["started_at"][:10]), limit.amount
        while left:
            day += timedelta(days=1)
            left -= chinese_calendar.is_workday(day)
        assert alarm.at == datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=ZONE), alarm


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_without_a_watcher_nothing_is_raised_and_the_year_is_wrong(tmp_path: Path) -> None:
    found = result_of(year_of(tmp_path, "360702_zhanggong", 60, is_watched=False))
    assert (found["raised"], found["is_right"]) == (0, False)
    assert len(found["lost"]) == found["planted"] > 0


@pytest.mark.parametrize(
    ("alarms", "kind"),
    [
        ([], "lost"),
        ([Alarm("a", DUE), Alarm("b", DUE)], "false"),
        ([Alarm("a", DUE), Alarm("a", DUE)], "doubled"),
        ([Alarm("a", DUE + MINUTE)], "mistimed"),
    ],
)
def test_what_is_lost_false_doubled_or_mistimed_is_seen(alarms: list[Alarm], kind: str) -> None:
    truth = Truth({"a": DUE}, alarms)
    verdict = truth.verdict()
    assert not verdict.is_right
    assert getattr(verdict, kind)


def test_equal_seeds_give_equal_years_and_the_command_says_how_they_ended(tmp_path: Path) -> None:
    command = ["simulate", "--pack", "360702_zhanggong", "--people", "30", "--seed", "3", "--json"]
    said = [CliRunner().invoke(app, command) for _ in range(2)]
    assert [one.exit_code for one in said] == [0, 0], said[0].output
    assert said[0].output == said[1].output
    assert '"is_right": true' in said[0].output


def keys_in(root: Path, seed: int) -> bytes:
    """The key file of a county that this seed simulates."""
    simulate_county(Home(root / str(seed)), "360702_zhanggong", year=2026, people=1, seed=seed, told=[])
    return Home(root / str(seed)).keyring.read_bytes()


def test_a_simulated_home_draws_its_keys_from_the_seed_and_a_real_one_never(tmp_path: Path) -> None:
    """Account keys and with them numbers of payments follow from the home's keys: the bank's draw hangs on those."""
    first, again, other = keys_in(tmp_path / "first", 3), keys_in(tmp_path / "again", 3), keys_in(tmp_path / "other", 4)
    assert first == again != other
    for name in ("real", "real_too"):
        assert CliRunner().invoke(app, ["init", "--home", str(tmp_path / name), "--pack", "360702_zhanggong"]).exit_code == 0
    assert Home(tmp_path / "real").keyring.read_bytes() != Home(tmp_path / "real_too").keyring.read_bytes()
