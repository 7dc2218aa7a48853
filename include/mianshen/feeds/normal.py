"""Cells as the contract wants them, column by column; every change of a written cell is recorded with its field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Column, Contract, Kind
from mianshen.feeds.amounts import read_yuan
from mianshen.feeds.days import NOTHING, read_day
from mianshen.feeds.grid import LINE
from mianshen.feeds.plain import Signs, all_shaped, edge_bytes, edged, has_only, replaced, signs
from mianshen.feeds.words import fold, has_private, read_account, read_name, read_phone

FIX_SCHEMA = pa.schema([(LINE, pa.int64()), ("field", pa.string()), ("fix_code", pa.string())])
"""One row is one normalisation of one cell."""
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BLANKS = " \t\r\n\x1a\u00a0\u3000" + _INVISIBLE
"""What surrounds a cell without belonging to it."""

_DIGITS = signs("0123456789")
_AMOUNT = signs("0123456789.")
_CODE = signs("".join(chr(one) for one in range(33, 127) if chr(one) != "'"))
_ISO = ("0000-00-00", "0000-00-00 00:00:00")
_BLANK_FIRST, _BLANK_LAST = (edge_bytes(BLANKS, place) for place in (0, -1))
_DAY = r"^(\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?)?$"
_YUAN = r"^(-?\d{1,13}(\.\d+)?)?$"
_PLAIN_NAME = r"^[\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}]{0,8}$"
_PLAIN_TOWN = r"^.{0,4}(镇|乡|街道)?$"
_OFFICE = re.compile(r"^(.{1,20}(?:镇|乡))(?:人民)?政府$|^(.{1,20}?)(?:街道)?(?:办事处|街道办|街办)$")
_NUMBER = r"^[0-9]*$"
_LAND_LINE = re.compile(r"^0\d{2,3}-\d{7,8}$", re.ASCII)
"""The usual spelling of a land line has its dash."""
_ASCII = r"^[!-&(-~]*$"
_HYPHENS = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
"""Dashes that a word processor puts in the place of a hyphen."""

Change = tuple[str, str]
"""The new text and what was done to it; an empty code when nothing counts as done."""


class Cells:
    """The columns of a delivery while they are being normalised."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        """The rows so far."""
        self._fixes: list[pa.Table] = []

    @property
    def fixes(self) -> pa.Table:
        """Every change so far, by line."""
        if not self._fixes:
            return FIX_SCHEMA.empty_table()
        return pa.concat_tables(self._fixes).sort_by([(LINE, "ascending"), ("field", "ascending"), ("fix_code", "ascending")])

    def trim(self, name: str) -> None:
        """Take away what surrounds the column's cells."""
        cells = self.table[name].combine_chunks()
        maybe = edged(cells, first=_BLANK_FIRST, last=_BLANK_LAST)
        if not maybe.any():
            return
        trimmed = replaced(cells, maybe, lambda some: pc.utf8_trim(some, BLANKS))
        if pc.sum(pc.binary_length(trimmed)) == pc.sum(pc.binary_length(cells)):
            return
        self._note(pc.not_equal(cells, trimmed), name, "SPACES_REMOVED")
        self._put(name, trimmed)

    def change(self, name: str, *, usual: str, read: Callable[[str], Change]) -> None:
        """Read anew those distinct cells that do not match the usual spelling."""
        cells = self.table[name].combine_chunks()
        encoded = pc.dictionary_encode(cells)
        odd = pc.invert(pc.match_substring_regex(encoded.dictionary, usual)).take(encoded.indices)
        places = pc.indices_nonzero(odd)
        if len(places) == 0:
            return
        encoded = pc.dictionary_encode(cells.take(places))
        changes = [read(one) for one in encoded.dictionary.to_pylist()]
        texts = pa.array([text for text, _ in changes], pa.string()).take(encoded.indices)
        codes = pa.array([code or None for _, code in changes], pa.string()).take(encoded.indices)
        self._put(name, pc.replace_with_mask(cells, odd, texts))
        lines = self.table[LINE].combine_chunks().take(places)
        noted = pa.table({LINE: lines, "field": pa.array([name] * len(places), pa.string()), "fix_code": codes})
        self._fixes.append(noted.filter(pc.is_valid(noted["fix_code"])).cast(FIX_SCHEMA))

    def _note(self, changed: pa.ChunkedArray, name: str, code: str) -> None:
        lines = self.table[LINE].filter(changed)
        named = {"field": pa.array([name] * len(lines), pa.string()), "fix_code": pa.array([code] * len(lines), pa.string())}
        self._fixes.append(pa.table({LINE: lines, **named}).cast(FIX_SCHEMA))

    def _put(self, name: str, cells: pa.ChunkedArray) -> None:
        self.table = self.table.set_column(self.table.column_names.index(name), name, cells)

    def has_only(self, name: str, signs: Signs) -> bool:
        """Whether the column's bytes are all among these: a test much quicker than a pattern."""
        return has_only(self.table[name], signs)

    def has_shape(self, name: str, *shapes: str) -> bool:
        """Whether every cell of the column has the same one of these shapes."""
        cells = self.table[name].combine_chunks()
        return any(all_shaped(cells, shape) for shape in shapes)


