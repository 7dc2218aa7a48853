"""A vault comes back from its copy as it was; not from half of one, from another's, or from one that forgets people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete
from tests.postgres import new_database
from tests.unit.vault.test_rotation import County, certno_of, make_county, standing

from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.vault import backup, rotation
from mianshen.vault.rotation import Vault
from mianshen.vault.tables import KEY_STATE, PERSON
from mianshen.warehouse.connect import open_database

Entropy = Callable[[int], bytes]
AT = "2026-11-04T18:00:00+08:00"


@pytest.fixture
def county(tmp_path: Path, entropy: Entropy) -> County:
    return make_county(tmp_path, entropy, people=40)


class Copy:
    """A copy of a county's vault: data, keys and code in three places."""

    def __init__(self, county: County, root: Path) -> None:
        root.mkdir()
        self.data, self.keys, self.code = root / "data", root / "keys.sealed", root / "code.txt"
        backup.make_code(self.code, county.vault.entropy)
        self.made = backup.back_up(county.vault, self.data, made_at=AT)
        backup.back_up_keys(county.vault, self.keys, code=self.code.read_text("utf-8"))

    def restored(self, county: County, root: Path, *, url: str | None = None, lost: int = 0) -> County:
        """The county in an empty home, from this copy."""
        home = Home(root)
        home.make()
        vault = Vault(home, open_database(url or home.vault_url), os.urandom)
        code = self.code.read_text("utf-8").lower().replace("-", " ")
        backup.restore(vault, self.data, keys=self.keys, code=code, known=county.keys.values(), accepted_lost=lost)
        return replace(county, vault=vault)


def test_everything_comes_back_and_the_months_go_on(county: County, tmp_path: Path, entropy: Entropy) -> None:
    before = standing(county)
    copy = Copy(county, tmp_path / "copy")
    shutil.rmtree(county.vault.home.vault)
    back = copy.restored(county, tmp_path / "new")
    assert standing(back) == before
    assert (copy.made.persons, copy.made.files) == (40, 3)
    people = {certno: said for certno, said in back.people.items() if certno != certno_of(2)}
    assert back.register.record(people, entropy=entropy).added == 0
    rotation.rotate(back.vault, index=True, data=True)
    assert standing(back) == before


def test_a_copy_is_for_its_owner_alone_and_tells_nobody(county: County, tmp_path: Path) -> None:
    copy = Copy(county, tmp_path / "copy")
    assert copy.data.stat().st_mode & 0o777 == 0o700
    files = [path for path in copy.data.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in (*files, copy.keys, copy.code)} == {0o600}
    whole = b"".join(path.read_bytes() for path in (*files, copy.keys))
    assert not [certno for certno in county.people if certno.encode() in whole]
    keyring = county.keyring
    secrets = (*keyring.index_keys.values(), *keyring.data_keys.values(), keyring.digest_key, county.vault.secret)
    assert not [one for one in secrets if one in whole or one.hex().encode() in whole]


def test_a_copy_from_the_middle_of_an_exchange_is_refused(county: County, tmp_path: Path) -> None:
    with county.vault.engine.begin() as connection:
        connection.execute(KEY_STATE.update().values(is_rotating=True, done_to=""))
    with pytest.raises(MianshenError, match="KEYS_ROTATING"):
        backup.back_up(county.vault, tmp_path / "data", made_at=AT)
    assert not (tmp_path / "data").exists()


