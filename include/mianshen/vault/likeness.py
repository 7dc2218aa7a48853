"""Whether a name or an account that somebody writes is the one that was sent, told by keyed digests: nothing is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import select

from mianshen.vault.records import DOUBTFUL
from mianshen.vault.register import Register
from mianshen.vault.tables import PERSON_FACT

_BATCH = 900


class Keyed(Protocol):
    """A payment as the ledger holds it."""

    @property
    def account(self) -> str:
        """Its account_key."""

    @property
    def name(self) -> str:
        """Its payee's person_key."""


class KeyedLikeness:
    """The likeness of written accounts and names to the digests that the ledger and the register hold."""

    def __init__(self, register: Register, payees: Iterable[str]) -> None:
        self._register = register
        wanted = sorted(set(payees))
        self._names: dict[str, set[str]] = {}
        said = PERSON_FACT.c.slot.startswith("name|") & ~PERSON_FACT.c.slot.endswith(DOUBTFUL)
        with register.reading() as connection:
            for start in range(0, len(wanted), _BATCH):
                some = wanted[start : start + _BATCH]
                query = select(PERSON_FACT.c.person_key, PERSON_FACT.c.tag).where(PERSON_FACT.c.person_key.in_(some), said)
                for row in connection.execute(query):
                    self._names.setdefault(row.person_key, set()).add(row.tag)

    def account(self, written: str, sent: Keyed) -> bool:
        """Whether the digits have the payment's account_key."""
        return bool(written) and self._register.digests("account", (written,))[written] == sent.account

    def name(self, written: str, sent: Keyed) -> bool:
        """Whether the register knows the payee by this name."""
        return self._register.keyring.tagger.tag("name", written) in self._names.get(sent.name, ())

    def name_cut(self, written: str, sent: Keyed, *, width: int) -> bool:
        """Never: a digest does not tell the beginning of a name, so a person compares it."""
        return False
