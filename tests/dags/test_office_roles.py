"""An office's Airflow with real accounts: everybody signs in with his role and asks for everything; who gets what is a table."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import select
from tests.conftest import ROOT
from tests.unit.cli.test_demo import free_port

from mianshen.cli.demo.rest import Api
from mianshen.cli.init import prepare
from mianshen.core.ids import make_certno
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack
from mianshen.warehouse.ledger import WINDOW_QUERY
from mianshen.warehouse.upgrade import open_ledger
from mianshen_airflow import defaults
from mianshen_airflow.office_roles import FILE, OfficeRole, office_roles, sync_roles

PACK = "510118_xinjin"
PASSWORD = secrets.token_hex(12)
LONGEST = 240
"""Seconds until the server answers."""
LOGINS = {
    "engineer": "Engineer",
    "analyst": "Analyst",
    "approver_civil_affairs": "Approver_civil_affairs",
    "supervisor": "Supervisor",
    "clerk": "Clerk",
    "finance": "Finance",
    "auditor": "Auditor",
}
"""Role by login."""
DAG = f"/api/v2/dags/{PACK}__pay"
RUN = f"{DAG}/dagRuns/manual__1"
TASK = f"{RUN}/taskInstances/pay"
OPEN_TO = {
    # Airflow: what FAB's own Viewer may read of everything
    f"GET {DAG}": "engineer analyst approver_civil_affairs supervisor auditor",
    f"GET {RUN}": "engineer analyst approver_civil_affairs supervisor auditor",
    f"GET {TASK}": "engineer approver_civil_affairs supervisor",
    f"GET {TASK}/logs/1": "engineer supervisor",
    f"GET {TASK}/xcomEntries": "engineer",
    f"GET /api/v2/dagSources/{PACK}__pay": "engineer",
    f"GET {TASK}/-1/hitlDetails": "engineer approver_civil_affairs supervisor",
    f"PATCH {TASK}/-1/hitlDetails": "approver_civil_affairs",
    "GET /api/v2/eventLogs": "supervisor auditor",
    "GET /api/v2/connections": "engineer",
    "GET /api/v2/variables": "",
    "GET /api/v2/pools": "engineer",
    "GET /api/v2/config": "",
    "GET /api/v2/plugins": "",
    # acting on runs
    f"POST {DAG}/dagRuns": "engineer",
    f"PATCH {RUN}": "engineer",
    f"PATCH {DAG}": "engineer",
    f"DELETE {RUN}": "",
    f"POST {DAG}/clearTaskInstances": "engineer",
    "POST /api/v2/connections": "engineer",
    "POST /api/v2/variables": "",
    # accounts
    "GET /auth/fab/v1/users": "",
    "POST /auth/fab/v1/roles": "",
    # our pages
    "GET /mianshen/": "engineer approver_civil_affairs supervisor finance auditor",
    "GET /mianshen/board.json": "engineer approver_civil_affairs supervisor finance auditor",
    "GET /mianshen/clocks": "engineer approver_civil_affairs supervisor finance auditor",
    "GET /mianshen/leads": "engineer approver_civil_affairs supervisor finance auditor",
    "GET /mianshen/operations": "engineer approver_civil_affairs supervisor finance auditor",
    f"GET /mianshen/portrait/{PACK}": "engineer analyst approver_civil_affairs supervisor finance auditor",
    "GET /mianshen/dictionary": "engineer analyst approver_civil_affairs supervisor finance auditor",
    "GET /mianshen/window": "clerk",
}
"""Method and path -> logins that are let in; what is there or not is another question."""
REFUSED = (401, 403)
BODY = {"POST": b"{}", "PATCH": b"{}", "DELETE": None, "GET": None}


@dataclass
class Server:
    """Airflow's API server with FAB's accounts."""

    root: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        settings = {
            "CORE__AUTH_MANAGER": compose()["AIRFLOW__CORE__AUTH_MANAGER"],
            "CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.root / 'airflow.db'}",
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.port),
            "API__WORKERS": "1",
            "API__BASE_URL": self.url,
            "API__SECRET_KEY": PASSWORD,
            "API_AUTH__JWT_SECRET": PASSWORD * 3,
        }
        own = {"AIRFLOW_HOME": str(self.root), "MIANSHEN_HOME": str(self.root / "home"), "NO_PROXY": "127.0.0.1"}
        return {**os.environ, **{f"AIRFLOW__{name}": value for name, value in settings.items()}, **own}

    def run(self, *command: str) -> str:
        program = [sys.executable, *command]
        ended = subprocess.run(program, env=self.environment(), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout

    def status(self, api: Api, asked: str, login: str) -> int:
        method, path = asked.split(" ", 1)
        headers = {"Authorization": f"Bearer {api._token(login)}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=BODY[method], headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))["x-airflow"]["environment"]
    return found


ACCOUNTS = """
import sys, warnings
warnings.simplefilter("ignore")
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from mianshen_airflow.office_roles import home_departments, office_roles, sync_roles
with get_application_builder() as builder:
    assert set(sync_roles(builder.sm, office_roles(home_departments())).values()) == {(0, 0)}
    for login, role in (one.split("=") for one in sys.argv[2:]):
        made = builder.sm.add_user(login, "first", "login", f"{login}@localhost", builder.sm.find_role(role), sys.argv[1])
        assert made, login
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Api]]:
    """The roles were made by the command that docker-compose.yaml runs, and by it once more."""
    server = Server(tmp_path_factory.mktemp("office"))
    prepare(Home(server.root / "home"), packs=(PACK,), go_live="2026-10-01")
    server.run("-m", "airflow", "db", "migrate")
    made = server.run("-m", "mianshen_airflow.office_roles")
    assert "Approver_civil_affairs +" in made and "Supervisor +" in made
    server.run("-c", ACCOUNTS, PASSWORD, *(f"{login}={role}" for login, role in LOGINS.items()))
    log = (server.root / "api-server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "airflow", "api-server"], env=server.environment(), stdout=log, stderr=log, start_new_session=True
    )
    try:
        latest = time.monotonic() + LONGEST
        while not _answers(server):
            assert process.poll() is None and time.monotonic() < latest, (server.root / "api-server.log").read_text("utf-8")[
                -3000:
            ]
            time.sleep(1)
        yield server, Api(server.url, dict.fromkeys(LOGINS, PASSWORD))
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)
        log.close()


