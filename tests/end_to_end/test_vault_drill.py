"""The drill: half a month, a copy, the vault destroyed, restored, the month gone on with: nobody can tell the difference."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, agreeing, make_house, tree, write_files
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.errors import MianshenError
from mianshen.stages import deidentify, receive
from mianshen.stages.catalogue import STAGES
from mianshen.warehouse.audit import rows_of, verify

PAID = "select payee_key, account_key, amount_fen, state from payment order by payment_id"
OWED = "select person_key, benefit_code, amount_fen from award_posting order by award_id"
FIRST_HALF = ("receive", "deidentify", "validate", "profile", "assess", "apply", "approve")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("files"), insured=800)


@pytest.fixture(scope="module")
def known(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault that knows everybody: keys are random, and both houses must meet the same ones."""
    house = make_house(tmp_path_factory.mktemp("known"))
    house.receive(files.folder)
    receive.run(house.job(IN_TIME))
    deidentify.run(house.job(IN_TIME))
    return house.home.vault


def run(house: House, stages: tuple[str, ...]) -> None:
    for name in stages:
        STAGES[name](house.job(IN_TIME))
        if name == "approve":
            agreeing(house.job(IN_TIME))


def said(house: House, *words: str) -> str:
    ended = CliRunner().invoke(app, [*words, "--home", str(house.home.root)])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_a_month_goes_on_after_the_vault_was_destroyed_restored_and_rekeyed(files: Files, known: Path, tmp_path: Path) -> None:
    calm, struck = (make_house(tmp_path / name, vault=known) for name in ("calm", "struck"))
    second_half = tuple(name for name in STAGES if name not in FIRST_HALF)
    assert "pay" in second_half
    for house in (calm, struck):
        house.receive(files.folder)
        run(house, FIRST_HALF)
    run(calm, second_half)

    copy = ("--keys", str(tmp_path / "keys.sealed"), "--code", str(tmp_path / "code.txt"), "--actor", "engineer")
    said(struck, "vault", "backup", str(tmp_path / "copy"), *copy)
    shutil.rmtree(struck.home.vault)
    with pytest.raises(MianshenError):
        STAGES["pay"](struck.job(IN_TIME))
    shutil.rmtree(struck.home.vault, ignore_errors=True)
    said(struck, "vault", "restore", str(tmp_path / "copy"), *copy)
    said(struck, "vault", "rotate", "--actor", "engineer")
    said(struck, "vault", "drop-keys", "--actor", "engineer")
    run(struck, second_half)

    paid = struck.ledger(PAID)
    assert len(paid) > 5 and paid == calm.ledger(PAID)
    assert struck.ledger(OWED) == calm.ledger(OWED)
    bank = ("**/pay_*[0-9a-f].csv",)
    assert tree(struck.home.outbox(PACK), bank) == tree(calm.home.outbox(PACK), bank) != {}
    assert "相符" in said(struck, "audit", "verify")
    with struck.job(IN_TIME).ledger.connect() as connection:
        rows = rows_of(connection)
    assert verify(rows).problem == "ok"
    acts = [row["action"] for row in rows if row["subject"] == "vault"]
    assert acts == ["vault.backed_up", "vault.restored", "vault.rotated", "vault.keys_dropped"]


def test_the_month_after_meets_the_same_people_under_new_keys(files: Files, known: Path, tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", vault=known)
    said(house, "vault", "rotate", "--actor", "engineer")
    said(house, "vault", "drop-keys", "--actor", "engineer")
    before = people(house)
    house.receive(files.folder)
    run(house, ("receive", "deidentify"))
    assert people(house) == before and len(before) > 50


def people(house: House) -> set[str]:
    from mianshen.vault.tables import PERSON
    from mianshen.warehouse.connect import open_database

    engine = open_database(house.job(IN_TIME).vault_url)
    with engine.connect() as connection:
        return set(connection.execute(PERSON.select().with_only_columns(PERSON.c.person_key)).scalars())
