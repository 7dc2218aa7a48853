"""Strange bytes are stopped before a reader opens them."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from tests.unit.feeds.conftest import to_book

from mianshen.core.errors import MianshenError
from mianshen.feeds import guard
from mianshen.feeds.guard import Shape, unpack


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return stream.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(MianshenError) as caught:
        unpack(content, where="f")
    return caught.value.code


def test_what_it_is_follows_from_the_bytes() -> None:
    book = to_book({"a": [["x"]]})
    assert unpack(b"a,b\n", where="f").shape is Shape.TEXT
    assert unpack(book, where="f").shape is Shape.BOOK
    assert unpack(gzip.compress(b"a,b\n"), where="f").content == b"a,b\n"
    assert unpack(packed({"inner.csv": b"a,b\n"}), where="f").content == b"a,b\n"
    assert unpack(packed({"inner.xlsx": book}), where="f").shape is Shape.BOOK


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\x00" * 9])
def test_nothing_is_empty(content: bytes) -> None:
    assert refused(content) == "FILE_EMPTY"


def test_damaged_archives_are_unreadable() -> None:
    whole = gzip.compress(b"a,b\n" * 100)
    assert refused(whole[:-9]) == "FILE_UNREADABLE"
    assert refused(whole[:20] + bytes([whole[20] ^ 255]) + whole[21:]) == "FILE_UNREADABLE"
    book = to_book({"a": [["x"] * 20] * 20})
    assert refused(book[: len(book) // 2]) == "FILE_UNREADABLE"
    assert refused(b"PK\x03\x04" + b"\x00" * 60) == "FILE_UNREADABLE"


def test_an_archive_of_several_files_or_of_archives_is_not_guessed() -> None:
    assert refused(packed({"a.csv": b"1", "b.csv": b"2"})) == "ARCHIVE_SEVERAL"
    assert refused(packed({})) == "ARCHIVE_SEVERAL"
    assert refused(packed({"a.zip": packed({"b.csv": b"1"})})) == "ARCHIVE_SEVERAL"


def test_a_bomb_is_stopped_while_it_grows() -> None:
    assert refused(gzip.compress(b"\n" * (guard.FREE_BYTES * 2))) == "FILE_TOO_LARGE"
    assert refused(packed({"[Content_Types].xml": b"x", "xl/a.xml": b" " * (guard.FREE_BYTES * 2)})) == "FILE_TOO_LARGE"


def test_a_document_type_declaration_is_refused() -> None:
    evil = packed({"[Content_Types].xml": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x/>"})
    assert refused(evil) == "FILE_UNREADABLE"
