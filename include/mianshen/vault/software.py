"""SM3 and SM4 in software, by OpenSSL through `cryptography`: no certified module (docs/howto/certified-module.md)."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mianshen.core.crypto import NONCE_BYTES, TAG_BYTES


class Software:
    """A `core.crypto.CryptoModule`; a key is its bytes."""

    def sm3(self, content: bytes, /) -> bytes:
        """SM3 of the bytes, 32 bytes."""
        digest = hashes.Hash(hashes.SM3())
        digest.update(content)
        return digest.finalize()

    def hmac_sm3(self, key: bytes, message: bytes, /) -> bytes:
        """HMAC-SM3 of the message, 32 bytes."""
        running = _keyed(key).copy()
        running.update(message)
        return running.finalize()

    def seal(self, key: bytes, plain: bytes, *, bound_to: bytes, nonce: bytes) -> bytes:
        """SM4-GCM: the nonce, the cipher text and the tag; `bound_to` is the associated data."""
        running = Cipher(_cipher(key), modes.GCM(nonce)).encryptor()
        running.authenticate_additional_data(bound_to)
        return nonce + running.update(plain) + running.finalize() + running.tag

    def open(self, key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
        """What was sealed; ValueError for a changed byte, another key or another owner."""
        nonce, body, tag = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-TAG_BYTES], sealed[-TAG_BYTES:]
        try:
            running = Cipher(_cipher(key), modes.GCM(nonce, tag)).decryptor()
            running.authenticate_additional_data(bound_to)
            return running.update(body) + running.finalize()
        except InvalidTag as cause:
            raise ValueError("the seal does not hold") from cause


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> hmac.HMAC:
    """The keyed state before any message: made once a key, copied for each message."""
    return hmac.HMAC(key, hashes.SM3())


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(key)
