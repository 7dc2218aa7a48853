"""`mianshen policy`: is a county's law well written, does it do what its examples say, what is in force on a day?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

import typer

from mianshen.cli import policy_eligibility
from mianshen.cli.say import say, table
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.money import PPM, show_yuan
from mianshen.core.pack import Pack
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import Rate

app = typer.Typer(help="县区政策 a county's law", no_args_is_help=True)

Packs = Annotated[list[str] | None, typer.Argument(help="政策包，缺省为全部  packs, all when none is named", show_default=False)]
OnDay = Annotated[str | None, typer.Option("--on", help="哪一天，缺省今天  which day, today when absent, 2026-10-01")]


@app.command("check")
def check(packs: Packs = None, on: OnDay = None) -> None:
    """读取政策包，指出第一处错误的文件和行。 Read packs; the first fault is named by file and line, exit code 2."""
    from mianshen.policy.packs import load_pack
    from mianshen.warehouse.compile_scope import require_compilable

    day = _day(on)
    for name in _names(packs):
        if policy_eligibility.confirms(name):
            policy_eligibility.check(name, day)
        if not _pays(name):
            continue
        pack = load_pack(name, on=day)
        plan = pack.plan
        require_compilable(plan)
        say(
            f"{name} 可用：对象 {len(plan.categories)} 类，待遇 {len(plan.benefits)} 项，名单 {len(pack.lists)} 份，{day} 有效",
            f"reads well: {len(plan.categories)} categories, {len(plan.benefits)} benefits, {len(pack.lists)} lists, on {day}",
        )
        if plan.benefits and not any(one.is_of_awards for one in pack.processes):
            say(
                "  process.yaml 没有用于救助审批的流程(concerns: awards):可以核算,不能受理和付款",
                "no process concerns awards: it computes, but files no application and pays nothing",
            )
        if pack.bank.is_illustrative:
            say(
                f"  付款文件格式 {pack.bank.code}({pack.bank.name_zh})为示例,付款前按代发银行的说明另立一页",
                "payment files follow an illustrative layout: write the bank's own page before paying",
            )


@app.command("test")
def test(packs: Packs = None) -> None:
    """运行法条示例；不符的逐条列出。 Run the law's examples; exit code 1 when one differs or none was found."""
    from mianshen.policy.examples import judge_example, load_examples, with_plans

    passed = failed = 0
    for name in _names(packs):
        if policy_eligibility.confirms(name):
            counts = policy_eligibility.test(name)
            passed, failed = passed + counts[0], failed + counts[1]
        if not _pays(name):
            continue
        examples = load_examples(name)
        differing = [(example, found) for example, plan in with_plans(examples) if (found := judge_example(example, plan))]
        passed += len(examples) - len(differing)
        failed += len(differing)
        typer.echo(f"{name}: {len(examples)} 例 examples, {len(differing)} 不符 differ")
        for example, found in differing:
            typer.echo(f"- {example.where} {example.name}")
            for sentence in found:
                typer.echo(f"    {sentence}")
    typer.echo(f"{passed} passed, {failed} failed")
    raise typer.Exit(1 if failed or not passed else 0)


@app.command("explain")
def explain(
    pack: Annotated[str, typer.Argument(help="政策包  a pack")],
    only: Annotated[str | None, typer.Option("--example", help="名称含这些字的示例  examples whose name holds this")] = None,
) -> None:
    """用人话讲法条示例:每一分钱怎么算,为什么不予救助,比较了哪些次序。 Say why each example of the law ends as it does."""
    from mianshen.policy.examples import load_examples, result_of, with_plans
    from mianshen.policy.explain import explain_person, explain_refusal

    (name,) = _names([pack])
    is_told = policy_eligibility.confirms(name) and policy_eligibility.explain(name, only)
    told = [one for one in load_examples(name) if only is None or only in one.name] if _pays(name) else []
    if not told and not is_told:
        raise MianshenError("EXAMPLE_UNKNOWN", found=only or "", where=name)
    for example, plan in with_plans(told):
        result = result_of(example, plan)
        refused = [explain_refusal(plan, one, result) for one in result.assessments if one.reason_code is not None]
        typer.echo(f"- {example.where} {example.name}")
        for one in (*explain_person(plan, result), *refused):
            say(f"    {one.zh}", one.en)


@app.command("show")
def show(pack: Annotated[str, typer.Argument(help="政策包  a pack")], on: OnDay = None) -> None:
    """打印某一天有效的政策：层次、待遇、标准、条款。 Print what is in force: tiers, benefits, rates, clauses."""
    from mianshen.policy.packs import load_pack

    day = _day(on)
    loaded = load_pack(pack, on=day)
    plan = loaded.plan
    typer.echo(f"{loaded.county_name_zh} {loaded.county_name_en} {plan.county_code}  {day}  {plan.policy_hash[:12]}")
    if plan.is_illustrative:
        say("含示例值，非当地公布的标准", "holds illustrative values, not published by the county")
    for line in _lines(loaded, plan):
        typer.echo(line)


def _lines(pack: Pack, plan: Plan) -> Iterator[str]:
    for tier in plan.tiers:
        yield f"\n{tier.name_zh} {tier.name_en}"
        for benefit in (one for one in plan.benefits if one.tier_code == tier.code):
            department = pack.department(benefit.department_code)
            yield f"  {benefit.name_zh} {benefit.name_en} · {department.name_zh} · {_span(benefit)}"
            yield from (f"    {line}" for line in table([_rate_row(plan, rate) for rate in benefit.rates]).splitlines())


def _span(benefit: Benefit) -> str:
    return f"[{benefit.valid_since}, {benefit.valid_until or '…'})"


def _rate_row(plan: Plan, rate: Rate) -> tuple[str, ...]:
    category = next(one for one in plan.categories if one.code == rate.category_code)
    brackets = " ".join(f"{show_yuan(one.low_fen)}+ {_percent(one.ratio_ppm)}" for one in rate.brackets)
    first = " ".join(show_yuan(one) for one in rate.deductible.amounts_fen)
    cap = " ".join(show_yuan(one.amount_fen) for one in rate.caps) or "无 none"
    clause = plan.clause(rate.clause_id)
    return (
        category.name_zh,
        f"起付 deductible {first}",
        brackets,
        f"封顶 cap {cap}",
        f"{clause.article} ({clause.status})",
    )


def _percent(ratio_ppm: int) -> str:
    whole, rest = divmod(ratio_ppm * 100, PPM)
    return f"{whole}{f'.{rest:06d}'.rstrip('0') if rest else ''} %"


def _pays(name: str) -> bool:
    """Whether the county's law names amounts."""
    from mianshen.policy.packs import pack_names

    return name in pack_names()


def _names(packs: list[str] | None) -> tuple[str, ...]:
    from mianshen.policy.eligibility_pages import eligibility_names
    from mianshen.policy.packs import pack_names

    known = tuple(dict.fromkeys((*pack_names(), *eligibility_names())))
    for name in packs or ():
        if name not in known:
            raise MianshenError("POLICY_UNKNOWN", found=name, where=f"include/policies ({', '.join(known)})")
    return tuple(packs) if packs else known


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(ZONE).date()
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=text, where="--on") from cause
