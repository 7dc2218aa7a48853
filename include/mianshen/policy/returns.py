"""The page about a bank's returns as a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from mianshen.core.contract import Column, Contract, Feed, Kind
from mianshen.core.returns import BankOutcome, ReturnProfile, fold_wording
from mianshen.policy.layout_returns import HEADINGS, RETURNS
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import Spot, open_page
from mianshen.policy.shapes import Row

GENERIC = "generic"
"""The page of no particular bank."""
FIELDS = 6
"""Fields of a fixed-width line."""

_KINDS = {"account": Kind.ACCOUNT, "name": Kind.NAME, "amount": Kind.MONEY}
_SENT = ("sequence", "batch", "instruction", "account", "name", "amount")


def load_return_profile(name: str = GENERIC, *, root: Path | None = None) -> ReturnProfile:
    """The page national/bank/returns/<name>.yaml; MianshenError POLICY_DAMAGED with file and line for its first fault."""
    path = f"national/bank/returns/{name}.yaml"
    page = open_page((root or POLICIES) / path, shown_as=path)
    return profile_of(page)


def profile_of(page: Spot) -> ReturnProfile:
    """The profile of one page; MianshenError POLICY_DAMAGED when a code stands in two tables or a width is missing."""
    row = RETURNS.read(page)
    if len(row["widths"]) != FIELDS or min(row["widths"]) < 1:
        row.at("widths").refuse(f"widths 应为 {FIELDS} 个正整数", f"widths must be {FIELDS} positive numbers")
    for pattern in row["file_patterns"]:
        _compiles(row, pattern)
    codes = _codes(row)
    unknown = sorted({one.upper() for one in row["duplicate_codes"]} - codes.keys())
    if unknown:
        row.at("duplicate_codes").refuse(f"{unknown[0]} 不在 tables 中", f"{unknown[0]} stands in no table")
    words = _words(row, "words")
    return ReturnProfile(
        code=row["code"],
        name_zh=row["name_zh"],
        file_patterns=row["file_patterns"],
        widths=row["widths"],
        codes=codes,
        duplicate_codes=frozenset(one.upper() for one in row["duplicate_codes"]),
        statuses={code.upper(): BankOutcome(outcome) for code, outcome in row["statuses"].items()},
        words=words,
        bare_words={**words, **_words(row, "bare_words")},
        sheet=_contract(row, HEADINGS, required=("instruction",)),
        sent=_contract(row, _SENT, required=("instruction", "account", "name", "amount")),
    )


def _compiles(row: Row, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as cause:
        row.at("file_patterns").refuse(f"文件名规则不是正则表达式:{pattern}", f"not a regular expression: {cause}")


def _codes(row: Row) -> dict[str, BankOutcome]:
    found: dict[str, BankOutcome] = {}
    for table in row["tables"]:
        for code in table["codes"]:
            if code.upper() in found:
                table.at("codes").refuse(f"返回码 {code} 写了两次", f"the code {code} stands twice")
            found[code.upper()] = BankOutcome(table["outcome"])
    return found


def _words(row: Row, key: str) -> dict[str, BankOutcome]:
    said: Mapping[str, Iterable[str]] = row[key]
    found: dict[str, BankOutcome] = {}
    for outcome, wordings in said.items():
        if outcome not in {one.value for one in BankOutcome}:
            row.at(key).refuse(f"{outcome} 不是结果", f"{outcome} is no outcome")
        for one in wordings:
            if found.get(fold_wording(one), outcome) != outcome:
                row.at(key).refuse(f"{one} 有两种结果", f"{one} has two outcomes")
            found[fold_wording(one)] = BankOutcome(outcome)
    return found


def _contract(row: Row, names: Iterable[str], *, required: tuple[str, ...]) -> Contract:
    return Contract(
        feed=Feed.BANK_RETURN,
        list_code=Feed.BANK_RETURN.value,
        department_code="bank",
        name_zh=row["name_zh"],
        file_patterns=(),
        columns=tuple(
            Column(
                name=name,
                kind=_KINDS.get(name, Kind.TEXT),
                aliases=tuple(dict.fromkeys((*row["headings"][name], name))),
                is_required=name in required,
                may_be_empty=True,
                codes=(),
            )
            for name in names
        ),
        key=("instruction",),
        category_code=None,
        category_column=None,
        category_words={},
        sum_rules=(),
        period_grain="day",
    )
