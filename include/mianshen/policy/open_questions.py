"""The questions that the law leaves open, the field that answers each, its default, and where a shipped pack sets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mianshen.policy.packs import POLICIES


@dataclass(frozen=True, slots=True)
class Question:
    """A question that documents leave open."""

    zh: str
    """The question and what each answer means, in Chinese."""
    en: str
    """The same in English."""
    field: str
    """Where it is answered."""
    key: str
    """The key that holds the answer."""
    values: tuple[str, ...]
    """Its answers, the default first; where none is a default the key must be written."""
    has_default: bool
    """Whether leaving the key out means the first answer."""
    near: str = ""
    """Words that stand shortly before the key, where the same key answers other questions too."""


QUESTIONS = (
    Question(
        "就高不重复:比较全年累计的最高值，还是全年只按一类计算？前者可以一段时间按一类、之后按另一类，总额不降。",
        "The best category: the running maximum of the year's totals, or one category for the whole year?",
        "benefit `best_of`",
        "value",
        ("running_maximum", "one_category_for_year"),
        has_default=True,
        near="best_of",
    ),
    Question(
        "几项待遇的先后:年终按总额最高的次序，还是第一次支付时锁定？",
        "The order of benefits: settled at the year's end, or locked at the first payment?",
        "policy `orders`",
        "choice",
        ("year_end", "locked_at_first_payment"),
        has_default=False,
    ),
    Question(
        "减半等调整:在封顶之前还是之后？亭湖 120000 元封顶后减半得 25000 元，封顶前减半得 29250 元。",
        "Halving and other changes: before the cap or after it? 120,000 yuan in Tinghu give 29,250 or 25,000.",
        "benefit `modifiers`",
        "position",
        ("after_cap", "before_cap"),
        has_default=False,
    ),
    Question(
        "住院中途取得的身份算不算？缺省入院日、出院日、结算日任一日持有即算；只写入院日(since)的，中途取得不算。",
        "An identity gained during a stay: it counts when it holds on one of the three days; with `since` alone it does not.",
        "policy `identities`",
        "tested_on",
        ("[since, until_on, settled_on]", "[since]"),
        has_default=True,
    ),
    Question(
        '"首次"起付线管到哪里:永远一次(once)、每年(year)、每次住院(stay)还是每次结算(claim)？',
        "What the first deductible covers: all years, a year, a stay or a bill?",
        "rate `deductible`",
        "period",
        ("year", "once", "stay", "claim", "month", "quarter"),
        has_default=False,
        near="amounts_yuan",
    ),
    Question(
        "全年没有超过起付线的，次年1月怎么办:按全年合计、超过部分才救助(sum_of_year),结案并告知(closed),还是不减起付线全额计(whole_year)？"
        "一个人两次各 1000 元、起付线 3000 元、50%:0、0(结案)或 1000 元。",
        "Who stays within the yearly deductible: the year's sum is paid above it, the year is closed and told, or paid whole? "
        "Twice 1,000 yuan, deductible 3,000, 50 %: 0, 0 (closed) or 1,000.",
        "rate `deductible`",
        "below",
        ("sum_of_year", "closed", "whole_year"),
        has_default=True,
    ),
    Question(
        "医院窗口已付的医疗救助(maf_pay):是同一项待遇的预付(same_benefit),还是前序支付方(earlier_payer)？"
        "2万元、起付3000元、50%、窗口4000元:4500元或6500元。",
        "Relief paid at the window: an advance of the same benefit, or an earlier payer? "
        "20,000 yuan, deductible 3,000, 50 %, window 4,000: 4,500 or 6,500.",
        "policy `maf_counts_as`",
        "value",
        ("same_benefit", "earlier_payer"),
        has_default=False,
        near="maf_counts_as",
    ),
    Question(
        "取整:逐笔(claim)、按住院(stay)还是全年累计(year)？逐笔与年终可以差一分。",
        "Rounding: bill by bill, by stay, or over the year? Bill by bill and year-end may differ by a fen.",
        "benefit `rounding`",
        "period",
        ("year", "claim", "stay"),
        has_default=True,
        near="place_yuan",
    ),
    Question(
        "户籍没有交付的人:算有本县户籍(counts)还是不予救助(refused)？",
        "A registration that was not delivered: it counts as local, or the person is refused?",
        "policy `identities`",
        "hukou_unknown",
        ("counts", "refused"),
        has_default=True,
    ),
    Question(
        '"前12个月"遇到当月没有的日子:取当月最后一日(clamp),还是顺延到下月(overflow)？',
        "Months back to a day that the month does not have: its last day, or on into the next month?",
        "policy `identities`",
        "month_arithmetic",
        ("clamp", "overflow"),
        has_default=True,
    ),
    Question(
        "支付方数据缺失:等待(unknown)、视为没有支付(zero),还是暂按没有支付计、到后重算(provisional)？",
        "A payer that was not delivered: the claim waits, nothing was paid, or paid provisionally and recomputed?",
        "policy `base`",
        "absent_means",
        ("unknown", "zero", "provisional"),
        has_default=False,
    ),
    Question(
        "救助年度:按结算日还是出院日？",
        "The benefit year: by settlement or by discharge?",
        "policy `benefit_year_by`",
        "value",
        ("settlement", "discharge"),
        has_default=False,
        near="benefit_year_by",
    ),
    Question(
        '"往年已确定":任一往年都算(any),还是只算上一年(last)？',
        "Confirmed in an earlier year: any earlier year, or the last one only?",
        "eligibility `earlier_years`",
        "value",
        ("any", "last"),
        has_default=True,
        near="earlier_years",
    ),
)
"""In the order in which a pack is written."""


def page() -> str:
    """The table of questions with the answers of the shipped packs."""
    head = ("问题", "question", "字段 field", "答案 answers", "缺省 default", "何处写明 where a pack sets it")
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for one in QUESTIONS:
        default = f"`{one.values[0]}`" if one.has_default else "必须写明 must be written"
        answers = " ".join(f"`{value}`" for value in one.values)
        cells = (one.zh, one.en, f"{one.field} `{one.key}`", answers, default, "; ".join(answered(one)) or "缺省 default")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def answered(question: Question) -> list[str]:
    """Pack or overlay, and the answers that it writes, in order of packs."""
    found = []
    for path in sorted(POLICIES.glob("*/*.yaml")) + sorted(POLICIES.glob("*/overlays/*.yaml")):
        answers = list(dict.fromkeys(_answers(question, path.read_text("utf-8"))))
        if answers:
            name = str(path.relative_to(POLICIES)).removesuffix(".yaml")
            found.append(f"{name} {'/'.join(f'`{one}`' for one in answers)}")
    return found


def _answers(question: Question, text: str) -> Iterator[str]:
    written = re.compile(rf"\b{question.key}: (\[[^\]]*\]|\w+)")
    for found in written.finditer(text):
        before = text[max(0, found.start() - 160) : found.start()]
        if found[1] in question.values and question.near in before:
            yield found[1]
