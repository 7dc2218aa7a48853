"""Which home folder a command works on: --home, else MIANSHEN_HOME, else .home here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mianshen.core.paths import Home, SecretSource
from mianshen.core.secret import secret_in_file

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="数据目录，默认 MIANSHEN_HOME 或 .home  home folder, else MIANSHEN_HOME, else .home")
]
"""The option that every command on a home takes."""


def home_at(folder: Path | None) -> Home:
    """The home folder that was named, or the one of the environment, as an absolute path; it need not exist."""
    return Home((folder or Path(os.environ.get("MIANSHEN_HOME", ".home"))).absolute(), named_secret())


def named_secret() -> SecretSource | None:
    """The file that MIANSHEN_SECRET_FILE names, such as a docker secret; None while the secret lies in the key file."""
    named = os.environ.get("MIANSHEN_SECRET_FILE")
    return secret_in_file(Path(named)) if named else None
