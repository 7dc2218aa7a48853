"""Benefits and shared purses of a Plan from their rows, with the values in force on one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mianshen.core.plan import AcceptedBreak, Benefit, Bucket, Clause, EventKind, Status
from mianshen.core.rates import PLAIN_ROUNDING, Below, BestOf, Modifier, Rate, Rounding
from mianshen.policy.amounts import Reference
from mianshen.policy.dated import InForce, check_dates, check_year_starts, in_force
from mianshen.policy.formula import whole_fen
from mianshen.policy.rates import check_whole_ratios, modifier_of, rate_of, rounding_of
from mianshen.policy.shapes import Row
from mianshen.policy.slips import nearest


@dataclass(frozen=True, slots=True)
class Known:
    """What a benefit may name, and the day whose values are taken."""

    on: date
    """The day."""
    term: Row
    """The policy's term, or the overlay's that stands in its place."""
    documents: Mapping[str, Row]
    """Documents by short name."""
    categories: frozenset[str]
    """Category codes."""
    marks: frozenset[str]
    """Those of them that are marks: they entitle to nothing."""
    departments: frozenset[str]
    """Department codes."""
    funds: frozenset[str]
    """Fund codes."""
    standards: Mapping[str, Row]
    """Published numbers by code."""
    buckets: Mapping[str, Row]
    """Shared purses by code."""
    clauses: dict[str, Clause]
    """Clauses found so far, by id."""

    def clause(self, clause_id: str, row: Row, *, text_zh: str, status: str | None = None) -> str:
        """Registers the clause of a sourced row; its id."""
        title = self.documents[row["source"]]["title_zh"]
        self.clauses[clause_id] = Clause(clause_id, title, row["article"], text_zh, Status(status or row["status"]))
        return clause_id


@dataclass(slots=True)
class _Parts:
    """Values of a benefit or purse that were taken, with the days on which each holds."""

    known: Known
    row: Row
    spans: list[InForce]
    by_benefit_year: bool = False
    """Whether the year that a claim is for decides the value, not the claim's day: a fee is paid before its year begins."""

    def fen(self, written: int | Reference) -> int:
        """An amount in fen; one that follows a published number is rounded half up to the fen."""
        if not isinstance(written, Reference):
            return written
        standard = self.known.standards.get(written.standard)
        if standard is None:
            written.spot.refuse(f"standards 中没有 {written.standard}", f"standards has no {written.standard}")
        value = self.take(standard["values"])
        self.known.clause(f"standard.{written.standard}.{value.since}", value.row, text_zh=value.row["text_zh"])
        return whole_fen(value.row["yuan"] * written.factor_ppm, PLAIN_ROUNDING)

    def take(self, entries: Sequence[Row]) -> InForce:
        """The entry in force on the day; it may change on 1 January only."""
        check_year_starts(entries)
        found = in_force(entries, on=self.known.on)
        self.spans.append(self._covered(found, is_first=found.row is entries[0]))
        return found

    def _covered(self, found: InForce, *, is_first: bool) -> InForce:
        """The claims' days on which the value holds: of a fee's year, no other value's day bounds it."""
        if not self.by_benefit_year:
            return found
        return InForce(found.row, found.since if is_first else date.min, found.row["until"])


def benefit_of(known: Known, tier_code: str, row: Row) -> Benefit:
    """The benefit with the values in force on the day. MianshenError POLICY_DAMAGED for what contradicts itself."""
    _check_known(row, "department", known.departments)
    _check_known(row, "fund", known.funds)
    if row["term"]:
        check_dates([row["term"]])
    parts = _Parts(known, row, [InForce(one, one["since"], one["until"]) for one in (row["term"] or known.term, known.term)])
    covers = parts.take(row["covers"]).row
    parts.by_benefit_year = row["event"] == EventKind.ENROLMENT.value
    rates = _rates(parts)
    modifiers = _modifiers(parts)
    check_whole_ratios(row, rates, modifiers)
    rounding = _rounding(parts)
    best_of = BestOf(parts.take(row["best_of"]).row["value"]) if row["best_of"] else BestOf.RUNNING_MAXIMUM
    if row["bucket"] in known.buckets:
        parts.take(known.buckets[row["bucket"]]["values"])
    since = max(one.since for one in parts.spans)
    until = min((one.until for one in parts.spans if one.until is not None), default=None)
    if until is not None and until <= since:
        row.at("covers").refuse(f"待遇没有任何有效日({since} 至 {until})", f"the benefit has no valid day ({since} to {until})")
    benefit = Benefit(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        tier_code=tier_code,
        department_code=row["department"],
        fund_code=row["fund"],
        event_kind=EventKind(row["event"]),
        med_types=covers["med_types"],
        dise_codes=covers["dise_codes"],
        rates=rates,
        valid_since=since,
        valid_until=until,
        counts_window_relief=row["counts_window_relief"],
        rounding=rounding,
        modifiers=modifiers,
        best_of=best_of,
        bucket_code=row["bucket"],
    )
    _check_of_the_year(row, benefit)
    _check_closed(row, benefit)
    return benefit


def _check_known(row: Row, key: str, known: frozenset[str]) -> None:
    if row[key] not in known:
        zh, en = nearest(row[key], known)
        row.at(key).refuse(f"未登记的 {key}:{row[key]}{zh}", f"{key} {row[key]} is not registered{en}")


