"""The law's examples: cases that stand beside a pack, each run by the reference calculator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from mianshen.core.money import show_yuan
from mianshen.core.plan import EventKind, Plan
from mianshen.core.spans import Span
from mianshen.policy.arrange import Decided
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.layout_examples import EXAMPLES
from mianshen.policy.packs import POLICIES, load_pack
from mianshen.policy.pages import open_page
from mianshen.policy.results import Assessment, PersonResult
from mianshen.policy.shapes import Row
from mianshen.policy.threshold_cases import cases_of


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a pack's law."""

    pack: str
    """Folder name of the pack."""
    name: str
    """A sentence."""
    article: str
    """Chapter and item that it proves."""
    requirement: str | None
    """Requirement that it proves, such as R003-04."""
    where: str
    """File and line."""
    row: Row
    """The example as written."""


def load_examples(pack: str, *, root: Path | None = None) -> tuple[Example, ...]:
    """Every example of the pack, by file and line. MianshenError POLICY_DAMAGED for a damaged page."""
    folder = (root or POLICIES) / pack / "tests"
    found = []
    for path in sorted(folder.glob("*.yaml")):
        page = EXAMPLES.read(open_page(path, shown_as=f"{pack}/tests/{path.name}"))
        if not page["examples"] and not page["thresholds"]:
            page.spot.refuse("这一页没有 examples,也没有 thresholds", "the page has neither examples nor thresholds")
        cases = chain.from_iterable(cases_of(one) for one in page["thresholds"])
        for row in (*page["examples"], *cases):
            where = f"{row.spot.file}:{row.spot.line}"
            found.append(Example(pack, row["name"], row["article"], row["requirement"], where, row))
    return tuple(found)


def run_example(example: Example, *, root: Path | None = None) -> tuple[str, ...]:
    """What differs from the expectation, one sentence each; empty when the law says what the example says."""
    return judge_example(example, plan_of(example, root=root))


def with_plans(examples: Iterable[Example], *, root: Path | None = None) -> Iterator[tuple[Example, Plan]]:
    """Each example with its Plan; a Plan is loaded once for all examples of its day and overlays."""
    plans: dict[tuple[str, date, tuple[str, ...]], Plan] = {}
    for example in examples:
        key = (example.pack, example.row["on"], tuple(example.row["overlays"]))
        if key not in plans:
            plans[key] = plan_of(example, root=root)
        yield example, plans[key]


def plan_of(example: Example, *, root: Path | None = None) -> Plan:
    """The Plan of the day and the overlays that the example names."""
    return load_pack(example.pack, on=example.row["on"], root=root, overlays=example.row["overlays"]).plan


def judge_example(example: Example, plan: Plan) -> tuple[str, ...]:
    """As `run_example`, under a Plan that the caller holds."""
    return compare(result_of(example, plan), example.row["expect"], arithmetic=example.row["arithmetic"])


def result_of(example: Example, plan: Plan) -> PersonResult:
    """What the calculator says of the example's person under this Plan."""
    written = example.row["identities"]
    spans = [span_of(one) for one in written]
    events = [claim_of(one, plan) for one in example.row["claims"]]
    return assess_person(plan, events=events, spans=spans, decided=decided_of(example, plan))


def decided_of(example: Example, plan: Plan) -> Decided:
    """What departments refused to the example's person, the orders that payments locked, and the year of the computation."""
    return Decided(
        refused=frozenset((one["benefit"], one["year"]) for one in example.row["refused"]),
        locked={one["year"]: plan.arrangements[one["order"]] for one in example.row["locked"]},
        on=example.row["on"],
    )


def span_of(row: Row) -> IdentitySpan:
    """The identity that a row describes."""
    span = Span(row["since"], row["until"])
    return IdentitySpan(row["category"], span, row["is_provisional"], row["applied_on"], row["is_local"])


