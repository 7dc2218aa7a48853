"""kill -9 at every point of an exchange of keys, again in the recovery, and while old keys are dropped: nobody is lost."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests.conftest import Shard
from tests.postgres import database_url as there
from tests.postgres import new_database
from tests.proofs.killpoints import KINDS, Points, install
from tests.unit.vault.test_rotation import County, make_county, standing

from mianshen.core.paths import Home
from mianshen.vault import rotation
from mianshen.vault.rotation import Vault
from mianshen.warehouse.connect import open_database

Act = Callable[[Vault], object]
PEOPLE = 12


def exchange(vault: Vault) -> None:
    rotation.rotate(vault, index=True, data=True, batch=5)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    made = make_county(tmp_path_factory.mktemp("rotated"), os.urandom, people=PEOPLE)
    made.vault.engine.dispose()
    return made


def copied(county: County, root: Path) -> County:
    """The county in another folder, as it lies on the disk."""
    shutil.copytree(county.vault.home.root, root)
    home = Home(root)
    return replace(county, vault=Vault(home, open_database(home.vault_url), os.urandom))


def killed(county: County, act: Act, *, at: int | None) -> list[str]:
    """Do it in a process of its own that is killed at a point; labels of the points that it passed, where it lived."""
    told, url = county.vault.home.root / "points", county.vault.engine.url.render_as_string(hide_password=False)
    county.vault.engine.dispose()
    child = os.fork()
    if child == 0:
        points = Points(strike_at=at)
        install(points)
        try:
            act(Vault(county.vault.home, open_database(url), os.urandom))
            told.write_text("\n".join(points.passed))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert told.exists() or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)
    return told.read_text().splitlines() if told.exists() else []


def finished(county: County) -> None:
    """What the operator does: run it again, unless it had come to its end."""
    if county.keyring.rotating is not None or county.keyring.index_version == 1:
        exchange(county.vault)


@pytest.mark.timeout(300)
def test_an_exchange_that_is_killed_anywhere_and_again_in_the_recovery_loses_nobody(county: County, tmp_path: Path) -> None:
    before = standing(county)
    labels = killed(copied(county, tmp_path / "whole"), exchange, at=None)
    assert {label.split()[0] for label in labels} >= KINDS - {"write"} | {"delete"}
    assert len(labels) > 60, "fewer would mean that the tracing lost some"
    for point in range(1, len(labels) + 1):
        here = copied(county, tmp_path / str(point))
        assert killed(here, exchange, at=point) == [], labels[point - 1]
        killed(here, exchange, at=max(point - 7, 1))
        finished(here)
        assert standing(here) == before, labels[point - 1]
        assert len(here.keyring.index_keys) >= 2, "old keys are there until they are dropped"
        rotation.drop(here.vault)
        assert standing(here) == before, labels[point - 1]
        here.vault.engine.dispose()
        shutil.rmtree(here.vault.home.root)


@contextmanager
def copied_there(county: County, root: Path, server: str) -> Iterator[County]:
    """The county in another folder and another database of the server, which is gone afterwards."""
    shutil.copytree(county.vault.home.root, root)
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    name, template = f"rotated_{root.name}", county.vault.engine.url.database
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}" template "{template}"'))
    here = replace(county, vault=Vault(Home(root), open_database(there(server, name)), os.urandom))
    yield here
    here.vault.engine.dispose()
    with engine.connect() as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    engine.dispose()
    shutil.rmtree(root)


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_an_exchange_on_postgresql_that_is_killed_anywhere_loses_no_person_and_no_link(
    tmp_path: Path, shard: Shard, postgres: str
) -> None:
    county = make_county(tmp_path / "base", os.urandom, people=PEOPLE, url=new_database(postgres, "rotated_base"))
    before = standing(county)
    county.vault.engine.dispose()
    with copied_there(county, tmp_path / "whole", postgres) as here:
        labels = killed(here, exchange, at=None)
        assert standing(here) == before
    assert len(labels) > 60, "fewer would mean that the tracing lost some"
    for point in shard.take(range(1, len(labels) + 1)):
        with copied_there(county, tmp_path / f"p{point}", postgres) as here:
            assert killed(here, exchange, at=point) == [], labels[point - 1]
            killed(here, exchange, at=max(point - 7, 1))
            finished(here)
            assert standing(here) == before, labels[point - 1]
            rotation.drop(here.vault)
            assert standing(here) == before, labels[point - 1]


@pytest.mark.timeout(300)
def test_dropping_old_keys_may_be_killed_anywhere(county: County, tmp_path: Path) -> None:
    rotated = copied(county, tmp_path / "rotated")
    exchange(rotated.vault)
    before = standing(rotated)
    rotated.vault.engine.dispose()
    labels = killed(copied(rotated, tmp_path / "whole"), rotation.drop, at=None)
    assert len(labels) >= 6
    for point in range(1, len(labels) + 1):
        here = copied(rotated, tmp_path / str(point))
        killed(here, rotation.drop, at=point)
        assert standing(here) == before, labels[point - 1]
        rotation.drop(here.vault)
        assert standing(here) == before and len(here.keyring.index_keys) == 1
        here.vault.engine.dispose()


def test_a_rotation_that_forgets_to_say_how_far_it_came_is_seen(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check can fail: were the new keys to count before the vault is carried over, somebody would be lost."""
    before = standing(county)
    here = copied(county, tmp_path / "early")
    monkeypatch.setattr(rotation, "_carry_persons", lambda *_args: 0)
    monkeypatch.setattr(rotation, "_left", lambda *_args: 0)
    exchange(here.vault)
    assert standing_or_nothing(here) != before


def standing_or_nothing(county: County) -> object:
    """What stands, or nothing where the vault cannot be read any more."""
    try:
        return standing(county)
    except Exception:
        return None
