"""SM3 and SM4 as the vault uses them: hash, keyed digest, seal. All of it goes through one module (`core.crypto`)."""

from __future__ import annotations

from collections.abc import Callable

from mianshen.core import crypto
from mianshen.core.crypto import HASH_BYTES, KEY_BYTES, NONCE_BYTES, CryptoModule
from mianshen.core.errors import MianshenError
from mianshen.vault.software import Software

__all__ = [
    "KEY_BYTES",
    "NONCE_BYTES",
    "ROTATED",
    "Entropy",
    "Sealer",
    "Tagger",
    "derive",
    "keyed",
    "module",
    "seal",
    "sm3",
    "unseal",
]

_SOFTWARE = Software()

ROTATED = frozenset({"certno", "name", "near"})
"""Kinds of digests that stand in the vault alone, and can be made anew from what it holds sealed."""

Entropy = Callable[[int], bytes]
"""Gives so many random bytes; handed in, so that only the doors know where randomness comes from."""


def module() -> CryptoModule:
    """The certified module of this installation, else software."""
    return crypto.certified() or _SOFTWARE


def sm3(content: bytes, /) -> str:
    """SM3 of the bytes as 64 hexadecimal digits; a `core.digest.Digest`."""
    return module().sm3(content).hex()


def keyed(key: bytes, message: bytes) -> bytes:
    """HMAC-SM3 of the message, 32 bytes."""
    return module().hmac_sm3(key, message)


def derive(secret: bytes, *, purpose: str) -> bytes:
    """An SM4 key for one purpose from a longer secret (HKDF over SM3, RFC 5869, without salt)."""
    drawn = keyed(bytes(HASH_BYTES), secret)
    return keyed(drawn, purpose.encode() + b"\x01")[:KEY_BYTES]


class Tagger:
    """Keyed digests (HMAC-SM3) of canonical values: equal values give equal tags, nobody without the key can try them out."""

    def __init__(self, index_key: bytes, digest_key: bytes) -> None:
        self._index_key, self._digest_key, self._module = index_key, digest_key, module()

    def tag(self, kind: str, value: str) -> str:
        """The value's tag as 64 hexadecimal digits; kinds never meet (`certno|…` differs from `account|…`).

        ROTATED kinds are tagged with the index key, all others with the digest key.
        """
        key = self._index_key if kind in ROTATED else self._digest_key
        return self._module.hmac_sm3(key, f"{kind}|{value}".encode()).hex()


def seal(key: bytes, plain: bytes, *, bound_to: str, entropy: Entropy) -> bytes:
    """The bytes sealed with SM4-GCM: nonce, cipher text, tag. They open only under the same `bound_to`."""
    return module().seal(key, plain, bound_to=bound_to.encode(), nonce=entropy(NONCE_BYTES))


class Sealer:
    """Seals many small things with one key; each is what `seal` would make of it, and `unseal` opens it."""

    def __init__(self, key: bytes) -> None:
        self._key, self._module = key, module()

    def seal(self, plain: bytes, *, bound_to: str, nonce: bytes) -> bytes:
        """The bytes sealed under a nonce of NONCE_BYTES that was never used before with this key."""
        return self._module.seal(self._key, plain, bound_to=bound_to.encode(), nonce=nonce)


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """What was sealed; MianshenError SEAL_BROKEN for a changed byte, another key or another owner."""
    try:
        return module().open(key, sealed, bound_to=bound_to.encode())
    except ValueError as cause:
        raise MianshenError("SEAL_BROKEN", found=f"{len(sealed)} bytes", where=bound_to) from cause
