"""Every command of docker-compose.yaml, run as a process: services become healthy, roles hold, and a month is paid."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import compose
import pytest
from sqlalchemy import create_engine, text
from tests.conftest import ROOT, Shard
from tests.dags.month import small_files
from tests.end_to_end.counties import IN_TIME, PACK, pack
from tests.postgres import server
from tests.unit.cli.test_demo import free_port

from mianshen.cli.demo.clerk import Clerk
from mianshen.cli.demo.progress import Follower
from mianshen.cli.demo.rest import Api, RefusedError, task_path
from mianshen.core.decisions import Outcome

BIN = Path(sys.executable).parent
BINARY = Path(compose.__file__).parent / "docker-compose"
NAMES = ("AIRFLOW_DB_PASSWORD", "MIANSHEN_DB_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY")
SECRETS = {name: secrets.token_hex(24) for name in NAMES} | {
    "AIRFLOW_ADMIN_PASSWORD": secrets.token_hex(12),
    "AIRFLOW_FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}
PASSWORD = secrets.token_hex(12)
"""Of every login but the administrator's."""
PROCESSES = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
LONGEST = 240
"""Seconds until a service is healthy."""


@dataclass
class Office:
    """The services as processes on loopback."""

    root: Path
    postgres: str
    services: dict[str, Any]
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['api']}"

    def environment(self, name: str) -> dict[str, str]:
        """What compose gives the service, with this machine's places instead of the network's names."""
        given = {key: self.here(str(value)) for key, value in self.services[name].get("environment", {}).items()}
        image = {
            "AIRFLOW_HOME": str(self.root / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        }
        machine = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOSTNAME": socket.gethostname(),
            "NO_PROXY": "127.0.0.1",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.ports["api"]),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self.ports["scheduler"]),
            "MIANSHEN_AS_OF": IN_TIME.isoformat(),
            "MIANSHEN_INBOX_SECONDS": "2",
            "MIANSHEN_POLL_SECONDS": "3",
        }
        return {**os.environ, **image, **given, **machine}

    def here(self, said: str) -> str:
        """An address or command of the compose network as it is on this machine."""
        said = re.sub(r"(psycopg2://[^@]+)@postgres/(\w+)", lambda one: f"{one[1]}@{self.database(one[2])}", said)
        said = said.replace("redis:6379", f"127.0.0.1:{self.ports['redis']}").replace("api-server:8080", self.url[7:])
        said = said.replace("localhost:8080", self.url[7:]).replace("localhost:8974", f"127.0.0.1:{self.ports['scheduler']}")
        return said.replace("/var/lib/mianshen", str(self.root / "home")).replace("$$", "$")

    def database(self, name: str) -> str:
        return self.postgres.split("@", 1)[1].replace("/postgres?", f"/{name}?", 1)

    def command(self, name: str) -> list[str]:
        return [self.here(part) for part in self.services[name]["command"]]

    def run(self, *command: str) -> None:
        """A command in the environment of airflow-init, to its end."""
        ended = subprocess.run(command, env=self.environment("airflow-init"), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]

    def start(self, name: str, *more: str) -> None:
        with (self.root / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [*self.command(name), *more], env=self.environment(name), stdout=log, stderr=log, start_new_session=True
            )

    def is_healthy(self, name: str) -> bool:
        """Whether the service's own health check passes."""
        assert self.running[name].poll() is None, (self.root / f"{name}.log").read_text("utf-8")[-3000:]
        kind, *rest = (self.here(part) for part in self.services[name]["healthcheck"]["test"])
        command = ["sh", "-c", *rest] if kind == "CMD-SHELL" else rest
        return subprocess.run(command, env=self.environment(name), capture_output=True, check=False).returncode == 0

    def wait(self, name: str) -> None:
        latest = time.monotonic() + LONGEST
        while not self.is_healthy(name):
            assert time.monotonic() < latest, f"{name} is not healthy: " + (self.root / f"{name}.log").read_text("utf-8")[-3000:]
            time.sleep(2)

    def check(self) -> None:
        for name, process in self.running.items():
            assert process.poll() is None, (self.root / f"{name}.log").read_text("utf-8")[-3000:]

    def stop(self) -> None:
        for process in reversed(self.running.values()):
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def configuration() -> dict[str, Any]:
    command = [str(BINARY), "--file", str(ROOT / "docker-compose.yaml"), "--env-file", "/dev/null", "config", "--format", "json"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(ROOT)} | SECRETS
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Everything up and healthy, in compose's order; one login a department, and a supervisor."""
    known = configuration()
    root = tmp_path_factory.mktemp("office")
    with server() as url:
        started = Office(root, url, known["services"], ports={name: free_port() for name in ("api", "redis", "scheduler")})
        _make_databases(url, known["configs"]["ledger-database"]["content"])
        try:
            started.start("redis", "--port", str(started.ports["redis"]), "--bind", "127.0.0.1", "--dir", str(root))
            started.run(*started.command("airflow-init"))
            for one in [*((f"Approver_{one.code}", one.approver) for one in pack().departments), ("Supervisor", "supervisor")]:
                _make_login(started, *one)
            for name in PROCESSES:
                started.start(name)
                started.wait(name)
            yield started
        finally:
            started.stop()


