"""一案一卡: the whole story under any of its numbers, nobody named; a name opens for a purpose only, logged first."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, inspect, select, text
from tests.dags.conftest import Browser, signed_in_as
from tests.dags.test_deadlines import PACK
from tests.dags.test_disposal import tokens
from tests.stages.conftest import agree_all as agree_all
from tests.stages.money_county import County, Line, make_county

from mianshen.stages import apply, pay
from mianshen.warehouse.evidence import check
from mianshen.warehouse.ledger import APPLICATION, AUDIT, AWARD_POSTING, PAYMENT, PAYMENT_LINE

NAMES = ("欧阳测试甲", "欧阳测试乙")


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agree_all: Callable[[County], None]) -> County:
    """Two people with relief of two departments, agreed to and sent to the bank."""
    made = make_county(tmp_path / "home", NAMES)
    first, second = NAMES
    made.assess([Line(first, "e1", 10_000), Line(first, "e1", 2_050, "special_disabled"), Line(second, "e2", 700)])
    apply.run(made.job)
    agree_all(made)
    made.later(hours=1)
    pay.run(made.job)
    settings = {"counties": {PACK: {"go_live_on": "2026-10-01"}}}
    (made.job.home.root / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    monkeypatch.setenv("MIANSHEN_HOME", str(made.job.home.root))
    monkeypatch.setenv("MIANSHEN_AS_OF", made.job.as_of.isoformat())
    return made


@pytest.fixture
def browser(county: County, login: None) -> Iterator[Browser]:
    with signed_in_as("supervisor", judges=True) as found:
        yield found


def application(county: County, name: str) -> str:
    with county.job.ledger.connect() as connection:
        query = select(APPLICATION.c.application_id).where(APPLICATION.c.person_key == county.people[name])
        return str(connection.execute(query).scalar_one())


def ask_for_name(browser: Browser, key: str, *, login: str = "supervisor", **said: str) -> httpx.Response:
    return browser.request("POST", f"/cases/{key}/name", data={"mark": tokens.form_mark(login), **said})


def lookups(county: County) -> list[tuple[str, str, str]]:
    """What supervisors looked up, as their own log says."""
    engine = create_engine(county.job.supervision_url)
    with engine.connect() as connection:
        if not inspect(engine).has_table("supervisor_lookup_log"):
            return []
        query = "select actor, purpose, person_keys from supervisor_lookup_log order by lookup_no"
        rows = connection.execute(text(query)).all()
    engine.dispose()
    return [(row[0], row[1], row[2]) for row in rows]


def test_a_card_tells_the_story_from_the_approval_to_the_bank(browser: Browser, county: County) -> None:
    key = application(county, NAMES[0])
    page = browser.get(f"/cases/{key}").text
    assert "one matter" not in page, "one language a page"
    for said in ("120.50", "区民政局", "区残疾人联合会", "同意", "已送银行", "special_disabled", "审计链", "立案"):
        assert said in page, said
    with county.job.ledger.connect() as connection:
        awards = connection.execute(select(AWARD_POSTING.c.award_id).where(AWARD_POSTING.c.application_id == key)).scalars().all()
        clocks = page.count('href="../clocks/C')
        others = connection.execute(select(AWARD_POSTING.c.award_id).where(AWARD_POSTING.c.application_id != key)).scalars().all()
    assert len(awards) == 2 and all(one in page for one in awards), "each award"
    assert others and not any(one in page for one in others), "and nobody else's"
    assert clocks >= 3, "of the money, and of both departments' batches"


def test_any_number_of_it_leads_to_the_card(browser: Browser, county: County) -> None:
    key = application(county, NAMES[0])
    with county.job.ledger.connect() as connection:
        row = connection.execute(select(APPLICATION.c.receipt_no).where(APPLICATION.c.application_id == key)).scalar_one()
        award = select(AWARD_POSTING.c.award_id, AWARD_POSTING.c.approval_item_id).where(AWARD_POSTING.c.application_id == key)
        award_id, item_id = connection.execute(award.limit(1)).one()
        paid = select(PAYMENT.c.payment_id).join(PAYMENT_LINE, PAYMENT_LINE.c.payment_id == PAYMENT.c.payment_id)
        payment_id = connection.execute(paid.where(PAYMENT_LINE.c.award_id == award_id)).scalar_one()
    for number in (row, award_id, item_id, payment_id):
        answer = browser.get(f"/cases/{number}")
        assert answer.status_code == 200 and key in answer.text, number
    assert browser.get("/cases/A-none").status_code == 404


def test_nobody_is_named_until_a_purpose_is_logged(browser: Browser, county: County) -> None:
    key = application(county, NAMES[0])
    before = lookups(county)
    page = browser.get(f"/cases/{key}").text
    assert "已遮蔽" in page and NAMES[0] not in page and lookups(county) == before, "looking opens nothing"
    answer = ask_for_name(browser, key, purpose="核实来信反映的问题")
    assert answer.status_code == 200 and NAMES[0] in answer.text and NAMES[1] not in answer.text
    assert "********" in answer.text, "the id number keeps its stars"
    (entry,) = set(lookups(county)) - set(before)
    assert entry == ("supervisor", f"{key}: 核实来信反映的问题", json.dumps([county.people[NAMES[0]]]))
    with county.job.ledger.connect() as connection:
        told = select(AUDIT.c.actor).where(AUDIT.c.subject == "supervisor:1", AUDIT.c.action == "vault.looked_up")
        assert connection.execute(told).scalar_one() == "supervisor", "the chain knows of it, not whom it was about"
    assert NAMES[0] not in browser.get(f"/cases/{key}").text, "it is shown once"


def test_an_evidence_package_leaves_the_page_checks_offline_and_stands_in_the_chain(browser: Browser, county: County) -> None:
    key = application(county, NAMES[0])
    assert "下载证据包" in browser.get(f"/cases/{key}").text
    answer = browser.request("POST", f"/cases/{key}/package", data={"mark": tokens.form_mark("supervisor")})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{key}.zip"'
    _, faults = check(answer.content, expected=None, where="package.zip")
    assert faults == []
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert not any(name in package.read(part).decode() for part in package.namelist() for name in NAMES)
    with county.job.ledger.connect() as connection:
        told = select(AUDIT.c.actor, AUDIT.c.detail).where(AUDIT.c.subject == key, AUDIT.c.action == "evidence.packed")
        ((actor, detail),) = connection.execute(told).all()
    assert actor == "supervisor" and hashlib.sha256(answer.content).hexdigest() in str(detail)


def test_who_may_not_judge_takes_no_evidence(county: County, login: None) -> None:
    key = application(county, NAMES[0])
    with signed_in_as("reader") as reader:
        assert "证据包" not in reader.get(f"/cases/{key}").text
        assert reader.request("POST", f"/cases/{key}/package", data={"mark": tokens.form_mark("reader")}).status_code == 403
        assert reader.request("POST", f"/cases/{key}/package").status_code == 403


@pytest.mark.parametrize("said", [{}, {"purpose": " "}, {"purpose": "x"}, {"purpose": "查 100999199001010012"}])
def test_without_a_purpose_no_name(browser: Browser, county: County, said: dict[str, str]) -> None:
    key, before = application(county, NAMES[0]), lookups(county)
    answer = ask_for_name(browser, key, **said)
    assert answer.status_code == 422 and NAMES[0] not in answer.text
    assert lookups(county) == before


def test_who_may_not_judge_opens_no_name(county: County, login: None) -> None:
    key, before = application(county, NAMES[0]), lookups(county)
    with signed_in_as("reader") as reader:
        assert 'name="purpose"' not in reader.get(f"/cases/{key}").text
        assert ask_for_name(reader, key, login="reader", purpose="好奇心").status_code == 403
        assert reader.request("POST", f"/cases/{key}/name", data={"purpose": "好奇心"}).status_code == 403
    assert lookups(county) == before


def test_a_clock_leads_to_the_card_and_to_the_task_with_its_log(browser: Browser, county: County) -> None:
    key = application(county, NAMES[0])
    page = browser.get(f"/cases/{key}").text
    clocks = {part.split('"')[0] for part in page.split('href="../clocks/')[1:]}
    shown = [browser.get(f"/clocks/{clock}").text for clock in clocks]
    assert any(f'href="../cases/{key}"' in one for one in shown)
    assert all(f"/dags/{PACK}__deadlines/runs/" in one and "/tasks/watch" in one for one in shown)
