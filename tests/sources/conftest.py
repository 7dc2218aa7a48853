"""Loopback only: no proxy of the machine is asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mianshen.policy import packs

AIRFLOWS_OWN = (
    "ignore:GitWildMatchPattern",
    "ignore::DeprecationWarning:(airflow|paramiko|asyncssh|moto|botocore|aiobotocore).*",
)
"""Warnings about code inside Airflow and its libraries; every other warning is an error here too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for message in AIRFLOWS_OWN:
                item.add_marker(pytest.mark.filterwarnings(message))


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True, scope="module")
def one_pack() -> Iterator[None]:
    """The pack is read once a module, not at each of a hundred visits; modules elsewhere read it anew."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(packs, "load_pack", cache(packs.load_pack))
        yield
