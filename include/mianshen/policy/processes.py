"""Processes of a pack from process.yaml, each part checked against the others: nothing named that is not there, no dead end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from mianshen.core.bills import Money
from mianshen.core.clocks import Counting, TimeLimit
from mianshen.core.codes import REASONS
from mianshen.core.decisions import Outcome as Sent
from mianshen.core.forms import FormCode
from mianshen.core.matching import Channel, Matching, Roll, Shown, When
from mianshen.core.process import OPENER, Decider, End, Outcome, Paper, Process, Span, Step
from mianshen.core.yearly import Quota, Shift, Window, YearDay
from mianshen.policy.process_grants import check_grants, gives_of
from mianshen.policy.process_invites import check_invites, inviting_of
from mianshen.policy.process_matches import check_matches
from mianshen.policy.process_money import check_money
from mianshen.policy.process_trips import check_trips
from mianshen.policy.process_visits import check_visits
from mianshen.policy.shapes import Row
from mianshen.policy.walks import MOST, reachable

_END = ("code", "name_zh", "name_en", "is_success", "own_no", "followed_by")
_YEARS = {"before": -1, "same": 0, "after": 1}


def processes_of(
    rows: Sequence[Row],
    *,
    departments: frozenset[str],
    limits: Sequence[TimeLimit],
    titles: dict[str, str],
    confirmations: Collection[str] = (),
    lists: Collection[str] = (),
    categories: Collection[str] = (),
) -> tuple[Process, ...]:
    """The processes in the page's order; `titles` are the documents' titles by code.

    `confirmations` are those of eligibility.yaml, `lists` the codes of the county's contracts, `categories` those of its people.

    MianshenError POLICY_DAMAGED with file and line for a name that nothing bears, a day that no year has, a step that nothing
    reaches, and a course of outcomes after which a case would stand still.
    """
    _once(rows, "code")
    check_visits(rows)
    check_invites(rows, confirmations=confirmations)
    check_matches(rows, confirmations=confirmations, lists=lists, departments=departments)
    known = {one.code: one for one in limits}
    made = tuple(_process(row, departments, known, titles) for row in rows)
    for row, process in zip(rows, made, strict=True):
        check_grants(row, process, categories=categories)
    return made


def window_limits(processes: Sequence[Process]) -> list[TimeLimit]:
    """The windows of yearly steps as time limits, so that they are watched like any other; their due day is the window's last."""
    return [
        TimeLimit(
            code=process.window_limit(step.code),
            name_zh=f"{process.name_zh}·{step.name_zh}",
            name_en=f"{process.name_en}: {step.name_en}",
            amount=1,
            counting=Counting.CALENDAR_DAYS,
            starts_at="step",
            ends_at="step",
            article=step.article,
            status=step.status,
        )
        for process in processes
        for step in process.steps
        if step.window is not None
    ]


def _process(row: Row, departments: frozenset[str], limits: Mapping[str, TimeLimit], titles: dict[str, str]) -> Process:
    steps, ends = row["steps"], row["ends"]
    for group in (steps, ends):
        _once(group, "code")
    codes, end_codes = {one["code"] for one in steps}, {one["code"] for one in ends}
    _among(row, "lead_department", departments, "departments.yaml")
    _among(row, "starts", codes, "steps")
    _among(row, "done_as", end_codes, "ends")
    _among(row, "refused_as", end_codes, "ends")
    for step in steps:
        _check_step(step, codes, end_codes, departments, limits)
    for span in row["spans"]:
        _among(span, "limit", limits, "time_limits.yaml")
        _among(span, "from_step", codes, "steps")
        _among(span, "until_step", codes, "steps")
        _check_sum(span, row, limits)
    made = Process(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        lead_department=row["lead_department"],
        starts=row["starts"],
        steps=tuple(_step(one, titles, is_of_awards=row["concerns"] == "awards") for one in steps),
        ends=tuple(End(*(one[key] for key in _END)) for one in ends),
        done_as=row["done_as"],
        article=f"{titles[row['source']]} {row['article']}",
        status=row["status"],
        spans=tuple(Span(one["limit"], one["from_step"], one["until_step"]) for one in row["spans"]),
        refused_as=row["refused_as"],
        is_of_awards=row["concerns"] == "awards",
        is_of_visits=row["concerns"] == "visits",
        is_of_county=row["concerns"] == "county",
        is_of_rechecks=row["concerns"] == "rechecks",
        is_free=row["free"],
        channels=tuple(Channel(one["code"], one["name_zh"], one["list"]) for one in row["channels"]),
        has_status_file=row["status_file"],
        confirmation_code=row["confirmation"],
        rolls=tuple(_roll(one) for one in row["rolls"]),
        invites=inviting_of(row["invites"]),
        only_year=row["only_year"],
    )
    _check_course(row, made)
    check_money(row, made)
    check_trips(row, made)
    return made


