"""Airflow as four processes of our own on loopback: API server first, the others when it answers; stopped by process group."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import mianshen
from mianshen.core.errors import MianshenError

HOST = "127.0.0.1"
"""Nothing of the demo listens anywhere else."""
COMPONENTS = ("scheduler", "dag-processor", "triggerer")
"""What starts once the API server answers."""
RECOVERY = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
}
"""Seconds until a new scheduler takes up what a dead one left, unless the environment says otherwise; five minutes by default."""
SECONDS_TO_START = 240
"""Longest wait for a component."""
SECONDS_TO_STOP = 15
"""How long a component may take to end before it is killed."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where this Airflow lives and who may log in."""

    home: Path
    """The county's home folder; Airflow's own lies in `airflow` below it."""
    port: int
    """Port of the API server."""
    users: Mapping[str, str]
    """Login to role of the simple auth manager."""
    as_of: str | None = None
    """A fixed moment for every task; None in a live demo."""

    @property
    def airflow_home(self) -> Path:
        """Airflow's home."""
        return self.home / "airflow"

    @property
    def url(self) -> str:
        """Address of the UI."""
        return f"http://{HOST}:{self.port}"

    @property
    def passwords(self) -> dict[str, str]:
        """Login to password, from the file that Airflow reads too."""
        loaded: dict[str, str] = json.loads(self._password_file.read_text("utf-8"))
        return loaded

    @property
    def _password_file(self) -> Path:
        return self.airflow_home / "passwords.json"

    def log_of(self, component: str) -> Path:
        """Where a component writes what it says."""
        return self.airflow_home / f"{component}.log"

    def prepare(self) -> None:
        """Folders, passwords and secrets (0600), the metadata database."""
        self.airflow_home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._password_file.exists():
            _write_private(self._password_file, {user: secrets.token_urlsafe(9) for user in self.users})
        if not (self.airflow_home / "secrets.json").exists():
            keys = {name: secrets.token_hex(32) for name in ("jwt", "api")}
            fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            _write_private(self.airflow_home / "secrets.json", {**keys, "fernet": fernet})
        self._migrate()

    def environment(self) -> dict[str, str]:
        """The environment of every component and task."""
        root = Path(mianshen.__file__).resolve().parents[2]
        keys = json.loads((self.airflow_home / "secrets.json").read_text("utf-8"))
        settings = {
            "API__BASE_URL": self.url,
            "API__HOST": HOST,
            "API__PORT": str(self.port),
            "API__SECRET_KEY": keys["api"],
            "API__WORKERS": "1",
            "API_AUTH__JWT_SECRET": keys["jwt"],
            "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            # a DAG that is switched on later watches its inbox only from the next parse of its file on
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__DAGS_FOLDER": str(root / "dags"),
            "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__FERNET_KEY": keys["fernet"],
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__PARALLELISM": "3",
            "CORE__PLUGINS_FOLDER": str(root / "plugins"),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._password_file),
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in self.users.items()),
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
            "DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.airflow_home / 'airflow.db'}",
            "DATABASE__SQL_ALCHEMY_CONNECT_ARGS": "mianshen_airflow.defaults.PATIENT_SQLITE",
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
            "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
            "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
            "WORKERS__EXECUTION_API_RETRIES": "10",
        }
        ours = {
            "AIRFLOW_HOME": str(self.airflow_home),
            "MIANSHEN_HOME": str(self.home),
            "MIANSHEN_INBOX_SECONDS": "2",
            "MIANSHEN_POLL_SECONDS": "3",
            "NO_PROXY": HOST,
            "no_proxy": HOST,
            "PYTHONDONTWRITEBYTECODE": "1",
        } | ({"MIANSHEN_AS_OF": self.as_of} if self.as_of else {})
        return {**RECOVERY, **os.environ, **{f"AIRFLOW__{key}": value for key, value in settings.items()}, **ours}

    def _migrate(self) -> None:
        """The metadata database in its newest schema, in WAL, so that readers and the writer do not wait for each other."""
        log = self.log_of("migrate")
        with log.open("wb") as stream:
            command = [_airflow(), "db", "migrate"]
            ended = subprocess.run(command, env=self.environment(), stdout=stream, stderr=stream, check=False)  # noqa: S603
        if ended.returncode:
            raise MianshenError("AIRFLOW_DOWN", found=f"airflow db migrate: {ended.returncode}", where=str(log))
        with sqlite3.connect(self.airflow_home / "airflow.db") as connection:
            connection.execute("pragma journal_mode=wal")


@dataclass(slots=True)
class Running:
    """The processes that were started, by component."""

    site: Site
    """Whose they are."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    """Leader of each component's process group."""

    def start(self, component: str) -> None:
        """Start a component in a process group of its own."""
        with self.site.log_of(component).open("ab") as log:
            self.processes[component] = subprocess.Popen(  # noqa: S603 - our own command
                [_airflow(), component],
                env=self.site.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """MianshenError AIRFLOW_DOWN when a component has ended by itself."""
        for component, process in self.processes.items():
            if process.poll() is not None:
                found = f"{component}: {process.returncode}"
                raise MianshenError("AIRFLOW_DOWN", found=found, where=str(self.site.log_of(component)))

    def wait(self, is_ready: Callable[[], bool], *, what: str) -> None:
        """Wait until it is ready; MianshenError AIRFLOW_DOWN when that takes too long or a component ends."""
        latest = time.monotonic() + SECONDS_TO_START
        while not is_ready():
            self.check()
            if time.monotonic() > latest:
                raise MianshenError("AIRFLOW_DOWN", found=f"{what}: {SECONDS_TO_START} s", where=str(self.site.airflow_home))
            time.sleep(1)

    def stop(self) -> None:
        """End every component and what it started: politely, then by force."""
        groups = {process.pid for process in self.processes.values()}
        started = [one for leader in groups for one in descendants(leader)]
        for process in reversed(self.processes.values()):
            _signal_group(process.pid, signal.SIGTERM)
        latest = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < latest and any(process.poll() is None for process in self.processes.values()):
            time.sleep(0.2)
        for leader in groups:
            _signal_group(leader, signal.SIGKILL)
        for pid in started:
            _signal(pid, signal.SIGKILL)
        for process in self.processes.values():
            process.wait()
        self.processes.clear()


@contextmanager
def running(site: Site) -> Iterator[Running]:
    """Airflow's processes, none started yet; all are stopped at the end, whatever happens."""
    check_port(site.port)
    started = Running(site)
    try:
        yield started
    finally:
        started.stop()


def check_port(port: int) -> None:
    """MianshenError PORT_TAKEN when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as cause:
            raise MianshenError("PORT_TAKEN", found=str(port), where="--port") from cause


def descendants(leader: int) -> list[int]:
    """Every process below this one, those of other sessions included: a task runs in a session of its own."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    found, waiting = [], [leader]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _signal_group(leader: int, what: signal.Signals) -> None:
    try:
        os.killpg(leader, what)
    except ProcessLookupError:
        return


def _signal(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


def _airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _write_private(path: Path, body: Mapping[str, str]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(dict(body), stream)
