"""From postings that are due to applications, approval items and frozen batches: pure grouping, nothing is written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mianshen.core.digest import canonical_json, sha256_hex, short_id
from mianshen.core.pack import Routing
from mianshen.core.process import Decider
from mianshen.core.routing import ItemFacts, route_item, usual_fen

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Background:
    """What filing must know besides the postings."""

    county_code: str
    """Whose applications."""
    month: str
    """2026-10."""
    moment: str
    """When they are filed, ISO with zone."""
    run_id: str
    """The assessment that they rest on."""
    policy_hash: str
    """The plan behind it."""
    maker: str
    """Who files: never the one who decides."""
    earlier: Counter[str]
    """Applications that each person has already."""
    last_receipt: int
    """Last running number of the day's receipts."""
    relieved: set[tuple[str, str]]
    """(person_key, department_code) relieved before."""
    towns: Mapping[str, str]
    """Each person's town."""
    cautious_persons: set[str]
    """Persons with a flag or a shared account."""
    cautious_events: set[str]
    """Events with a flag."""
    cautious_years: set[tuple[str, int]]
    """(person_key, benefit_year) in which such an event lies."""
    routing: Mapping[str, Routing]
    """By department code."""
    deciders: Mapping[str, Decider]
    """Who or what decides, by department code."""

    @property
    def receipt_prefix(self) -> str:
        """How the day's receipts begin: county and day."""
        return receipt_prefix(self.county_code, self.moment)


@dataclass(frozen=True, slots=True)
class Filing:
    """What one apply run writes."""

    postings: list[Row]
    """Rows of award_posting, in order."""
    applications: list[Row]
    """Rows of application, by receipt."""
    batches: list[tuple[Row, list[Row]]]
    """Rows of approval_batch (without their place in the audit chain) with those of their items."""


def receipt_prefix(county_code: str, moment: str) -> str:
    """How the receipts of a county and day begin: `510118-20261122-`."""
    return f"{county_code}-{moment[:10].replace('-', '')}-"


def file_applications(due: Sequence[Row], background: Background) -> Filing:
    """Applications, items and batches for the rows of out.posting_due; a person without new money files none."""
    postings = [_posting(row, background) for row in due]
    fresh: dict[str, list[Row]] = defaultdict(list)
    for row, source in zip(postings, due, strict=True):
        if not source["is_covered"]:
            fresh[row["person_key"]].append(row)
    applications: list[Row] = []
    items: list[Row] = []
    relieved = background.relieved | {(row["person_key"], row["department_code"]) for row in postings if row["kind"] == "opening"}
    for number, person in enumerate(sorted(fresh), background.last_receipt + 1):
        application = _application(person, number, fresh[person], background)
        applications.append(application)
        items.extend(_items(application, fresh[person], background, relieved))
    return Filing(postings, applications, _batches(_routed(items, background), postings, background))


def _posting(row: Row, background: Background) -> Row:
    key = (row["person_key"], row["benefit_code"], row["benefit_year"], row["event_id"], row["posting_no"])
    kept = {name: value for name, value in row.items() if name not in ("is_covered", "event_on")}
    return {
        **kept,
        "award_id": short_id("W", *key),
        "county_code": background.county_code,
        "application_id": None,
        "approval_item_id": None,
        "policy_hash": background.policy_hash,
        "run_id": background.run_id,
        "posted_at": background.moment,
    }


def _application(person: str, number: int, rows: Sequence[Row], background: Background) -> Row:
    identity = short_id("A", background.county_code, person, background.earlier[person] + 1)
    for row in rows:
        row["application_id"] = identity
    return {
        "application_id": identity,
        "receipt_no": f"{background.receipt_prefix}{number:06d}",
        "county_code": background.county_code,
        "month": background.month,
        "person_key": person,
        "applied_at": background.moment,
        "run_id": background.run_id,
        "events": len({row["event_id"] for row in rows}),
        "amount_fen": sum(row["amount_fen"] for row in rows),
        "departments": ",".join(sorted({row["department_code"] for row in rows})),
    }


def _items(application: Row, rows: Sequence[Row], background: Background, relieved: set[tuple[str, str]]) -> Iterable[Row]:
    by_department: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_department[row["department_code"]].append(row)
    for department, own in sorted(by_department.items()):
        identity = short_id("I", application["application_id"], department)
        for row in own:
            row["approval_item_id"] = identity
        yield _item(identity, application, own, background, relieved)


