"""Keys are exchanged and nobody is lost: persons, links, digests and files stand as before, and the old keys open nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, text
from tests.postgres import new_database

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno
from mianshen.core.paths import Home
from mianshen.vault import links, rotation, sm
from mianshen.vault.accounts import shared_accounts
from mianshen.vault.custody import Custody
from mianshen.vault.departments import department_keys
from mianshen.vault.keyring import Keyring, keys_of, make_keyring, open_keyring
from mianshen.vault.links import Link, LinkKind, Said, WrittenIdentity
from mianshen.vault.records import Fact
from mianshen.vault.register import Register, create
from mianshen.vault.rotation import Vault
from mianshen.vault.tables import PERSON, PERSON_FACT, PERSON_INDEX
from mianshen.warehouse.connect import open_database

Entropy = Callable[[int], bytes]
AT = datetime(2026, 11, 3, 9, tzinfo=ZONE)
SAID = Said("clerk", "2026-11-03T09:00:00+08:00", "同一人", "函 1")
OTHER = Said("chief", "2026-11-03T09:05:00+08:00", "同一人", "函 1")
WRITTEN = WrittenIdentity("", "残缺", "某镇")


@dataclass
class County:
    """A vault with people of whom several lists spoke, linked rows and numbers, and files."""

    vault: Vault
    people: Mapping[str, list[Fact]]
    keys: Mapping[str, str]
    files: Mapping[str, bytes]

    @property
    def keyring(self) -> Keyring:
        return keys_of(self.vault.home)

    @property
    def register(self) -> Register:
        return Register(self.vault.engine, self.keyring)

    @property
    def custody(self) -> Custody:
        return Custody(self.vault.home.custody, self.vault.engine, self.keyring)


def certno_of(number: int) -> str:
    return make_certno(born=date(1940, 1, 1) + timedelta(days=number // 1000), serial=number % 1000)


def facts_of(draw: Random, number: int) -> list[Fact]:
    """What is said of a person: names, sound and damaged, from lists and feeds, accounts that some share, phones."""
    said = [Fact("name", "list_a", f"姓{draw.randrange(40)}名", "2026-10")]
    if draw.random() < 0.3:
        said.append(Fact("name", "list_b", f"姓{draw.randrange(40)}名", "2026-09"))
    if draw.random() < 0.1:
        said.append(Fact("name", "list_a?", "姓?名", "2026-10", is_flagged=True))
    if draw.random() < 0.6:
        said.append(Fact("account", "list_a", f"62{draw.randrange(number + 1):017d}", "2026-10"))
    if draw.random() < 0.4:
        said.append(Fact("phone", "list_b", f"100{draw.randrange(10**8):08d}", "2026-10"))
    return said


def make_county(root: Path, entropy: Entropy, *, people: int, seed: int = 1, url: str | None = None) -> County:
    home = Home(root / "home")
    home.make()
    make_keyring(home.keyring, entropy)
    engine = open_database(url or home.vault_url)
    create(engine)
    draw = Random(seed)
    said = {certno_of(number): facts_of(draw, number) for number in range(people)}
    register, custody = Register(engine, keys_of(home)), Custody(home.custody, engine, keys_of(home))
    keys = dict(register.record(said, entropy=entropy).keys)
    for certno in draw.sample(sorted(said), people // 4):  # a month later some say otherwise: the record has a past
        later = Fact("name", "list_a", f"改{draw.randrange(9)}名", "2026-11")
        register.record({certno: [later]}, entropy=entropy)
        said[certno] = [later, *said[certno][1:]]
    files = {
        custody.land(body, at="2026-11-03", entropy=entropy): body
        for body in (b"a" * (9_000_000 if people > 100 else 100), b"b", b"")
    }
    ones = [certno_of(number) for number in range(3)]
    digest = WRITTEN.digest(register.keyring, list_code="list_a")
    for link in (
        Link(LinkKind.ROW, "list_a", "D1", 4, keys[ones[0]], tag=digest),
        Link(LinkKind.NUMBER, "list_a", "D1", 5, keys[ones[1]], from_key=keys[ones[2]]),
    ):
        links.confirm(engine, links.propose(engine, link, index_version=1, said=SAID), said=OTHER)
    return County(Vault(home, engine, entropy), said, keys, files)


@pytest.fixture
def county(tmp_path: Path, entropy: Entropy) -> County:
    return make_county(tmp_path, entropy, people=300)


def standing(county: County) -> dict[str, object]:
    """All that must be as it was: who is who, what is linked and shared, what files hold, what digests say outside."""
    register = county.register
    keys = sorted(set(county.keys.values()))
    said = {"purpose": "test", "recipient": "test", "actor": "test", "anchor": lambda _: None}
    opened = register.open_persons(keys, fields=("certno", "name", "phone", "account"), at=AT, **said)
    with register.reading() as connection:
        facts = connection.execute(select(PERSON_FACT.c.person_key, PERSON_FACT.c.slot, PERSON_FACT.c.since)).all()
        records = {key: record.to_bytes() for key, record in register.records(connection, keys)}
    return {
        "keys": register.keys_of(county.people),
        "persons": {key: (one.certno, one.name, one.phone, one.accounts) for key, one in opened.items()},
        "records": records,
        "facts": sorted(tuple(row) for row in facts),
        "shared": shared_accounts(county.vault.engine),
        "links": links.in_force(county.vault.engine),
        "row": WRITTEN.digest(register.keyring, list_code="list_a"),
        "digests": register.digests("household", ["H1", "H2"]),
        "departments": department_keys(register.keyring, keys, department="health"),
        "differing": register.differing({key: ["姓1名"] for key in keys}),
        "files": {name: county.custody.open(name) for name in county.files},
    }


@pytest.mark.parametrize(("index", "data"), [(True, False), (False, True), (True, True)])
def test_everything_stands_as_before_whatever_is_exchanged(county: County, index: bool, data: bool) -> None:
    before = standing(county)
    done = rotation.rotate(county.vault, index=index, data=data, batch=70)
    assert (done.persons, done.files) == (300, 3 * data)
    assert standing(county) == before
    assert (county.keyring.index_version, county.keyring.data_version) == (1 + index, 1 + data)
    rotation.drop(county.vault)
    assert standing(county) == before
    assert (len(county.keyring.index_keys), len(county.keyring.data_keys)) == (1, 1)


def test_the_next_month_finds_everybody_again_and_learns_nothing_new(county: County, entropy: Entropy) -> None:
    people = {certno: said for certno, said in county.people.items() if certno != certno_of(2)}  # who is another one by a link
    known = county.register.record(people, entropy=entropy).keys
    rotation.rotate(county.vault, index=True, data=True)
    for _ in range(2):
        again = county.register.record(people, entropy=entropy)
        assert (again.keys, again.added, again.changed) == (known, 0, 0)
        rotation.drop(county.vault)
    fresh = county.register.record({certno_of(9_000): [Fact("name", "list_a", "新人", "2026-12")]}, entropy=entropy)
    assert fresh.added == 1


@pytest.mark.parametrize("seed", range(4))
def test_any_county_keeps_its_people_through_any_course_of_exchanges(tmp_path: Path, entropy: Entropy, seed: int) -> None:
    draw = Random(seed)
    county = make_county(tmp_path, entropy, people=draw.randrange(8, 60), seed=seed)
    before = standing(county)
    for _ in range(4):
        act = draw.choice(["index", "data", "both", "secret", "drop"])
        if act == "drop":
            rotation.drop(county.vault)
        elif act == "secret":
            rotation.rewrap(county.vault)
        else:
            rotation.rotate(county.vault, index=act != "data", data=act != "index", batch=draw.randrange(1, 70))
        assert standing(county) == before, act


def test_old_keys_open_and_find_nothing_any_more(county: County, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen.json"
    shutil.copy2(county.vault.home.keyring, stolen)
    old = open_keyring(stolen)
    someone = certno_of(7)
    tag = old.tagger.tag("certno", someone)
    rotation.rotate(county.vault, index=True, data=True)
    rotation.rewrap(county.vault)
    rotation.drop(county.vault)

    with pytest.raises(MianshenError, match="KEYS_CHANGED"):
        Register(county.vault.engine, old).keys_of([someone])
    with county.vault.engine.connect() as connection:
        assert tag not in set(connection.execute(select(PERSON_INDEX.c.tag)).scalars())
        names = {old.tagger.tag("name", one.value) for facts in county.people.values() for one in facts if one.kind == "name"}
        assert not names & set(connection.execute(select(PERSON_FACT.c.tag)).scalars())
        sealed = connection.execute(select(PERSON)).mappings().all()
    for row in sealed:
        with pytest.raises(MianshenError, match="KEYS_CHANGED"):
            old.opener(row["data_version"])
    for name in county.files:
        with pytest.raises(MianshenError, match="KEYS_CHANGED"):
            Custody(county.vault.home.custody, county.vault.engine, old).open(name)
    county.vault.engine.dispose()
    whole = b"".join(path.read_bytes() for path in county.vault.home.vault.rglob("*") if path.is_file())
    assert tag.encode() not in whole, "not even in the database's free pages"
    assert {path.name for path in county.vault.home.custody.iterdir()} == {f"{name}.v2.sealed" for name in county.files}


def test_whoever_read_the_keys_before_writes_and_reads_nobody_after(county: County, entropy: Entropy) -> None:
    before = county.register
    late = Custody(county.vault.home.custody, county.vault.engine, county.keyring)
    rotation.rotate(county.vault, index=True, data=True)
    with pytest.raises(MianshenError, match="KEYS_CHANGED"):
        before.record({certno_of(8_000): []}, entropy=entropy)
    with pytest.raises(MianshenError, match="KEYS_CHANGED"):
        before.keys_of(county.people)
    with pytest.raises(MianshenError, match="KEYS_CHANGED"):
        late.land(b"late", at="2026-11-04", entropy=entropy)
    name = county.custody.land(b"late", at="2026-11-04", entropy=entropy)
    assert county.custody.open(name) == b"late"


def test_nobody_registers_while_keys_are_exchanged(county: County, entropy: Entropy, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []
    carry = rotation._carry_persons

    def meanwhile(*args: object) -> int:
        for act in (lambda: county.register.record({}, entropy=entropy), lambda: county.register.keys_of([])):
            with pytest.raises(MianshenError) as caught:
                act()
            refused.append(caught.value.code)
        with pytest.raises(MianshenError, match="KEYS_IN_USE"):
            rotation.drop(county.vault)
        return carry(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_carry_persons", meanwhile)
    rotation.rotate(county.vault, index=True, data=False, batch=200)
    assert refused == ["KEYS_ROTATING"] * 6


def test_a_key_file_of_before_keeps_every_link(county: County, entropy: Entropy, tmp_path: Path) -> None:
    """Files of format 1 held one index key, which made the outer digests too."""
    home = Home(tmp_path / "older")
    home.make()
    secret, index_key, data_key = entropy(32), entropy(32), entropy(16)
    wrapped = sm.seal(sm.derive(secret, purpose="mianshen|wrap"), data_key, bound_to="keyring|data|1", entropy=entropy)
    body = {"index_version": 1, "index_key": index_key.hex(), "secret": secret.hex(), "data_version": 1}
    home.keyring.write_text(json.dumps({**body, "data_key_wrapped": wrapped.hex()}))
    home.keyring.chmod(0o600)
    engine = open_database(home.vault_url)
    create(engine)
    known = Register(engine, keys_of(home)).record(county.people, entropy=entropy).keys
    older = County(Vault(home, engine, entropy), county.people, dict(known), {})
    before = standing(older)
    rotation.rotate(older.vault, index=True, data=True)
    rotation.drop(older.vault)
    assert standing(older) == before
    assert json.loads(home.keyring.read_text())["format"] == 2


def test_people_of_a_vault_on_postgresql_are_carried_over_too(tmp_path: Path, entropy: Entropy, postgres: str) -> None:
    county = make_county(tmp_path, entropy, people=120, url=new_database(postgres, "rotated_vault"))
    before = standing(county)
    rotation.rotate(county.vault, index=True, data=True, batch=50)
    rotation.drop(county.vault)
    assert standing(county) == before
    with county.vault.engine.connect() as connection:
        assert connection.execute(text("select count(*) from person_index")).scalar_one() == 120
    county.vault.engine.dispose()
