"""The printed table of 亭湖 三(一)2, typed from the document cell by cell, against the pack: printed cells and blank ones."""

from __future__ import annotations

from datetime import date

import pytest

from mianshen.core.plan import Benefit, Plan, Status
from mianshen.core.rates import DeductibleKind, Period, Rate
from mianshen.policy.packs import POLICIES, load_pack

PACK = "320902_tinghu"
PRINTED = (
    "困难人群类别\t疾病大类及救助标准\t\t\t\t\t\t\t",
    "\t一般疾病、慢性病\t\t\t30 类重大疾病和省市暂无规范救助政策的罕见病特殊病\t\t\t经省市规范救助政策的罕见病\t",
    "\t年度个人负担起付线（元）\t救助比例\t年度封顶（万元）\t首次个人负担起付线（元）\t救助比例\t年度封顶（万元）\t救助比例\t年度封顶（万元）",
    "一类人群\t3000\t50%\t5\t3000\t50%\t7\t70%\t10",
    "二类人群\t5000\t\t\t5000\t\t\t\t",
)
"""The document's five lines, cells parted by tabs, as they are printed."""
ROW = {line.split("\t")[0]: line.split("\t")[1:] for line in PRINTED[3:]}
PLACES = {"一般疾病、慢性病": 0, "30类重大疾病": 3, "经省市规范救助政策的罕见病": 6}
"""First column of each group of diseases."""
FIRST_CLASS = ("JIANDANG_FANPIN", "TEKUN", "DIBAO", "DIBAO_BIANYUAN", "ZHONGDIAN_YOUFU", "KUNJING_YI")
"""二(一): six kinds of people in the order of the document."""
SECOND_CLASS = ("ZHONGDU_CANJI", "JINGJIAN_TUIZHI", "TEKUN_ZHIGONG", "KUNJING_ER")
"""二(二): four kinds."""
CELLS = [
    *(("一类人群", "一般疾病、慢性病", category) for category in FIRST_CLASS),
    *(("二类人群", "一般疾病、慢性病", category) for category in SECOND_CLASS),
    ("一类人群", "30类重大疾病", "ZHONGDA_YI"),
    ("二类人群", "30类重大疾病", "ZHONGDA_ER"),
    ("一类人群", "经省市规范救助政策的罕见病", "HANJIANBING"),
    ("二类人群", "经省市规范救助政策的罕见病", "HANJIANBING"),
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_pack(PACK, on=date(2022, 6, 1)).plan


def benefit_of(plan: Plan) -> Benefit:
    return next(one for one in plan.benefits if one.code == "tinghu_special")


def rate_of(plan: Plan, category: str) -> Rate:
    return next(one for one in benefit_of(plan).rates if one.category_code == category)


def cells_of(people: str, diseases: str) -> tuple[list[str], list[bool]]:
    """Deductible, ratio and cap with blank cells read as those of 一类人群 in the same column; which of them are blank."""
    place = PLACES[diseases]
    width = 2 if diseases == "经省市规范救助政策的罕见病" else 3
    printed, above = (ROW[one][place : place + width] for one in (people, "一类人群"))
    cells = [cell or other for cell, other in zip(printed, above, strict=True)]
    return (["0", *cells] if width == 2 else cells), [not cell for cell in printed]


@pytest.mark.parametrize(("people", "diseases", "category"), CELLS)
def test_each_cell_of_the_printed_table_is_in_the_pack(plan: Plan, people: str, diseases: str, category: str) -> None:
    (deductible, ratio, cap), blank = cells_of(people, diseases)
    rate = rate_of(plan, category)
    assert rate.deductible.amounts_fen == (int(deductible) * 100,)
    assert rate.deductible.kind is DeductibleKind.SUBTRACTED
    assert [one.ratio_ppm for one in rate.brackets] == [int(ratio.removesuffix("%")) * 10_000]
    assert [(one.amount_fen, one.period) for one in rate.caps] == [(int(cap) * 10_000 * 100, Period.YEAR)]
    is_first = diseases == "30类重大疾病"
    assert rate.deductible.period is (Period.ONCE if is_first else Period.YEAR)
    if category != "HANJIANBING":
        assert plan.clause(rate.clause_id).status is (Status.INFERRED if any(blank) else Status.OFFICIAL)


def test_no_other_people_are_in_the_table(plan: Plan) -> None:
    assert {one.category_code for one in benefit_of(plan).rates} == {category for _, _, category in CELLS}


@pytest.mark.parametrize("people", list(ROW))
def test_the_table_beside_the_law_is_as_printed(people: str) -> None:
    """The excerpt in sources shows blank cells as blank."""
    written = (POLICIES / PACK / "sources" / "tinghu_plan.md").read_text("utf-8")
    line = next(one for one in written.splitlines() if one.startswith(f"> | {people} |"))
    assert [cell.strip() for cell in line.removeprefix("> |").removesuffix("|").split("|")] == [people, *ROW[people]]
