"""A feed contract as a value: what a department's file must look like. YAML in the pack, read by `policy`, used by `feeds`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Feed(StrEnum):
    """A kind of delivery."""

    SETTLEMENT = "settlement"
    ENROLMENT = "enrolment"
    ROSTER = "roster"
    BANK_RETURN = "bank_return"
    NOTICE = "notice"


class Kind(StrEnum):
    """How a column's text is read. CERTNO to ACCOUNT are personal and never leave `deidentify` in the clear."""

    CERTNO = "certno"
    DISABILITY_CARD = "disability_card"
    NAME = "name"
    PHONE = "phone"
    ACCOUNT = "account"
    TEXT = "text"
    CODE = "code"
    MONEY = "money"
    RATIO = "ratio"
    INTEGER = "integer"
    DATE = "date"
    MOMENT = "moment"


PERSONAL = frozenset({Kind.CERTNO, Kind.DISABILITY_CARD, Kind.NAME, Kind.PHONE, Kind.ACCOUNT})
"""Kinds that stay behind the vault."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a delivery."""

    name: str
    """Canonical name: the national field name in settlements, our word in rosters."""
    kind: Kind
    """How its text is read."""
    aliases: tuple[str, ...]
    """Headers that mean it, the canonical name included."""
    is_required: bool
    """Whether the header must have it."""
    may_be_empty: bool
    """Whether a cell may be empty."""
    codes: tuple[str, ...]
    """Known codes of a CODE column; others are kept and flagged. Empty means no list."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Old code to the code in force, for codes of an area that has changed its name."""


FEED_NAMES: Mapping[str, str] = {
    Feed.SETTLEMENT: "医保结算 settlements",
    Feed.ROSTER: "名单 lists",
    Feed.ENROLMENT: "参保缴费 enrolment fees",
    Feed.BANK_RETURN: "银行回盘 bank returns",
    Feed.NOTICE: "通知 notices",
}
"""What people read for a feed."""


@dataclass(frozen=True, slots=True)
class SumRule:
    """An accounting identity: total = sum of parts, within a tolerance in fen."""

    reason_code: str
    """What a breach is called."""
    total: str
    """The money column that holds the sum."""
    parts: tuple[str, ...]
    """The money columns that add up to it; an absent column counts as nothing."""
    tolerance_fen: int
    """Difference that is flagged instead of quarantined."""


@dataclass(frozen=True, slots=True)
class SnapshotGuard:
    """When a complete list that comes without control file is held because its length has changed too much."""

    largest_drop: int = 40
    """Per cent of its rows that it may lose."""
    largest_rise: int = 100
    """Per cent of its rows that it may gain."""
    fewest_rows: int = 5
    """Shorter lists are not judged by their share."""


@dataclass(frozen=True, slots=True)
class BadRows:
    """When a complete list is held whole because of its bad rows: its absences would end identities that only faults hide."""

    largest_share: int
    """Per cent of its records that may be set aside."""
    fewest_rows: int
    """Fewer bad rows never hold a list."""

    def are_too_many(self, *, taken: int, set_aside: int) -> bool:
        """Whether so many rows set aside beside so many that were taken hold the list."""
        return set_aside >= self.fewest_rows and set_aside * 100 > (taken + set_aside) * self.largest_share


@dataclass(frozen=True, slots=True)
class Contract:
    """One department's file."""

    feed: Feed
    """Which kind of delivery."""
    list_code: str
    """Code of the list; the feed's own name for settlements and enrolments."""
    department_code: str
    """Who delivers it."""
    name_zh: str
    """What the department calls it."""
    file_patterns: tuple[str, ...]
    """Regular expressions over the bare file name; a group `period` gives 202610 or 20261005."""
    columns: tuple[Column, ...]
    """In the order of the paper form."""
    key: tuple[str, ...]
    """Columns that make a row unique within a file, before identity is known."""
    category_code: str | None
    """The category of every row, when the list has only one."""
    category_column: str | None
    """Else the column whose text decides."""
    category_words: Mapping[str, str]
    """Written category (spaces and brackets folded) to category code."""
    sum_rules: tuple[SumRule, ...]
    """Accounting identities of settlements."""
    period_grain: str
    """`month` or `day`: how a partition is keyed, 2026-10 or 2026-10-05."""
    category_synonyms: Mapping[str, str] = field(default_factory=dict)
    """Other words for a written category, to the word that `category_words` holds; recorded as a normalisation."""
    snapshot: SnapshotGuard = SnapshotGuard()
    """How much a complete list may change at once."""
    bad_rows: BadRows | None = None
    """When its bad rows hold it whole; None for facts that stand one by one, like settlements: they never do."""
    sender_zh: str | None = None
    """Who sends it, when that is no department of the pack."""
    whole_insured_for: str | None = None
    """What for, when it tells of everybody insured and not of listed people alone: then only who is listed, or over the radar's
    line, is kept beyond staging."""
    is_by_hand: bool = False
    """Whether its rows are claimed at a window (零星报销): each waits until the matter that it belongs to has been decided."""
    reversal_suffix: str | None = None
    """End of the key of a row that takes another back, -R for instance; negative amounts then say the same."""

    @property
    def told(self) -> frozenset[str]:
        """The categories, or kinds of notice, that its rows may carry."""
        return frozenset((*self.category_words.values(), *([self.category_code] if self.category_code else [])))

    def column(self, name: str) -> Column:
        """The column with this canonical name; KeyError when there is none."""
        return {one.name: one for one in self.columns}[name]