def _make_databases(url: str, script: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("create role airflow login superuser"))
        connection.execute(text("create database airflow owner airflow"))
        for statement in filter(None, (one.strip() for one in script.split(";"))):
            connection.execute(text(statement))
    engine.dispose()


def _make_login(office: Office, role: str, login: str) -> None:
    who = ("--username", login, "--password", PASSWORD, "--email", f"{login}@localhost")
    office.run("airflow", "users", "create", "--role", role, *who, "--firstname", "first", "--lastname", "login")


@dataclass(slots=True)
class TryingClerk(Clerk):
    """Lets others try first: the administrator and another department must be refused."""

    refused: list[tuple[str, int]] = field(default_factory=list)

    def _answer(self, form: Any) -> None:
        mine = form["assigned_users"][0]["id"]
        other = next(one.approver for one in pack().departments if one.approver != mine)
        for user in ("admin", other, "supervisor"):
            written = {"agrees": "", "refusals": "", "returns": "", "rest_stays_open": False}
            reply = {"chosen_options": [Outcome.AGREE.name_zh], "params_input": written}
            with pytest.raises(RefusedError) as refusal:
                self.api.patch(f"{task_path(form['task_instance'])}/-1/hitlDetails", reply, user=user)
            self.refused.append((user, refusal.value.status))
        Clerk._answer(self, form)


@pytest.mark.proof
@pytest.mark.skipif("MIANSHEN_SHARD" not in os.environ, reason="NOT RUN: seven services for minutes; part of make prove")
@pytest.mark.timeout(1500)
def test_the_services_carry_a_month_and_keep_everybody_to_his_role(
    shard: Shard, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if not shard.take(["month"]):
        return
    office: Office = request.getfixturevalue("office")
    logins = ["supervisor", *(one.approver for one in pack().departments)]
    api = Api(office.url, {"admin": SECRETS["AIRFLOW_ADMIN_PASSWORD"], **dict.fromkeys(logins, PASSWORD)})
    clerk = TryingClerk(api, reader="admin")
    inbox, files = office.root / "home" / "inbox" / PACK, small_files(tmp_path).folder
    for path in sorted(files.iterdir()):
        (inbox / path.name).write_bytes(path.read_bytes())
    Follower(api, "admin", [inbox], has_work=lambda: _waits(office), say=print).follow(clerk, office.check)
    assert {status for _, status in clerk.refused} == {403}
    assert clerk.answers, "departments answered"
    assert list((office.root / "home" / "outbox" / PACK).glob("pay_*.csv.ctl")), "a payment file left"

    runs = api.get(f"/api/v2/dags/{PACK}__pay/dagRuns", user="supervisor", limit=1)["dag_runs"]
    assert runs[0]["state"] == "success"
    path = f"/api/v2/dags/{PACK}__pay/dagRuns/{runs[0]['dag_run_id']}"
    for forbidden in (f"{path}/taskInstances/pay/xcomEntries", "/api/v2/connections", "/api/v2/variables"):
        with pytest.raises(RefusedError) as refusal:
            api.get(forbidden, user="supervisor")
        assert refusal.value.status == 403
    assert "监督台" in _page(office, api, "supervisor")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        _page(office, None, "")


def _waits(office: Office) -> bool:
    engine = create_engine(f"postgresql+psycopg2://mianshen@{office.database('mianshen')}")
    query = (
        "select count(*) from delivery where state in ('RECEIVED', 'KEYED') union all select count(*) from approval_item i"
        " left join decision d on d.approval_item_id = i.approval_item_id where d.approval_item_id is null"
    )
    try:
        with engine.connect() as connection:
            return any(count for (count,) in connection.execute(text(query)))
    finally:
        engine.dispose()


def _page(office: Office, api: Api | None, user: str) -> str:
    headers = {"Authorization": f"Bearer {api._token(user)}"} if api else {}
    with urllib.request.urlopen(urllib.request.Request(f"{office.url}/mianshen/", headers=headers), timeout=30) as answer:
        page: str = answer.read().decode()
        return page
