"""A county's eligibility.yaml read and checked, and its examples run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mianshen.core.codes import REASONS
from mianshen.core.errors import MianshenError
from mianshen.core.plan import Clause, Status
from mianshen.core.spans import Span
from mianshen.policy.binder import Binder
from mianshen.policy.confirming import PAGE, RELIEF, eligibility_page
from mianshen.policy.dated import in_force
from mianshen.policy.eligibility import (
    Applicant,
    Confirmation,
    Decided,
    Demand,
    EarlierYears,
    EligibilityRule,
    Evidence,
    GivenFrom,
    decide,
)
from mianshen.policy.layout import DEPARTMENTS
from mianshen.policy.layout_eligibility import ELIGIBILITY_EXAMPLES
from mianshen.policy.packs import POLICIES
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row


@dataclass(frozen=True, slots=True)
class EligibilityPack:
    """A county's law of who is confirmed for what."""

    name: str
    """Folder name."""
    county_name_zh: str
    """The county's name."""
    confirmations: tuple[Confirmation, ...]
    """What people are confirmed for."""
    earlier_years: EarlierYears
    """What an earlier year is."""
    cannot_express: tuple[tuple[str, str], ...]
    """(rule, why it is not carried), in Chinese."""

    def confirmation(self, code: str) -> Confirmation:
        """The confirmation with this code; KeyError when there is none."""
        return {one.code: one for one in self.confirmations}[code]


def eligibility_names(root: Path | None = None) -> tuple[str, ...]:
    """Names of the counties whose law confirms people, sorted; some pay relief besides."""
    return tuple(sorted(one.parent.name for one in (root or POLICIES).glob(f"*/{PAGE}")))


def load_eligibility(name: str, *, on: date, root: Path | None = None) -> EligibilityPack:
    """The county's law on the day. POLICY_UNKNOWN when there is none, POLICY_DAMAGED with file and line for the first fault."""
    root = root or POLICIES
    if name not in eligibility_names(root):
        raise MianshenError("POLICY_UNKNOWN", found=name, where=f"include/policies ({', '.join(eligibility_names(root))})")
    page = eligibility_page(Binder(name, root))
    _check(page, name, root / name)
    lists = {one["list"]: tuple(item["code"] for item in one["items"]) for one in page["items"]}
    years = in_force(page["earlier_years"], on=on).row["value"] if page["earlier_years"] else EarlierYears.ANY.value
    return EligibilityPack(
        name=name,
        county_name_zh=page["county"]["name_zh"],
        confirmations=tuple(_confirmation(one, page, lists) for one in page["confirmations"]),
        earlier_years=EarlierYears(years),
        cannot_express=tuple((one["rule_zh"], one["reason_zh"]) for one in page["cannot_express"]),
    )


def _check(page: Row, name: str, folder: Path) -> None:
    if not name.startswith(f"{page['county']['code']}_"):
        page["county"].at("code").refuse(f"区划码与目录 {name} 不符", f"the code is not that of the folder {name}")
    for document in page["documents"].values():
        if not (folder / document["file"]).exists():
            document.at("file").refuse(f"没有 {document['file']}", f"there is no {document['file']}")
    rules = [rule for one in page["confirmations"] for rule in one["rules"]]
    items = [item for one in page["items"] for item in one["items"]]
    for row in (
        *page["categories"],
        *items,
        *rules,
        *page["cannot_express"],
        *(page["earlier_years"] or ()),
    ):
        if row["source"] not in page["documents"]:
            row.at("source").refuse(f"documents 中没有 {row['source']}", f"documents has no {row['source']}")
    written = DEPARTMENTS.read(open_page(folder / "departments.yaml", shown_as=f"{name}/departments.yaml"))["departments"]
    _check_codes(page, rules, {one["code"] for one in written})


def _check_codes(page: Row, rules: Sequence[Row], departments: set[str]) -> None:
    known = {one["code"] for one in page["categories"]}
    lists = {one["list"] for one in page["items"]}
    for row in (*page["categories"], *page["confirmations"]):
        if row["department"] not in departments:
            row.at("department").refuse(f"未登记的部门 {row['department']}", f"unknown department {row['department']}")
    for row in page["confirmations"]:
        if row["gives"] is not None and row["gives"] not in known:
            row.at("gives").refuse(f"未登记的类别 {row['gives']}", f"unknown category {row['gives']}")
        if set(row["lists"]) - lists:
            row.at("lists").refuse("items 中没有这份目录", "items has no such list")
    _check_asks(rules, known, lists)


def _check_asks(rules: Sequence[Row], known: set[str], lists: set[str]) -> None:
    for rule in rules:
        if rule["reason"] is not None and rule["reason"] not in REASONS:
            rule.at("reason").refuse(f"未知的原因代码 {rule['reason']}", f"{rule['reason']} is no reason code")
        asks = rule["asks"]
        if set(asks["holds_any"]) - known:
            asks.at("holds_any").refuse("有未登记的类别", "a category is not registered")
        if set((asks["items_by_insutype"] or {}).values()) - lists:
            asks.at("items_by_insutype").refuse("items 中没有这份目录", "items has no such list")
        if not any(asks.has(key) for key in asks):
            asks.spot.refuse("asks 没有写任何要求", "asks demands nothing")


