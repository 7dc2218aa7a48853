"""The secret that wraps the vault's keys comes from a file or a connection's password, and Airflow blots out its every form."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.vault.keyring import keys_of, make_keyring
from mianshen_airflow import defaults, secret

PLAIN = "a secret of more than 32 bytes, für 保密"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Airflow was told to blot out."""
    import airflow.sdk.log

    found: list[str] = []
    monkeypatch.setattr(airflow.sdk.log, "mask_secret", found.append)
    return found


def test_keys_open_with_a_connections_password(home: Home, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "generic", "password": PLAIN, "extra": {"password": "not this one, which Airflow would not mask"}}
    monkeypatch.setenv("AIRFLOW_CONN_MIANSHEN_VAULT", json.dumps(connection))
    monkeypatch.setenv("MIANSHEN_SECRET_CONN", "mianshen_vault")
    place = defaults.home()
    made = make_keyring(place.keyring, os.urandom, secret_from=place.secret_from)
    assert keys_of(place).data_keys == made.data_keys
    assert PLAIN in told
    assert PLAIN not in place.keyring.read_text("utf-8")
    monkeypatch.setenv("AIRFLOW_CONN_MIANSHEN_VAULT", json.dumps({**connection, "password": PLAIN[::-1]}))
    with pytest.raises(MianshenError, match="another secret"):
        keys_of(defaults.home())


@pytest.mark.parametrize(("password", "found"), [(None, "no password"), ("short", "5 bytes"), ("ab" * 30, "2 different bytes")])
def test_a_connection_without_a_sound_password_starts_nothing(
    home: Home, told: list[str], monkeypatch: pytest.MonkeyPatch, password: str | None, found: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MIANSHEN_VAULT", json.dumps({"conn_type": "generic", "password": password}))
    monkeypatch.setenv("MIANSHEN_SECRET_CONN", "mianshen_vault")
    place = defaults.home()
    with pytest.raises(MianshenError, match=f"KEYS_UNSAFE.*{found}"):
        make_keyring(place.keyring, os.urandom, secret_from=place.secret_from)
    assert not place.keyring.exists()


def written(where: Path, *, mode: int) -> Path:
    where.write_text(f"{PLAIN}\n", encoding="utf-8")
    where.chmod(mode)
    return where


def test_a_file_comes_before_a_connection(home: Home, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANSHEN_SECRET_FILE", str(written(tmp_path / "secret", mode=0o400)))
    monkeypatch.setenv("MIANSHEN_SECRET_CONN", "there_is_no_such_connection")
    place = defaults.home()
    make_keyring(place.keyring, os.urandom, secret_from=place.secret_from)
    assert keys_of(place).index_version == 1 and PLAIN in told


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o444])
def test_a_secret_file_that_others_may_read_starts_nothing(
    home: Home, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("MIANSHEN_SECRET_FILE", str(written(tmp_path / "secret", mode=mode)))
    place = defaults.home()
    with pytest.raises(MianshenError, match=f"KEYS_UNSAFE.*{mode:04o}"):
        make_keyring(place.keyring, os.urandom, secret_from=place.secret_from)
    monkeypatch.setenv("MIANSHEN_SECRET_FILE", str(tmp_path / "missing"))
    with pytest.raises(MianshenError, match="no secret file"):
        keys_of_made(defaults.home())


def keys_of_made(place: Home) -> object:
    """The keys of a home whose key file stands, its secret kept elsewhere."""
    make_keyring(place.keyring, os.urandom, secret_from=lambda: PLAIN)
    return keys_of(place)


FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda one: f"key={one};",
    "hex": lambda one: one.encode().hex(),
    "HEX": lambda one: one.encode().hex().upper(),
    "base64": lambda one: base64.b64encode(one.encode()).decode(),
    "base64 one on": lambda one: base64.b64encode(b"x" + one.encode()).decode(),
    "base64 two on": lambda one: base64.b64encode(b"xy" + one.encode() + b"z").decode(),
    "urlsafe": lambda one: base64.urlsafe_b64encode(b"??" + one.encode()).decode(),
    "reversed": lambda one: one[::-1],
    "first half": lambda one: one[: len(one) // 2],
    "bytes": lambda one: repr(one.encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_airflows_own_masker_blots_out_every_form(form: str) -> None:
    from airflow.sdk._shared.secrets_masker import redact
    from airflow.sdk.log import mask_secret

    text = FORMS[form](PLAIN)
    forget()
    plain = redact(text)
    assert plain == text, "nobody has told it yet, or this test could not fail"
    for one in secret.forms(PLAIN):
        mask_secret(one)
    try:
        assert "***" in str(redact(text)) and PLAIN[:8] not in str(redact(text))
    finally:
        forget()


def forget() -> None:
    """Make Airflow's masker know no secret again."""
    from airflow.sdk._shared.secrets_masker import _secrets_masker

    _secrets_masker().reset_masker()
