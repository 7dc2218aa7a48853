"""Feed contracts from YAML: a pack's page over the national page that it extends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mianshen.core.codes import REASONS
from mianshen.core.contract import BadRows, Column, Contract, Feed, Kind, SnapshotGuard, SumRule
from mianshen.policy.layout_files import CONTRACT, CONTRACT_REQUIRED
from mianshen.policy.pages import Spot, open_page
from mianshen.policy.shapes import Row

GENERIC_LIST = "generic_roster"
"""The national page of a list, which also says the limits of every list that is silent about its own."""
LIMITS = ("snapshot", "bad_rows")
"""Keys of a list that say when it is held whole."""


def read_contract(page: Spot, *, national: Path, county_codes: tuple[str, ...]) -> tuple[Contract, Row]:
    """The contract of one page, with the page as it was read. POLICY_DAMAGED when it is incomplete or contradicts itself."""
    row = CONTRACT.read(page)
    below = _national(row, national)
    merged = {name: row[name] if _is_written(row, name) else below.get(name) for name in row}
    if not _is_written(row, "category_synonyms"):
        merged["category_synonyms"] = _usable(merged["category_synonyms"] or {}, merged["category_words"] or {})
    _put_limits(merged, national)
    for name in CONTRACT_REQUIRED:
        if not merged[name]:
            page.refuse(f"接口约定缺少 {name}", f"the contract lacks {name}")
    contract = _contract(merged, county_codes)
    _check(contract, row)
    return contract, row


def national_contract(name: str, *, root: Path) -> Contract:
    """A complete national contract, for a county without layouts of its own; `root` is include/policies.

    POLICY_DAMAGED when the page is missing or incomplete.
    """
    path = root / "national" / "feeds" / f"{name}.yaml"
    return read_contract(open_page(path, shown_as=f"national/feeds/{name}.yaml"), national=root / "national", county_codes=())[0]


def _put_limits(merged: dict[str, Any], national: Path) -> None:
    """Give a list that says nothing of its limits those of the national list."""
    missing = [name for name in LIMITS if merged[name] is None]
    if merged["feed"] == Feed.ROSTER.value and missing:
        page = open_page(national / "feeds" / f"{GENERIC_LIST}.yaml", shown_as=f"national/feeds/{GENERIC_LIST}.yaml")
        usual = CONTRACT.read(page)
        merged.update({name: usual[name] for name in missing})


def _usable(synonyms: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    """The national synonyms of those words that the page below keeps."""
    return {word: meant for word, meant in synonyms.items() if meant in words}


def _is_written(row: Row, name: str) -> bool:
    return row.at(name) is not row.spot


def _national(row: Row, national: Path) -> dict[str, Any]:
    if row["extends"] is None:
        return {}
    path = national / "feeds" / f"{row['extends']}.yaml"
    if not path.is_file():
        row.at("extends").refuse(f"没有全国接口 {row['extends']}", f"there is no national contract {row['extends']}")
    return dict(CONTRACT.read(open_page(path, shown_as=f"national/feeds/{path.name}")))


def _contract(merged: dict[str, Any], county_codes: tuple[str, ...]) -> Contract:
    county = f"(?:{'|'.join(county_codes) or r'[0-9]{6}'})"
    return Contract(
        feed=Feed(merged["feed"]),
        list_code=merged["list_code"],
        department_code=merged["department"],
        name_zh=merged["name_zh"],
        file_patterns=tuple(one.replace("{county}", county) for one in merged["file_patterns"]),
        columns=tuple(_column(one, is_national=merged["feed"] == Feed.SETTLEMENT.value) for one in merged["columns"]),
        key=merged["key"],
        category_code=merged["category_code"],
        category_column=merged["category_column"],
        category_words=merged["category_words"] or {},
        sum_rules=tuple(
            SumRule(reason_code=one["reason_code"], total=one["total"], parts=one["parts"], tolerance_fen=one["tolerance_fen"])
            for one in merged["sum_rules"] or ()
        ),
        period_grain=merged["period_grain"],
        category_synonyms=merged["category_synonyms"] or {},
        snapshot=_snapshot(merged["snapshot"]),
        bad_rows=_bad_rows(merged["bad_rows"]),
        sender_zh=merged["sender_zh"],
        whole_insured_for=merged["whole_insured_for"],
        is_by_hand=bool(merged["by_hand"]),
        reversal_suffix=merged["reversal_suffix"],
    )


def _bad_rows(row: Row | None) -> BadRows | None:
    return None if row is None else BadRows(largest_share=row["largest_share"], fewest_rows=row["fewest_rows"])


def _snapshot(row: Row | None) -> SnapshotGuard:
    if row is None:
        return SnapshotGuard()
    return SnapshotGuard(largest_drop=row["largest_drop"], largest_rise=row["largest_rise"], fewest_rows=row["fewest_rows"])


def _column(row: Row, *, is_national: bool) -> Column:
    return Column(
        name=row["name"],
        kind=Kind(row["kind"]),
        aliases=tuple(dict.fromkeys((row["name"], *row["headers"]) if is_national else (*row["headers"], row["name"]))),
        is_required=row["is_required"],
        may_be_empty=row["may_be_empty"],
        codes=row["codes"],
        renames=row["renames"] or {},
    )


def _check(contract: Contract, row: Row) -> None:
    _check_patterns(contract, row)
    names = [one.name for one in contract.columns]
    headers = [alias for one in contract.columns for alias in one.aliases]
    for written, what in ((names, "列名"), (headers, "表头")):
        twice = sorted({one for one in written if written.count(one) > 1})
        if twice:
            row.at("columns").refuse(f"{what} {twice[0]} 出现两次", f"{twice[0]} stands for two columns")
    for one in contract.key:
        if one not in names:
            row.at("key").refuse(f"主键 {one} 不在 columns 中", f"the key {one} is no column")
    _check_category(contract, row, names)
    _check_sums(contract, row, names)


def _check_patterns(contract: Contract, row: Row) -> None:
    for pattern in contract.file_patterns:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as cause:
            row.at("file_patterns").refuse(f"文件名规则不是正则表达式:{pattern}", f"not a regular expression: {cause}")
        if "period" not in groups:
            row.at("file_patterns").refuse(f"文件名规则缺少 period 组:{pattern}", "the pattern has no group named period")


def _check_category(contract: Contract, row: Row, names: list[str]) -> None:
    if contract.feed is not Feed.ROSTER:
        return
    if (contract.category_code is None) == (contract.category_column is None):
        row.spot.refuse("category_code 与 category_column 须写且只写一个", "write either category_code or category_column")
    if contract.category_column is not None and contract.category_column not in names:
        row.at("category_column").refuse(f"{contract.category_column} 不在 columns 中", "it is no column")
    if contract.category_column is not None and not contract.category_words:
        row.at("category_column").refuse("缺少 category_words", "category_words are missing")
    for word, meant in contract.category_synonyms.items():
        if meant not in contract.category_words:
            row.at("category_synonyms").refuse(f"{word} 所指的 {meant} 不在 category_words 中", f"{meant} is no category word")


def _check_sums(contract: Contract, row: Row, names: list[str]) -> None:
    for rule in contract.sum_rules:
        unknown = [one for one in (rule.total, *rule.parts) if one not in names]
        if unknown:
            row.at("sum_rules").refuse(f"求和项 {unknown[0]} 不在 columns 中", f"{unknown[0]} is no column")
        if rule.reason_code not in REASONS:
            row.at("sum_rules").refuse(f"未知的原因代码 {rule.reason_code}", f"{rule.reason_code} is no reason code")