def _item(identity: str, application: Row, rows: Sequence[Row], background: Background, relieved: set[tuple[str, str]]) -> Row:
    person, department = application["person_key"], rows[0]["department_code"]
    by_category: Counter[str] = Counter()
    for row in rows:
        by_category[row["category_code"]] += row["amount_fen"]
    return {
        "approval_item_id": identity,
        "application_id": application["application_id"],
        "receipt_no": application["receipt_no"],
        "department_code": department,
        "person_key": person,
        "category_code": min(by_category, key=lambda code: (-by_category[code], code)),
        "town": background.towns.get(person),
        "events": len({row["event_id"] for row in rows}),
        "amount_fen": sum(row["amount_fen"] for row in rows),
        "is_first_time": (person, department) not in relieved,
        "is_flagged": person in background.cautious_persons or any(_is_flagged(row, background) for row in rows),
    }


def _routed(items: Sequence[Row], background: Background) -> list[Row]:
    """The items with who decides each, and why: what is usual is known once all of them are."""
    amounts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for item in items:
        amounts[item["department_code"], item["category_code"]].append(item["amount_fen"])
    usual = {key: usual_fen(own, background.routing[key[0]]) for key, own in amounts.items()}
    return [_with_route(item, usual[item["department_code"], item["category_code"]], background) for item in items]


def _with_route(item: Row, usual: int | None, background: Background) -> Row:
    department = item["department_code"]
    facts = ItemFacts(
        item_id=item["approval_item_id"],
        amount_fen=item["amount_fen"],
        is_first_time=item["is_first_time"],
        is_flagged=item["is_flagged"],
        usual_fen=usual,
        decider=background.deciders[department],
    )
    found = route_item(facts, background.routing[department])
    kept = {name: value for name, value in item.items() if name not in ("is_first_time", "is_flagged")}
    return {**kept, "route": found.route, "route_reason": found.reason_code}


def _is_flagged(row: Row, background: Background) -> bool:
    """Whether the posting's event carries a flag; of a sum of the year, whether one of the person's events of the year does."""
    if not row["event_id"]:
        return (row["person_key"], row["benefit_year"]) in background.cautious_years
    return row["event_id"] in background.cautious_events


def _batches(items: Sequence[Row], postings: Sequence[Row], background: Background) -> list[tuple[Row, list[Row]]]:
    lines: dict[str, list[list[Any]]] = defaultdict(list)
    for row in postings:
        if row["approval_item_id"] is not None:
            lines[row["approval_item_id"]].append([row["award_id"], row["amount_fen"]])
    by_department: dict[str, list[Row]] = defaultdict(list)
    for item in items:
        by_department[item["department_code"]].append(item)
    return [_batch(department, own, lines, background) for department, own in sorted(by_department.items())]


def _batch(
    department: str, items: Sequence[Row], lines: Mapping[str, list[list[Any]]], background: Background
) -> tuple[Row, list[Row]]:
    numbered = [{**item, "item_no": number} for number, item in enumerate(sorted(items, key=_receipt), 1)]
    content = content_sha256(numbered, lines)
    identity = short_id("B", background.county_code, background.month, department, content)
    batch = {
        "approval_batch_id": identity,
        "county_code": background.county_code,
        "month": background.month,
        "department_code": department,
        "opened_at": background.moment,
        "run_id": background.run_id,
        "items": len(numbered),
        "amount_fen": sum(item["amount_fen"] for item in numbered),
        "content_sha256": content,
        "maker": background.maker,
    }
    return batch, [
        {name: item[name] for name in item if name != "receipt_no"} | {"approval_batch_id": identity} for item in numbered
    ]


def content_sha256(items: Sequence[Mapping[str, Any]], lines: Mapping[str, Sequence[Sequence[Any]]]) -> str:
    """The content hash that freezes a batch: its items by number with their postings and amounts."""
    frozen = ("approval_item_id", "item_no", "person_key", "category_code", "amount_fen", "route", "route_reason")
    return sha256_hex(
        canonical_json([[*(item[name] for name in frozen), sorted(lines[item["approval_item_id"]])] for item in items])
    )


def _receipt(item: Row) -> str:
    receipt: str = item["receipt_no"]
    return receipt
