"""救助专员: the routing table is taken whole, says who is told of what, and whom nobody answers for."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select
from tests.stages.money_county import County, make_county

from mianshen.core.errors import MianshenError
from mianshen.core.officers import missing, told_of
from mianshen.stages.appoint import take
from mianshen.warehouse.ledger import AUDIT
from mianshen.warehouse.officers import standing

HEAD = "层级,单位,职责,登录名\n"
GROUP = "领导小组,区政府,组长,qu_zuzhang\n领导小组,区医保局,副组长,yibao_fuzuzhang\n"


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path, ())


def sheet(county: County, *, without: str = "") -> str:
    """Every department and town of the pack with an officer, and a village."""
    towns = county.job.pack.towns
    lines = [f"部门,{one.code},救助专员,{one.code}_zy" for one in county.job.pack.departments]
    lines += [f"镇街,{town},救助专员,town{number}_zy" for number, town in enumerate(towns)]
    lines.append(f"村社区,{towns[0]}/一村,联络员,cun1_lly")
    return HEAD + GROUP + "\n".join(one for one in lines if not without or without not in one) + "\n"


def found(county: County, text: str) -> str:
    with pytest.raises(MianshenError) as error:
        take(county.job, text.encode(), where="officers.csv")
    return error.value.code


def test_each_department_and_town_has_who_is_told_of_its_matters(county: County) -> None:
    """R001-01: leading group, and officers of departments, towns and villages."""
    pack, (town, other, *_) = county.job.pack, county.job.pack.towns
    take(county.job, sheet(county).encode(), where="officers.csv")
    take(county.job, sheet(county).encode(), where="officers.csv")
    with county.job.ledger.connect() as connection:
        officers = standing(connection, county_code=county.job.county_code)
        acts = connection.execute(select(AUDIT.c.action).where(AUDIT.c.action == "officers.appointed")).all()
    codes = [one.code for one in pack.departments]
    assert len(acts) == 1, "the same list again is no news"
    assert missing(officers, departments=codes, towns=pack.towns) == []
    assert told_of(officers, department="civil_affairs", town=town) == ["civil_affairs_zy", "town0_zy"]
    assert told_of(officers, department="civil_affairs", town=None) == ["civil_affairs_zy"]
    take(county.job, sheet(county, without=other).encode(), where="officers.csv")
    with county.job.ledger.connect() as connection:
        officers = standing(connection, county_code=county.job.county_code)
    assert missing(officers, departments=codes, towns=pack.towns) == [f"镇街 {other}"]
    assert told_of(officers, department="nobody_there", town=other) == ["qu_zuzhang"], "nothing is nobody's"


def book(text: str) -> bytes:
    """The same table as a workbook, with blank lines as people leave them."""
    made = openpyxl.Workbook()
    page = made.active
    assert page is not None
    for line in text.splitlines():
        page.append(line.split(","))
    page.append([])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_excel_and_csv_of_any_usual_encoding_are_the_same_table(county: County) -> None:
    text = sheet(county)
    for content in (book(text), text.encode("utf-8-sig"), text.encode("gb18030"), text.replace(",", "\t").encode("utf-16")):
        assert take(county.job, content, where="officers") == text.count("\n") - 1
    with county.job.ledger.connect() as connection:
        acts = connection.execute(select(AUDIT.c.action).where(AUDIT.c.action == "officers.appointed")).all()
    assert len(acts) == 1, "whatever the file, the list is the same"
    assert found(county, "") == "FILE_EMPTY"
    with pytest.raises(MianshenError, match="FILE_UNREADABLE"):
        take(county.job, book(text)[:700], where="officers.xlsx")
    with pytest.raises(MianshenError) as error:
        take(county.job, book(text.replace("联络员", "组长")), where="officers.xlsx")
    assert error.value.code == "OFFICERS_INVALID"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("副组长", "成员", "OFFICERS_INVALID"),
        ("部门,civil_affairs,", "部门,weather,", "OFFICERS_INVALID"),
        ("cun1_lly", "张三", "OFFICERS_INVALID"),
        ("联络员", "组长", "OFFICERS_INVALID"),
        ("村社区,", "小区,", "COUNTS_INVALID"),
        ("登录名", "姓名", "COUNTS_INVALID"),
    ],
)
def test_a_table_that_cannot_be_is_not_taken_at_all(county: County, old: str, new: str, code: str) -> None:
    assert found(county, sheet(county).replace(old, new, 1)) == code
    with county.job.ledger.connect() as connection:
        assert standing(connection, county_code=county.job.county_code) == []
