"""Why October differs from last week's October: each planted cause is named with the people, visits and fen that it moved."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.stages import window_county
from tests.stages.bank_county import PAPER, payments_of, settle
from tests.stages.bank_county import rows as ledger_rows
from tests.stages.portrait_county import assessed, bill, planted
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged
from tests.stages.window_county import RELIEF_FEN, make_planted

from mianshen.cli import report_diff
from mianshen.core.errors import MianshenError
from mianshen.stages import figures, portray
from mianshen.stages.figures import Compared, compare
from mianshen.stages.reconcile import acts
from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import SUSPENSE

OCTOBER = date(2026, 10, 14)


def printed(county: StagedCounty) -> str:
    """Assess and print an hour later; the run of the portrait."""
    county.later(hours=1)
    assessed(county)
    run = portray.run(county.job).run_id
    assert run is not None
    return run


def parts(found: Compared, category: str = "TOTAL") -> dict[str, dict[str, int]]:
    """What each cause moved of each figure of a category; asserts that every figure's parts are its whole difference."""
    for one in found.changes:
        assert sum(part for _, part in one.causes) == one.now - one.then, one
        assert "unknown" not in dict(one.causes), one
    return {one.figure_code: dict(one.causes) for one in found.changes if one.category_code == category and one.causes}


@dataclass
class Story:
    """A county to which one thing happened after the other, and the run of the portrait after each."""

    county: StagedCounty
    runs: dict[str, str]

    def between(self, first: str, second: str) -> Compared:
        return compare(self.county.job, since=self.runs[first], until=self.runs[second])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """First; a claim of Anna's that came late; its refund; Bao's claim corrected; other lists; a week later another policy."""
    county = planted(tmp_path_factory.mktemp("figures") / "home")
    runs = {"first": printed(county)}
    county.deliver("settlement", "settlement", "2026-10-02", bill("A2", "Anna", OCTOBER, 1_000))
    runs["late"] = printed(county)
    refund = bill("A2R", "Anna", OCTOBER, -1_000, refd_setl_flag="1", init_setl_id="A2", psn_part_amt=-100_000)
    county.deliver("settlement", "settlement", "2026-10-03", refund)
    runs["refund"] = printed(county)
    more = {"hifp_pay": 500_000, "fund_pay_sumamt": 500_000, "psn_part_amt": 500_000}
    stamp = {"updt_time": datetime.fromisoformat("2026-11-01 12:00"), "mdtrt_admdvs": "100901"}
    county.deliver("settlement", "settlement", "2026-10-04", bill("B1", "Bao", date(2026, 10, 13), 10_000, **more, **stamp))
    runs["corrected"] = printed(county)
    county.deliver("roster", "bureau_list", "2026-10", listed("Anna", valid_from=date(2026, 1, 1)), listed("Chen"), version=2)
    runs["lists"] = printed(county)
    county.later(days=7)
    county.job = replace(county.job, pack=example_pack(county.job.as_of.date(), "base"), overlays=("base",))
    runs["policy"] = printed(county)
    return Story(county, runs)


def test_nothing_happened_and_nothing_moved(story: Story) -> None:
    assert parts(story.between("first", "first")) == {}


def test_a_late_settlement_moves_visits_and_fen_and_no_person_who_was_counted_before(story: Story) -> None:
    assert parts(story.between("first", "late")) == {
        "visits": {"claim_new": 1},
        "visits_relieved": {"claim_new": 1},
        "cost_fen": {"claim_new": 100_000},
        "burden_fen": {"claim_new": 100_000},
        "relief_fen": {"claim_new": 65_000},
    }, "1,000 yuan more at 50 %, and 30 % of what is left"


def test_a_refund_takes_the_same_back(story: Story) -> None:
    found = parts(story.between("late", "refund"))
    assert (found["visits"], found["cost_fen"], found["relief_fen"]) == (
        {"refund": -1},
        {"refund": -100_000},
        {"refund": -65_000},
    )
    assert parts(story.between("first", "refund")) == {}, "what came and went moved nothing over both"


