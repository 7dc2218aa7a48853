"""Content hashes: SHA-256 for content and keys; the audit chain takes its digest as a value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class Digest(Protocol):
    """A hash of bytes, as hexadecimal text. The vault hands in SM3; SHA-256 stands here."""

    def __call__(self, content: bytes, /) -> str:
        """Hexadecimal hash of the content."""


def sha256_hex(content: bytes) -> str:
    """SHA-256 of the bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def canonical_json(value: object) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8. Raises TypeError for what JSON cannot say."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def short_id(prefix: str, *parts: object) -> str:
    """A deterministic id: the prefix and 24 hexadecimal digits of the parts' hash."""
    return prefix + sha256_hex(canonical_json([str(part) for part in parts]))[:24]


def run_id(*, stage: str, county: str, month: str, inputs: Iterable[str], plan: str, code: str, as_of: str) -> str:
    """The name of a run folder: equal inputs give an equal name, no wall time inside (docs/adr/0003)."""
    body = {
        "stage": stage,
        "county": county,
        "month": month,
        "inputs": sorted(inputs),
        "plan": plan,
        "code": code,
        "as_of": as_of,
    }
    return sha256_hex(canonical_json(body))[:32]
