"""告知: everybody is told once, by a message or a letter; no illness is named; what is so no more is withdrawn."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from tests.stages import window_county as planted
from tests.stages.bank_county import PAPER, payments_of, rows, settle
from tests.stages.window_county import Planted, make_planted

from mianshen.core.messages import MANY_PARTS, ONE_PART, Told, parts_of
from mianshen.documents import pdf
from mianshen.stages.disclose import tell, tellings
from mianshen.stages.disclose.tellings import PENDING
from mianshen.stages.reconcile import acts
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import PAYEE_RELATION, SUSPENSE, TELLING
from mianshen.warehouse.payments import set_holds


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return make_planted(tmp_path_factory.mktemp("tellings") / "home")


@pytest.fixture
def made(original: Planted, tmp_path: Path) -> Iterator[Planted]:
    yield Planted(original.county.copy(tmp_path / "home"))


def folder(made: Planted) -> Path:
    return made.county.job.home.outbox("_example") / "messages"


def told(made: Planted, act: str = "told") -> set[tuple[str, str, str]]:
    names = {key: name for name, key in made.people.items()}
    return {(names[row["person_key"]], row["event_code"], row["way"]) for row in rows(made.county, TELLING) if row["act"] == act}


def sms(made: Planted) -> list[dict[str, str]]:
    (path,) = folder(made).glob("sms_*.csv")
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


EVERYBODY = {
    (planted.PAID, "paid", "sms"),
    (planted.WINDOW, "paid", "letter"),
    (planted.BOUNCED, "returned", "sms"),
    (planted.REFUSED, "refused", "letter"),
    (planted.NO_CARD, "held", "letter"),
}


def test_each_is_told_of_what_happened_by_the_way_that_reaches_them(made: Planted) -> None:
    counts = tell(made.county.job).counts
    assert told(made) == EVERYBODY, "the hospital is no person; who waits is told nothing yet"
    assert (counts["sms"], counts["letters"], counts["withdrawn"]) == (2, 3, 0)
    by_event = {row["事由"]: row["短信内容"] for row in sms(made)}
    assert "1,243.50元被银行退回" in by_event["银行退汇"] and "12393" in by_event["银行退汇"]
    assert {row["手机号"] for row in sms(made)} == {"13800000000", "13800000009"}


def test_an_institution_whose_money_waits_is_written_no_letter(made: Planted) -> None:
    relation = rows(made.county, PAYEE_RELATION)[0]
    with made.county.job.ledger.begin() as connection:
        held = {(relation["payee_key"], "ACCOUNT_UNCONFIRMED"): 100, (made.people[planted.LATE], "ACCOUNT_SHARED"): 200}
        set_holds(connection, held, county_code=made.county.job.county_code, at=made.county.job.moment)
    assert tell(made.county.job).counts["told"] == len(EVERYBODY)
    others = {one for one in EVERYBODY if one[1] != "held"}
    assert told(made) == others | {(planted.LATE, "held", "sms")}


def test_a_message_names_neither_person_nor_illness_and_counts_its_parts(made: Planted) -> None:
    tell(made.county.job)
    for row in sms(made):
        text = row["短信内容"]
        assert row["条数"] == f"{parts_of(text)}" and text.startswith("【虚构县医保】")
        assert not [name for name in planted.NAMES if name in text]
        assert not [word for word in ("病", "诊断", "C34", "S72", "100999") if word in text]


def test_the_workbook_holds_text_alone(made: Planted) -> None:
    tell(made.county.job)
    (path,) = folder(made).glob("sms_*.xlsx")
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row if cell.value]
    assert cells and {cell.data_type for cell in cells} == {"s"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_letters_say_why_and_what_can_be_done(made: Planted) -> None:
    tell(made.county.job)
    (refused,) = folder(made).glob("letters_*_refused.html")
    (held,) = folder(made).glob("letters_*_held.html")
    text = refused.read_text("utf-8")
    assert planted.REFUSED in text and "行政复议" in text and "1,243.50" in text
    assert planted.NO_CARD in held.read_text("utf-8") and "由镇街补采账号" in held.read_text("utf-8")
    (paid,) = folder(made).glob("letters_*_paid.html")
    assert planted.WINDOW in paid.read_text("utf-8") and planted.PAID not in paid.read_text("utf-8"), (
        "who has a phone gets no letter"
    )
    sheet = openpyxl.load_workbook(next(folder(made).glob("letters_*.xlsx"))).worksheets[0]
    listed = {row[1].value: row[4].value for row in sheet.iter_rows(min_row=4)}
    assert listed == {planted.REFUSED: "不予救助", planted.NO_CARD: "暂停发放", planted.WINDOW: "已发放"}


@pytest.mark.skipif(not pdf.can_print(), reason="no pango or no Chinese font on this machine")
def test_every_letter_is_a_pdf_too_that_says_the_same_with_its_fonts_in_it(made: Planted) -> None:
    tell(made.county.job)
    for name, said in ((planted.REFUSED, "refused"), (planted.NO_CARD, "held"), (planted.WINDOW, "paid")):
        (path,) = folder(made).glob(f"letters_*_{said}.pdf")
        assert path.stat().st_mode & 0o777 == 0o600
        fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
        assert fonts and all(one.split()[-5] == "yes" for one in fonts), "embedded"
        text = "".join(subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout.split())
        assert name in text and ("1,143.50" if name == planted.WINDOW else "1,243.50") in text


def test_the_same_again_tells_nobody_and_opens_nothing(made: Planted) -> None:
    tell(made.county.job)
    files = {path.name: path.read_bytes() for path in folder(made).iterdir()}
    looked = lookups(made)
    made.county.later(hours=3)
    assert tell(made.county.job).counts == {"told": 0, "sms": 0, "sms_parts": 0, "letters": 0, "withdrawn": 0}
    assert {path.name: path.read_bytes() for path in folder(made).iterdir()} == files
    assert lookups(made) == looked
    with made.county.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"


def test_money_that_comes_back_after_it_was_told_is_withdrawn_and_told(made: Planted) -> None:
    tell(made.county.job)
    payment = payments_of(made.county, "paid")[planted.PAID][0]
    made.county.later(days=1)
    settle(made.county, {payment: "1002"})
    (entry,) = rows(made.county, SUSPENSE)
    another = replace(made.county.job, actor="finance")
    acts.clear_suspense(another, entry["suspense_id"], payment_id=payment, paper_sha256=PAPER)
    counts = tell(made.county.job).counts
    assert counts["withdrawn"] == 1 and told(made, "withdrawn") == {(planted.PAID, "paid", "sms")}
    assert told(made) == EVERYBODY | {(planted.PAID, "returned", "sms")}
    assert tell(made.county.job).counts["withdrawn"] == 0


def test_a_run_that_breaks_off_is_finished_and_tells_nobody_twice(made: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the ledger knows: nothing is left. Killed after: the files are put in their place, nobody is told again."""
    wrote = tellings.tellings.write

    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tellings.tellings, "write", lambda connection, found: broken() if found else None)
    with pytest.raises(KeyboardInterrupt):
        tell(made.county.job)
    assert all(path.name.startswith(PENDING) for path in folder(made).iterdir()) and told(made) == set()
    monkeypatch.setattr(tellings.tellings, "write", wrote)
    placed = Path.rename
    monkeypatch.setattr(Path, "rename", lambda path, to: broken() if path.name.startswith(PENDING) else placed(path, to))
    with pytest.raises(KeyboardInterrupt):
        tell(replace(made.county.job))
    monkeypatch.undo()
    made.county.later(hours=1)
    assert tell(made.county.job).counts["told"] == 0
    assert told(made) == EVERYBODY
    assert not [path.name for path in folder(made).iterdir() if path.name.startswith(PENDING)]
    assert len(sms(made)) == 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("字" * ONE_PART, 1),
        ("字" * (ONE_PART + 1), 2),
        ("字" * 2 * MANY_PARTS, 2),
        ("字" * (2 * MANY_PARTS + 1), 3),
        ("𠮷" * 35, 1),
        ("𠮷" * 36, 2),
    ],
)
def test_a_message_is_counted_as_gateways_count(text: str, parts: int) -> None:
    assert parts_of(text) == parts


def test_every_event_has_its_words(made: Planted) -> None:
    messages = made.county.job.pack.messages
    assert messages is not None and set(messages.texts) == set(Told)
    for event in Told:
        longest = messages.text(event, county="成都市新津区", amount="1,234,567.89", day="2026年12月31日")
        assert parts_of(longest) <= 2, (event, longest)


def lookups(made: Planted) -> int:
    with open_database(made.county.job.vault_url).connect() as connection:
        return len(connection.execute(select(LOOKUP_LOG.c.lookup_no)).all())
