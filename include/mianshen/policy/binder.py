"""The pages of one pack, read in one place; keeps the canonical content for the policy hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mianshen.core.contract import Contract
from mianshen.policy import (
    layout,
    layout_bank,
    layout_benefits,
    layout_files,
    layout_forms,
    layout_means,
    layout_messages,
    layout_process,
    layout_recovery,
)
from mianshen.policy.contracts import read_contract
from mianshen.policy.pages import Spot, open_page
from mianshen.policy.shapes import Record, Row


@dataclass(frozen=True, slots=True)
class PackRows:
    """Every page of a pack, read and not yet put together."""

    policy: Row
    """policy.yaml."""
    tiers: Sequence[Row]
    """Tier pages in paying order."""
    categories: Sequence[Row]
    """Entries of categories.yaml."""
    departments: Sequence[Row]
    """Entries of departments.yaml."""
    lists: Sequence[Row]
    """Entries of lists.yaml."""
    watch: Row
    """Its record of what is shown."""
    routing: Sequence[Row]
    """Entries of routing.yaml."""
    funds: Sequence[Row]
    """Entries of funds.yaml."""
    accounts: Row
    """Its record of how the funds' money is kept."""
    time_limits: Sequence[Row]
    """Entries of time_limits.yaml."""
    contracts: tuple[Contract, ...]
    """Contracts, sorted by file name."""
    contract_rows: Sequence[Row]
    """The county's pages of the contracts, in the same order."""
    bank: Row
    """The bank profile that policy.yaml names."""
    reviews: Sequence[Row]
    """The national page of reviews, and the county's own where it has one."""
    processes: Sequence[Row]
    """Entries of process.yaml, where the pack has one."""
    forms: Sequence[Row]
    """The national page of forms, and the county's own where it has one."""
    messages: Sequence[Row]
    """The national page of text messages, and the county's own where it has one."""
    recovery: Row | None
    """The record of recovery.yaml, where the pack has one."""
    means: Row | None
    """means.yaml, where the pack has one."""
    sources: frozenset[str]
    """Files under sources/ that exist."""

    @staticmethod
    def codes_of(rows: Sequence[Row]) -> frozenset[str]:
        """The codes of entries that have one."""
        return frozenset(one["code"] for one in rows)


class Binder:
    """Reads the pages of one pack folder and of the national folder beside it."""

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        """Folder name of the pack."""
        self.content: dict[str, Any] = {}
        """Canonical content of the pages read, by path."""
        self._root = root

    def read(self, record: Record, file: str) -> Row:
        """The pack's page, as the record demands."""
        return record.read(self._page(f"{self.name}/{file}"))

    def has(self, file: str) -> bool:
        """Whether the pack has the page."""
        return (self._root / self.name / file).is_file()

    def _page(self, path: str) -> Spot:
        page = open_page(self._root / path, shown_as=path)
        self.content[path] = _plain(page.value)
        return page

    def read_rows(self) -> PackRows:
        """Every page of the pack. MianshenError POLICY_DAMAGED at the first that does not read."""
        policy = self.read(layout.POLICY, "policy.yaml")
        tiers = [self._tier(one) for one in policy["tiers"]]
        county = policy["county"]
        codes = (county["code"], *county["area_aliases"])
        contracts = self.contracts(county_codes=codes)
        lists, funds = self.read(layout.LISTS, "lists.yaml"), self.read(layout.FUNDS, "funds.yaml")
        return PackRows(
            policy=policy,
            tiers=tiers,
            categories=self.read(layout.CATEGORIES, "categories.yaml")["categories"],
            departments=self.read(layout.DEPARTMENTS, "departments.yaml")["departments"],
            lists=lists["lists"],
            watch=lists["watch"],
            routing=self.read(layout.ROUTING, "routing.yaml")["routing"],
            funds=funds["funds"],
            accounts=funds["accounts"],
            time_limits=self.read(layout.TIME_LIMITS, "time_limits.yaml")["time_limits"],
            contracts=tuple(contract for contract, _ in contracts),
            contract_rows=[row for _, row in contracts],
            bank=layout_bank.BANK.read(self._page(f"national/bank/{policy['bank']}.yaml")),
            reviews=[layout_files.REVIEWS.read(self._page(one)) for one in self._review_pages()],
            processes=self._processes(),
            forms=self.worded(layout_forms.FORMS, "forms.yaml"),
            messages=self.worded(layout_messages.MESSAGES, "messages.yaml"),
            recovery=self._recovery(),
            means=self._means(),
            sources=frozenset(f"sources/{one.name}" for one in (self._root / self.name / "sources").glob("*.md")),
        )

    def contracts(self, *, county_codes: tuple[str, ...]) -> list[tuple[Contract, Row]]:
        """The contracts of the pack's feeds/, sorted by file name, each with its page; none where it has no such folder."""
        pages = [self._page(f"{self.name}/feeds/{one.name}") for one in sorted((self._root / self.name / "feeds").glob("*.yaml"))]
        for one in sorted((self._root / "national" / "feeds").glob("*.yaml")) if pages else ():
            self._page(f"national/feeds/{one.name}")
        return [read_contract(one, national=self._root / "national", county_codes=county_codes) for one in pages]

    def _processes(self) -> Sequence[Row]:
        if not self.has("process.yaml"):
            return ()
        return tuple(self.read(layout_process.PROCESSES, "process.yaml")["processes"])

    def worded(self, record: Record, file: str) -> Sequence[Row]:
        """The national page and the county's own. Wording never changes an amount, so it is no part of the policy hash."""
        paths = (f"national/{file}", f"{self.name}/{file}")
        return [record.read(open_page(self._root / one, shown_as=one)) for one in paths if (self._root / one).is_file()]

    def _recovery(self) -> Row | None:
        if not self.has("recovery.yaml"):
            return None
        row: Row = self.read(layout_recovery.RECOVERY, "recovery.yaml")["recovery"]
        return row

    def _means(self) -> Row | None:
        if not (self._root / self.name / "means.yaml").is_file():
            return None
        return self.read(layout_means.MEANS, "means.yaml")

    def _review_pages(self) -> list[str]:
        own = f"{self.name}/reviews.yaml"
        return ["national/reviews.yaml", *([own] if (self._root / own).is_file() else [])]

    def _tier(self, named: Row) -> Row:
        if (named["file"] is None) == (named["benefits"] is None):
            named.spot.refuse("file 与 benefits 须写且只写一个", "write either file or benefits")
        if named["file"] is None:
            return tier_of(named)
        row = self.read(layout_benefits.TIER, named["file"])
        if row["tier"] != named["code"]:
            row.at("tier").refuse(f"本页写作 {row['tier']},policy.yaml 写作 {named['code']}", f"policy.yaml says {named['code']}")
        return row


def tier_of(named: Row) -> Row:
    """The tier page that stands inside another page."""
    return Row({"tier": named["code"], "benefits": named["benefits"]}, {}, named.spot)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | str) else str(value)
