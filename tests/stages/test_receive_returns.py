"""receive: a bank return against the payments sent, line by line into the ledger; no payment changes its state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError
from tests.stages.money_county import County, Line, make_county

from mianshen.core.errors import MianshenError
from mianshen.stages import apply, deidentify, pay, receive
from mianshen.warehouse import withdrawals
from mianshen.warehouse.ledger import BANK_RESULT, DELIVERY, PAYMENT

Agree = Callable[..., None]


def rows(county: County, table: Table) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


@pytest.fixture
def sent(tmp_path: Path, agree_all: Agree) -> tuple[County, list[list[str]]]:
    """A county whose bank file left, and the lines of that file."""
    county = make_county(tmp_path / "home", ["陈一", "李二", "王三"])
    county.assess([Line("陈一", "e1", 12345), Line("李二", "e2", 5), Line("王三", "e3", 100)])
    apply.run(county.job)
    agree_all(county)
    pay.run(county.job)
    (path,) = county.job.home.outbox(county.job.pack.name).glob("pay_*.csv")
    return county, [line.split(",") for line in path.read_bytes().decode("gb18030").split("\r\n")[1:4]]


def deliver(county: County, name: str, lines: list[list[str]], codes: list[str], *, total: str | None = None) -> dict[str, int]:
    """Put a return into the inbox and receive it."""
    body = [
        f"{place}|{one[1]}|{one[2]}|{one[3]}|{one[4]}|{code}|"
        for place, (one, code) in enumerate(zip(lines, codes, strict=True), 1)
    ]
    fen = sum(int(one[4].replace(".", "")) for one in lines)
    amount = total or f"{fen // 100}.{fen % 100:02d}"
    text = "\n".join([f"H|B1|{len(lines)}", *body, f"T|{len(lines)}|{amount}", ""])
    folder = county.job.home.inbox(county.job.pack.name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return receive.run(county.job).counts


def results(county: County) -> list[tuple[str, str]]:
    return [(row["state"], row["reason_code"]) for row in rows(county, BANK_RESULT)]


def test_lines_are_appended_and_no_payment_moves(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    before = rows(county, PAYMENT)
    counts = deliver(county, "bank_return_1.txt", lines, ["0000", "1002", "ZZ9"])
    assert (counts["accepted"], counts["duplicate"]) == (1, 0)
    assert results(county) == [("LOAD", "PAID"), ("LOAD", "RETURNED"), ("LOAD", "PENDING")]
    assert [row["payment_id"] for row in rows(county, BANK_RESULT)] == [one[1] for one in lines]
    assert rows(county, PAYMENT) == before
    (delivery,) = rows(county, DELIVERY)
    assert (delivery["feed"], delivery["state"], delivery["partition"]) == ("bank_return", "ACCEPTED", "2026-10")
    assert (delivery["rows_in"], delivery["rows_accepted"]) == (3, 3)


def test_the_same_return_twice_changes_nothing(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    deliver(county, "bank_return_1.txt", lines, ["0000", "1002", "ZZ9"])
    before = (rows(county, BANK_RESULT), rows(county, DELIVERY))
    county.later(days=40)
    assert deliver(county, "bank_return_2.txt", lines, ["0000", "1002", "ZZ9"])["duplicate"] == 1
    assert (rows(county, BANK_RESULT), rows(county, DELIVERY)) == before


def test_a_later_return_settles_what_was_open_and_contradicts_nothing_silently(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    deliver(county, "bank_return_1.txt", lines, ["0000", "1002", "ZZ9"])
    county.later(days=1)
    deliver(county, "bank_return_2.txt", lines, ["1003", "1002", "0000"])
    later = [(row["state"], row["reason_code"]) for row in rows(county, BANK_RESULT) if row["received_at"] == county.job.moment]
    assert later == [("QUAR", "RESULT_CHANGED"), ("IGNORE", "ROW_REPEATED"), ("LOAD", "PAID")]


def test_account_and_name_are_compared_without_opening_the_vault(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    wrong = [[*lines[0][:2], lines[0][2][:-1] + "9", *lines[0][3:]], [*lines[1][:3], "李三", *lines[1][4:]], lines[2]]
    deliver(county, "bank_return_1.txt", wrong, ["0000"] * 3)
    assert results(county) == [("QUAR", "ACCOUNT_DIFFERS"), ("QUAR", "PAYEE_DIFFERS"), ("LOAD", "PAID")]


def test_what_the_return_leaves_open_is_said(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    counts = deliver(county, "bank_return_1.txt", lines[:2], ["0000", "ZZ99"])
    assert [value for name, value in counts.items() if name.startswith("still_open.")] == [2], (
        "one unknown code, one not answered"
    )


def test_a_line_of_another_batch_has_no_payment(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    deliver(county, "bank_return_1.txt", [*lines, ["9", "P0", lines[0][2], "周九", "1.00"]], ["0000"] * 4)
    assert [(row["payment_id"], row["reason_code"]) for row in rows(county, BANK_RESULT)][3] == (None, "INSTRUCTION_UNKNOWN")


@pytest.mark.parametrize(("total", "state", "why"), [("1.00", "REJECTED", "RETURN_TOTALS"), (None, "HELD", "BATCH_NOT_SENT")])
def test_a_refused_return_marks_nothing(sent: tuple[County, list[list[str]]], total: str | None, state: str, why: str) -> None:
    county, lines = sent
    said = lines if total else [["1", "P0", lines[0][2], "周九", "1.00"]]
    counts = deliver(county, "bank_return_1.txt", said, ["0000"] * len(said), total=total)
    assert (counts[state.lower()], counts[f"reason.{why}"]) == (1, 1)
    assert results(county) == []
    assert [(row["state"], row["reason_code"]) for row in rows(county, DELIVERY)] == [(state, why)]


def test_no_later_stage_takes_a_return_for_a_list(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    deliver(county, "bank_return_1.txt", lines, ["0000"] * 3)
    assert deidentify.run(county.job).counts == {}


@pytest.mark.parametrize("total", [None, "1.00"])
def test_a_return_is_neither_withdrawn_nor_released(sent: tuple[County, list[list[str]]], total: str | None) -> None:
    county, lines = sent
    said = lines if total is None else [["1", "P0", lines[0][2], "周九", "1.00"]]
    deliver(county, "bank_return_1.txt", said, ["0000"] * len(said))
    before = (rows(county, BANK_RESULT), rows(county, DELIVERY))
    act = withdrawals.withdraw if total is None else partial(withdrawals.release, pack=county.job.pack)
    with pytest.raises(MianshenError, match="RETURN_STANDS"), county.job.ledger.begin() as connection:
        act(connection, before[1][0]["delivery_id"], at=county.job.moment, actor="clerk", reason="wrong")
    assert (rows(county, BANK_RESULT), rows(county, DELIVERY)) == before


def test_the_ledger_refuses_a_second_final_result(sent: tuple[County, list[list[str]]]) -> None:
    county, lines = sent
    deliver(county, "bank_return_1.txt", lines, ["0000"] * 3)
    first = rows(county, BANK_RESULT)[0]
    with pytest.raises(IntegrityError), county.job.ledger.begin() as connection:
        connection.execute(insert(BANK_RESULT), first | {"line_no": 99, "outcome": "RETURNED", "reason_code": "RETURNED"})
