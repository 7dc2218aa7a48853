"""Whose file is it: control file before file name, and a period that is possible."""

from __future__ import annotations

import json
from datetime import date

import pytest

from mianshen.core.contract import Contract, Feed
from mianshen.core.errors import MianshenError
from mianshen.feeds.control import Control, read_control
from mianshen.feeds.recognise import recognise as claim_of

TODAY = date(2026, 11, 22)
GOOD = {
    "feed": "roster",
    "dept": "civil_affairs",
    "list_code": "sample_list",
    "period": "202610",
    "records": 3,
    "sha256": "a" * 64,
}


def recognise(contracts: tuple[Contract, ...], *, file_name: str, control: Control | None) -> tuple[Contract, str]:
    claim = claim_of(contracts, file_name=file_name, control=control)
    return claim.contract, claim.partition(where=file_name, today=TODAY)


def control(**changes: object) -> Control:
    return read_control(json.dumps(GOOD | changes).encode(), where="x.ctl")


def test_a_control_file_is_read() -> None:
    assert control() == Control(Feed.ROSTER, "civil_affairs", "sample_list", "202610", 3, "a" * 64)


def test_a_control_file_may_leave_out_what_it_does_not_know() -> None:
    assert read_control(b'\xef\xbb\xbf{"feed": "settlement"}', where="x.ctl") == Control(
        Feed.SETTLEMENT, None, "settlement", None, None, None
    )


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe", b"[]", b'"roster"', b"{}", b'{"feed": "payroll"}',
        *(json.dumps(GOOD | change).encode() for change in (
            {"records": -1}, {"records": True}, {"records": "many"}, {"sha256": "12"}, {"list_code": "../x"}, {"dept": "a b"},
        )),
    ],
)  # fmt: skip
def test_a_damaged_control_file_is_named(content: bytes) -> None:
    with pytest.raises(MianshenError, match="CONTROL_DAMAGED"):
        read_control(content, where="x.ctl")


@pytest.mark.parametrize(
    ("file_name", "list_code", "partition"),
    [
        ("sample_list_202610.csv", "sample_list", "2026-10"),
        ("SAMPLE_LIST_202610.gbk.CSV", "sample_list", "2026-10"),
        ("settlement_510118_20261005.csv.gz", "settlement", "2026-10-05"),
        ("settlement_510118_202610.csv", "settlement", "2026-10"),
    ],
)
def test_a_file_is_known_by_its_name(
    roster: Contract, settlement: Contract, file_name: str, list_code: str, partition: str
) -> None:
    contract, found = recognise((roster, settlement), file_name=file_name, control=None)
    assert (contract.list_code, found) == (list_code, partition)


@pytest.mark.parametrize(
    "file_name", ["低保10月.csv", "sample_list_202610.csv.bak", "x_sample_list_202610.csv", "sample_list.csv"]
)
def test_another_name_is_not_guessed(roster: Contract, settlement: Contract, file_name: str) -> None:
    with pytest.raises(MianshenError, match="FILE_UNKNOWN"):
        recognise((roster, settlement), file_name=file_name, control=None)


def test_a_control_file_speaks_for_any_name(roster: Contract, settlement: Contract) -> None:
    assert recognise((roster, settlement), file_name="低保10月.csv", control=control()) == (roster, "2026-10")


def test_two_contracts_for_one_name_are_not_guessed(roster: Contract) -> None:
    with pytest.raises(MianshenError, match="FILE_UNKNOWN"):
        recognise((roster, roster), file_name="sample_list_202610.csv", control=None)


@pytest.mark.parametrize("period", ["202613", "202600", "20261032", "2026", "203610", "20261123", "199901"])
def test_an_impossible_period_is_wrong(roster: Contract, period: str) -> None:
    with pytest.raises(MianshenError, match="PERIOD_WRONG"):
        recognise((roster,), file_name="x.csv", control=control(period=period))


def test_name_and_control_file_must_agree_on_the_period(roster: Contract) -> None:
    with pytest.raises(MianshenError, match=r"CONTROL_MISMATCH.*2026-09 / 2026-10"):
        recognise((roster,), file_name="sample_list_202609.csv", control=control())
    recognise((roster,), file_name="sample_list_202610.csv", control=control())


def test_a_control_file_without_any_period_is_wrong(roster: Contract) -> None:
    with pytest.raises(MianshenError, match="PERIOD_WRONG"):
        recognise((roster,), file_name="x.csv", control=control(period=None))


def test_a_department_that_does_not_keep_the_list_is_named(roster: Contract) -> None:
    with pytest.raises(MianshenError, match=r"DEPARTMENT_UNKNOWN.*planets"):
        recognise((roster,), file_name="x.csv", control=control(dept="planets"))


def test_a_list_that_nobody_keeps_is_unknown(roster: Contract) -> None:
    with pytest.raises(MianshenError, match="FILE_UNKNOWN"):
        recognise((roster,), file_name="sample_list_202610.csv", control=control(list_code="other"))
