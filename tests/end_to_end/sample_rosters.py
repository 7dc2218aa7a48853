"""The third-party sample's lists beside their answer key: who is a member when, which fault stands where, and a repaired copy."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from tests.stages.intake_county import Intake

from mianshen.feeds.fixes import FIX_CODES
from mianshen.feeds.grid import LINE
from mianshen.feeds.identities import identify
from mianshen.feeds.reader import read

LISTS = {
    "minzheng": "minzheng_shehuijiuzhu",
    "ertong": "minzheng_ertong",
    "xiangcun": "xiangcun_tuopin_jiance",
    "canlian": "canlian_zhongdu",
    "tuiyi": "tuiyi_youfu",
    "gonghui": "gonghui_kunnanzhigong",
    "zuzhi": "zuzhibu_kunnandangyuan",
}
"""The key's departments to the pack's lists."""
OF_LIST = {
    "canlian": "ZHONGDU_CANJI",
    "tuiyi": "ZHONGDIAN_YOUFU",
    "zuzhi": "KUNNAN_DANGYUAN",
    "gonghui": "KUNNAN_ZHIGONG",
    "ertong": "KUNJING_ERTONG",
}
"""Departments whose list has one category."""
WORDS = (
    ("脱贫户", "TUOPIN"),
    ("脱贫不稳定户", "FANPIN_JIANCE"),
    ("边缘易致贫户", "FANPIN_JIANCE"),
    ("突发严重困难户", "FANPIN_JIANCE"),
    ("特困", "TEKUN"),
    ("低保边缘", "DIBAO_BIANYUAN"),
    ("低保", "DIBAO"),
    ("刚性支出困难", "ZHICHU_KUNNAN"),
)
"""The key's words to the pack's categories, the first that the word holds."""
MONTHS = tuple(f"2026-{number:02d}" for number in range(6, 12))
"""The months that were delivered."""
ENCODINGS = {".gbk.csv": ("gb18030", ","), ".bom.csv": ("utf-8-sig", ","), ".tsv": ("gb18030", "\t")}
"""How a text file is written, by the end of its name."""
NUMBERS = frozenset({"身份证号", "身份证号码", "证件号码", "公民身份号码"})
NAMES = frozenset({"姓名", "儿童姓名", "党员姓名", "职工姓名"})

Member = tuple[str, str, str, str]
"""Month, list, id number, category."""
Place = tuple[str, str, str]
"""Month, list, true id number: where the key plants a fault."""


@dataclass(frozen=True)
class Key:
    """The answer key of the lists."""

    members: frozenset[Member]
    """Who is in which category, month by month."""
    names: Mapping[str, str]
    """Name by id number."""
    kinds: Mapping[Place, frozenset[str]]
    """Kinds of fault planted."""

    def places(self, kind: str) -> set[Place]:
        """Where a kind of fault was planted."""
        return {place for place, own in self.kinds.items() if kind in own}


@dataclass(frozen=True)
class Delivered:
    """One row of a delivered list."""

    month: str
    list_code: str
    line_no: int
    number: str
    """As written, the disability card included."""
    name: str
    """As written."""
    certno: str | None
    """The canonical number that the product read; None when it set the row aside."""
    category_code: str | None
    is_repeat: bool
    reason_code: str | None
    said: frozenset[str]
    """Fixes and flags that the product recorded."""


@dataclass
class Book:
    """A delivered file that can be read and written again with other numbers and names."""

    path: Path
    rows: list[list[Any]] = field(default_factory=list)
    """Every line as cells, the headings among them."""

    @classmethod
    def read(cls, path: Path) -> Book:
        """The file's lines."""
        if path.suffix == ".xlsx":
            sheet = openpyxl.load_workbook(path).worksheets[0]
            return cls(path, [[cell.value for cell in row] for row in sheet.iter_rows()])
        encoding, delimiter = next(how for end, how in ENCODINGS.items() if path.name.endswith(end))
        text = path.read_bytes().decode(encoding)
        return cls(path, list(csv.reader(io.StringIO(text), delimiter=delimiter)))

    def columns(self) -> tuple[int, int]:
        """Where the number (or the disability card) and the name stand."""
        heading = next(row for row in self.rows if {"姓名", *NAMES} & set(map(str, row)) and len(row) > 2)
        numbers = NUMBERS | {"残疾人证号"}
        return next(i for i, one in enumerate(heading) if one in numbers), next(
            i for i, one in enumerate(heading) if one in NAMES
        )

    def cell(self, line_no: int, column: int) -> str:
        """A cell's text; line numbers begin with 1."""
        return str(self.rows[line_no - 1][column] or "")

    def write(self, path: Path) -> None:
        """The lines in the very layout of the file, lossless where its own encoding could not hold a name."""
        if self.path.suffix == ".xlsx":
            book = openpyxl.load_workbook(self.path)
            for row, cells in zip(book.worksheets[0].iter_rows(), self.rows, strict=True):
                for cell, value in zip(row, cells, strict=True):
                    if cell.value != value:
                        cell.value = value
            book.save(path)
            return
        encoding, delimiter = next(how for end, how in ENCODINGS.items() if self.path.name.endswith(end))
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(self.rows)
        path.write_bytes(out.getvalue().encode(encoding))


