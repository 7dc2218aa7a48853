"""The settlement files: a file a month, then a file a day, some packed, one in GB18030."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mianshen.core.contract import Feed
from mianshen.core.pack import Pack
from mianshen.synth.files import Drawer, delimited, fitting_name, gzipped
from mianshen.synth.settlement_faults import faulty_rows
from mianshen.synth.settlement_text import in_file, settlement_text
from mianshen.synth.settlements import FilePlan
from mianshen.synth.streams import flags, ints
from mianshen.synth.text import lines

GBK_DAY = 15
"""The day whose file is written in GB18030."""
PACKED_EVERY = 5
"""Every so many days the file is packed; files of whole months always are."""


def write_settlements(
    pack: Pack, delivered: pd.DataFrame, people: pd.DataFrame, *, plan: FilePlan, drawer: Drawer
) -> Iterator[pd.DataFrame]:
    """Writes every settlement file; yields the faulty rows of each: file, line, key, person, kind."""
    contract = pack.contract(Feed.SETTLEMENT.value)
    headings, columns = in_file(contract, settlement_text(delivered, people, pack))
    text = lines(columns, ",")
    shows = flags(faulty_rows(delivered))
    file = ints(delivered["file"])
    for place, period in enumerate(plan.periods):
        first, last = np.searchsorted(file, [place, place + 1])
        if first == last:
            continue
        encoding, names = _form(pack.county_code, period)
        content = delimited(headings, text[first:last], delimiter=",", encoding=encoding, line_end="\n")
        name = fitting_name(contract, names)
        packed = gzipped(content) if name.endswith(".gz") else content
        sent = drawer.put(name, packed, contract=contract, period=period, records=int(last - first))
        part = delivered.iloc[first:last]
        yield pd.DataFrame(
            {
                "file": sent.name,
                "line": np.arange(2, 2 + last - first),
                "feed": Feed.SETTLEMENT.value,
                "list_code": contract.list_code,
                "key": part["setl_id"].to_numpy(),
                "person": part["person"].to_numpy(),
                "kind": part["fault"].to_numpy(),
            }
        )[shows[first:last]]


def _form(county_code: str, period: str) -> tuple[str, tuple[str, ...]]:
    """Encoding and candidate names of a period's file."""
    stem = f"settlement_{county_code}_{period.replace('-', '')}"
    if len(period) == len("2026-10"):
        return "utf-8", (f"{stem}.csv.gz", f"{stem}.csv")
    day = int(period[-2:])
    if day == GBK_DAY:
        return "gb18030", (f"{stem}.gbk.csv", f"{stem}.csv")
    if day % PACKED_EVERY == 0:
        return "utf-8", (f"{stem}.csv.gz", f"{stem}.csv")
    return "utf-8", (f"{stem}.csv",)