def _check_sum(span: Row, row: Row, limits: Mapping[str, TimeLimit]) -> None:
    """The parts of the span's limit run in the process, count the same kind of day, and add up to it."""
    if not span["sum_of"]:
        return
    _among(span, "sum_of", {one["limit"] for group in (row["steps"], row["spans"]) for one in group}, "steps, spans")
    whole, parts = limits[span["limit"]], [limits[one] for one in span["sum_of"]]
    total = sum(one.amount for one in parts)
    if total != whole.amount or any(one.counting is not whole.counting for one in parts):
        added = " + ".join(str(one.amount) for one in parts)
        span.at("sum_of").refuse(
            f"各步 {added} = {total},与 {whole.amount} 不符", f"the parts add up to {total}, not {whole.amount}"
        )


def _check_step(step: Row, codes: set[str], ends: set[str], departments: frozenset[str], limits: Mapping[str, TimeLimit]) -> None:
    _once(step["outcomes"], "code")
    _once(step["papers"], "code")
    _among(step, "department", departments, "departments.yaml")
    _among(step, "needs", codes, "steps")
    _among(step, "not_by", codes | {OPENER}, "steps")
    _among(step, "limit", limits, "time_limits.yaml")
    _among(step, "pauses", REASONS, "core.codes")
    if step["limit"] is not None and step["window"] is not None:
        step.at("window").refuse("limit 与 window 只写一个", "write either limit or window")
    if step["batched"] and step["limit"] is None:
        step.at("batched").refuse("按批计时的环节须写 limit", "a step that is timed by batch needs a limit")
    if step["decided_by"] == Decider.TIME and step["limit"] is None and step["window"] is None:
        step.at("decided_by").refuse("由时间办结的环节须写 limit 或 window", "a step that time decides needs a limit or a window")
    if FormCode.PUBLIC_NOTICE in step["forms"] and (step["decided_by"] != Decider.TIME or step["limit"] is None):
        step.at("forms").refuse("公示的环节须由时间办结并写 limit", "a step that publishes is decided by time and has a limit")
    for outcome in step["outcomes"]:
        _among(outcome, "opens", codes, "steps")
        _among(outcome, "again", codes, "steps")
        _among(outcome, "ends", ends, "ends")
        _among(outcome, "reasons", REASONS, "core.codes")
        if outcome["ends"] is not None and (outcome["opens"] or outcome["again"]):
            outcome.at("ends").refuse("办结的结论不能再开环节", "an outcome that ends the case opens nothing")
    if all(one["most"] is not None for one in step["outcomes"]):
        step.at("outcomes").refuse("每种结论都限次数,会无路可走", "every outcome is limited: a case could stand still")


def _check_course(row: Row, process: Process) -> None:
    """Every step and end is reached by some course of outcomes, and no course ends in a case that stands still."""
    found = reachable(process)
    if not found.is_complete:
        row.at("steps").refuse(
            f"情形超过 {MOST} 种,无法逐一检查;请分成几个流程", f"more than {MOST} situations: split the process"
        )
    for step in row["steps"]:
        _check_needs(step, process)
        if step["code"] not in found.steps:
            step.spot.refuse(f"没有一条路走到 {step['code']}", f"nothing leads to {step['code']}")
    for end in row["ends"]:
        if end["code"] not in found.ends:
            end.spot.refuse(f"没有一条路以 {end['code']} 办结", f"nothing ends as {end['code']}")
    if found.stuck is not None:
        said = " → ".join(found.stuck)
        row.at("steps").refuse(f"这样办下去会停住:{said}", f"a case would stand still after {said}")


