"""Everything that one person is told at the window: what was paid and why, what was not and why, and what is not here yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from mianshen.core.contract import Feed
from mianshen.core.days import Month, month_of
from mianshen.core.window import Answer, Answers, answer
from mianshen.stages.disclose.told_money import names_of, told_money
from mianshen.stages.disclose.told_nothing import told_bills, told_holds, told_items, told_of, told_unsent
from mianshen.stages.frame import Job
from mianshen.warehouse.feed_grid import FeedPeriod
from mianshen.warehouse.person_facts import PersonFacts, person_facts, records_behind
from mianshen.warehouse.person_money import PersonMoney, person_money

ARRIVED = ("ACCEPTED", "SUPERSEDED")
"""States of a delivery whose rows count."""
WORKERS = "310"
"""Kind of insurance whose members pay no yearly fee."""
_FIRST = (
    "RETURNED",
    "ACCOUNT_MISSING",
    "ACCOUNT_RETURNED",
    "ACCOUNT_SHARED",
    "PAPERS_WANTED",
    "ACCOUNT_WANTED",
    "PAID_BY_HAND",
    "ENROLMENT_UNTRACED",
)
"""What the person can do something about stands first."""
_NOT_IN_HAND = ("RETURNED", "PAID_BY_HAND", "PAYMENT_REISSUED", "BANK_PENDING", "PAYMENT_PREPARED", "PAID_TO_ANOTHER")
"""Payments of which the person has nothing in hand, or not yet."""


def told(job: Job, person_key: str, *, tails: Mapping[str, str]) -> Answers:
    """What this person is told, from the stores alone; `tails` are the ends of the person's accounts by account_key."""
    limits = [one.code for one in job.pack.time_limits]
    with job.ledger.connect() as connection:
        money = person_money(connection, person_key, county_code=job.county_code, limits=limits)
    today = job.as_of.date()
    since = f"{today.year - (today.month == 1)}-01"
    watched = [one.code for one in job.pack.reviews.limits]
    facts = person_facts(job.lake, person_key, county_code=job.county_code, since=since, limits=watched)
    runs = [row["run_id"] for row in money.lines if row["person_key"] == person_key]
    records = records_behind(job.lake, person_key, runs)
    paid = told_money(money, records, person_key=person_key, pack=job.pack, tails=tails)
    months = _months(job, facts.feeds, since=since, today=today)
    back = [one for one in paid if one.code in _NOT_IN_HAND]
    waiting = [*back, *told_holds(money), *told_items(money, names_of(job.pack)), *told_unsent(money)]
    bills = told_of(months, told_bills(facts, money, names_of(job.pack), go_live_on=job.go_live_on))
    missing = _missing(job, facts, money, today)
    nothing = sorted([*waiting, *bills, *missing], key=lambda one: one.code not in _FIRST)
    return Answers(paid, tuple(nothing), _totals(money, person_key), months)


def _totals(money: PersonMoney, person_key: str) -> tuple[tuple[str, int], ...]:
    """What was agreed to this person, and where it stands; fen."""
    own = [row for row in money.lines if row["person_key"] == person_key]

    def of(*states: str) -> int:
        return sum(row["line_fen"] for row in own if row["state"] in states and row["is_live"])

    agreed = [row for row in money.postings if row["kind"] == "award"]
    return (
        ("已核定 agreed", sum(row["amount_fen"] for row in agreed if row["fate"] == "effective")),
        ("已到账 paid", of("paid") + sum(row["line_fen"] for row in own if row["by_hand"] == "paid" and row["is_live"])),
        ("已送银行 sent", of("sent")),
        ("退汇 returned", of("returned")),
        ("待部门审批 waits for a department", sum(row["amount_fen"] for row in agreed if row["fate"] == "open")),
        ("不予救助 refused", sum(row["amount_fen"] for row in agreed if row["fate"] == "dead")),
        ("待追回 to be given back", sum(row["open_fen"] for row in money.recoveries)),
    )


def _months(job: Job, feeds: Sequence[FeedPeriod], *, since: str, today: date) -> tuple[tuple[str, str], ...]:
    """Of every month up to the last full one: whether settlements are here, and which of the expected lists."""
    known = {(one.list_code, one.month): _is_here(one) for one in feeds}
    found, month = [], Month(int(since[:4]), int(since[5:]))
    while month < month_of(today):
        bills = "结算数据已到" if known.get((Feed.SETTLEMENT, str(month))) else "结算数据未到"
        lacking = [one.name_zh for one in job.pack.lists if not known.get((one.list_code, str(month)))]
        here = len(job.pack.lists) - len(lacking)
        lists = f"名单到 {here}/{len(job.pack.lists)} 份" + (f",未到:{'、'.join(lacking)}" if lacking else "")
        found.append((str(month), f"{bills};{lists}"))
        month = month.shift(1)
    return tuple(reversed(found))


def _is_here(one: FeedPeriod) -> bool:
    """Whether anything of the feed's month counts; a month that is delivered by days is here with its first."""
    return one.settled > 0 or one.state in ARRIVED


def _missing(job: Job, facts: PersonFacts, money: PersonMoney, today: date) -> list[Answer]:
    """What the data do not hold: the newest months, any bill of the year, a trace of enrolment, the person at all."""
    if not (facts.care or facts.fees or facts.spans or money.postings):
        return [answer("PERSON_NOT_FOUND"), *_awaited(facts, today)]
    year = today.year if today.month > 1 else today.year - 1
    found = _awaited(facts, today)
    if not any(row["benefit_year"] == year for row in facts.care):
        found.append(answer("NO_BILLS", more_zh=f"{year} 年度。", more_en=f"Year {year}."))
    fed = any(one.list_code == Feed.ENROLMENT and _is_here(one) for one in facts.feeds)
    insured = [row for row in facts.care if row["state"] == "LIVE" and (row["fund_pay_sumamt"] or row["insutype"] == WORKERS)]
    traced = any(row["benefit_year"] == year for row in (*facts.fees, *insured))
    if fed and not traced:
        found.append(answer("ENROLMENT_UNTRACED", more_zh=f"{year} 年度。", more_en=f"Year {year}."))
    return found


def _awaited(facts: PersonFacts, today: date) -> list[Answer]:
    """Each of the last full months, back to the newest that is here, whose settlements have not come; and the running one."""
    here = {one.month for one in facts.feeds if one.list_code == Feed.SETTLEMENT and _is_here(one)}
    months: list[str] = []
    month = month_of(today)
    while str(month) not in here and len(months) < 12:
        months.append(str(month))
        month = month.shift(-1)
    return [
        replace(answer("NOT_DELIVERED", more_zh=f"{one} 的结算。", more_en=f"Settlements of {one}."), on=f"{one}-01")
        for one in months
    ]
