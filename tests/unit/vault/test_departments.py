"""Extracts of two departments cannot be joined: each has a key of its own for a person, the same in every month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mianshen.vault.departments import department_key, department_keys
from mianshen.vault.keyring import make_keyring, with_new_keys
from mianshen.vault.newcomers import new_keys

Entropy = Callable[[int], bytes]


def test_each_department_has_another_key_of_a_person_and_keeps_it(tmp_path: Path, entropy: Entropy) -> None:
    keyring = make_keyring(tmp_path / "keyring.json", entropy)
    people = new_keys(200, entropy)
    ours, theirs = (department_keys(keyring, people, department=one) for one in ("civil_affairs", "health"))
    assert len({*people, *ours.values(), *theirs.values()}) == 3 * len(people)
    assert department_keys(keyring, reversed(people), department="civil_affairs") == ours
    assert department_key(keyring, people[0], department="health") == theirs[people[0]]


def test_whoever_lacks_the_key_cannot_try_keys_out(tmp_path: Path, entropy: Entropy) -> None:
    keyring = make_keyring(tmp_path / "keyring.json", entropy)
    (person,) = new_keys(1, entropy)
    guessed = replace(keyring, digest_key=entropy(32))
    assert department_key(guessed, person, department="health") != department_key(keyring, person, department="health")


def test_a_new_index_or_data_key_leaves_departments_keys_alone(tmp_path: Path, entropy: Entropy) -> None:
    keyring = make_keyring(tmp_path / "keyring.json", entropy)
    (person,) = new_keys(1, entropy)
    rotated = with_new_keys(keyring, index=True, data=True, entropy=entropy)
    rotated = replace(rotated, index_version=2, data_version=2)
    assert department_key(rotated, person, department="health") == department_key(keyring, person, department="health")
