"""`mianshen intake check --feed bank_return`, and a folder of pages: verdicts by file, a summary that names nobody."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.corpus.bank_returns.written import SENT, Said, sent_batch, text
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.ids import make_certno


def check(path: Path, feed: str, out: Path) -> tuple[str, list[dict[str, object]]]:
    words = ["intake", "check", str(path), "--feed", feed, "--period", "202612", "--as-of", "2027-01-04", "--jsonl", str(out)]
    ran = CliRunner().invoke(app, words, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output, [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def test_a_bank_return_is_judged_line_by_line(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "sent_batch.csv").write_bytes(sent_batch())
    (inbox / "return.txt").write_bytes(text([Said(SENT[0]), Said(SENT[1], "1002", "户名不符"), Said(SENT[2], "ZZ", "")]))
    said, verdicts = check(inbox, "bank_return", tmp_path / "out.jsonl")
    assert verdicts == [
        {
            "path": "return.txt",
            "file_outcome": "ACCEPT",
            "file_reason": "",
            "rows": [
                ["LOAD", "PAID", SENT[0].instruction, SENT[0].name],
                ["LOAD", "RETURNED", SENT[1].instruction, SENT[1].name],
                ["LOAD", "PENDING", SENT[2].instruction, SENT[2].name],
            ],
        }
    ]
    assert not [word for one in SENT for word in (one.name, one.account) if word in said]


def test_a_folder_of_pages_is_one_delivery(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    folder = inbox / "civil_affairs"
    folder.mkdir(parents=True)
    numbers = [make_certno(born=date(1950, 1, 2), serial=place) for place in range(1, 13)]
    rows = [{"姓名": "陈一", "身份证号": number, "人员类别": "低保对象"} for number in numbers]
    for number in (1, 2, 10):
        place = {1: 1, 2: 2, 10: 3}[number]
        page = {"page": place, "pageSize": 5, "total": 12, "rows": rows[(place - 1) * 5 : place * 5]}
        (folder / f"page{number}.json").write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    _, verdicts = check(inbox, "roster", tmp_path / "out.jsonl")
    assert [(one["path"], one["file_outcome"]) for one in verdicts] == [("civil_affairs", "ACCEPT")]
    assert [row[2] for row in verdicts[0]["rows"]] == numbers  # type: ignore[attr-defined]
    (folder / "page2.json").unlink()
    _, verdicts = check(inbox, "roster", tmp_path / "out.jsonl")
    assert [(one["file_outcome"], one["file_reason"], one["rows"]) for one in verdicts] == [("REJECT", "PAGES_MISSING", [])]


def test_a_control_file_alone_is_told_and_judged_as_no_delivery(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "roster_202612.csv.ctl").write_text('{"feed": "roster"}', "utf-8")
    said, verdicts = check(inbox, "roster", tmp_path / "made" / "out.jsonl")
    assert verdicts == []
    assert "roster_202612.csv.ctl" in said
