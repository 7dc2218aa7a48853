"""The same month worked on twice: equal bytes wherever it happens, and nothing more to do where it has happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, make_house, tree

from mianshen.stages import approve
from mianshen.warehouse import ledger

MIANSHEN = Path(sys.executable).with_name("mianshen")
ELSEWHERE = {"TZ": "America/St_Johns", "LANG": "C", "PYTHONHASHSEED": "4711", "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}
"""A machine in another time zone that speaks another language."""
BOOKS = ("APPLICATION", "APPROVAL_BATCH", "APPROVAL_ITEM", "AWARD_POSTING", "DECISION", "DELIVERY", "PAYMENT_BATCH", "PAYMENT",
         "PAYMENT_LINE", "PAYMENT_HOLD", "CLOCK", "CLOCK_EVENT", "AUDIT", "RUN")  # fmt: skip
"""Tables of the ledger that a month writes."""
LOOKED = {"out/money_state", "checks/money_difference"}
"""What a look at the money leaves in the lake. Taken before money leaves: the next one finds another ledger."""


@pytest.fixture(scope="module")
def files(worked: Worked) -> Files:
    return worked.files


@pytest.fixture(scope="module")
def here(worked: Worked) -> House:
    """The month with a clerk who refuses some."""
    return worked.house


@pytest.fixture(scope="module")
def elsewhere(files: Files, here: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same month by the command line on another machine: same persons' keys, the clerk's answers from the recorded log."""
    root = tmp_path_factory.mktemp("elsewhere")
    log = root / "decisions.jsonl"
    assert approve.export_decisions(here.job(IN_TIME), log) >= 5
    house = make_house(root / "home", seed="another", vault=here.home.vault)
    run_there(house, "--inbox", str(files.folder), "--decisions", str(log))
    return house


def run_there(house: House, *more: str) -> str:
    """What `mianshen run` prints."""
    line = ["--pack", PACK, "--month", "2026-10", "--as-of", IN_TIME.isoformat(), "--home", str(house.home.root), *more]
    ended = subprocess.run(
        [MIANSHEN, "run", *line], capture_output=True, text=True, check=False, env=os.environ | ELSEWHERE, cwd=house.home.root
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def books(house: House) -> dict[str, list[dict[str, object]]]:
    """The rows of every book, sorted."""
    found = {}
    with house.job(IN_TIME).ledger.connect() as connection:
        for name in BOOKS:
            rows = [dict(row) for row in connection.execute(select(getattr(ledger, name))).mappings()]
            found[name] = sorted(rows, key=repr)
    return found


def test_what_leaves_the_house_is_equal_to_the_byte(here: House, elsewhere: House) -> None:
    one, other = tree(here.home.outbox(PACK)), tree(elsewhere.home.outbox(PACK))
    assert one == other
    kinds = {Path(name).suffix for name in one}
    assert {".csv", ".ctl", ".html"} <= kinds


def test_every_table_of_the_lake_is_equal_to_the_byte(here: House, elsewhere: House) -> None:
    one, other = tree(here.home.lake), tree(elsewhere.home.lake)
    assert list(one) == list(other), "runs bear the same names"
    assert [name for name in one if one[name] != other[name]] == []
    assert {name.split("/")[0] for name in one} == {"staging", "facts", "out", "checks", "release"}


def test_the_summary_is_equal_to_the_byte(here: House, elsewhere: House) -> None:
    one, other = tree(here.home.reports(PACK)), tree(elsewhere.home.reports(PACK))
    assert one == other
    assert set(one) >= {"summary.json", "summary.txt"}


def test_the_books_say_the_same(here: House, elsewhere: House) -> None:
    one, other = books(here), books(elsewhere)
    assert {name: rows for name, rows in one.items() if rows != other[name]} == {}
    assert all(one[name] for name in BOOKS)


def test_the_same_command_again_writes_no_payment_file_and_books_nothing(elsewhere: House, files: Files) -> None:
    before, paid, told = books(elsewhere), tree(elsewhere.home.outbox(PACK)), tree(elsewhere.home.reports(PACK))
    lake = tree(elsewhere.home.lake)
    run_there(elsewhere, "--inbox", str(files.folder))
    after, looked = books(elsewhere), tree(elsewhere.home.lake)
    assert (tree(elsewhere.home.outbox(PACK)), tree(elsewhere.home.reports(PACK))) == (paid, told)
    assert [name for name in BOOKS if after[name] != before[name]] == ["RUN"]
    assert [row["stage"] for row in after["RUN"] if row not in before["RUN"]] == ["reconcile"]
    assert [row for row in before["RUN"] if row not in after["RUN"]] == []
    assert {name: looked[name] for name in lake} == lake
    assert sorted(name.split("/county=")[0] for name in looked.keys() - lake.keys()) == sorted(LOOKED)
    run_there(elsewhere, "--inbox", str(files.folder))
    assert (tree(elsewhere.home.outbox(PACK)), tree(elsewhere.home.reports(PACK))) == (paid, told)
    assert (books(elsewhere), tree(elsewhere.home.lake)) == (after, looked)
