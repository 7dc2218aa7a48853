"""Keys are exchanged and nobody is lost: everything the vault holds is tagged and sealed anew, person by person (docs/adr/0026).

The new keys stand in the key file before anything is written with them, and count only when everything is. Each step is one
transaction or one rename, and what was done is never done again: a rotation that was killed anywhere goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, select, text, update

from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.vault import sm
from mianshen.vault.custody import Custody
from mianshen.vault.key_state import state
from mianshen.vault.keyring import (
    SECRET_BYTES,
    Keyring,
    keys_of,
    open_keyring,
    read_key_file,
    secret_of,
    with_new_keys,
    write_keyring,
)
from mianshen.vault.newcomers import Tags, insert_all, insert_slots, owner, slots
from mianshen.vault.records import Record, from_bytes
from mianshen.vault.tables import CUSTODY, KEY_STATE, PERSON, PERSON_FACT, PERSON_INDEX, among

BATCH = 2_000
"""Persons in one transaction."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation carried over."""

    keyring: Keyring
    """The keys that count now; the old ones are still in the file."""
    persons: int
    """Persons whose record and digests were made anew in this run."""
    files: int
    """Files of custody that were sealed anew in this run."""


@dataclass(frozen=True, slots=True)
class Vault:
    """What is rotated."""

    home: Home
    """Key file and custody."""
    engine: Engine
    """The vault's database."""
    entropy: sm.Entropy
    """Random bytes."""

    @property
    def secret(self) -> bytes:
        """The secret that wraps the keys."""
        return secret_of(read_key_file(self.home.keyring), self.home.keyring, secret_from=self.home.secret_from)

    def put(self, keyring: Keyring) -> None:
        """Put the key file in place with these keys, wrapped by the same secret."""
        body = read_key_file(self.home.keyring)
        inside = bool(body.get("secret"))
        write_keyring(self.home.keyring, keyring, secret=self.secret, is_kept_inside=inside, entropy=self.entropy)


def rotate(vault: Vault, *, index: bool, data: bool, batch: int = BATCH) -> Rotated:
    """Exchange the index key, the data key, or both; one that was begun is finished first, whatever is asked for.

    While it runs nobody registers or reads persons (KEYS_ROTATING); no person_key, link or outer digest changes.
    """
    keyring = keys_of(vault.home)
    if keyring.rotating is None:
        if not (index or data):
            return Rotated(keyring, 0, 0)
        vault.put(with_new_keys(keyring, index=index, data=data, entropy=vault.entropy))
        keyring = keys_of(vault.home)
    return _finished(vault, keyring, batch)


def rewrap(vault: Vault, *, old_secret: str | None = None) -> None:
    """Wrap the keys by another secret: the one that the home names, else a new one that lies in the key file.

    `old_secret` is the one that wrapped them, where neither the file holds it nor the home names it any more.
    """
    path, told = vault.home.keyring, vault.home.secret_from
    keyring = open_keyring(path, secret_from=told if old_secret is None else lambda: old_secret)
    secret = vault.entropy(SECRET_BYTES) if told is None else told().strip().encode()
    write_keyring(path, keyring, secret=secret, is_kept_inside=told is None, entropy=vault.entropy)


def drop(vault: Vault) -> int:
    """Drop every version of the keys but those that count, and what only they could find or open; returns how many.

    MianshenError KEYS_IN_USE while a rotation is unfinished or anything is still sealed by an old key.
    """
    keyring = keys_of(vault.home)
    with vault.engine.begin() as connection:
        found = state(connection, is_mine=True)
        if found["is_rotating"] or keyring.rotating is not None or _left(connection, keyring):
            raise MianshenError("KEYS_IN_USE", found="an unfinished rotation", where=str(vault.home.keyring))
        connection.execute(delete(PERSON_INDEX).where(PERSON_INDEX.c.index_version != keyring.index_version))
        custody = Custody(vault.home.custody, vault.engine, keyring)
        kept = {
            custody.path_of(name, keyring.data_version).name
            for name in connection.execute(select(CUSTODY.c.content_sha256)).scalars()
        }
    for path in vault.home.custody.glob("*.sealed"):
        if path.name not in kept:
            path.unlink()
    _wipe(vault.engine)
    kept_index = {keyring.index_version: keyring.index_key}
    kept_data = {keyring.data_version: keyring.data_key}
    vault.put(replace(keyring, index_keys=kept_index, data_keys=kept_data))
    return len(keyring.index_keys) + len(keyring.data_keys) - 2


def _finished(vault: Vault, keyring: Keyring, batch: int) -> Rotated:
    aim = keyring.rotating
    assert aim is not None
    counting = replace(keyring, index_version=aim.index_version, data_version=aim.data_version, rotating=None)
    persons = files = 0
    if _begin(vault.engine, counting):
        while done := _carry_persons(vault, counting, batch):
            persons += done
        for name in _custody_left(vault.engine, counting):
            _carry_file(vault, counting, name)
            files += 1
        _end(vault.engine, counting)
    vault.put(counting)
    return Rotated(counting, persons, files)


