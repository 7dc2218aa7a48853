"""How a bank wants its batch file: form, encoding, columns by width, head and closing line, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class BankForm(StrEnum):
    """What kind of file it is."""

    DELIMITED = "delimited"
    FIXED = "fixed"
    SHEET = "sheet"
    PAIN001 = "pain001"


class AmountForm(StrEnum):
    """How an amount is written: `1234.50` or `123450`."""

    YUAN = "yuan"
    FEN = "fen"


class BankField(StrEnum):
    """What a column holds."""

    SEQUENCE = "sequence"
    PAYMENT_ID = "payment_id"
    ACCOUNT = "account"
    NAME = "name"
    CERTNO = "certno"
    AMOUNT = "amount"
    PURPOSE = "purpose"
    BATCH = "batch"
    MONTH = "month"
    BENEFICIARY = "beneficiary"
    RELATION = "relation"
    CODE = "code"
    ALWAYS = "always"


SUFFIXES: Mapping[BankForm, str] = {
    BankForm.DELIMITED: ".csv",
    BankForm.FIXED: ".txt",
    BankForm.SHEET: ".xlsx",
    BankForm.PAIN001: ".xml",
}
"""How the name of a file of each form ends."""

FRAME_WORDS = ("batch", "county", "month", "day", "count", "amount", "digest")
"""What head and closing line may say, in braces: `{count}`; `digest` is the SHA-256 of the lines above it."""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The bank's own code for what a field begins with."""

    of: BankField
    """The field that decides."""
    by_prefix: Mapping[str, str]
    """Code by the field's beginning; the longest beginning decides."""
    otherwise: str
    """The code of everything else; empty sends such a payment to the manual list."""

    def code_of(self, written: str) -> str:
        """The code of this field's text."""
        fitting = [prefix for prefix in self.by_prefix if written.startswith(prefix)]
        return self.by_prefix[max(fitting, key=len)] if fitting else self.otherwise


@dataclass(frozen=True, slots=True)
class BankColumn:
    """One column of a line."""

    field: BankField
    """What it holds."""
    heading: str
    """Its heading; empty in a file without headings."""
    width: int | None
    """Bytes of the encoding that it takes at most, of fixed width always; None where nothing limits it."""
    is_right: bool
    """Of fixed width: whether the padding stands on its left."""
    pad: str
    """Of fixed width: the padding, a blank or `0`."""
    table: CodeTable | None
    """Of a `code`: the table."""
    text: str
    """Of `always`: what every line says."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, as the bank knows him."""

    name: str
    """The account's holder."""
    account: str
    """The account that relief is paid from."""
    member_id: str
    """Number of its bank in the national payment system (CNAPS)."""


@dataclass(frozen=True, slots=True)
class BankProfile:
    """How a bank wants its batch file; a page of include/policies/national/bank."""

    code: str
    """Such as `generic_csv`."""
    name_zh: str
    """What clerks read."""
    form: BankForm
    """delimited | fixed | sheet | pain001."""
    encoding: str
    """Python codec; a name it cannot carry goes to the manual list."""
    delimiter: str
    """Between fields; of fixed width between those of head and closing line."""
    line_end: str
    """`\\r\\n` or `\\n`."""
    columns: tuple[BankColumn, ...]
    """In order; none for pain.001, whose places are given."""
    has_header: bool
    """Whether a first line has the headings."""
    head: tuple[str, ...]
    """Fields of the head line, words in braces filled in; empty is none."""
    trailer: tuple[str, ...]
    """The same of the closing line."""
    amount_form: AmountForm
    """How amounts are written."""
    most_fen: int | None
    """The largest amount of a line, in fen; more is paid by hand."""
    most_lines: int | None
    """The most payments of a file; more make several files."""
    payer: Payer | None
    """Who pays, where the file says it."""
    status: str
    """official | quoted | inferred | illustrative."""

    @property
    def suffix(self) -> str:
        """How its file names end."""
        return SUFFIXES[self.form]

    @property
    def is_illustrative(self) -> bool:
        """Whether no bank has published this layout: replace it before anything is paid."""
        return self.status == "illustrative"

    def names(self, field: BankField) -> bool:
        """Whether a column holds this field."""
        return any(one.field is field for one in self.columns)
