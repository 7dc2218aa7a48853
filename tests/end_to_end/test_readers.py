"""What the house puts out, in other programs' hands: pandas, DuckDB, SQLAlchemy and LibreOffice read the same sums."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, PACK, House, pack

from mianshen.core.bank import BankField
from mianshen.core.digest import sha256_hex
from mianshen.core.money import format_yuan
from mianshen.documents.bank_file import Pay, manual_list
from mianshen.warehouse.publish import publish

SOFFICE = shutil.which("soffice")
AS_TEXT = "CSV:44,34,{charset},1,1/2/2/2/3/2/4/2/5/2/6/2"
"""LibreOffice's import of six columns, each as text."""
AS_IT_COMES = "CSV:44,34,{charset},1"
"""The same with every column as LibreOffice guesses."""
UTF_8, GB18030 = 76, 85
"""LibreOffice's numbers of character sets."""
SUMS = {
    "out.award_line": ("amount_fen", "entitled_fen", "window_fen"),
    "out.assessment": ("base_fen", "relief_fen", "left_fen"),
    "out.funnel": ("people", "visits", "relief_fen"),
    "out.relief_summary": ("amount_fen",),
    "out.payment_summary": ("amount_fen",),
}
"""Columns that are summed, by table."""

Office = Callable[..., Path]
"""Converts a file; returns what came out."""


@pytest.fixture(scope="module")
def house(worked: Worked) -> House:
    return worked.house


@pytest.fixture(scope="module")
def bank(house: House) -> Path:
    (path,) = house.outbox("pay_*[0-9a-f].csv")
    return path


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    if SOFFICE is None:
        pytest.skip("NOT RUN: soffice is not installed (.ci/run installs libreoffice-calc-nogui)")
    root = tmp_path_factory.mktemp("office")

    def convert(path: Path, *, into: str, reading: str) -> Path:
        profile = f"-env:UserInstallation=file://{root / 'profile'}"
        line = [SOFFICE, profile, "--headless", f"--infilter={reading}", "--convert-to", into, "--outdir", str(root), str(path)]
        ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
        made = root / f"{path.stem}.{into.split(':')[0]}"
        assert made.is_file(), ended.stderr
        return made.rename(root / f"{len(list(root.iterdir()))}_{made.name}")

    return convert


def test_pandas_duckdb_and_the_mart_read_the_same_sums(house: House, tmp_path: Path) -> None:
    job = house.job(IN_TIME)
    url = f"sqlite:///{tmp_path / 'mart.db'}"
    copied = publish(job.lake, url, county_code=job.county_code, month="2026-10")
    engine = create_engine(url)
    for table, columns in SUMS.items():
        files = job.lake.current(table, county_code=job.county_code, month="2026-10")
        frame = pd.read_parquet(files)
        by_pandas = (len(frame), *(int(frame[column].sum()) for column in columns))
        wanted = ", ".join(("count(*)", *(f"coalesce(sum({column}), 0)" for column in columns)))
        by_duckdb = duckdb.execute(
            f"select {wanted} from read_parquet($files, hive_partitioning=false)", {"files": files}
        ).fetchone()
        with engine.connect() as connection:
            by_mart = connection.execute(text(f"select {wanted} from {table.replace('.', '_')}")).one()
        assert by_pandas == tuple(by_duckdb or ()) == tuple(by_mart), table
        assert copied[table] == by_pandas[0] > 0, table
    engine.dispose()


def test_a_month_column_is_not_hidden_by_the_folder_of_the_run(house: House) -> None:
    (part,) = house.job(IN_TIME).lake.current("facts.person_month", county_code=PACK[:6])
    months = {f"2026-{number:02}" for number in range(1, 11)}
    assert set(pd.read_parquet(part)["calendar_month"]) == months
    assert {
        one for (one,) in duckdb.execute("select calendar_month from read_parquet($part)", {"part": part}).fetchall()
    } == months


