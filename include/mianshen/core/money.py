"""Money is integer fen; yuan exist only as text at the edges."""

from __future__ import annotations

import re

PPM = 1_000_000
"""Ratios are whole parts per million: 70 % is 700,000."""

_YUAN = re.compile(r"^([+-]?)(\d{1,13})(?:\.(\d{1,2})0*)?$")
_DROPPED = str.maketrans("", "", ",\uff0c\u00a5\uffe5 \t\u3000")


def parse_fen(text: str) -> int:
    """Integer fen of an amount in yuan, such as `1,234.50` or `¥12`.

    Raises ValueError for anything else, an empty text, `--` and a third decimal included: missing money is not zero.
    """
    found = _YUAN.match(text.translate(_DROPPED))
    if found is None:
        raise ValueError("not an amount in yuan with at most two decimals")
    sign, whole, cents = found.groups()
    fen = int(whole) * 100 + int((cents or "0").ljust(2, "0"))
    return -fen if sign == "-" else fen


def format_yuan(fen: int) -> str:
    """The amount as `1234.50`, without thousands separators; inverse of `parse_fen`."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{cents:02d}"


def show_yuan(fen: int) -> str:
    """The amount for a reader: `1,234.50`."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02d}"


def divide_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded half up to a whole number; both non-negative, denominator above 0.

    Raises ValueError otherwise: floor division of negatives differs between SQL and Python.
    """
    if numerator < 0 or denominator <= 0:
        raise ValueError("half-up division is defined for non-negative numerators and positive denominators")
    return (2 * numerator + denominator) // (2 * denominator)
