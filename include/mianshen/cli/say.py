"""What the terminal prints: Chinese first, English second, on one stream."""

from __future__ import annotations

import typer


def say(zh: str, en: str) -> None:
    """Print one Chinese line and its English line, indented under it."""
    typer.echo(zh)
    typer.echo(f"    {en}")


def table(rows: list[tuple[str, ...]]) -> str:
    """The rows as columns, two spaces apart; a Chinese character counts as two places wide."""
    if not rows:
        return ""
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)
