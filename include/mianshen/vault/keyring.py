"""The key file: index key, key-encrypting secret, and the data key wrapped by it. Mode 0600 or nothing opens."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mianshen.core.errors import MianshenError
from mianshen.vault import sm

SECRET_BYTES = 32
"""Least length of the index key and of the key-encrypting secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """The keys of one home, opened. Never printed: it has no repr."""

    index_key: bytes
    """Key of the HMAC-SM3 index, at least 32 bytes."""
    index_version: int
    """Which index key; stands in every index row."""
    data_key: bytes
    """SM4 key that seals persons and custody."""
    data_version: int
    """Which data key; bound into every seal."""
    digest_key: bytes
    """Key of the digests that stand outside the vault: accounts, phones, households, departments' own keys."""

    @property
    def tagger(self) -> sm.Tagger:
        """The keyed digests of this index key."""
        return sm.Tagger(self.index_key)


def make_keyring(path: Path, entropy: sm.Entropy) -> Keyring:
    """A new key file, mode 0600, synced; MianshenError KEYS_UNSAFE when one stands already (keys are never overwritten)."""
    if path.exists():
        raise MianshenError("KEYS_UNSAFE", found="a key file that stands already", where=str(path))
    secret, data_key = entropy(SECRET_BYTES), entropy(sm.KEY_BYTES)
    wrapped = sm.seal(_wrapping_key(secret), data_key, bound_to="keyring|data|1", entropy=entropy)
    body = {
        "index_version": 1,
        "index_key": entropy(SECRET_BYTES).hex(),
        "secret": secret.hex(),
        "data_version": 1,
        "data_key_wrapped": wrapped.hex(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps(body, indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    return open_keyring(path)


def open_keyring(path: Path) -> Keyring:
    """The keys in the file; MianshenError KEYS_UNSAFE when it is missing, readable by others, too short or damaged."""
    if not path.is_file():
        raise MianshenError("KEYS_UNSAFE", found="no key file", where=str(path))
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise MianshenError("KEYS_UNSAFE", found=f"mode {mode:04o}", where=str(path))
    try:
        body: dict[str, Any] = json.loads(path.read_text("utf-8"))
        index_key, secret = bytes.fromhex(body["index_key"]), bytes.fromhex(body["secret"])
        wrapped, data_version, index_version = (
            bytes.fromhex(body["data_key_wrapped"]),
            int(body["data_version"]),
            int(body["index_version"]),
        )
    except (ValueError, KeyError, TypeError) as cause:
        raise MianshenError("KEYS_UNSAFE", found=f"damaged: {type(cause).__name__}", where=str(path)) from None
    if min(len(index_key), len(secret)) < SECRET_BYTES:
        raise MianshenError("KEYS_UNSAFE", found=f"{min(len(index_key), len(secret))} bytes", where=str(path))
    data_key = sm.unseal(_wrapping_key(secret), wrapped, bound_to=f"keyring|data|{data_version}")
    return Keyring(
        index_key=index_key,
        index_version=index_version,
        data_key=data_key,
        data_version=data_version,
        digest_key=index_key,
    )


def _wrapping_key(secret: bytes) -> bytes:
    return sm.derive(secret, purpose="mianshen|wrap")
