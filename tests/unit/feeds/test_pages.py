"""Pages of an interface are one delivery: whole and once, or refused with a reason; numbers keep their digits or say so."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno
from mianshen.feeds.pages import archive
from mianshen.feeds.reader import Landed, read
from mianshen.policy.contracts import national_contract
from mianshen.policy.packs import POLICIES

ROSTER = national_contract("generic_roster", root=POLICIES)
NUMBERS = [make_certno(born=date(1950, 1, 2), serial=place) for place in range(1, 60)]


def person(place: int, **changes: Any) -> dict[str, Any]:
    return {"姓名": "陈一", "身份证号": NUMBERS[place], "人员类别": "低保对象"} | changes


def page(number: Any, rows: list[Any], *, size: Any = 2, total: Any = 5, **more: Any) -> bytes:
    return json.dumps({"page": number, "pageSize": size, "total": total, "rows": rows} | more, ensure_ascii=False).encode()


def five() -> list[bytes]:
    people = [person(place) for place in range(5)]
    return [page(1, people[:2]), page(2, people[2:4]), page(3, people[4:])]


def landed(pages: list[bytes]) -> Landed:
    return read(archive([(f"page{place}.json", one) for place, one in enumerate(pages, 1)]), contract=ROSTER, where="api")


def refusal(pages: list[bytes]) -> str:
    with pytest.raises(MianshenError) as caught:
        landed(pages)
    return caught.value.code


def test_pages_are_one_delivery_in_the_order_of_their_own_numbers() -> None:
    first, second, third = five()
    found = landed([third, first, second])
    assert found.table["certno"].to_pylist() == NUMBERS[:5]
    assert found.table["line_no"].to_pylist() == [1, 2, 3, 4, 5]


def test_equal_pages_make_equal_archives() -> None:
    assert archive([("page1.json", five()[0])]) == archive([("page1.json", five()[0])])


def test_one_page_is_read_without_an_archive() -> None:
    assert read(page(1, [person(0)], total=1), contract=ROSTER, where="api").records == 1


def test_keys_go_by_the_contract_s_headings() -> None:
    rows = [{"name": "陈一", "certno": NUMBERS[0], "救助类别": "低保对象", "unit": {"id": 3}}]
    found = landed([page(1, rows, total=1)])
    assert (found.table["name"].to_pylist(), found.table["written_category"].to_pylist()) == (["陈一"], ["低保对象"])


def test_an_empty_last_page_is_no_fault_and_no_rows_are_a_list_without_people() -> None:
    people = [person(place) for place in range(4)]
    assert landed([page(1, people[:2], total=4), page(2, people[2:], total=4), page(3, [], total=4)]).records == 4
    assert landed([page(1, [], total=0)]).records == 0


def test_pages_may_count_from_nought() -> None:
    assert landed([page(0, [person(0), person(1)], total=3), page(1, [person(2)], total=3)]).records == 3


PEOPLE = [person(place) for place in range(5)]


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        (five()[:2], "PAGES_TOTAL"),
        ([five()[0], five()[2]], "PAGES_MISSING"),
        (five()[1:], "PAGES_MISSING"),
        ([*five(), five()[2]], "PAGES_REPEATED"),
        ([*five(), page(3, [person(7)])], "PAGES_REPEATED"),
        ([*five()[:2], page(3, PEOPLE[4:], total=6)], "PAGES_TOTAL"),
        ([*five()[:2], page(3, PEOPLE[4:], size=3)], "PAGES_TOTAL"),
        ([page(1, PEOPLE[:1]), page(2, PEOPLE[1:4]), page(3, PEOPLE[4:])], "PAGES_TOTAL"),
        ([page(1, PEOPLE[:2]), page(2, [PEOPLE[1], PEOPLE[2]]), page(3, PEOPLE[3:4])], "PAGES_SHIFTED"),
        ([page(1, [person(0)], total=2)], "PAGES_TOTAL"),
        ([page(1, [person(0), person(1), person(2)], total=3)], "PAGES_TOTAL"),
        ([page(1, [person(0)], total=1).replace(b'"total"', b'"count"')], "PAGE_DAMAGED"),
        ([page(1, [person(0)], total=1)[:-2]], "PAGE_DAMAGED"),
        ([page(1, [person(0, 年龄=float("nan"))], total=1)], "PAGE_DAMAGED"),
        ([page(1, [person(0)], total=-1)], "PAGE_DAMAGED"),
        ([page(1, [person(0)], total=1.0)], "PAGE_DAMAGED"),
        ([page(1, [person(0)], total=True)], "PAGE_DAMAGED"),
        ([page(1, [person(0)], total=1, size=0)], "PAGE_DAMAGED"),
        ([page("一", [person(0)], total=1)], "PAGE_DAMAGED"),
        ([b"[]"], "PAGE_DAMAGED"),
        ([b'{"page":1,"page":1,"pageSize":2,"total":0,"rows":[]}'], "PAGE_DAMAGED"),
        ([b'{"a":' * 100_000], "PAGE_DAMAGED"),
    ],
)
def test_what_does_not_add_up_is_refused(pages: list[bytes], code: str) -> None:
    assert refusal(pages) == code


@pytest.mark.parametrize("row", ["陈一", None, [1, 2], person(1, 姓名=["陈一"]), person(1, 身份证号={"v": "1"})])
def test_a_row_that_is_no_flat_object_is_named(row: Any) -> None:
    found = landed([page(1, [person(0), row], total=2)])
    assert found.table["row_fault"].to_pylist() == [None, "ROW_SHAPE"]


def test_a_key_twice_in_a_row_is_named() -> None:
    body = page(1, [person(0)], total=1).replace('"姓名": "陈一"'.encode(), '"姓名": "陈一", "姓名": "李二"'.encode())
    assert landed([body]).table["row_fault"].to_pylist() == ["ROW_SHAPE"]


def digits(*values: str) -> list[str]:
    rows = [person(place, 身份证号=int(value)) for place, value in enumerate(values)]
    return [str(one) for one in landed([page(1, rows, size=9, total=len(rows))]).table["certno"].to_pylist()]


def test_long_numbers_keep_their_digits_when_one_of_them_shows_that_the_writer_did() -> None:
    whole = [one for one in NUMBERS if one.isdigit() and not one.endswith("0")][:2]
    ending = next(one for one in NUMBERS if one.endswith("0"))
    assert digits(*whole, ending) == [*whole, ending]


def test_long_numbers_of_a_writer_that_rounds_are_damaged_every_one() -> None:
    as_written = [str(int(Decimal(repr(float(one))))) for one in NUMBERS[:3] if one.isdigit()]
    assert as_written and not set(as_written) <= set(NUMBERS)
    assert all("E+17" in one for one in digits(*as_written))


def test_money_keeps_its_written_digits() -> None:
    expense = national_contract("generic_expense", root=POLICIES)
    headings = [alias for column in expense.columns for alias in column.aliases[:1]]
    body = b'{"page":1,"pageSize":1,"total":1,"rows":[{' + ",".join(f'"{one}":12.10' for one in headings).encode() + b"}]}"
    assert "12.10" in read(body, contract=expense, where="api").table.to_pylist()[0].values()
