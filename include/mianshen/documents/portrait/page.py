"""The page: headline figures, chapters with charts and their tables, what the county has not, how small cells are hidden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mianshen.core.disclosure import hidden_cells
from mianshen.core.figures import Cell, Figures
from mianshen.core.pack import Pack
from mianshen.documents.batch_sheet import environment
from mianshen.documents.portrait.drawing import TURNED, svg_of
from mianshen.documents.portrait.sections import SECTIONS, Block
from mianshen.documents.portrait.shown import ABSENT, KEPT, Shown

FEWEST = 10
"""Figures about fewer people than this are not shown."""
HEADLINE = (
    (Cell("categories", "ALL", "people"), "在册人员", "people listed", "人"),
    (Cell("categories", "ALL", "people_treated"), "当月就诊", "treated in the month", "人"),
    (Cell("funnel_care", "2_eligible", "month_visits"), "符合条件的结算", "eligible claims", "人次"),
    (Cell("funnel_care", "1_fetched", "month_relief_fen"), "当月应补发医疗救助", "relief due, month", ""),
    (Cell("money", "paid", "fen"), "已到账", "paid out", ""),
    (Cell("deadlines", "all", "kept_ppm"), "时限按期率", "deadlines kept", ""),
)
"""The figures on top: cell, name, the same in English, what is counted."""


_UNPRINTED = re.compile(r'<title id="[^<]*</title><desc [^<]*</desc>|<a class="skip"[^<]*</a>')


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a report is of, and what it was made from."""

    month: str
    """2026-10."""
    as_of: str
    """The moment of its facts, ISO with zone."""
    run_id: str
    """The run that made it."""
    runs: tuple[tuple[str, str], ...]
    """Tables and the runs that they were read from."""
    lacking: tuple[tuple[str, str], ...]
    """What the county does not have so far, Chinese and English."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A report's figures, small ones marked."""

    shown: Shown
    """Tables and what is hidden."""

    def figures(self) -> list[dict[str, str | int | None]]:
        """Every figure as it may be seen, table by table, in the columns of release.portrait_figure."""
        shown = self.shown
        return [
            {
                "table_code": table.code,
                "line_code": line.code,
                "column_code": column.code,
                "line_name_zh": line.zh,
                "column_name_zh": column.zh,
                "figure_unit": column.unit.value,
                "figure": shown.value(cell),
                "hidden_code": shown.hidden[cell].value if cell in shown.hidden else None,
            }
            for table in shown.tables.values()
            for line in table.lines
            for column in table.columns
            for cell in [table.cell(line.code, column.code)]
        ]


def portrait_of(tables: Sequence[Figures]) -> Portrait:
    """The tables with their small cells hidden."""
    hidden = hidden_cells(tables, threshold=FEWEST)
    return Portrait(Shown({one.code: one for one in tables}, hidden, FEWEST))


def portrait_html(portrait: Portrait, *, stamp: Stamp, pack: Pack) -> str:
    """The report as one file that asks nothing of a network; equal input gives equal text."""
    shown = portrait.shown
    year, month = stamp.month.split("-")
    return str(
        environment()
        .get_template("portrait.html")
        .render(
            shown=shown,
            sections=SECTIONS,
            svgs={one.table: _svg(shown, one) for section in SECTIONS for one in section.blocks if one.table in shown.tables},
            headline=[one for one in HEADLINE if _stands(shown, one[0])],
            stamp=stamp,
            month_zh=f"{year}年{int(month)}月",
            county_zh=pack.county_name_zh,
            county_en=pack.county_name_en,
            notes=pack.notes,
            is_illustrative=pack.plan.is_illustrative,
            turned=TURNED,
            kept=KEPT,
            absent=ABSENT,
        )
    )


def for_print(html: str) -> str:
    """The report for a program that prints: without what only a screen needs, names of charts and the link past the top."""
    return _UNPRINTED.sub("", html)


def _stands(shown: Shown, cell: Cell) -> bool:
    table = shown.tables.get(cell.table)
    return table is not None and any(line.code == cell.line for line in table.lines)


def _svg(shown: Shown, block: Block) -> str:
    """The block's chart; empty without one."""
    table = shown.tables[block.table]
    if block.draw is None or not shown.lines(block.table):
        return ""
    said = f"{block.kind_zh},{len(shown.lines(block.table))} 项;数字都在表中。 A {block.kind_en}; its figures stand in the table."
    return svg_of(block.draw(shown, block.table), code=f"chart-{block.table}", title=f"{table.zh} {table.en}", desc=said)
