"""Who looked whom up stands in two logs, the bureau's and the supervisor's, and no row of either can be bent unseen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select
from tests.ledgers import disarm
from tests.stages.money_county import County, make_county
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.errors import MianshenError
from mianshen.core.office import Office
from mianshen.stages import disclose
from mianshen.vault.lookups import TABLES, LookupLog, digest_of
from mianshen.vault.tables import create
from mianshen.warehouse.audit import rows_of
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.lookup_anchors import LOOKED_UP, anchor

NAMES = ("甲", "乙", "丙")


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Three persons; the bureau looked each of them up, the supervisor one."""
    made = make_county(tmp_path / "home", NAMES)
    for name in NAMES:
        made.later(minutes=1)
        disclose.look_up(made.job, made.people[name], subject=f"K{name}", purpose="复核", recipient="review")
    made.later(minutes=1)
    watching = replace(made.job, actor="jiwei")
    disclose.look_up_as_supervisor(watching, made.people["乙"], subject="K9", purpose="来信反映")
    return made


def said(county: County, *words: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, [*words, "--home", str(county.job.home.root)])
    if isinstance(ended.exception, MianshenError):
        raise ended.exception
    return ended.exit_code, ended.output


def log_of(county: County, office: Office) -> LookupLog:
    url = county.job.vault_url if office is Office.BUREAU else county.job.supervision_url
    return LookupLog(open_database(url), office)


def bent(county: County, office: Office, how: Callable[[sqlite3.Connection, str], object]) -> None:
    """Change the log as somebody may who owns the file and drops what guards it."""
    log = log_of(county, office)
    path = str(log.engine.url.database)
    log.engine.dispose()
    disarm(path)
    with closing(sqlite3.connect(path)) as connection:
        how(connection, log.table.name)
        connection.commit()


def test_the_bureau_and_the_supervisor_have_logs_of_their_own(county: County) -> None:
    bureau, supervisor = (log_of(county, office).rows() for office in Office)
    assert [json.loads(row["person_keys"]) for row in bureau] == [[county.people[name]] for name in NAMES]
    assert [(row["actor"], row["purpose"], row["recipient"]) for row in supervisor] == [("jiwei", "K9: 来信反映", "jiwei")]
    assert Path(county.job.home.supervision).stat().st_mode & 0o777 == 0o700
    assert "supervisor_lookup_log" not in Path(county.job.home.vault / "vault.db").read_text("latin-1")


def test_the_audit_chain_tells_nothing_of_whom_the_supervisor_looked_up(county: County) -> None:
    with county.job.ledger.connect() as connection:
        rows = [row for row in rows_of(connection) if row["subject"].startswith("supervisor:")]
    assert [(row["action"], row["actor"], set(json.loads(row["detail"]))) for row in rows] == [
        (LOOKED_UP, "supervisor", {"digest"})
    ]
    with county.job.ledger.connect() as connection:
        whole = json.dumps(rows_of(connection), ensure_ascii=False)
    assert "K9" not in whole and "来信反映" not in whole and "jiwei" not in whole