def test_a_corrected_settlement_moves_fen_alone(story: Story) -> None:
    assert parts(story.between("refund", "corrected"), "ILL") == {
        "fund_fen": {"resettled": 100_000},
        "burden_fen": {"resettled": -100_000},
        "relief_fen": {"resettled": 120_000 - 185_000},
    }, "5,000 yuan stay within the deductible of the first benefit; (5,000 - 1,000) x 30 %"


def test_lists_move_people_and_relief(story: Story) -> None:
    found = story.between("corrected", "lists")
    total = parts(found)
    assert total["people_listed"] == {"identity_added": 1, "identity_revoked": -2}, "Chen came, Bao and Deng went"
    assert total["relief_fen"].keys() == {"identity_added", "identity_revoked"}
    assert parts(found, "ILL")["people_treated"] == {"identity_revoked": -1}
    assert dict(found.people) == {"identity_added": 1, "identity_revoked": 2}


def test_a_policy_moves_relief_alone(story: Story) -> None:
    total = parts(story.between("lists", "policy"))
    assert total.keys() <= {"relief_fen", "people_relieved", "visits_relieved"}
    assert set(total["relief_fen"]) == {"policy"}


def test_everything_that_happened_adds_up_for_every_figure_and_category(story: Story) -> None:
    found = story.between("first", "policy")
    causes = {cause for one in found.changes for cause, _ in one.causes}
    assert causes == {"resettled", "identity_added", "identity_revoked", "policy"}
    assert parts(found)["fund_fen"] == {"resettled": 100_000}
    assert parts(story.between("policy", "first"))["fund_fen"] == {"resettled": -100_000}, "the way back"


