"""The leak search finds a canary wherever and however it was planted; only then are its zeros believed."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.leak import Hit, forms, search, search_text
from tests.unit.feeds.conftest import to_book

SECRET = "100999195003030015"
NAME = "欧阳瑾萱"


def in_parquet(secret: str) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": ["x", secret] * 9, "b": range(18)}), stream, compression="zstd")
    return stream.getvalue()


def in_duckdb(secret: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.duckdb"
        with duckdb.connect(str(made)) as connection:
            connection.execute("create table t as select i, ? || i as said from range(3000) r(i)", [f"{secret} of "])
        return made.read_bytes()


def in_zip(secret: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.csv.gz", gzip.compress(f"a,{secret}\n".encode()))
    return stream.getvalue()


CONTAINERS: dict[str, Callable[[str], bytes]] = {
    "plain.log": lambda secret: f"row of {secret}.".encode(),
    "gbk.csv": lambda secret: f"姓名,{secret}\n".encode("gb18030"),
    "wide.txt": lambda secret: f"{secret}".encode("utf-16"),
    "packed.csv.gz": lambda secret: gzip.compress(f"{secret}\n".encode()),
    "inner.zip": in_zip,
    "book.xlsx": lambda secret: to_book({"a": [["x", secret]]}),
    "lake.parquet": in_parquet,
    "task.duckdb": in_duckdb,
    "escaped.json": lambda secret: json.dumps({"found": secret}).encode(),
    "page.html": lambda secret: "".join(f"&#{ord(one)};" for one in secret).encode(),
    "amp.html": lambda secret: f"&amp;{secret[:3]}&#x{ord(secret[3]):x};{secret[4:]}".encode(),
    "hex.txt": lambda secret: secret.encode().hex().upper().encode(),
    "reversed.txt": lambda secret: secret[::-1].encode(),
    "paper.pdf": lambda secret: b"%PDF-1.7\nstream\n" + zlib.compress(secret.encode()) + b"\nendstream",
    **{
        f"base64_{lead}.txt": (lambda secret, lead=lead: base64.b64encode(b"?" * lead + secret.encode() + b"!"))
        for lead in range(4)
    },
}


@pytest.mark.parametrize("secret", [SECRET, NAME])
@pytest.mark.parametrize("name", CONTAINERS)
def test_a_canary_is_found_where_it_was_planted(tmp_path: Path, name: str, secret: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / name).write_bytes(CONTAINERS[name](secret))
    hits = search(tmp_path, {"canary": secret, "other": "100999195003030023"})
    assert {one.canary for one in hits} == {"canary"}
    assert all(one.place.startswith(f"deep/{name}") for one in hits)


def test_a_long_value_in_a_database_is_found(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("create table t (a text, b blob)")
    connection.execute("insert into t values (?, ?)", ("x" * 20_000 + SECRET + "y" * 20_000, NAME.encode()))
    connection.commit()
    connection.close()
    hits = search(tmp_path, {"number": SECRET, "name": NAME})
    assert {(one.canary, one.place) for one in hits} >= {("number", "a.db::t"), ("name", "a.db::t")}


def test_a_file_name_counts(tmp_path: Path) -> None:
    (tmp_path / f"{SECRET}.csv").write_bytes(b"")
    assert Hit(f"{SECRET}.csv::name", "canary", "plain") in search(tmp_path, {"canary": SECRET})


def test_clean_files_give_no_hit(tmp_path: Path) -> None:
    for name, make in CONTAINERS.items():
        (tmp_path / name).write_bytes(make("张三李四王五赵六"))
    assert search(tmp_path, {"number": SECRET, "name": NAME}) == []


def test_text_is_searched_in_every_form() -> None:
    for form, body in forms(SECRET).items():
        if form != "utf-16":
            assert search_text(f"found {body.decode('utf-8', 'ignore')} here", {"canary": SECRET}), form
    assert search_text("nothing here", {"canary": SECRET}) == []
