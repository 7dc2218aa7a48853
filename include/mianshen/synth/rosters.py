"""The departments' monthly lists: one entry a membership with everything a list may print, then one file a list and month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mianshen.core.contract import Contract, Feed
from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.synth import damage
from mianshen.synth.faults import choose
from mianshen.synth.files import Drawer, Sent, delimited, fitting_name, workbook
from mianshen.synth.layouts import Form, Layout, layout_of, words_of
from mianshen.synth.names import homophone
from mianshen.synth.roll import Roll, month_number
from mianshen.synth.shape import Shape, delivered_lists, listed_categories, trait_of
from mianshen.synth.streams import Flags, Ints, Stream, flags, stream
from mianshen.synth.text import SINCE_FORMS, months_since

_PREFERRED = ("脱贫户", "监测对象", "一级", "二级")
_DISABILITIES = ("视力", "听力", "言语", "肢体", "智力", "精神")
_MONITORED = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
_CAUSES = ("因病", "年老体弱", "突发变故")
_UNITS = ("天和", "永业", "盛达", "金阳", "宏兴", "业成")
_NUMERIC = frozenset({"seq", "family_size", "income"})
_DELIMITER = {Form.CSV: ",", Form.TSV: "\t"}
_GRADE_ONE = ("一", "1", "壹")


def make_entries(
    pack: Pack, roll: Roll, people: pd.DataFrame, *, month: Month, canaries: Ints, seed: int, shape: Shape
) -> pd.DataFrame:
    """One row an entry: list_code, person, since, until, fault, copy, and the text of every field that a list may print."""
    chance = stream(seed, "entries")
    entries = roll.spans.copy()
    entries["list_code"] = np.array(roll.lists, dtype=object)[entries["category"].to_numpy()]
    entries["category_code"] = np.array(roll.categories, dtype=object)[entries["category"].to_numpy()]
    entries = entries.merge(
        people[["household", "certno", "name", "born", "gend", "town", "village", "place", "head_name", "relation", "guardian"]]
        .join(people[["account", "phone"]])
        .reset_index(names="person"),
        on="person",
    ).sort_values(["list_code", "household", "person"], kind="stable", ignore_index=True)
    _write_category(chance, pack, entries)
    _write_rest(chance, pack, entries)
    usual = ~np.isin(entries["person"], canaries) & flags(entries["until"] > month_number(Month(month.year, 1)))
    entries["fault"] = _labels(pack, entries, usual=usual, seed=seed, shape=shape)
    _plant(entries)
    entries["copy"] = 0
    doubled = entries[entries["fault"] == "row_doubled"].assign(copy=1)
    entries["order"] = np.arange(len(entries))
    doubled["order"] = doubled.index
    return pd.concat([entries, doubled]).sort_values(["order", "copy"], kind="stable", ignore_index=True)


def _write_category(chance: Stream, pack: Pack, entries: pd.DataFrame) -> None:
    """Adds the written category: one of the contract's words, the same every month."""
    luck = chance.integers(0, 1 << 30, len(entries))
    written = np.full(len(entries), "", dtype=object)
    for key, places in entries.groupby(["list_code", "category_code"]).indices.items():
        list_code, code = key if isinstance(key, tuple) else (key, "")
        words = words_of(pack.contract(str(list_code)), str(code))
        words = tuple(one for one in words if one in _PREFERRED) or words
        if words:
            written[places] = np.array(words, dtype=object)[luck[places] % len(words)]
    entries["category"] = pd.Series(written, dtype="str")


