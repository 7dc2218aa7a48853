"""What leaves the reader for the lake: no person, no free text, no cell that cannot be what its column claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from mianshen.core.contract import Contract
from mianshen.core.grids import Grid
from mianshen.core.ids import make_certno
from mianshen.feeds.identities import identify
from mianshen.feeds.lists import listed
from mianshen.feeds.outgoing import outgoing
from mianshen.feeds.reader import Landed, read

TODAY = date(2026, 11, 22)
ONE, TWO = (make_certno(born=date(1950, 3, 3), serial=serial) for serial in (1, 2))
Read = Callable[[bytes], Landed]


def digests(kind: str, values: Iterable[str]) -> dict[str, str]:
    return {value: f"{kind}:{len(value)}" for value in values}


@pytest.fixture
def settlements(settlement: Contract) -> Callable[..., Landed]:
    head = "setl_id,psn_cert_type,certno,psn_name,med_type,setl_time,medfee_sumamt,fulamt_ownpay_amt,inscp_scp_amt\n"

    def made(*rows: str) -> Landed:
        return read((head + "".join(f"{row}\n" for row in rows)).encode(), contract=settlement, where="f")

    return made


def test_personal_columns_and_free_text_stay_behind(settlement: Contract, settlements: Callable[..., Landed]) -> None:
    table = outgoing(settlements(f"S1,01,{ONE},甲某,11,2026-10-05,10.00,0,10.00"), settlement)
    assert set(table.column_names) == {
        "line_no", "row_fault", "is_name_doubtful", "setl_id", "psn_cert_type", "med_type", "setl_time",
        "medfee_sumamt", "fulamt_ownpay_amt", "inscp_scp_amt", "wording_no", "is_name_missing",
    }  # fmt: skip
    assert ONE not in str(table.to_pydict()) and "甲某" not in str(table.to_pydict())


@pytest.mark.parametrize(
    ("written", "column"),
    [
        (f"S1,01,{ONE},甲某,{TWO},2026-10-05,10.00,0,10.00", "med_type"),
        (f"S1,01,{ONE},甲某,乙某,2026-10-05,10.00,0,10.00", "med_type"),
        (f"S1,01,{ONE},甲某,11,乙某,10.00,0,10.00", "setl_time"),
        (f"S1,01,{ONE},甲某,11,{TWO},10.00,0,10.00", "setl_time"),
        (f"S1,01,{ONE},甲某,10015901038,2026-10-05,10.00,0,10.00", "med_type"),
        (f"S1,01,{ONE},甲某,11,2026-10-05,10015901038,0,10.00", "medfee_sumamt"),
        (f"S1,01,{ONE},甲某,11,2026-10-05,乙某,0,10.00", "medfee_sumamt"),
        (f"S1,01,{ONE},甲某,11,2026-10-05,①0.00,0,10.00", "medfee_sumamt"),
        (f"S1乙某,01,{ONE},甲某,11,2026-10-05,10.00,0,10.00", "setl_id"),
    ],
)
def test_a_person_in_the_wrong_column_leaves_as_a_question_mark(
    settlement: Contract, settlements: Callable[..., Landed], written: str, column: str
) -> None:
    assert outgoing(settlements(written), settlement)[column].to_pylist() == ["?"]


def test_full_width_is_folded_and_empty_is_null(settlement: Contract, settlements: Callable[..., Landed]) -> None:
    row = outgoing(settlements(f"S1,,{ONE},甲某,１１,２０２６-10-05,１０．００,,10"), settlement).to_pylist()[0]
    assert (row["med_type"], row["setl_time"], row["medfee_sumamt"]) == ("11", "2026-10-05", "10.00")
    assert row["psn_cert_type"] is None and row["fulamt_ownpay_amt"] is None


def test_each_written_number_is_read_once_and_says_what_became_of_it(
    settlement: Contract, settlements: Callable[..., Landed]
) -> None:
    landed = settlements(
        f"S1,01,{ONE},甲某,11,d,1,0,1",
        f"S2,01,{ONE},甲 某,11,d,1,0,1",
        "S3,01,123,乙某,11,d,1,0,1",
        f"S4,02,{TWO},丙某,11,d,1,0,1",
    )
    found = identify(landed, settlement, today=TODAY)
    read_again = [found.read[number] for number in found.numbers.to_pylist()]
    assert [one.value for one in read_again] == [ONE, ONE, None, TWO]
    assert read_again[2].reason_code == "CERTNO_LENGTH"
    assert set(found.statements) == {ONE}, "another certificate than a resident card gives no person"
    assert [one.value for one in found.statements[ONE]] == ["甲某"]
    assert found.names == {ONE: {"甲某"}}


def test_names_that_differ_within_a_delivery_are_noted(settlement: Contract, settlements: Callable[..., Landed]) -> None:
    landed = settlements(f"S1,01,{ONE},甲某,11,d,1,0,1", f"S2,01,{ONE},甲菊,11,d,1,0,1", f"S3,01,{TWO},乙?,11,d,1,0,1")
    found = identify(landed, settlement, today=TODAY)
    assert found.names == {ONE: {"甲某", "甲菊"}, TWO: set()}
    assert [(one.value, one.is_doubtful) for one in found.statements[TWO]] == [("乙?", True)]


def test_nothing_said_of_a_person_is_printed(settlement: Contract, settlements: Callable[..., Landed]) -> None:
    found = identify(settlements(f"S1,01,{ONE},甲某,11,d,1,0,1"), settlement, today=TODAY)
    assert ONE not in repr(found) and "甲某" not in repr(found.statements)


def test_a_village_leaves_as_the_grid_that_serves_it_in_its_town(roster: Contract, read_roster: Read) -> None:
    heading = "姓名,身份证号,救助类别,镇（街道）,村（社区）"
    places = (("宝墩", "河坝社区"), ("宝墩镇", " 河坝 社区"), ("兴义镇", "河坝社区"), ("宝墩镇", "别村"), ("", "河坝社区"))
    text = "\n".join([heading, *(f"甲某,{ONE},低保,{town},{village}" for town, village in places)])
    grids = (
        Grid("b1", "宝墩第一网格", "Baodun grid 1", "宝墩镇", ("新村", "河坝社区")),
        Grid("x1", "兴义第一网格", "Xingyi grid 1", "兴义镇", ("河坝社区",)),
    )
    town = next(one for one in roster.columns if one.name == "town")
    contract = replace(roster, columns=(*roster.columns, replace(town, name="village", aliases=("村（社区）",))))
    landed = read(text.encode(), contract=contract, where="list.csv")
    asked = partial(listed, landed, contract, towns=("宝墩镇", "兴义镇"), digests=digests)
    assert asked(grids=grids)["grid_code"].to_pylist() == ["b1", "b1", "x1", None, None]
    assert "河坝" not in str(asked(grids=grids).to_pydict()), "the village stays behind"
    assert asked()["grid_code"].null_count == len(places)
    cells = ("新津区宝墩镇新村", "宝墩镇", "宝墩新村")
    together = "\n".join(["姓名,身份证号,救助类别,镇（街道）", *(f"甲某,{ONE},低保,{one}" for one in cells)])
    found = listed(read_roster(together.encode()), roster, towns=("宝墩镇", "兴义镇"), digests=digests, grids=grids)
    assert found["grid_code"].to_pylist() == ["b1", None, None], "town and village in one cell"


def test_a_list_leaves_as_words_of_the_contract_and_digests(roster: Contract, read_roster: Read) -> None:
    text = (
        "姓名,身份证号,救助类别,镇（街道）,户编号,手机号,银行账号,批准时间\n"
        f"甲某,{ONE},农村 低保,宝墩,51011899430643,10015901038,6299996613376862189,2024年05月\n"
        f"乙?,{TWO},低保户张三,邓双镇,,,62x,\n"
    )
    table = listed(read_roster(text.encode()), roster, towns=("宝墩镇", "兴义镇"), digests=digests)
    first, second = table.to_pylist()
    assert (first["category_code"], first["written_category"], first["town"]) == ("DIBAO", "农村低保", "宝墩镇")
    assert (first["household_key"], first["phone_key"], first["account_key"]) == ("household:14", "phone:11", "account:19")
    assert (second["category_code"], second["written_category"], second["town"], second["phone_key"]) == (None, None, None, None)
    assert (second["is_name_doubtful"], second["is_account_doubtful"], second["is_town_unknown"]) == (True, True, True)
    assert (first["is_name_doubtful"], first["is_account_doubtful"], first["is_town_unknown"]) == (False, False, False)
    for secret in (ONE, "甲某", "6299996613376862189", "10015901038", "51011899430643", "张三"):
        assert secret not in str(table.to_pydict())
