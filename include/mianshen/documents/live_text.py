"""Text that a spreadsheet would run when somebody opens a CSV file; in workbooks every cell is typed as text instead."""

from __future__ import annotations

import re

BEGINNING = r"^[ \x{3000}\x{00a0}]*[=+\-@\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"
"""How a cell begins that a spreadsheet may run, full-width signs like the others; as DuckDB writes it."""
NUMBER = r"[+-]?[0-9][0-9,]*(\.[0-9]+)?"
"""A number, which is only shown."""
_BEGINNING = re.compile(re.sub(r"\\x\{(\w+)\}", r"\\u\1", BEGINNING))


def is_live(text: str) -> bool:
    """Whether a spreadsheet may run a cell of this text."""
    return bool(_BEGINNING.match(text)) and not re.fullmatch(NUMBER, text)


def tamed(text: str) -> str:
    """The text as a CSV cell for people: with an apostrophe before what would run. Never for a bank's file."""
    return f"'{text}" if is_live(text) else text


def tamed_sql(column: str) -> str:
    """The same as a DuckDB expression over a text column."""
    live = f"regexp_matches({column}, '{BEGINNING}') and not regexp_full_match({column}, '{NUMBER}')"
    return f"case when {live} then chr(39) || {column} else {column} end"
