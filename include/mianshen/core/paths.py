"""Where a county's data lies on disk: one home folder, every room named here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PRIVATE = 0o700
"""Folders that may hold personal data (inbox, fetched, vault, custody, outbox) or say who was looked up (supervision)."""
SHARED = 0o750
"""Folders that the group of the owner reads too: the home, the lake's result tables, reports."""
SHARED_FILE = 0o640
"""Files in them."""
OTHERS = 0o077
"""What nobody but the owner may do with anything that is made, unless it is shared by `share`."""


def keep_to_owner() -> None:
    """From here on this process makes files and folders that its owner alone may open (umask 077), whoever started it."""
    os.umask(OTHERS)


def share(path: Path, *, below: Path) -> None:
    """Let the owner's group read a folder with its files, or one file, and come through the folders that lead to it from `below`.

    Only for what names nobody.
    """
    within = path.relative_to(below).parents
    for folder in (below / one for one in within):
        folder.chmod(SHARED)
    if path.is_file():
        path.chmod(SHARED_FILE)
        return
    path.chmod(SHARED)
    for one in path.iterdir():
        if one.is_file():
            one.chmod(SHARED_FILE)


def put_shared(path: Path, content: bytes, *, below: Path) -> None:
    """Put the file there whole or not at all, whatever lay there before, for the owner's group to read too, as `share`.

    Only for what names nobody: papers with names go through the outbox.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{path.name}")
    temporary.write_bytes(content)
    temporary.rename(path)
    share(path, below=below)


SecretSource = Callable[[], str]
"""Gives the secret that wraps the vault's keys, as text; asked each time keys are opened."""


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder (MIANSHEN_HOME) and its rooms."""

    root: Path
    """Absolute path of the home folder."""
    secret_from: SecretSource | None = None
    """Where the secret comes from that wraps the vault's keys; None while it lies in the key file."""

    def inbox(self, pack: str) -> Path:
        """Where departments' files of this county arrive."""
        return self.root / "inbox" / pack

    def fetched(self, pack: str) -> Path:
        """What sources of this county have given already, and their locks; names of files may name people."""
        return self.root / "fetched" / pack

    def turns(self, pack: str) -> Path:
        """Locks by which runs of a stage for this county wait for each other."""
        return self.fetched(pack) / "turns"

    @property
    def vault(self) -> Path:
        """Keys, register of persons, custody of landed bytes."""
        return self.root / "vault"

    @property
    def custody(self) -> Path:
        """Landed bytes, sealed, named by content hash."""
        return self.vault / "custody"

    @property
    def keyring(self) -> Path:
        """The key file, mode 0600."""
        return self.vault / "keyring.json"

    @property
    def supervision(self) -> Path:
        """What the supervisor looked up: the bureau does not read it."""
        return self.root / "supervision"

    @property
    def evidence(self) -> Path:
        """Seals of the ledger and of the files that left: digests alone."""
        return self.root / "evidence"

    @property
    def lake(self) -> Path:
        """Immutable Parquet run folders."""
        return self.root / "lake"

    def outbox(self, pack: str) -> Path:
        """Payment files and papers that name people."""
        return self.root / "outbox" / pack

    def reports(self, pack: str) -> Path:
        """Reports without names."""
        return self.root / "reports" / pack

    def data_docs(self, pack: str) -> Path:
        """Great Expectations data docs."""
        return self.root / "data_docs" / pack

    @property
    def ledger_url(self) -> str:
        """The embedded ledger; a PostgreSQL URL may stand in its place."""
        return f"sqlite:///{self.root / 'ledger.db'}"

    @property
    def vault_url(self) -> str:
        """The embedded register of persons."""
        return f"sqlite:///{self.vault / 'vault.db'}"

    @property
    def supervision_url(self) -> str:
        """The embedded log of the supervisor's look-ups."""
        return f"sqlite:///{self.supervision / 'lookups.db'}"

    def make(self) -> None:
        """Create the rooms that do not depend on a pack, with their modes."""
        for folder, mode in ((self.root, SHARED), (self.vault, PRIVATE), (self.custody, PRIVATE), (self.lake, SHARED)):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
        for room in ("inbox", "outbox", "fetched", "supervision"):
            (self.root / room).mkdir(exist_ok=True)
            (self.root / room).chmod(PRIVATE)
