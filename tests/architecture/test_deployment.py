"""docker-compose.yaml and the Dockerfile, judged by the real compose binary: secrets required, keys known, users plain."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import compose
import pytest
from tests.architecture.sources import ROOT

# The package's console script loses the exit code; the binary in its folder keeps it.
BINARY = Path(compose.__file__).parent / "docker-compose"
FILE = ROOT / "docker-compose.yaml"
SECRETS = (
    "AIRFLOW_DB_PASSWORD",
    "MIANSHEN_DB_PASSWORD",
    "REDIS_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_API_SECRET_KEY",
    "AIRFLOW_ADMIN_PASSWORD",
)
GIVEN = {name: f"value{place}" for place, name in enumerate(SECRETS)}
SERVICES = {"postgres", "redis", "airflow-init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}


def config(*arguments: str, file: Path = FILE, given: dict[str, str] = GIVEN) -> subprocess.CompletedProcess[str]:
    command = [
        str(BINARY),
        "--file",
        str(file),
        "--project-directory",
        str(ROOT),
        "--env-file",
        "/dev/null",
        "config",
        *arguments,
    ]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(file.parent)} | given
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_file_is_valid() -> None:
    ended = config("--quiet")
    assert ended.returncode == 0, ended.stderr


def test_every_service_is_there() -> None:
    assert set(config("--services").stdout.split()) == SERVICES


@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_secret_is_refused_by_name(name: str) -> None:
    ended = config("--quiet", given={key: value for key, value in GIVEN.items() if key != name})
    assert ended.returncode != 0
    assert f"set {name} in .env" in ended.stderr


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("stop_grace_period: 2m", "stop_grace_perio: 2m"),
        ("image: redis:7", "imag: redis:7"),
        ("airflow-init: {condition", "airflow-innit: {condition"),
        ("- home:/var/lib/mianshen", "- hom:/var/lib/mianshen"),
    ],
)
def test_a_damaged_file_is_refused(known: str, unknown: str, tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert known in text
    damaged = tmp_path / "docker-compose.yaml"
    damaged.write_text(text.replace(known, unknown), encoding="utf-8")
    assert config("--quiet", file=damaged).returncode != 0


def test_the_example_names_every_secret_and_fills_in_none() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    filled = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert filled == dict.fromkeys(SECRETS, "")


def test_no_secret_stands_in_the_files() -> None:
    text = FILE.read_text("utf-8") + (ROOT / "Dockerfile").read_text("utf-8")
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET|FERNET_KEY|REDISCLI_AUTH)\w*: ", line):
            assert "${" in line, line


def test_the_image_is_made_from_the_lock_and_runs_as_a_plain_user() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert "FROM python:3.11-slim" in text
    assert "--require-hashes --requirement requirements.txt" in text
    assert "--no-deps --no-build-isolation --editable ." in text
    users = re.findall(r"(?m)^USER (\S+)", text)
    assert users
    assert not users[-1].startswith(("0", "root"))


def test_the_image_copies_what_the_build_may_see() -> None:
    seen = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = re.findall(r"(?m)^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"))
    assert {name.removeprefix("./") for line in copied for name in line.split()} == seen
    assert [name for name in seen if not (ROOT / name).exists()] == []
