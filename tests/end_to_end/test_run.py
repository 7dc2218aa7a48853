"""`mianshen run`: one command from files to the payment file; repeated, refused, and repeated elsewhere from its decision log."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.end_to_end import modes
from tests.end_to_end.counties import IN_TIME, PACK, Files, agreeing, make_house, refusing_one, tree, write_files

from mianshen.cli.run import run_chain
from mianshen.core.days import Month
from mianshen.core.paths import Home
from mianshen.stages import approve
from mianshen.stages.catalogue import STAGES
from mianshen.stages.frame import Job, make_job
from mianshen.warehouse.ledger import DECISION, DELIVERY, PAYMENT_BATCH

MIANSHEN = Path(sys.executable).with_name("mianshen")
AS_OF = IN_TIME.isoformat()


def mianshen(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [MIANSHEN, *(str(one) for one in arguments)]
    environment = os.environ | {"COLUMNS": "200", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, umask=0o022)


def run(home: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    place = ("--pack", PACK, "--month", "2026-10", "--as-of", AS_OF, "--home", home, "--go-live", "2026-10-01")
    return mianshen("run", *place, *more)


def job_of(home: Path) -> Job:
    return make_job(PACK, month=Month(2026, 10), as_of=IN_TIME, home=Home(home), entropy=os.urandom)


def rows(job: Job, table: Any) -> list[dict[str, Any]]:
    with job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def left(home: Path) -> dict[str, bytes]:
    """Every file that left for a bank or a person."""
    return tree(home / "outbox")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A small county with files that must be refused among the good ones."""
    return write_files(tmp_path_factory.mktemp("files"), insured=1500, seed=11, late_list=None, bad_files=True)


