"""Forms about one matter: they say what the ledger says, every print is on record, a reprint has a reason and the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.stages.money_county import AS_OF, County, Line, certno_of, facts_of, make_county
from tests.stages.staged_county import example_pack

from mianshen.core.cases import Happening
from mianshen.core.codes import reason
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.documents import pdf
from mianshen.stages import apply, approve, disclose, handle, pay
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import APPLICATION, PAYMENT
from mianshen.warehouse.paper_facts import prints

NAMES = ("𠮷田㛃", "䶮⺟母", "无卡人")
REFUSED_NAME = "甲<b>"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Four people: one refused by a department, one without account, two paid."""
    county = make_county(
        tmp_path / "home",
        (*NAMES, REFUSED_NAME),
        facts=lambda name, number: [one for one in facts_of(name, number) if name != "无卡人" or one.kind == "name"],
    )
    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=500, sample_ppm=0) for one in pack.routing)))
    county.assess([Line(name, f"e{number}", 50_000 + number) for number, name in enumerate((*NAMES, REFUSED_NAME))])
    apply.run(county.job)
    refused = receipt(county, REFUSED_NAME)
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None
    number = next(one.item_no for one in view.items if one.receipt_no == refused)
    reply = {
        "chosen": "同意",
        "refusals": f"{number}=IDENTITY_NOT_CONFIRMED",
        "decided_by": "approver_civil_affairs",
        "decided_at": county.job.moment,
    }
    approve.record_replies(county.job, view.batch_id, reply)
    pay.run(county.job)
    return county


def receipt(county: County, name: str) -> str:
    with county.job.ledger.connect() as connection:
        query = select(APPLICATION.c.receipt_no).where(APPLICATION.c.person_key == county.people[name])
        return str(connection.execute(query).scalar_one())


def printed(county: County, code: FormCode, number: str, **how: str) -> str:
    return disclose.print_form(county.job, code, number, **how).path.read_text("utf-8")


def test_the_approval_form_says_what_each_department_decided(county: County) -> None:
    text = printed(county, FormCode.APPROVAL_FORM, receipt(county, NAMES[0]))
    assert NAMES[0] in text and "500.00" in text and "同意" in text and "approver_civil_affairs" in text
    assert "100999********" in text and certno_of(0) not in text
    assert "不作为发放依据" in text and county.job.pack.form(FormCode.APPROVAL_FORM).article in text


def test_a_refusal_says_why_and_what_can_be_done(county: County) -> None:
    text = printed(county, FormCode.REFUSED, receipt(county, REFUSED_NAME))
    why = reason("IDENTITY_NOT_CONFIRMED")
    assert "甲&lt;b&gt;" in text and why.zh in text and why.remedy_zh in text
    assert "复核" in text and "六十日内" in text and "行政复议" in text
    with pytest.raises(MianshenError, match="PAPER_NOTHING"):
        disclose.print_form(county.job, FormCode.REFUSED, receipt(county, NAMES[0]))


def test_only_what_the_bank_has_paid_has_a_letter_of_payment(county: County) -> None:
    with county.job.ledger.connect() as connection:
        batch = connection.execute(select(PAYMENT.c.payment_batch_id)).scalars().first()
    assert batch is not None
    with pytest.raises(MianshenError, match="PAPER_NOTHING"):
        disclose.print_form(county.job, FormCode.PAID, batch)
    with county.job.ledger.begin() as connection:
        connection.execute(update(PAYMENT).where(PAYMENT.c.payee_key == county.people[NAMES[1]]).values(state="paid"))
    text = printed(county, FormCode.PAID, batch)
    assert NAMES[1] in text and NAMES[0] not in text and "500.01" in text and batch in text


def test_money_that_stays_is_told_with_its_reason(county: County) -> None:
    made = disclose.print_form(county.job, FormCode.STOPPED, county.job.county_code)
    text = made.path.read_text("utf-8")
    assert made.papers == 1 and "无卡人" in text and reason("ACCOUNT_MISSING").zh in text and "500.02" in text
    assert REFUSED_NAME not in text and county.people["无卡人"] not in text


