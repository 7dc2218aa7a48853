"""SM3 and SM4: hash, keyed index and seal (GB/T 32905, GB/T 32907), from OpenSSL through `cryptography`.

OpenSSL is no certified module: a site that needs one replaces this file's four functions (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mianshen.core.errors import MianshenError

NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 16
"""An SM4 key has 128 bits."""

Entropy = Callable[[int], bytes]
"""Gives so many random bytes; handed in, so that only the doors know where randomness comes from."""


def sm3(content: bytes, /) -> str:
    """SM3 of the bytes as 64 hexadecimal digits; a `core.digest.Digest`."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def derive(secret: bytes, *, purpose: str) -> bytes:
    """An SM4 key for one purpose from a longer secret (HKDF over SM3)."""
    return HKDF(algorithm=hashes.SM3(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


class Tagger:
    """Keyed digests (HMAC-SM3) of canonical values: equal values give equal tags, nobody without the key can try them out."""

    def __init__(self, key: bytes) -> None:
        self._base = hmac.HMAC(key, hashes.SM3())

    def tag(self, kind: str, value: str) -> str:
        """The value's tag as 64 hexadecimal digits; kinds never meet (`certno|…` differs from `account|…`)."""
        running = self._base.copy()
        running.update(f"{kind}|{value}".encode())
        return running.finalize().hex()


def seal(key: bytes, plain: bytes, *, bound_to: str, entropy: Entropy) -> bytes:
    """The bytes sealed with SM4-GCM: nonce, cipher text, tag. They open only under the same `bound_to`."""
    nonce = entropy(NONCE_BYTES)
    running = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    running.authenticate_additional_data(bound_to.encode())
    return nonce + running.update(plain) + running.finalize() + running.tag


class Sealer:
    """Seals many small things with one key; each is what `seal` would make of it, and `unseal` opens it."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def seal(self, plain: bytes, *, bound_to: str, nonce: bytes) -> bytes:
        """The bytes sealed under a nonce of NONCE_BYTES that was never used before with this key."""
        running = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        running.authenticate_additional_data(bound_to.encode())
        return nonce + running.update(plain) + running.finalize() + running.tag


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """What was sealed; MianshenError SEAL_BROKEN for a changed byte, another key or another owner."""
    nonce, body, tag = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-TAG_BYTES], sealed[-TAG_BYTES:]
    try:
        running = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        running.authenticate_additional_data(bound_to.encode())
        return running.update(body) + running.finalize()
    except (InvalidTag, ValueError) as cause:
        raise MianshenError("SEAL_BROKEN", found=f"{len(sealed)} bytes", where=bound_to) from cause
