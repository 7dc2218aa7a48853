"""The demo's own parts: a home it may empty, files that appear whole, processes that end, a clerk who reads before he answers."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mianshen.cli.demo import clerk, counties, processes, progress
from mianshen.cli.demo.clerk import Clerk
from mianshen.cli.demo.counties import COUNTIES, MARK, prepare_home, send_files
from mianshen.cli.demo.processes import Running, Site, check_port, descendants, running
from mianshen.cli.demo.progress import Follower
from mianshen.cli.demo.rest import Api, RefusedError
from mianshen.core.codes.money import REFUSALS
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack

LIVE = date(2026, 10, 1)


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "home" / "thesis.docx"
    kept.parent.mkdir()
    kept.write_text("years of work", encoding="utf-8")
    with pytest.raises(MianshenError) as refused:
        prepare_home(Home(kept.parent), fresh=True, go_live_on=LIVE)
    assert refused.value.code == "HOME_NOT_DEMO"
    assert kept.read_text("utf-8") == "years of work"


def test_a_second_demo_starts_clean_or_goes_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert not prepare_home(home, fresh=True, go_live_on=LIVE)
    trace = home.root / "trace"
    trace.touch()
    assert prepare_home(home, fresh=False, go_live_on=LIVE)
    assert trace.exists()
    assert not prepare_home(home, fresh=True, go_live_on=LIVE)
    assert not trace.exists()
    assert (home.root / MARK).exists()


def test_the_home_s_settings_name_the_counties_and_their_overlays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    prepare_home(home, fresh=True, go_live_on=LIVE)
    named = json.loads((home.root / "settings.json").read_text("utf-8"))["counties"]
    assert {one.pack: one.overlays for one in COUNTIES} == {pack: tuple(one.get("overlays", ())) for pack, one in named.items()}
    assert {one["go_live_on"] for one in named.values()} == {"2026-10-01"}


@pytest.mark.parametrize("county", COUNTIES, ids=lambda one: one.pack)
def test_the_late_list_is_one_that_the_pack_expects(county: counties.DemoCounty) -> None:
    pack = load_pack(county.pack, on=date(2026, 11, 1), overlays=county.overlays)
    assert county.late_list in {one.list_code for one in pack.lists}


def test_a_file_appears_whole_and_after_its_control_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, county = Home(tmp_path), COUNTIES[0]
    outgoing = tmp_path / "demo" / "outgoing" / county.pack
    outgoing.mkdir(parents=True)
    home.inbox(county.pack).mkdir(parents=True)
    for name in ("a.csv", "a.csv.ctl", "b.xlsx", "b.xlsx.ctl"):
        (outgoing / name).write_text(name, encoding="utf-8")
    appeared: list[str] = []
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda draft, place: appeared.append(place.name) or rename(draft, place))
    assert send_files(home, county) == 2
    assert appeared == ["a.csv.ctl", "b.xlsx.ctl", "a.csv", "b.xlsx"]
    assert {path.name for path in home.inbox(county.pack).iterdir()} == set(appeared)
    assert not any(outgoing.iterdir())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(Site, "_migrate", lambda self: None)
    made = Site(tmp_path / "home", free_port(), users={"engineer": "admin", "approver_union": "user"})
    made.prepare()
    return made


def test_passwords_and_secrets_are_private_and_stay(site: Site) -> None:
    before = site.passwords, site.environment()["AIRFLOW__CORE__FERNET_KEY"]
    site.prepare()
    assert (site.passwords, site.environment()["AIRFLOW__CORE__FERNET_KEY"]) == before
    for name in ("passwords.json", "secrets.json"):
        assert stat.S_IMODE((site.airflow_home / name).stat().st_mode) == 0o600
    assert set(site.passwords) == {"engineer", "approver_union"}


def test_airflow_listens_on_loopback_only(site: Site) -> None:
    environment = site.environment()
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["MIANSHEN_HOME"] == str(site.home)
    assert "MIANSHEN_AS_OF" not in environment
    assert Site(site.home, site.port, users={}, as_of="2026-11-22T09:00:00+08:00").environment()["MIANSHEN_AS_OF"]
    for folder in ("AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__CORE__PLUGINS_FOLDER"):
        assert Path(environment[folder]).is_dir()


def test_a_port_in_use_is_named(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        with pytest.raises(MianshenError) as refused, running(site):
            pass
    assert refused.value.code == "PORT_TAKEN"
    check_port(site.port)


SLEEP = "import time; time.sleep(600)"
CHILD = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{SLEEP}'], start_new_session=True); "
STUBBORN = CHILD + "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("code", [CHILD + "time.sleep(600)", STUBBORN], ids=["polite", "deaf to SIGTERM"])
def test_stopping_ends_what_a_component_started_even_in_its_own_session(
    site: Site, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(processes, "SECONDS_TO_STOP", 1)
    airflow = Running(site)
    leader = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    airflow.processes["scheduler"] = leader
    latest = time.monotonic() + 20
    while not (started := descendants(leader.pid)) and time.monotonic() < latest:
        time.sleep(0.1)
    assert len(started) == 1
    airflow.stop()
    assert not is_alive(leader.pid)
    latest = time.monotonic() + 5
    while is_alive(started[0]) and time.monotonic() < latest:
        time.sleep(0.1)
    assert not is_alive(started[0])


def test_a_component_that_ends_by_itself_is_noticed_with_its_log(site: Site) -> None:
    airflow = Running(site)
    airflow.processes["triggerer"] = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], start_new_session=True)
    airflow.processes["triggerer"].wait()
    with pytest.raises(MianshenError) as refused:
        airflow.check()
    assert refused.value.code == "AIRFLOW_DOWN"
    assert "triggerer: 3" in refused.value.found
    assert refused.value.where.endswith("triggerer.log")
    airflow.stop()


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


def test_sigterm_ends_the_demo_as_ctrl_c_does() -> None:
    from mianshen.cli import demo

    before = signal.signal(signal.SIGTERM, demo._as_interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
    finally:
        signal.signal(signal.SIGTERM, before)
