"""Pages over HTTP from a real server on loopback: all of them one archive, or nothing."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sources.county import AT, County, connection, cut_and_mend, make_county
from tests.sources.cutting import wire

from mianshen_airflow.sources import pages

SOURCE: dict[str, Any] = {
    "code": "yibao",
    "kind": "http",
    "conn_id": "yibao_api",
    "endpoint": "api/settlements",
    "list_code": "settlement",
    "page_size": 4,
    "parameters": {"month": "{period}"},
    "period_format": "%Y-%m",
}
NAME = "settlement_202610.zip"


@dataclass
class Api:
    """What the server answers."""

    port: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    twist: Callable[[int, dict[str, Any]], Any] | None = None
    """Changes the reply to page n: gives another body, bytes as they are, or a status."""

    def page(self, number: int, size: int) -> dict[str, Any]:
        part = self.rows[(number - 1) * size : number * size]
        return {"page": number, "pageSize": size, "total": len(self.rows), "rows": part}


@pytest.fixture
def api() -> Iterator[Api]:
    served = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            served.asked.append({"path": urlsplit(self.path).path, **query})
            served.headers.append(dict(self.headers))
            body: Any = served.page(int(query["page"]), int(query["pageSize"]))
            if served.twist:
                body = served.twist(int(query["page"]), body)
            if isinstance(body, int):
                self.send_response(body)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.port = server.server_address[1]
    served.rows = [{"setl_id": f"S{number:03d}", "medfee_sumamt": "100.10", "dise_name": "脑梗死"} for number in range(10)]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def known(monkeypatch: pytest.MonkeyPatch, port: int, **parts: Any) -> None:
    connection(
        monkeypatch, "yibao_api", **({"conn_type": "http", "host": "127.0.0.1", "port": port, "password": "a-token"} | parts)
    )


@pytest.fixture
def county(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> County:
    known(monkeypatch, api.port)
    return make_county(tmp_path / "home", SOURCE)


def archive(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(BytesIO(content)) as opened:
        return {name: json.loads(opened.read(name)) for name in opened.namelist()}


def test_all_pages_are_one_delivery(county: County, api: Api) -> None:
    assert county.visit() == {"rows": 10, "taken": 1, "same": 0, "empty": 0}
    found = archive(county.files()[NAME])
    assert list(found) == ["page0001.json", "page0002.json", "page0003.json"]
    assert [row for page in found.values() for row in page["rows"]] == api.rows
    said = county.controls()[NAME]
    assert (said["feed"], said["list_code"], said["period"]) == ("settlement", "settlement", "202610")
    assert api.asked[0] == {"path": "/api/settlements", "month": "2026-10", "page": "1", "pageSize": "4"}
    assert api.headers[0]["Authorization"] == "Bearer a-token"


def test_a_wire_cut_at_fifty_bytes_leaves_no_half_delivery(
    tmp_path: Path, api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.visit()
    with wire(("127.0.0.1", api.port)) as line:
        known(monkeypatch, line.port)
        assert cut_and_mend(tmp_path / "homes", SOURCE, line, county.files()) == 50


def test_the_same_pages_again_change_nothing(county: County, api: Api) -> None:
    county.visit()
    before = county.files()
    assert county.visit(AT + timedelta(hours=6)) == {"rows": 10, "taken": 0, "same": 1, "empty": 0}
    assert county.files() == before
    for path in list(county.inbox.rglob(f"{NAME}*")):
        path.unlink()
    api.rows[3]["medfee_sumamt"] = "100.20"
    assert county.visit(AT + timedelta(hours=12))["taken"] == 1
    assert archive(county.files()[NAME])["page0001.json"]["rows"][3]["medfee_sumamt"] == "100.20"


def test_a_month_without_rows_is_no_delivery(county: County, api: Api) -> None:
    api.rows.clear()
    assert county.visit() == {"rows": 0, "taken": 0, "same": 0, "empty": 1}
    assert county.files() == {}


@pytest.mark.parametrize("size", [1, 4, 5, 9, 10, 11])
def test_the_last_page_may_be_full_or_not(county: County, api: Api, size: int) -> None:
    county.change(page_size=size)
    assert county.visit()["rows"] == 10
    assert len(archive(county.files()[NAME])) == -(-10 // size)


def twisted(at: int, **changes: Any) -> Callable[[int, dict[str, Any]], Any]:
    return lambda number, body: {**body, **changes} if number == at else body


@pytest.mark.parametrize(
    ("twist", "code"),
    [
        (lambda number, body: 500 if number == 2 else body, "SOURCE_UNREACHABLE"),
        (lambda number, body: 503, "SOURCE_UNREACHABLE"),
        (lambda number, body: 429 if number == 3 else body, "SOURCE_UNREACHABLE"),
        (lambda number, body: 401, "SOURCE_REFUSED"),
        (lambda number, body: 403, "SOURCE_REFUSED"),
        (lambda number, body: 404, "SOURCE_MISSING"),
        (lambda number, body: 302, "SOURCE_ANSWER"),
        (lambda number, body: 204, "SOURCE_ANSWER"),
        (lambda number, body: b"<html>login</html>", "SOURCE_ANSWER"),
        (lambda number, body: b"", "SOURCE_ANSWER"),
        (lambda number, body: json.dumps(body).encode()[:-9], "SOURCE_ANSWER"),
        (lambda number, body: "\ufeff".encode() + b"[]", "SOURCE_ANSWER"),
        (lambda number, body: b'{"page": 1, "total": 1, "rows": [{"a": NaN}]}', "SOURCE_ANSWER"),
        (lambda number, body: b"[" * 100_000, "SOURCE_ANSWER"),
        (lambda number, body: json.dumps(body, ensure_ascii=False).encode("gb18030"), "SOURCE_ANSWER"),
        (twisted(1, rows="none"), "SOURCE_ANSWER"),
        (twisted(1, rows=[1, 2]), "SOURCE_ANSWER"),
        (twisted(1, pageSize=None), "SOURCE_ANSWER"),
        (twisted(1, total="10"), "SOURCE_ANSWER"),
        (twisted(1, total=-1), "SOURCE_ANSWER"),
        (twisted(2, total=11), "SOURCE_CHANGED"),
        (twisted(3, total=9), "SOURCE_CHANGED"),
        (twisted(2, page=1), "SOURCE_PAGES"),
        (twisted(2, rows=[]), "SOURCE_PAGES"),
        (twisted(1, total=3), "SOURCE_PAGES"),
        (lambda number, body: {**body, "total": 99}, "SOURCE_PAGES"),
        (lambda number, body: {**body, "total": 12, "rows": [{"setl_id": "S000"}] * 4}, "SOURCE_PAGES"),
    ],
)
def test_pages_that_do_not_add_up_are_refused_as_a_whole(county: County, api: Api, twist: Any, code: str) -> None:
    api.twist = twist
    assert county.refused() == code
    assert county.files() == {}
    assert county.leftovers() == []
    api.twist = None
    assert county.visit()["taken"] == 1


def test_a_page_twice_under_two_numbers_is_refused(county: County, api: Api) -> None:
    api.twist = lambda number, body: {**api.page(1, 4), "page": number} if number == 2 else body
    assert county.refused() == "SOURCE_PAGES"


def test_a_password_goes_no_further(county: County, api: Api) -> None:
    api.twist = lambda number, body: 301
    assert county.refused() == "SOURCE_ANSWER"
    assert len(api.asked) == 1, "a redirection is not followed: it would carry the token elsewhere"


def test_an_interface_that_never_ends(county: County, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mianshen.feeds.paging.MOST_PAGES", 20)
    api.twist = lambda number, body: {"page": number, "pageSize": 1, "total": 10**9, "rows": [{"n": number}]}
    assert county.refused() == "SOURCE_PAGES"


def test_a_page_too_large_is_refused(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST_PAGE", 100)
    assert county.refused() == "SOURCE_ANSWER"


def test_a_server_that_does_not_answer(county: County, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(pages, "PATIENCE", (1, 0.2))
    api.twist = lambda number, body: waiting.wait(2) or body
    assert county.refused() == "SOURCE_UNREACHABLE"
    waiting.set()


def test_login_and_password_are_sent_as_such(county: County, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, api.port, login="county", password="for-tests-only")
    county.visit()
    assert api.headers[0]["Authorization"].startswith("Basic ")
