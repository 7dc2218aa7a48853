"""`mianshen delivery`: what was delivered, what hangs on it, and a person's word: withdrawn, or let go on. It names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say, table
from mianshen.core.days import ZONE
from mianshen.core.money import show_yuan

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from mianshen.core.pack import Pack
    from mianshen.warehouse.withdrawals import Consequence

app = typer.Typer(help="交付批次 deliveries", no_args_is_help=True)
DeliveryArgument = Annotated[str, typer.Argument(help="批次编号  delivery id")]
ActorOption = Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who acts, for the audit chain")]
ReasonOption = Annotated[str, typer.Option(help="理由  why")]


@app.command("list")
def show_list(
    county: Annotated[str | None, typer.Option(help="六位区划代码  county code")] = None,
    state: Annotated[list[str] | None, typer.Option(help="只列这些状态,如 HELD  only these states")] = None,
    home: HomeOption = None,
) -> None:
    """列出批次:编号、状态、行数、原因。 List deliveries: id, state, rows, reason."""
    from mianshen.warehouse.withdrawals import listed

    with _ledger(home) as engine, engine.connect() as connection:
        rows = listed(connection, county_code=county, states=tuple(state or ()))
    names = ("delivery_id", "list_code", "partition", "version", "state", "rows_in", "rows_accepted", "rows_quarantined")
    lines = [(*(str(row[name]) for name in names), row["reason_code"] or "") for row in rows]
    typer.echo(table([(*names, "reason_code"), *lines]))


@app.command("show")
def show_one(delivery: DeliveryArgument, home: HomeOption = None) -> None:
    """一个批次的全部登记内容,以及对它做过什么。 One delivery as registered, and what people did to it."""
    from mianshen.core.codes import REASONS
    from mianshen.warehouse.withdrawals import acts_of, known

    with _ledger(home) as engine, engine.connect() as connection:
        own, acts = known(connection, delivery), acts_of(connection, delivery)
    typer.echo(table([(name, str(value)) for name, value in own.items() if value is not None]))
    if own["reason_code"] in REASONS:
        reason = REASONS[own["reason_code"]]
        say(f"{reason.zh}:{reason.remedy_zh}", f"{reason.en}: {reason.remedy_en}")
    for act in acts:
        say(f"{act['acted_at']} {act['actor']} {act['act']}:{act['reason']}", f"{act['act']} by {act['actor']}")


@app.command("withdraw")
def withdraw(
    delivery: DeliveryArgument,
    actor: ActorOption = "",
    reason: ReasonOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看影响,不改动  show what hangs on it, change nothing")] = False,
    home: HomeOption = None,
) -> None:
    """收回送错的批次:先用 --dry-run 看涉及多少人、多少钱。 Take a wrong delivery back; look with --dry-run first."""
    from mianshen.warehouse import withdrawals
    from mianshen.warehouse.lake import Lake

    with _ledger(home) as engine:
        found = withdrawals.consequence(Lake(home_at(home).lake, engine), delivery)
        _tell(found)
        if dry_run:
            say("仅预演,没有改动", "a rehearsal: nothing was changed")
            return
        with engine.begin() as connection:
            stands = withdrawals.withdraw(connection, delivery, at=_now(), actor=actor, reason=reason)
    say(f"已收回 {delivery}", f"{delivery} is withdrawn")
    if stands is not None:
        say(f"恢复上一版本 {stands}", f"the version before stands again: {stands}")
    say("下次运行时全部重算;已发放的列为待追回", "the next run computes everything again; what was paid stands as owed back")


@app.command("release")
def release(delivery: DeliveryArgument, actor: ActorOption = "", reason: ReasonOption = "", home: HomeOption = None) -> None:
    """放行暂缓的批次,须写明经办人和理由。 Let a held delivery go on, by a named person with a reason."""
    from mianshen.warehouse import withdrawals

    with _ledger(home) as engine, engine.begin() as connection:
        pack = _pack_of(withdrawals.known(connection, delivery)["county_code"], home)
        state = withdrawals.release(connection, delivery, at=_now(), actor=actor, reason=reason, pack=pack)
    say(f"已放行 {delivery},现为 {state}", f"{delivery} goes on and is {state}")


def _tell(found: Consequence) -> None:
    people, claims = len(found.people), found.events
    say(
        f"{found.rows} 行,{people} 人,{claims} 次结算,其中 {found.events_gone} 次将不再存在",
        f"{found.rows} rows, {people} people, {claims} claims, {found.events_gone} of them fall away",
    )
    for zh, en, counted in (("待遇记录", "postings", found.postings), ("支付", "payments", found.payments)):
        for name, (number, fen) in sorted(counted.items()):
            say(f"{zh} {name}:{number} 条,{show_yuan(fen)} 元", f"{en} {name}: {number}, {show_yuan(fen)} yuan")
    for person, one in found.owed_back.items():
        say(
            f"{person} 将冲回 {show_yuan(one.fen)} 元,其中已付 {show_yuan(one.paid_fen)} 元",
            f"{person}: {show_yuan(one.fen)} yuan taken back, {show_yuan(one.paid_fen)} of it already paid",
        )
    total, paid = sum(one.fen for one in found.owed_back.values()), sum(one.paid_fen for one in found.owed_back.values())
    say(
        f"合计 {len(found.owed_back)} 人,{show_yuan(total)} 元,其中已付 {show_yuan(paid)} 元",
        f"{len(found.owed_back)} people, {show_yuan(total)} yuan, {show_yuan(paid)} of it already paid",
    )


@contextmanager
def _ledger(home: Path | None) -> Iterator[Engine]:
    from mianshen.stages.frame import read_settings
    from mianshen.warehouse.upgrade import open_ledger

    place = home_at(home)
    engine = open_ledger(read_settings(place).get("ledger_url") or place.ledger_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _pack_of(county_code: str, home: Path | None) -> Pack:
    """The county's pack, one of those that the home's settings name; MianshenError POLICY_UNKNOWN when none is the county's."""
    from mianshen.core.errors import MianshenError
    from mianshen.policy.packs import load_pack
    from mianshen.stages.frame import read_settings

    for name, said in read_settings(home_at(home)).get("counties", {}).items():
        pack = load_pack(name, on=datetime.now(ZONE).date(), overlays=said.get("overlays", ()))
        if pack.county_code == county_code:
            return pack
    raise MianshenError("POLICY_UNKNOWN", found=county_code, where="settings.json")


def _now() -> str:
    return datetime.now(ZONE).isoformat(timespec="seconds")
