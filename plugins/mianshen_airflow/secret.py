"""The secret that wraps the vault's keys, from an Airflow connection: masked in every form before anything else sees it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress

from mianshen.core.errors import MianshenError
from mianshen.core.paths import SecretSource

SHORTEST = 8
"""A shorter piece is not masked: it would blot out words."""


def password_of(conn_id: str) -> str:
    """The connection's password, by whatever secrets backend Airflow has; MianshenError KEYS_UNSAFE without one.

    Only the password: Airflow masks it of itself, and stores it encrypted where it stores it. Nothing of a connection's extra
    is read, which is neither.
    """
    from airflow.sdk import BaseHook

    password = BaseHook.get_connection(conn_id).password
    if not password:
        raise MianshenError("KEYS_UNSAFE", found="no password", where=f"connection {conn_id}")
    return str(password)


def masked(source: SecretSource) -> str:
    """The secret, after Airflow was told to blot out each of its forms in logs, rendered fields and exceptions."""
    from airflow.sdk.log import mask_secret

    secret = source().strip()
    for form in forms(secret):
        mask_secret(form)
    return secret


def forms(secret: str) -> list[str]:
    """How the secret can be written: plain, in halves, reversed, hexadecimal, base64 at each place in a group of three bytes."""
    plain = secret.encode()
    half = len(secret) // 2
    found = {secret, secret[::-1], secret[:half], secret[half:], plain.hex(), plain.hex().upper(), repr(plain)[2:-1]}
    for shift in range(3):
        found |= {_core(plain, shift, encode) for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    with suppress(ValueError):  # a secret that is hexadecimal itself may be written as what it stands for
        found |= {base64.b64encode(bytes.fromhex(secret)).decode().rstrip("=")}
    return sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True)


def _core(plain: bytes, shift: int, encode: Callable[[bytes], bytes]) -> str:
    """The part of the base64 text that does not depend on what stands around the secret, `shift` bytes into a group."""
    encoded = encode(b"\x00" * shift + plain)
    return encoded[-(-shift * 8 // 6) : (shift + len(plain)) * 8 // 6].decode()
