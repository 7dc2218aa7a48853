"""The key file: keys of the index, of the seals and of outer digests, each wrapped by a secret. Mode 0600 or nothing opens.

The secret lies in the key file too, unless the home names another place for it: then the file alone opens nothing. A version of
a key is kept until `mianshen vault drop-keys` drops it by an explicit act (docs/adr/0026).
"""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home, SecretSource
from mianshen.vault import sm
from mianshen.vault.private import put_private

SECRET_BYTES = 32
"""Least length of the index key, of the digest key and of the key-encrypting secret."""
LEAST_SIGNS = 10
"""A secret of fewer different bytes is a placeholder that somebody typed."""
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Rotating:
    """A rotation that was begun and not finished: the versions that shall hold."""

    index_version: int
    """Of the index key."""
    data_version: int
    """Of the data key."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """The keys of one home, opened. Never printed: it has no repr."""

    index_keys: Mapping[int, bytes]
    """Keys of the HMAC-SM3 index by version, at least 32 bytes each."""
    index_version: int
    """Which index key counts; stands in every index row."""
    data_keys: Mapping[int, bytes]
    """SM4 keys that seal persons and custody, by version."""
    data_version: int
    """Which data key seals; bound into every seal."""
    digest_key: bytes
    """Key of the digests that stand outside the vault: accounts, phones, households, departments' own keys. It is not rotated."""
    rotating: Rotating | None = None
    """What a rotation that was begun is after."""

    @property
    def index_key(self) -> bytes:
        """The index key that counts."""
        return self.index_keys[self.index_version]

    @property
    def data_key(self) -> bytes:
        """The data key that seals."""
        return self.data_keys[self.data_version]

    @property
    def tagger(self) -> sm.Tagger:
        """The keyed digests of the index key that counts and of the digest key."""
        return self.tagger_of(self.index_version)

    def tagger_of(self, index_version: int) -> sm.Tagger:
        """The keyed digests under this version of the index key."""
        return sm.Tagger(self.index_keys[index_version], self.digest_key)

    def opener(self, data_version: int) -> bytes:
        """The data key of this version; MianshenError KEYS_CHANGED when the key file does not hold it."""
        if data_version not in self.data_keys:
            raise MianshenError("KEYS_CHANGED", found=f"data key {data_version}", where="keyring.json")
        return self.data_keys[data_version]


def make_keyring(path: Path, entropy: sm.Entropy, *, secret_from: SecretSource | None = None) -> Keyring:
    """A new key file, mode 0600, synced; MianshenError KEYS_UNSAFE when one stands already (keys are never overwritten)."""
    if path.exists():
        raise MianshenError("KEYS_UNSAFE", found="a key file that stands already", where=str(path))
    secret = entropy(SECRET_BYTES) if secret_from is None else _told(secret_from)
    keyring = Keyring(
        index_keys={1: entropy(SECRET_BYTES)},
        index_version=1,
        data_keys={1: entropy(sm.KEY_BYTES)},
        data_version=1,
        digest_key=entropy(SECRET_BYTES),
    )
    write_keyring(path, keyring, secret=secret, is_kept_inside=secret_from is None, entropy=entropy)
    return open_keyring(path, secret_from=secret_from)


def keys_of(home: Home) -> Keyring:
    """The keys of the home; see `open_keyring`."""
    return open_keyring(home.keyring, secret_from=home.secret_from)


def open_keyring(path: Path, *, secret_from: SecretSource | None = None) -> Keyring:
    """The keys in the file; MianshenError KEYS_UNSAFE when it is missing, readable by others, too short or damaged."""
    body = read_key_file(path)
    try:
        keyring = _opened(body, secret_of(body, path, secret_from=secret_from))
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        raise MianshenError("KEYS_UNSAFE", found=f"damaged: {type(cause).__name__}", where=str(path)) from None
    except MianshenError as cause:
        if cause.code != "SEAL_BROKEN":
            raise
        raise MianshenError("KEYS_UNSAFE", found="another secret than the one that wrapped the keys", where=str(path)) from cause
    shortest = min(len(one) for one in (*keyring.index_keys.values(), keyring.digest_key))
    if shortest < SECRET_BYTES:
        raise MianshenError("KEYS_UNSAFE", found=f"{shortest} bytes", where=str(path))
    return keyring


