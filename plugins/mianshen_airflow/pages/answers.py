"""How a route answers: pages that no other site may frame or keep, refusals in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse

from mianshen.core.errors import MianshenError

_T = TypeVar("_T")
UNKNOWN = ("LEAD_UNKNOWN", "CLOCK_UNKNOWN")
"""Refusals that mean: there is no such thing."""


class PageResponse(HTMLResponse):
    """A page: shown inside Airflow only, its forms are sent nowhere else, and no proxy keeps it."""

    def __init__(self, content: str, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        guards = {
            "Content-Security-Policy": "frame-ancestors 'self'; form-action 'self'; base-uri 'none'; object-src 'none'",
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
        }
        super().__init__(content, status_code, {**guards, **(headers or {})})


def wants_page(request: Request) -> bool:
    """Whether a person reads the answer: a browser asks for a page, not for data."""
    return "text/html" in request.headers.get("accept", "") and "/api/" not in request.url.path


def answered(ask: Callable[[], _T], *, passing: Collection[str] = ()) -> _T:
    """What was asked for; 404 for a county that the home does not name, 503 when the store cannot be read.

    Errors of the codes `passing` are left to the caller.
    """
    try:
        return ask()
    except KeyError as cause:
        raise HTTPException(404, f"没有这个县区 / no such county: {cause}") from cause
    except MianshenError as cause:
        if cause.code in passing:
            raise
        raise HTTPException(404 if cause.code in UNKNOWN else 503, cause.message()) from cause
