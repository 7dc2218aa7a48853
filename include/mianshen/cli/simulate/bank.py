"""The bank of a simulated county: reads the batch file that lies in the outbox and answers it, line by line.

What it answers is drawn for each payment: most arrive, a few come back. Accounts and names pass from its file to its answer as a
bank's own would carry them; nothing of them is kept or told.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from mianshen.cli.simulate.clerk import draw_of, office_moment
from mianshen.core.bank import BankField, BankProfile
from mianshen.core.clocks import WorkingCalendar
from mianshen.core.money import format_yuan, parse_fen

ARRIVED, CAME_BACK = "0000", "1002"
"""Codes of the generic return: in the account; the account is closed."""
BACK = 0.03
"""Share of payments that come back."""
SILENT, SLOW = 0.02, 0.06
"""Shares of files that the bank never answers, and that it answers long after."""
USUAL_WORKDAYS, SLOW_WORKDAYS = (1, 3), (12, 30)
"""Within how many working days it answers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the bank says of one file."""

    text: str
    """The return's text, to be dropped into the inbox."""
    arrived: frozenset[str]
    """Payments that are in the payees' accounts by it."""


def answer_at(sent: datetime, *, draw: Random, calendar: WorkingCalendar) -> datetime | None:
    """When the bank answers a file that was sent at this moment; None is never."""
    chosen = draw.random()
    if chosen < SILENT:
        return None
    days = SLOW_WORKDAYS if chosen < SILENT + SLOW else USUAL_WORKDAYS
    return office_moment(sent + timedelta(hours=1), draw.randint(*days), calendar, draw)


def answer(paths: Sequence[Path], profile: BankProfile, *, batch_id: str, seed: int) -> Answered:
    """The bank's answer to the files of a batch, which are delimited text as the profile says."""
    rows = [row for path in paths for row in _payments(path, profile)]
    codes = {row[BankField.PAYMENT_ID]: _code(row[BankField.PAYMENT_ID], seed) for row in rows}
    fen = sum(parse_fen(row[BankField.AMOUNT]) for row in rows)
    lines = [
        "|".join((str(number), *(row[one] for one in _RETURNED), codes[row[BankField.PAYMENT_ID]], ""))
        for number, row in enumerate(rows, 1)
    ]
    text = "\n".join([f"H|{batch_id}|{len(rows)}", *lines, f"T|{len(rows)}|{format_yuan(fen)}", ""])
    return Answered(text, frozenset(payment for payment, code in codes.items() if code == ARRIVED))


_RETURNED = (BankField.PAYMENT_ID, BankField.ACCOUNT, BankField.NAME, BankField.AMOUNT)


def _code(payment_id: str, seed: int) -> str:
    return CAME_BACK if draw_of(seed, "bank", payment_id).random() < BACK else ARRIVED


def _payments(path: Path, profile: BankProfile) -> list[dict[BankField, str]]:
    names = [column.field for column in profile.columns]
    text = path.read_bytes().decode(profile.encoding)
    rows = [dict(zip(names, cells, strict=False)) for cells in csv.reader(text.splitlines(), delimiter=profile.delimiter)]
    return rows[int(profile.has_header) + bool(profile.head) : len(rows) - bool(profile.trailer)]