def test_every_print_is_kept_and_a_reprint_needs_a_reason_and_gives_the_same_bytes(county: County) -> None:
    number = receipt(county, NAMES[0])
    first = disclose.print_form(county.job, FormCode.ACCEPTANCE, number)
    content = {path: path.read_bytes() for path in first.path.parent.iterdir()}
    county.later(days=3)
    with pytest.raises(MianshenError, match="PAPER_REPRINTED"):
        disclose.print_form(county.job, FormCode.ACCEPTANCE, number)
    disclose.print_form(replace(county.job, actor="clerk"), FormCode.ACCEPTANCE, number, again="领取时遗失")
    assert {path: path.read_bytes() for path in first.path.parent.iterdir()} == content
    with county.job.ledger.connect() as connection:
        log = prints(connection)
        assert verify(rows_of(connection)).problem == "ok"
    assert [(one["action"], one["actor"], one["reason"]) for one in log] == [
        ("paper.printed", "system", ""),
        ("paper.reprinted", "clerk", "领取时遗失"),
    ]
    assert log[0]["html_sha256"] == log[1]["html_sha256"]
    with open_database(county.job.vault_url).connect() as connection:
        looked = connection.execute(select(LOOKUP_LOG).where(LOOKUP_LOG.c.purpose == f"acceptance {number}")).mappings().all()
    assert [(one["fields"], one["persons"]) for one in looked] == [("certno,name", 1)] * 2


def test_missing_papers_are_told_all_at_once_with_a_receipt_for_those_that_came(county: County) -> None:
    example = example_pack(AS_OF.date())
    limits = {one.code: one for one in (*county.job.pack.time_limits, *example.time_limits)}
    county.with_pack(lambda pack: replace(pack, processes=example.processes, time_limits=tuple(limits.values())))
    (case,) = handle.open_cases(county.job, "certification", [Matter("A1", 2026, person_key=county.people[NAMES[0]])])
    text = printed(county, FormCode.MISSING_PAPERS, case)
    assert "申请表" in text and "出院记录" in text and "照片" not in text, "the photo is not required"
    came = Act(Happening.PAPERS, "intake", "clerk", "union", county.job.as_of, papers=("application", "discharge"))
    handle.act(county.job, case, came)
    with pytest.raises(MianshenError, match="PAPER_NOTHING"):
        disclose.print_form(county.job, FormCode.MISSING_PAPERS, case, again="x")
    text = printed(county, FormCode.ACCEPTANCE, case)
    assert "出院记录" in text and example.process("certification").name_zh in text


def test_a_pack_without_the_form_is_told(county: County) -> None:
    county.with_pack(lambda pack: replace(pack, forms=()))
    with pytest.raises(MianshenError, match="FORM_UNKNOWN"):
        disclose.print_form(county.job, FormCode.PAID, "x")


@pytest.mark.skipif(not pdf.can_print() or shutil.which("pdftotext") is None, reason="NOT RUN: no pango, CJK font or pdftotext")
@pytest.mark.parametrize("name", NAMES[:2])
def test_pdftotext_gives_back_every_character_of_a_form(county: County, name: str) -> None:
    made = disclose.print_form(county.job, FormCode.APPROVAL_FORM, receipt(county, name))
    assert made.is_pdf and made.missing == ()
    command = ["pdftotext", "-layout", str(made.path.with_suffix(".pdf")), "-"]
    text = re.sub(r"\s", "", subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert name in text and receipt(county, name) in text
    shown = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", made.path.read_text("utf-8"), flags=re.DOTALL)
    assert {one for one in shown if not one.isspace()} - set(text) == set()
    created = subprocess.run(["pdfinfo", str(made.path.with_suffix(".pdf"))], capture_output=True, text=True, check=True).stdout
    assert datetime(2026, 11, 3, tzinfo=ZONE).strftime("%b") in next(
        line for line in created.splitlines() if line.startswith("CreationDate")
    )


@pytest.mark.skipif(not pdf.can_print() or shutil.which("pdftotext") is None, reason="NOT RUN: no pango, CJK font or pdftotext")
def test_nothing_on_the_batch_sheet_runs_into_the_margin(county: County) -> None:
    disclose.run(county.job)
    (sheet,) = county.job.home.outbox(county.job.pack.name).glob("*_sheet.pdf")
    said = subprocess.run(["pdftotext", "-bbox", str(sheet), "-"], capture_output=True, text=True, check=True).stdout
    (width,) = {float(found) for found in re.findall(r'<page width="([\d.]+)"', said)}
    ends = [float(found) for found in re.findall(r'xMax="([\d.]+)"', said)]
    margin = 12 / 25.4 * 72 - 0.5
    assert len(ends) > 50 and max(ends) <= width - margin
