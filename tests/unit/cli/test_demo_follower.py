"""The demo's clerk, follower and REST client: who reads before he answers, when it is over, what an error says."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mianshen.cli.demo import clerk, progress
from mianshen.cli.demo.clerk import Clerk
from mianshen.cli.demo.progress import Follower
from mianshen.cli.demo.rest import Api, RefusedError
from mianshen.core.codes.money import REFUSALS
from mianshen.core.errors import MianshenError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Answers:
    """Stands in for Api: what is asked of it, and what it says."""

    base_url = "http://127.0.0.1:1"

    def __init__(self, pages: Mapping[str, list[Any]]) -> None:
        self.pages = {path: list(answers) for path, answers in pages.items()}
        self.patched: list[tuple[str, Mapping[str, Any], str]] = []
        self.refuse: int | None = None

    def get(self, path: str, *, user: str, **query: Any) -> Any:
        left = self.pages[path]
        return left.pop(0) if len(left) > 1 else left[0]

    def patch(self, path: str, body: Mapping[str, Any], *, user: str) -> Any:
        if self.refuse:
            raise RefusedError(self.refuse, path)
        self.patched.append((path, body, user))


def form(approver: str, *numbers: int, task: str = "t1") -> dict[str, Any]:
    rows = "".join(f"| {number} | 5101 | 低保 | 五津街道 | 1 | 10.00 | 抽查 |\n" for number in numbers)
    return {
        "assigned_users": [{"id": approver}],
        "body": f"| 序号 no. | 受理号 |\n|---:|---|\n{rows}",
        "task_instance": {"id": task, "try_number": 1, "dag_id": "d", "dag_run_id": "r+1", "task_id": f"ask_{task}"},
    }


def at_the_desk(*forms: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Clerk, Answers]:
    monkeypatch.setattr(clerk, "SECONDS_TO_READ", 0)
    answers = Answers({"/api/v2/dags/~/dagRuns/~/hitlDetails": [{"hitl_details": list(forms)}]})
    return Clerk(answers, reader="supervisor"), answers  # type: ignore[arg-type]


def test_the_clerk_refuses_one_item_a_department_each_for_another_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, api = at_the_desk(form("approver_union", 4, 9), form("approver_health", 1, task="t2"), monkeypatch=monkeypatch)
    assert desk.answer_all() == 2
    said = [(user, body["chosen_options"], body["params_input"]["refusals"]) for _, body, user in api.patched]
    assert said == [
        ("approver_union", ["同意"], f"4={REFUSALS[0]}"),
        ("approver_health", ["同意"], f"1={REFUSALS[1]}"),
    ]
    assert api.patched[0][0] == "/api/v2/dags/d/dagRuns/r%2B1/taskInstances/ask_t1/-1/hitlDetails"
    assert "同意 1 件，不予救助第 4 件" in desk.lines(0)[0][0]


def test_the_clerk_reads_before_he_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, api = at_the_desk(form("approver_union", 4), monkeypatch=monkeypatch)
    monkeypatch.setattr(clerk, "SECONDS_TO_READ", 60)
    assert (desk.answer_all(), api.patched) == (1, [])


@pytest.mark.parametrize(("status", "is_fine"), [(409, True), (403, False)])
def test_a_form_that_somebody_answered_before_is_let_be(monkeypatch: pytest.MonkeyPatch, status: int, is_fine: bool) -> None:
    desk, api = at_the_desk(form("approver_union", 4), monkeypatch=monkeypatch)
    api.refuse = status
    if is_fine:
        desk.answer_all()
        assert desk.answers == []
    else:
        with pytest.raises(RefusedError):
            desk.answer_all()


def ended(task_id: str, state: str = "success", one: str = "1") -> dict[str, Any]:
    names = {"dag_display_name": "新津 · 发放", "task_display_name": "付款", "dag_id": "d__pay", "dag_run_id": "r"}
    return {"id": one, "task_id": task_id, "state": state, "duration": 1.25, **names}


def follower(tasks: list[Any], runs: list[Any], *, inbox: Path, works: list[bool], said: list[str]) -> Follower:
    left = list(works)
    reports = "/api/v2/dags/d__pay/dagRuns/r/taskInstances/pay/xcomEntries"
    api = Answers(
        {
            "/api/v2/dags/~/dagRuns/~/taskInstances": [{"task_instances": one} for one in tasks],
            "/api/v2/dags/~/dagRuns": [{"dag_runs": [{"dag_id": one} for one in ids]} for ids in runs],
            "/api/v2/dags/~/dagRuns/~/hitlDetails": [{"hitl_details": []}],
            reports: [{"xcom_entries": ["reports"]}],
            f"{reports}/reports": [{"value": [{"counts": {"sent": 2, "held": 0, "reason.X": 3}}]}],
        }
    )
    has_work = lambda: left.pop(0) if len(left) > 1 else left[0]  # noqa: E731
    return Follower(api, "supervisor", [inbox], has_work=has_work, say=said.append)  # type: ignore[arg-type]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "POLL_SECONDS", 0)
    monkeypatch.setattr(progress, "QUIET_LOOKS", 2)


def test_the_end_is_when_nothing_works_nothing_waits_and_every_inbox_is_empty(tmp_path: Path, hurried: None) -> None:
    said: list[str] = []
    one = follower(
        [[], [ended("pay")], [ended("pay")]], [["d__pay"], ["x__deadlines"]], inbox=tmp_path, works=[True, False], said=said
    )
    one.follow(Clerk(one.api, reader="supervisor"), check=lambda: None)
    assert said == ["  新津 · 发放 › 付款 (pay)  1.2 s  sent 2"]


def test_a_file_that_stays_in_the_inbox_keeps_the_demo_from_ending(
    tmp_path: Path, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "left.csv").touch()
    monkeypatch.setattr(progress, "LONGEST_SECONDS", 0)
    one = follower([[]], [[]], inbox=tmp_path, works=[False], said=[])
    with pytest.raises(MianshenError) as stuck:
        one.follow(Clerk(one.api, reader="supervisor"), check=lambda: None)
    assert (stuck.value.code, stuck.value.found) == ("DEMO_STUCK", str(tmp_path))


def test_a_task_that_failed_for_good_ends_the_demo_with_its_name(tmp_path: Path, hurried: None) -> None:
    one = follower([[ended("pay", "failed")]], [[]], inbox=tmp_path, works=[False], said=[])
    with pytest.raises(MianshenError) as stuck:
        one.follow(Clerk(one.api, reader="supervisor"), check=lambda: None)
    assert stuck.value.found == "新津 · 发放 / 付款"


@pytest.fixture
def server() -> Iterator[tuple[str, list[int]]]:
    """An HTTP server on loopback that answers with the statuses of the list, then with 200."""
    statuses: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_login = self.path == "/auth/token"
            self.send_response(200 if is_login or not statuses else statuses.pop(0))
            self.end_headers()
            self.wfile.write(json.dumps({"access_token": "t", "asked": self.path}).encode())

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - named by http.server

        def log_message(self, *arguments: object) -> None:
            return

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_address[1]}", statuses
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def test_a_busy_server_is_asked_again(server: tuple[str, list[int]], impatient: None) -> None:
    url, statuses = server
    statuses += [500, 503]
    assert Api(url, {"u": "p"}).get("/x", user="u", state=["a", "b"])["asked"] == "/x?state=a&state=b"
    assert statuses == []


@pytest.mark.parametrize(("answers", "status"), [([404], 404), ([500] * 5, 500)])
def test_an_error_that_stays_is_said(server: tuple[str, list[int]], impatient: None, answers: list[int], status: int) -> None:
    url, statuses = server
    statuses += answers
    with pytest.raises(RefusedError) as refused:
        Api(url, {"u": "p"}).patch("/x", {}, user="u")
    assert refused.value.status == status


def test_nobody_there_is_not_healthy() -> None:
    assert not Api(f"http://127.0.0.1:{free_port()}", {}).is_healthy()
