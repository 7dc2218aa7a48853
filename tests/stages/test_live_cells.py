"""No file that people open runs what somebody wrote into a name, a town or a reason: text stays text in workbooks and CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest
from tests.architecture.sources import PLUGINS, PRODUCT
from tests.stages.money_county import AS_OF, County, Line, make_county, shipped_pack

from mianshen.cli.case_counts import _give
from mianshen.core.extract import COLUMNS
from mianshen.core.messages import Told
from mianshen.documents import live_text, pdf
from mianshen.documents.approval_view import ItemView
from mianshen.documents.bank_file import manual_list
from mianshen.documents.bureau_form import form_book
from mianshen.documents.decision_sheet import SheetBatch, decision_sheet
from mianshen.documents.extract_files import extract_files
from mianshen.documents.family_sheet import Member, family_sheet
from mianshen.documents.fund_statement import COLUMNS as MONEY
from mianshen.documents.fund_statement import statement_book
from mianshen.documents.means_sheet import Asked, means_sheet
from mianshen.documents.message_file import Letter, Sms, letter_book, sms_book
from mianshen.documents.people_list import Listed, ListShape, people_book
from mianshen.documents.return_slip import Slip, SlipRow, return_slip
from mianshen.documents.step_sheet import StepSheet, ToDecide, step_sheet
from mianshen.documents.visit_sheet import ToVisit, VisitSheet, visit_sheet
from mianshen.documents.workbook import Book
from mianshen.stages import apply, approve, pay
from mianshen.stages.disclose import printing
from mianshen.stages.disclose.status import status_file
from mianshen.stages.reckon.results import write_results

PLANTED = (
    "=1+1",
    "+x",
    "-x",
    "@x",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋x",
    "　=1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")',
    "-1+2",
)
"""What a spreadsheet might run."""
HARMLESS = ("张三", "-12.50", "+5", "1,234.50", "a=1", "510118", "")
"""What it only shows."""
WRITERS = {
    "mianshen/cli/case_counts.py",
    "mianshen/documents/bank_file.py",
    "mianshen/documents/bureau_form.py",
    "mianshen/documents/decision_sheet.py",
    "mianshen/documents/extract_files.py",
    "mianshen/documents/family_sheet.py",
    "mianshen/documents/fill_in.py",
    "mianshen/documents/fund_statement.py",
    "mianshen/documents/means_sheet.py",
    "mianshen/documents/message_file.py",
    "mianshen/documents/people_list.py",
    "mianshen/documents/return_slip.py",
    "mianshen/documents/step_sheet.py",
    "mianshen/documents/visit_sheet.py",
    "mianshen/documents/workbook.py",
    "mianshen/stages/disclose/printing.py",
    "mianshen/stages/disclose/status.py",
    "mianshen/stages/reckon/results.py",
    "mianshen_airflow/pages/clocks.py",
}
"""Modules that make workbooks or CSV for people; each is written below with what was planted."""
READERS = {
    "mianshen/cli/jobs.py",
    "mianshen.feeds.counts_file.py",
    "mianshen/documents/filled.py",
    "mianshen/feeds/tables.py",
}
"""Modules that read them."""
MADE_UP = "mianshen/synth/"
"""Makes deliveries, which are no exports."""
SIGNS = (
    "openpyxl",
    "workbook import Book",
    "csv.writer",
    "format csv",
    "utf-8-sig",
    "xlsxwriter",
    "to_excel",
    "to_csv",
    "write_csv",
)


def live_in_book(content: bytes) -> list[str]:
    """Cells of a workbook that are no text, or that openpyxl takes for a formula."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert cells
    return [f"{cell.coordinate} {cell.value!r}" for cell in cells if cell.data_type != "s"]


