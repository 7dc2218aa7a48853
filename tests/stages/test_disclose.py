"""disclose: the sheet names every payee once, carries the chain's head, and every opening is on record."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.money_county import County, Line, certno_of, make_county

from mianshen.core.errors import MianshenError
from mianshen.core.plan import Status
from mianshen.documents.pdf import can_print
from mianshen.stages import apply, approve, disclose, pay
from mianshen.vault.tables import LOOKUP_LOG
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT, PAYMENT_BATCH

NAMES = ["甲<b>", "䶮晓明", "𠮷田㛃"]


@pytest.fixture
def county(tmp_path: Path, agree_all: Callable[[County], None]) -> County:
    """Three people paid in one batch, with names that trap."""
    county = make_county(tmp_path / "home", NAMES)
    lines = [Line(name, f"e{number}", 1_234_500 + number) for number, name in enumerate(NAMES)]
    county.assess([*lines, Line(NAMES[0], "e0", 77, "special_disabled")])
    apply.run(county.job)
    agree_all(county)
    pay.run(county.job)
    return county


def papers(county: County, suffix: str) -> list[Path]:
    return sorted(county.job.home.outbox(county.job.pack.name).glob(f"*_sheet.{suffix}"))


def batch_of(county: County) -> dict[str, Any]:
    with county.job.ledger.connect() as connection:
        return dict(connection.execute(select(PAYMENT_BATCH)).mappings().one())


def test_the_sheet_names_payees_sums_and_the_chain(county: County) -> None:
    disclose.run(county.job)
    (path,) = papers(county, "html")
    text = path.read_text("utf-8")
    batch = batch_of(county)
    assert "甲&lt;b&gt;" in text and "䶮晓明" in text and "𠮷田㛃" in text
    assert batch["audit_head"] in text and f">{batch['audit_count']}<" in text
    assert batch["file_sha256"] in text and "37,035.80" in text
    assert county.job.pack.department("disabled").name_zh in text and "0.77" in text
    assert "62000000000" not in text, "the sheet shows the account's tail alone"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_county_with_illustrative_numbers_says_so(county: County) -> None:
    assert county.job.pack.plan.is_illustrative
    disclose.run(county.job)
    (path,) = papers(county, "html")
    assert "不作为发放依据" in path.read_text("utf-8")
    path.unlink()
    clauses = tuple(replace(one, status=Status.OFFICIAL) for one in county.job.pack.plan.clauses)
    county.with_pack(lambda pack: replace(pack, plan=replace(pack.plan, clauses=clauses)))
    disclose.run(county.job)
    assert "不作为发放依据" not in path.read_text("utf-8")


def test_a_second_run_makes_nothing_and_opens_nothing(county: County) -> None:
    assert disclose.run(county.job).counts["sheets"] == 1
    before = [path.read_bytes() for path in (*papers(county, "html"), *papers(county, "pdf"))]
    with open_database(county.job.vault_url).connect() as connection:
        looked = len(connection.execute(select(LOOKUP_LOG)).all())
        county.later(days=1)
        assert disclose.run(county.job).counts["sheets"] == 0
        assert len(connection.execute(select(LOOKUP_LOG)).all()) == looked
    assert [path.read_bytes() for path in (*papers(county, "html"), *papers(county, "pdf"))] == before


def test_a_sheet_that_was_lost_is_made_again_with_one_audit_row(county: County) -> None:
    disclose.run(county.job)
    (path,) = papers(county, "html")
    content = path.read_bytes()
    path.unlink()
    disclose.run(county.job)
    assert path.read_bytes() == content
    with county.job.ledger.connect() as connection:
        made = connection.execute(select(AUDIT).where(AUDIT.c.action == disclose.ACTION)).all()
    assert len(made) == 1


@pytest.mark.skipif(not can_print() or shutil.which("pdftotext") is None, reason="NOT RUN: no pango, CJK font or pdftotext")
def test_every_character_of_the_names_is_in_the_pdf(county: County) -> None:
    assert disclose.run(county.job).counts["pdf"] == 1
    (path,) = papers(county, "pdf")
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    for name in NAMES:
        assert name in text
    assert batch_of(county)["payment_batch_id"] in text.replace("\n", "").replace(" ", "")


def test_a_departments_paper_names_only_what_waits_for_it_and_is_logged(tmp_path: Path) -> None:
    county = make_county(tmp_path / "home", ["甲", "乙", "丙"])
    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=500, sample_ppm=0) for one in pack.routing)))
    county.assess([Line("甲", "e1", 600), Line("乙", "e2", 20), Line("丙", "e3", 900, "special_disabled")])
    apply.run(county.job)
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None
    path = disclose.approval_paper(county.job, view.batch_id)
    text = path.read_text("utf-8")
    assert "甲" in text and "100999********" in text and certno_of(0) not in text
    assert "<td>乙</td>" not in text and "<td>丙</td>" not in text
    with open_database(county.job.vault_url).connect() as connection:
        (looked,) = connection.execute(select(LOOKUP_LOG)).mappings().all()
    assert (looked["recipient"], looked["fields"], looked["persons"]) == ("civil_affairs", "certno,name", 1)
    with pytest.raises(MianshenError, match="ITEM_NOT_OPEN"):
        disclose.approval_paper(county.job, "B0")
