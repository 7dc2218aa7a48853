"""What a page about a bank's batch file may hold."""

from __future__ import annotations

from mianshen.core.bank import AmountForm, BankField, BankForm
from mianshen.policy.layout_words import sourced
from mianshen.policy.scalars import CODE, TEXT, TRUTH, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Keyed, Listed, Record

_FIELD = Choice(tuple(one.value for one in BankField))
_COLUMN = Record(
    {
        "field": Field(_FIELD, "what the column holds"),
        "heading": Field(TEXT, "its heading", is_required=False, default=""),
        "width": Field(WHOLE, "bytes of the encoding: at most, of fixed width always", is_required=False),
        "align": Field(Choice(("left", "right")), "of fixed width: where the text stands", is_required=False, default="left"),
        "pad": Field(Choice((" ", "0")), "of fixed width: what fills the rest", is_required=False, default=" "),
        "table": Field(CODE, "of `code`: a key of `tables`", is_required=False),
        "text": Field(TEXT, "of `always`: what every line says", is_required=False, default=""),
    }
)
_TABLE = Record(
    {
        "of": Field(_FIELD, "the field that decides"),
        "by_prefix": Field(Keyed(TEXT), "code by the field's beginning; the longest decides"),
        "otherwise": Field(TEXT, "code of everything else; left out sends it to the manual list", is_required=False, default=""),
    }
)
_PAYER = Record(
    {
        "name": Field(TEXT, "holder of the account that pays"),
        "account": Field(CODE, "the account that pays"),
        "member_id": Field(CODE, "its bank's number in the national payment system"),
    }
)
BANK = sourced(
    code=Field(CODE, "code of the profile"),
    name_zh=Field(TEXT, "what clerks read"),
    form=Field(Choice(tuple(one.value for one in BankForm)), "what kind of file it is"),
    encoding=Field(CODE, "Python codec"),
    delimiter=Field(Choice((",", "|", "\t", ";")), "between fields", is_required=False, default="|"),
    line_end=Field(Choice(("crlf", "lf")), "how lines end", is_required=False, default="crlf"),
    columns=Field(Listed(_COLUMN, may_be_empty=True), "in order; none for pain.001", is_required=False, default=()),
    has_header=Field(TRUTH, "whether a first line has the headings", is_required=False, default=False),
    head=Field(Listed(TEXT), "fields of the head line, words in braces filled in", is_required=False, default=()),
    trailer=Field(Listed(TEXT), "fields of the closing line", is_required=False, default=()),
    amount_form=Field(Choice(tuple(one.value for one in AmountForm)), "yuan with two decimals, or fen"),
    most_amount=Field(YUAN, "largest amount of a line in yuan; more is paid by hand", is_required=False),
    most_lines=Field(WHOLE, "most payments of a file; more make several files", is_required=False),
    tables=Field(Keyed(_TABLE), "the bank's own codes", is_required=False, default={}),
    payer=Field(_PAYER, "who pays, where the file says it", is_required=False),
)
"""national/bank/*.yaml."""
