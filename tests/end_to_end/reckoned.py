"""What `mianshen assess` says of a county's files, and what `mianshen replay` says of its records."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from tests.end_to_end.counties import GO_LIVE, MONTH, PACK, House, pack

from mianshen.stages.reckon import Given, reckon

SAID = "event_id, outcome, reason_code, base_fen, relief_fen, held_fen, window_fen, left_fen"
"""What became of a claim."""


def reckoned(folder: Path, out: Path, *, at: datetime) -> list[tuple[Any, ...]]:
    """What became of every claim of the files in a folder, at a moment, in order."""
    given = Given(pack(), MONTH, at, settlements=folder, rosters=folder, others=folder, go_live_on=date.fromisoformat(GO_LIVE))
    reckon(given, out)
    with duckdb.connect(":memory:") as con:
        return sorted(con.execute(f"select {SAID} from read_parquet($path)", {"path": str(out)}).fetchall(), key=repr)


def replayed(house: House, sample: int) -> str:
    """What a fresh process says of so many records of the month, made again."""
    program = [str(Path(sys.executable).parent / "mianshen"), "replay", "--pack", PACK, "--month", str(MONTH)]
    command = [*program, "--sample", str(sample), "--home", str(house.home.root)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
