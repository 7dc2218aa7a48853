"""Every reader against whatever may befall a file: a reason of the closed list, or every record accounted for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from tests.conftest import Shard
from tests.corpus.bank_returns.written import sent_batch
from tests.properties.wild_files import CELLS, HARMS, LISTS, PEOPLE, PERSONAL, RETURNS, Harm

from mianshen.core.codes import REASONS
from mianshen.core.errors import MianshenError
from mianshen.feeds.bank.judge import Known, ReturnFile, judge_file, judge_returns
from mianshen.feeds.encodings import to_utf8
from mianshen.feeds.guard import Shape, unpack
from mianshen.feeds.reader import Landed, read
from mianshen.feeds.verdict import FileOutcome
from mianshen.policy.contracts import national_contract
from mianshen.policy.packs import POLICIES
from mianshen.policy.returns import load_return_profile

ROSTER = national_contract("generic_roster", root=POLICIES)
PROFILE = load_return_profile()
SENT = sent_batch()
BLOCKS = 12
"""Parts of the enumeration, one Hypothesis run each, from its own seed."""
SIZE = 60
"""Examples of one run."""
BLANKS = " \t\u00a0\u3000\ufeff\u200b"
LEADS = (b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"PAR1", b"{", b"<", b"<?xml ", b"H|B|1\n")
"""First bytes by which a reader is chosen."""
TEXTS = ("delimited", "gzip", "zip")


def landed(content: bytes) -> Landed | None:
    """The file as read; None when it was refused, with a reason and nothing personal."""
    try:
        return read(content, contract=ROSTER, where="f")
    except MianshenError as error:
        assert error.code in REASONS
        assert not [word for word in PERSONAL if word in str(error)], error.code
        return None


def run(block: int, check: Callable[..., None], **strategies: st.SearchStrategy[object]) -> None:
    """One Hypothesis run from its own seed."""
    quiet = settings(max_examples=SIZE, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    seed(block)(quiet(given(**strategies)(check)))()


def records_of(content: bytes) -> int | None:
    """Lines below the heading that are not blank, counted without the reader; None where only a reader of CSV could tell."""
    unpacked = unpack(content, where="f")
    text = to_utf8(unpacked.content, where="f").decode()
    if unpacked.shape is not Shape.TEXT or re.search('["\r\x00]', text):
        return None
    lines = [line for line in text.split("\n") if line.strip(BLANKS)]
    headings = [place for place, line in enumerate(lines) if "身份证号" in line]
    whole = [place for place in headings if lines[place].rstrip(BLANKS).endswith(",认定日期")]
    heading = min(whole or headings, default=None)  # a heading that was harmed is a title above a whole one
    return None if heading is None else sum(1 for line in lines[heading + 1 :] if line.strip(BLANKS + ","))


def harmed_by(content: bytes, harms: list[Harm]) -> bytes:
    for harm in harms:
        content = harm.to(content)
    return content


def reads_whole_or_refuses(kind: str) -> Callable[..., None]:
    whole = LISTS[kind](PEOPLE)

    def check(harms: list[Harm]) -> None:
        content = harmed_by(whole, harms)
        found = landed(content)
        if found is None:
            assert content != whole
            return
        expected = records_of(content) if kind in TEXTS else None
        if expected is not None:
            assert expected <= found.records + found.ignored

    return check


def accounts_for_every_row(kind: str) -> Callable[..., None]:
    def check(rows: list[list[str]]) -> None:
        try:
            content = LISTS[kind]([*PEOPLE, *rows])
        except (openpyxl.utils.exceptions.IllegalCharacterError, ValueError):
            return
        found = landed(content)
        if found is None:
            return
        blank = sum(1 for row in rows if not any(cell.strip(BLANKS) for cell in row))
        assert len(PEOPLE) + len(rows) - blank <= found.records + found.ignored <= len(PEOPLE) + len(rows)

    return check


def marks_nothing_unsaid(kind: str) -> Callable[..., None]:
    def check(harms: list[Harm]) -> None:
        content = harmed_by(RETURNS[kind], harms)
        (verdict,) = judge_returns([ReturnFile("f", content, SENT)], profile=PROFILE)
        assert {verdict.reason, *(row.reason for row in verdict.rows)} - {""} <= set(REASONS)
        assert verdict.outcome is FileOutcome.ACCEPT or not verdict.rows
        settled = [row.identity for row in verdict.rows if row.reason in ("PAID", "RETURNED")]
        assert len(set(settled)) == len(settled)
        assert all(name.encode() in content for name in settled)

    return check


@pytest.mark.proof
def test_harmed_lists_are_read_whole_or_refused(shard: Shard) -> None:
    for kind, block in shard.take([(kind, block) for kind in sorted(LISTS) for block in range(BLOCKS)]):
        run(block, reads_whole_or_refuses(kind), harms=HARMS)


@pytest.mark.proof
def test_rows_of_any_cells_are_all_accounted_for(shard: Shard) -> None:
    rows = st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=12)
    for kind, block in shard.take([(kind, block) for kind in sorted(LISTS) for block in range(BLOCKS)]):
        run(block, accounts_for_every_row(kind), rows=rows)


@pytest.mark.proof
def test_harmed_returns_mark_nothing_that_the_bank_did_not_say(shard: Shard) -> None:
    for kind, block in shard.take([(kind, block) for kind in sorted(RETURNS) for block in range(BLOCKS)]):
        run(block, marks_nothing_unsaid(kind), harms=HARMS)


@pytest.mark.proof
def test_any_bytes_are_refused_with_a_reason(shard: Shard) -> None:
    def check(lead: bytes, body: bytes) -> None:
        landed(lead + body)
        (verdict,) = judge_returns([ReturnFile("f", lead + body, SENT)], profile=PROFILE)
        assert verdict.outcome is not FileOutcome.ACCEPT and verdict.reason in REASONS

    for block in shard.take(range(BLOCKS)):
        run(block, check, lead=st.sampled_from(LEADS), body=st.binary(max_size=300))


@pytest.mark.proof
def test_a_harmed_batch_list_never_breaks_the_judge(shard: Shard) -> None:
    def check(harms: list[Harm], kind: str) -> None:
        judged = judge_file(ReturnFile("f", RETURNS[kind], harmed_by(SENT, harms)), profile=PROFILE, known=Known())
        assert judged.reason in {"", *REASONS}
        assert not [word for word in PERSONAL if word in judged.found]

    for block in shard.take(range(BLOCKS)):
        run(block, check, harms=HARMS, kind=st.sampled_from(sorted(RETURNS)))


def test_the_sound_files_are_read() -> None:
    for kind, write in LISTS.items():
        found = landed(write(PEOPLE))
        assert found is not None and found.records == len(PEOPLE), kind
    for kind, content in RETURNS.items():
        (verdict,) = judge_returns([ReturnFile("f", content, SENT)], profile=PROFILE)
        assert [row.reason for row in verdict.rows] == ["PAID"] * 5, kind


def test_a_lost_row_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert records_of(LISTS["delimited"](PEOPLE)) == len(PEOPLE)

    whole_reader = read

    def lossy(content: bytes, **more: object) -> Landed:
        whole = whole_reader(content, **more)  # type: ignore[arg-type]
        return replace(whole, table=whole.table.slice(1))

    monkeypatch.setitem(globals(), "read", lossy)
    for kind in TEXTS:
        with pytest.raises(AssertionError):
            reads_whole_or_refuses(kind)([])
    for kind in LISTS:
        with pytest.raises(AssertionError):
            accounts_for_every_row(kind)([["x"] * 8])
