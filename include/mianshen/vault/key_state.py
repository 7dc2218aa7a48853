"""With which keys the vault is written: told in the vault, so that nobody writes with keys that were exchanged meanwhile."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from mianshen.core.errors import MianshenError
from mianshen.vault.keyring import Keyring
from mianshen.vault.tables import KEY_STATE


def state(connection: Connection, *, is_mine: bool = False) -> RowMapping:
    """The one row of key_state, kept from being changed while this transaction lasts; `is_mine`: nor read by others."""
    return connection.execute(select(KEY_STATE).with_for_update(read=not is_mine)).mappings().one()


def require_current(connection: Connection, keyring: Keyring) -> None:
    """MianshenError KEYS_ROTATING while keys are exchanged; KEYS_CHANGED when the vault is written with others than these."""
    found = state(connection)
    if found["is_rotating"]:
        raise MianshenError("KEYS_ROTATING", found=f"up to {found['done_to'] or 'nobody'}", where=KEY_STATE.name)
    standing, mine = (found["index_version"], found["data_version"]), (keyring.index_version, keyring.data_version)
    if standing != mine:
        raise MianshenError("KEYS_CHANGED", found=f"versions {standing}, keys {mine}", where=KEY_STATE.name)
