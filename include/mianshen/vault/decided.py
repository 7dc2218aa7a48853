"""The links that hold, with the numbers behind them, for the load of a delivery. Nothing of it leaves the vault's openers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mianshen.vault import links
from mianshen.vault.keyring import Keyring
from mianshen.vault.links import WrittenIdentity
from mianshen.vault.register import Register


@dataclass(frozen=True, slots=True, repr=False)
class Decided:
    """Decisions as the load of a delivery goes by them. Never printed."""

    ids: tuple[str, ...]
    """Links that hold, in order."""
    numbers: frozenset[str]
    """Canonical id numbers whose person is another number's."""
    rows: Mapping[str, str]
    """By the digest of a written identity, the canonical number of its person."""
    lists: frozenset[str]
    """Lists of which a row is linked."""
    keyring: Keyring
    """The keys."""

    def bearers(self, list_code: str, rows: Iterable[tuple[int, WrittenIdentity]]) -> dict[int, str]:
        """The canonical number by line. Two rows of a delivery that look alike but for a whole number are given to nobody."""
        if list_code not in self.lists:
            return {}
        tags = [(line, one.digest(self.keyring, list_code=list_code), one) for line, one in rows if one.is_telling]
        counted = Counter(tag for _, tag, _ in tags)
        return {
            line: self.rows[tag] for line, tag, one in tags if tag in self.rows and (one.has_whole_number or counted[tag] == 1)
        }


def decided(register: Register) -> Decided:
    """The links of the vault that hold now."""
    force = links.in_force(register.engine)
    persons = {tag: force.person(key) for tag, key in force.rows.items()}
    with register.reading() as connection:
        wanted = sorted({*force.numbers, *persons.values()})
        certnos = {key: record.certno for key, record in register.records(connection, wanted)}
    return Decided(
        ids=force.ids,
        numbers=frozenset(certnos[key] for key in force.numbers),
        rows={tag: certnos[key] for tag, key in persons.items()},
        lists=force.lists,
        keyring=register.keyring,
    )