def _rates(parts: _Parts) -> tuple[Rate, ...]:
    known, row = parts.known, parts.row
    rates: dict[str, Rate] = {}
    for line in row["table"]:
        value = parts.take(line["values"])
        clause_id = known.clause(
            f"{row['code']}.{line['categories'][0].lower()}.{value.since}", value.row, text_zh=value.row["text_zh"]
        )
        for category in line["categories"]:
            if category not in known.categories:
                zh, en = nearest(category, known.categories)
                line.at("categories").refuse(f"未登记的类别 {category}{zh}", f"category {category} is not registered{en}")
            if category in known.marks:
                line.at("categories").refuse(f"{category} 是标记,不能据以救助", f"{category} is a mark and entitles to nothing")
            if category in rates:
                line.at("categories").refuse(f"类别 {category} 在同一待遇中出现两次", f"{category} stands twice")
            rates[category] = rate_of(category, value.row, clause_id, categories=known.categories, fen=parts.fen)
    return tuple(rates[code] for code in sorted(rates))


def _modifiers(parts: _Parts) -> tuple[Modifier, ...]:
    found = []
    for place, line in enumerate(parts.row["modifiers"], 1):
        value = parts.take(line["values"])
        clause_id = parts.known.clause(
            f"{parts.row['code']}.modifier_{place}.{value.since}", value.row, text_zh=value.row["text_zh"]
        )
        found.append(modifier_of(value.row, clause_id, parts.known.categories))
    return tuple(found)


def _rounding(parts: _Parts) -> Rounding:
    return rounding_of(parts.take(parts.row["rounding"]).row) if parts.row["rounding"] else PLAIN_ROUNDING


def _check_of_the_year(row: Row, benefit: Benefit) -> None:
    """Relief that needs the whole year knows no window relief and no shared purse; a yearly sum knows one claim from no other."""
    one_category = benefit.best_of is BestOf.ONE_CATEGORY
    if not benefit.needs_the_year:
        return
    if benefit.counts_window_relief or benefit.bucket_code is not None or benefit.event_kind is not EventKind.CARE:
        row.spot.refuse(
            "按年度核定的待遇不得计窗口救助、共用额度,也只用于就医",
            "relief that needs the whole year is for care, without window relief and without a shared purse",
        )
    if not benefit.is_year_jump:
        return
    if one_category or benefit.modifiers or not all(_is_yearly(one) for one in benefit.rates):
        row.spot.refuse(
            "按年度一次核定的待遇:各类别都按年度计,不带调整系数,也不另定就高方式",
            "relief that is one sum a year: every category by the year, no modifiers, no other way to find the best",
        )


def _check_closed(row: Row, benefit: Benefit) -> None:
    """A year is closed where nothing of it was paid; what the window paid, or another benefit's purse, says nothing of that."""
    closes = any(one.deductible.below is Below.CLOSED for one in benefit.rates)
    if closes and (benefit.counts_window_relief or benefit.bucket_code is not None):
        row.spot.refuse(
            "次年1月结案(below: closed)的待遇不得计窗口救助、共用额度",
            "a benefit that is closed in January counts no window relief and shares no purse",
        )


def accepted_breaks_of(known: Known, row: Row) -> tuple[AcceptedBreak, ...]:
    """The holes of a benefit that its page accepts, a category each."""
    found = []
    rated = {code for line in row["table"] for code in line["categories"]}
    for place, one in enumerate(row["accepted_breaks"], 1):
        clause_id = known.clause(f"{row['code']}.accepted_{place}", one, text_zh=one["text_zh"])
        for category in one["categories"]:
            if category not in rated:
                one.at("categories").refuse(f"表中没有类别 {category}", f"the table has no {category}")
            found.append(AcceptedBreak(row["code"], category, one["hole"], clause_id))
    return tuple(found)


def _is_yearly(rate: Rate) -> bool:
    usual = replace(rate, deductible=replace(rate.deductible, below=Below.SUM))
    return rate.is_year_jump or usual.is_plain


def service_package_of(known: Known, policy: Row, rows: Sequence[Row]) -> int | None:
    """What a service package is worth on the day, in fen; a benefit for packages needs it. It narrows no benefit's days."""
    written = policy["service_package"]
    asking = next((one for one in rows if one["event"] == EventKind.SERVICE.value), None)
    if written is None:
        if asking is not None:
            asking.at("event").refuse("policy.yaml 没有写 service_package", "policy.yaml has no service_package")
        return None
    if asking is not None and asking["counts_window_relief"]:
        asking.at("counts_window_relief").refuse("服务包不计窗口救助", "no window pays for a service package")
    parts = _Parts(known, policy, [])
    value = parts.take(written)
    known.clause(f"service_package.{value.since}", value.row, text_zh=value.row["text_zh"])
    return parts.fen(value.row["yuan"])


def buckets_of(known: Known, rows: Sequence[Row]) -> tuple[Bucket, ...]:
    """The shared purses with the bounds in force on the day."""
    found = []
    for row in rows:
        parts = _Parts(known, row, [])
        value = parts.take(row["values"])
        clause_id = known.clause(f"bucket.{row['code']}.{value.since}", value.row, text_zh=value.row["text_zh"])
        bounds = {}
        for bound in value.row["bounds"]:
            for category in bound["categories"]:
                if category not in known.categories or category in bounds:
                    bound.at("categories").refuse(f"类别 {category} 未登记或重复", f"{category} is unknown or stands twice")
                bounds[category] = parts.fen(bound["yuan"])
        found.append(Bucket(row["code"], row["name_zh"], tuple(sorted(bounds.items())), clause_id))
    return tuple(found)