def test_a_reader_finds_every_table_of_a_month_by_its_folder(house: House) -> None:
    root = house.home.lake / "out"
    found = duckdb.execute(
        f"select county, month, sum(amount_fen) from read_parquet('{root}/award_line/*/*/*/*.parquet', hive_partitioning=true,"
        " hive_types={'county': varchar, 'month': varchar}) group by county, month"
    ).fetchall()
    assert found == [(PACK[:6], "2026-10", house.lake("select sum(amount_fen) from out.award_line", "out.award_line")[0][0])]


def test_libreoffice_keeps_every_digit_of_the_bank_file_when_columns_are_read_as_text(bank: Path, office: Office) -> None:
    sent = list(csv.reader(io.StringIO(bank.read_bytes().decode("gb18030"))))
    made = office(bank, into="xlsx", reading=AS_TEXT.format(charset=GB18030))
    shown = [[str(cell or "") for cell in row] for row in openpyxl.load_workbook(made).active.iter_rows(values_only=True)]
    assert [row[:6] for row in shown[:-1]] == sent[:-1]
    assert shown[-1][:3] == sent[-1][:3]
    place = [one.field for one in pack().bank.columns].index(BankField.ACCOUNT)
    accounts = [row[place] for row in shown[1:-1]]
    assert len(accounts) > 20
    assert {len(one) for one in accounts} <= {16, 17, 18, 19}
    assert 19 in {len(one) for one in accounts}


def test_a_bank_file_that_a_spreadsheet_saved_again_is_known_by_its_digest(bank: Path, office: Office, tmp_path: Path) -> None:
    book = office(bank, into="xlsx", reading=AS_IT_COMES.format(charset=GB18030))
    saved = office(book, into="csv:Text - txt - csv (StarCalc):44,34,85,1", reading="Calc MS Excel 2007 XML")
    assert sha256_hex(saved.read_bytes()) != _digest_in(bank)
    assert _digest_in_trailer(bank.read_bytes()) == _digest_of_lines(bank.read_bytes())
    assert _digest_in_trailer(saved.read_bytes()) != _digest_of_lines(saved.read_bytes())


def test_the_list_of_payments_made_by_hand_keeps_its_accounts_in_a_spreadsheet(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "by_hand.csv"
    path.write_bytes(manual_list([(Pay(1, "P1", "6299996730602384273", "䶮晓明", 1234567), "NAME_NOT_ENCODABLE")]))
    book = office(path, into="xlsx", reading=AS_IT_COMES.format(charset=UTF_8))
    _, row = openpyxl.load_workbook(book).active.iter_rows(values_only=True)
    assert (row[2], row[3], row[4]) == ("6299 9967 3060 2384 273", "䶮晓明", 12345.67)


def test_libreoffice_shows_the_batch_sheet_with_every_payee_and_the_total(house: House, office: Office) -> None:
    (sheet,) = house.outbox("*_sheet.html")
    made = office(sheet, into="csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true", reading="calc_HTML_WebQuery")
    rows = list(csv.reader(io.StringIO(made.read_text("utf-8"))))
    payees = {row[0]: row for row in rows if row[0].isdigit()}
    paid = house.ledger("select sequence_no, amount_fen from payment order by sequence_no")
    assert [int(one) for one in payees] == [number for number, _ in paid]
    assert all(row[2].startswith("****") and row[1] for row in payees.values())
    assert [Decimal(payees[str(number)][3].replace(",", "")) for number, _ in paid] == [Decimal(fen) / 100 for _, fen in paid]
    total = format_yuan(sum(fen for _, fen in paid))
    assert any(total in cell.replace(",", "") for row in rows for cell in row)


def _digest_in(bank: Path) -> str:
    return sha256_hex(bank.read_bytes())


def _digest_in_trailer(content: bytes) -> str:
    return content.decode("gb18030").strip().splitlines()[-1].split(",")[3]


def _digest_of_lines(content: bytes) -> str:
    lines = content.splitlines(keepends=True)
    return sha256_hex(b"".join(lines[:-1]))