def read_key(source: Path) -> Key:
    """The key below the sample's folder."""
    members = {
        (month, LISTS[row["department"]], row["certno"], category_of(row))
        for row in sheet(source, "membership")
        for month in MONTHS
        if row["from_month"] <= month and (not row["to_month"] or month <= row["to_month"])
    }
    kinds: dict[Place, set[str]] = defaultdict(set)
    for row in sheet(source, "dirt"):
        if row["file"] != "feed":
            list_code, month = row["file"].rsplit("_", 1)
            kinds[f"{month[:4]}-{month[4:]}", list_code, row["key"]].add(row["kind"])
    names = {row["certno"]: row["psn_name"] for row in sheet(source, "persons")}
    return Key(frozenset(members), names, {place: frozenset(own) for place, own in kinds.items()})


def sheet(source: Path, name: str) -> list[dict[str, str]]:
    """Rows of one file of the answer key."""
    with gzip.open(source / "truth" / f"{name}.csv.gz", "rt", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def category_of(row: Mapping[str, str]) -> str:
    """The pack's category of a membership."""
    known = OF_LIST.get(row["department"])
    return known or next(code for word, code in WORDS if word in row["category"])


def delivered(intake: Intake, source: Path) -> list[Delivered]:
    """Every row of every list as it was written and as the product judged it."""
    keyed = intake.rows("staging.roster_keyed")
    files = {one["delivery_id"]: one for one in intake.deliveries()}
    books = {one["file_name"]: Book.read(next(source.glob(f"rosters/*/{one['file_name']}"))) for one in files.values()}
    columns = {name: book.columns() for name, book in books.items()}
    known = numbers_of(intake, {row["person_key"] for row in keyed if row["person_key"]})
    accepted = {(row["delivery_id"], row["line_no"]) for row in intake.rows("staging.roster")}
    aside = {(row["delivery_id"], row["line_no"]): row["reason_code"] for row in intake.rows("staging.roster_quarantined")}
    told = {delivery: fixes_of(intake, files[delivery], source) for delivery in files}
    found = []
    for row in keyed:
        place, name = (row["delivery_id"], row["line_no"]), files[row["delivery_id"]]["file_name"]
        number_at, name_at = columns[name]
        found.append(
            Delivered(
                month=row["list_month"],
                list_code=row["list_code"],
                line_no=row["line_no"],
                number=books[name].cell(row["line_no"], number_at),
                name=books[name].cell(row["line_no"], name_at),
                certno=known.get(row["person_key"]),
                category_code=row["category_code"],
                is_repeat=place not in accepted and place not in aside,
                reason_code=aside.get(place),
                said=frozenset(row["flags"] or ()) | frozenset(told[row["delivery_id"]].get(row["line_no"], ())),
            )
        )
    return found


def fixes_of(intake: Intake, delivery: Mapping[str, Any], source: Path) -> dict[int, set[str]]:
    """By line, what the reader recorded of the number and of the name: codes of the number bare, of the name after `name `."""
    contract = intake.job.pack.contract(delivery["list_code"])
    content = next(source.glob(f"rosters/*/{delivery['file_name']}")).read_bytes()
    landed = read(content, contract=contract, where=delivery["file_name"])
    identities = identify(landed, contract, today=intake.job.as_of.date())
    found: dict[int, set[str]] = defaultdict(set)
    for line, place in zip(landed.table[LINE].to_pylist(), identities.numbers.to_pylist(), strict=True):
        found[line] |= {FIX_CODES[one] for one in identities.read[place].fixes}
    for fix in landed.fixes.to_pylist():
        if fix["field"] == "name":
            found[fix[LINE]].add(f"name {fix['fix_code']}")
    return found


def numbers_of(intake: Intake, keys: Iterable[str]) -> dict[str, str]:
    """Id numbers by person_key, as the vault holds them."""
    how = {"purpose": "test", "recipient": "test", "actor": "test", "anchor": lambda _: None}
    people = intake.register().open_persons(keys, fields=("certno",), at=intake.job.as_of, **how)
    return {key: one.certno or "" for key, one in people.items()}


def bare(text: str) -> str:
    """A written name or number without the spaces and marks that the key plants."""
    return "".join(text.split()).strip("'").upper()


def true_numbers(rows: Iterable[Delivered], key: Key) -> dict[tuple[str, str, int], str]:
    """The true id number of every row, by month, list and line: what the product read, or the only member of the list that fits.

    A row whose own number names no member belongs to a member whom no other row names, of the same name or the same first digits.
    """
    rows = list(rows)
    of_list: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for month, list_code, certno, _ in sorted(key.members):
        of_list[month, list_code][certno] = None
    named = {(one.month, one.list_code, one.certno) for one in rows}
    found = {}
    for one in rows:
        mine = of_list[one.month, one.list_code]
        if one.certno in mine:
            found[one.month, one.list_code, one.line_no] = one.certno
            continue
        free = [certno for certno in mine if (one.month, one.list_code, certno) not in named]
        fits = list(_fitting(one, free, key))
        assert len(set(fits)) == 1, f"{one.list_code} {one.month} line {one.line_no}: {len(fits)} members fit"
        found[one.month, one.list_code, one.line_no] = fits[0]
    return found


def _fitting(row: Delivered, free: Iterable[str], key: Key) -> Iterator[str]:
    """Of these members, those of the row: the same first fourteen digits, or, where no number is written, the same name."""
    number = bare(row.number)
    for certno in free:
        same = number[:14] == certno[:14] if number else True
        if same and bare(row.name) == bare(key.names[certno]):
            yield certno


def repair(source: Path, rows: Iterable[Delivered], key: Key, folder: Path) -> None:
    """A copy of every list in its own layout with the true numbers and names, and each row once."""
    rows = list(rows)
    truth = true_numbers(rows, key)
    by_file: Mapping[tuple[str, str], list[Delivered]] = defaultdict(list)
    for one in rows:
        by_file[one.month, one.list_code].append(one)
    for (month, list_code), own in by_file.items():
        book = Book.read(next(source.glob(f"rosters/{month.replace('-', '')}/{list_code}_*")))
        number_at, name_at = book.columns()
        for one in own:
            certno = truth[month, list_code, one.line_no]
            cells = book.rows[one.line_no - 1]
            is_card = list_code == LISTS["canlian"]
            cells[number_at] = certno + bare(one.number)[18:20] if is_card else certno
            cells[name_at] = key.names[certno]
        if book.path.suffix == ".xlsx":
            _blank(book, {one.line_no for one in own if one.is_repeat})
        else:
            book.rows = [
                cells for line, cells in enumerate(book.rows, 1) if not any(o.is_repeat and o.line_no == line for o in own)
            ]
        book.write(folder / book.path.name)


def _blank(book: Book, lines: set[int]) -> None:
    for line in lines:
        book.rows[line - 1] = [None] * len(book.rows[line - 1])
