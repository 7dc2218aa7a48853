"""`mianshen dictionary`: every table and column, what it means and comes from, as one HTML file that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.say import say


def write(out: Annotated[Path, typer.Option(help="写到哪个文件  the HTML file to write")]) -> None:
    """数据字典:全部表和列的单位、含义、依据和来源,单个 HTML,不需联网。 The data dictionary as one offline HTML file."""
    from mianshen.stages import dictionary

    tables = dictionary.entries()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(dictionary.page(tables), encoding="utf-8")
    say(f"{len(tables)} 张表:{out}", f"{len(tables)} tables: {out}")
