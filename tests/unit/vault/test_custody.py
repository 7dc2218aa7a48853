"""What arrived lies sealed under its hash, once, and comes out as it came in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from tests.unit.vault.conftest import Vault

from mianshen.core.errors import MianshenError
from mianshen.vault.segments import SEGMENT_BYTES

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


LONG = b"".join(f"{number},line of a long file\n".encode() for number in range(400_000))


def test_a_long_file_is_sealed_and_opened_piece_by_piece(vault: Vault, entropy: Entropy) -> None:
    steps = (LONG[:7], LONG[7:5_000_000], LONG[5_000_000:])
    name = vault.custody.land(lambda: steps, at="2026-11-03", entropy=entropy)
    pieces = list(vault.custody.pieces(name))
    assert len(pieces) > 2 and max(map(len, pieces)) == SEGMENT_BYTES
    assert b"".join(pieces) == LONG and hashlib.sha256(LONG).hexdigest() == name


@pytest.mark.parametrize("content", [b"", b"x", LONG[:SEGMENT_BYTES], LONG[: 2 * SEGMENT_BYTES], LONG[: SEGMENT_BYTES + 1]])
def test_bytes_of_every_length_come_out_whole(vault: Vault, entropy: Entropy, content: bytes) -> None:
    name = vault.custody.land(content, at="2026-11-03", entropy=entropy)
    assert vault.custody.open(name) == content


def test_segments_that_are_cut_off_doubled_or_exchanged_do_not_open(vault: Vault, entropy: Entropy) -> None:
    name = vault.custody.land(LONG, at="2026-11-03", entropy=entropy)
    path = vault.folder / f"{name}.sealed"
    whole = path.read_bytes()
    mark, parts, place = whole[:4], [], 4
    while place < len(whole):
        end = place + 4 + int.from_bytes(whole[place : place + 4], "big")
        parts.append(whole[place:end])
        place = end
    assert len(parts) > 2 and mark + b"".join(parts) == whole
    damaged = (parts[:-1], parts[1:], [*parts, parts[-1]], [parts[1], parts[0], *parts[2:]], [parts[0][:-1]], [])
    for some in damaged:
        path.write_bytes(mark + b"".join(some))
        with pytest.raises(MianshenError, match="SEAL_BROKEN"):
            vault.custody.open(name)


def test_a_file_that_changes_while_it_is_read_is_not_landed(vault: Vault, entropy: Entropy) -> None:
    readings = iter(((b"first",), (b"second",)))
    with pytest.raises(MianshenError, match="FILE_UNREADABLE"):
        vault.custody.land(lambda: next(readings), at="2026-11-03", entropy=entropy)
    assert not list(vault.folder.glob("*.sealed")) and not list(vault.folder.glob(".tmp-*"))
