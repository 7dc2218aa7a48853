"""A vault in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mianshen.vault.custody import Custody
from mianshen.vault.keyring import Keyring, make_keyring
from mianshen.vault.register import Register, create
from mianshen.warehouse.connect import open_database


@dataclass(frozen=True)
class Vault:
    """Keys, register and custody of one home."""

    folder: Path
    keyring: Keyring
    register: Register
    custody: Custody


@pytest.fixture
def vault(tmp_path: Path, entropy: Callable[[int], bytes]) -> Vault:
    keyring = make_keyring(tmp_path / "keyring.json", entropy)
    engine = open_database(f"sqlite:///{tmp_path / 'vault.db'}")
    create(engine)
    return Vault(tmp_path, keyring, Register(engine, keyring), Custody(tmp_path, engine, keyring))
