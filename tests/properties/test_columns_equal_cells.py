"""What is judged a column at a time is judged as it would be cell by cell."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mianshen.core.contract import Column, Kind
from mianshen.core.ids import CertNo, make_certno, read_certno
from mianshen.feeds.certnos import read_certnos, right_certnos
from mianshen.feeds.outgoing import _fitting, guarded
from mianshen.feeds.plain import all_shaped
from mianshen.feeds.typed import typed

KINDS = (Kind.MONEY, Kind.RATIO, Kind.INTEGER, Kind.DATE, Kind.MOMENT, Kind.CODE)
SIGNS = "0123456789-+,./: '*_eExX¥元年月日男女张\u3000\u00a0\uff10\uff0d①TZ"
CELLS = st.one_of(
    st.text(SIGNS, max_size=22),
    st.sampled_from(["", "0.00", "247.60", "1234567890.12", "13912345678", "100999193001010027", "2026-10-05", "男", "'12"]),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,12}\.[0-9]{2}", fullmatch=True),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["anything", "setl_id"])
@settings(max_examples=60, deadline=None)
@given(cells=st.lists(CELLS, max_size=12), cut=st.integers(0, 3))
def test_a_cell_leaves_alone_as_it_leaves_in_its_column(kind: Kind, name: str, cells: list[str], cut: int) -> None:
    column = Column(name, kind, (name,), is_required=False, may_be_empty=True, codes=())
    together = _fitting(pa.chunked_array([pa.array(cells, pa.string())[cut:]]), column).to_pylist()
    alone = [guarded(pa.array([cell], pa.string()), column)[0].as_py() or None for cell in cells[cut:]]
    assert together == alone


@settings(max_examples=200, deadline=None)
@given(cells=st.lists(st.one_of(st.just("2026-10-05"), st.text("2026-105x张", min_size=9, max_size=11)), max_size=4))
def test_a_column_has_a_shape_when_every_cell_has_it(cells: list[str]) -> None:
    alone = [len(cell) == 10 and cell[4] + cell[7] == "--" and (cell[:4] + cell[5:7] + cell[8:]).isdigit() for cell in cells]
    assert all_shaped(pa.array(cells, pa.string()), "0000-00-00") == (bool(cells) and all(alone))


def value_of(kind: Kind, cell: str) -> int | datetime | None:
    """What a cell is typed as: only what it would be printed as again."""
    if kind is Kind.MONEY:
        fen = int(Decimal(cell) * 100) if re.fullmatch(r"[0-9]{1,9}[.][0-9]{2}", cell, re.ASCII) else None
        return fen if fen is not None and f"{fen // 100}.{fen % 100:02}" == cell else None
    length = 10 if kind is Kind.DATE else 19
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return moment if moment.isoformat(" ")[:length] == cell and 1000 <= moment.year < 3000 else None


DAYS = st.dates(date(1000, 1, 1), date(3100, 1, 1)).map(date.isoformat)
AMOUNTS = st.decimals(0, 10**10, places=2).map(str)


@pytest.mark.parametrize("kind", [Kind.MONEY, Kind.DATE, Kind.MOMENT])
@settings(max_examples=100, deadline=None)
@given(
    cells=st.lists(st.one_of(CELLS, AMOUNTS, DAYS, DAYS.map(lambda day: f"{day} 07:30:00"), st.just("00.10")), max_size=8),
    cut=st.integers(0, 2),
)
def test_a_cell_is_typed_when_it_is_what_its_value_prints_as_whatever_stands_beside_it(
    kind: Kind, cells: list[str], cut: int
) -> None:
    column = Column("anything", kind, ("anything",), is_required=False, may_be_empty=True, codes=())
    found = typed(pa.chunked_array([pa.array(cells, pa.string())[cut:]], pa.string()), column).to_pylist()
    assert found == [value_of(kind, cell) for cell in cells[cut:]]


@pytest.mark.parametrize("kind", [Kind.MONEY, Kind.DATE, Kind.MOMENT])
def test_a_whole_column_of_plain_cells_is_typed(kind: Kind) -> None:
    cells = {
        Kind.MONEY: ["0.00", "12.30", "999999999.99"],
        Kind.DATE: ["2024-02-29", "1000-01-01"],
        Kind.MOMENT: ["2026-10-05 23:59:59"],
    }
    column = Column("anything", kind, ("anything",), is_required=False, may_be_empty=True, codes=())
    found = typed(pa.chunked_array([pa.array(cells[kind])]), column).to_pylist()
    assert found == [value_of(kind, cell) for cell in cells[kind]] and None not in found


TODAY = date(2026, 11, 5)
BORN = st.dates(date(1899, 12, 1), date(2027, 2, 1))
RIGHT = st.builds(
    lambda born, serial, area: make_certno(born=born, serial=serial, area=area),
    BORN,
    st.integers(0, 999),
    st.sampled_from(["100999", "510118"]),
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A number with one thing done to it."""
    number = draw(RIGHT)
    place = draw(st.integers(0, 17))
    sign = draw(st.sampled_from("0123456789xX* 张A\u3000\uff11'-"))
    ways = (
        number, number.lower(), f" {number}", f"{number}\t", f"'{number}", f"{number[:6]} {number[6:]}",
        number[:6] + number[8:17], number[:17], number + sign, number[:place] + sign + number[place + 1 :],
        "".join(chr(ord(one) + 0xFEE0) for one in number), f"{number[:6]}********{number[14:]}", number[:15] + "000",
        f"{number[:6]}{draw(st.integers(0, 99_999_999)):08d}{number[14:]}", f"{float(number[:17]):.2E}", "", "１２３",
    )  # fmt: skip
    return draw(st.sampled_from(ways))


@settings(max_examples=400, deadline=None)
@given(written=st.lists(st.one_of(damaged(), st.text(SIGNS, max_size=20)), max_size=8), cut=st.integers(0, 2))
def test_a_column_of_id_numbers_is_read_as_each_of_them_alone(written: list[str], cut: int) -> None:
    alone = [read_certno(one, today=TODAY) for one in written[cut:]]
    column = pa.array(written, pa.string())[cut:]
    assert read_certnos(column, today=TODAY, read=lambda one, today: read_certno(one, today=today)) == alone


@settings(max_examples=300, deadline=None)
@given(written=st.lists(damaged(), max_size=8))
def test_only_right_numbers_and_every_plain_one_pass_by_arithmetic(written: list[str]) -> None:
    """Were nothing passed, or everything read one by one, equality alone would not show it."""
    passed = right_certnos(pa.array(written, pa.string()), today=TODAY).tolist()
    assert passed == [read_certno(one, today=TODAY) == CertNo(one, None, ()) for one in written]