def normalise(table: pa.Table, contract: Contract, names: Iterable[str]) -> tuple[pa.Table, pa.Table]:
    """The table with its named columns normalised, and what was changed: line_no, field, fix_code.

    Id numbers keep their spelling but for outer blanks: `identities` reads them.
    """
    cells = Cells(table)
    for name in names:
        column = contract.column(name)
        is_usual = _is_usual(cells, name, column.kind)
        if not is_usual:
            cells.trim(name)
        _normalise(cells, contract, column, is_usual=is_usual or _is_usual(cells, name, column.kind))
    return cells.table, cells.fixes


def _normalise(cells: Cells, contract: Contract, column: Column, *, is_usual: bool) -> None:
    name, kind = column.name, column.kind
    usual, read = _READERS.get(kind, ("", None))
    if read is not None and not is_usual:
        cells.change(name, usual=usual, read=read)
    if name == contract.category_column:
        _read_categories(cells, contract, name)
    if name == "town":
        cells.change(name, usual=_PLAIN_TOWN, read=_town)
    if column.renames:
        _rename(cells, name, column.renames)


def _is_usual(cells: Cells, name: str, kind: Kind) -> bool:
    """Whether a look at the column's bytes is enough to say that every cell is spelled as usual, without blanks around it."""
    if kind in (Kind.DATE, Kind.MOMENT):
        return cells.has_shape(name, *_ISO)
    return kind in _QUICK and cells.has_only(name, _QUICK[kind])


def _day(written: str) -> Change:
    found = read_day(written)
    return (written, "") if found is None else (found, "DATE_RESPELLED" if found else "")


def _yuan(written: str) -> Change:
    found = read_yuan(written)
    return found, "MONEY_RESPELLED" if found not in ("", "?") else ""


def _name(written: str) -> Change:
    """Names stay as written: what stands in the vault is read from them; only the change is recorded."""
    found = read_name(written)
    if has_private(written):
        return written, "NAME_MAPPED"
    return written, change_of(written, found.value) if found.value else ""


def _number(written: str, reader: Callable[[str], object]) -> Change:
    if written.lower() in NOTHING:
        return "", ""
    found = reader(written)
    value = str(getattr(found, "value", ""))
    if getattr(found, "is_doubtful", True) or _LAND_LINE.match(written):
        return written, ""
    return written, change_of(written, value)


def _town(written: str) -> Change:
    """The town behind the name of its office."""
    found = _OFFICE.match("".join(written.split()))
    if found is None:
        return written, ""
    return found[1] or f"{found[2].removesuffix('街道')}街道", "TOWN_RESPELLED"


def _code(written: str) -> Change:
    folded = "".join(unicodedata.normalize("NFKC", written).translate(_HYPHENS).split()).strip(BLANKS + "'‘’`")
    return folded, change_of(written, folded) if folded != written else ""


def _read_categories(cells: Cells, contract: Contract, name: str) -> None:
    words = {fold(word): word for word in contract.category_words}
    synonyms = {fold(word): meant for word, meant in contract.category_synonyms.items()}

    def read(written: str) -> Change:
        if written in contract.category_words:
            return written, ""
        folded = fold(written)
        meant = words.get(folded) or synonyms.get(folded)
        return (meant, "CATEGORY_RESPELLED") if meant else (written, "")

    cells.change(name, usual="^$", read=read)


def _rename(cells: Cells, name: str, renames: Mapping[str, str]) -> None:
    usual = "^(" + "|".join(sorted(set(renames.values()))) + ")?$"
    cells.change(
        name, usual=usual, read=lambda written: (renames[written], "DIVISION_RENAMED") if written in renames else (written, "")
    )


def change_of(written: str, value: str) -> str:
    """What was done to a written text to make it the value; empty when nothing was."""
    if written == value:
        return ""
    folded = unicodedata.normalize("NFKC", written)
    if any(one in written for one in "'‘’`＇"):
        return "APOSTROPHE_REMOVED"
    if unicodedata.normalize("NFC", written) == value:
        return "SPELLING_UNIFIED"
    if ("".join(folded.split()) != "".join(written.split()) and not value.isascii()) or (folded != written and value.isascii()):
        return "WIDTH_FOLDED"
    if len(value) < len(written):
        return "SPACES_REMOVED"
    return "SPELLING_UNIFIED"


_READERS: Mapping[Kind, tuple[str, Callable[[str], Change]]] = {
    Kind.DATE: (_DAY, _day),
    Kind.MOMENT: (_DAY, _day),
    Kind.MONEY: (_YUAN, _yuan),
    Kind.NAME: (_PLAIN_NAME, _name),
    Kind.ACCOUNT: (_NUMBER, lambda written: _number(written, read_account)),
    Kind.PHONE: (_NUMBER, lambda written: _number(written, read_phone)),
    Kind.CODE: (_ASCII, _code),
    Kind.INTEGER: (_ASCII, _code),
    Kind.RATIO: (_ASCII, _code),
}
"""The usual spelling of each kind, and how another is read."""
_QUICK = {
    Kind.MONEY: _AMOUNT,
    Kind.ACCOUNT: _DIGITS,
    Kind.PHONE: _DIGITS,
    Kind.CODE: _CODE,
    Kind.INTEGER: _CODE,
    Kind.RATIO: _CODE,
}
"""Bytes that alone are the usual spelling."""
