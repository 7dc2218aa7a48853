"""Accounts that serve several persons: found by their keyed digests, nothing is opened."""

from __future__ import annotations

from sqlalchemy import Engine, distinct, func, select

from mianshen.vault.tables import IS_SOUGHT, PERSON_FACT

_KEY_LENGTH = 32


def shared_accounts(engine: Engine) -> dict[str, frozenset[str]]:
    """person_keys by account_key of the accounts that stand with more than one person now."""
    several = (
        select(PERSON_FACT.c.tag)
        .where(PERSON_FACT.c.slot.startswith("account|"))
        .group_by(PERSON_FACT.c.tag)
        .having(func.count(distinct(PERSON_FACT.c.person_key)) > 1)
    )
    query = select(PERSON_FACT.c.tag, PERSON_FACT.c.person_key).where(
        PERSON_FACT.c.slot.startswith("account|"), PERSON_FACT.c.tag.in_(several), IS_SOUGHT
    )
    found: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for tag, person_key in connection.execute(query):
            found.setdefault(tag[:_KEY_LENGTH], set()).add(person_key)
    return {key: frozenset(people) for key, people in found.items()}