def _write_rest(chance: Stream, pack: Pack, entries: pd.DataFrame) -> None:
    count = len(entries)

    def one_of(words: Sequence[str]) -> pd.Series[str]:
        return pd.Series(np.array(words, dtype=object)[chance.integers(0, len(words), count)], dtype="str")

    names = {one.code: one for one, _ in listed_categories(pack)}
    monitored = entries["category_code"].map({code: "监测" in trait_of(one).words for code, one in names.items()}).astype("bool")
    entries["since_text"] = months_since(entries["since"].to_numpy(), chance.integers(0, len(SINCE_FORMS), count))
    entries["applied"] = months_since(entries["since"].to_numpy(), np.zeros(count, dtype=np.int64))
    entries["gender"] = pd.Series(np.where(entries["gend"] == "1", "男", "女"), dtype="str")
    entries["born_month"] = entries["born"].dt.year.astype("str") + "." + entries["born"].dt.month.astype("str").str.zfill(2)
    entries["grade"] = one_of(("A", "B", "B", "C", "C", "C"))
    entries["population"] = pd.Series(np.where(monitored, "监测对象", "脱贫户"), dtype="str")
    entries["monitored"] = one_of(_MONITORED).where(monitored, "")
    entries["risk_removed"] = one_of(("是", "否")).where(monitored, "")
    entries["unit"] = one_of(_UNITS) + "有限公司"
    entries["family_size"] = one_of(("1", "2", "3", "4", "5"))
    entries["income"] = pd.Series(chance.integers(500, 2_000, count)).astype("str")
    entries["branch"] = entries["town"].astype("str") + "党支部"
    entries["cause"] = one_of(_CAUSES)
    kind = pd.Series(chance.integers(0, len(_DISABILITIES), count))
    entries["disability"] = pd.Series(np.array(_DISABILITIES, dtype=object)[kind], dtype="str")
    is_one = entries["category"].str.startswith(_GRADE_ONE)
    entries["disability_grade"] = pd.Series(np.where(is_one, "一级", "二级"), dtype="str")
    entries["card"] = entries["certno"] + (kind + 1).astype("str") + pd.Series(np.where(is_one, "1", "2"), dtype="str")
    entries["note"] = pd.Series(np.full(count, "", dtype=object), dtype="str")


