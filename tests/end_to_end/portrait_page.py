"""The portrait report of the worked month, and its figures as a reader finds them on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import html as lxml_html
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, House

from mianshen.stages import report as stage


@dataclass(frozen=True)
class Report:
    """The report of the worked month, and what it was made from."""

    house: House
    """The county's home."""
    content: bytes
    """The file."""

    @property
    def page(self) -> Any:
        """The parsed page."""
        return lxml_html.fromstring(self.content.decode())

    def cells(self) -> dict[tuple[str, str, str], str]:
        """Every figure of its tables as it stands there, by table, line and column."""
        found = {}
        for table in self.page.xpath("//table[@data-table]"):
            columns = [one.get("data-column") for one in table.xpath("./thead/tr/th")]
            for line in table.xpath("./tbody/tr"):
                texts = [one.text_content() for one in line.xpath("./td")]
                for column, text in zip(columns, texts, strict=True):
                    found[table.get("data-table"), line.get("data-line"), column] = text
        return found


def report_of(worked: Worked) -> Report:
    """The report that the worked month ended with."""
    return Report(worked.house, stage.read_report(worked.house.job(IN_TIME)))
