"""Accounts that serve several persons: found by their keyed digests, nothing is opened."""

from __future__ import annotations

from sqlalchemy import Engine, distinct, func, select

from mianshen.vault.tables import PERSON_FACT

_KEY_LENGTH = 32


def shared_accounts(engine: Engine) -> frozenset[str]:
    """account_keys that stand with more than one person now."""
    query = (
        select(PERSON_FACT.c.tag)
        .where(PERSON_FACT.c.slot.startswith("account|"))
        .group_by(PERSON_FACT.c.tag)
        .having(func.count(distinct(PERSON_FACT.c.person_key)) > 1)
    )
    with engine.connect() as connection:
        return frozenset(tag[:_KEY_LENGTH] for tag in connection.execute(query).scalars())
