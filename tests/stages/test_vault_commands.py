"""The vault's own commands: keys exchanged and dropped on a county that works, each act in the audit chain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.stages.money_county import County, make_county
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.stages import disclose
from mianshen.vault.keyring import keys_of
from mianshen.warehouse.audit import rows_of, verify

NAMES = ("甲", "乙", "丙")


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "home", NAMES)


def said(county: County, *words: str) -> str:
    ended = CliRunner().invoke(app, [*words, "--home", str(county.job.home.root)])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    assert ended.exit_code == 0, ended.output
    return ended.output


def acts(county: County) -> list[tuple[str, str, dict[str, object]]]:
    with county.job.ledger.connect() as connection:
        rows = rows_of(connection)
        assert verify(rows).problem == "ok"
    return [(row["action"], row["actor"], json.loads(row["detail"])) for row in rows if row["subject"] == "vault"]


def names(county: County) -> list[str | None]:
    county.later(minutes=1)
    keys = [county.people[name] for name in NAMES]
    opened = disclose.open_names(county.job, keys, fields=("name",), purpose="test", recipient="test")
    return [opened[key].name for key in keys]


def test_all_keys_are_exchanged_unless_one_is_named(county: County) -> None:
    before = json.loads(county.job.home.keyring.read_text("utf-8"))
    assert "3 人" in said(county, "vault", "rotate", "--actor", "engineer")
    after = json.loads(county.job.home.keyring.read_text("utf-8"))
    assert (after["index_version"], after["data_version"]) == (2, 2) and after["secret"] != before["secret"]
    assert "2 个旧密钥" in said(county, "vault", "drop-keys", "--actor", "engineer")
    said(county, "vault", "rotate", "--index", "--actor", "engineer")
    last = json.loads(county.job.home.keyring.read_text("utf-8"))
    assert (last["index_version"], last["data_version"], last["secret"]) == (3, 2, after["secret"])
    assert names(county) == list(NAMES)
    versions = {"index_version": 2, "data_version": 2}
    assert acts(county)[:2] == [
        ("vault.rotated", "engineer", {**versions, "persons": 3, "files": 0, "is_secret_new": True}),
        ("vault.keys_dropped", "engineer", {"keys": 2}),
    ]


def test_the_secret_moves_out_of_the_key_file_and_is_exchanged_there(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "first", tmp_path / "second"
    for place, secret in (
        (here, "the first secret, kept elsewhere than the keys"),
        (there, "another secret, in the same place later"),
    ):
        place.write_text(secret, encoding="utf-8")
        place.chmod(0o600)
    monkeypatch.setenv("MIANSHEN_SECRET_FILE", str(here))
    said(county, "vault", "rotate", "--secret", "--actor", "engineer")
    assert json.loads(county.job.home.keyring.read_text("utf-8"))["secret"] is None
    with pytest.raises(MianshenError, match="no secret"):
        keys_of(Home(county.job.home.root))

    monkeypatch.setenv("MIANSHEN_SECRET_FILE", str(there))
    with pytest.raises(MianshenError, match="another secret"):
        said(county, "vault", "rotate", "--secret", "--actor", "engineer")
    said(county, "vault", "rotate", "--secret", "--old-secret-file", str(here), "--actor", "engineer")
    monkeypatch.setenv("MIANSHEN_SECRET_FILE", str(here))
    with pytest.raises(MianshenError, match="another secret"):
        said(county, "vault", "rotate", "--index", "--actor", "engineer")
