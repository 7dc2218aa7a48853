"""Airflow's REST API as this demo uses it: tokens by login, loopback only, patient with a busy SQLite."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

PATIENCE = 5
"""How often a request that met a busy server is tried again."""
BUSY = range(500, 600)
"""Answers that mean: again later."""


class RefusedError(Exception):
    """Airflow answered with an error that trying again does not cure."""

    def __init__(self, status: int, what: str) -> None:
        self.status = status
        super().__init__(f"{status} {what}")


class Api:
    """One Airflow, asked as different people."""

    def __init__(self, base_url: str, passwords: Mapping[str, str]) -> None:
        self.base_url = base_url
        self.passwords = passwords
        self._tokens: dict[str, str] = {}
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def get(self, path: str, *, user: str, **query: Any) -> Any:
        """The JSON answer of a GET; RefusedError for an error."""
        asked = urlencode([(key, one) for key, value in query.items() for one in (value if isinstance(value, list) else [value])])
        return self._ask("GET", f"{path}?{asked}" if asked else path, None, user)

    def patch(self, path: str, body: Mapping[str, Any], *, user: str) -> Any:
        """The JSON answer of a PATCH; RefusedError for an error."""
        return self._ask("PATCH", path, body, user)

    def is_healthy(self, *components: str) -> bool:
        """Whether the API server answers and these components are healthy."""
        try:
            said = self._send("GET", "/api/v2/monitor/health", None, None)
        except (OSError, ValueError):
            return False
        return all(said.get(one, {}).get("status") == "healthy" for one in components)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, user: str) -> Any:
        for turn in range(PATIENCE):
            try:
                return self._send(method, path, body, self._token(user))
            except urllib.error.HTTPError as error:
                if error.code not in BUSY or turn == PATIENCE - 1:
                    raise RefusedError(error.code, f"{method} {path}: {error.read().decode(errors='replace')[:300]}") from error
            except OSError:
                if turn == PATIENCE - 1:
                    raise
            time.sleep(1 + turn)
        raise AssertionError("the last turn returns or raises")

    def _token(self, user: str) -> str:
        if user not in self._tokens:
            login = {"username": user, "password": self.passwords[user]}
            self._tokens[user] = self._send("POST", "/auth/token", login, None)["access_token"]
        return self._tokens[user]

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, token: str | None) -> Any:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.base_url + path, data=data, headers=headers, method=method)  # noqa: S310 - loopback
        with self._open(request, timeout=60) as answer:
            return json.loads(answer.read())


def task_path(one: Mapping[str, Any]) -> str:
    """The path of a task instance."""
    run = quote(one["dag_run_id"], safe="")
    return f"/api/v2/dags/{one['dag_id']}/dagRuns/{run}/taskInstances/{one['task_id']}"
