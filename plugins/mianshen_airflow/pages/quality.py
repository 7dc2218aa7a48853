"""The data docs and portrait reports of a county, as files of the home folder, and the dictionary; nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mianshen.stages.frame import read_settings
from mianshen_airflow import defaults

STAYS_HERE = "default-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'"
"""Policy of the pages: a browser fetches nothing from elsewhere for them."""
_KINDS = frozenset({".html", ".css", ".js", ".png", ".gif", ".svg", ".ico", ".otf", ".woff", ".woff2"})


def quality_file(county: str, page: str) -> Path | None:
    """The file behind an address; None when the settings do not name the county, or its data docs have no such page."""
    home = defaults.home()
    if county not in read_settings(home).get("counties", {}):
        return None
    folder = home.data_docs(county).resolve()
    found = (folder / page).resolve()
    return found if found.is_relative_to(folder) and found.suffix in _KINDS and found.is_file() else None


def portrait_file(county: str, month: str | None) -> Path | None:
    """The county's portrait report of the month, of the newest month without one; None when there is no such report."""
    home = defaults.home()
    if county not in read_settings(home).get("counties", {}):
        return None
    found = sorted(home.reports(county).glob(f"portrait_{month or '*'}.html"))
    return found[-1] if found else None


@cache
def dictionary_html() -> str:
    """The data dictionary, the same for every county; made once by a server, in a few seconds."""
    from mianshen.stages import dictionary

    return dictionary.page(dictionary.entries())
