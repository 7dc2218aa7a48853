"""One person, one key; the vault learns only what is new; every look-up is logged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select
from tests.unit.vault.conftest import Vault

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.ids import make_certno
from mianshen.vault.accounts import shared_accounts
from mianshen.vault.lookups import Logged
from mianshen.vault.records import DOUBTFUL, Fact, Person
from mianshen.vault.tables import IS_SOUGHT, LOOKUP_LOG, PERSON, PERSON_FACT, PERSON_INDEX

Entropy = Callable[[int], bytes]
ONE, TWO = (make_certno(born=date(1950, 3, 3), serial=serial) for serial in (1, 2))
AT = datetime(2026, 11, 3, 9, tzinfo=ZONE)
ACCOUNT = "6299990000000000001"


def name(value: str, *, origin: str = "list_a", since: str = "2026-10") -> Fact:
    return Fact("name", origin, value, since)


def account(value: str, *, since: str = "2026-10", origin: str = "list_a", is_flagged: bool = False) -> Fact:
    return Fact("account", origin, value, since, is_flagged)


def unanchored(_logged: Logged) -> None:
    """The audit chain is the ledger's; here nobody keeps one."""


def look(vault: Vault, key: str, *fields: str) -> Person:
    return vault.register.open_persons(
        [key], fields=fields, purpose="payment 1", recipient="bank", actor="clerk", at=AT, anchor=unanchored
    )[key]


def counts(vault: Vault) -> tuple[int, ...]:
    with vault.register.engine.connect() as connection:
        tables = (PERSON, PERSON_INDEX, PERSON_FACT)
        return tuple(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables)


def test_a_person_keeps_the_key_and_two_persons_have_two(vault: Vault, entropy: Entropy) -> None:
    first = vault.register.record({ONE: [name("甲某")], TWO: []}, entropy=entropy)
    again = vault.register.record({TWO: [], ONE: []}, entropy=entropy)
    assert first.keys == again.keys and len(set(first.keys.values())) == 2
    assert all(len(key) == 26 for key in first.keys.values())


def test_the_same_file_again_adds_nothing(vault: Vault, entropy: Entropy) -> None:
    people = {ONE: [name("甲某"), account(ACCOUNT)], TWO: [name("乙某")]}
    assert vault.register.record(people, entropy=entropy).added == 2
    before = counts(vault)
    again = vault.register.record(people, entropy=entropy)
    assert (again.added, again.changed, counts(vault)) == (0, 0, before)


def test_the_newest_statement_of_a_list_counts_and_an_older_one_never_replaces_it(vault: Vault, entropy: Entropy) -> None:
    key = vault.register.record({ONE: [account("6299990000000000002", since="2026-09")]}, entropy=entropy).keys[ONE]
    assert vault.register.record({ONE: [account(ACCOUNT, since="2026-10")]}, entropy=entropy).changed == 1
    assert vault.register.record({ONE: [account("6299990000000000003", since="2026-08")]}, entropy=entropy).changed == 0
    assert [one.account for one in look(vault, key, "account").accounts] == [ACCOUNT]


def test_accounts_of_several_lists_come_newest_first_and_flagged_last(vault: Vault, entropy: Entropy) -> None:
    facts = [
        account("6299990000000000005", origin="list_a", since="2026-08"),
        account("6299990000000000006", origin="list_b", since="2026-09"),
        account("123", origin="list_c", since="2026-10", is_flagged=True),
    ]
    key = vault.register.record({ONE: facts}, entropy=entropy).keys[ONE]
    assert [one.origin for one in look(vault, key, "account").accounts] == ["list_b", "list_a", "list_c"]


def test_a_list_names_the_person_before_a_settlement_does(vault: Vault, entropy: Entropy) -> None:
    facts = [name("甲菊", origin="settlement", since="2026-11"), name("甲某", origin="list_a", since="2026-08")]
    key = vault.register.record({ONE: facts}, entropy=entropy).keys[ONE]
    assert look(vault, key, "name").name == "甲某"


