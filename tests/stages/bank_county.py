"""A county whose bank file left, and banks' answers to it: what the tests of the bank loop share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, func, select
from tests.stages.money_county import County

from mianshen.core.ids import is_uscc
from mianshen.core.money import format_yuan
from mianshen.stages import receive, reconcile
from mianshen.stages.pay import clinics
from mianshen.vault.keyring import open_keyring
from mianshen.vault.records import Fact
from mianshen.vault.register import Register
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import PAYMENT, PAYMENT_LINE

PAPER = "ab" * 32
"""The hash of a paper that somebody scanned."""


def rows(county: County, table: Table) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def payments_of(county: County, *states: str) -> dict[str, list[str]]:
    """Payment ids by the name of the payee; of these states, or all."""
    names = {key: name for name, key in county.people.items()}
    found: dict[str, list[str]] = {}
    for row in rows(county, PAYMENT):
        if not states or row["state"] in states:
            found.setdefault(names.get(row["payee_key"], row["payee_key"]), []).append(row["payment_id"])
    return found


def states(county: County) -> dict[str, str]:
    """State of each payee's newest payment."""
    names = {key: name for name, key in county.people.items()}
    return {names.get(row["payee_key"], row["payee_key"]): row["state"] for row in rows(county, PAYMENT)}


def answer(county: County, codes: Mapping[str, str], *, extra: tuple[tuple[str, str, int], ...] = ()) -> None:
    """The bank answers payments by their id with a code, and the file is received; `extra` as in `answer_text`."""
    folder = county.job.home.inbox(county.job.pack.name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bank_return_1.txt").write_text(answer_text(county, codes, extra=extra), encoding="utf-8")
    receive.run(county.job)


def answer_text(county: County, codes: Mapping[str, str], *, extra: tuple[tuple[str, str, int], ...] = ()) -> str:
    """The bank's file that answers payments with codes; `extra` are lines (id, code, fen) of payments that it was never sent."""
    known = {row["payment_id"]: row for row in rows(county, PAYMENT)}
    people = {key: name for name, key in county.people.items()}
    accounts = _accounts(county)
    body = []
    for payment_id, code in codes.items():
        row = known[payment_id]
        name, account = people[row["payee_key"]], accounts[row["account_key"]]
        body.append(f"{payment_id}|{account}|{name}|{format_yuan(row['amount_fen'])}|{code}|")
    body += [f"{name}|6200000000000000000|周九|{format_yuan(fen)}|{code}|" for name, code, fen in extra]
    fen = sum(known[one]["amount_fen"] for one in codes) + sum(one[2] for one in extra)
    lines = [f"{place}|{text}" for place, text in enumerate(body, 1)]
    return "\n".join([f"H|B1|{len(lines)}", *lines, f"T|{len(lines)}|{format_yuan(fen)}", ""])


def settle(county: County, codes: Mapping[str, str], *, extra: tuple[tuple[str, str, int], ...] = ()) -> dict[str, int]:
    """The bank answers and the day is reconciled; the counts."""
    answer(county, codes, extra=extra)
    return reconcile.run(county.job).counts


def new_account(county: County, certno: str, account: str) -> None:
    """A list brings another account of a person."""
    vault = open_database(county.job.vault_url)
    said = Fact("account", "minzheng_shehuijiuzhu", account, "2026-11")
    Register(vault, open_keyring(county.job.home.keyring)).record({certno: [said]}, entropy=county.job.entropy)
    vault.dispose()


def paid_out(county: County) -> int:
    """Fen that stand on payments which have reached their payees."""
    with county.job.ledger.connect() as connection:
        query = select(func.coalesce(func.sum(PAYMENT.c.amount_fen), 0)).where(PAYMENT.c.state == "paid")
        return int(connection.execute(query).scalar_one())


def live_fen(county: County) -> int:
    """Fen on live lines."""
    with county.job.ledger.connect() as connection:
        query = select(func.coalesce(func.sum(PAYMENT_LINE.c.amount_fen), 0)).where(PAYMENT_LINE.c.is_live)
        return int(connection.execute(query).scalar_one())


def _accounts(county: County) -> dict[str, str]:
    vault = open_database(county.job.vault_url)
    register = Register(vault, open_keyring(county.job.home.keyring))
    said = {"purpose": "test", "recipient": "test", "actor": "test", "anchor": lambda _: None}
    people = register.open_persons(county.people.values(), fields=("account",), at=county.job.as_of, **said)
    found = {one.account_key: one.account for person in people.values() for one in person.accounts}
    with vault.connect() as connection:
        for _, record in register.records(connection, sorted(county.people.values())):
            for fact in record.earlier:
                if fact.kind == "account":
                    found[register.digests("account", [fact.value])[fact.value]] = fact.value
    vault.dispose()
    return found


def uscc_of(number: int) -> str:
    """The credit code of the n-th synthetic clinic, of an area that was never allocated."""
    body = f"12100999MB{number:07d}"
    return next(body + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_uscc(body + last))


def clinic(county: County, code: str, *, number: int = 1, account: str | None = None, is_confirmed: bool = True) -> str:
    """A clinic is recorded by the county's actor and confirmed by finance; returns its record's id. Its name is its code."""
    form = {"clinic_code": code, "uscc": uscc_of(number), "name": code, "account": account or f"6290{number:015d}"}
    found = clinics.add(county.job, json.dumps(form), paper_sha256=PAPER)
    if is_confirmed:
        clinics.confirm(replace(county.job, actor="finance"), found)
    vault = open_database(county.job.vault_url)
    keys = Register(vault, open_keyring(county.job.home.keyring)).keys_of([uscc_of(number)])
    vault.dispose()
    county.people[code] = keys[uscc_of(number)]
    return found
