"""The language of a page: Chinese unless the reader chose English, once, in the header; a cookie remembers it for every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from mianshen.core.codes import REASONS, reason
from mianshen.core.leads import Indicator
from mianshen.core.money import show_yuan
from mianshen.warehouse.clock_watch import LIST
from mianshen_airflow.cards import DELIVERY_NAMES, Card
from mianshen_airflow.pages.wording import (
    EVIDENCE_NAMES,
    HAPPENING_NAMES,
    KIND_NAMES,
    LEAD_WORDS,
    OUTCOME_NAMES,
    STATES,
    WAITS_FOR,
)

COOKIE = "mianshen_language"
"""Name of the cookie."""
ASKED = "language"
"""What the switch adds to an address."""
_REMEMBERED = 400 * 86_400


class Language(StrEnum):
    """In which the pages speak."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Speech:
    """One page's language, and what things are called in it."""

    language: Language = Language.ZH
    """In which it speaks."""
    switch: str = "?language=en"
    """Address of the same page in the other language."""

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return "zh-CN" if self.language is Language.ZH else "en"

    def say(self, zh: str, en: str) -> str:
        """One of the two; English begins with a capital."""
        return zh if self.language is Language.ZH else en[:1].upper() + en[1:]

    def one_of(self, both: str) -> str:
        """The half of `中文 English` that this page speaks; the whole where there is no second half."""
        zh, _, en = both.partition(" ")
        return self.say(zh, en or zh)

    def line_of(self, message: str) -> str:
        """The half of a refusal (Chinese and English, a line each or a slash between) that this page speaks."""
        zh, _, en = message.partition("\n" if "\n" in message else "/ ")
        return zh.rstrip() if self.language is Language.ZH or not en else self.say(zh, en)

    def as_of(self, moment: datetime) -> str:
        """When the page was read."""
        return self.say("截至 {at}(北京时间)", "As of {at} (Beijing time)").format(at=f"{moment:%Y-%m-%d %H:%M:%S}")

    def why(self, code: str | None) -> str:
        """A reason of the closed list; empty for none, the code itself for one that is not in it."""
        known = REASONS.get(code or "")
        return self.say(known.zh, known.en) if known else (code or "")

    def remedy(self, code: str) -> str:
        """What to do about a reason of the closed list."""
        known = reason(code)
        return self.say(known.remedy_zh, known.remedy_en)

    def county_name(self, card: Card) -> str:
        """The county."""
        return self.say(card.county_name_zh, card.county_name_en)

    def limit_name(self, card: Card, code: str) -> str:
        """The time limit; its code when the pack no longer has it."""
        return self.say(dict(card.limits).get(code, code), dict(card.limits_en).get(code, code))

    def department_name(self, card: Card, code: str) -> str:
        """The department; its code when the pack no longer has it."""
        return self.say(dict(card.departments).get(code, code), dict(card.departments_en).get(code, code))

    def list_name(self, card: Card, list_code: str) -> str:
        """The feed, or the department's list."""
        known = DELIVERY_NAMES.get(list_code)
        return self.one_of(known) if known else self.say(*card.list_names(list_code))

    def kind_name(self, kind: str) -> str:
        """What a clock is about."""
        return self.say(*KIND_NAMES.get(kind, (kind, kind)))

    def subject_name(self, card: Card, kind: str, subject_id: str) -> str:
        """What a clock is about: a list by its name and month, all else by its kind and number."""
        list_code, _, month = subject_id.partition("|")
        return f"{self.list_name(card, list_code)} {month}" if kind == LIST else f"{self.kind_name(kind)} {subject_id}"

    def lead_name(self, kind: Indicator) -> str:
        """A kind of lead: its word, and what looks wrong."""
        return f"{self.lead_word(kind.word_zh)}{self.say(':', ': ')}{self.say(kind.zh, kind.en)}"

    def lead_word(self, word_zh: str) -> str:
        """The word of source 001 that a kind of lead belongs to."""
        return self.say(word_zh, LEAD_WORDS[word_zh])

    def evidence(self, text: str) -> list[tuple[str, str]]:
        """(what, value) of the evidence `name=value; name=value`, amounts in yuan, codes in words."""
        parts = [part.partition("=") for part in text.split("; ")]
        return [(self.say(*EVIDENCE_NAMES.get(name, (name, name))), self._value(name, value)) for name, _, value in parts]

    def _value(self, name: str, value: str) -> str:
        if name.endswith("_fen"):
            return show_yuan(int(value))
        if name.endswith("_at"):
            return value[:19].replace("T", " ")
        return self.why(value) if name in ("cause", "reason", "held") else value

    def outcome_name(self, code: str) -> str:
        """What was decided; its code where the process has outcomes of its own."""
        return self.say(*OUTCOME_NAMES[code]) if code in OUTCOME_NAMES else code

    def state_name(self, code: str) -> str:
        """How a delivery, a payment or its batch stands."""
        return self.say(*STATES.get(code, (code, code)))

    def words(self) -> dict[str, Any]:
        """What every template may call."""
        named = ("say", "one_of", "as_of", "why", "remedy", "county_name", "limit_name", "department_name", "list_name")
        more = ("kind_name", "subject_name", "lead_name", "lead_word", "evidence", "outcome_name", "state_name")
        return {
            **{name: getattr(self, name) for name in (*named, *more)},
            "happenings": HAPPENING_NAMES,
            "who": WAITS_FOR,
            "speech": self,
        }


async def speaking(
    request: Request,
    language: Annotated[Language | None, Query(description="zh or en from now on; as before when left out")] = None,
) -> Speech:
    """The language asked for in the address, else as the cookie remembers, else Chinese."""
    return _speech(request, language or _remembered(request))


SpeechDep = Annotated[Speech, Depends(speaking)]
"""What a route asks for that shows a page."""


def speech_of(request: Request) -> Speech:
    """As `speaking`, where the address may be one that no route takes."""
    asked = request.query_params.get(ASKED)
    return _speech(request, Language(asked) if asked in tuple(Language) else _remembered(request))


def remember(request: Request, response: Response) -> None:
    """Set the cookie where the address asks for a language; for these pages alone."""
    chosen = request.query_params.get(ASKED)
    if chosen in tuple(Language):
        place, secure = request.scope.get("root_path") or "/", request.url.scheme == "https"
        response.set_cookie(COOKIE, chosen, path=place, max_age=_REMEMBERED, httponly=True, samesite="lax", secure=secure)


def _speech(request: Request, spoken: Language) -> Speech:
    return Speech(spoken, _same_page(request, Language.EN if spoken is Language.ZH else Language.ZH))


def _remembered(request: Request) -> Language:
    kept = request.cookies.get(COOKIE)
    return Language(kept) if kept in tuple(Language) else Language.ZH


def _same_page(request: Request, language: Language) -> str:
    """This address in the other language, filters and all; from an answer to a form back to the page of the form."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != ASKED]
    query = urlencode([*kept, (ASKED, language.value)])
    form = "" if request.method == "GET" else f"../{request.url.path.split('/')[-2]}"
    return f"{form}?{query}"