@pytest.fixture(scope="module")
def done(files: Files, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home after one command, and what the command printed."""
    home = tmp_path_factory.mktemp("run") / "home"
    ended = run(home, "--inbox", files.folder, "--json")
    assert ended.returncode == 0, ended.stderr
    printed: dict[str, Any] = json.loads(ended.stdout)
    return home, printed


def test_one_command_carries_the_month_to_a_payment_file(done: tuple[Path, dict[str, Any]]) -> None:
    home, printed = done
    assert list(dict.fromkeys(one["stage"] for one in printed["stages"])) == list(STAGES)
    (batch,) = printed["summary"]["payments"]
    assert batch["state"] == "sent" and batch["payments"] > 0
    bank = home / "outbox" / PACK / batch["file_name"]
    assert bank.stat().st_mode & 0o777 == 0o600
    control = json.loads(bank.with_name(f"{bank.name}.ctl").read_text("utf-8"))
    assert (control["total_records"], control["total_fen"]) == (batch["payments"], batch["amount_fen"])
    assert all((home / one["path"]).exists() for one in printed["summary"]["outputs"])


def test_whatever_the_umask_nobody_else_opens_what_names_people(done: tuple[Path, dict[str, Any]]) -> None:
    home, _ = done
    assert modes.too_open(home) == []
    rooms = {name.split("/")[0] for name in modes.modes(home)}
    assert {"vault", "outbox", "lake", "reports", "ledger.db", "settings.json", "inbox", "data_docs"} <= rooms


def test_the_group_reads_the_results_and_nothing_that_they_were_made_from(done: tuple[Path, dict[str, Any]]) -> None:
    home, _ = done
    results = [path for room in ("lake/out", "reports") for path in (home / room).rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in results if path.is_file()} == {0o640}
    assert {path.stat().st_mode & 0o777 for path in results if path.is_dir()} == {0o750}
    assert {path.stat().st_mode & 0o077 for path in (home / "lake" / "staging").rglob("*")} == {0}


def test_one_bit_too_much_is_found(done: tuple[Path, dict[str, Any]]) -> None:
    home, _ = done
    for name in ("vault/keyring.json", "ledger.db", "outbox", "lake/staging", "settings.json"):
        before = (home / name).stat().st_mode
        (home / name).chmod(before | 0o040)
        assert [line.split()[0] for line in modes.too_open(home)] == [name]
        (home / name).chmod(before)


def test_bad_files_are_refused_by_name_and_the_others_go_on(done: tuple[Path, dict[str, Any]]) -> None:
    home, printed = done
    refused = {one["reason_code"] for one in printed["summary"]["deliveries"] if one["state"] == "REJECTED"}
    assert {"HEADER_CHANGED", "ENCODING_UNKNOWN", "FILE_UNREADABLE"} <= refused
    notes = "\n".join(note for one in printed["stages"] for note in one["notes"])
    assert "wrongheader" in notes and "What to do" in notes and "处理" in notes
    accepted = [row for row in rows(job_of(home), DELIVERY) if row["state"] == "ACCEPTED"]
    assert len(accepted) > 50


def test_every_row_of_a_list_is_accepted_set_aside_or_passed_over(done: tuple[Path, dict[str, Any]]) -> None:
    for feed in done[1]["summary"]["feeds"]:
        assert feed["rows_in"] == feed["rows_accepted"] + feed["rows_quarantined"] + feed["rows_ignored"], feed


def test_the_same_command_again_pays_nobody_and_changes_no_file_that_left(
    done: tuple[Path, dict[str, Any]], files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    home = done[0]
    before = left(home)
    shutil.copytree(files.folder, Home(home).inbox(PACK), dirs_exist_ok=True)
    reports = {one.stage: one.counts for one in run_chain(job_of(home), quiet=False)}
    assert (reports["receive"]["received"], reports["apply"]["postings"], reports["pay"]["drafted"]) == (0, 0, 0)
    assert left(home) == before
    assert "接收:完成" in capsys.readouterr().out


def test_a_decision_log_repeats_the_departments_answers_in_another_home(
    done: tuple[Path, dict[str, Any]], files: Files, tmp_path: Path
) -> None:
    first = make_house(tmp_path / "first", vault=done[0] / "vault")
    first.receive(files.folder)
    first.carry(IN_TIME, clerk=lambda job: (refusing_one(job), agreeing(job))[-1])
    log = tmp_path / "decisions.jsonl"
    assert approve.export_decisions(first.job(IN_TIME), log) >= 5
    second = make_house(tmp_path / "second", vault=done[0] / "vault")
    second.receive(files.folder)
    reports = run_chain(second.job(IN_TIME), decisions=log)
    assert [one.counts["unknown"] for one in reports if "unknown" in one.counts] == [0]
    one, other = first.job(IN_TIME), second.job(IN_TIME)
    assert rows(one, DECISION) == rows(other, DECISION)
    assert rows(one, PAYMENT_BATCH) == rows(other, PAYMENT_BATCH)
    assert left(first.home.root) == left(second.home.root) != {}
    assert tree(one.home.reports(PACK)) == tree(other.home.reports(PACK))


def test_a_run_may_end_with_a_stage_and_go_on_later(files: Files, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ended = run(home, "--inbox", files.folder, "--until", "validate", "--json")
    assert ended.returncode == 0, ended.stderr
    printed = json.loads(ended.stdout)
    assert [one["stage"] for one in printed["stages"]] == ["receive", "deidentify", "validate"]
    assert "summary" not in printed and not left(home)
    assert {row["state"] for row in rows(job_of(home), DELIVERY)} <= {"ACCEPTED", "HELD", "REJECTED"}
    (paid,) = (one.counts["drafted"] for one in run_chain(job_of(home)) if one.stage == "pay")
    assert paid > 0 and left(home)


@pytest.mark.parametrize(
    ("options", "code", "found"),
    [
        (("--pack", PACK, "--until", "validated"), "STAGE_UNKNOWN", "validated"),
        (("--pack", PACK, "--inbox", "nowhere"), "PATH_MISSING", "nowhere"),
        (("--pack", PACK, "--decisions", "no.jsonl"), "PATH_MISSING", "no.jsonl"),
        (("--pack", "999999_nowhere"), "POLICY_UNKNOWN", "999999_nowhere"),
        (("--pack", PACK, "--month", "2026-13"), "MONTH_INVALID", "2026-13"),
        (("--pack", PACK, "--as-of", "2026-11-22T09:00:00"), "MOMENT_WITHOUT_ZONE", "2026-11-22T09:00:00"),
    ],
)
def test_what_stops_the_run_is_said_in_both_languages(tmp_path: Path, options: tuple[str, ...], code: str, found: str) -> None:
    ended = mianshen("run", "--home", tmp_path / "home", *options)
    assert ended.returncode == 2
    zh, en = ended.stderr.strip().splitlines()[-2:]
    assert zh.startswith(f"[{code}]") and f"【{found}】" in zh
    assert en.startswith(f"[{code}]") and f"[{found}]" in en and "What to do" in en
    assert not (tmp_path / "home" / "outbox" / PACK / "pay_").exists()
