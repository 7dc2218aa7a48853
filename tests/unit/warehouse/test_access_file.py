"""The access file names what exists and forgets no table; a new one that nobody decided about is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mianshen.cli.access import known_file
from mianshen.core.errors import MianshenError
from mianshen.warehouse.access import Access, load_access
from mianshen.warehouse.access.file import FILE
from mianshen.warehouse.publish import published_tables

PERSONAL = {"person_key", "payee_key", "account_key", "phone_key", "event_id", "sealed", "tag"}
"""Columns that lead to one person or one visit."""


@pytest.fixture(scope="module")
def access() -> Access:
    return known_file()[0]


def test_every_published_table_is_decided_about(access: Access) -> None:
    named = {share.table for role in access.roles for share in (*role.reads, *role.adds)} | set(access.unshared)
    assert {f"mart.{one.replace('.', '_')}" for one in published_tables()} <= named
    assert [(role.code, share.table) for role in access.roles for share in role.adds] == [("approver", "office.answer")]


@pytest.mark.parametrize("new", ["mart.out_brand_new", "ledger.brand_new", "vault.brand_new"])
def test_a_new_table_that_nobody_decided_about_is_refused(new: str) -> None:
    with pytest.raises(MianshenError, match=f"ACCESS_UNKNOWN.*{new}"):
        load_access(known_file()[1] | {new: ("person_key",)})


@pytest.mark.parametrize(
    ("written", "instead", "found"),
    [
        ("mart.out_funnel: all", "mart.out_funnnel: all", "out_funnnel"),
        ("without: [event_id]", "without: [event_no]", "event_no"),
        ("only: [payment_line_id,", "only: [payment_line_no,", "payment_line_no"),
        ("rows: own_line", "rows: own_lines", "own_lines"),
        ("needs: [ledger.payment_batch,", "needs: [ledger.payment_bunch,", "payment_bunch"),
        ("  - ledger.visit\n", "", "ledger.visit"),
        ("  - ledger.visit\n", "  - ledger.visit\n  - ledger.visits\n", "ledger.visits"),
        ("mart.out_refusals: all", "mart.out_refusals: some", "some"),
        ("    en: payer\n", "    en: payer\n    sees: all\n", "sees"),
        ("mart.out_refusals: all", "mart.out_refusals: all\n      mart.out_refusals: all", "DuplicateKeyError"),
    ],
)
def test_a_name_that_is_not_there_is_refused(written: str, instead: str, found: str, tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert written in text
    changed = tmp_path / "roles.yaml"
    changed.write_text(text.replace(written, instead), "utf-8")
    with pytest.raises(MianshenError, match=f"ACCESS_UNKNOWN.*{found}"):
        load_access(known_file()[1], changed)


def test_only_the_supervisor_and_the_payer_see_keys_of_people(access: Access) -> None:
    seen = {
        role.code: {column for share in role.reads for column in share.columns} & PERSONAL for role in access.roles if role.reads
    }
    allowed = {
        "supervisor": PERSONAL - {"sealed", "tag", "phone_key"},
        "payer": {"payee_key", "account_key"},
        "analyst": {"person_key"},
    }
    assert {code: keys - allowed.get(code, set()) for code, keys in seen.items() if keys - allowed.get(code, set())} == {}


def test_nobody_but_the_supervisor_sees_anything_of_the_vault(access: Access) -> None:
    opened = {(role.code, share.table) for role in access.roles for share in role.reads if share.table.startswith("vault.")}
    assert opened == {("supervisor", "vault.lookup_log"), ("supervisor", "vault.supervisor_lookup_log")}
