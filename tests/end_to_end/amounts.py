"""Amounts as the delivered files write them, counted apart from the product."""

from __future__ import annotations

import csv
import gzip
import io
from decimal import Decimal, InvalidOperation
from pathlib import Path


def fen_sent(path: Path) -> int:
    """The sum of the total costs of a settlement file, in fen; cells that are no amount count nothing."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = content.decode("gb18030" if ".gbk." in path.name else "utf-8")
    return sum(_written(row["medfee_sumamt"]) for row in csv.DictReader(io.StringIO(text)))


def _written(cell: str) -> int:
    try:
        return fen_of(cell.replace("\u00a5", ""))
    except InvalidOperation:
        return 0


def fen_of(yuan: str) -> int:
    return int(Decimal(yuan) * 100)
