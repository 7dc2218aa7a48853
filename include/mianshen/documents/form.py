"""A form about one matter as HTML made to be printed: title, facts, sentences of the pack, tables, remedies, signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.clocks import Counting, TimeLimit
from mianshen.core.forms import Form
from mianshen.core.pack import Pack
from mianshen.documents.batch_sheet import environment


@dataclass(frozen=True, slots=True, repr=False)
class FormTable:
    """A table on a form. Never printed by accident: it has no repr."""

    heading: str
    """What stands above it; empty is nothing."""
    columns: tuple[str, ...]
    """Headings."""
    rows: tuple[tuple[str, ...], ...]
    """Cells as text, in order."""


@dataclass(frozen=True, slots=True, repr=False)
class FormPaper:
    """What one form says. Never printed by accident: it has no repr."""

    number: str
    """Receipt, case or payment that it is about."""
    facts: tuple[tuple[str, str], ...]
    """Label and value, two pairs a line."""
    words: Mapping[str, str]
    """What is filled into the pack's sentences."""
    tables: tuple[FormTable, ...]
    """What was decided, paid or is missing."""


def day_zh(moment: str) -> str:
    """The day of an ISO moment or day as people write it: 2026年11月3日."""
    year, month, day = moment[:10].split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def days_zh(limit: TimeLimit) -> str:
    """A limit of days as people write it: 7天, 10个工作日."""
    return f"{limit.amount}个工作日" if limit.counting is Counting.WORKDAYS else f"{limit.amount}天"


def form_html(form: Form, papers: Sequence[FormPaper], *, pack: Pack, made_at: str) -> str:
    """The papers of one form, each on pages of its own; equal input gives equal text. `made_at` is the matter's moment."""
    pages = [
        {
            "number": one.number,
            "facts": [one.facts[place : place + 2] for place in range(0, len(one.facts), 2)],
            "paragraphs": [said.format_map(one.words) for said in form.paragraphs],
            "remedies": [said.format_map(one.words) for said in form.remedies],
            "tables": one.tables,
        }
        for one in papers
    ]
    return str(
        environment()
        .get_template("form.html")
        .render(form=form, pages=pages, county_zh=pack.county_name_zh, is_illustrative=pack.plan.is_illustrative, made_at=made_at)
    )
