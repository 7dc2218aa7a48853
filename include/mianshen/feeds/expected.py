"""What a contract expects of a staged batch, as values: Great Expectations turns them into a suite, nothing here imports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mianshen.core.contract import Contract, Feed, Kind

PERSON_KEY = r"^[A-Z2-7]{26}$"
"""A person_key: 128 random bits in base 32."""
ACCEPTED = "is_accepted"
"""The flag column that marks the rows on which a gate is judged."""
SOUND_SHARE = 0.8
"""Share of rows without a reason below which the batch is noted; nothing is stopped by it."""
KNOWN_SHARE = 0.95
"""Share of known codes below which a coded column is noted."""
READ_INTO_OTHERS = frozenset(("psn_cert_type", "vali_flag", "strike_status"))
"""Coded columns of a settlement that no batch carries: they decide the check of the id number, and whether a row takes back."""
FRESH_DAYS = 62
"""Rows about events (lists: about months that ended) longer before their arrival are old."""
FRESH_SHARE = 0.95
"""Share of fresh rows below which the batch is noted."""


class Rule(StrEnum):
    """Kinds of expectation that a contract gives."""

    FILLED = "filled"
    MATCHES = "matches"
    IN_SET = "in_set"
    BETWEEN = "between"
    UNIQUE = "unique"
    NOT_BEFORE = "not_before"
    ROWS = "rows"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation."""

    rule: Rule
    """What kind."""
    columns: tuple[str, ...]
    """Which columns."""
    values: dict[str, Any] = field(default_factory=dict)
    """Its numbers and sets."""
    is_gate: bool = True
    """Whether its failure holds the batch; a gate is judged on accepted rows alone."""
    only_list: str | None = None
    """The list whose rows it is about; None means all."""


FRESH = Expected(Rule.BETWEEN, ("days_since",), {"least": None, "most": FRESH_DAYS, "share": FRESH_SHARE}, is_gate=False)
"""News, not history."""


def usual_length(contract: Contract) -> tuple[int, int] | None:
    """Per cent of the month before that a delivery usually has: half of what its guard allows; None where days differ anyway."""
    guard = contract.snapshot
    return (100 - guard.largest_drop // 2, 100 + guard.largest_rise // 2) if contract.period_grain == "month" else None


def expected_of(contracts: Sequence[Contract]) -> list[Expected]:
    """Everything that these contracts, all of one feed, expect of a staged batch."""
    feed = contracts[0].feed
    own = {
        Feed.SETTLEMENT: _of_settlements,
        Feed.ENROLMENT: _of_enrolments,
        Feed.ROSTER: _of_rosters,
        Feed.NOTICE: _of_notices,
    }[feed]
    return [
        Expected(Rule.ROWS, (), {"least": 1}),
        Expected(Rule.FILLED, ("delivery_id",)),
        *([] if feed is Feed.NOTICE else [Expected(Rule.FILLED, ("person_key",))]),
        Expected(Rule.MATCHES, ("person_key",), {"pattern": PERSON_KEY}),
        Expected(Rule.UNIQUE, ("delivery_id", "line_no")),
        Expected(Rule.EMPTY, ("reason_code",), {"share": SOUND_SHARE}, is_gate=False),
        Expected(Rule.IN_SET, ("is_drifted",), {"known": [0]}, is_gate=False),
        *own(contracts),
    ]


def asked_of(contracts: Sequence[Contract]) -> list[str]:
    """The columns that these expectations look at, sum rules included; a batch need carry no other."""
    looked_at = {column for one in expected_of(contracts) for column in one.columns}
    gaps = {gap_column(index) for index, _ in enumerate(contracts[0].sum_rules)}
    summed = {column for rule in contracts[0].sum_rules for column in (rule.total, *rule.parts)}
    lists = {"list_code" for one in expected_of(contracts) if one.only_list is not None}
    return sorted((looked_at - gaps) | summed | lists | {ACCEPTED, "line_no"})


def gap_column(index: int) -> str:
    """The column in which a batch carries the gap of the contract's sum rule at this index, in fen."""
    return f"gap_{index}"


def _of_settlements(contracts: Sequence[Contract]) -> Iterator[Expected]:
    contract = contracts[0]
    yield from _filled(contract)
    yield Expected(Rule.UNIQUE, ("delivery_id", *contract.key))
    yield Expected(Rule.NOT_BEFORE, ("enddate", "begndate"))
    yield Expected(Rule.IN_SET, ("is_original_known",), {"known": [1]}, is_gate=False)
    yield FRESH
    for index, rule in enumerate(contract.sum_rules):
        yield Expected(Rule.BETWEEN, (gap_column(index),), {"least": -rule.tolerance_fen, "most": rule.tolerance_fen})
    yield from _coded(contract)


def _of_enrolments(contracts: Sequence[Contract]) -> Iterator[Expected]:
    contract = contracts[0]
    yield from _filled(contract)
    yield Expected(Rule.UNIQUE, ("delivery_id", *contract.key))
    yield Expected(Rule.BETWEEN, ("fee_fen",), {"least": 0, "most": None})
    yield from _coded(contract)


def _of_rosters(contracts: Sequence[Contract]) -> Iterator[Expected]:
    yield Expected(Rule.IN_SET, ("list_code",), {"known": sorted(one.list_code for one in contracts)})
    yield Expected(Rule.FILLED, ("category_code",), is_gate=False)
    yield FRESH
    for contract in contracts:
        known = {contract.category_code} if contract.category_code else set(contract.category_words.values())
        yield Expected(Rule.IN_SET, ("category_code",), {"known": sorted(known)}, only_list=contract.list_code)


def _of_notices(contracts: Sequence[Contract]) -> Iterator[Expected]:
    yield Expected(Rule.IN_SET, ("list_code",), {"known": sorted(one.list_code for one in contracts)})
    yield Expected(Rule.FILLED, ("notice_id",))
    yield Expected(Rule.UNIQUE, ("delivery_id", "notice_id"))
    for contract in contracts:
        yield Expected(Rule.IN_SET, ("notice_code",), {"known": sorted(contract.told)}, only_list=contract.list_code)


def _filled(contract: Contract) -> Iterator[Expected]:
    kinds = (Kind.MONEY, Kind.DATE, Kind.MOMENT, Kind.CODE)
    for one in contract.columns:
        if one.is_required and not one.may_be_empty and one.kind in kinds:
            yield Expected(Rule.FILLED, (one.name,), is_gate=one.kind is not Kind.CODE or one.name in contract.key)


def _coded(contract: Contract) -> Iterator[Expected]:
    for one in contract.columns:
        if one.codes and one.kind is Kind.CODE and one.name not in READ_INTO_OTHERS:
            yield Expected(Rule.IN_SET, (one.name,), {"known": list(one.codes), "share": KNOWN_SHARE}, is_gate=False)
