"""`mianshen vault`: who looked whom up, keys, copies. The only commands that open the vault, with `init` and `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError
from mianshen.core.office import Office

app = typer.Typer(help="保密库:查名记录、密钥、备份 the vault", no_args_is_help=True)


@app.command("lookups")
def lookups(
    log: Annotated[Office, typer.Option(help="谁的查名记录  whose look-ups")] = Office.BUREAU,
    home: HomeOption = None,
) -> None:
    """列出查名记录:本局的给监督看,监督的不给本局看。 Who opened whose name, for those who may read it."""
    from mianshen.cli.lookups import show

    show(home_at(home), log)


@app.command("explain")
def explain(
    log: Annotated[Office, typer.Argument(help="谁的查名记录  whose look-ups")],
    lookup_no: Annotated[int, typer.Argument(help="第几条  which")],
    actor: Annotated[str, typer.Option(help="说明人账号,记入审计链  login of who answers for it")],
    home: HomeOption = None,
) -> None:
    """任务中断而未入审计链的查名,由人说明后补记。 Answer for a look-up whose task died before the chain named it."""
    from mianshen.cli.audit import ledger_of
    from mianshen.cli.jobs import now_text
    from mianshen.cli.lookups import log_rows
    from mianshen.vault.lookups import subject_of
    from mianshen.warehouse import lookup_anchors

    place = home_at(home)
    row = next((row for row in log_rows(place, log) if row["lookup_no"] == lookup_no), None)
    if row is None or row["digest"] is None:
        raise MianshenError("LOOKUP_UNKNOWN", found=str(lookup_no), where=f"{log} log")
    with ledger_of(home).begin() as connection:
        said = {"at": now_text(), "actor": actor, "action": lookup_anchors.EXPLAINED}
        lookup_anchors.anchor(connection, subject_of(log, lookup_no), row["digest"], **said)
    say(f"已补记第 {lookup_no} 条", f"look-up {lookup_no} stands in the audit chain")
