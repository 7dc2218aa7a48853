"""A landed file is whole, in its own place, under a plain name; whatever stops leaves nothing that would be received."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.errors import MianshenError
from mianshen.feeds import landing
from mianshen.feeds.inbox import inbox_files
from mianshen.feeds.landing import LONGEST, Landing, held, landed_name

STAMP = "20261103T090000Z-00aa"


@pytest.fixture
def place(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "inbox" / "510118_xinjin", "minzheng")


def test_a_file_lies_where_it_belongs_with_its_control_file(place: Landing) -> None:
    placed = place.land("a.csv", [b"one", b"two"], stamp=STAMP, control=b"{}")
    assert placed.path == place.inbox / "minzheng" / STAMP / "a.csv"
    assert placed.path.read_bytes() == b"onetwo"
    assert (placed.size, placed.sha256) == (6, hashlib.sha256(b"onetwo").hexdigest())
    assert placed.path.with_name("a.csv.ctl").read_bytes() == b"{}"
    assert placed.path.stat().st_mode & 0o777 == 0o600
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert inbox_files(place.inbox) == [placed.path]


def test_what_breaks_off_leaves_nothing(place: Landing) -> None:
    with pytest.raises(ConnectionError), place.parcel("a.csv", stamp=STAMP) as parcel:
        parcel.write(b"half")
        assert inbox_files(place.inbox) == []
        raise ConnectionError
    assert [path for path in place.inbox.rglob("*") if path.is_file()] == []


def test_the_control_file_is_there_when_the_file_appears(place: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    real = Path.replace

    def watching(path: Path, target: Path) -> Path:
        moved = real(path, target)
        seen.append(sorted(one.name for one in place.inbox.rglob("*") if one.is_file() and not one.name.startswith(".")))
        return moved

    monkeypatch.setattr(Path, "replace", watching)
    place.land("a.csv", [b"x"], stamp=STAMP, control=b"{}")
    assert seen == [["a.csv.ctl"], ["a.csv", "a.csv.ctl"]]


def test_what_a_killed_run_left_is_swept(place: Landing) -> None:
    folder = place.folder / STAMP
    folder.mkdir(parents=True)
    (folder / ".tmp-a.csv").write_bytes(b"half")
    (folder / "b.csv.ctl").write_bytes(b"{}")
    (place.folder / "20261101").mkdir()
    kept = place.land("c.csv", [b"x"], stamp="20261102", control=b"{}").path
    assert place.sweep() == 2
    assert sorted(path for path in place.folder.rglob("*") if path.is_file()) == [kept, kept.with_name("c.csv.ctl")]
    assert not folder.exists()


def test_a_file_no_reader_would_open_is_stopped(place: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "MAX_BYTES", 5)
    with pytest.raises(MianshenError, match="FILE_TOO_LARGE"):
        place.land("a.csv", [b"123", b"456"], stamp=STAMP)
    assert inbox_files(place.inbox) == []


@pytest.mark.parametrize("code", ["", "..", "a/b", "A", "a b", "/etc", "x" * 41])
def test_a_code_leads_nowhere_else(tmp_path: Path, code: str) -> None:
    with pytest.raises(MianshenError, match="SOURCE_SETTINGS"):
        Landing(tmp_path, code).land("a.csv", [b"x"], stamp=STAMP)


@pytest.mark.parametrize("stamp", ["", "..", "a/b", ".x", "a\x00"])
def test_a_stamp_leads_nowhere_else(place: Landing, stamp: str) -> None:
    with pytest.raises(MianshenError, match="SOURCE_SETTINGS"):
        place.land("a.csv", [b"x"], stamp=stamp)


@pytest.mark.parametrize(
    ("delivered", "landed"),
    [
        ("儿童名单202610.xlsx", "儿童名单202610.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\x00b\n.csv", "a_b_.csv"),
        (".hidden.csv", "hidden.csv"),
        ("~$book.xlsx", "$book.xlsx"),
        ("C:\\x.csv", "C:_x.csv"),
    ],
)
def test_a_name_becomes_plain(delivered: str, landed: str) -> None:
    assert landed_name(delivered) == landed


@given(st.text(max_size=400))
def test_every_name_becomes_one_file_name(delivered: str) -> None:
    name = landed_name(delivered)
    assert name == Path(name).name
    assert name not in ("", ".", "..")
    assert not name.startswith((".", "~"))
    assert len(name.encode()) <= LONGEST
    assert name.isprintable() or not any(character in name for character in "\n\r\x00/\\")


def test_two_long_names_stay_two() -> None:
    assert landed_name("长" * 300 + "1.csv") != landed_name("长" * 300 + "2.csv")
    assert landed_name("长" * 300 + "1.csv").endswith(".csv")


def test_a_lock_is_held_once_and_let_go(tmp_path: Path) -> None:
    with held(tmp_path / "a.lock"), pytest.raises(MianshenError, match="SOURCE_BUSY"), held(tmp_path / "a.lock"):
        pass
    with held(tmp_path / "a.lock"):
        pass
