"""The money stages on a PostgreSQL ledger end exactly where they end on the embedded one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.postgres import new_database
from tests.proofs import scenario
from tests.stages.money_county import County

from mianshen.core.errors import MianshenError
from mianshen.documents import pdf
from mianshen.stages import apply, disclose, pay, supervise
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.ledger import METADATA


@pytest.fixture(scope="module")
def ledger_url(postgres: str) -> str:
    return new_database(postgres, "both_ledgers")


def ledger_rows(county: County) -> dict[str, list[dict[str, Any]]]:
    with county.job.ledger.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()]
            for table in METADATA.sorted_tables
        }


def left(county: County) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(county.job.home.outbox(county.job.pack.name).iterdir())}


def summary(county: County) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((county.job.home.reports(county.job.pack.name) / "summary.json").read_text("utf-8"))
    return found


@pytest.mark.timeout(600)
def test_both_ledgers_hold_the_same_rows_and_send_the_same_bytes(
    tmp_path: Path, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "can_print", lambda: False)
    counties = [scenario.prepare(tmp_path / "embedded"), scenario.prepare(tmp_path / "served", ledger_url)]
    for county in counties:
        scenario.work(county.job)
        county.later(days=40)
        supervise.run(county.job)
    one, other = counties
    assert one.job.ledger.dialect.name != other.job.ledger.dialect.name
    assert ledger_rows(one) == ledger_rows(other)
    assert left(one) == left(other) != {}
    assert summary(one) == summary(other)
    with other.job.ledger.connect() as connection:
        assert verify(rows_of(connection)).problem == "ok"
    for county in counties:
        assert apply.run(county.job).counts["postings"] == 0
        assert pay.run(county.job).counts["drafted"] == 0
        with pytest.raises(MianshenError, match="ITEM_NOT_OPEN"):
            disclose.approval_paper(county.job, "B0")
        county.job.ledger.dispose()
