"""A certified module may take software's place: whatever the house hashes, keys, seals or opens goes through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mianshen.core import crypto
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno
from mianshen.vault import sm
from mianshen.vault.custody import Custody
from mianshen.vault.departments import department_key
from mianshen.vault.keyring import make_keyring
from mianshen.vault.records import Fact
from mianshen.vault.register import Register, create
from mianshen.vault.software import Software
from mianshen.warehouse.audit import sm3_hex
from mianshen.warehouse.connect import open_database

Entropy = Callable[[int], bytes]
ONE = make_certno(born=date(1950, 3, 3), serial=1)
AT = datetime(2026, 11, 3, 9, tzinfo=ZONE)


class Device:
    """A second implementation: keys stay inside, what comes out is marked, so that nothing made elsewhere would open."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def sm3(self, content: bytes, /) -> bytes:
        self.calls["sm3"] += 1
        digest = hashes.Hash(hashes.SM3())
        digest.update(b"device" + content)
        return digest.finalize()

    def hmac_sm3(self, key: bytes, message: bytes, /) -> bytes:
        self.calls["hmac_sm3"] += 1
        running = hmac.HMAC(key, hashes.SM3())
        running.update(b"device" + message)
        return running.finalize()

    def seal(self, key: bytes, plain: bytes, *, bound_to: bytes, nonce: bytes) -> bytes:
        self.calls["seal"] += 1
        running = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        running.authenticate_additional_data(b"device" + bound_to)
        return b"device" + nonce + running.update(plain) + running.finalize() + running.tag

    def open(self, key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
        self.calls["open"] += 1
        if not sealed.startswith(b"device"):
            raise ValueError("not sealed by this device")
        nonce, body, tag = sealed[6:18], sealed[18:-16], sealed[-16:]
        running = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        running.authenticate_additional_data(b"device" + bound_to)
        return running.update(body) + running.finalize()


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device()
    with crypto.using(made):
        yield made


def test_keys_persons_custody_departments_and_the_audit_chain_go_through_the_device(
    tmp_path: Path, entropy: Entropy, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for act in ("sm3", "hmac_sm3", "seal", "open"):
        monkeypatch.setattr(Software, act, _refused)
    keyring = make_keyring(tmp_path / "keyring.json", entropy)
    assert device.calls == {"hmac_sm3": 4, "seal": 3, "open": 3}, "the three keys are wrapped and unwrapped by it"

    engine = open_database(f"sqlite:///{tmp_path / 'vault.db'}")
    create(engine)
    register = Register(engine, keyring)
    device.calls.clear()
    key = register.record({ONE: [Fact("name", "list_a", "甲某", "2026-10")]}, entropy=entropy).keys[ONE]
    assert device.calls == {"hmac_sm3": 3, "seal": 1}, "the number, the name, the number's beginning with the name; one record"
    said = {"purpose": "test", "recipient": "nobody", "actor": "tester", "anchor": lambda _: None}
    people = register.open_persons([key], fields=["name"], at=AT, **said)
    assert people[key].name == "甲某" and device.calls["open"] == 1

    custody = Custody(tmp_path, engine, keyring)
    device.calls.clear()
    assert custody.open(custody.land(b"bytes", at="2026-11-03", entropy=entropy)) == b"bytes"
    assert device.calls == {"seal": 1, "open": 1}

    device.calls.clear()
    department_key(keyring, key, department="health")
    assert sm3_hex(b"row") == device.sm3(b"row").hex() == sm.sm3(b"row")
    assert device.calls == {"hmac_sm3": 2, "sm3": 3}


def test_what_software_sealed_the_device_refuses_and_the_other_way_round(entropy: Entropy) -> None:
    key = entropy(16)
    by_software = sm.seal(key, b"content", bound_to="owner", entropy=entropy)
    with crypto.using(Device()):
        by_device = sm.seal(key, b"content", bound_to="owner", entropy=entropy)
        with pytest.raises(MianshenError, match="SEAL_BROKEN"):
            sm.unseal(key, by_software, bound_to="owner")
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        sm.unseal(key, by_device, bound_to="owner")


def test_a_wrapping_key_is_what_the_library_derives(entropy: Entropy) -> None:
    secret = entropy(32)
    expected = HKDF(algorithm=hashes.SM3(), length=16, salt=None, info=b"mianshen|wrap").derive(secret)
    assert sm.derive(secret, purpose="mianshen|wrap") == expected


def test_an_installed_package_fills_the_slot_and_two_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = EntryPoint(name="sdf", value=f"{__name__}:Device", group=crypto.GROUP)
    other = EntryPoint(name="hsm", value=f"{__name__}:Other", group=crypto.GROUP)
    found = [one]
    monkeypatch.setattr(crypto, "entry_points", lambda *, group: found if group == crypto.GROUP else [])
    crypto._installed.cache_clear()
    try:
        assert isinstance(sm.module(), Device)
        assert sm.module() is sm.module(), "one device a process"
        found.append(other)
        crypto._installed.cache_clear()
        with pytest.raises(MianshenError, match="CRYPTO_AMBIGUOUS"):
            sm.module()
    finally:
        crypto._installed.cache_clear()


def _refused(*_args: object, **_kwargs: object) -> bytes:
    raise AssertionError("software did what the device should do")
