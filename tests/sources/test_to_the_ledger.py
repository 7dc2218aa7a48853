"""What a source gave is received and judged like a file that somebody dropped: pages, a table, a list, to accepted rows."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources.county import AT
from tests.sources.test_pages import Api, api, known  # noqa: F401 - a fixture
from tests.stages.intake_county import CHILDREN, ENROLMENT, PACK, Intake, child, children, make_intake, settlement

from mianshen.feeds.expectations import Quality
from mianshen.feeds.landing import Landing
from mianshen.feeds.tables import csv_parts
from mianshen.stages import validate
from mianshen_airflow.sources.visit import visit

OLD = 1_790_000_000


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch) -> Intake:
    monkeypatch.setattr(validate, "judge_rows", lambda _rows, *, folder, **_about: Quality(0, (), (), folder))
    return make_intake(tmp_path / "home", entropy)


def configure(intake: Intake, *sources: dict[str, Any]) -> None:
    settings = {"counties": {PACK: {"go_live_on": "2026-10-01", "sources": list(sources)}}}
    (intake.job.home.root / "settings.json").write_text(json.dumps(settings), "utf-8")


def fetch(intake: Intake, code: str) -> dict[str, int]:
    return dict(visit(intake.job.home, PACK, code, at=AT, pause=lambda: None))


def test_pages_become_accepted_settlements(intake: Intake, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    known(monkeypatch, api.port)
    api.rows = [dict(settlement(number)) for number in range(1, 8)]
    configure(
        intake,
        {"code": "yibao", "kind": "http", "conn_id": "yibao_api", "endpoint": "x", "list_code": "settlement", "page_size": 3},
    )
    assert fetch(intake, "yibao")["taken"] == 1
    intake.run()
    (delivery,) = intake.deliveries()
    assert (delivery["state"], delivery["partition"], delivery["rows_in"]) == ("ACCEPTED", "2026-10", 7), delivery["reason_code"]
    assert sorted(row["setl_id"] for row in intake.rows("staging.settlement")) == [row["setl_id"] for row in api.rows]
    intake.job.home.fetched(PACK).joinpath("yibao.jsonl").unlink()
    assert fetch(intake, "yibao")["taken"] == 1, "a lost memory costs a second visit"
    assert intake.run()[0].counts["duplicate"] == 1, "and changes nothing"


def test_a_folder_of_lists_becomes_accepted_rows(intake: Intake, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / CHILDREN).write_bytes(children(child(1), child(2)))
    (share / "unknown.csv").write_bytes(b"a,b\n1,2\n")
    for path in share.iterdir():
        os.utime(path, (OLD, OLD))
    configure(intake, {"code": "share", "kind": "object", "path": f"file://{share}"})
    assert fetch(intake, "share")["taken"] == 2
    intake.run()
    assert {one["file_name"]: one["state"] for one in intake.deliveries()} == {CHILDREN: "ACCEPTED", "unknown.csv": "REJECTED"}
    assert [path for path in intake.inbox.rglob("*") if path.is_file()] == []
    assert fetch(intake, "share") | {"seen": 2} == {"seen": 2, "taken": 0, "known": 2, "same": 0, "ignored": 0, "waiting": 0}


def test_a_table_is_written_as_a_reader_reads_it(intake: Intake) -> None:
    columns = ("参保缴费流水号", "身份证号", "姓名", "险种", "缴费年度", "缴费日期", "个人缴费金额")
    certno = settlement(1)["certno"]
    rows = [("E1", certno, '甲"某', "390", 2026, AT.date(), 400), ("E2", certno, "甲,某\n二", None, 2026, None, 0)]
    parts = b"".join(csv_parts(columns, rows, where="table"))
    assert list(csv.reader(io.StringIO(parts.decode())))[1] == ["E1", certno, '甲"某', "390", "2026", "2026-11-03", "400"]
    Landing(intake.inbox, "canlian").land(ENROLMENT, [parts], stamp="20261103")
    assert intake.run()[0].counts["received"] == 1
