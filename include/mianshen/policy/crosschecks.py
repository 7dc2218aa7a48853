"""Checks between the pages of a pack: what one page names, another must hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mianshen.core import clinics, exceptional
from mianshen.core.contract import Feed
from mianshen.core.plan import EventKind, MafCounting
from mianshen.core.reviews import Notice
from mianshen.policy.binder import PackRows
from mianshen.policy.shapes import Row
from mianshen.policy.slips import nearest

SCHEMA_VERSION = 1
"""Version of the page layout that this loader reads."""
_RESERVED = {exceptional.BENEFIT: exceptional.NAME_ZH, clinics.BENEFIT: clinics.NAME_ZH}


def check_pack(rows: PackRows, overlays: Sequence[Row]) -> None:
    """Nothing when the pages agree; MianshenError POLICY_DAMAGED with file and line at the first that does not."""
    _check_policy(rows)
    _check_terms([rows.policy["term"], *(one["term"] for one in overlays if one["term"])])
    for row in _sourced_rows(rows, overlays):
        if row["source"] not in rows.policy["documents"]:
            zh, en = nearest(row["source"], rows.policy["documents"])
            row.at("source").refuse(f"documents 中没有 {row['source']}{zh}", f"documents has no {row['source']}{en}")
    for group in (rows.categories, rows.departments, rows.funds, rows.time_limits):
        _check_unique(group, "code")
    _check_unique(rows.lists, "list_code")
    _check_unique(rows.routing, "department")
    _check_departments(rows)
    _check_contracts(rows)
    _check_lists(rows)
    _check_delivered(rows)


def _check_policy(rows: PackRows) -> None:
    policy = rows.policy
    if policy["schema_version"] != SCHEMA_VERSION:
        policy.at("schema_version").refuse(f"只认 {SCHEMA_VERSION} 版页面", f"only version {SCHEMA_VERSION} is known")
    county = policy["county"]
    folder = policy.spot.file.split("/")[0]
    if folder != "_example" and not folder.startswith(f"{county['code']}_"):
        county.at("code").refuse(f"区划码 {county['code']} 与目录 {folder} 不符", f"the code is not that of the folder {folder}")
    for document in policy["documents"].values():
        if document["file"] not in rows.sources:
            document.at("file").refuse(f"没有 {document['file']}", f"there is no {document['file']}")
    _check_unique(policy["tiers"], "code")
    _check_unique(policy["buckets"], "code")
    _check_unique(policy["standards"], "code")


def _check_terms(terms: Sequence[Row]) -> None:
    for term in terms:
        if term["until"] is not None and term["until"] <= term["since"]:
            term.at("until").refuse(f"止日 {term['until']} 不晚于起日", "until is not after since")


def _sourced_rows(rows: PackRows, overlays: Sequence[Row]) -> Iterator[Row]:
    policy = rows.policy
    yield policy["term"]
    yield rows.watch
    yield from () if rows.recovery is None else (rows.recovery,)
    yield from (one["term"] for one in overlays if one["term"])
    yield from (*policy["benefit_year_by"], *policy["maf_counts_as"], *policy["base"], *policy["cannot_express"])
    yield from (*(policy["admissions"] or ()), *(policy["orders"] or ()), *(policy["base_rounding"] or ()))
    yield from (*policy["identities"], *policy["upgrades"])
    for shared in (*policy["buckets"], *policy["base_scales"], *policy["standards"]):
        yield from shared["values"]
    for group in (rows.categories, rows.departments, rows.funds, rows.time_limits, rows.lists, rows.routing, rows.processes):
        yield from group
    for process in rows.processes:
        yield from (*process["steps"], *process["items"])
    for tier in rows.tiers:
        for benefit in tier["benefits"]:
            yield from (*benefit["covers"], *(benefit["rounding"] or ()), *(benefit["best_of"] or ()))
            yield from ([] if benefit["term"] is None else [benefit["term"]])
            for line in (*benefit["table"], *benefit["modifiers"]):
                yield from line["values"]


def _check_unique(group: Sequence[Row], key: str) -> None:
    seen = set()
    for row in group:
        if row[key] in seen:
            row.at(key).refuse(f"{row[key]} 写了两次", f"{row[key]} stands twice")
        seen.add(row[key])


def _check_ended(rows: PackRows) -> None:
    """Relief is decided by departments that last: money is not handed on."""
    ended = {one["code"] for one in rows.departments if one["until"] is not None}
    for row in rows.routing:
        if row["department"] in ended:
            row.at("department").refuse(
                f"{row['department']} 已并入他部门,这里写继任部门", "this department has ended: name its successor"
            )


def _check_departments(rows: PackRows) -> None:
    known = rows.codes_of(rows.departments)
    reviews = [one for page in rows.reviews for one in page["reviews"] if one["department"]]
    for row in (*rows.categories, *rows.lists, *rows.routing, *reviews):
        if row["department"] not in known:
            row.at("department").refuse(f"未登记的部门 {row['department']}", f"department {row['department']} is not registered")
    _check_ended(rows)
    routed = {one["department"] for one in rows.routing}
    for tier in rows.tiers:
        for benefit in tier["benefits"]:
            if benefit["code"] in _RESERVED:
                code = benefit["code"]
                benefit.at("code").refuse(f"{code} 留给{_RESERVED[code]}", f"{code} is never what a rule gives")
            if benefit["department"] in known and benefit["department"] not in routed:
                benefit.at("department").refuse(
                    f"routing.yaml 没有 {benefit['department']}", "routing.yaml does not say who decides"
                )


def _check_contracts(rows: PackRows) -> None:
    departments = rows.codes_of(rows.departments)
    documents = rows.policy["documents"]
    categories = rows.codes_of(rows.categories)
    seen = set()
    for contract, row in zip(rows.contracts, rows.contract_rows, strict=True):
        if contract.list_code in seen:
            row.at("list_code").refuse(f"{contract.list_code} 有两份接口约定", f"{contract.list_code} has two contracts")
        seen.add(contract.list_code)
        if row["source"] not in documents:
            row.at("source").refuse(f"documents 中没有 {row['source']}", f"documents has no {row['source']}")
        if contract.department_code not in departments:
            row.at("department").refuse(
                f"未登记的部门 {contract.department_code}", f"department {contract.department_code} is not registered"
            )
        named = {*contract.category_words.values(), *([contract.category_code] if contract.category_code else [])}
        known = {one.value for one in Notice} if contract.feed is Feed.NOTICE else categories
        if named - known:
            unknown = sorted(named - known)[0]
            row.at("category_words").refuse(f"未登记的类别 {unknown}", f"category {unknown} is not registered")
    _check_service(rows)
    _check_hands(rows)
    if Feed.SETTLEMENT not in {one.feed for one in rows.contracts}:
        rows.policy.spot.refuse("feeds/ 中没有结算数据接口", "feeds/ has no contract for settlements")


def _check_service(rows: PackRows) -> None:
    """Assessments of service packages are computed only where the policy says what one is worth."""
    tells_service = {one.value for one in Notice if one.is_service}
    for contract, row in zip(rows.contracts, rows.contract_rows, strict=True):
        if contract.feed is Feed.NOTICE and tells_service & contract.told and rows.policy["service_package"] is None:
            row.at("category_words").refuse(
                "policy.yaml 没有写 service_package,考核结果无从计算", "policy.yaml has no service_package: nothing to compute"
            )


def _check_hands(rows: PackRows) -> None:
    """What is claimed by hand stands in the layout of the bills that come by themselves: both are judged in one batch."""
    usual = {one.feed: one for one in rows.contracts if not one.is_by_hand}
    for contract, row in zip(rows.contracts, rows.contract_rows, strict=True):
        if not contract.is_by_hand:
            continue
        other = usual.get(contract.feed)
        if contract.feed not in (Feed.SETTLEMENT, Feed.ENROLMENT) or other is None:
            row.at("by_hand").refuse(
                "手工受理只用于结算和参保缴费，且该数据须另有接口", "by hand come bills and fees that a feed brings too"
            )
        elif (other.columns, other.key, other.sum_rules) != (contract.columns, contract.key, contract.sum_rules):
            row.at("by_hand").refuse(f"列须与 {other.list_code} 一致", f"its columns must be those of {other.list_code}")


def _check_delivered(rows: PackRows) -> None:
    """What the law asks of every settlement must come with some feed, else no claim could ever be paid."""
    bills = [one for one in rows.contracts if one.feed is Feed.SETTLEMENT]
    told = {word.lower() for one in rows.contracts if one.feed is Feed.NOTICE for word in one.category_words.values()}
    known = told | {column.name for one in bills for column in one.columns}
    for row, key, column in _asked(rows):
        if column not in known:
            row.at(key).refuse(
                f"没有任何接口交付 {column},每一笔费用都会因此得不到救助", f"no feed delivers {column}: no claim could be paid"
            )


def _asked(rows: PackRows) -> Iterator[tuple[Row, str, str]]:
    """Row and key that ask for a column of every settlement."""
    for written in rows.policy["base"]:
        yield from ((term, "field", term["field"]) for term in written["terms"] if term["absent_means"] == "unknown")
    for written in rows.policy["maf_counts_as"]:
        if written["value"] == MafCounting.SAME_BENEFIT.value:
            yield written, "value", "maf_pay"
    care = [one for tier in rows.tiers for one in tier["benefits"] if one["event"] == EventKind.CARE.value]
    for covers in (dated for one in care for dated in one["covers"]):
        columns = (("med_types", "med_type"), ("dise_codes", "dise_code"))
        yield from ((covers, key, column) for key, column in columns if covers[key])


def _check_lists(rows: PackRows) -> None:
    rosters = {one.list_code: one for one in rows.contracts if one.feed is Feed.ROSTER}
    for row in rows.lists:
        contract = rosters.get(row["list_code"])
        if contract is None:
            row.at("list_code").refuse(f"feeds/ 中没有名单 {row['list_code']}", f"feeds/ has no list {row['list_code']}")
        if contract.department_code != row["department"]:
            row.at("department").refuse(
                f"接口约定由 {contract.department_code} 交付", f"its contract names {contract.department_code} as the sender"
            )
        if not 1 <= row["due_day"] <= 31:
            row.at("due_day").refuse("due_day 应为 1 至 31", "due_day must be 1 to 31")
    for missing in sorted(rosters.keys() - {one["list_code"] for one in rows.lists}):
        rows.policy.spot.refuse(f"lists.yaml 没有名单 {missing}", f"lists.yaml does not expect the list {missing}")
