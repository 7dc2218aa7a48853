"""Where a secret can be read in a folder: any file, packed or not, in plain, hexadecimal, base64, escaped or reversed form.

A search is believed only after it has found its canaries where they were planted.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow.parquet as pq

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A canary that can be read."""

    place: str
    """File, and the member, table or column inside it."""
    canary: str
    """Its label, never the secret itself."""
    form: str
    """plain | gb18030 | utf-16 | hex | base64 | escaped | entities | reversed | reversed, escaped."""


class Told(Protocol):
    """A canary as the generator planted it."""

    certno: str
    name: str
    phone: str
    account: str
    psn_no: str
    written: Sequence[str]


def secrets_of(canaries: Sequence[Told]) -> dict[str, str]:
    """What must stay behind the vault of these people, by label: `name 0`, and `way 1 0` for one way in which it was written."""
    return {
        f"{what} {number}": value
        for number, one in enumerate(canaries)
        for what, value in (
            *((what, getattr(one, what)) for what in ("certno", "name", "phone", "account", "psn_no")),
            *((f"way {way}", text) for way, text in enumerate(one.written)),
        )
    }


def search(folder: Path, canaries: Mapping[str, str]) -> list[Hit]:
    """Every hit in every file below the folder, and in the files' names; canaries are secrets by label."""
    looked_for = {(label, form): body for label, secret in canaries.items() for form, body in forms(secret).items()}
    hits = set()
    for path in sorted(folder.rglob("*")):
        place = str(path.relative_to(folder))
        views = [("", place.encode())] if not path.is_file() else [("name", place.encode()), *_views(path)]
        for inside, body in views:
            hits |= {Hit(f"{place}::{inside}".removesuffix("::"), *which) for which, form in looked_for.items() if form in body}
    return sorted(hits)


def search_text(text: str, canaries: Mapping[str, str]) -> list[Hit]:
    """Every hit in a text: logs, rendered fields, exceptions."""
    body = text.encode()
    return sorted(
        Hit("text", label, form) for label, secret in canaries.items() for form, found in forms(secret).items() if found in body
    )


def forms(secret: str) -> dict[str, bytes]:
    """The byte strings by which the secret gives itself away."""
    plain = secret.encode()
    found = {
        "plain": plain,
        "gb18030": secret.encode("gb18030"),
        "utf-16": secret.encode("utf-16-le"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "escaped": json.dumps(secret)[1:-1].encode(),
        "entities": "".join(f"&#{ord(one)};" for one in secret).encode(),
        "reversed": secret[::-1].encode(),
        "reversed, escaped": json.dumps(secret[::-1])[1:-1].encode(),
    }
    for shift in range(3):
        found[f"base64+{shift}"] = _base64_core(plain, shift)
    return found


def _base64_core(plain: bytes, shift: int) -> bytes:
    """The part of the base64 text that does not depend on what stands around the secret, `shift` bytes into a group."""
    encoded = base64.b64encode(b"\x00" * shift + plain)
    first = -(-shift * 8 // 6)
    last = (shift + len(plain)) * 8 // 6
    return encoded[first:last]


def _views(path: Path) -> Iterator[tuple[str, bytes]]:
    body = path.read_bytes()
    if body.startswith(b"SQLite format 3\x00"):
        yield from _tables(path)
    if body[8:12] == b"DUCK":
        yield from _duck_tables(path)
    yield from _unpacked("", body)


def _unpacked(inside: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves and everything packed in them."""
    yield inside, body
    if body.startswith(b"\x1f\x8b"):
        yield from _unpacked(f"{inside}gz/", gzip.decompress(body))
    elif body.startswith(b"PK\x03\x04") and zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.namelist():
                yield from _unpacked(f"{inside}{member}/", archive.read(member))
    elif body.startswith(b"PAR1"):
        yield from _columns(inside, body)
    elif body.startswith(b"%PDF"):
        yield from _streams(inside, body)
    elif b"&#" in body or b"&amp;" in body:
        yield f"{inside}unescaped", html.unescape(body.decode("utf-8", "replace")).encode()


def _columns(inside: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    table = pq.read_table(io.BytesIO(body))
    for name in table.column_names:
        yield f"{inside}{name}", "\n".join(str(one) for one in table[name].to_pylist()).encode()


def _streams(inside: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    for number, stream in enumerate(_STREAM.findall(body)):
        try:
            yield f"{inside}stream {number}", zlib.decompress(stream)
        except zlib.error:
            continue


def _duck_tables(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every table's cells of a DuckDB file, which lie packed on the disk."""
    with duckdb.connect(str(path), read_only=True) as connection:
        for schema, name in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            cells = (str(cell) for row in connection.execute(f'from "{schema}"."{name}"').fetchall() for cell in row)
            yield name, "\n".join(cells).encode()


def _tables(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every table's cells as text: a long value lies in pieces on the disk."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            cells = (cell for row in connection.execute(f'select * from "{name}"') for cell in row)
            yield name, b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    finally:
        connection.close()
