"""The page as HTML: one template, every value escaped, no script from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from airflow.configuration import conf
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from mianshen.core.codes import REASONS
from mianshen.core.codes.clocks import GROUNDS
from mianshen.core.leads import ACT_NAMES, INDICATORS, LeadAct
from mianshen.core.money import show_yuan
from mianshen.core.outlook import AHEAD_DAYS, LOOK_BACK_DAYS, Pace
from mianshen.core.radar import SIGNALS
from mianshen.core.reviews import PAYER_NAMES
from mianshen.core.window import MOST_FOUND, PURPOSE_NAMES, SHOWN_MINUTES, SOUGHT_NAMES
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.ahead import Ahead
from mianshen_airflow.pages.cases import CaseStory, Opened
from mianshen_airflow.pages.charts import HIGH, WIDE
from mianshen_airflow.pages.clocks import Docket, Story, late_days, place_of
from mianshen_airflow.pages.counties import CountyBoard, Names, county_names
from mianshen_airflow.pages.desk import Desk
from mianshen_airflow.pages.fresh import Fresh
from mianshen_airflow.pages.leads import MOST_SHOWN, LeadList, LeadStory
from mianshen_airflow.pages.operations import CountyOperations, dag_address
from mianshen_airflow.pages.permits import Clerk, Reader
from mianshen_airflow.pages.radar import MOST_SHOWN as MOST_SIGNALS
from mianshen_airflow.pages.radar import NO_TOWN, Radar
from mianshen_airflow.pages.speech import Speech
from mianshen_airflow.pages.tokens import form_mark
from mianshen_airflow.pages.wording import EVENT_NAMES, STATE_NAMES

COLOURS = {"overdue": "bad", "met_late": "bad", "due_soon": "busy", "open": "busy", "paused": "", "met": "good", "exempted": ""}
"""How the states of clocks are coloured; each is also said in words."""


DEMO_LOGINS = "SimpleAuthManager"
"""Airflow's own auth manager for trying things out."""
HEADLINE = [
    (state, *STATE_NAMES[state], COLOURS[state]) for state in ("overdue", "due_soon", "met_late", "open", "met", "exempted")
]
"""States at the top of a county; each number leads to its clocks."""


@cache
def _template(name: str) -> Template:
    folder = Path(__file__).parent
    made = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.globals["is_demo"] = is_demo
    return made.get_template(name)


def _render(name: str, speech: Speech, **shown: Any) -> str:
    """The page in its language; `told` is an error's message, of which one line is shown."""
    said = {"told": speech.line_of(shown["told"])} if "told" in shown else {}
    return _template(name).render(**{**shown, **said, **speech.words(), "speech": speech})


def is_demo() -> bool:
    """Whether people sign in with Airflow's simple logins, which are for demonstration alone."""
    return str(conf.get("core", "auth_manager")).endswith(DEMO_LOGINS)


def page(boards: Sequence[CountyBoard], *, names: Names, fresh: Fresh, speech: Speech) -> str:
    """The supervisor's page of these counties; `names` are all counties, for the choice at the top, `fresh` is what is new."""
    return _render(
        "supervisor.html",
        speech,
        boards=boards,
        names=names,
        yuan=show_yuan,
        totals=totals,
        payer=PAYER_NAMES,
        root="",
        headline=HEADLINE,
        fresh=fresh,
        **_WORDS,
        indicators=INDICATORS,
    )


def docket_page(found: Docket, *, speech: Speech) -> str:
    """The register of clocks under its filters."""
    chosen = [card for card in found.cards.values() if found.asked.county in ("", card.pack)]
    return _render(
        "clocks.html",
        speech,
        docket=found,
        after=place_of(found.page),
        limits=sorted({(code, (zh, dict(card.limits_en)[code])) for card in chosen for code, zh in card.limits}),
        departments=_departments(chosen),
        heat=_heat,
        late_days=late_days,
        root="",
        **_WORDS,
    )


def story_page(story: Story, *, reader: Reader, speech: Speech, told: str = "") -> str:
    """One clock with everything that happened to it and what the reader may do; `told` says why an act was not taken."""
    return _render(
        "clock.html",
        speech,
        story=story,
        root="../",
        told=told,
        mark=form_mark(reader.login),
        applies=story.may_be_applied_for and reader.answers_for(story.card) == story.clock["holder_department"],
        decides=story.waits_for_a_decision and reader.judges(story.card) and story.applicant != reader.login,
        grounds=[(one, REASONS[one]) for one in GROUNDS],
        **_WORDS,
    )


HEADINGS = {
    401: ("请先登录", "sign in first"),
    403: ("没有权限", "not allowed"),
    404: ("没有找到", "not found"),
    422: ("写法不对", "not understood"),
}
"""What is said above a refusal; anything else is that the page cannot be shown now."""


