"""Keys open only a private, whole key file; a seal opens only for its owner, unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.vault import sm
from mianshen.vault.keyring import make_keyring, open_keyring, write_keyring

Entropy = Callable[[int], bytes]


def test_sm3_gives_the_standard_value() -> None:
    assert sm.sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_tag_needs_the_key_and_the_kind() -> None:
    one = sm.Tagger(b"k" * 32, b"d" * 32)
    assert one.tag("certno", "1") == sm.Tagger(b"k" * 32, b"d" * 32).tag("certno", "1")
    assert len({one.tag("certno", "1"), one.tag("account", "1"), sm.Tagger(b"j" * 32, b"d" * 32).tag("certno", "1")}) == 3


def test_a_seal_opens_to_what_was_sealed(entropy: Entropy) -> None:
    key = entropy(16)
    sealed = sm.seal(key, b"content", bound_to="owner", entropy=entropy)
    assert b"content" not in sealed
    assert sm.unseal(key, sealed, bound_to="owner") == b"content"


@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_changed_byte_breaks_the_seal(entropy: Entropy, place: int) -> None:
    key = entropy(16)
    changed = bytearray(sm.seal(key, b"content", bound_to="owner", entropy=entropy))
    changed[place] ^= 1
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        sm.unseal(key, bytes(changed), bound_to="owner")


def test_a_seal_does_not_open_for_another_owner_or_key(entropy: Entropy) -> None:
    key = entropy(16)
    sealed = sm.seal(key, b"content", bound_to="owner", entropy=entropy)
    for other_key, owner in ((key, "another"), (entropy(16), "owner")):
        with pytest.raises(MianshenError, match="SEAL_BROKEN"):
            sm.unseal(other_key, sealed, bound_to=owner)


def test_too_few_bytes_are_no_seal(entropy: Entropy) -> None:
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        sm.unseal(entropy(16), b"short", bound_to="owner")


def test_a_new_key_file_is_private_and_opens_again(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "vault" / "keyring.json"
    made = make_keyring(path, entropy)
    assert path.stat().st_mode & 0o777 == 0o600
    opened = open_keyring(path)
    assert (opened.index_key, opened.data_key) == (made.index_key, made.data_key)
    assert opened.data_key.hex() not in path.read_text("utf-8"), "the data key lies wrapped"


def test_a_key_file_is_never_overwritten(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "keyring.json"
    make_keyring(path, entropy)
    before = path.read_bytes()
    with pytest.raises(MianshenError, match="KEYS_UNSAFE"):
        make_keyring(path, entropy)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_may_read_does_not_open(tmp_path: Path, entropy: Entropy, mode: int) -> None:
    path = tmp_path / "keyring.json"
    make_keyring(path, entropy)
    path.chmod(mode)
    with pytest.raises(MianshenError, match=f"KEYS_UNSAFE.*{mode:o}"):
        open_keyring(path)


def weakened(path: Path, entropy: Entropy, **keys: object) -> None:
    """The key file with other keys, wrapped as the house wraps them."""
    secret = bytes.fromhex(json.loads(path.read_text("utf-8"))["secret"])
    write_keyring(path, replace(open_keyring(path), **keys), secret=secret, is_kept_inside=True, entropy=entropy)


@pytest.mark.parametrize("which", ["index", "digest"])
def test_a_short_key_does_not_open(tmp_path: Path, entropy: Entropy, which: str) -> None:
    path = tmp_path / "keyring.json"
    make_keyring(path, entropy)
    short = entropy(31)
    weakened(path, entropy, **({"index_keys": {1: short}} if which == "index" else {"digest_key": short}))
    with pytest.raises(MianshenError, match=r"KEYS_UNSAFE.*31 bytes"):
        open_keyring(path)


def test_a_short_secret_does_not_open(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "keyring.json"
    make_keyring(path, entropy)
    body = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(body | {"secret": body["secret"][:62]}), "utf-8")
    with pytest.raises(MianshenError, match=r"KEYS_UNSAFE.*31 bytes"):
        open_keyring(path)


SOUND = "a secret that is long enough and kept elsewhere"


def test_a_key_file_whose_secret_is_kept_elsewhere_opens_nothing_alone(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "keyring.json"
    made = make_keyring(path, entropy, secret_from=lambda: f"{SOUND}\n")
    assert open_keyring(path, secret_from=lambda: SOUND).data_keys == made.data_keys
    whole = path.read_text("utf-8")
    assert not [key for key in (*made.index_keys.values(), *made.data_keys.values(), made.digest_key) if key.hex() in whole]
    with pytest.raises(MianshenError, match=r"KEYS_UNSAFE.*no secret"):
        open_keyring(path)
    with pytest.raises(MianshenError, match=r"KEYS_UNSAFE.*another secret"):
        open_keyring(path, secret_from=lambda: SOUND.upper())


@pytest.mark.parametrize(("secret", "found"), [("", "0 bytes"), ("x1" * 15, "30 bytes"), ("ab" * 40, "2 different bytes")])
def test_a_weak_secret_from_elsewhere_is_refused(tmp_path: Path, entropy: Entropy, secret: str, found: str) -> None:
    path = tmp_path / "keyring.json"
    with pytest.raises(MianshenError, match=rf"KEYS_UNSAFE.*{found}"):
        make_keyring(path, entropy, secret_from=lambda: secret)
    assert not path.exists()
    make_keyring(path, entropy, secret_from=lambda: SOUND)
    with pytest.raises(MianshenError, match=rf"KEYS_UNSAFE.*{found}"):
        open_keyring(path, secret_from=lambda: secret)


def test_a_missing_or_damaged_key_file_does_not_open(tmp_path: Path, entropy: Entropy) -> None:
    path = tmp_path / "keyring.json"
    with pytest.raises(MianshenError, match="no key file"):
        open_keyring(path)
    make_keyring(path, entropy)
    path.write_text("{}", "utf-8")
    with pytest.raises(MianshenError, match=r"KEYS_UNSAFE.*damaged"):
        open_keyring(path)


def test_keys_are_not_printed(tmp_path: Path, entropy: Entropy) -> None:
    made = make_keyring(tmp_path / "keyring.json", entropy)
    assert made.index_key.hex() not in repr(made) and repr(made.index_key) not in repr(made)
