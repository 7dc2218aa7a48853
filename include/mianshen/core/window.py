"""窗口查询, the window's queries: what a clerk may look for and why, and the answers that a page or a paper shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from mianshen.core.codes import reason
from mianshen.core.money import show_yuan


class Sought(StrEnum):
    """By what somebody is looked for."""

    CERTNO = "certno"
    """The whole id number."""
    NAME = "name"
    """The whole name."""
    AMOUNT = "amount"
    """An amount that somebody was paid, to the fen."""


class Purpose(StrEnum):
    """Why a clerk looks; one is chosen for every look."""

    IN_PERSON = "in_person"
    FAMILY = "family"
    PHONE = "phone"
    LETTER = "letter"
    REVIEW = "review"
    RETURNED = "returned"


SOUGHT_NAMES: Mapping[Sought, tuple[str, str]] = {
    Sought.CERTNO: ("身份证号", "id number"),
    Sought.NAME: ("姓名", "name"),
    Sought.AMOUNT: ("到账金额", "amount paid"),
}
"""What the page calls them, Chinese and English."""
PURPOSE_NAMES: Mapping[Purpose, tuple[str, str]] = {
    Purpose.IN_PERSON: ("本人到窗口询问", "the person asks at the window"),
    Purpose.FAMILY: ("家属持委托书询问", "a relative asks, with a written authority"),
    Purpose.PHONE: ("来电核实身份后答复", "answer to a call, identity checked"),
    Purpose.LETTER: ("来信来访答复", "answer to a letter or complaint"),
    Purpose.REVIEW: ("受理复核申请", "a review is asked for"),
    Purpose.RETURNED: ("退汇更正账号", "an account is corrected after a return"),
}
"""The same of purposes."""
SEARCHES_AN_HOUR = 60
"""Looks of one account within an hour; a window serves fewer people, and a list of numbers is not to be tried."""
SHOWN_MINUTES = 10
"""How long what was opened may be looked at and acted on before it must be asked for again."""
MOST_FOUND = 20
"""People of one answer; more have to be told apart by an id number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a person is told; it names nobody."""

    code: str
    """A reason code: what is so."""
    said_zh: str
    """The answer as a sentence, in Chinese."""
    said_en: str
    """The same in English."""
    remedy_zh: str
    """What to do next, in Chinese."""
    remedy_en: str
    """The same in English."""
    amount_fen: int | None = None
    """The money that it is about; None where it is about none."""
    subject: str = ""
    """The bill, item or payment that it is about."""
    on: str = ""
    """Day of the bill or of what happened, ISO text."""
    due_on: str = ""
    """Last day by which somebody must act, ISO text; empty without one."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value, Chinese."""
    sentences: tuple[str, ...] = ()
    """The arithmetic in words, each with its clause; Chinese."""
    amounts: frozenset[int] = frozenset()
    """Every amount in fen that stands in it, so that it is found by any of them."""

    @property
    def amount_yuan(self) -> str:
        """Its money for a reader; empty where it is about none."""
        return "" if self.amount_fen is None else f"{show_yuan(self.amount_fen)} "

    def has(self, fen: int) -> bool:
        """Whether this amount stands in it."""
        return fen in self.amounts or self.amount_fen == fen


@dataclass(frozen=True, slots=True)
class Answers:
    """What one person is told."""

    money: tuple[Answer, ...]
    """这笔钱是什么: payments and what was settled beside them, the newest first."""
    nothing: tuple[Answer, ...]
    """为什么没有钱: what did not bring money, or not yet; what somebody can do something about stands first."""
    totals: tuple[tuple[str, int], ...]
    """Label (Chinese, English) and fen: what was agreed and what became of it."""
    months: tuple[tuple[str, str], ...]
    """Month and what of its data is here."""

    def about(self, fen: int) -> tuple[Answer, ...]:
        """Those in which this amount stands."""
        return tuple(one for one in (*self.money, *self.nothing) if one.has(fen))


def answer(code: str, *, more_zh: str = "", more_en: str = "", amount_fen: int | None = None) -> Answer:
    """An answer in the words of its reason code, with what is particular behind them; KeyError for an unknown code."""
    known = reason(code)
    zh = f"{known.zh}。{more_zh}" if more_zh else f"{known.zh}。"
    en = f"{known.en}. {more_en}" if more_en else f"{known.en}."
    made = Answer(code, zh, en, known.remedy_zh, known.remedy_en, amount_fen)
    return replace(made, amounts=frozenset() if amount_fen is None else frozenset({amount_fen}))