def _labels(
    pack: Pack, entries: pd.DataFrame, *, usual: Flags, seed: int, shape: Shape
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    chance = stream(seed, "roster faults")
    layouts = {contract.list_code: layout_of(contract) for contract in pack.contracts if contract.feed is Feed.ROSTER}
    fields = {list_code: {field for _, field in layout.fields} for list_code, layout in layouts.items()}

    def prints(field: str) -> Flags:
        return np.asarray(entries["list_code"].map({code: field in known for code, known in fields.items()}), dtype=np.bool_)

    by_id = usual & prints("certno")
    no_tab = np.asarray(
        entries["list_code"].map({code: one.form is not Form.TSV for code, one in layouts.items()}), dtype=np.bool_
    )
    can_carry = {kind: by_id for kind in damage.CERTNO}
    can_carry |= {kind: usual & prints("name") for kind in damage.NAME}
    can_carry |= {kind: usual & prints("card") for kind in damage.CARD}
    can_carry |= {kind: usual & prints("category") for kind in damage.CATEGORY}
    can_carry |= {
        "certno_trailing_tab": by_id & no_tab,
        "certno_fifteen_digits": by_id & flags(entries["born"].dt.year < 2000),
        "certno_lower_case_x": by_id & flags(entries["certno"].str.endswith("X")),
        "name_homophone": usual & np.array([homophone(one) != one for one in entries["name"]], dtype=np.bool_),
        "date_wrong": usual & prints("since"),
        "row_doubled": usual,
    }
    return choose(chance, Feed.ROSTER, can_carry=can_carry, count=len(entries), shape=shape)


def _plant(entries: pd.DataFrame) -> None:
    """Spoils the printed text; the true number stays in `true_certno`."""
    labels = entries["fault"].to_numpy(dtype=object)
    entries["true_certno"] = entries["certno"]
    for column, ways in (
        ("certno", damage.CERTNO),
        ("name", damage.NAME),
        ("card", damage.CARD),
        ("category", damage.CATEGORY),
        ("since_text", damage.BEGIN),
    ):
        entries[column] = damage.spoil(entries[column].astype("str"), labels, ways)


def write_rosters(
    pack: Pack, entries: pd.DataFrame, *, month: Month, drawer: Drawer, late: Drawer, late_list: str | None
) -> Iterator[pd.DataFrame]:
    """Writes every list of every month of the year; yields the faulty rows of each file: file, line, key, person, kind."""
    for list_code in delivered_lists(pack):
        contract = pack.contract(list_code)
        own = entries[entries["list_code"] == list_code].reset_index(drop=True)
        page = _Page(contract, own)
        for number in range(1, month.number + 1):
            period = Month(month.year, number)
            is_late = period == month and list_code == late_list
            place = month_number(period)
            rows = np.flatnonzero((own["since"] <= place) & (place < own["until"]))
            if len(rows):
                sent = page.write(late if is_late else drawer, period=period, rows=rows, kind="late" if is_late else "good")
                yield page.faulty(sent, rows)


class _Page:
    """One list's rows as text, cut by month."""

    def __init__(self, contract: Contract, entries: pd.DataFrame) -> None:
        self.contract = contract
        self.layout: Layout = layout_of(contract)
        self.entries = entries
        columns = {"since": "since_text"}
        self.fields = tuple(columns.get(field, field) for _, field in self.layout.fields)
        blank = pd.Series(np.full(len(entries), "", dtype=object), dtype="str")
        self.columns = [blank if field == "seq" else entries[field].astype("str") for field in self.fields]
        self.lines = self._lines()

    def _lines(self) -> list[str]:
        if self.layout.form is Form.XLSX:
            return []
        delimiter = _DELIMITER[self.layout.form]
        joined = self.columns[0]
        for column in self.columns[1:]:
            joined = joined + delimiter + column
        return [str(one) for one in joined]

    def write(self, drawer: Drawer, *, period: Month, rows: Ints, kind: str) -> Sent:
        """The month's file."""
        stem = f"{self.contract.list_code}_{period.year}{period.number:02d}"
        name = fitting_name(self.contract, (f"{stem}.{self.layout.suffix}", f"{stem}.{self.layout.form.value}", f"{stem}.csv"))
        content = self._book(period, rows) if self.layout.form is Form.XLSX else self._text(rows)
        return drawer.put(name, content, contract=self.contract, period=str(period), records=len(rows), kind=kind)

    def _text(self, rows: Ints) -> bytes:
        return delimited(
            [heading for heading, _ in self.layout.fields],
            [self.lines[one] for one in rows],
            delimiter=_DELIMITER[self.layout.form],
            encoding=self.layout.encoding,
            line_end="\r\n",
        )

    def _book(self, period: Month, rows: Ints) -> bytes:
        cells = [self._cells(field, column, rows) for field, column in zip(self.fields, self.columns, strict=True)]
        width = len(cells)
        unit = self.layout.title.split("-")[0]
        return workbook(
            sheet=f"{period.number}月",
            above=(f"{self.layout.title}\uff08{period.year}年{period.number}月\uff09", f"填报单位\uff1a{unit}"),
            headings=[heading for heading, _ in self.layout.fields],
            rows=zip(*cells, strict=True),
            below=(
                ["合计", None, None, len(rows)][:width],
                ["制表人\uff1a张三", None, None, "审核人\uff1a李四"][:width],
            ),
        )

    def _cells(self, field: str, column: pd.Series[str], rows: Ints) -> list[object]:
        if field == "seq":
            return list(range(1, len(rows) + 1))
        chosen = column.to_numpy(dtype=object)[rows]
        return [int(one) for one in chosen] if field in _NUMERIC else [one or None for one in chosen]

    def faulty(self, sent: Sent, rows: Ints) -> pd.DataFrame:
        """The planted faults of one file by line (the heading stands in line 1, in workbooks in line 3)."""
        first = 4 if self.layout.form is Form.XLSX else 2
        written = self.entries.iloc[rows]
        shows = (written["fault"] != "") & ((written["fault"] != "row_doubled") | (written["copy"] == 1))
        return pd.DataFrame(
            {
                "file": sent.name,
                "line": np.arange(first, first + len(rows)),
                "feed": Feed.ROSTER.value,
                "list_code": sent.list_code,
                "key": written["true_certno"].to_numpy(),
                "person": written["person"].to_numpy(),
                "kind": written["fault"].to_numpy(),
            }
        )[flags(shows)]