def read_key_file(path: Path) -> dict[str, Any]:
    """What the key file says, wrapped as it lies; MianshenError KEYS_UNSAFE when it is missing, open to others or damaged."""
    if not path.is_file():
        raise MianshenError("KEYS_UNSAFE", found="no key file", where=str(path))
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise MianshenError("KEYS_UNSAFE", found=f"mode {mode:04o}", where=str(path))
    try:
        body = json.loads(path.read_text("utf-8"))
    except ValueError as cause:
        raise MianshenError("KEYS_UNSAFE", found=f"damaged: {type(cause).__name__}", where=str(path)) from None
    return body if isinstance(body, dict) else {}


def secret_of(body: Mapping[str, Any], path: Path, *, secret_from: SecretSource | None) -> bytes:
    """The secret that wrapped the keys: the file's own, else the one that the home names. KEYS_UNSAFE without, or a weak one."""
    if body.get("secret"):
        return _sound(bytes.fromhex(body["secret"]), str(path))
    if "secret" not in body:
        raise KeyError("secret")
    if secret_from is None:
        raise MianshenError("KEYS_UNSAFE", found="no secret: it is kept outside the key file", where=str(path))
    return _told(secret_from)


def write_keyring(path: Path, keyring: Keyring, *, secret: bytes, is_kept_inside: bool, entropy: sm.Entropy) -> None:
    """Put the key file in place, whole or not at all: every key wrapped by the secret, which lies inside or is kept elsewhere."""
    wrapping = _wrapping_key(_sound(secret, str(path)))

    def wrapped(what: str, key: bytes) -> str:
        return sm.seal(wrapping, key, bound_to=f"keyring|{what}", entropy=entropy).hex()

    body = {
        "format": _FORMAT,
        "secret": secret.hex() if is_kept_inside else None,
        "digest_key": wrapped("digest", keyring.digest_key),
        "index_version": keyring.index_version,
        "index_keys": {str(one): wrapped(f"index|{one}", key) for one, key in keyring.index_keys.items()},
        "data_version": keyring.data_version,
        "data_keys": {str(one): wrapped(f"data|{one}", key) for one, key in keyring.data_keys.items()},
        "rotating": None if keyring.rotating is None else [keyring.rotating.index_version, keyring.rotating.data_version],
    }
    put_private(path, json.dumps(body, indent=1).encode())


def with_new_keys(keyring: Keyring, *, index: bool, data: bool, entropy: sm.Entropy) -> Keyring:
    """The keys with new ones beside them that shall hold once everything is carried over."""
    index_version, data_version = keyring.index_version + index, keyring.data_version + data
    return replace(
        keyring,
        index_keys={**keyring.index_keys, **({index_version: entropy(SECRET_BYTES)} if index else {})},
        data_keys={**keyring.data_keys, **({data_version: entropy(sm.KEY_BYTES)} if data else {})},
        rotating=Rotating(index_version, data_version),
    )


def _opened(body: Mapping[str, Any], secret: bytes) -> Keyring:
    wrapping = _wrapping_key(secret)

    def opened(what: str, wrapped: str) -> bytes:
        return sm.unseal(wrapping, bytes.fromhex(wrapped), bound_to=f"keyring|{what}")

    index_version, data_version = int(body["index_version"]), int(body["data_version"])
    if (
        "format" not in body
    ):  # before keys were wrapped one by one: the index key made the outer digests too, and goes on making them
        index_key = bytes.fromhex(body["index_key"])
        data_key = opened(f"data|{data_version}", body["data_key_wrapped"])
        return Keyring({index_version: index_key}, index_version, {data_version: data_key}, data_version, index_key)
    return Keyring(
        index_keys={int(one): opened(f"index|{one}", wrapped) for one, wrapped in body["index_keys"].items()},
        index_version=index_version,
        data_keys={int(one): opened(f"data|{one}", wrapped) for one, wrapped in body["data_keys"].items()},
        data_version=data_version,
        digest_key=opened("digest", body["digest_key"]),
        rotating=Rotating(*body["rotating"]) if body["rotating"] else None,
    )


def _told(secret_from: SecretSource) -> bytes:
    return _sound(secret_from().strip().encode(), "the secret outside the key file")


def _sound(secret: bytes, where: str) -> bytes:
    if len(secret) < SECRET_BYTES:
        raise MianshenError("KEYS_UNSAFE", found=f"{len(secret)} bytes", where=where)
    if len(set(secret)) < LEAST_SIGNS:
        raise MianshenError("KEYS_UNSAFE", found=f"{len(set(secret))} different bytes", where=where)
    return secret


def _wrapping_key(secret: bytes) -> bytes:
    return sm.derive(secret, purpose="mianshen|wrap")
