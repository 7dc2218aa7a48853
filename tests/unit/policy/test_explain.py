"""Explanations carry the arithmetic, the clause and how sure we are of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mianshen.core.plan import EventKind
from mianshen.core.rate_words import percent
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.examples import load_examples, plan_of, result_of, with_plans
from mianshen.policy.explain import explain_line, explain_orders, explain_person, explain_refusal, explain_shares
from mianshen.policy.packs import load_pack
from mianshen.policy.results import PersonResult

PLAN = load_pack("_example", on=date(2026, 6, 30)).plan


def assess(*burdens: int, maf: int = 0, category: str = "POOR") -> PersonResult:
    claims = [
        Claim(
            event_id=f"s{place}",
            kind=EventKind.CARE,
            benefit_year=2026,
            since=date(2026, place, 1),
            until_on=date(2026, place, 2),
            settled_on=date(2026, place, 2),
            med_type="21",
            amounts_fen={"inscp_scp_amt": fen, "hifp_pay": 0, "hifmi_pay": 0, "maf_pay": maf},
        )
        for place, fen in enumerate(burdens, start=1)
    ]
    return assess_person(PLAN, events=claims, spans=[IdentitySpan(category, Span(date(2026, 1, 1)))])


def test_the_whole_sentence() -> None:
    told = explain_person(PLAN, assess(2_000_000, maf=400_000))[0]
    assert told.zh == (
        "本局救助:按【低收入者】计。本年度累计合规自付 20,000.00 元,减起付线 3,000.00 元,余 17,000.00 元;"
        "17,000.00 × 50% = 8,500.00 元;此前已得 0.00 元(含医院窗口),本次应得 8,500.00 元,窗口已付 4,000.00 元,"
        "本次救助 4,500.00 元。依据:《虚构县救助办法》第六条:低收入者年度自付超过3000元的部分救助50%,年度封顶1万元(示例标准)。"
    ).replace("50%,年度", "50%，年度")
    assert told.en == (
        "Bureau relief: as [Poor], the year's in-scope burden is 20,000.00 yuan, less the deductible 3,000.00, leaves 17,000.00; "
        "17,000.00 × 50% = 8,500.00; 0.00 was received before, window included; this claim adds 8,500.00, "
        "the window paid 4,000.00, relief is 4,500.00. Clause bureau_relief.poor.2025-01-01, illustrative."
    )


def test_what_was_counted_before_is_said() -> None:
    told = explain_person(PLAN, assess(200_000, 200_000, category="WORKER"))
    assert "此前已计 300.00 元,本次救助 600.00 元" in told[1].zh
    assert "300.00 was counted before, this claim adds 600.00" in told[1].en


def test_the_cap_is_said() -> None:
    told = explain_person(PLAN, assess(9_000_000))[0]
    assert "按年度封顶线 10,000.00 元计" in told.zh
    assert "held to the yearly cap 10,000.00" in told.en


def test_brackets_are_added_up() -> None:
    told = explain_person(PLAN, assess(3_000_000, category="ILL"))[0]
    assert "20,000.00 × 50% + 5,000.00 × 70% = 13,500.00 元" in told.zh


def test_a_refusal_says_why_and_what_next() -> None:
    result = assess(100)
    told = explain_refusal(PLAN, result.assessments[0], result)
    assert told.zh.startswith("合规自付 1.00 元;累计合规自付未超过起付线。下一步:年度内继续累计")
    assert "第四条" in told.zh
    with pytest.raises(KeyError):
        explain_refusal(PLAN, (paid := assess(2_000_000)).assessments[0], paid)


def test_the_orders_that_were_tried_are_said() -> None:
    example = next(one for one in load_examples("_example") if "4万元最多30550元" in one.name)
    plan = plan_of(example)
    told = explain_orders(plan, result_of(example, plan))[0]
    assert told.zh.startswith("2026 年度比较了 6 种次序:丁项→戊项→己项 25,000.00 元;")
    assert told.zh.endswith("己项→戊项→丁项 30,550.00 元,采用。")
    assert "Scheme F > Scheme E > Scheme D 30,550.00, which counts." in told.en
    assert explain_orders(PLAN, assess(100)) == ()


def test_a_rate_of_another_kind_is_explained_step_by_step() -> None:
    example = next(one for one in load_examples("_example") if one.name.startswith("封顶后减半，6000元"))
    plan = plan_of(example)
    told = explain_person(plan, result_of(example, plan))[0]
    assert "6,000.00 × 50% = 3,000.00 元,年度封顶线 1,000.00 元,此前已用 0.00 元,计 1,000.00 元" in told.zh
    assert "1,000.00 × 50%(因属于【困难职工】乘 50%) = 500.00 元;该类别本年度累计 500.00 元" in told.zh
    assert "the cap 1,000.00 of the year leaves 1,000.00; 1,000.00 × 50% = 500.00" in told.en


def test_the_sentences_of_the_guide_are_real_ones() -> None:
    said = set()
    for example, plan in with_plans(load_examples("_example")):
        result = result_of(example, plan)
        said |= {one.zh for one in (*explain_person(plan, result), *explain_shares(plan, result))}
    page = Path("docs/howto/read-a-calculation-record.md").read_text(encoding="utf-8")
    quoted = {line.removeprefix("> ") for line in page.splitlines() if line.startswith("> ")}
    assert len(quoted) >= 12
    assert quoted - said == set()


def test_explanations_follow_the_lines() -> None:
    result = assess(2_000_000, 5_000)
    told = explain_person(PLAN, result)
    assert len(told) == len(result.lines) == len(result.workings)
    assert told[-1] == explain_line(PLAN, result.lines[-1], result.workings[-1])


@pytest.mark.parametrize(
    ("ppm", "text"), [(500_000, "50%"), (333_333, "33.3333%"), (1_000_000, "100%"), (355_000, "35.5%"), (0, "0%"), (1, "0.0001%")]
)
def test_percentages(ppm: int, text: str) -> None:
    assert percent(ppm) == text
