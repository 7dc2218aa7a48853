"""Who else than the beneficiary is paid, by which paper; accounts that nothing is paid to before somebody looks."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import table, words

PAYEE_RELATION = table(
    "payee_relation",
    Column("relation_id", Text, primary_key=True),
    words("county_code"),
    words("person_key"),
    words("payee_key"),
    words("kind"),
    words("event_id", null=True),
    Column("advanced_fen", BigInteger, nullable=True),
    Column("share_ppm", Integer, nullable=True),
    words("paper_sha256"),
    words("recorded_by"),
    words("recorded_at"),
    UniqueConstraint("relation_id", "recorded_by", name="relation_by_whom"),
    CheckConstraint("kind in ('hospital','guardian','heir','institution')", name="relation_kind"),
    CheckConstraint("payee_key <> person_key", name="relation_is_of_two"),
    CheckConstraint(
        "(kind = 'hospital') = (event_id is not null) and (kind = 'hospital') = (advanced_fen is not null)",
        name="advance_is_of_an_event",
    ),
    CheckConstraint("advanced_fen is null or advanced_fen > 0", name="advance_is_positive"),
    CheckConstraint("(kind = 'heir') = (share_ppm is not null)", name="heir_has_a_share"),
    CheckConstraint("share_ppm is null or (share_ppm > 0 and share_ppm <= 1000000)", name="share_is_a_part"),
)
"""A payee for a person's relief, with the hash of the paper; counts once another person confirmed it."""


PAYEE_CONFIRM = table(
    "payee_confirm",
    Column("relation_id", Text, primary_key=True),
    words("recorded_by"),
    words("confirmed_by"),
    words("confirmed_at"),
    ForeignKeyConstraint(["relation_id", "recorded_by"], ["payee_relation.relation_id", "payee_relation.recorded_by"]),
    CheckConstraint("confirmed_by <> recorded_by", name="confirmed_by_another"),
)
"""The second act on a relation."""


PAYEE_END = table(
    "payee_end",
    Column("relation_id", Text, primary_key=True),
    words("reason"),
    words("ended_by"),
    words("ended_at"),
    ForeignKeyConstraint(["relation_id"], ["payee_relation.relation_id"]),
)
"""A relation that ended, was withdrawn or not confirmed; what was paid by it stands."""


WATCHED_ACCOUNT = table(
    "watched_account",
    Column("watch_id", Text, primary_key=True),
    words("county_code"),
    words("account_key"),
    words("kind"),
    words("recorded_by"),
    words("recorded_at"),
    UniqueConstraint("watch_id", "recorded_by", name="watch_by_whom"),
    CheckConstraint("kind in ('officer','flagged')", name="watched_kind"),
)
"""An account of somebody in office, or one that was reported: relief that would go there waits for a person."""


WATCHED_ACCOUNT_END = table(
    "watched_account_end",
    Column("watch_id", Text, primary_key=True),
    words("recorded_by"),
    words("reason"),
    words("ended_by"),
    words("ended_at"),
    ForeignKeyConstraint(["watch_id", "recorded_by"], ["watched_account.watch_id", "watched_account.recorded_by"]),
    CheckConstraint("ended_by <> recorded_by", name="unwatched_by_another"),
)
"""An account is watched no more: another person found that it may be paid to."""
