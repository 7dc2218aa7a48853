"""The interface against its own description: whatever a caller sends, nothing breaks, no answer is undescribed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from tests.dags.conftest import Browser
from tests.dags.test_disposal import NOW
from tests.dags.test_disposal import lead as lead
from tests.dags.test_disposal import missed as missed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Airflow's login imports a test client that is going out of use
    import schemathesis

    from mianshen_airflow.pages import places, tokens
    from mianshen_airflow.pages.app import app

DESCRIBED: dict[str, Any] = app.openapi()
OPERATIONS = [(path, method.upper()) for path, methods in sorted(DESCRIBED["paths"].items()) for method in sorted(methods)]
CASES = 25
"""Drawn calls an operation."""
ALSO = {401, 403, 404, 409, 303}
"""Answers of every operation beside those that its description lists."""


def drawn(path: str, method: str) -> st.SearchStrategy[Any]:
    return schemathesis.openapi.from_dict(DESCRIBED)[path][method].as_strategy()


def sent(browser: Browser, case: Any, *, mark: str = "") -> int:
    """The status of the drawn call; a form is given a mark that counts."""
    wanted = case.as_transport_kwargs(base_url="http://localhost")
    known = {name: wanted[name] for name in ("headers", "params", "data", "json") if wanted.get(name) is not None}
    if mark and isinstance(known.get("data"), dict):
        known["data"] = {**known["data"], "mark": mark}
    return browser.request(wanted["method"], wanted["url"], **known).status_code


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_call_breaks_it(supervisor: Browser, lead: str, missed: str, path: str, method: str) -> None:
    described = {int(code) for code in DESCRIBED["paths"][path][method.lower()]["responses"]} | ALSO

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn(path, method))
    def ask(case: Any) -> None:
        status = sent(supervisor, case, mark=tokens.form_mark("supervisor"))
        assert status < 500 and status in described, (status, case)

    ask()


def test_a_break_would_be_seen(supervisor: Browser) -> None:
    """The same drawing finds a page that stumbles over one of its filters."""
    seen = set()

    async def stumbling() -> None:
        raise ZeroDivisionError

    app.dependency_overrides[places.asked_leads] = stumbling

    @settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn("/api/leads", "GET"))
    def ask(case: Any) -> None:
        try:
            seen.add(sent(supervisor, case))
        except ZeroDivisionError:
            seen.add(500)

    ask()
    del app.dependency_overrides[places.asked_leads]
    assert 500 in seen


def _leads_nowhere(case: Any) -> bool:
    """Whether no route takes the address, so that nobody is asked who he is: none has a line break in it."""
    return "\n" in unquote(case.as_transport_kwargs(base_url="http://localhost")["url"])


def test_a_stranger_gets_nothing_whatever_he_sends(stranger: Browser, ledger: Engine, at: Callable[..., None]) -> None:
    at(NOW)

    @settings(max_examples=5 * CASES, deadline=timedelta(seconds=30), database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(OPERATIONS).flatmap(lambda one: drawn(*one)))
    def ask(case: Any) -> None:
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
        case.cookies = {}
        assert sent(stranger, case) in ((404,) if _leads_nowhere(case) else (401, 403)), case

    ask()
