"""Whatever is paid: every payment stands in exactly one of files and manual list, unchanged, and the fen add up."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.documents.bank_profiles import BATCH, NAMES, pay, profile, read

from mianshen.core.digest import sha256_hex
from mianshen.documents.bank_lines import Pay, refusal
from mianshen.documents.bank_put import LeavingFiles, leaving_files

HAN = st.sampled_from("王李张欧阳买提·龘䶮𠮷㛃〇•\ue81e|,\"' =＝\t甲")
names = st.one_of(
    st.text(HAN, min_size=1, max_size=14),
    st.text(st.sampled_from("艾尼瓦尔买买提·Aa"), min_size=9, max_size=150),
    st.text(min_size=1, max_size=6),
)
amounts = st.one_of(
    st.integers(1, 10**13), st.sampled_from((1, 9, 10, 99, 100, 4_999_999, 5_000_000, 5_000_001, 99_999_999_999_999))
)
accounts = st.text(st.sampled_from("0123456789"), min_size=0, max_size=36)
drawn = st.lists(st.tuples(names, amounts, st.one_of(accounts, st.just("6228480000000000001"))), max_size=9)


def leave(name: str, payments: list[Pay], most_lines: int) -> LeavingFiles:
    one = profile(name, most_lines=most_lines)
    judged = [(pay, refusal(one, pay, BATCH)) for pay in payments]
    by_bank = [pay for pay, why in judged if why is None]
    return leaving_files(
        one, by_bank, [(pay, why) for pay, why in judged if why], batch=BATCH, stem="pay_x", frozen={"month": "2026-10"}
    )


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(some=drawn, most_lines=st.integers(1, 4))
def test_every_payment_leaves_once_unchanged_or_is_paid_by_hand(
    name: str, some: list[tuple[str, int, str]], most_lines: int
) -> None:
    payments = [Pay(number, f"P{number:024x}", account, text, fen) for number, (text, fen, account) in enumerate(some, 1)]
    left = leave(name, payments, most_lines)
    found = [line for file in left.files for line in read(profile(name), file.content)]
    by_id = {one.payment_id: (one.payment_id, one.account, one.name, one.amount_fen) for one in payments}
    assert found == [by_id[line[0]] for line in found], "what was put in"
    listing = io.StringIO(left.manual[1].decode("utf-8-sig") if left.manual else "", newline="")
    by_hand = [row[1] for row in csv.reader(listing)][1:]
    assert Counter([line[0] for line in found] + by_hand) == Counter(by_id.keys()), "once, in a file or on the list"
    control = json.loads(left.control[1])
    assert (control["total_records"], control["total_fen"]) == (len(payments), sum(one.amount_fen for one in payments))
    assert control["amount_fen"] == sum(line[3] for line in found)
    assert [(one["file"], one["records"], one["sha256"]) for one in control["files"]] == [
        (file.name, file.count, sha256_hex(file.content)) for file in left.files
    ]
    assert all(file.count <= most_lines for file in left.files)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(fens=st.lists(st.integers(1, 5_000_000), min_size=1, max_size=6))
def test_the_same_payments_make_the_same_bytes(name: str, fens: list[int]) -> None:
    payments = [pay(number, "欧阳·乙", fen) for number, fen in enumerate(fens, 1)]
    assert [one.content for one in leave(name, payments, 3).files] == [one.content for one in leave(name, payments, 3).files]
