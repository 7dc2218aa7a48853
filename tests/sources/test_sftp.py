"""SFTP from a real server on loopback: strict host keys, whole files or none, nothing fetched twice, names are data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.sources.county import AT, County, connection, cut_and_mend, make_county
from tests.sources.cutting import wire
from tests.sources.sftp_server import LOGIN, PASSWORD, Server, sftp_server

from mianshen.core.errors import MianshenError

SOURCE: dict[str, Any] = {"code": "minzheng", "kind": "sftp", "conn_id": "minzheng_sftp", "path": "out"}
OLD = 1_790_000_000
"""A time of change long ago."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "served" / "out").mkdir(parents=True)
    with sftp_server(tmp_path / "served") as running:
        yield running


def known(monkeypatch: pytest.MonkeyPatch, server: Server, *, port: int | None = None, **changes: Any) -> None:
    parts = {"login": LOGIN, "password": PASSWORD, "extra": {"host_key": server.host_key, "look_for_keys": "false"}}
    connection(monkeypatch, "minzheng_sftp", conn_type="sftp", host="127.0.0.1", port=port or server.port, **(parts | changes))


def serve(server: Server, name: str, content: bytes, *, changed: int = OLD) -> Path:
    path = server.folder / "out" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (changed, changed))
    return path


@pytest.fixture
def county(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> County:
    known(monkeypatch, server)
    return make_county(tmp_path / "home", SOURCE)


def test_a_wire_cut_at_fifty_bytes_leaves_no_half_file(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"list_{number}.csv": os.urandom(3000 + 7000 * number) for number in range(3)}
    for name, content in files.items():
        serve(server, name, content)
    with wire(("127.0.0.1", server.port)) as line:
        known(monkeypatch, server, port=line.port)
        assert cut_and_mend(tmp_path / "homes", SOURCE, line, files) >= 45


def test_a_server_that_is_not_known_hears_no_password(county: County, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(server, "a.csv", b"x")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode().strip()
    rsa = asyncssh.generate_private_key("ssh-rsa").export_public_key("openssh").decode().strip()
    lax: list[dict[str, Any]] = [
        {},
        {"host_key": other},
        {"host_key": rsa},
        {"host_key": "ssh-ed25519 notakey"},
        {"host_key": server.host_key, "no_host_key_check": "true"},
        {"host_key": server.host_key, "allow_host_key_change": "true"},
        {"no_host_key_check": True},
    ]
    for extra in lax:
        known(monkeypatch, server, extra={**extra, "look_for_keys": "false"})
        assert county.refused() == "SOURCE_HOST_KEY", extra
    assert server.logins == []
    assert county.files() == {}
    known(monkeypatch, server)
    assert county.visit()["taken"] == 1


def test_the_refusal_speaks_both_languages(county: County, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    known(monkeypatch, server, extra={})
    with pytest.raises(MianshenError, match="主机密钥未登记") as caught:
        county.visit()
    assert "host key is not known" in str(caught.value)
    assert "minzheng_sftp" in str(caught.value)


def test_a_wrong_password_is_told_and_tried_once(county: County, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, server, password="wrong")
    assert county.refused() == "SOURCE_REFUSED"
    assert server.logins == ["wrong"]


def test_a_connection_or_a_folder_that_is_not_there(county: County, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    (server.folder / "out").rmdir()
    assert county.refused() == "SOURCE_MISSING"
    monkeypatch.delenv("AIRFLOW_CONN_MINZHENG_SFTP")
    assert county.refused() == "SOURCE_SETTINGS"


def test_a_server_that_is_down(county: County, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire(("127.0.0.1", server.port)) as line:
        port = line.port
    known(monkeypatch, server, port=port)
    assert county.refused() == "SOURCE_UNREACHABLE"


def test_an_empty_folder_is_no_error(county: County) -> None:
    assert county.visit() == {"seen": 0, "taken": 0, "known": 0, "same": 0, "ignored": 0, "waiting": 0}


def test_what_was_taken_is_not_taken_again(county: County, server: Server) -> None:
    serve(server, "a.csv", b"first")
    serve(server, "b.csv", b"other")
    assert county.visit()["taken"] == 2
    for path in list(county.inbox.rglob("*.csv")):
        path.unlink()
    assert county.visit() | {"seen": 2} == {"seen": 2, "taken": 0, "known": 2, "same": 0, "ignored": 0, "waiting": 0}
    serve(server, "a.csv", b"first", changed=OLD + 100)
    assert county.visit()["same"] == 1
    serve(server, "a.csv", b"second", changed=OLD + 200)
    assert county.visit()["taken"] == 1
    assert county.files() == {"a.csv": b"second"}


def test_of_two_versions_the_older_is_received_first(county: County, server: Server) -> None:
    serve(server, "a.csv", b"second", changed=OLD + 500)
    serve(server, "older/a.csv", b"first", changed=OLD)
    county.change(recursive=True)
    assert county.visit()["taken"] == 2
    from mianshen.feeds.inbox import inbox_files

    assert [path.read_bytes() for path in inbox_files(county.inbox)] == [b"first", b"second"]


def test_a_file_that_is_still_growing_waits(county: County, server: Server) -> None:
    serve(server, "done.csv", b"done")
    serve(server, "growing.csv", b"half")
    serve(server, "a.csv.part", b"half")
    serve(server, "b.csv.tmp", b"half")
    serve(server, ".hidden", b"half")
    county.pauses.append(lambda: serve(server, "growing.csv", b"half and a bit", changed=OLD + 1) and None)
    assert county.refused() == "SOURCE_CHANGED"
    assert county.files() == {"done.csv": b"done"}
    assert county.visit()["taken"] == 1
    assert county.files() == {"done.csv": b"done", "growing.csv": b"half and a bit"}


def test_a_file_that_vanishes_between_two_looks(county: County, server: Server) -> None:
    path = serve(server, "gone.csv", b"x")
    county.pauses.append(path.unlink)
    assert county.refused() == "SOURCE_CHANGED"
    assert county.visit()["seen"] == 0


def test_a_control_file_comes_along(county: County, server: Server) -> None:
    county.change(needs_control=True)
    serve(server, "a.csv", b"rows")
    assert county.visit()["waiting"] == 1
    assert county.files() == {}
    serve(server, "a.csv.ctl", b'{"feed": "roster", "list_code": "minzheng_ertong"}')
    assert county.visit()["taken"] == 1
    assert county.controls() == {"a.csv": {"feed": "roster", "list_code": "minzheng_ertong"}}


def test_a_source_of_one_list_writes_the_control_file(tmp_path: Path, server: Server, county: County) -> None:
    serve(server, "儿童名单202610.csv", b"rows")
    serve(server, "other.csv", b"rows")
    named = {**SOURCE, "list_code": "minzheng_ertong", "pattern": r"儿童名单(?P<period>\d{6})\.csv"}
    single = make_county(tmp_path / "single", named)
    assert single.visit() == {"seen": 1, "taken": 1, "known": 0, "same": 0, "ignored": 1, "waiting": 0}
    said = single.controls()["儿童名单202610.csv"]
    assert {name: said[name] for name in ("feed", "list_code", "period")} == {
        "feed": "roster",
        "list_code": "minzheng_ertong",
        "period": "202610",
    }


def test_names_are_data(county: County, server: Server) -> None:
    long = "长" * 80 + ".csv"
    serve(server, "good.csv", b"good")
    serve(server, long, b"long")
    serve(server, "a\nb.csv", b"line")
    server.strange += [b"../../../etc/passwd", b"/etc/passwd", b"..\\x.csv", b"a/../../b.csv"]
    assert county.refused() == "SOURCE_NAME"
    assert sorted(county.files().values()) == [b"good", b"line", b"long"]
    for path in county.inbox.rglob("*"):
        assert county.inbox.resolve() in path.resolve().parents
        assert len(path.name.encode()) <= 200
        assert "\n" not in path.name


def test_a_server_that_tells_its_names_in_gbk(county: County, server: Server) -> None:
    folder = server.folder / "out" / os.fsdecode("低保".encode("gb18030"))
    folder.mkdir()
    for name in ("儿童名单202610.csv", "龘㐀.csv"):
        path = folder / os.fsdecode(name.encode("gb18030"))
        path.write_bytes(name.encode())
        os.utime(path, (OLD, OLD))
    county.change(recursive=True)
    assert county.refused() == "SOURCE_NAME", "read as UTF-8 the names are none"
    assert county.files() == {}
    county.change(recursive=True, name_encoding="gb18030")
    assert county.visit()["taken"] == 2
    assert county.files() == {name: name.encode() for name in ("儿童名单202610.csv", "龘㐀.csv")}
    assert county.visit()["known"] == 2
    county.change(path="out/低保", name_encoding="gb18030")
    assert county.visit()["seen"] == 2, "the folder's own name is written the same way"


def test_a_link_is_passed_over(county: County, server: Server, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (server.folder / "out" / "a.csv").symlink_to(tmp_path / "secret")
    assert county.visit()["seen"] == 0


def test_a_young_file_is_fetched_once_more(county: County, server: Server) -> None:
    changed = int(AT.timestamp()) - 5
    serve(server, "a.csv", b"one", changed=changed)
    assert county.visit()["taken"] == 1
    serve(server, "a.csv", b"two", changed=changed)
    assert county.visit()["taken"] == 1, "the same size, the same second, other bytes"


def test_two_visits_at_once(county: County, server: Server) -> None:
    serve(server, "a.csv", b"one")
    refused: list[str] = []
    county.pauses.append(lambda: refused.append(County(county.home, county.source).refused()))
    assert county.visit()["taken"] == 1
    assert refused == ["SOURCE_BUSY"]
