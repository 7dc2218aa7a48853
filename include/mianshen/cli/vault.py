"""`mianshen vault`: who looked whom up, keys, copies. The only commands that open the vault, with `init` and `doctor`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError
from mianshen.core.office import Office
from mianshen.core.paths import Home
from mianshen.core.secret import secret_in_file

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from mianshen.vault.rotation import Vault

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
    from mianshen.cli.jobs import now_text
    from mianshen.cli.lookups import log_rows
    from mianshen.vault.lookups import subject_of
    from mianshen.warehouse import lookup_anchors

    place = home_at(home)
    row = next((row for row in log_rows(place, log) if row["lookup_no"] == lookup_no), None)
    if row is None or row["digest"] is None:
        raise MianshenError("LOOKUP_UNKNOWN", found=str(lookup_no), where=f"{log} log")
    with _ledger(home).begin() as connection:
        said = {"at": now_text(), "actor": actor, "action": lookup_anchors.EXPLAINED}
        lookup_anchors.anchor(connection, subject_of(log, lookup_no), row["digest"], **said)
    say(f"已补记第 {lookup_no} 条", f"look-up {lookup_no} stands in the audit chain")


@app.command("rotate")
def rotate(
    actor: Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who does it")],
    index: Annotated[bool, typer.Option("--index", help="换索引密钥  the index key")] = False,
    data: Annotated[bool, typer.Option("--data", help="换数据密钥,重新密封  the data key: everything is sealed anew")] = False,
    secret: Annotated[bool, typer.Option("--secret", help="换主密钥  the secret that wraps the others")] = False,
    old_secret_file: Annotated[
        Path | None, typer.Option(help="原主密钥所在文件(0600),主密钥不在密钥文件里时  file with the former secret")
    ] = None,
    home: HomeOption = None,
) -> None:
    """更换密钥,不丢一条对应关系;不指明则全换,中断后再运行即接着做。 Exchange keys, no link lost; run again to resume."""
    from mianshen.vault import rotation

    place, vault = home_at(home), _opened(home)
    every = not (index or data or secret)
    old = secret_in_file(old_secret_file)() if old_secret_file else None
    if secret or every:
        rotation.rewrap(vault, old_secret=old)
    done = rotation.rotate(vault, index=index or every, data=data or every)
    versions = {"index_version": done.keyring.index_version, "data_version": done.keyring.data_version}
    detail = {**versions, "persons": done.persons, "files": done.files, "is_secret_new": secret or every}
    _note(place, "vault.rotated", actor, detail)
    say(
        f"已更换:{done.persons} 人、{done.files} 个文件;旧密钥仍在密钥文件里,确认无误后运行 mianshen vault drop-keys",
        f"exchanged: {done.persons} persons, {done.files} files; old keys are still there, until mianshen vault drop-keys",
    )


@app.command("drop-keys")
def drop_keys(
    actor: Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who does it")],
    home: HomeOption = None,
) -> None:
    """丢弃旧密钥及只有旧密钥能用的内容;此前的备份从此打不开。 Drop old keys: copies from before the exchange open no more."""
    from mianshen.vault import rotation

    dropped = rotation.drop(_opened(home))
    _note(home_at(home), "vault.keys_dropped", actor, {"keys": dropped})
    say(f"已丢弃 {dropped} 个旧密钥", f"{dropped} old keys dropped")


@app.command("backup")
def back_up(
    path: Annotated[Path, typer.Argument(help="写到哪个新目录  new folder for persons and custody")],
    keys: Annotated[Path, typer.Option(help="密钥备份文件,另放一处  the keys, sealed: keep it elsewhere")],
    code: Annotated[
        Path, typer.Option(help="恢复码文件(0600),没有则生成;打印后锁入保险柜  recovery code, made if there is none")
    ],
    actor: Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who does it")],
    home: HomeOption = None,
) -> None:
    """备份保密库:人员和留存一处,密钥另一处,恢复码再一处。 Copy the vault; keys apart from data, the code apart from both."""
    from mianshen.cli.jobs import now_text
    from mianshen.vault import backup

    vault = _opened(home)
    backup.make_code(code, vault.entropy)
    made = backup.back_up(vault, path, made_at=now_text())
    backup.back_up_keys(vault, keys, code=secret_in_file(code)())
    detail = {"persons": made.persons, "files": made.files, "manifest_sha256": made.manifest_sha256}
    _note(home_at(home), "vault.backed_up", actor, detail)
    say(
        f"已备份:{made.persons} 人、{made.files} 个文件,清单 SHA-256 {made.manifest_sha256}",
        f"copied: {made.persons} persons, {made.files} files; keys and recovery code belong in two other places",
    )


@app.command("restore")
def restore(
    path: Annotated[Path, typer.Argument(help="备份目录  folder of the copy")],
    keys: Annotated[Path, typer.Option(help="密钥备份文件  the sealed keys")],
    code: Annotated[Path, typer.Option(help="恢复码文件(0600)  file with the recovery code")],
    actor: Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who does it")],
    accept_lost: Annotated[int, typer.Option(help="接受丢失多少人的对应关系  persons whose link may be lost")] = 0,
    home: HomeOption = None,
) -> None:
    """恢复到空的保密库;不完整、不配套、过旧的备份一律拒绝。 Put a copy into an empty vault, if it is whole and new."""
    from mianshen.vault import backup
    from mianshen.warehouse.people_known import people_of_ledger

    with _ledger(home).connect() as connection:
        known = people_of_ledger(connection)
    place = home_at(home)
    place.make()
    told = secret_in_file(code)()
    made = backup.restore(_opened(home), path, keys=keys, code=told, known=known, accepted_lost=accept_lost)
    _note(place, "vault.restored", actor, {"persons": made.persons, "files": made.files, "manifest_sha256": made.manifest_sha256})
    say(f"已恢复:{made.persons} 人、{made.files} 个文件", f"restored: {made.persons} persons, {made.files} files")


def _opened(home: Path | None) -> Vault:
    from mianshen.stages.frame import read_settings
    from mianshen.vault.rotation import Vault
    from mianshen.vault.tables import create
    from mianshen.warehouse.connect import VAULT, open_database

    place = home_at(home)
    engine = open_database(read_settings(place).get("vault_url") or place.vault_url, schema=VAULT)
    create(engine)
    return Vault(place, engine, os.urandom)


def _note(place: Home, action: str, actor: str, detail: dict[str, Any]) -> None:
    """One row of the audit chain about the vault; versions and counts only."""
    from mianshen.cli.jobs import now_text
    from mianshen.warehouse import audit

    with _ledger(place.root).begin() as connection:
        audit.append(connection, [audit.Entry(action, "vault", detail)], at=now_text(), actor=actor)


def _ledger(home: Path | None) -> Engine:
    from mianshen.cli.audit import ledger_of

    return ledger_of(home)
