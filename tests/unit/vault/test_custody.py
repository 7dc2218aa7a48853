"""What arrived lies sealed under its hash, once, and comes out as it came in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from tests.unit.vault.conftest import Vault

from mianshen.core.errors import MianshenError

Entropy = Callable[[int], bytes]
CONTENT = "姓名,身份证号\n甲某,100999\n".encode() * 500


def test_landed_bytes_come_out_as_they_came_in(vault: Vault, entropy: Entropy) -> None:
    name = vault.custody.land(CONTENT, at="2026-11-03", entropy=entropy)
    assert name == hashlib.sha256(CONTENT).hexdigest()
    assert vault.custody.open(name) == CONTENT


def test_they_lie_sealed_private_and_whole(vault: Vault, entropy: Entropy) -> None:
    name = vault.custody.land(CONTENT, at="2026-11-03", entropy=entropy)
    path = vault.folder / f"{name}.sealed"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "甲某".encode() not in path.read_bytes()
    assert not list(vault.folder.glob(".tmp-*"))


def test_the_same_bytes_again_change_nothing(vault: Vault, entropy: Entropy) -> None:
    name = vault.custody.land(CONTENT, at="2026-11-03", entropy=entropy)
    before = (vault.folder / f"{name}.sealed").read_bytes()
    assert vault.custody.land(CONTENT, at="2026-11-04", entropy=entropy) == name
    assert (vault.folder / f"{name}.sealed").read_bytes() == before


def test_bytes_whose_file_is_gone_are_landed_again(vault: Vault, entropy: Entropy) -> None:
    name = vault.custody.land(CONTENT, at="2026-11-03", entropy=entropy)
    (vault.folder / f"{name}.sealed").unlink()
    with pytest.raises(MianshenError, match="CUSTODY_MISSING"):
        vault.custody.open(name)
    vault.custody.land(CONTENT, at="2026-11-04", entropy=entropy)
    assert vault.custody.open(name) == CONTENT


def test_a_changed_file_does_not_open(vault: Vault, entropy: Entropy) -> None:
    name = vault.custody.land(CONTENT, at="2026-11-03", entropy=entropy)
    path = vault.folder / f"{name}.sealed"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        vault.custody.open(name)


def test_a_file_put_in_anothers_place_does_not_open(vault: Vault, entropy: Entropy) -> None:
    one, two = (vault.custody.land(content, at="2026-11-03", entropy=entropy) for content in (CONTENT, b"other"))
    (vault.folder / f"{two}.sealed").replace(vault.folder / f"{one}.sealed")
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        vault.custody.open(one)