def _confirmation(row: Row, page: Row, lists: Mapping[str, tuple[str, ...]]) -> Confirmation:
    own = [item for one in page["items"] if one["list"] in row["lists"] for item in one["items"]]
    return Confirmation(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        department_code=row["department"],
        items=tuple(dict.fromkeys(item for name in row["lists"] for item in lists[name])),
        rules=tuple(_rule(one, row["code"], lists, page["documents"]) for one in row["rules"]),
        gives=row["gives"],
        given_from=GivenFrom(row["given_from"]),
        signs=tuple(dict.fromkeys((one["code"], begins) for one in own for begins in one["seen_as"])),
    )


def _rule(row: Row, of: str, lists: Mapping[str, tuple[str, ...]], documents: Mapping[str, Row]) -> EligibilityRule:
    asks, document = row["asks"], documents[row["source"]]["title_zh"]
    evidence = asks["evidence"]
    by_insutype = (asks["items_by_insutype"] or {}).items()
    return EligibilityRule(
        code=row["code"],
        demand=Demand(
            insutypes=asks["insutypes"],
            insured_at=asks["insured_at"],
            holds_any=asks["holds_any"],
            items_by_insutype=tuple((kind, frozenset(lists[name])) for kind, name in by_insutype),
            earlier_items=asks["earlier_items"],
            evidence_months=evidence["within_months"] if evidence else None,
            evidence_level=evidence["level_at_least"] if evidence else 1,
            evidence_kinds=evidence["kinds"] if evidence else (),
            materials=asks["materials"],
            materials_any=asks["materials_any"],
        ),
        refusal_zh=row["refusal_zh"],
        refusal_en=row["refusal_en"],
        remedy_zh=row["remedy_zh"],
        remedy_en=row["remedy_en"],
        clause=Clause(f"{of}.{row['code'].lower()}", document, row["article"], row["refusal_zh"], Status(row["status"])),
        reason_code=row["reason"],
    )


@dataclass(frozen=True, slots=True)
class EligibilityExample:
    """One example of such a law, item by item."""

    name: str
    """A sentence."""
    requirement: str | None
    """Requirement that it proves."""
    where: str
    """File and line."""
    row: Row
    """As written."""


def eligibility_examples(name: str, *, root: Path | None = None) -> tuple[EligibilityExample, ...]:
    """Every example of the county, by file and line: of tests/, or of tests/eligibility/ where it pays relief besides."""
    found, county = [], (root or POLICIES) / name
    folder = "tests/eligibility" if (county / RELIEF).is_file() else "tests"
    for path in sorted((county / folder).glob("*.yaml")):
        page = ELIGIBILITY_EXAMPLES.read(open_page(path, shown_as=f"{name}/{folder}/{path.name}"))
        for row in page["examples"]:
            found.append(EligibilityExample(row["name"], row["requirement"], f"{row.spot.file}:{row.spot.line}", row))
    return tuple(found)


def decided_of(pack: EligibilityPack, example: EligibilityExample) -> dict[str, Decided]:
    """What becomes of every item that the example expects something of."""
    row = example.row
    years = EarlierYears(row["earlier_years"]) if row["earlier_years"] else pack.earlier_years
    applicant = Applicant(
        on=row["on"],
        benefit_year=row["benefit_year"] or row["on"].year,
        item="",
        insutype=row["insutype"],
        insured_at=row["insured_at"],
        listed=tuple((one["category"], Span(one["since"], one["until"])) for one in row["listed"]),
        earlier=tuple((one["item"], one["year"]) for one in row["earlier"]),
        evidence=tuple(Evidence(one["on"], one["level"], one["kind"]) for one in row["evidence"]),
        materials=frozenset(row["materials"]),
        entered_on=row["entered_on"],
    )
    of = pack.confirmation(row["confirmation"])
    return {item: decide(of, replace(applicant, item=item), earlier_years=years) for item in row["expect"]}


def judge_eligibility(pack: EligibilityPack, example: EligibilityExample) -> tuple[str, ...]:
    """What differs from the expectation, one sentence each; empty when the law says what the example says."""
    return tuple(_differences(decided_of(pack, example), example.row["expect"]))


def _differences(decided: Mapping[str, Decided], expect: Mapping[str, Row]) -> Iterator[str]:
    for item, row in expect.items():
        found = decided[item]
        codes = [one.code for one in found.refusals]
        if codes != list(row["refused"]):
            yield f"{item}: 应为 expected {list(row['refused'])}, 得到 found {codes}"
        span = found.identity[1] if found.identity else None
        days = (span.since, span.until) if span else (None, None)
        if days != (row["identity_since"], row["identity_until"]):
            wanted = f"{row['identity_since']}..{row['identity_until']}"
            yield f"{item} identity: 应为 expected {wanted}, 得到 found {days[0]}..{days[1]}"


def explain_decided(confirmation: Confirmation, *, item: str, decided: Decided) -> tuple[str, str]:
    """Why an item is confirmed or refused, in Chinese and English, every reason with its clause and what to do."""
    if decided.is_confirmed:
        since = f",自 {decided.identity[1].since} 起" if decided.identity else ""
        return f"{confirmation.name_zh} {item}:符合{since}。", f"{confirmation.name_en} {item}: confirmed."
    zh = ";".join(
        f"{one.refusal_zh}(《{one.clause.document}》{one.clause.article})。下一步:{one.remedy_zh}" for one in decided.refusals
    )
    en = "; ".join(f"{one.refusal_en}. Next: {one.remedy_en}" for one in decided.refusals)
    return f"{confirmation.name_zh} {item}:不符合。{zh}。", f"{confirmation.name_en} {item}: refused. {en}."
