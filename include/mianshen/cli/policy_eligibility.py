"""What `mianshen policy` says of counties whose law confirms people, whether or not it pays relief besides."""

from __future__ import annotations

from datetime import date

import typer

from mianshen.cli.say import say


def confirms(name: str) -> bool:
    """Whether the county's law confirms people."""
    from mianshen.policy.eligibility_pages import eligibility_names

    return name in eligibility_names()


def check(name: str, day: date) -> None:
    """Read the county's pages; the first fault is a MianshenError with file and line."""
    from mianshen.policy.eligibility_pages import load_eligibility
    from mianshen.policy.packs import county_names, load_pack, pack_names

    pack = load_eligibility(name, on=day)
    processes = load_pack(name, on=day).processes if name in county_names() else ()
    items = len({item for one in pack.confirmations for item in one.items})
    zh, en = (
        ("认定资格，另有救助金额", "confirms") if name in pack_names() else ("只认定资格，没有金额", "confirms, pays nothing")
    )
    say(
        f"{name} 可用：{zh}；认定 {len(pack.confirmations)} 项，病种或事项 {items} 个，流程 {len(processes)} 个",
        f"reads well: {en}; {len(pack.confirmations)} confirmations, {items} items, {len(processes)} processes",
    )


def test(name: str) -> tuple[int, int]:
    """Run the county's examples and print those that differ; returns how many passed and failed."""
    from mianshen.policy.eligibility_pages import eligibility_examples, judge_eligibility, load_eligibility

    examples = eligibility_examples(name)
    judged = [(one, judge_eligibility(load_eligibility(name, on=one.row["on"]), one)) for one in examples]
    differing = [(one, found) for one, found in judged if found]
    typer.echo(f"{name}: {len(examples)} 例 examples, {len(differing)} 不符 differ")
    for example, found in differing:
        typer.echo(f"- {example.where} {example.name}")
        for sentence in found:
            typer.echo(f"    {sentence}")
    return len(examples) - len(differing), len(differing)


def explain(name: str, only: str | None) -> bool:
    """Say why each example ends as it does; False when no example's name holds the words."""
    from mianshen.policy.eligibility_pages import decided_of, eligibility_examples, explain_decided, load_eligibility

    told = [one for one in eligibility_examples(name) if only is None or only in one.name]
    for example in told:
        pack = load_eligibility(name, on=example.row["on"])
        typer.echo(f"- {example.where} {example.name}")
        for item, decided in decided_of(pack, example).items():
            zh, en = explain_decided(pack.confirmation(example.row["confirmation"]), item=item, decided=decided)
            say(f"    {zh}", en)
    return bool(told)


def prove(name: str, day: date) -> int:
    """Print every hole of the county's law; returns how many."""
    from mianshen.policy.eligibility_pages import load_eligibility
    from mianshen.policy.eligibility_prove import prove_eligibility

    pack = load_eligibility(name, on=day)
    found = prove_eligibility(pack, on=day)
    for one in found:
        say(f"[{one.hole}] {one.zh}", f"{one.benefit_code} {one.category_code}: {one.en}")
    rules = sum(len(one.rules) for one in pack.confirmations)
    say(
        f"{name} {day}:核对 {len(pack.confirmations)} 项认定、{rules} 条要求,{len(found)} 处漏洞。",
        f"{len(pack.confirmations)} confirmations, {rules} rules, {len(found)} holes",
    )
    return len(found)
