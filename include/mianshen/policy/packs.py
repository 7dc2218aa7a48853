"""A county's pack from include/policies: every page read, checked against the others, put together for one day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from mianshen.core.bank import BankProfile
from mianshen.core.contract import Feed
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Fund, FundAccounts, Oddness, Pack, PackNote, RosterList, RosterWatch, Routing
from mianshen.policy import layout, layout_bank, layout_process
from mianshen.policy.bank import bank_of
from mianshen.policy.binder import Binder, PackRows, tier_of
from mianshen.policy.case_packs import case_pack_names, load_case_pack
from mianshen.policy.confirming import Confirming, confirming_of, staffing_rules
from mianshen.policy.crosschecks import check_pack
from mianshen.policy.departments import departments_of, held_on
from mianshen.policy.forms import forms_of
from mianshen.policy.grids import grids_of
from mianshen.policy.means import means_of
from mianshen.policy.messages import messages_of
from mianshen.policy.pages import open_page
from mianshen.policy.parts import time_limit_of
from mianshen.policy.plans import PlanPages, make_plan
from mianshen.policy.process_awards import check_awards
from mianshen.policy.process_items import with_items
from mianshen.policy.processes import processes_of, window_limits
from mianshen.policy.rechecks import rechecks_of
from mianshen.policy.recoveries import recovery_of
from mianshen.policy.reviews import reviews_of
from mianshen.policy.shapes import Row
from mianshen.policy.workdays import load_calendar

POLICIES = Path(__file__).parents[2] / "policies"
"""include/policies of this installation."""

_OVERLAY_NAME = re.compile(r"^[a-z0-9_]+$")
_PACK_NAME = re.compile(r"^(?:_example|\d{6}_[a-z]+)$")


def pack_names(root: Path | None = None) -> tuple[str, ...]:
    """Names of the packs that pay relief, sorted; `_example` first."""
    found = (one.parent.name for one in (root or POLICIES).glob("*/policy.yaml"))
    return tuple(sorted((one for one in found if _PACK_NAME.match(one)), key=lambda one: (one[0] != "_", one)))


def county_names(root: Path | None = None) -> tuple[str, ...]:
    """Names of every pack that can be loaded: those that pay relief, then those whose law names no amount."""
    return (*pack_names(root), *case_pack_names(root or POLICIES))


def load_bank_profile(name: str, *, root: Path | None = None) -> BankProfile:
    """The page national/bank/<name>.yaml; MianshenError POLICY_DAMAGED with file and line for its first fault."""
    path = f"national/bank/{name}.yaml"
    return bank_of(layout_bank.BANK.read(open_page((root or POLICIES) / path, shown_as=path)))


def load_pack(name: str, *, on: date, root: Path | None = None, overlays: Sequence[str] = ()) -> Pack:
    """The pack with the values in force on the day, overlays applied in the order given.

    A Plan is good for the benefit years whose care its benefits cover (`valid_since`, `valid_until`); for an earlier year's
    values load it again with a day of that year. Raises MianshenError POLICY_UNKNOWN when include/policies has no such pack,
    POLICY_DAMAGED with file and line for the first fault, CALENDAR_MISSING when no working days are known.
    """
    root = root or POLICIES
    if name in case_pack_names(root) and not overlays:
        return load_case_pack(name, on=on, root=root, bank=load_bank_profile("generic_csv", root=root))
    if name not in pack_names(root):
        raise MianshenError("POLICY_UNKNOWN", found=name, where=f"include/policies ({', '.join(pack_names(root))})")
    binder = Binder(name, root)
    rows = binder.read_rows()
    patches = [_overlay(binder, one) for one in overlays]
    for patch in patches:
        rows = _overlaid(rows, patch)
    check_pack(rows, patches)
    confirming = confirming_of(binder)
    registered = rows.codes_of(rows.departments)
    staffing = staffing_rules(binder, documents=rows.policy["documents"], departments=registered)
    plan = make_plan(
        PlanPages(
            pack=name,
            policy=rows.policy,
            term=rows.policy["term"],
            tiers=rows.tiers,
            categories=rows.categories,
            departments=registered,
            funds=rows.codes_of(rows.funds),
            policy_hash=sha256_hex(canonical_json({"pages": binder.content, "overlays": list(overlays)})),
            overlays=patches,
        ),
        on=on,
    )
    county = rows.policy["county"]
    sender = next(one.department_code for one in rows.contracts if one.feed is Feed.SETTLEMENT)
    reviews = reviews_of(rows.reviews, sender=sender)
    limits = [time_limit_of(one, rows.policy["documents"]) for one in rows.time_limits]
    titles = {code: one["title_zh"] for code, one in rows.policy["documents"].items()}
    check_awards(rows.processes, routed=frozenset(one["department"] for one in rows.routing))
    departments = departments_of(rows.departments)
    written = processes_of(
        with_items(rows.processes, confirming.lists),
        departments=registered,
        limits=[*reviews.limits, *limits],
        titles=titles,
        confirmations=confirming.confirmations,
        lists=[one.list_code for one in rows.contracts],
        categories=rows.codes_of(rows.categories),
    )
    rechecks = rechecks_of(binder.worded(layout_process.RECHECKS, "rechecks.yaml"), sender=sender, departments=registered)
    processes = tuple(held_on(one, departments, on=on) for one in (*written, *rechecks.processes))
    limits += [*rechecks.limits, *window_limits(processes)]
    return Pack(
        name=name,
        county_code=county["code"],
        county_name_zh=county["name_zh"],
        county_name_en=county["name_en"],
        area_aliases=county["area_aliases"],
        towns=county["towns"],
        plan=plan,
        departments=departments,
        lists=tuple(_list_of(one) for one in rows.lists),
        roster_watch=RosterWatch(rows.watch["large_share"], rows.watch["fewest_people"]),
        contracts=rows.contracts,
        routing=tuple(_routing_of(one) for one in rows.routing),
        funds=tuple(Fund(one["code"], one["name_zh"], one["name_en"]) for one in rows.funds),
        accounts=_accounts_of(rows.accounts),
        bank=bank_of(rows.bank),
        time_limits=tuple({one.code: one for one in (*reviews.limits, *limits)}.values()),
        calendar=load_calendar(root / "national" / "workdays"),
        reviews=reviews,
        last_resort_department=_last_resort(rows),
        notes=_notes(rows, confirming, patches),
        processes=processes,
        recovery=recovery_of(rows.recovery, processes=processes, titles=titles),
        means=means_of(rows.means, processes=processes, titles=titles),
        forms=forms_of(rows.forms, processes=rows.codes_of(rows.processes)),
        messages=messages_of(rows.messages),
        experts=confirming.experts,
        items=confirming.items,
        first_year=confirming.first_year,
        staffing=staffing,
        grids=grids_of(binder, documents=rows.policy["documents"], towns=county["towns"]),
    )


def _overlay(binder: Binder, named: str) -> Row:
    if not _OVERLAY_NAME.match(named):
        raise MianshenError("POLICY_UNKNOWN", found=named, where=f"{binder.name}/overlays")
    row = binder.read(layout.OVERLAY, f"overlays/{named}.yaml")
    if row["overlay"] != named:
        row.at("overlay").refuse(f"本页写作 {row['overlay']},文件名是 {named}", "the overlay is not named like its file")
    return row


def _overlaid(rows: PackRows, patch: Row) -> PackRows:
    """The pages with what the overlay writes in the policy's place."""
    policy = rows.policy.overlaid(patch, layout.OVERLAID)
    if not patch.has("tiers"):
        return replace(rows, policy=policy)
    for one in patch["tiers"]:
        if one["benefits"] is None or one["file"] is not None:
            one.spot.refuse("覆盖页的待遇直接写在 tiers 里", "an overlay writes its benefits in place")
    return replace(rows, policy=policy, tiers=[tier_of(one) for one in patch["tiers"]])


