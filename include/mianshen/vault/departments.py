"""A department's own key of a person: two departments' extracts cannot be joined by whoever holds both and no key of ours."""

from __future__ import annotations

from collections.abc import Iterable

from mianshen.vault import sm
from mianshen.vault.keyring import Keyring

_SIGNS = 32


def department_keys(keyring: Keyring, person_keys: Iterable[str], *, department: str) -> dict[str, str]:
    """The department's key of each person by person_key: HMAC-SM3 under a key that is derived for this department alone.

    32 hexadecimal digits. The same department gets the same key of a person in every month, whatever keys were rotated.
    """
    own = sm.keyed(keyring.digest_key, f"department|{department}".encode())
    return {one: sm.keyed(own, one.encode()).hex()[:_SIGNS] for one in person_keys}


def department_key(keyring: Keyring, person_key: str, *, department: str) -> str:
    """The department's key of one person; see `department_keys`."""
    return department_keys(keyring, [person_key], department=department)[person_key]