def test_the_terminal_prints_each_figure_with_its_causes(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    home = story.county.job.home.root
    (home / "settings.json").write_text("{}", encoding="utf-8")
    options = {"pack": "_example", "month": "2026-10", "category": "TOTAL", "home": home}
    report_diff.diff(since=story.runs["first"][:12], until=story.runs["late"][:12], as_json=False, **options)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["就诊人次", "3", "4", "+1", "人次"] in lines
    assert lines[lines.index(["就诊人次", "3", "4", "+1", "人次"]) + 1] == ["新到的费用", "+1", "人次"]
    assert ["新到的费用", "+650.00", "元"] in lines, "65,000 fen of relief"
    report_diff.diff(since=story.runs["first"], until="now", as_json=True, **options)
    told = json.loads(capsys.readouterr().out)
    assert {one["category_code"] for one in told["changes"]} == {"TOTAL"}
    assert all(one["now"] - one["then"] == sum(part for _, part in one["causes"]) for one in told["changes"])


def test_a_day_means_the_newest_run_of_that_day_or_before(story: Story) -> None:
    job = story.county.job
    day = job.as_of.date()
    found = compare(job, since=str(day - timedelta(days=1)), until=str(day))
    assert {cause for one in found.changes for cause, _ in one.causes} == {"policy"}
    assert found.then_at < found.now_at
    for place, code in (("2026-01-01", "RUN_UNKNOWN"), ("ffffffff", "RUN_UNKNOWN"), ("2026-13-01", "DATE_INVALID")):
        with pytest.raises(MianshenError, match=code):
            compare(job, since=place, until="now")


def test_what_a_portrait_printed_counts_and_a_changed_count_is_laid_to_the_code(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = figures.make_table

    def recounted(connection: Any, table: str, parameters: Any) -> None:
        bare(connection, table, parameters)
        if table == figures.TABLE:
            connection.execute(f"update {table} set amount = amount + 1 where figure_code = 'visits' and category_code = 'TOTAL'")

    monkeypatch.setattr(figures, "make_table", recounted)
    found = parts(story.between("first", "late"))
    assert found["visits"] == {"claim_new": 1}, "counted otherwise on both sides alike, the printed numbers stand"


def test_money_that_came_back_is_told_between_two_portraits_of_one_assessment(tmp_path: Path) -> None:
    """Nothing but the bank's answer differs: the assessment is the same run, and each portrait says what had arrived by then."""
    made = make_planted(tmp_path / "home")
    before = portray.run(made.county.job).run_id
    payment = payments_of(made.county, "paid")[window_county.PAID][0]
    made.county.later(days=1)
    settle(made.county, {payment: "1002"})
    (entry,) = ledger_rows(made.county, SUSPENSE)
    acts.clear_suspense(replace(made.county.job, actor="finance"), entry["suspense_id"], payment_id=payment, paper_sha256=PAPER)
    after = portray.run(made.county.job).run_id
    assert before is not None and after is not None
    found = compare(made.county.job, since=before, until=after)
    assert parts(found) == {"paid_fen": {"money_back": -RELIEF_FEN}}
    assert parts(found, "POOR") == {"paid_fen": {"money_back": -RELIEF_FEN}}
    assert parts(compare(made.county.job, since=after, until=before)) == {"paid_fen": {"money_paid": RELIEF_FEN}}
    assert parts(compare(made.county.job, since=after, until="now")) == {}


def given_people(con: duckdb.DuckDBPyConnection, side: str, *people: tuple[str, list[str], int]) -> None:
    rows = [(key, "2026-10", categories, fen) for key, categories, fen in people] + [("X", "2026-09", ["POOR"], 77)]
    con.execute(
        f"create table {figures.PEOPLE}_{side} (person_key text, calendar_month text, categories text[], paid_fen bigint)"
    )
    con.executemany(f"insert into {figures.PEOPLE}_{side} values (?, ?, ?, ?)", rows)


def test_who_came_to_a_category_brings_what_was_paid_then_and_the_rest_is_money() -> None:
    with compute() as con:
        con.execute("create schema if not exists out")
        given_people(con, "before", ("a", ["POOR"], 100), ("b", [], 50), ("c", ["POOR"], 30), ("d", ["ILL"], 0))
        given_people(con, "after", ("a", ["POOR"], 160), ("b", ["POOR"], 45), ("c", [], 30), ("e", ["ILL"], 7))
        figures.make_table(con, figures.MONEY, {"run_month": "2026-10"})
        rows = con.execute(
            f"select category_code, cause, then_fen, now_fen, part_fen from {figures.MONEY} order by 1, 2"
        ).fetchall()
    assert rows == [
        ("ILL", "money_paid", 0, 7, 7),
        ("NONE", "identity_added", 50, 30, -50),
        ("NONE", "identity_revoked", 50, 30, 30),
        ("POOR", "identity_added", 130, 205, 50),
        ("POOR", "identity_revoked", 130, 205, -30),
        ("POOR", "money_back", 130, 205, -5),
        ("POOR", "money_paid", 130, 205, 60),
        ("TOTAL", "money_back", 180, 242, -5),
        ("TOTAL", "money_paid", 180, 242, 67),
    ]


@pytest.mark.parametrize("seed", range(1))
def test_the_parts_add_up_over_any_history(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    county = make_staged(tmp_path / "home")
    people = [f"P{number}" for number in range(6)]
    county.deliver("roster", "union_list", "2026-10")
    bills, runs = dict[str, Any](), []
    for step in range(3):
        rows: list[Any] = []
        for number in range(chance.randrange(1, 5)):
            name = f"S{step}{number}"
            bills[name] = bill(
                name, chance.choice(people), date(2026, 10, chance.randrange(1, 28)), chance.randrange(100, 30_000)
            )
            rows.append(bills[name])
        for name in chance.sample(sorted(bills), min(2, len(bills))) if step else []:
            taken = dict(bills.pop(name))
            money = {one: -taken[one] for one in ("medfee_sumamt", "inscp_scp_amt", "psn_part_amt")}
            rows.append(taken | money | {"setl_id": f"{name}R", "refd_setl_flag": "1", "init_setl_id": name})
        county.deliver("settlement", "settlement", f"2026-10-{step + 1:02d}", *rows)
        chosen = chance.sample(people, chance.randrange(2, 6))
        categories = ("POOR", "ILL")
        lines = [listed(one, chance.choice(categories)) for one in chosen]
        county.deliver("roster", "bureau_list", "2026-10", *lines, version=step + 1)
        runs.append(printed(county))
    for first, second in ((0, 2), (2, 0)):
        found = compare(county.job, since=runs[first], until=runs[second])
        assert parts(found), "something moved"
        assert len({cause for one in found.changes for cause, _ in one.causes}) >= 2
