"""How the plugin registers the page: names and places only. The app itself is built when the API server is first asked for it.

Every process of Airflow imports the plugin, the scheduler and each task included; the login code alone takes seconds to import.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

URL_PREFIX = "/mianshen"
"""Where the page lies below the API server."""


class LateApp:
    """An ASGI app that stands in for the real one and hands it every request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the real app answer."""
        await _built()(scope, receive, send)


@cache
def _built() -> ASGIApp:
    from mianshen_airflow.pages.app import app

    return app


def plugin_app() -> dict[str, Any]:
    """What the plugin registers as FastAPI app."""
    return {"app": LateApp(), "url_prefix": URL_PREFIX, "name": "mianshen"}


def plugin_view() -> dict[str, Any]:
    """The entry in Airflow's navigation."""
    return {
        "name": "监督台",
        "href": f"{URL_PREFIX}/",
        "destination": "nav",
        "url_route": "mianshen",
        "nav_top_level": True,
    }
