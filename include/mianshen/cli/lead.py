"""`mianshen lead`: what looks wrong, what was done about it, and the next step. Nothing here names a person."""

from __future__ import annotations

from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import job_of
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError
from mianshen.core.leads import ACT_NAMES, INDICATORS, LeadAct

app = typer.Typer(help="监督疑点 leads of the supervisor", no_args_is_help=True)
PackOption = Annotated[str, typer.Option(help="县区政策包，如 510118_xinjin  county pack")]


@app.command("list")
def show_list(
    pack: PackOption,
    indicator: Annotated[str | None, typer.Option(help="疑点种类  one kind")] = None,
    department: Annotated[str | None, typer.Option(help="责任部门代码  a department")] = None,
    since: Annotated[str | None, typer.Option(help="此刻以来新发现的，ISO  raised at this moment or later")] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="最多列出  at most")] = 50,
    home: HomeOption = None,
) -> None:
    """监督疑点：按种类和处置计数，再逐条列出，新的在前。 Leads by kind and disposal, then one by one, the newest first."""
    from mianshen.warehouse import leads

    job = job_of(pack, home=home)
    wanted = leads.WantedLeads((job.county_code,), indicator, department, None, since)
    with job.ledger.connect() as connection:
        counts = leads.counted(connection, wanted)
        rows = leads.standing(connection, wanted, most=most)
    for (code, act), count in sorted(counts.items()):
        typer.echo(f"{INDICATORS[code].word_zh}\t{code}\t{' '.join(ACT_NAMES[act])}\t{count}")
    for row in rows:
        told = (row["lead_id"], row["indicator_code"], row["act"] or "--", row["arose_on"], row["department_code"] or "--")
        typer.echo("\t".join((*told, row["subject_id"], row["evidence"])))


@app.command("show")
def show(lead_id: Annotated[str, typer.Argument(help="疑点编号  the lead")], pack: PackOption, home: HomeOption = None) -> None:
    """一条疑点及其处置经过。 A lead and what was done about it."""
    from mianshen.warehouse import leads

    job = job_of(pack, home=home)
    with job.ledger.connect() as connection:
        found = leads.lead_of(connection, lead_id, county_codes=(job.county_code,))
    if found is None:
        raise MianshenError("LEAD_UNKNOWN", found=lead_id, where=job.county_code)
    row, acts = found
    kind = INDICATORS[row["indicator_code"]]
    say(f"{kind.word_zh}：{kind.zh}", kind.en)
    for name in ("subject_kind", "subject_id", "department_code", "town", "arose_on", "amount_fen", "evidence", "raised_at"):
        typer.echo(f"{name}\t{row[name] if row[name] is not None else '--'}")
    for act in acts:
        typer.echo(
            "\t".join((act["acted_at"], " ".join(ACT_NAMES[act["act"]]), act["actor"], act["department_code"], act["document"]))
        )


@app.command("act")
def act(
    lead_id: Annotated[str, typer.Argument(help="疑点编号  the lead")],
    what: Annotated[LeadAct, typer.Argument(help="问询 答复 排除 属实 移交  what is done")],
    pack: PackOption,
    document: Annotated[str, typer.Option(help="依据文号  the paper")],
    department: Annotated[str, typer.Option(help="办理部门代码  the department that acts")],
    actor: Annotated[str, typer.Option(help="经办人登录名  who acts")],
    home: HomeOption = None,
) -> None:
    """处置一条疑点：问询后答复，核实后排除或属实，属实后移交；每步留痕。 Dispose of a lead; each step is kept."""
    from mianshen.warehouse import leads

    job = job_of(pack, home=home)
    with job.ledger.begin() as connection:
        leads.act_on(
            connection, lead_id, what, county_code=job.county_code, actor=actor, department_code=department, at=job.moment,
            document=document,
        )  # fmt: skip
    say(f"已登记：{ACT_NAMES[what.value][0]} {lead_id}", f"recorded: {what.value} {lead_id}")
