"""A county whose law names no amount, as a pack: departments, time limits and processes, and a plan that pays nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from mianshen.core.bank import BankProfile
from mianshen.core.clocks import TimeLimit
from mianshen.core.contract import Contract, Feed
from mianshen.core.departments import Department, in_charge
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.pack import FundAccounts, Pack, RosterWatch
from mianshen.core.plan import Category, Clause, MafCounting, Plan, Status
from mianshen.core.reviews import Reviews
from mianshen.policy import layout, layout_forms, layout_process
from mianshen.policy.binder import Binder
from mianshen.policy.confirming import PAGE, RELIEF, confirming_of, eligibility_page, staffing_rules
from mianshen.policy.departments import departments_of, held_on
from mianshen.policy.forms import forms_of
from mianshen.policy.grids import grids_of
from mianshen.policy.parts import time_limit_of
from mianshen.policy.process_items import with_items
from mianshen.policy.processes import processes_of, window_limits
from mianshen.policy.shapes import Row
from mianshen.policy.workdays import load_calendar

NO_FUNDS = FundAccounts(is_kept=False, settled_month=12, settled_day=28, most_returns=0, status="illustrative")
"""Nothing is paid, so nothing is settled."""


def case_pack_names(root: Path) -> tuple[str, ...]:
    """Names of the counties whose law names no amount and whose processes are written, sorted."""
    found = (one.parent for one in root.glob(f"*/{PAGE}") if not (one.parent / RELIEF).is_file())
    return tuple(sorted(one.name for one in found if (one / "process.yaml").is_file()))


def load_case_pack(name: str, *, on: date, root: Path, bank: BankProfile) -> Pack:
    """The pack on the day; POLICY_DAMAGED with file and line for the first fault. `bank` is how a payment file would look."""
    binder = Binder(name, root)
    page = eligibility_page(binder)
    rows_of_departments = binder.read(layout.DEPARTMENTS, "departments.yaml")["departments"]
    departments = departments_of(rows_of_departments)
    rows = _optional(binder, "time_limits.yaml")
    written = binder.read(layout_process.PROCESSES, "process.yaml")["processes"]
    _check_sources(
        page["documents"], [*rows_of_departments, *rows, *written, *(step for one in written for step in one["steps"])]
    )
    _check_sources(page["documents"], [item for one in written for item in one["items"]])
    confirming = confirming_of(binder)
    limits = [time_limit_of(one, page["documents"]) for one in rows]
    contracts = _contracts(binder, page, departments=departments, on=on)
    said = processes_of(
        with_items(written, confirming.lists),
        departments=frozenset(one.code for one in departments),
        limits=limits,
        titles={code: one["title_zh"] for code, one in page["documents"].items()},
        confirmations=confirming.confirmations,
        lists=[one.list_code for one in contracts],
        categories=[one["code"] for one in page["categories"]],
    )
    processes = tuple(held_on(one, departments, on=on) for one in said)
    policy_hash = sha256_hex(canonical_json({"pages": binder.content}))
    return Pack(
        name=name,
        county_code=page["county"]["code"],
        county_name_zh=page["county"]["name_zh"],
        county_name_en=page["county"]["name_en"],
        area_aliases=(),
        towns=page["county"]["towns"],
        plan=_plan(name, page, limits, on=on, departments=departments, policy_hash=policy_hash),
        departments=departments,
        lists=(),
        roster_watch=RosterWatch(0, 0),
        contracts=contracts,
        routing=(),
        funds=(),
        accounts=NO_FUNDS,
        bank=bank,
        time_limits=(*limits, *window_limits(processes)),
        calendar=load_calendar(root / "national" / "workdays"),
        reviews=Reviews((), 0),
        processes=processes,
        experts=confirming.experts,
        items=confirming.items,
        first_year=confirming.first_year,
        staffing=staffing_rules(binder, documents=page["documents"], departments=[one.code for one in departments]),
        grids=grids_of(binder, documents=page["documents"], towns=page["county"]["towns"]),
        forms=forms_of(binder.worded(layout_forms.FORMS, "forms.yaml"), processes=[one["code"] for one in written]),
    )


def _contracts(binder: Binder, page: Row, *, departments: Sequence[Department], on: date) -> tuple[Contract, ...]:
    """What is delivered to the county, each by the department that has the list on the day.

    POLICY_DAMAGED for a list of unknown people: neither a category nor an item of eligibility.yaml.
    """
    known = {one["code"] for one in page["categories"]}
    known |= {item["code"] for one in page["items"] for item in one["items"]}
    codes = {one.code for one in departments}
    found = []
    for contract, row in binder.contracts(county_codes=(page["county"]["code"],)):
        if contract.department_code not in codes:
            row.at("department").refuse(
                f"未登记的部门 {contract.department_code}", f"department {contract.department_code} is not registered"
            )
        unknown = sorted(contract.told - known)
        if contract.feed is Feed.ROSTER and unknown:
            row.spot.refuse(f"eligibility.yaml 中没有 {unknown[0]}", f"eligibility.yaml has no {unknown[0]}")
        _check_sources(page["documents"], [row])
        found.append(replace(contract, department_code=in_charge(departments, contract.department_code, on=on)))
    return tuple(found)


def _plan(
    name: str, page: Row, limits: Sequence[TimeLimit], *, on: date, departments: Sequence[Department], policy_hash: str
) -> Plan:
    """A plan without a benefit: it knows the county's categories and pays nothing; its clauses say what is illustrative."""
    categories = sorted(page["categories"], key=lambda one: str(one["code"]))
    return Plan(
        pack=name,
        county_code=page["county"]["code"],
        county_name_zh=page["county"]["name_zh"],
        in_force_on=on,
        policy_hash=policy_hash,
        benefit_year_by="settlement",
        base=(),
        maf_counts_as=MafCounting.SAME_BENEFIT,
        tiers=(),
        benefits=(),
        categories=tuple(_category(one, departments, on=on) for one in categories),
        clauses=(
            *(_clause(one, page["documents"]) for one in categories),
            *(Clause(f"time_limits.{one.code}", name, one.article, one.name_zh, Status(one.status)) for one in limits),
        ),
    )


def _category(row: Row, departments: Sequence[Department], *, on: date) -> Category:
    lister = in_charge(departments, row["department"], on=on)
    return Category(row["code"], row["name_zh"], row["name_en"], lister, Status(row["status"]))


def _clause(row: Row, documents: Mapping[str, Row]) -> Clause:
    title = documents[row["source"]]["title_zh"]
    return Clause(f"categories.{row['code'].lower()}", title, row["article"], row["name_zh"], Status(row["status"]))


def _optional(binder: Binder, file: str) -> Sequence[Row]:
    """Entries of time_limits.yaml, where the county has one; a yearly calendar has none."""
    if not binder.has(file):
        return ()
    return tuple(binder.read(layout.TIME_LIMITS, file)["time_limits"])


def _check_sources(documents: Mapping[str, Row], rows: Sequence[Row]) -> None:
    for row in rows:
        if row["source"] not in documents:
            row.at("source").refuse(f"documents 中没有 {row['source']}", f"documents has no {row['source']}")