def test_nothing_opens_when_the_chain_cannot_be_told(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("mianshen.vault.register.Register.records", lambda *_: opened.append("opened"))
    monkeypatch.setattr("mianshen.warehouse.lookup_anchors.audit.append", _broken)
    with pytest.raises(OSError, match="no ledger"):
        disclose.look_up(county.job, county.people["甲"], subject="K", purpose="复核", recipient="review")
    assert not opened


def _broken(*_args: object, **_kwargs: object) -> None:
    raise OSError("no ledger")


def test_the_same_act_tried_again_is_one_look_up(county: County) -> None:
    before = len(log_of(county, Office.BUREAU).rows())
    for _ in range(2):
        disclose.look_up(county.job, county.people["甲"], subject="K", purpose="复核", recipient="review")
    assert len(log_of(county, Office.BUREAU).rows()) == before + 1
    with county.job.ledger.connect() as connection:
        subjects = [row["subject"] for row in rows_of(connection) if row["action"] == LOOKED_UP]
    assert len(subjects) == len(set(subjects)) == before + 2


def test_logs_that_nobody_touched_are_as_the_chain_says(county: County) -> None:
    code, told = said(county, "audit", "verify")
    assert code == 0 and "本局查名记录与审计链相符:3 条" in told and "监督查名记录与审计链相符:1 条" in told


BENDINGS: dict[str, tuple[str, str]] = {
    "purpose": ("update {table} set purpose = 'K1: 其他' where lookup_no = 1", "第 1 条:内容被改动"),
    "persons": ("update {table} set person_keys = '[]', persons = 0 where lookup_no = 1", "第 1 条:内容被改动"),
    "first gone": ("delete from {table} where lookup_no = 1", "第 1 条:审计链记有此条"),
    "all gone": ("delete from {table}", "第 1 条:审计链记有此条"),
}


@pytest.mark.parametrize("office", Office)
@pytest.mark.parametrize("bending", BENDINGS)
def test_a_look_up_that_was_changed_or_removed_is_found(county: County, office: Office, bending: str) -> None:
    statement, expected = BENDINGS[bending]
    bent(county, office, lambda connection, table: connection.execute(statement.format(table=table)))
    code, told = said(county, "audit", "verify")
    assert code == 1
    assert f"{'本局' if office is Office.BUREAU else '监督'}查名记录{expected}" in told


def test_a_middle_row_that_was_taken_out_and_the_log_chained_anew_is_found(county: County) -> None:
    def forge(connection: sqlite3.Connection, table: str) -> None:
        rows = log_of(county, Office.BUREAU).rows()
        last = {**rows[2], "lookup_no": 2, "previous": rows[0]["digest"]}
        connection.execute(f"delete from {table} where lookup_no > 1")
        columns = ", ".join(last)
        put = f"insert into {table} ({columns}) values ({', '.join(f':{name}' for name in last)})"
        connection.execute(put, {**last, "digest": digest_of(last)})

    bent(county, Office.BUREAU, forge)
    code, told = said(county, "audit", "verify")
    assert code == 1 and "第 2 条:内容被改动" in told and "第 3 条:审计链记有此条" in told


def put_in(county: County) -> int:
    """A look-up that nobody made, chained as the log chains: only the audit chain does not know it."""
    log = log_of(county, Office.BUREAU)
    last = log.rows()[-1]
    forged = {**last, "lookup_no": last["lookup_no"] + 1, "actor": "somebody_else", "previous": last["digest"]}
    with log.engine.begin() as connection:
        connection.execute(insert(log.table).values(**{**forged, "digest": digest_of(forged)}))
    return int(forged["lookup_no"])


def test_a_look_up_that_was_put_in_is_found_even_after_others_followed_it(county: County) -> None:
    number = put_in(county)
    county.later(minutes=1)
    disclose.look_up(county.job, county.people["甲"], subject="K", purpose="复核", recipient="review")
    code, told = said(county, "audit", "verify")
    assert code == 1 and f"本局查名记录第 {number} 条:审计链没有此条" in told and told.count("审计链没有此条") == 1


def test_a_look_up_whose_task_died_is_answered_for_by_somebody(county: County) -> None:
    number = put_in(county)
    assert said(county, "audit", "verify")[0] == 1
    assert said(county, "vault", "explain", "bureau", str(number), "--actor", "engineer")[0] == 0
    assert said(county, "audit", "verify")[0] == 0
    with county.job.ledger.connect() as connection:
        assert [(row["action"], row["actor"]) for row in rows_of(connection)][-1] == ("vault.lookup_explained", "engineer")
    with pytest.raises(MianshenError, match="LOOKUP_UNKNOWN"):
        said(county, "vault", "explain", "bureau", "99", "--actor", "engineer")


def test_each_log_says_who_may_read_it_and_names_nobody(county: County) -> None:
    code, told = said(county, "vault", "lookups")
    assert code == 0 and "监督人员、本局数据工程师" in told and "K甲: 复核" in told
    assert not any(key in told for key in county.people.values())
    code, told = said(county, "vault", "lookups", "--log", "supervisor")
    assert code == 0 and "可阅:监督人员;" in told and "jiwei" in told


def test_an_account_that_may_not_read_a_log_is_told_so_and_the_rest_is_checked(county: County) -> None:
    county.job.home.supervision.joinpath("lookups.db").write_bytes(b"closed " * 1000)
    with pytest.raises(MianshenError, match="LOOKUPS_CLOSED"):
        said(county, "vault", "lookups", "--log", "supervisor")
    code, told = said(county, "audit", "verify")
    assert code == 0 and "监督查名记录:此账号不能阅读,未核对" in told and "本局查名记录与审计链相符" in told


def test_what_was_logged_before_there_was_a_chain_is_its_beginning(tmp_path: Path) -> None:
    made = make_county(tmp_path / "home", NAMES)
    engine = open_database(made.job.vault_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table lookup_log")
        columns = "lookup_no integer primary key, looked_up_at text, actor text, purpose text, recipient text"
        connection.exec_driver_sql(f"create table lookup_log ({columns}, fields text, persons integer, person_keys text)")
        for number in (1, 2):
            connection.exec_driver_sql("insert into lookup_log values (?, 't', 'a', 'p', 'r', 'name', 1, '[]')", (number,))
    create(engine)
    disclose.look_up(made.job, made.people["甲"], subject="K", purpose="复核", recipient="review")
    assert said(made, "audit", "verify")[0] == 0
    log = log_of(made, Office.BUREAU)
    with log.engine.begin() as connection:
        connection.execute(delete(log.table).where(log.table.c.lookup_no == 1))
    code, told = said(made, "audit", "verify")
    assert code == 1 and "第 3 条:前后不相接" in told
    with log.engine.connect() as connection:
        assert connection.execute(select(TABLES[Office.BUREAU].c.digest)).scalars().all()[0] is None


def test_an_anchor_stands_once(county: County) -> None:
    with county.job.ledger.begin() as connection:
        before = len(rows_of(connection))
        anchor(connection, "bureau:1", "another", at=county.job.moment, actor="system")
        assert len(rows_of(connection)) == before
