"""The ledger: decisions, approvals, payments, clocks, audit (docs/adr/0003 and 0005).

SQLAlchemy Core on SQLite (embedded) or PostgreSQL. Money is integer fen; moments are ISO text in Asia/Shanghai, so that both
databases keep the same bytes. What must never happen is refused by the database itself.
"""

from mianshen.warehouse.ledger.bank_loop import (
    PAYMENT_BY_HAND,
    PAYMENT_RECALL,
    PAYMENT_RECALL_ANSWER,
    PAYMENT_REISSUE,
    PAYMENT_RESUME,
    PAYMENT_STOP,
    PAYMENT_STOP_PERSON,
    SUSPENSE,
    SUSPENSE_CLEARING,
)
from mianshen.warehouse.ledger.columns import METADATA, VIEWS
from mianshen.warehouse.ledger.intake import CLAIM_DECISION, DELIVERY, DELIVERY_ACT, RUN
from mianshen.warehouse.ledger.payees import PAYEE_CONFIRM, PAYEE_END, PAYEE_RELATION, WATCHED_ACCOUNT, WATCHED_ACCOUNT_END
from mianshen.warehouse.ledger.payments import BANK_RESULT, PAYMENT, PAYMENT_BATCH, PAYMENT_HOLD, PAYMENT_LINE
from mianshen.warehouse.ledger.recoveries import (
    ASSESSMENT_APPLIED,
    RECOVERY,
    RECOVERY_ENTRY,
    RECOVERY_LINE,
    RECOVERY_PART,
)
from mianshen.warehouse.ledger.relief import APPLICATION, APPROVAL_BATCH, APPROVAL_ITEM, AWARD_POSTING, DECISION
from mianshen.warehouse.ledger.watch import (
    AUDIT,
    CASE,
    CASE_EVENT,
    CLOCK,
    CLOCK_EVENT,
    CLOCK_EXEMPTION,
    CLOCK_STANDING,
    CLOCK_TURN,
)

APPEND_ONLY = (
    RUN,
    DELIVERY_ACT,
    CLAIM_DECISION,
    APPLICATION,
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AWARD_POSTING,
    BANK_RESULT,
    PAYMENT_BY_HAND,
    PAYMENT_RECALL,
    PAYMENT_RECALL_ANSWER,
    PAYMENT_REISSUE,
    PAYMENT_RESUME,
    PAYMENT_STOP,
    PAYMENT_STOP_PERSON,
    SUSPENSE,
    SUSPENSE_CLEARING,
    PAYEE_CONFIRM,
    PAYEE_END,
    PAYEE_RELATION,
    WATCHED_ACCOUNT,
    WATCHED_ACCOUNT_END,
    ASSESSMENT_APPLIED,
    RECOVERY,
    RECOVERY_LINE,
    RECOVERY_ENTRY,
    RECOVERY_PART,
    CASE,
    CASE_EVENT,
    CLOCK,
    CLOCK_TURN,
    CLOCK_EVENT,
    CLOCK_EXEMPTION,
    AUDIT,
)
"""Tables whose rows stand as they were recorded: the database refuses to change or remove one (revisions 0007 to 0013)."""

__all__ = [
    "APPEND_ONLY",
    "APPLICATION",
    "APPROVAL_BATCH",
    "APPROVAL_ITEM",
    "ASSESSMENT_APPLIED",
    "AUDIT",
    "AWARD_POSTING",
    "BANK_RESULT",
    "CASE",
    "CASE_EVENT",
    "CLAIM_DECISION",
    "CLOCK",
    "CLOCK_EVENT",
    "CLOCK_EXEMPTION",
    "CLOCK_STANDING",
    "CLOCK_TURN",
    "DECISION",
    "DELIVERY",
    "DELIVERY_ACT",
    "METADATA",
    "PAYEE_CONFIRM",
    "PAYEE_END",
    "PAYEE_RELATION",
    "PAYMENT",
    "PAYMENT_BATCH",
    "PAYMENT_BY_HAND",
    "PAYMENT_HOLD",
    "PAYMENT_LINE",
    "PAYMENT_RECALL",
    "PAYMENT_RECALL_ANSWER",
    "PAYMENT_REISSUE",
    "PAYMENT_RESUME",
    "PAYMENT_STOP",
    "PAYMENT_STOP_PERSON",
    "RECOVERY",
    "RECOVERY_ENTRY",
    "RECOVERY_LINE",
    "RECOVERY_PART",
    "RUN",
    "SUSPENSE",
    "SUSPENSE_CLEARING",
    "VIEWS",
    "WATCHED_ACCOUNT",
    "WATCHED_ACCOUNT_END",
]