def _begin(engine: Engine, counting: Keyring) -> bool:
    """Whether there is something to carry over: not when only the key file's last step was missing."""
    with engine.begin() as connection:
        found = state(connection, is_mine=True)
        if (found["index_version"], found["data_version"]) == (counting.index_version, counting.data_version):
            return False
        if not found["is_rotating"]:
            connection.execute(update(KEY_STATE).values(is_rotating=True, done_to=""))
    return True


def _carry_persons(vault: Vault, counting: Keyring, batch: int) -> int:
    """Carry the next persons over, in the order of their keys; how many there were."""
    with vault.engine.begin() as connection:
        found = state(connection, is_mine=True)
        query = select(PERSON).where(PERSON.c.person_key > found["done_to"]).order_by(PERSON.c.person_key).limit(batch)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return 0
        people = [(row["person_key"], _record(counting, row)) for row in rows]
        if found["data_version"] != counting.data_version:
            _reseal(connection, vault, counting, people)
        if found["index_version"] != counting.index_version:
            _retag(connection, counting, people)
        connection.execute(update(KEY_STATE).values(done_to=rows[-1]["person_key"]))
    return len(people)


def _record(keyring: Keyring, row: Any) -> Record:
    key, version = row["person_key"], row["data_version"]
    return from_bytes(sm.unseal(keyring.opener(version), row["sealed"], bound_to=owner(key, version)))


def _reseal(connection: Connection, vault: Vault, counting: Keyring, people: Sequence[tuple[str, Record]]) -> None:
    version, sealer = counting.data_version, sm.Sealer(counting.data_key)
    drawn = vault.entropy(sm.NONCE_BYTES * len(people))
    nonces = [drawn[start : start + sm.NONCE_BYTES] for start in range(0, len(drawn), sm.NONCE_BYTES)]
    sealed = [
        {"of_person": key, "sealed": sealer.seal(record.to_bytes(), bound_to=owner(key, version), nonce=nonce)}
        for (key, record), nonce in zip(people, nonces, strict=True)
    ]
    is_theirs = PERSON.c.person_key == bindparam("of_person")
    connection.execute(update(PERSON).where(is_theirs).values(data_version=version, sealed=bindparam("sealed")), sealed)


def _retag(connection: Connection, counting: Keyring, people: Sequence[tuple[str, Record]]) -> None:
    """Give the persons their entries under the new index key, beside the old, and make the digests of what is said anew."""
    tagger = counting.tagger
    tags = Tags(tagger)
    entries = sorted((counting.index_version, tagger.tag("certno", record.certno), key) for key, record in people)
    insert_all(connection, PERSON_INDEX, ("index_version", "tag", "person_key"), entries)
    is_theirs = among(connection, PERSON_FACT.c.person_key, [key for key, _ in people])
    connection.execute(delete(PERSON_FACT).where(is_theirs))
    said = (slots(tags, tagger, key, record.certno, record.facts.values()) for key, record in people)
    insert_slots(connection, [row for rows in said for row in rows])


def _custody_left(engine: Engine, counting: Keyring) -> list[str]:
    query = select(CUSTODY.c.content_sha256).where(CUSTODY.c.data_version != counting.data_version)
    with engine.connect() as connection:
        return list(connection.execute(query.order_by(CUSTODY.c.content_sha256)).scalars())


def _carry_file(vault: Vault, counting: Keyring, name: str) -> None:
    version = counting.data_version
    Custody(vault.home.custody, vault.engine, counting).reseal(name, version=version, entropy=vault.entropy)
    with vault.engine.begin() as connection:
        connection.execute(update(CUSTODY).where(CUSTODY.c.content_sha256 == name).values(data_version=version))


def _end(engine: Engine, counting: Keyring) -> None:
    """Let the new keys count in the vault; MianshenError KEYS_IN_USE when anybody was left behind."""
    with engine.begin() as connection:
        state(connection, is_mine=True)
        left = _left(connection, counting)
        if left:
            raise MianshenError("KEYS_IN_USE", found=f"{left} left behind", where=KEY_STATE.name)
        said = {"index_version": counting.index_version, "data_version": counting.data_version}
        connection.execute(update(KEY_STATE).values(is_rotating=False, done_to=None, **said))


def _left(connection: Connection, counting: Keyring) -> int:
    """Persons and files that are not written with the keys that count."""
    count = select(func.count())
    persons = connection.execute(count.select_from(PERSON)).scalar_one()
    is_new = PERSON_INDEX.c.index_version == counting.index_version
    indexed = connection.execute(count.select_from(PERSON_INDEX).where(is_new)).scalar_one()
    unsealed = connection.execute(count.select_from(PERSON).where(PERSON.c.data_version != counting.data_version)).scalar_one()
    files = connection.execute(count.select_from(CUSTODY).where(CUSTODY.c.data_version != counting.data_version)).scalar_one()
    return int(abs(persons - indexed) + unsealed + files)


def _wipe(engine: Engine) -> None:
    """Let nothing of what was deleted lie about in the database's free pages."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            for table in (PERSON, PERSON_INDEX, PERSON_FACT):
                connection.execute(text(f"vacuum full {table.name}"))
            return
    raw = engine.raw_connection()
    try:
        raw.execute("vacuum")
        raw.execute("pragma wal_checkpoint(truncate)")
    finally:
        raw.close()