def refused_page(status: int, message: str, *, root: str, speech: Speech) -> str:
    """A refusal as a person reads it: `message` says why, in both languages."""
    heading = speech.say(*HEADINGS.get(status, ("暂时无法显示", "it cannot be shown now")))
    return _render("refused.html", speech, status=status, heading=heading, told=message, root=root)


def ahead_page(found: Ahead, *, names: Names, county: str, speech: Speech) -> str:
    """预判: who will miss what, and the burn-down charts."""
    return _render(
        "ahead.html",
        speech,
        ahead=found,
        names=names,
        county=county,
        root="",
        look_back=LOOK_BACK_DAYS,
        ahead_days=AHEAD_DAYS,
        pace_text=pace_text,
        wide=WIDE,
        high=HIGH,
        **_WORDS,
    )


def operations_page(found: Sequence[CountyOperations], *, names: Names, county: str, speech: Speech) -> str:
    """运维: feeds by period, who is waited for, the safe re-run of each."""
    return _render(
        "operations.html",
        speech,
        found=found,
        names=names,
        county=county,
        root="",
        dag_address=dag_address,
    )


def case_page(story: CaseStory, *, reader: Reader, speech: Speech, opened: Opened | None = None, told: str = "") -> str:
    """一案一卡; `opened` is a name that was looked up for this very page, `told` says why one was not."""
    return _render(
        "case.html",
        speech,
        story=story,
        root="../",
        told=told,
        opened=opened,
        mark=form_mark(reader.login),
        may_open=story.file.person_key is not None and reader.judges(story.card),
        may_pack=reader.judges(story.card),
        yuan=show_yuan,
        **_WORDS,
    )


def pace_text(pace: Pace) -> str:
    """Clocks a working day with one decimal, rounded down."""
    tenths = pace.done * 10 // pace.days
    return f"{tenths // 10}.{tenths % 10}"


def radar_page(found: Radar, *, speech: Speech) -> str:
    """Signals that somebody should be helped, and who waits to be asked."""
    return _render(
        "radar.html", speech, found=found, signals=SIGNALS, most=MOST_SIGNALS, no_town=NO_TOWN, yuan=show_yuan, root="", **_WORDS
    )


def desk_page(desk: Desk, *, clerk: Clerk, speech: Speech) -> str:
    """The window: the form, whom it found, or what one person is told."""
    return _render(
        "desk.html",
        speech,
        desk=desk,
        clerk=clerk,
        mark=form_mark(clerk.login),
        names=county_names(),
        sought=SOUGHT_NAMES,
        purposes=PURPOSE_NAMES,
        minutes=SHOWN_MINUTES,
        most=MOST_FOUND,
        yuan=show_yuan,
        root=desk.root,
    )


def leads_page(found: LeadList, *, since: str, speech: Speech) -> str:
    """监督疑点 under their filters; `since` is the end of the reader's last visit."""
    chosen = [card for card in found.cards.values() if found.asked.county in ("", card.pack)]
    return _render(
        "leads.html", speech, found=found, departments=_departments(chosen), most=MOST_SHOWN, root="", since=since, **_LEAD_WORDS
    )


def lead_page(story: LeadStory, *, reader: Reader, speech: Speech, told: str = "") -> str:
    """One lead, what was done about it, and what the reader may do; `told` says why an act was not taken."""
    own = reader.answers_for(story.card)
    answers = own is not None and story.lead["department_code"] in (None, own)
    may = [one for one in story.possible() if (answers if one is LeadAct.ANSWERED else reader.judges(story.card))]
    return _render(
        "lead.html", speech, story=story, root="../", told=told, mark=form_mark(reader.login), may=may, own=own, **_LEAD_WORDS
    )


_LEAD_WORDS = {"indicators": INDICATORS, "acts": ACT_NAMES, "yuan": show_yuan}
_WORDS = {"states": STATE_NAMES, "events": EVENT_NAMES, "colours": COLOURS}


def _departments(chosen: Sequence[Card]) -> list[tuple[str, tuple[str, str]]]:
    """Departments to choose from: code, then the name in Chinese and English."""
    return sorted({(code, (zh, dict(card.departments_en)[code])) for card in chosen for code, zh in card.departments})


def _heat(misses: int) -> str:
    """The shade of a day: none, 1 or 2, up to 9, more."""
    return ("rest", "h1", "h2", "h3")[(misses > 0) + (misses > 2) + (misses > 9)]


def totals(board: CountyBoard) -> dict[str, int]:
    """The figures at the top of a county: overdue, running, in time, waiting for approval, paid payments and fen."""
    sent = [one for one in board.payments if one.state == "sent"]
    return {
        **{
            state: sum(getattr(one, state) for one in board.limits)
            for state in ("overdue", "met_late", "due_soon", "met", "exempted")
        },
        "open": sum(one.open - one.due_soon - one.paused for one in board.limits),
        "waiting": sum(one.waiting for one in board.approvals),
        "payments": sum(one.payments for one in sent),
        "paid_fen": sum(one.amount_fen for one in sent),
    }