def test_a_copy_never_replaces_another(county: County, tmp_path: Path) -> None:
    copy = Copy(county, tmp_path / "copy")
    with pytest.raises(MianshenError, match="BACKUP_EXISTS"):
        backup.back_up(county.vault, copy.data, made_at=AT)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a file is gone": lambda data: next(data.glob("custody/*")).unlink(),
    "a file is too many": lambda data: (data / "custody" / "x.sealed").write_bytes(b"x"),
    "a byte of the database": lambda data: flipped(data / "vault.db"),
    "a byte of custody": lambda data: flipped(next(data.glob("custody/*"))),
    "the list is gone": lambda data: (data / "manifest.json").unlink(),
    "the list is cut": lambda data: (data / "manifest.json").write_bytes((data / "manifest.json").read_bytes()[:-9]),
    "all is gone": lambda data: shutil.rmtree(data),
}


def flipped(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_copy_is_refused_and_nothing_is_restored(county: County, tmp_path: Path, damage: str) -> None:
    copy = Copy(county, tmp_path / "copy")
    DAMAGES[damage](copy.data)
    with pytest.raises(MianshenError, match="BACKUP_DAMAGED"):
        copy.restored(county, tmp_path / "new")
    assert not (tmp_path / "new" / "vault" / "keyring.json").exists()
    assert not list((tmp_path / "new" / "vault" / "custody").iterdir())


def test_keys_of_another_vault_or_another_time_are_refused(county: County, tmp_path: Path, entropy: Entropy) -> None:
    copy = Copy(county, tmp_path / "copy")
    other = Copy(make_county(tmp_path / "other", entropy, people=5), tmp_path / "other copy")
    copy.keys, copy.code, kept = other.keys, other.code, (copy.keys, copy.code)
    with pytest.raises(MianshenError, match="BACKUP_FOREIGN"):
        copy.restored(county, tmp_path / "new")
    copy.keys = kept[0]
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        copy.restored(county, tmp_path / "new")
    copy.code = kept[1]
    rotation.rotate(county.vault, index=True, data=True)
    later = Copy(county, tmp_path / "later")
    copy.keys, copy.code = later.keys, later.code
    with pytest.raises(MianshenError, match="BACKUP_FOREIGN"):
        copy.restored(county, tmp_path / "new")


@pytest.mark.parametrize("what", ["keys", "custody", "persons"])
def test_nothing_is_restored_over_what_stands(county: County, tmp_path: Path, what: str) -> None:
    copy = Copy(county, tmp_path / "copy")
    home = Home(tmp_path / "new")
    home.make()
    if what == "keys":
        shutil.copy2(county.vault.home.keyring, home.keyring)
    elif what == "custody":
        (home.custody / "x.sealed").write_bytes(b"x")
    else:
        county.vault.engine.dispose()
        shutil.copy2(county.vault.home.vault / "vault.db", home.vault / "vault.db")
    with pytest.raises(MianshenError, match="VAULT_NOT_EMPTY"):
        copy.restored(county, tmp_path / "new")


def test_a_copy_that_forgets_people_whom_the_ledger_knows_is_refused_unless_their_number_is_said(
    county: County, tmp_path: Path, entropy: Entropy
) -> None:
    copy = Copy(county, tmp_path / "copy")
    later = [certno_of(5_000 + number) for number in range(3)]
    grown = {**county.keys, **county.register.record({one: [] for one in later}, entropy=entropy).keys}
    county = replace(county, keys=grown)
    with pytest.raises(MianshenError, match=r"BACKUP_OLDER.*3 persons"):
        copy.restored(county, tmp_path / "new", lost=2)
    back = copy.restored(county, tmp_path / "new", lost=3)
    with back.vault.engine.begin() as connection:
        assert connection.execute(delete(PERSON).where(PERSON.c.person_key == grown[later[0]])).rowcount == 0


def test_a_secret_that_was_kept_elsewhere_comes_back_into_the_key_file(county: County, tmp_path: Path) -> None:
    secret = "a secret in a place of its own, at least so long"
    home = replace(county.vault.home, secret_from=lambda: secret)
    county = replace(county, vault=replace(county.vault, home=home))
    rotation.rewrap(county.vault)
    before = standing(county)
    copy = Copy(county, tmp_path / "copy")
    back = copy.restored(county, tmp_path / "new")
    assert standing(back) == before
    assert back.vault.secret == secret.encode()


@pytest.mark.parametrize("way", ["to postgresql", "from postgresql"])
def test_a_copy_leads_from_one_database_to_the_other(tmp_path: Path, entropy: Entropy, postgres: str, way: str) -> None:
    url = new_database(postgres, f"copied {way}")
    county = make_county(tmp_path, entropy, people=30, url=url if way == "from postgresql" else None)
    before = standing(county)
    copy = Copy(county, tmp_path / "copy")
    back = copy.restored(county, tmp_path / "new", url=url if way == "to postgresql" else None)
    assert standing(back) == before
    for one in (county, back):
        one.vault.engine.dispose()
