"""A folder of bank returns: `sent_batch.csv` is what they answer and no delivery; every other file gets a verdict."""

from __future__ import annotations

import json
from pathlib import Path

from tests.corpus.bank_returns.written import SENT, Said, all_paid, sent_batch, text

from mianshen.core.digest import sha256_hex
from mianshen.feeds.bank.inbox import judge_inbox
from mianshen.policy.returns import load_return_profile

PROFILE = load_return_profile()


def verdicts(root: Path) -> list[tuple[str, str, str, int]]:
    return [(one.path, str(one.outcome), one.reason, len(one.rows)) for one in judge_inbox(root, profile=PROFILE)]


def test_files_are_judged_in_name_order_against_the_batch_beside_them(tmp_path: Path) -> None:
    (tmp_path / "sent_batch.csv").write_bytes(sent_batch())
    (tmp_path / "b.txt").write_bytes(text(all_paid()))
    (tmp_path / "a.txt").write_bytes(text(all_paid()))
    (tmp_path / "c.txt.tmp").write_bytes(b"half")
    assert verdicts(tmp_path) == [("a.txt", "ACCEPT", "", 5), ("b.txt", "DUPLICATE", "DELIVERY_DUPLICATE", 0)]
    assert verdicts(tmp_path / "b.txt") == [("b.txt", "ACCEPT", "", 5)]


def test_each_folder_has_its_own_batch_else_that_above(tmp_path: Path) -> None:
    for name, pays in (("x", SENT[:2]), ("y", SENT[2:])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sent_batch.csv").write_bytes(sent_batch(pays))
        (tmp_path / name / "return.txt").write_bytes(text([Said(one) for one in pays]))
    assert verdicts(tmp_path) == [("x/return.txt", "ACCEPT", "", 2), ("y/return.txt", "ACCEPT", "", 3)]
    (tmp_path / "x" / "sent_batch.csv").unlink()
    assert verdicts(tmp_path)[0] == ("x/return.txt", "HOLD", "BATCH_NOT_SENT", 0)
    (tmp_path / "sent_batch.csv").write_bytes(sent_batch())
    assert verdicts(tmp_path)[0] == ("x/return.txt", "ACCEPT", "", 2)


def test_a_control_file_is_compared(tmp_path: Path) -> None:
    (tmp_path / "sent_batch.csv").write_bytes(sent_batch())
    (tmp_path / "a.txt").write_bytes(text(all_paid()))
    control = tmp_path / "a.txt.ctl"
    control.write_text(json.dumps({"feed": "bank_return", "sha256": sha256_hex(text(all_paid()))}))
    assert verdicts(tmp_path) == [("a.txt", "ACCEPT", "", 5)]
    control.write_text(json.dumps({"feed": "bank_return", "sha256": "0" * 64}))
    assert verdicts(tmp_path) == [("a.txt", "REJECT", "CONTROL_MISMATCH", 0)]
    control.write_text("{")
    assert verdicts(tmp_path) == [("a.txt", "REJECT", "CONTROL_DAMAGED", 0)]


def test_pages_are_no_return(tmp_path: Path) -> None:
    (tmp_path / "page1.json").write_text("{}")
    assert [one[1:3] for one in verdicts(tmp_path)] == [("REJECT", "RETURN_FORMAT")]
