"""Fengcheng's service items as their document prints them: papers, steps and days of 16 town and 12 village items."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.ledgers import new_ledger
from tests.policy.procedure import ON, at, begun, refused
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.core.process import Process
from mianshen.core.staffing import Boundary, ServicePoint, short_of
from mianshen.feeds.counts_file import ratings_of
from mianshen.policy.eligibility_pages import load_eligibility
from mianshen.policy.packs import POLICIES, load_pack

FENGCHENG = "360981_fengcheng"


def of_place(place: str) -> list[Process]:
    return [one for one in load_pack(FENGCHENG, on=ON).processes if one.code.startswith(f"{place}_")]


def codes_of(place: str) -> set[str]:
    return {one.code.rsplit("_", 1)[1] for one in of_place(place)}


def test_r004_01_sixteen_town_and_twelve_village_items_each_with_its_papers() -> None:
    assert (len(of_place("town")), len(of_place("village"))) == (16, 12)
    assert codes_of("town") - codes_of("village") == {"002036002002", "002036005001", "002036008001", "002036008002"}
    assert codes_of("village") < codes_of("town")
    papers = {one.code: len(one.step(one.starts[0]).papers) for one in of_place("town")}
    assert list(papers.values()) == [1, 1, 1, 1, 4, 4, 4, 2, 8, 4, 5, 5, 5, 5, 2, 2]


@pytest.mark.parametrize("place", ["town", "village"])
def test_r004_01_each_item_is_judged_by_the_very_papers_that_its_process_takes_in(place: str) -> None:
    law = load_eligibility(FENGCHENG, on=ON)
    judged = {item: one.rules for one in law.confirmations for item in one.items}
    assert set(judged) == codes_of("town") and sum(len(one.items) for one in law.confirmations) == 16, "each item by one law"
    for one in of_place(place):
        papers = one.step(one.starts[0]).papers
        rules = judged[one.code.rpartition("_")[2]]
        must = {it.code for it in papers if it.is_required and it.one_of is None}
        assert {code for rule in rules for code in rule.demand.materials} == must, one.code
        assert {code for rule in rules for code in rule.demand.materials_any} == {it.code for it in papers if it.one_of}, one.code


@pytest.mark.parametrize("place", ["town", "village"])
def test_r004_02_items_at_once_are_late_after_the_day_on_which_they_came(place: str) -> None:
    items = [one for one in of_place(place) if "_at_once_" in one.code]
    assert len(items) == {"town": 8, "village": 7}[place]
    for one in items:
        walk = begun(FENGCHENG, one.code, "2026-03-06").every_paper("serve", "2026-03-06")
        assert walk.due("serve").at == at("2026-03-07", 0)
        assert walk.act("serve", "done", "2026-03-06").state.end_code == "done"


def test_r004_02_accident_care_waits_for_the_finding_and_is_then_checked_at_once() -> None:
    walk = begun(FENGCHENG, "town_accident_002036005001", "2026-03-06").every_paper("register", "2026-03-06")
    walk.act("register", "registered", "2026-03-06")
    assert walk.waits == {"finding"}
    walk.act("finding", "payable", "2026-04-20")
    assert walk.due("check").on == date(2026, 4, 20)


def test_r004_05_one_of_two_proofs_of_residence_is_enough() -> None:
    walk = begun(FENGCHENG, "village_at_once_002036004001", "2026-03-06").papers("serve", "2026-03-06", "form", "id_copy")
    with pytest.raises(MianshenError, match="长期安置地工作或学习证明"):
        walk.act("serve", "done", "2026-03-06")
    walk.papers("serve", "2026-03-06", "home_proof")
    assert walk.act("serve", "done", "2026-03-06").state.end_code == "done"


SUMS = [
    ("R004-03", "reimburse", ["002036006001", "002036006002"], 30, (20, 5, 5)),
    ("R004-04", "maternity", ["002036007001", "002036007002", "002036007003"], 20, (12, 5, 3)),
    ("R004-05", "subsidy", ["002036008001"], 15, (10, 3, 2)),
    ("R004-06", "relief", ["002036008002"], 30, (12, 15, 3)),
]


@pytest.mark.parametrize(("requirement", "kind", "items", "total", "parts"), SUMS, ids=[one[0] for one in SUMS])
def test_r004_03_to_06_each_step_has_its_days_and_they_add_up(
    requirement: str, kind: str, items: list[str], total: int, parts: tuple[int, ...]
) -> None:
    pack = load_pack(FENGCHENG, on=ON)
    assert [pack.time_limit(f"{kind}_{part}").amount for part in ("first", "city", "pay")] == list(parts)
    assert pack.time_limit(f"{kind}_total").amount == total == sum(parts), requirement
    assert {one.code for one in of_place("town") if f"_{kind}_" in one.code} == {f"town_{kind}_{item}" for item in items}
    walk = begun(FENGCHENG, f"town_{kind}_{items[0]}", "2026-03-02").every_paper("intake", "2026-03-02")
    walk.act("intake", "accept", "2026-03-02")
    days = [day for day in sorted(pack.calendar.workdays) if day > date(2026, 3, 2) and pack.calendar.is_workday(day)]
    assert walk.due("town_check").on == days[parts[0] - 1]
    assert walk.due("town_check..pay").on == days[total - 1]
    walk.act("town_check", "agree", "2026-03-03").act("city_review", "agree", "2026-03-04")
    assert walk.act("pay", "paid", "2026-03-05").state.end_code == "paid"


def test_r004_03_village_and_town_share_the_first_twenty_days() -> None:
    walk = begun(FENGCHENG, "village_reimburse_002036006001", "2026-03-02").every_paper("intake", "2026-03-02")
    walk.act("intake", "accept", "2026-03-02")
    first = walk.due("village_check..town_check").on
    walk.act("village_check", "agree", "2026-03-20")
    assert walk.due("village_check..town_check").on == first == date(2026, 3, 30)
    assert walk.due("village_check..pay").on == date(2026, 4, 14), "Qingming is a day off"


@pytest.mark.parametrize(("old", "new"), [("amount: 15,", "amount: 14,"), ("amount: 20, counting", "amount: 21, counting")])
def test_steps_that_do_not_add_up_are_refused_with_file_and_line(old: str, new: str, tmp_path: Path) -> None:
    for name in (FENGCHENG, "national"):
        shutil.copytree(POLICIES / name, tmp_path / name)
    path = tmp_path / FENGCHENG / "time_limits.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(MianshenError, match="POLICY_DAMAGED") as error:
        load_pack(FENGCHENG, on=ON, root=tmp_path)
    assert f"{FENGCHENG}/process.yaml:" in error.value.where
    assert "不符" in error.value.found


def test_r004_07_missing_papers_are_told_once_in_full_and_a_receipt_given_at_once() -> None:
    walk = begun(FENGCHENG, "town_reimburse_002036006002", "2026-03-02").papers("intake", "2026-03-02", "invoice_original")
    with pytest.raises(MianshenError, match=r"医保电子凭证.*、费用清单.*、出院记录.*、疾病证明书"):
        walk.act("intake", "accept", "2026-03-02")
    walk.act("intake", "supplement", "2026-03-02").act("papers", "brought", "2026-03-09")
    assert refused(walk, "intake", "supplement", "2026-03-09") == "OUTCOME_USED_UP"
    assert walk.due("intake", 2).on == date(2026, 3, 9)
    assert {"acceptance", "missing_papers"} == set(walk.process.step("intake").forms)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code: "002036008002"', 'code: "002036008009"', "目录 town 中没有 002036008009"),
        ("items_of: village", "items_of: hamlet", "没有目录 hamlet"),
        (
            "article: 附件1 3\n        status: official\n",
            "article: 附件1 3\n        status: official\n"
            + '      - {code: "002036002002", papers: [], source: fengcheng_plan, article: 附件1 3, status: official}\n',
            "写了两次",
        ),
        ("sum_of: [reimburse_first, reimburse_city", "sum_of: [reimburse_first, relief_city", "没有 relief_city"),
        (
            "source: fengcheng_plan\n        article: 附件2 12",
            "source: nowhere\n        article: 附件2 12",
            "documents 中没有 nowhere",
        ),
    ],
)
def test_items_that_go_no_way_two_ways_or_without_a_source_are_refused(old: str, new: str, told: str, tmp_path: Path) -> None:
    for name in (FENGCHENG, "national"):
        shutil.copytree(POLICIES / name, tmp_path / name)
    path = tmp_path / FENGCHENG / "process.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(MianshenError, match="POLICY_DAMAGED") as error:
        load_pack(FENGCHENG, on=ON, root=tmp_path)
    assert told in error.value.found
    assert f"{FENGCHENG}/process.yaml:" in error.value.where


@pytest.mark.parametrize("code", ["town_reimburse_002036006002", "village_reimburse_002036006001", "town_subsidy_002036008001"])
def test_r004_09_after_its_papers_are_complete_nobody_is_sent_again(code: str) -> None:
    walk = begun(FENGCHENG, code, "2026-03-02").every_paper("intake", "2026-03-02").act("intake", "accept", "2026-03-02")
    offices = {"town", "village", "medical_centre"}
    while walk.waits:
        (step,) = walk.waits
        assert walk.process.step(step).department_code in offices and not walk.process.step(step).papers
        walk.act(step, "paid" if step == "pay" else "agree", "2026-03-05", actor=f"clerk_{step}")
    assert walk.state.end_code == "paid" and walk.state.rounds["intake"] == 1


def test_r004_09_a_page_that_sends_the_person_again_does_not_load(tmp_path: Path) -> None:
    shutil.copytree(POLICIES, tmp_path / "policies")
    page = tmp_path / "policies" / FENGCHENG / "process.yaml"
    page.write_text(
        page.read_text("utf-8").replace("name_en: sent back, again: [town_check]", "name_en: sent back, again: [intake]", 1),
        "utf-8",
    )
    with pytest.raises(MianshenError, match="受理之后又要申请人来办"):
        load_pack(FENGCHENG, on=ON, root=tmp_path / "policies")


@pytest.mark.parametrize(("people", "needed"), [(29_999, 1), (30_000, 2), (30_001, 2)])
def test_r004_10_towns_of_up_to_thirty_thousand_need_one_and_above_two(people: int, needed: int) -> None:
    rules = load_pack(FENGCHENG, on=ON).staffing
    assert rules is not None and rules.needed(people) == needed
    lenient = replace(rules, boundary=Boundary.LOWER)
    assert lenient.needed(people) == (1 if people == 30_000 else needed)
    assert short_of([ServicePoint("甲镇", people, 1), ServicePoint("乙镇", people, 2)], rules) == {"甲镇": needed - 1, "乙镇": 0}


def test_r004_11_the_plan_s_own_days_are_steps_of_one_matter_of_the_county() -> None:
    walk = begun(FENGCHENG, "rollout", "2022-10-10", year=2022)
    days = []
    for step, day in (("mobilise", "2022-10-25"), ("train", "2022-11-04"), ("report", "2022-12-30")):
        days.append(walk.due(step).on)
        walk.act(step, "done", day)
    assert days == [date(2022, 10, 25), date(2022, 11, 5), date(2022, 12, 31)]
    assert walk.state.end_code == "summed_up"


STAFF = "乡镇,服务人口,专职人员\n甲镇,30000,1\n乙街道,29999,1\n"
RATED = "办理点,事项编码,渠道,好评,差评\n甲镇医保所,002036006002,好差评,120,3\n甲镇医保所,002036006002,12345,0,2\n"


def called(*words: str) -> str:
    result = CliRunner().invoke(app, ["case", *words])
    assert result.exit_code == 0, result.output
    return result.output


def empty_home(root: Path) -> Path:
    """A home in which nothing happened."""
    Home(root).make()
    (root / "settings.json").write_text("{}\n", encoding="utf-8")
    new_ledger(Home(root).ledger_url)
    return root


def test_r004_10_and_12_sheets_of_staff_and_ratings_are_told_by_command(tmp_path: Path) -> None:
    for name, text in (("staff.csv", STAFF), ("rated.csv", RATED)):
        (tmp_path / name).write_text(text, "utf-8")
    home = empty_home(tmp_path / "home")
    told = called("staff", str(tmp_path / "staff.csv"), "--pack", FENGCHENG, "--home", str(home))
    assert [line.split()[-1] for line in told.splitlines() if line.startswith(("甲镇", "乙街道"))] == ["1", "0"]
    out = tmp_path / "counts.csv"
    called("counts", "--pack", FENGCHENG, "--home", str(home), "--ratings", str(tmp_path / "rated.csv"), "--out", str(out))
    rows = [line.split(",")[:6] for line in out.read_text("utf-8-sig").splitlines()[1:]]
    assert rows == [
        ["甲镇医保所", "", "002036006002", "好差评", "好评 good", "120"],
        ["甲镇医保所", "", "002036006002", "好差评", "差评 bad", "3"],
        ["甲镇医保所", "", "002036006002", "12345", "好评 good", "0"],
        ["甲镇医保所", "", "002036006002", "12345", "差评 bad", "2"],
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [("002036006002,好", "002036009999,好"), ("12345", "热线"), (",3\n", ",-3\n"), ("渠道", "来源"), (",0,2", ",2")],
)
def test_r004_12_a_sheet_that_cannot_be_counted_is_refused_with_its_line(old: str, new: str) -> None:
    items = {"002036006002"}
    assert sum(one.bad for one in ratings_of(RATED.encode(), items=items, where="rated.csv")) == 5
    with pytest.raises(MianshenError) as error:
        ratings_of(RATED.replace(old, new).encode(), items=items, where="rated.csv")
    assert error.value.code == "COUNTS_INVALID" and "rated.csv" in error.value.where