def _list_of(row: Row) -> RosterList:
    names = ("list_code", "department", "name_zh", "name_en", "due_day", "is_essential", "status", "is_complete")
    return RosterList(*(row[name] for name in names))


def _accounts_of(row: Row) -> FundAccounts:
    month, day = row["settled_month"], row["settled_day"]
    if not (1 <= month <= 12 and 1 <= day <= 28):
        row.at("settled_month").refuse(f"没有 {month} 月 {day} 日,日限 1 至 28", f"{month}-{day} is no day of every year")
    return FundAccounts(row["balances"] == "kept", month, day, row["most_returns"], row["status"])


def _routing_of(row: Row) -> Routing:
    odd = row["odd"]
    return Routing(
        department_code=row["department"],
        large_fen=row["large_yuan"],
        is_first_time_to_person=row["is_first_time_to_person"],
        sample_ppm=row["sample_ratio"],
        odd=None if odd is None else Oddness(odd["times"], odd["fewest_items"]),
        seed=row["seed"],
    )


def _last_resort(rows: PackRows) -> str | None:
    """The department that helps further; POLICY_DAMAGED for one that is not registered."""
    written = rows.policy["last_resort"]
    if written is None:
        return None
    department: str = written["department"]
    if department not in rows.codes_of(rows.departments):
        written.at("department").refuse(f"未登记的部门 {department}", f"department {department} is not registered")
    return department


def _notes(rows: PackRows, confirming: Confirming, patches: Sequence[Row]) -> tuple[PackNote, ...]:
    overlaid = [PackNote("overlay", one["overlay"], one["banner_zh"], one["banner_en"]) for one in patches]
    unexpressed = [
        PackNote("cannot_express", one["code"], f"{one['rule_zh']}:{one['reason_zh']}", f"{one['rule_en']}: {one['reason_en']}")
        for one in (*rows.policy["cannot_express"], *confirming.unexpressed)
    ]
    return (*overlaid, *unexpressed)