def claim_of(row: Row, plan: Plan) -> Claim:
    """The claim that a row describes; fields it leaves out were delivered as nothing paid."""
    kind = EventKind(row["kind"])
    settled_on: date = row["settled_on"]
    since, until_on = row["since"] or settled_on, row["until_on"] or settled_on
    amounts: dict[str, int | None] = {}
    amounts.update({one.field: 0 for one in plan.base})
    amounts.update({"maf_pay": 0, "inscp_scp_amt": row["borne_yuan"]})
    amounts.update(row["amounts_yuan"] or {})
    counted_on = until_on if plan.benefit_year_by == "discharge" else settled_on
    return Claim(
        event_id=row["id"],
        kind=kind,
        benefit_year=row["benefit_year"] or counted_on.year,
        since=since,
        until_on=until_on,
        settled_on=settled_on,
        med_type=row["med_type"],
        dise_code=row["dise_code"],
        amounts_fen=amounts,
        fee_fen=row["fee_yuan"],
        stay_id=row["stay_id"],
        hosp_level=row["hosp_level"],
        care_place=row["care_place"],
        is_referred=row["is_referred"],
        stopped=None if row["passed"] else ("REFUSED", "SERVICE_NOT_PASSED"),
    )


def compare(result: PersonResult, expect: Row, *, arithmetic: str) -> tuple[str, ...]:
    """What differs between a result and an expectation, one sentence each."""
    if expect["relief_yuan"] is None and not expect["benefits_yuan"] and not expect["claims"]:
        expect.spot.refuse("expect 没有写任何结果", "expect says nothing")
    found = [] if expect["relief_yuan"] is None else [_money("合计 / total", expect["relief_yuan"], result.total_fen())]
    for code, fen in (expect["benefits_yuan"] or {}).items():
        found.append(_money(f"待遇 / benefit {code}", fen, result.total_fen(code)))
    found += _order_differences(expect, result)
    assessed = {one.event_id: one for one in result.assessments}
    for event_id, row in (expect["claims"] or {}).items():
        if event_id not in assessed:
            found.append(f"没有费用 / no claim {event_id}")
            continue
        found += _claim_differences(assessed[event_id], row, result)
    return tuple(f"{one} ({arithmetic})" for one in found if one)


def _order_differences(expect: Row, result: PersonResult) -> Sequence[str]:
    """Orders of an example are those of one year."""
    totals = {str(one.arrangement_no): one.total_fen for one in result.orders}
    found = [
        _money(f"次序 / order {number}", fen, totals.get(number, 0)) for number, fen in (expect["orders_yuan"] or {}).items()
    ]
    if expect["order"] is not None:
        chosen = [str(one.arrangement_no) for one in result.orders if one.is_chosen]
        found.append(_word("次序 / order", str(expect["order"]), chosen[0] if chosen else "0"))
    return found


def _claim_differences(assessment: Assessment, row: Row, result: PersonResult) -> Sequence[str]:
    name = f"费用 / claim {assessment.event_id}"
    last = [one.category_code for one in result.lines if one.event_id == assessment.event_id][-1:]
    found = [
        _word(f"{name} outcome", row["outcome"], assessment.outcome),
        _word(f"{name} reason_code", row["reason_code"], assessment.reason_code),
        _word(f"{name} category", row["category"], last[0] if last else None),
        "" if row["relief_yuan"] is None else _money(f"{name} relief", row["relief_yuan"], assessment.relief_fen),
    ]
    if row["is_provisional"] not in (None, assessment.is_provisional):
        found.append(f"{name} is_provisional: 应为 expected {row['is_provisional']}")
    if row["left_yuan"] is not None:
        unknown = assessment.left_fen is None
        found.append(f"{name} left: unknown" if unknown else _money(f"{name} left", row["left_yuan"], assessment.left_fen or 0))
    return found


def _money(what: str, expected_fen: int, found_fen: int) -> str:
    differs = f"{what}: 应为 expected {show_yuan(expected_fen)}, 得到 found {show_yuan(found_fen)}"
    return "" if expected_fen == found_fen else differs


def _word(what: str, expected: str | None, found: str | None) -> str:
    return "" if expected in (None, found) else f"{what}: 应为 expected {expected}, 得到 found {found}"