def live_in_csv(content: bytes) -> list[str]:
    """Cells of a CSV file that a spreadsheet would run."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) > len(PLANTED)
    return [cell for row in rows for cell in row if live_text.is_live(cell)]


def test_every_module_that_writes_such_files_is_tried() -> None:
    found = set()
    for root in (PRODUCT, PLUGINS / "mianshen_airflow"):
        for path in root.rglob("*.py"):
            name = f"{root.name}/{path.relative_to(root)}"
            if any(sign in path.read_text("utf-8") for sign in SIGNS) and not name.startswith(MADE_UP):
                found.add(name)
    readers = {name for name in found - WRITERS if name in READERS or name.startswith("mianshen/feeds/")}
    assert found - readers == WRITERS, (found - readers) ^ WRITERS


def test_what_runs_is_told_from_what_is_shown() -> None:
    assert [text for text in PLANTED if not live_text.is_live(text)] == []
    assert [text for text in HARMLESS if live_text.is_live(text)] == []
    with duckdb.connect(":memory:") as con:
        for text in (*PLANTED, *HARMLESS):
            told = con.execute(f"select {live_text.tamed_sql('t')} from (select $t as t)", {"t": text}).fetchone()
            assert told == (live_text.tamed(text),), text
    raw = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(raw)
    assert live_in_book(raw.getvalue()) == ["A1 '=1+1'"], "a live cell would be found"


def people() -> bytes:
    shape = ListShape("{year}名单", "请核对", ("说明",), ("签名",))
    listed = [Listed(text, text, text, (text,)) for text in PLANTED]
    return people_book(shape, listed, pack=shipped_pack(), benefit_year=2026, made=AS_OF)


def slip() -> bytes:
    rows = [SlipRow(2, "OPEN", "", ("CERTNO_MASKED",), None, (text, text)) for text in PLANTED]
    about = Slip(
        "县", "部门", "名单", "2026-10", 1, "=1.csv", AS_OF, "ACCEPTED", None, ("=姓名", "@证号"), tuple(rows), tuple(rows)
    )
    return return_slip(about)


def statement() -> bytes:
    rows = [{"fund_code": text, "holder": text, **dict.fromkeys(MONEY, -5)} for text in PLANTED]
    return statement_book(rows, pack=shipped_pack(), month="2026-10", made=AS_OF)


def decisions() -> bytes:
    batch = {"approval_batch_id": "=B1", "content_sha256": "=x", "month": "2026-10", "opened_at": AS_OF.isoformat()}
    items = [ItemView(place, text, text, text, 1, 500, "FIRST_TIME") for place, text in enumerate(PLANTED, 1)]
    return decision_sheet(SheetBatch(batch, "civil_affairs", AS_OF), items, pack=shipped_pack())


def visits() -> bytes:
    lines = [ToVisit(text, 1, text, text, text, text, text) for text in PLANTED]
    process = shipped_pack().process("family_visit")
    about = VisitSheet("=县", process, process.step("visit"), "=镇", "town", "=站", AS_OF)
    return visit_sheet(about, lines)[0]


def messages() -> bytes:
    return sms_book([Sms(text, text, 1, Told.PAID, text) for text in PLANTED], pack=shipped_pack(), made=AS_OF)


def letters() -> bytes:
    written = [Letter(text, text, text, Told.PAID, text, text) for text in PLANTED]
    return letter_book(written, pack=shipped_pack(), made=AS_OF)


def form() -> bytes:
    pack = shipped_pack()
    one = {"scope": "month", "period": "=1", "category_code": pack.plan.categories[0].code, "place": 1, "is_small": False}
    rows = [one | {"payer_code": text, "people": text, "visits": text, "amount_fen": -5} for text in PLANTED]
    said = dict.fromkeys(("calendar_month", "as_of", "run_id", "policy_status", "banner_zh"), "=1")
    return form_book(rows, stamp=said, pack=pack, made=AS_OF)


def steps() -> bytes:
    process = shipped_pack().process("family_visit")
    about = StepSheet("=县", process, process.steps[0], ("=看",), "town", "=站", AS_OF)
    return step_sheet(about, [ToDecide(text, 1, text, text, text, text, (text,)) for text in PLANTED])[0]


def clocks() -> bytes:
    book = Book()
    book.sheet("时限台账", above=("=1",), headings=("=1",), rows=[[text] for text in PLANTED])
    return book.content(made=AS_OF)


def families() -> bytes:
    return family_sheet("=县", "=C1", Member("=1+1", "@x", "-x"), holder="+站", made_at=AS_OF)[0]


def incomes() -> bytes:
    asked = [Asked(text, 1, place, text, text, text, text, text) for place, text in enumerate(PLANTED, 1)]
    return means_sheet("=请求", "=流程", asked, holder="=局", made_at=AS_OF)[0]


def print_list() -> bytes:
    prints = [{"pages": 1, "at": AS_OF.isoformat(), "actor": "=1", "reason": "=1"}] * 2
    book = Book()
    lines = [printing._line({"case_id": text, "town": text}, prints, text) for text in PLANTED]
    book.sheet("打印清单", above=("=1",), headings=list(printing.HEADINGS), rows=lines)
    return book.content(made=AS_OF)


def extracts() -> dict[str, bytes]:
    columns = [one for one in COLUMNS if not one.endswith("_fen")]
    rows = [{"department_key": text, **dict.fromkeys(columns, text)} for text in PLANTED]
    pack = shipped_pack()
    return extract_files(rows, columns=columns, pack=pack, department="civil_affairs", month="2026-10", made=AS_OF)


@pytest.mark.parametrize(
    "make",
    [
        *(people, slip, statement, decisions, visits, messages, letters, form, steps, clocks),
        *(families, incomes, print_list, lambda: extracts()["xlsx"]),
    ],
)
def test_every_cell_of_a_workbook_is_text(make: object) -> None:
    assert callable(make)
    assert live_in_book(make()) == []


def test_no_cell_of_a_csv_file_runs(tmp_path: Path) -> None:
    assert live_in_csv(extracts()["csv"]) == []
    assert live_in_csv(status_file((text, text, text, text, text, text) for text in PLANTED)) == []
    _give([(text, text, text, text, text, text, text, text) for text in PLANTED], tmp_path / "counts.csv")
    assert live_in_csv((tmp_path / "counts.csv").read_bytes()) == []


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_reckoning_runs_nothing(ending: str, tmp_path: Path) -> None:
    with duckdb.connect(":memory:") as con:
        con.execute("create schema out")
        con.execute(
            "create table out.reckoned_row_quarantined as select t as file_name, 1 as line_no, t as reason_code, t as field,"
            " t as reason_zh, t as remedy_zh from (select unnest($texts) as t)",
            {"texts": list(PLANTED)},
        )
        (path,) = write_results(con, ["out.reckoned_row_quarantined"], tmp_path / f"result{ending}", made=AS_OF)
    assert (live_in_csv if ending == ".csv" else live_in_book)(path.read_bytes()) == []


def test_what_leaves_in_a_month_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People are called so, and the bank's file cannot carry all of them: sheet, list by hand and papers are opened."""
    monkeypatch.setattr(pdf, "can_print", lambda: False)
    county: County = make_county(tmp_path / "home", [f"{text}䶮" for text in PLANTED])
    pack = shipped_pack()
    routing = tuple(replace(one, sample_ppm=0) for one in pack.routing)
    county.with_pack(lambda pack: replace(pack, bank=replace(pack.bank, encoding="gbk"), routing=routing))
    county.assess([Line(name, f"e{place}", 900_000 + place) for place, name in enumerate(county.people)])
    apply.run(county.job)
    approve.run(county.job)
    (batch,) = {view.batch_id for view in [approve.open_batch_view(county.job, "civil_affairs")] if view is not None}
    assert live_in_book(approve.make_sheet(county.job, batch)) == []
    approve.record_replies(county.job, batch, {"chosen": "同意", "decided_by": "a", "decided_at": county.job.moment})
    pay.run(county.job)
    outbox = county.job.home.outbox(county.job.pack.name)
    by_hand = [path for path in outbox.rglob("*_manual.csv")]
    assert [live_in_csv(path.read_bytes()) for path in by_hand] == [[]]
    for path in outbox.rglob("*.xlsx"):
        assert live_in_book(path.read_bytes()) == []
    assert datetime.fromisoformat(county.job.moment) == AS_OF
    assert manual_list([]).decode("utf-8-sig")
