"""公示: a public notice as HTML made to be printed and put up. Masked names, towns, categories and amounts; nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.forms import Form
from mianshen.core.pack import Pack
from mianshen.documents.batch_sheet import environment


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A person on a notice."""

    name: str
    """Masked."""
    town: str
    """Town or village; a dash when none is known."""
    categories_zh: str
    """What the person is listed as; a dash when it says nothing."""
    amount_zh: str
    """Yuan; a dash where no amount is asked for."""


def notice_html(
    form: Form, lines: Sequence[NoticeLine], *, counted: int, words: Mapping[str, str], pack: Pack, notice_id: str, made_at: str
) -> str:
    """The notice; equal input gives equal text. `counted` people stand on it as a number only."""
    return str(
        environment()
        .get_template("notice.html")
        .render(
            form=form,
            lines=lines,
            counted=counted,
            paragraphs=[said.format_map(words) for said in form.paragraphs],
            remedies=[said.format_map(words) for said in form.remedies],
            department_zh=words["department"],
            first_day=words["first_day"],
            county_zh=pack.county_name_zh,
            is_illustrative=pack.plan.is_illustrative,
            notice_id=notice_id,
            made_at=made_at,
        )
    )
