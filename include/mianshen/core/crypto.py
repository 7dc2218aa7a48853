"""The four cryptographic acts of the house, and the slot for a certified module that does them (docs/howto/certified-module.md).

Everything that is hashed with SM3, keyed, sealed or opened goes through one module. Software does it unless a package that is
installed beside the house names another in its entry point `mianshen.crypto`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol, cast

from mianshen.core.errors import MianshenError

GROUP = "mianshen.crypto"
"""Entry point group by which a certified module is found: one entry, a callable without arguments that gives the module."""
KEY_BYTES = 16
"""An SM4 key has 128 bits."""
NONCE_BYTES = 12
"""Length of a seal's nonce."""
TAG_BYTES = 16
"""Length of a seal's tag."""
HASH_BYTES = 32
"""SM3 gives 256 bits."""


class CryptoModule(Protocol):
    """SM3 and SM4 as the house uses them (GB/T 32905, GB/T 32907). A device may take handles where software takes keys."""

    def sm3(self, content: bytes, /) -> bytes:
        """SM3 of the bytes, 32 bytes."""

    def hmac_sm3(self, key: bytes, message: bytes, /) -> bytes:
        """HMAC-SM3 of the message, 32 bytes."""

    def seal(self, key: bytes, plain: bytes, *, bound_to: bytes, nonce: bytes) -> bytes:
        """SM4-GCM: the nonce, the cipher text and the tag; `bound_to` is the associated data."""

    def open(self, key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
        """What was sealed; ValueError for a changed byte, another key or another owner."""


_USED: list[CryptoModule] = []


def certified() -> CryptoModule | None:
    """The module that takes the place of software here; None when software does the work.

    MianshenError CRYPTO_AMBIGUOUS when several packages name one: which of them was assessed is not for the house to guess.
    """
    return _USED[-1] if _USED else _installed()


@contextmanager
def using(module: CryptoModule) -> Iterator[None]:
    """Everything inside goes through this module."""
    _USED.append(module)
    try:
        yield
    finally:
        _USED.remove(module)


@cache
def _installed() -> CryptoModule | None:
    found = sorted(entry_points(group=GROUP), key=lambda one: one.value)
    if len(found) > 1:
        raise MianshenError("CRYPTO_AMBIGUOUS", found=", ".join(one.value for one in found), where=GROUP)
    return cast("CryptoModule", found[0].load()()) if found else None