def _answers(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/api/v2/version", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.timeout(600)
def test_everybody_gets_what_his_role_says_and_nothing_else(office: tuple[Server, Api]) -> None:
    server, api = office
    found = {asked: {login for login in LOGINS if server.status(api, asked, login) not in REFUSED} for asked in OPEN_TO}
    assert found == {asked: set(logins.split()) for asked, logins in OPEN_TO.items()}


def test_a_stranger_gets_nothing(office: tuple[Server, Api]) -> None:
    server, _ = office
    for asked in OPEN_TO:
        method, path = asked.split(" ", 1)
        request = urllib.request.Request(server.url + path, data=BODY[method], method=method)
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, timeout=60)
        with refusal.value:
            assert refusal.value.code in REFUSED, asked


def test_a_clerk_looks_somebody_up_with_an_account_of_the_office_and_the_look_is_logged(office: tuple[Server, Api]) -> None:
    server, api = office
    certno = make_certno(born=date(1950, 3, 3), serial=9)

    def signed_in(login: str) -> httpx.Client:
        return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {api._token(login)}"}, timeout=60)

    with signed_in("clerk") as clerk, signed_in("supervisor") as supervisor:
        mark = re.search(r'name="mark" value="([^"]+)"', clerk.get("/mianshen/window").text)
        assert mark
        asked = {"mark": mark[1], "county": PACK, "sought": "certno", "typed": certno, "purpose": "in_person"}
        found = clerk.post("/mianshen/window/search", data=asked)
        borrowed = supervisor.post("/mianshen/window/search", data=asked)
        elsewhere = clerk.post("/mianshen/window/search", data=asked | {"county": "320902_tinghu"})
    assert found.status_code == 200 and "没有" in found.text and certno not in found.text, "nobody is known so far, and told so"
    assert (borrowed.status_code, elsewhere.status_code) == (403, 403)
    with open_ledger(Home(server.root / "home").ledger_url).connect() as ledger:
        assert [
            tuple(row) for row in ledger.execute(select(WINDOW_QUERY.c.act, WINDOW_QUERY.c.actor, WINDOW_QUERY.c.purpose))
        ] == [("searched", "clerk", "in_person")]


class Security:
    """FAB's security manager, as far as roles go."""

    def __init__(self) -> None:
        self.roles: dict[str, Any] = {}

    def find_role(self, name: str) -> Any:
        return self.roles.get(name)

    def add_role(self, name: str) -> Any:
        self.roles[name] = type("Role", (), {"permissions": []})()
        return self.roles[name]

    def create_permission(self, action: str, resource: str) -> Any:
        named = {"action": type("Action", (), {"name": action}), "resource": type("Resource", (), {"name": resource})}
        return type("Permission", (), named)

    def add_permission_to_role(self, role: Any, permission: Any) -> None:
        role.permissions.append(permission)

    def remove_permission_from_role(self, role: Any, permission: Any) -> None:
        role.permissions.remove(permission)


def test_what_somebody_changed_by_hand_is_as_the_file_says_again() -> None:
    security, wanted = Security(), (OfficeRole("Analyst", frozenset({("can_read", "DAGs"), ("can_read", "DAG Runs")})),)
    assert sync_roles(security, wanted) == {"Analyst": (2, 0)}
    role = security.find_role("Analyst")
    role.permissions.append(security.create_permission("can_read", "XComs"))
    security.remove_permission_from_role(role, role.permissions[0])
    assert sync_roles(security, wanted) == {"Analyst": (1, 1)}
    assert sync_roles(security, wanted) == {"Analyst": (0, 0)}
    assert {(one.action.name, one.resource.name) for one in role.permissions} == wanted[0].rights


def test_there_is_a_role_for_every_department_and_none_for_everything() -> None:
    departments = [one.code for one in load_pack(PACK, on=defaults.now().date()).departments]
    roles = {one.name: one.rights for one in office_roles(departments)}
    assert {f"Approver_{code}" for code in departments} <= roles.keys()
    for name, rights in roles.items():
        assert ("can_read", "XComs") not in rights or name == "Engineer"
        assert ("can_edit", "HITL Detail") not in rights or name.startswith("Approver_")
        assert ("can_create", "Audit Logs") not in rights or name == "Supervisor"
        assert not {resource for _, resource in rights} & {"Users", "Roles", "Variables", "Configurations"}
    assert FILE.name == "airflow-roles.yaml"


def test_compose_makes_the_roles() -> None:
    init = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))["services"]["airflow-init"]["command"][-1]
    assert init.index("mianshen init") < init.index("python -m mianshen_airflow.office_roles")
