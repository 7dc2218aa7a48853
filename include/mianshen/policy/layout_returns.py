"""What a page about a bank's returns may hold."""

from __future__ import annotations

from mianshen.core.returns import BankOutcome
from mianshen.policy.layout_words import SOURCE, sourced
from mianshen.policy.scalars import CODE, TEXT, WHOLE
from mianshen.policy.shapes import Choice, Field, Keyed, Listed, Record

_OUTCOME = Choice(tuple(one.value for one in BankOutcome))
HEADINGS = ("sequence", "batch", "instruction", "account", "name", "amount", "code", "text")
"""What a column of a return, or of the batch that was sent, can mean."""

_TABLE = Record(
    {
        "outcome": Field(_OUTCOME, "what every code of the table means for the payment"),
        "codes": Field(Keyed(TEXT), "the bank's wording by code"),
        **SOURCE,
    }
)
RETURNS = sourced(
    code=Field(CODE, "code of the page"),
    name_zh=Field(TEXT, "what clerks read"),
    file_patterns=Field(Listed(TEXT), "patterns of the names of files that are returns"),
    widths=Field(Listed(WHOLE), "widths in GBK bytes: sequence, instruction, account, name, amount, code"),
    tables=Field(Listed(_TABLE), "the bank's codes; one that is in no table leaves the payment open"),
    duplicate_codes=Field(Listed(CODE), "codes that say: received before"),
    statuses=Field(Keyed(_OUTCOME), "outcome by transaction status of pain.002"),
    words=Field(Keyed(Listed(TEXT)), "by outcome, wordings that say one thing only; never mark a payment paid beside a code"),
    bare_words=Field(Keyed(Listed(TEXT)), "by outcome, further wordings where a sheet has no codes"),
    headings=Field(Record({one: Field(Listed(TEXT), f"headings of {one}") for one in HEADINGS}), "headings of a sheet"),
)
"""national/bank/returns/*.yaml."""
