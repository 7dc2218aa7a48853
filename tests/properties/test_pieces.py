"""A text read in pieces is read as the whole text is, wherever a piece or a block ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stages.intake_county import pack

from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno
from mianshen.feeds import delimited
from mianshen.feeds.encodings import Source
from mianshen.feeds.reader import Landed, measure, read, read_blocks

CONTRACT = pack().contract("settlement")
HEADINGS = [one.name for one in CONTRACT.columns if one.is_required]
NUMBERS = [make_certno(born=date(1950, 2, day), serial=7, area="100999") for day in (1, 2)]
CELLS = st.one_of(
    st.sampled_from(["", "0.00", "247.6", "2026-10-05", " 张三 ", "某某街道\n卫生院", 'a"b', "𠀀䶮", "1,234.00", "１２", "100"]),
    st.text("0123456789张伟 ,;\t\"\n'元\u3000é", max_size=8),
)
LINES = st.sampled_from(["", "合计,,2", "制表人:张三", "a,b", ",".join("x" * 60), '"never ends', "\u00a0", "﹏", "1\x002"])


def delivered(draw: st.DrawFn) -> str:
    """A file of rows, some of them damaged, with lines between that are none."""
    lines = [",".join(HEADINGS)]
    for _ in range(draw(st.integers(0, 40))):
        if draw(st.integers(0, 11)) == 0:
            lines.append(draw(LINES))
            continue
        cells = {name: draw(CELLS) for name in draw(st.lists(st.sampled_from(HEADINGS), max_size=4))}
        row = [cells.get(name, ("certno" in name and draw(st.sampled_from(NUMBERS))) or "1.00") for name in HEADINGS]
        lines.append(",".join(_quoted(cell) for cell in row))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n"]))


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if any(sign in cell for sign in ',"\n') else cell


files = st.composite(delivered)()
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])


def in_pieces(content: bytes, size: int) -> Source:
    """The content in pieces of this many bytes."""
    return lambda: (content[start : start + size] for start in range(0, len(content), size))


def together(blocks: Iterator[Landed]) -> tuple[object, ...]:
    """What blocks say when they are put together."""
    every = list(blocks)
    tables = [pa.concat_tables(getattr(one, name) for one in every).to_pylist() for name in ("table", "passed", "fixes")]
    return (*tables, {(one.columns, one.extra_columns, one.months_in_title) for one in every})


def told(what: object) -> str:
    """A refusal as it is told."""
    return what.message() if isinstance(what, MianshenError) else ""


@settings(max_examples=120, deadline=None)
@given(text=files, encoding=ENCODINGS, size=st.integers(1, 3000), tail=st.sampled_from([b"", b"\xff", b"\xd5"]))
def test_pieces_are_read_as_the_whole(text: str, encoding: str, size: int, tail: bytes) -> None:
    content = text.encode(encoding) + tail
    with pytest.MonkeyPatch.context() as patched:
        try:
            whole: object = together(iter((read(content, contract=CONTRACT, where="f"),)))
        except MianshenError as error:
            whole = error
        patched.setattr(delimited, "BLOCK_BYTES", 2500 + size)
        source = in_pieces(content, size)
        try:
            pieces: object = read_blocks(source, together, contract=CONTRACT, where="f")
            counted = measure(source, contract=CONTRACT, where="f")
        except MianshenError as error:
            assert told(error) == told(whole)
            return
    assert pieces == whole
    assert isinstance(whole, tuple)
    assert (counted.records, counted.ignored) == (len(whole[0]), len(whole[1]))


def test_long_texts_come_in_blocks() -> None:
    row = ",".join(NUMBERS[0] if name == "certno" else "1.00" for name in HEADINGS)
    content = "\n".join((",".join(HEADINGS), *[row] * 300)).encode("gb18030")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delimited, "BLOCK_BYTES", 4096)
        blocks = read_blocks(in_pieces(content, 1000), lambda some: [one.records for one in some], contract=CONTRACT, where="f")
    assert sum(blocks) == 300
    assert len(blocks) > 5
