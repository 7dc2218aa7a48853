"""What `mianshen assess` says of a county's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from tests.end_to_end.counties import MISSED, MONTH, Files, pack

from mianshen.stages.reckon import Given, reckon

SAID = "event_id, outcome, reason_code, base_fen, relief_fen, held_fen, window_fen, left_fen"
"""What became of a claim."""


def reckoned(files: Files, folder: Path) -> list[tuple[Any, ...]]:
    """What became of every claim on the morning after the late list's day, in order."""
    out = folder / "result.parquet"
    reckon(Given(pack(), MONTH, MISSED, settlements=files.folder, rosters=files.folder, others=files.folder), out)
    with duckdb.connect(":memory:") as con:
        return sorted(con.execute(f"select {SAID} from read_parquet($path)", {"path": str(out)}).fetchall(), key=repr)
