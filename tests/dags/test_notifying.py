"""Misses and warnings reach people: by a real mail server, by the webhooks of 企业微信 and 钉钉, once each, and name nobody."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot
from sqlalchemy import Engine
from tests.dags.conftest import COUNTY, DUE, EVERY_WEEKDAY, LIMIT, STARTED, context
from tests.unit.cli.test_demo import free_port
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.errors import MianshenError
from mianshen.core.officers import Level, Officer
from mianshen.core.paths import Home
from mianshen.warehouse.alarms import claim, digest_id, settle, unsettled, untold
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.clock_store import Subject, open_clock, record_event
from mianshen.warehouse.clock_warnings import record_warnings
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.officers import replace
from mianshen_airflow.notifying import AlarmNotifier, NotifyOperator, NotTakenError, channel_name, channels

PACK = "510118_xinjin"
pytestmark = pytest.mark.filterwarnings("ignore:.imghdr. is deprecated:DeprecationWarning")
SECOND = timedelta(seconds=1)
HUNG_UP = 0
"""An answer that never comes: the server took the message and closed the line."""


class Box:
    """What a server on loopback was sent."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], Any]] = []
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.answer = 200

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the server's own name
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    box = Box()
    port = free_port()
    mail = Controller(box, hostname="127.0.0.1", port=port)
    mail.start()
    extra = "disable_ssl=true&disable_tls=true&retry_limit=1"
    monkeypatch.setenv("AIRFLOW_CONN_MIANSHEN_SMTP", f"smtp://127.0.0.1:{port}/?{extra}")

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.posts.append((self.path, json.loads(body)))
            if box.answer == HUNG_UP:
                self.connection.close()
                return
            self.send_response(box.answer)
            self.end_headers()
            self.wfile.write(b'{"errcode":0,"errmsg":"ok"}')

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=web.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{web.server_address[1]}"
    monkeypatch.setattr(NotifyWeComBot, "notify_url", place + "/wecom?key={key}")
    monkeypatch.setattr(NotifyDingTalk, "notify_url", place + "/dingtalk?access_token={token}")
    yield box
    mail.stop()
    web.shutdown()
    web.server_close()


def missed(ledger: Engine, count: int, *, at: datetime = DUE) -> None:
    """So many clocks that nobody closed."""
    with ledger.begin() as connection:
        for number in range(count):
            subject = Subject(COUNTY, "batch", f"B{number}", "civil_affairs")
            open_clock(connection, subject, limit=LIMIT, started=STARTED, calendar=EVERY_WEEKDAY)
        record_misses(connection, COUNTY, as_of=at)


def notify() -> None:
    AlarmNotifier(pack=PACK).notify(context())  # type: ignore[arg-type]