def test_names_that_differ_are_found_and_damaged_ones_do_not_count(vault: Vault, entropy: Entropy) -> None:
    keys = vault.register.record(
        {
            ONE: [name("甲某"), name("甲菊", origin="list_b")],
            TWO: [name("乙某"), name("乙?", origin="list_b" + DOUBTFUL)],
        },
        entropy=entropy,
    ).keys
    assert vault.register.differing({keys[ONE]: [], keys[TWO]: ["乙某"]}) == {keys[ONE]}
    vault.register.record({ONE: [name("甲某", origin="list_b", since="2026-11")]}, entropy=entropy)
    assert vault.register.differing({keys[ONE]: ["甲某"]}) == set(), "a corrected name ends it"
    assert vault.register.differing({keys[ONE]: ["甲菊"]}) == {keys[ONE]}, "the row that carries the wrong one is still found"


def test_who_bears_one_name_only_need_not_be_asked_for_again(vault: Vault, entropy: Entropy) -> None:
    first = vault.register.record(
        {ONE: [name("甲某")], TWO: [name("乙某"), name("乙?", origin="list_b" + DOUBTFUL)]}, entropy=entropy
    )
    assert (first.fresh, first.agreeing) == ({ONE, TWO}, set())
    said = {ONE: [name("甲某", origin="settlement")], TWO: [name("乙某", origin="settlement")]}
    again = vault.register.record(said, entropy=entropy)
    assert (again.changed, again.agreeing) == (2, set(first.keys.values())), "a damaged name is no other name"
    other = vault.register.record({ONE: [name("甲菊", origin="list_c")], TWO: []}, entropy=entropy)
    assert other.agreeing == set() and vault.register.differing({first.keys[ONE]: ["甲菊"]}) == {first.keys[ONE]}


def rounded_twin() -> tuple[str, str]:
    """A number, and what a spreadsheet makes of it where the check digit happens to be right."""
    days = (date(1950, 1, 1) + timedelta(days=number) for number in range(400))
    rounded = next(one for day in days if (one := make_certno(born=day, serial=300)).endswith("000"))
    return make_certno(born=date(int(rounded[6:10]), int(rounded[10:12]), int(rounded[12:14])), serial=347), rounded


def test_a_rounded_number_is_known_by_its_bearers_name(vault: Vault, entropy: Entropy) -> None:
    whole, rounded = rounded_twin()
    vault.register.record({whole: [name("甲某")]}, entropy=entropy)
    assert vault.register.rounded({rounded: ["甲某"]}) == {rounded}
    assert vault.register.rounded({rounded: ["乙某"]}) == set(), "another name is another person"
    assert vault.register.rounded({rounded: []}) == set()


def test_a_person_whose_number_really_ends_so_keeps_it(vault: Vault, entropy: Entropy) -> None:
    _, rounded = rounded_twin()
    vault.register.record({rounded: [name("甲某")]}, entropy=entropy)
    assert vault.register.rounded({rounded: ["甲某"]}) == set()


@pytest.mark.parametrize("slot", ["near|settlement", "name|list_a", "account|list_a"])
def test_what_is_looked_for_by_its_digest_is_found_by_an_index_without_the_names_of_feeds(vault: Vault, slot: str) -> None:
    with vault.register.engine.begin() as connection:
        connection.execute(insert(PERSON).values(person_key="K", data_version=1, sealed=b""))
        said = [{"person_key": "K", "slot": one, "since": "2026-10", "tag": "T"} for one in (slot, "name|settlement")]
        connection.execute(insert(PERSON_FACT), said)
        wanted = select(PERSON_FACT.c.slot).where(PERSON_FACT.c.tag == "T", IS_SOUGHT)
        assert connection.execute(wanted).scalars().all() == [slot]
        written = wanted.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(f"explain query plan {written}").all()
    assert [row[3] for row in plan] == ["SEARCH person_fact USING COVERING INDEX ix_person_fact_tag (tag=?)"]


