"""Who bears a name: found by its keyed digest, as lists and feeds last said it. Keys only; nothing is opened here."""

from __future__ import annotations

from sqlalchemy import or_, select

from mianshen.vault import links
from mianshen.vault.records import DOUBTFUL, FEEDS_WITHOUT_VERIFIED_NAMES
from mianshen.vault.register import Register
from mianshen.vault.sounds import alike
from mianshen.vault.tables import IS_SOUGHT, PERSON_FACT, among, chunks

_FED = tuple(f"name|{one}" for one in sorted(FEEDS_WITHOUT_VERIFIED_NAMES))


def bearing(register: Register, name: str, *, most: int) -> list[str]:
    """person_keys of at most `most` people whom a list or a feed calls so, in order; of two linked numbers, their person.

    Names on lists lie along an index; those that only settlements or enrolments say are looked through, a second for millions.
    """
    tag = register.keyring.tagger.tag("name", name)
    fact = PERSON_FACT.c
    said = fact.slot.startswith("name|") & ~fact.slot.endswith(DOUBTFUL)
    places = (IS_SOUGHT & said, or_(*(fact.slot == one for one in _FED)))
    with register.reading() as connection:
        found = {
            key
            for place in places
            for key in connection.execute(select(fact.person_key).where(fact.tag == tag, place).distinct().limit(most)).scalars()
        }
        people_of = links.force(connection)
        return sorted({people_of.person(key) for key in found})[:most]


def sounding(register: Register, name: str, *, most: int) -> list[str]:
    """person_keys of at most `most` people whom a list calls by a name that reads like this one (`sounds.alike`), in order.

    Every such name is tried by its keyed digest along the index of names on lists: no name is stored or opened for it.
    """
    tags = [register.keyring.tagger.tag("name", one) for one in alike(name)]
    fact = PERSON_FACT.c
    said = fact.slot.startswith("name|") & ~fact.slot.endswith(DOUBTFUL)
    with register.reading() as connection:
        found: set[str] = set()
        for some in chunks(tags):
            query = select(fact.person_key).where(among(connection, fact.tag, some), IS_SOUGHT, said).distinct().limit(most)
            found.update(connection.execute(query).scalars())
        people_of = links.force(connection)
        return sorted({people_of.person(key) for key in found})[:most]
