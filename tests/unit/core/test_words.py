"""Reasons, errors, digests and rooms."""

import os
import pickle
from datetime import date
from pathlib import Path

import pytest

from mianshen.core import digest
from mianshen.core.codes import REASONS, reason
from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno
from mianshen.core.paths import Home, keep_to_owner, share


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    for code, entry in REASONS.items():
        assert code == entry.code == code.upper()
        assert all(text.strip() for text in (entry.zh, entry.en, entry.remedy_zh, entry.remedy_en))


def test_an_unknown_reason_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        reason("NO_SUCH_CODE")


def test_an_error_reads_chinese_first_and_survives_a_process_boundary() -> None:
    error = MianshenError("PERIOD_WRONG", found="2026-09", where="list.csv")
    assert str(error).splitlines()[0].startswith("[PERIOD_WRONG] 文件所属期")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_error_quotes_no_number_that_could_be_a_persons() -> None:
    for personal in (make_certno(born=date(1958, 12, 13), serial=613), "6299996613376862189", "10015901038"):
        assert personal not in str(MianshenError("FILE_UNKNOWN", found=f"roster {personal}", where="list.csv"))


def test_equal_inputs_name_one_run_and_any_difference_names_another() -> None:
    facts = {"stage": "s", "county": "c", "month": "m", "plan": "p", "code": "k", "as_of": "t"}
    base = digest.run_id(inputs=["a", "b"], **facts)
    assert base == digest.run_id(inputs=["b", "a"], **facts)
    for key in facts:
        assert digest.run_id(inputs=["a", "b"], **(facts | {key: "other"})) != base
    assert digest.run_id(inputs=["a"], **facts) != base


def test_rooms_with_personal_data_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.make()
    for room in (home.vault, home.custody, home.root / "inbox", home.root / "outbox"):
        assert room.stat().st_mode & 0o777 == 0o700
    assert home.lake.stat().st_mode & 0o777 == 0o750


def test_a_process_keeps_to_its_owner_and_shares_what_it_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        keep_to_owner()
        made = tmp_path / "one" / "two" / "file"
        made.parent.mkdir(parents=True)
        made.write_text("a line")
        assert [path.stat().st_mode & 0o077 for path in (made, made.parent, made.parent.parent)] == [0, 0, 0]
        share(made, below=tmp_path)
        assert [path.stat().st_mode & 0o777 for path in (made, made.parent, made.parent.parent)] == [0o640, 0o750, 0o750]
    finally:
        os.umask(before)
