"""Copies of the vault: persons and custody in one folder, the keys sealed in a file apart, and the way back.

A copy is whole or not there: it is made beside its place and moved when its list of checksums stands. The list is what the way
back trusts, and the keys must be the ones that the copy was made under (docs/howto/back-up-the-vault.md).
"""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, delete, func, insert, select

from mianshen.core.digest import canonical_json, sha256_file, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.paths import PRIVATE
from mianshen.vault import sm
from mianshen.vault.custody import Custody
from mianshen.vault.key_state import state
from mianshen.vault.keyring import Keyring, keys_of, open_keyring, write_keyring
from mianshen.vault.private import OWNER_ONLY, put_private, sync_folder
from mianshen.vault.rotation import Vault
from mianshen.vault.tables import CUSTODY, METADATA, PERSON, create

MANIFEST = "manifest.json"
"""Name of the list of a copy's files with their checksums."""
DATABASE = "vault.db"
"""Name of the copy's database: SQLite, whatever the vault stands in."""
_FILES = "custody"
_CODE_BYTES, _GROUP = 32, 4
_BOUND = "mianshen keys"
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that stands."""

    persons: int
    """Persons in it."""
    files: int
    """Files of custody in it."""
    manifest_sha256: str
    """The hash of its list: it names the copy in the audit chain."""


def make_code(path: Path, entropy: sm.Entropy) -> None:
    """A recovery code in a private file, unless one stands: 256 random bits in groups of four signs, to be locked away."""
    if not path.exists():
        signs = base64.b32encode(entropy(_CODE_BYTES)).decode().rstrip("=")
        put_private(path, "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP)).encode() + b"\n")


def back_up(vault: Vault, path: Path, *, made_at: str) -> Copied:
    """Copy the vault as it stands in one moment into a new folder, mode 0700.

    MianshenError KEYS_ROTATING while keys are exchanged; BACKUP_EXISTS when something lies at the path; CUSTODY_MISSING.
    """
    if path.exists():
        raise MianshenError("BACKUP_EXISTS", found=path.name, where=str(path.parent))
    making = path.with_name(f".tmp-{path.name}")
    shutil.rmtree(making, ignore_errors=True)
    (making / _FILES).mkdir(parents=True, mode=PRIVATE)
    making.chmod(PRIVATE)
    keyring = keys_of(vault.home)
    _copy_database(vault.engine, making / DATABASE)
    persons, files = _copy_custody(vault, keyring, making)
    listed = {str(one.relative_to(making)): sha256_file(one) for one in sorted(making.rglob("*")) if one.is_file()}
    body = {
        "made_at": made_at,
        "persons": persons,
        "index_version": keyring.index_version,
        "data_version": keyring.data_version,
        "keys": _mark(keyring),
        "files": listed,
    }
    content = canonical_json(body)
    put_private(making / MANIFEST, content)
    making.rename(path)
    sync_folder(path.parent)
    return Copied(persons, files, sha256_hex(content))


def back_up_keys(vault: Vault, path: Path, *, code: str) -> None:
    """Seal the keys and the secret that wraps them in a file of its own, which opens with the recovery code alone."""
    body = {"keys": json.loads(vault.home.keyring.read_text("utf-8")), "secret": vault.secret.hex()}
    put_private(path, sm.seal(_code_key(code), canonical_json(body), bound_to=_BOUND, entropy=vault.entropy))


def restore(vault: Vault, path: Path, *, keys: Path, code: str, known: Iterable[str], accepted_lost: int = 0) -> Copied:
    """Put the copy and its keys into a home whose vault is empty; `known` are the person_keys that the ledger speaks of.

    MianshenError VAULT_NOT_EMPTY; BACKUP_DAMAGED when a file is missing, changed or too many; BACKUP_FOREIGN when the keys are
    another vault's; BACKUP_OLDER when the ledger knows more persons that the copy does not than were accepted as lost.
    """
    _refuse_standing(vault)
    manifest = read_copy(path)
    body = _opened_keys(keys, code)
    keyring = _keyring_of(body, vault)
    if _mark(keyring) != manifest["keys"]:
        raise MianshenError("BACKUP_FOREIGN", found=keys.name, where=path.name)
    source = create_engine(f"sqlite:///file:{(path / DATABASE).resolve()}?immutable=1&uri=true")
    _refuse_older(source, known, accepted_lost, where=path.name)
    create(vault.engine)
    with source.connect() as reading, vault.engine.begin() as writing:
        _copy_tables(reading, writing, METADATA)
    source.dispose()
    vault.home.custody.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    files = [name for name in manifest["files"] if name.startswith(f"{_FILES}/")]
    for name in files:
        put_private(vault.home.custody / Path(name).name, (path / name).read_bytes())
    secret, told = bytes.fromhex(body["secret"]), vault.home.secret_from
    inside = told is None or told().strip().encode() != secret
    write_keyring(vault.home.keyring, keyring, secret=secret, is_kept_inside=inside, entropy=vault.entropy)
    return Copied(manifest["persons"], len(files), sha256_file(path / MANIFEST))


def read_copy(path: Path) -> dict[str, Any]:
    """The list of a copy, every file of it checked; MianshenError BACKUP_DAMAGED when one is missing, changed or too many."""
    listing = path / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(listing.read_bytes())
        listed: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise MianshenError("BACKUP_DAMAGED", found=MANIFEST, where=path.name) from cause
    there = {str(one.relative_to(path)) for one in path.rglob("*") if one.is_file()} - {MANIFEST}
    wrong = sorted(there ^ listed.keys()) or [name for name in sorted(listed) if sha256_file(path / name) != listed[name]]
    if wrong:
        raise MianshenError("BACKUP_DAMAGED", found=f"{len(wrong)} files, first {wrong[0][:20]}", where=path.name)
    return manifest


def _copy_database(engine: Engine, target: Path) -> None:
    """SQLite by its own backup, which sees one moment; PostgreSQL table by table in one snapshot. Refused amid a rotation."""
    if engine.dialect.name == "sqlite":
        source = engine.raw_connection()
        copy = sqlite3.connect(target)
        try:
            source.driver_connection.backup(copy)  # type: ignore[union-attr]
            copy.execute("pragma journal_mode=delete")
        finally:
            copy.close()
            source.close()
    else:
        made = create_engine(f"sqlite:///{target}")
        create(made)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reading, made.begin() as writing:
            _copy_tables(reading, writing, METADATA)
        made.dispose()
    target.chmod(OWNER_ONLY)
    copied = create_engine(f"sqlite:///{target}")
    with copied.connect() as connection:
        found = state(connection)
    copied.dispose()
    if found["is_rotating"]:
        raise MianshenError("KEYS_ROTATING", found=f"up to {found['done_to'] or 'nobody'}", where=DATABASE)


def _copy_tables(reading: Connection, writing: Connection, metadata: MetaData) -> None:
    for table in metadata.sorted_tables:
        writing.execute(delete(table)) if table.name == "key_state" else None
        rows = reading.execute(select(table)).mappings()
        for some in rows.partitions(_BATCH):
            writing.execute(insert(table), [dict(row) for row in some])


def _copy_custody(vault: Vault, keyring: Keyring, making: Path) -> tuple[int, int]:
    """Copy the files that the copied list names: they never change, so that later ones do no harm."""
    copied = create_engine(f"sqlite:///{making / DATABASE}")
    with copied.connect() as connection:
        persons = connection.execute(select(func.count()).select_from(PERSON)).scalar_one()
        listed = connection.execute(select(CUSTODY.c.content_sha256, CUSTODY.c.data_version)).all()
    copied.dispose()
    custody = Custody(vault.home.custody, vault.engine, keyring)
    for name, version in listed:
        source = custody.path_of(name, version)
        if not source.is_file():
            raise MianshenError("CUSTODY_MISSING", found=name[:12], where=str(vault.home.custody))
        put_private(making / _FILES / source.name, source.read_bytes())
    return int(persons), len(listed)


def _refuse_standing(vault: Vault) -> None:
    home = vault.home
    held = home.keyring.exists() or any(home.custody.glob("*.sealed"))
    if not held:
        create(vault.engine)
        with vault.engine.connect() as connection:
            held = connection.execute(select(PERSON.c.person_key).limit(1)).first() is not None
    if held:
        raise MianshenError("VAULT_NOT_EMPTY", found=home.vault.name, where=str(home.root))


def _refuse_older(source: Engine, known: Iterable[str], accepted_lost: int, *, where: str) -> None:
    with source.connect() as connection:
        there = set(connection.execute(select(PERSON.c.person_key)).scalars())
    lost = len(set(known) - there)
    if lost > accepted_lost:
        raise MianshenError("BACKUP_OLDER", found=f"{lost} persons", where=where)


def _opened_keys(path: Path, code: str) -> Mapping[str, Any]:
    if not path.is_file():
        raise MianshenError("PATH_MISSING", found=path.name, where="--keys")
    body: dict[str, Any] = json.loads(sm.unseal(_code_key(code), path.read_bytes(), bound_to=_BOUND))
    return body


def _keyring_of(body: Mapping[str, Any], vault: Vault) -> Keyring:
    """The keys of the sealed file, opened beside the place where they will lie."""
    beside = vault.home.keyring.with_name(".tmp-restored.json")
    put_private(beside, json.dumps({**body["keys"], "secret": body["secret"]}).encode())
    try:
        return open_keyring(beside)
    finally:
        beside.unlink()


def _code_key(code: str) -> bytes:
    """The key behind a recovery code, however it is written: small letters, spaces and dashes do not count."""
    signs = "".join(one for one in code.upper() if one.isalnum())
    if len(signs) < _CODE_BYTES:
        raise MianshenError("KEYS_UNSAFE", found=f"a code of {len(signs)} signs", where="--code")
    return sm.derive(signs.encode(), purpose="mianshen|recovery")


def _mark(keyring: Keyring) -> str:
    """By what a copy knows its keys: a keyed digest of their versions, which tells nothing of them."""
    versions = f"{keyring.index_version}|{keyring.data_version}"
    marks = (keyring.index_key, keyring.data_key, keyring.digest_key)
    return sm.sm3(b"".join(sm.keyed(one, versions.encode()) for one in marks))
