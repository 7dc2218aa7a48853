"""`mianshen policy prove` and `diff`: has the law no holes, and what would another version of it change, for whom?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli import policy_eligibility
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.money import show_yuan
from mianshen.core.plan import Plan

Overlays = Annotated[list[str] | None, typer.Option("--overlay", help="政策包的试行页  overlays of the pack")]


def prove(
    pack: Annotated[str, typer.Argument(help="政策包  a pack")],
    on: Annotated[str, typer.Option("--on", help="哪一天 2026-10-01  which day")],
    overlay: Overlays = None,
) -> None:
    """证明政策没有漏洞:不断档、不重叠、无死条、多花不少得、不超过自付。 Prove a pack; a person shows each hole."""
    from mianshen.policy.packs import load_pack, pack_names
    from mianshen.policy.prove import prove as prove_plan

    day = _day(on, where="--on")
    holes = policy_eligibility.prove(pack, day) if policy_eligibility.confirms(pack) else 0
    if pack not in pack_names() and policy_eligibility.confirms(pack):
        raise typer.Exit(1 if holes else 0)
    plan = load_pack(pack, on=day, overlays=overlay or ()).plan
    found = prove_plan(plan)
    for one in found:
        say(f"[{one.hole}] {one.zh}", f"{one.benefit_code} {one.category_code}: {one.en}")
    for broken in plan.accepted_breaks:
        clause = plan.clause(broken.clause_id)
        whose = f"{broken.benefit_code}【{broken.category_code}】"
        say(
            f"[{broken.hole} 已接受] {whose}《{clause.document}》{clause.article}:{clause.text_zh}",
            f"accepted: {broken.benefit_code} {broken.category_code}, {broken.clause_id}",
        )
    rates = sum(len(one.rates) for one in plan.benefits)
    say(
        f"{pack} {on}:核对 {len(plan.benefits)} 项待遇、{rates} 套标准,{len(found)} 处漏洞。",
        f"{len(plan.benefits)} benefits, {rates} rates, {len(found)} holes",
    )
    raise typer.Exit(1 if found or holes else 0)


def diff(
    pack: Annotated[str, typer.Argument(help="政策包  a pack")],
    first: Annotated[str, typer.Argument(help="前:日期或 include/policies 的副本  before: a day, or a copy of include/policies")],
    second: Annotated[str, typer.Argument(help="后:日期或副本  after: a day, or a copy")],
    on: Annotated[str | None, typer.Option("--on", help="比较副本时按哪一天  which day, for copies")] = None,
) -> None:
    """比较两天或两份政策:哪些数变了,谁受影响,差多少。 What differs between two days or copies, for whom, by how much."""
    from mianshen.policy.diff import affected, differences

    one, other = (_plan(pack, written, on) for written in (first, second))
    changed = differences(one, other)
    if not changed:
        say("两份政策没有不同。", "the two policies are the same")
        return
    rows = [
        (it.benefit_code, it.category_code, f"{it.what_zh} {it.what_en}", it.before or "—", it.after or "—") for it in changed
    ]
    typer.echo(table([("待遇 benefit", "类别 category", "什么 what", "前 before", "后 after"), *rows]))
    for person in affected(one, other):
        rise = person.after_fen - person.before_fen
        say(
            f"{person.benefit_code}【{person.category_code}】:自付 {show_yuan(person.burden_fen)} 元的人,"
            f"由 {show_yuan(person.before_fen)} 元变为 {show_yuan(person.after_fen)} 元"
            f"({'多' if rise > 0 else '少'} {show_yuan(abs(rise))} 元)。",
            f"a burden of {show_yuan(person.burden_fen)}: {show_yuan(person.before_fen)} becomes {show_yuan(person.after_fen)}",
        )


def _plan(pack: str, written: str, on: str | None) -> Plan:
    """The policy of a day, or of a folder that is laid out like include/policies."""
    from mianshen.policy.packs import load_pack

    if not Path(written).is_dir():
        return load_pack(pack, on=_day(written, where=pack)).plan
    if on is None:
        raise MianshenError("DATE_INVALID", found="none", where="--on")
    return load_pack(pack, on=_day(on, where="--on"), root=Path(written)).plan


def _day(text: str, *, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=text, where=where) from cause
