"""The tasks that fetch: which sources are due, and one visit a source. No network is touched while a DAG is parsed."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from mianshen.core.days import local
from mianshen.core.errors import MianshenError
from mianshen.core.redaction import redact
from mianshen.feeds.sources import EARLIEST
from mianshen_airflow import defaults

QUIET_SECONDS = 5
"""A file whose size and time stay the same for so long is taken for finished."""


class DueSourcesOperator(BaseOperator):
    """The codes of the county's sources that are due; of a run started by hand, all of them."""

    ui_color = "#fff4e5"

    def __init__(self, *, pack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack

    def execute(self, context: Context) -> list[str]:
        """One code a mapped task."""
        from mianshen_airflow.sources.visit import due, known_codes

        place = defaults.home()
        if context["dag_run"].run_type == "manual":
            return known_codes(place, self.pack)
        return due(place, self.pack, now=moment_of(context))


class FetchOperator(BaseOperator):
    """One visit to one source: what is new lies in the inbox afterwards, whole; the XCom holds counts, never a name.

    What may pass by itself (a cut wire, data that change while they are read) is tried again by Airflow, ever later. What a
    person must cure (settings, login, host key) fails at once.
    """

    ui_color = "#fff4e5"

    def __init__(self, *, pack: str, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pack = pack
        self.source = source

    def execute(self, context: Context) -> dict[str, Any]:
        """The counts of the visit, with the source's code."""
        from mianshen_airflow.sources.troubles import WORTH_ANOTHER_TRY
        from mianshen_airflow.sources.visit import visit

        context["source"] = self.source  # type: ignore[typeddict-unknown-key]
        pause = lambda: time.sleep(QUIET_SECONDS)  # noqa: E731
        try:
            counts = visit(defaults.home(), self.pack, self.source, at=moment_of(context), pause=pause)
        except MianshenError as error:
            kind = AirflowException if error.code in WORTH_ANOTHER_TRY else AirflowFailException
            raise kind(redact(error.message())) from None
        self.log.info("%s %s: %s", self.pack, self.source, dict(counts))
        return {"source": self.source, **counts}


def moment_of(context: Context) -> datetime:
    """The moment of the run, the same for every try of it."""
    return defaults.fixed_moment() or local(context["dag_run"].run_after, where="dag_run.run_after")


def fetching_hours(pack: str) -> tuple[int, ...]:
    """The hours at which any source of the county is fetched, from the home's settings as they stand; none without sources.

    Called while a DAG is parsed: it reads one small file. Settings that make no sense are left to `mianshen doctor`, and to the
    task that fails with their place.
    """
    try:
        settings = json.loads((defaults.home().root / "settings.json").read_text("utf-8"))
        sources = settings["counties"][pack].get("sources", [])
        hours = {hour for one in sources for hour in one.get("hours") or EARLIEST}
    except (MianshenError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(sorted(hour for hour in hours if isinstance(hour, int) and 0 <= hour <= 23))