def _check_needs(step: Row, process: Process) -> None:
    for need in step["needs"]:
        if not any(step["code"] in one.opens for one in process.step(need).outcomes):
            step.at("needs").refuse(f"{need} 的结论都不开 {step['code']}", f"no outcome of {need} opens {step['code']}")


def _step(row: Row, titles: dict[str, str], *, is_of_awards: bool) -> Step:
    matches = row["matches"]
    return Step(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        department_code=row["department"],
        decider=Decider(row["decided_by"]),
        outcomes=tuple(_outcome(one, waits=is_of_awards and one["code"] == Sent.RETURN) for one in row["outcomes"]),
        needs=row["needs"],
        limit_code=row["limit"],
        window=_window(row["window"]) if row["window"] is not None else None,
        quota=_quota(row["quota"]) if row["quota"] is not None else None,
        papers=tuple(Paper(one["code"], one["name_zh"], one["is_required"], one["one_of"], one["list"]) for one in row["papers"]),
        outputs=row["outputs"],
        forms=row["forms"],
        pauses=row["pauses"],
        not_by=row["not_by"],
        asks_person=row["asks"],
        is_batched=row["batched"],
        tells_person=row["tells"],
        fee_fen=row["fee_yuan"],
        shows=tuple(Shown(one) for one in row["shows"]),
        matches=None if matches is None else Matching(*(matches[key] for key in ("confirmation", "fit", "left", "outcome"))),
        article=f"{titles[row['source']]} {row['article']}",
        status=row["status"],
    )


def _outcome(row: Row, *, waits: bool) -> Outcome:
    return Outcome(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        opens=row["opens"],
        again=row["again"],
        ends=row["ends"],
        reasons=row["reasons"],
        needs_papers=row["needs_papers"],
        most=row["most"],
        refuses=row["refuses"],
        is_reached=row["reached"],
        money=Money(row["money"]) if row["money"] is not None else None,
        when=None if row["when"] is None else When(row["when"]),
        needs_address=row["needs_address"],
        waits=waits,
        gives=gives_of(row["gives"]),
    )


def _roll(row: Row) -> Roll:
    return Roll(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        department_code=row["for"],
        after=tuple((one["step"], one["outcome"]) for one in row["after"]),
        shows=tuple(Shown(one) for one in row["shows"]),
    )


def _window(row: Row) -> Window:
    opens, closes = _year_day(row["opens"]), _year_day(row["closes"])
    if (closes.years, closes.month, closes.day) < (opens.years, opens.month, opens.day):
        row.at("closes").refuse("窗口的末日早于首日", "the window closes before it opens")
    return Window(opens, closes)


def _year_day(row: Row) -> YearDay:
    try:
        date(2023, row["month"], row["day"])
    except ValueError:
        row.spot.refuse(f"不是每年都有 {row['month']}月{row['day']}日", f"not every year has {row['month']}-{row['day']}")
    return YearDay(row["month"], row["day"], _YEARS[row["year"]], Shift(row["shift"]))


def _quota(row: Row) -> Quota:
    if row["per_day"] < 1:
        row.at("per_day").refuse("每天至少 1 件", "a quota is at least 1 a day")
    return Quota(row["per_day"], Counting(row["counting"]))


def _among(row: Row, key: str, known: object, where: str) -> None:
    for one in _named(row[key]):
        if one not in known:  # type: ignore[operator]  # any container of codes
            row.at(key).refuse(f"{where} 中没有 {one}", f"{where} has no {one}")


def _named(value: str | tuple[str, ...] | None) -> Iterator[str]:
    if value is None:
        return
    yield from (value,) if isinstance(value, str) else value


def _once(rows: Sequence[Row], key: str) -> None:
    seen = set()
    for row in rows:
        if row[key] in seen:
            row.at(key).refuse(f"{row[key]} 写了两次", f"{row[key]} stands twice")
        seen.add(row[key])