def test_a_digest_by_mail_says_who_is_late_in_chinese_and_is_sent_once(
    ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIANSHEN_NOTIFY_MAIL", "supervisor@example.test, head@example.test")
    missed(ledger, 3)
    notify()
    notify()
    ((to, mail),) = box.mails
    assert to == ["supervisor@example.test", "head@example.test"]
    assert str(make_header(decode_header(mail["Subject"]))) == "【办理时限】成都市新津区:已逾期 3 项"
    text = "".join(part.get_payload(decode=True).decode() for part in mail.walk() if part.get_content_maintype() == "text")
    assert "区民政局,应于 due 2026-11-05 前办结,3 项" in text
    assert text.index("已逾期") < text.index("missed"), "Chinese first"
    assert "B0" not in text, "no subject of a clock"


def test_an_escalation_names_the_officers_of_the_department_and_of_the_town(
    ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R001-01: who answers for a matter is told of it; where nobody was named, the head of the group."""
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef")
    named = [
        Officer(Level.GROUP, "区政府", "组长", "qu_zuzhang"),
        Officer(Level.DEPARTMENT, "civil_affairs", "救助专员", "minzheng_zy"),
        Officer(Level.TOWN, "甲镇", "救助专员", "jia_zy"),
        Officer(Level.TOWN, "乙镇", "救助专员", "yi_zy"),
    ]
    with ledger.begin() as connection:
        replace(connection, named, county_code=COUNTY, sheet_sha256="5" * 64, by="zhang", at=STARTED.isoformat())
        for holder, town in (("civil_affairs", "甲镇"), ("civil_affairs", None), ("union", "乙镇"), ("union", None)):
            subject = Subject(COUNTY, "case_step", f"K{holder}|{town}|1", holder, town)
            open_clock(connection, subject, limit=LIMIT, started=STARTED, calendar=EVERY_WEEKDAY)
        record_misses(connection, COUNTY, as_of=DUE)
    notify()
    told = [
        line.rpartition("officers ")[2] for line in box.posts[0][1]["text"]["content"].splitlines() if "已逾期 missed" in line
    ]
    assert sorted(told) == ["jia_zy、minzheng_zy", "minzheng_zy", "qu_zuzhang", "yi_zy"]


def test_a_later_miss_makes_a_digest_of_itself_alone(ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef")
    missed(ledger, 2)
    notify()
    missed(ledger, 3)
    notify()
    assert ["2 项" in box.posts[0][1]["text"]["content"], "1 项" in box.posts[1][1]["text"]["content"]] == [True, True]
    assert len(box.posts) == 2


def test_work_groups_of_both_kinds_are_told_each_once_and_their_keys_stand_nowhere(
    ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef dingtalk://fedcba9876543210")
    missed(ledger, 1)
    notify()
    notify()
    assert [path.split("?")[0] for path, _ in box.posts] == ["/wecom", "/dingtalk"]
    assert all("已逾期" in json.dumps(body, ensure_ascii=False) for _, body in box.posts)
    with ledger.connect() as connection:
        rows = [dict(row) for row in rows_of(connection)]
    assert verify(rows).problem == "ok"
    assert [row["action"] for row in rows] == ["alarms.sending", "alarms.told"] * 2
    assert not any(key in json.dumps(rows) for key in ("0123456789abcdef", "fedcba9876543210"))


def test_what_a_group_did_not_take_is_sent_again_and_the_others_do_not_hear_twice(
    ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIANSHEN_NOTIFY_MAIL", "supervisor@example.test")
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef")
    missed(ledger, 1)
    box.answer = 500
    with pytest.raises(NotTakenError):
        notify()
    assert len(box.mails) == 1
    box.answer, before = 200, len(box.posts)
    notify()
    notify()
    assert (len(box.mails), len(box.posts) - before) == (1, 1)


def test_warnings_are_told_while_there_is_time_and_not_after(
    ledger: Engine, clock: str, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef")
    with ledger.begin() as connection:
        record_warnings(connection, COUNTY, limits=(LIMIT,), as_of=DUE - timedelta(hours=30))
    notify()
    assert "一日内到期" in box.posts[0][1]["text"]["content"]
    with ledger.begin() as connection:
        record_event(connection, clock, event="closed", at=DUE - SECOND)
        assert untold(connection, COUNTY, channel="another") == [], "who acted in time is not warned any more"


def test_nobody_is_told_where_no_channel_is_set(ledger: Engine, box: Box) -> None:
    missed(ledger, 1)
    NotifyOperator(task_id="notify", pack=PACK).execute(context())  # type: ignore[arg-type]
    assert (channels(), box.mails, box.posts) == ([], [], [])
    assert channel_name("wecombot://KEY") != channel_name("wecombot://OTHER")


KILLED_AFTER_SENDING = """
import os, signal
from mianshen_airflow import notifying
from tests.dags.conftest import context
send = notifying._send
def send_and_die(*said):
    send(*said)
    os.kill(os.getpid(), signal.SIGKILL)
notifying._send = send_and_die
notifying.AlarmNotifier(pack="510118_xinjin").notify(context())
"""


def killed_after_sending() -> None:
    """A task of its own tells the channels and is killed with -9 after the first server took its digest."""
    ended = subprocess.run([sys.executable, "-c", KILLED_AFTER_SENDING], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]


def test_a_sender_that_is_killed_after_sending_sends_nothing_twice(
    ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it arrived: it is shown, not repeated; a person who looked settles it."""
    monkeypatch.setenv("MIANSHEN_NOTIFY_MAIL", "supervisor@example.test")
    missed(ledger, 2)
    killed_after_sending()
    notify()
    ((_, mail),) = box.mails
    with ledger.connect() as connection:
        (waiting,) = unsettled(connection, COUNTY)
    assert waiting.alarms == 2 and mail["Message-ID"] == f"<{waiting.digest_id}@mianshen>"
    with ledger.begin() as connection:
        settle(connection, COUNTY, waiting.digest_id, was_taken=True, actor="engineer", at="2026-11-06T10:00:00+08:00")
    missed(ledger, 3)
    notify()
    assert len(box.mails) == 2 and "1 项" in str(make_header(decode_header(box.mails[1][1]["Subject"])))
    with ledger.connect() as connection:
        assert unsettled(connection, COUNTY) == []


def test_what_did_not_arrive_is_sent_again_when_a_person_says_so(
    ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef")
    missed(ledger, 1)
    box.answer = HUNG_UP
    with pytest.raises(NotTakenError):
        notify()
    box.answer, before = 200, len(box.posts)
    notify()
    assert len(box.posts) == before, "the server may have it"
    with ledger.begin() as connection:
        (waiting,) = unsettled(connection, COUNTY)
        assert "0123456789abcdef" not in repr(waiting)
        settle(connection, COUNTY, waiting.digest_id, was_taken=False, actor="engineer", at="2026-11-06T10:00:00+08:00")
        with pytest.raises(MianshenError, match="DIGEST_UNKNOWN"):
            settle(connection, COUNTY, waiting.digest_id, was_taken=False, actor="engineer", at="2026-11-06T10:00:00+08:00")
    notify()
    notify()
    assert len(box.posts) == before + 1


def test_a_server_that_cannot_be_reached_has_taken_nothing(ledger: Engine, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifyWeComBot, "notify_url", f"http://127.0.0.1:{free_port()}/wecom?key={{key}}")
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", "wecombot://0123456789abcdef")
    missed(ledger, 1)
    with pytest.raises(NotTakenError):
        notify()
    with ledger.connect() as connection:
        assert unsettled(connection, COUNTY) == []
        assert len(untold(connection, COUNTY, channel=channel_name("wecombot://0123456789abcdef"))) == 1


def test_the_command_settles_what_nobody_knows_of_once(ledger: Engine, home: Home) -> None:
    missed(ledger, 1)
    with ledger.begin() as connection:
        claimed = claim(connection, COUNTY, channel="mailto|0011", at="2026-11-06T09:00:00+08:00")
    said = ["clock", "told", digest_id(claimed), "--pack", PACK, "--actor", "engineer", "--again", "--home", str(home.root)]
    first, second = CliRunner().invoke(app, said), CliRunner().invoke(app, said)
    assert first.exit_code == 0, first.output
    assert second.exit_code != 0 and "DIGEST_UNKNOWN" in f"{second.output}{second.exception}"
    with ledger.connect() as connection:
        assert len(untold(connection, COUNTY, channel="mailto|0011")) == 1, "told with the next one"
        assert [row["actor"] for row in rows_of(connection)] == ["system", "engineer"]