def test_only_the_fields_asked_for_are_opened(vault: Vault, entropy: Entropy) -> None:
    facts = [name("甲某"), account(ACCOUNT), Fact("phone", "list_a", "10015901038", "2026-10")]
    key = vault.register.record({ONE: facts}, entropy=entropy).keys[ONE]
    seen = look(vault, key, "name")
    assert (seen.name, seen.certno, seen.phone, seen.accounts) == ("甲某", None, None, ())
    seen = look(vault, key, "certno", "phone", "account")
    assert (seen.name, seen.certno, seen.phone) == (None, ONE, "10015901038")
    assert seen.accounts[0].account_key == vault.register.digests("account", [ACCOUNT])[ACCOUNT]
    assert ACCOUNT not in repr(seen) and ONE not in repr(seen)


def test_every_look_up_is_logged_with_its_purpose(vault: Vault, entropy: Entropy) -> None:
    key = vault.register.record({ONE: [name("甲某")]}, entropy=entropy).keys[ONE]
    look(vault, key, "name", "account")
    with vault.register.engine.connect() as connection:
        row = connection.execute(select(LOOKUP_LOG)).mappings().one()
    said = (row["actor"], row["purpose"], row["recipient"], row["fields"], row["persons"], row["looked_up_at"])
    assert said == ("clerk", "payment 1", "bank", "account,name", 1, "2026-11-03T09:00:00+08:00")
    assert key in row["person_keys"]


@pytest.mark.parametrize(("purpose", "fields"), [("", ("name",)), ("  ", ("name",)), ("payment", ("diagnosis",))])
def test_a_look_up_without_purpose_or_with_a_strange_field_opens_nothing(
    vault: Vault, entropy: Entropy, purpose: str, fields: tuple[str, ...]
) -> None:
    key = vault.register.record({ONE: [name("甲某")]}, entropy=entropy).keys[ONE]
    with pytest.raises(MianshenError, match="LOOKUP_UNEXPLAINED"):
        vault.register.open_persons(
            [key], fields=fields, purpose=purpose, recipient="bank", actor="clerk", at=AT, anchor=unanchored
        )


def test_a_key_that_the_vault_does_not_hold_is_refused_and_still_logged(vault: Vault) -> None:
    with pytest.raises(MianshenError, match="PERSON_UNKNOWN"):
        look(vault, "A" * 26, "name")
    with vault.register.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(LOOKUP_LOG)).scalar_one() == 1


def test_rows_cannot_be_swapped_between_persons(vault: Vault, entropy: Entropy) -> None:
    keys = vault.register.record({ONE: [name("甲某")], TWO: [name("乙某")]}, entropy=entropy).keys
    with vault.register.engine.begin() as connection:
        stolen = connection.execute(select(PERSON.c.sealed).where(PERSON.c.person_key == keys[TWO])).scalar_one()
        connection.execute(PERSON.update().where(PERSON.c.person_key == keys[ONE]).values(sealed=stolen))
    with pytest.raises(MianshenError, match="SEAL_BROKEN"):
        look(vault, keys[ONE], "name")


def test_the_database_holds_no_number_and_no_name_in_the_clear(vault: Vault, entropy: Entropy) -> None:
    vault.register.record({ONE: [name("甲某人"), account(ACCOUNT)]}, entropy=entropy)
    vault.register.engine.dispose()
    stored = b"".join(path.read_bytes() for path in vault.folder.glob("vault.db*"))
    assert stored, "the database was written"
    for secret in (ONE, ACCOUNT, "甲某人"):
        assert secret.encode() not in stored and secret.encode().hex().encode() not in stored


def test_a_shared_account_is_found_without_opening_anything(vault: Vault, entropy: Entropy) -> None:
    vault.register.record({ONE: [account(ACCOUNT)], TWO: [account(ACCOUNT)]}, entropy=entropy)
    assert set(shared_accounts(vault.register.engine)) == {vault.register.digests("account", [ACCOUNT])[ACCOUNT]}


def test_many_persons_are_found_again(vault: Vault, entropy: Entropy) -> None:
    many = {make_certno(born=date(1960, 1, 1 + day), serial=serial): [name("某某")] for day in range(5) for serial in range(400)}
    first = vault.register.record(many, entropy=entropy)
    assert first.added == 2_000
    moved = {certno: [name("某某", origin="list_b")] for certno in many}
    again = vault.register.record(moved, entropy=entropy)
    assert (again.added, again.changed, again.keys) == (0, 2_000, first.keys)
