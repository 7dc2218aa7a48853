"""The register of persons: id number to person_key, and back for those who may ask, with a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, delete, select, text, update

from mianshen.core.errors import MianshenError
from mianshen.core.office import Office
from mianshen.vault import links, newcomers, records, sm, tables
from mianshen.vault.key_state import require_current
from mianshen.vault.keyring import Keyring
from mianshen.vault.lookups import Anchor, Asked, LookupLog
from mianshen.vault.newcomers import Tags
from mianshen.vault.records import Account, Fact, Person, Record
from mianshen.vault.standing import Comparison, standing_of
from mianshen.vault.tables import IS_SOUGHT, LOOKUP_LOG, PERSON, PERSON_FACT, PERSON_INDEX, among, chunks

FIELDS = frozenset({"certno", "name", "phone", "account", "address"})
"""What can be asked for of a person."""


def create(engine: Engine) -> None:
    """Make the vault's tables where they do not stand yet."""
    tables.create(engine)


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a batch."""

    keys: Mapping[str, str]
    """person_key by canonical id number."""
    fresh: Set[str]
    """Canonical id numbers of persons that were new."""
    agreeing: Set[str]
    """Keys of persons whom the register knew by no other sound name than those said now."""
    changed: int
    """Persons whose record learnt something."""

    @property
    def added(self) -> int:
        """How many persons were new."""
        return len(self.fresh)

    def are_alone(self, certnos: Iterable[str]) -> list[bool]:
        """Of each number, whether nothing but what was said now names its person, as far as the register knows."""
        return [certno in self.fresh or self.keys.get(certno) in self.agreeing for certno in certnos]


@dataclass(frozen=True, slots=True)
class Register:
    """Persons behind their keys."""

    engine: Engine
    """The vault's database."""
    keyring: Keyring
    """The keys."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction for several calls of `record`; other registering processes wait for its end."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction in which the keys are the ones that the vault is written with, from its first question to its last.

        MianshenError KEYS_ROTATING while keys are exchanged; KEYS_CHANGED when they were since these were read.
        """
        with self.engine.connect() as connection:
            require_current(connection, self.keyring)
            yield connection

    def record(
        self, people: Mapping[str, Sequence[Fact]], *, entropy: sm.Entropy, within: Connection | None = None
    ) -> Registered:
        """Give every canonical id number its person_key and take in what is new of each; the same again changes nothing.

        `within` is the transaction of `writing`; without it the call has its own.
        """
        tagger = self.keyring.tagger
        tags = {certno: tagger.tag("certno", certno) for certno in sorted(people)}
        with self.writing() if within is None else nullcontext(within) as connection:
            _lock(connection)
            require_current(connection, self.keyring)
            version = self.keyring.index_version
            force = links.force(connection)
            known = standing_of(connection, tags.values(), index_version=version, force=force)
            keys = {certno: known.keys[tag] for certno, tag in tags.items() if tag in known.keys}
            unknown = [certno for certno in tags if certno not in keys]
            fresh = dict(zip(unknown, newcomers.new_keys(len(unknown), entropy), strict=True))
            newcomers.add(connection, self.keyring, fresh, index=tags, people=people, entropy=entropy)
            compared = Comparison(known.slots, Tags(tagger))
            for certno, key in keys.items():
                compared.add(key, people[certno])
            self._learn(connection, compared.news, entropy)
        return Registered({**keys, **fresh}, fresh.keys(), compared.agreeing, len(compared.news))

    def keys_of(self, certnos: Iterable[str]) -> dict[str, str]:
        """person_key of those of these canonical numbers that the vault knows; nobody is registered."""
        tags = {certno: self.keyring.tagger.tag("certno", certno) for certno in certnos}
        with self.reading() as connection:
            known = self._known(connection, tags.values())
            people_of = links.force(connection)
            return {certno: people_of.person(known[tag]) for certno, tag in tags.items() if tag in known}

    def digests(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """account_key, phone_key or household_key of each distinct value."""
        tagger = self.keyring.tagger
        return {value: tagger.tag(kind, value)[:32] for value in values}

    def differing(self, names: Mapping[str, Iterable[str]]) -> set[str]:
        """Of these person_keys, those whose names, as given here and as each origin last said them, are not all one."""
        tags = Tags(self.keyring.tagger)
        seen = {key: {tags["name", name] for name in some} for key, some in names.items()}
        with self.reading() as connection:
            for some in chunks(sorted(seen)):
                said = PERSON_FACT.c.slot.startswith("name|") & ~PERSON_FACT.c.slot.endswith(records.DOUBTFUL)
                query = select(PERSON_FACT.c.person_key, PERSON_FACT.c.tag).where(
                    among(connection, PERSON_FACT.c.person_key, some), said
                )
                for key, tag in connection.execute(query).all():
                    seen[key].add(tag)
        return {key for key, tags in seen.items() if len(tags) > 1}

    def rounded(self, names: Mapping[str, Iterable[str]]) -> set[str]:
        """Of these canonical numbers, with the names they carry, those that look rounded by a spreadsheet.

        Another person bears the same name and the same first fifteen digits, which is all that a spreadsheet keeps.
        """
        tagger = self.keyring.tagger
        near = {newcomers.near_tag(tagger, certno, name): certno for certno, some in names.items() for name in some}
        own = {certno: tagger.tag("certno", certno) for certno in names}
        found: set[str] = set()
        with self.reading() as connection:
            people_of = links.force(connection)
            keys = {tag: people_of.person(key) for tag, key in self._known(connection, own.values()).items()}
            for some in chunks(sorted(near)):
                is_near = among(connection, PERSON_FACT.c.tag, some)
                query = select(PERSON_FACT.c.tag, PERSON_FACT.c.person_key).where(is_near, IS_SOUGHT)
                for row in connection.execute(query):
                    if row.person_key != keys.get(own[near[row.tag]]):
                        found.add(near[row.tag])
        return found

    def open_persons(
        self,
        keys: Iterable[str],
        *,
        fields: Iterable[str],
        purpose: str,
        recipient: str,
        actor: str,
        at: datetime,
        anchor: Anchor,
        log: LookupLog | None = None,
    ) -> dict[str, Person]:
        """The fields asked for (certno, name, phone, account) of these persons.

        The look-up is logged and anchored before anything opens: by the bureau's log unless another is given, and by `anchor`,
        which writes its digest into the audit chain. MianshenError LOOKUP_UNEXPLAINED without a purpose, recipient and actor or
        with an unknown field; PERSON_UNKNOWN for a key that the vault does not hold.
        """
        wanted, asked = sorted(set(keys)), sorted(set(fields))
        if not set(asked) <= FIELDS:
            raise MianshenError("LOOKUP_UNEXPLAINED", found=", ".join(asked), where=LOOKUP_LOG.name)
        why = Asked(tuple(asked), purpose=purpose, recipient=recipient, actor=actor, at=at.isoformat(timespec="seconds"))
        anchor((log or LookupLog(self.engine, Office.BUREAU)).write(wanted, why))
        with self.reading() as connection:
            found = dict(self.records(connection, wanted))
        missing = [key for key in wanted if key not in found]
        if missing:
            raise MianshenError("PERSON_UNKNOWN", found=f"{len(missing)} keys, first {missing[0]}", where="vault.person")
        return {key: self._view(key, found[key], asked) for key in wanted}

    def _view(self, key: str, record: Record, asked: Sequence[str]) -> Person:
        names, phones, addresses = record.latest("name"), record.latest("phone"), record.latest("address")
        accounts = record.latest("account") if "account" in asked else []
        digests = self.digests("account", {one.value for one in accounts})
        return Person(
            person_key=key,
            certno=record.certno if "certno" in asked else None,
            name=names[0].value if "name" in asked and names else None,
            phone=phones[0].value if "phone" in asked and phones else None,
            address=addresses[0].value if "address" in asked and addresses else None,
            accounts=tuple(Account(one.value, digests[one.value], one.origin, one.since, one.is_flagged) for one in accounts),
        )

    def _known(self, connection: Connection, tags: Iterable[str]) -> dict[str, str]:
        known: dict[str, str] = {}
        for some in chunks(tags):
            query = select(PERSON_INDEX.c.tag, PERSON_INDEX.c.person_key).where(
                PERSON_INDEX.c.index_version == self.keyring.index_version, among(connection, PERSON_INDEX.c.tag, some)
            )
            known.update(tuple(row) for row in connection.execute(query).all())
        return known

    def learn(self, said: Mapping[str, Fact], *, entropy: sm.Entropy) -> int:
        """Take in what the persons of these keys said of themselves; how many said something new."""
        with self.writing() as connection:
            _lock(connection)
            known = dict(self.records(connection, said))
            news = {
                key: [said[key]]
                for key, record in known.items()
                if (last := record.facts.get(said[key].slot)) is None or last.value != said[key].value
            }
            self._learn(connection, news, entropy)
        return len(news)

    def _learn(self, connection: Connection, news: Mapping[str, Sequence[Fact]], entropy: sm.Entropy) -> None:
        """Take the facts into the records of these persons."""
        tags = Tags(self.keyring.tagger)
        for some in chunks(sorted(news)):
            resealed: list[dict[str, object]] = []
            slots: list[newcomers.Slot] = []
            for key, record in self.records(connection, some):
                record.learn(news[key])
                resealed.append(self._sealed(key, record, entropy))
                learnt = (record.facts[one.slot] for one in news[key])
                slots.extend(newcomers.slots(tags, self.keyring.tagger, key, record.certno, learnt))
            statement = update(PERSON).where(PERSON.c.person_key == bindparam("key"))
            connection.execute(statement, [{"key": one.pop("person_key"), **one} for one in resealed])
            _put_slots(connection, slots)

    def records(self, connection: Connection, keys: Iterable[str]) -> Iterator[tuple[str, Record]]:
        """The opened records of these persons, for the vault's own work; nothing of them leaves it unlogged."""
        for some in chunks(keys):
            rows = connection.execute(
                select(PERSON).where(among(connection, PERSON.c.person_key, some)).order_by(PERSON.c.person_key)
            )
            for row in rows.all():
                plain = sm.unseal(
                    self.keyring.opener(row.data_version), row.sealed, bound_to=newcomers.owner(row.person_key, row.data_version)
                )
                yield row.person_key, records.from_bytes(plain)

    def _sealed(self, key: str, record: Record, entropy: sm.Entropy) -> dict[str, object]:
        version = self.keyring.data_version
        body = sm.seal(self.keyring.data_key, record.to_bytes(), bound_to=newcomers.owner(key, version), entropy=entropy)
        return {"person_key": key, "data_version": version, "sealed": body}


def _lock(connection: Connection) -> None:
    """Two registering processes take turns: SQLite begins immediately, PostgreSQL locks the index."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table person_index in exclusive mode"))


def _put_slots(connection: Connection, said: Iterable[newcomers.Slot]) -> None:
    """Write the slots in two statements for all of them; what stood there goes, the last of two for one place stays."""
    rows = list({(key, slot): (key, slot, since, tag) for key, slot, since, tag in said}.values())
    place = (PERSON_FACT.c.person_key == bindparam("of_person")) & (PERSON_FACT.c.slot == bindparam("of_slot"))
    connection.execute(delete(PERSON_FACT).where(place), [{"of_person": row[0], "of_slot": row[1]} for row in rows])
    newcomers.insert_slots(connection, rows)
