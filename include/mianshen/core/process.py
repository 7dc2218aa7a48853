"""A process as data: which steps a matter goes through, who owns each, by when, and what every outcome leads to.

A county's process.yaml says it; `core.cases` moves cases by it. Steps run beside each other where several are open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.bills import Money
from mianshen.core.grants import Gives
from mianshen.core.matching import Channel, Inviting, Matching, Roll, Shown, When
from mianshen.core.yearly import Quota, Window

OPENER = "opener"
"""In `not_by`: whoever opened the case."""


TRACKING_NUMBER = "tracking_number"
"""Code of the paper with which a step hands letters to the post: what is late after it waits for the post, not for the office."""


class Decider(StrEnum):
    """Who or what decides a step."""

    LIST = "list"
    """A match with a department's list."""
    RULE = "rule"
    """A written rule."""
    PERSON = "person"
    """A member of the department's staff."""
    EXPERT = "expert"
    """An expert who was drawn."""
    TIME = "time"
    """Nobody: it passes when its period is over."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a step takes in."""

    code: str
    """Unique in the step."""
    name_zh: str
    """What the clerk asks for."""
    is_required: bool
    """Whether nothing that needs papers is decided without it."""
    one_of: str | None = None
    """Name of a group of papers of which one is enough; None stands by itself."""
    list_code: str | None = None
    """The delivered list that it is: it comes by itself once the list is accepted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step may come to."""

    code: str
    """Unique in the step."""
    name_zh: str
    """What the clerk chooses."""
    name_en: str
    """The same in English."""
    opens: tuple[str, ...] = ()
    """Steps that follow; each opens once all that it needs have passed."""
    again: tuple[str, ...] = ()
    """Steps that are done anew, with all that came after them."""
    ends: str | None = None
    """How the case ends, when it ends it."""
    reasons: tuple[str, ...] = ()
    """Reason codes of which one must be given; empty asks for none."""
    needs_papers: bool = False
    """Whether every required paper must be there."""
    most: int | None = None
    """How often it may be chosen in one case; None is without a limit."""
    refuses: bool = False
    """Whether it gives nothing of what the process is for."""
    is_reached: bool = True
    """Whether the person was spoken with; of a step that asks nobody, always."""
    money: Money | None = None
    """What it does to the case's bills; None nothing."""
    when: When | None = None
    """In which situation a list or a rule chooses it; None is never chosen by itself."""
    needs_address: bool = False
    """Whether the address for the post must be given with it."""
    waits: bool = False
    """Whether it waits for papers (退回补正): the case goes on, and the step is done anew once they have come."""
    gives: Gives | None = None
    """The identity that the person holds by it; None gives none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step and its owner."""

    code: str
    """Unique in the process."""
    name_zh: str
    """What people read."""
    name_en: str
    """The same in English."""
    department_code: str
    """Who owns it."""
    decider: Decider
    """Who or what decides it."""
    outcomes: tuple[Outcome, ...]
    """What it may come to; of a step that time decides, the first is what happens when its period is over."""
    needs: tuple[str, ...] = ()
    """Steps that must all have passed before it opens."""
    limit_code: str | None = None
    """The time limit that runs while it is open."""
    window: Window | None = None
    """The days of the year on which it is done."""
    quota: Quota | None = None
    """How many cases a day."""
    papers: tuple[Paper, ...] = ()
    """What it takes in."""
    outputs: tuple[str, ...] = ()
    """Lists and files that it gives out."""
    forms: tuple[str, ...] = ()
    """Forms that are printed for it."""
    pauses: tuple[str, ...] = ()
    """Reason codes for which its time stands still."""
    not_by: tuple[str, ...] = ()
    """Steps whose last actor may not act here; OPENER is who opened the case."""
    asks_person: bool = False
    """Whether somebody visits or calls the person; only what was asked, by whom and when, decides it."""
    is_batched: bool = False
    """Whether its limit runs once for the frozen batch that the case came with; what is delegated or paused runs by itself."""
    tells_person: bool = False
    """Whether the person is told in writing here: it may follow when nobody could be asked, and is never taken for a no."""
    fee_fen: int = 0
    """What the person pays for it, in fen."""
    shows: tuple[Shown, ...] = ()
    """What the step's sheet says of each case, beside whose it is."""
    matches: Matching | None = None
    """Whose matters the step opens, when it is a match of the county's lists with a law."""
    article: str = ""
    """Document and chapter."""
    status: str = ""
    """official | quoted | inferred | illustrative."""

    @property
    def is_timed(self) -> bool:
        """Whether a clock runs on it."""
        return self.limit_code is not None or self.window is not None

    def outcome(self, code: str) -> Outcome | None:
        """The outcome with this code."""
        return next((one for one in self.outcomes if one.code == code), None)

    def missing(self, papers: frozenset[str]) -> tuple[Paper, ...]:
        """Required papers that are not among these, in the order of the page; of a group of which one is enough, the first."""
        met = {one.one_of for one in self.papers if one.code in papers}
        found: dict[str, Paper] = {}
        for one in self.papers:
            if one.is_required and one.code not in papers and (one.one_of is None or one.one_of not in met):
                found.setdefault(one.one_of or one.code, one)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Span:
    """A time limit over several steps: from the opening of one to the end of another."""

    limit_code: str
    """The time limit."""
    from_step: str
    """It runs from the moment this opens."""
    until_step: str
    """It ends when this is decided."""


@dataclass(frozen=True, slots=True)
class End:
    """How a case may end."""

    code: str
    """Unique in the process."""
    name_zh: str
    """What people read."""
    name_en: str
    """The same in English."""
    is_success: bool
    """Whether the person got what the process is for."""
    is_own_no: bool = False
    """Whether the person said no: only who was spoken with can."""
    followed_by: str | None = None
    """The process in which the same person's next case opens; None is the end of it."""


@dataclass(frozen=True, slots=True)
class Process:
    """A statutory procedure."""

    code: str
    """Unique in the pack."""
    name_zh: str
    """What people read."""
    name_en: str
    """The same in English."""
    lead_department: str
    """Sees all steps and hears of every miss."""
    starts: tuple[str, ...]
    """Steps that are open when a case opens."""
    steps: tuple[Step, ...]
    """In the order of the document."""
    ends: tuple[End, ...]
    """How a case may end."""
    done_as: str
    """The end of a case in which nothing is left to do."""
    article: str
    """Document and chapter."""
    status: str
    """official | quoted | inferred | illustrative."""
    spans: tuple[Span, ...] = ()
    """Time limits over several steps."""
    refused_as: str | None = None
    """The end instead of `done_as` when every step that was decided refuses."""
    is_of_awards: bool = False
    """Whether each application of relief goes through it: a step a department, named like it, beside each other."""
    is_of_visits: bool = False
    """Whether people whom the radar sees are visited by it."""
    is_of_county: bool = False
    """Whether it is a matter of the whole county, once a period, and nobody's own."""
    channels: tuple[Channel, ...] = ()
    """How applications come as files; empty where they are opened one by one."""
    has_status_file: bool = False
    """Whether where each case stands is given out by its number, for people who ask."""
    is_free: bool = False
    """Whether its text says that nobody pays for it: no step may ask a fee."""
    confirmation_code: str | None = None
    """What people are confirmed for by it, in eligibility.yaml."""
    rolls: tuple[Roll, ...] = ()
    """Lists of people that follow from its cases."""
    invites: Inviting | None = None
    """To what people are invited by it who were found in their own settlements; None invites nobody."""
    only_year: int | None = None
    """Of the county's own: the one year that its days lie in; None is every year."""
    is_of_rechecks: bool = False
    """Whether somebody who doubts an amount or a decision asks for it at the window."""

    def step(self, code: str) -> Step:
        """The step with this code; KeyError when there is none."""
        return {one.code: one for one in self.steps}[code]

    @property
    def claims_bills(self) -> bool:
        """Whether its cases claim bills, which an outcome releases."""
        return any(outcome.money is Money.RELEASE for step in self.steps for outcome in step.outcomes)

    @property
    def first_windows(self) -> tuple[Window, ...]:
        """The windows of the steps with which it starts; empty where it keeps no yearly calendar."""
        return tuple(one.window for one in self.steps if one.code in self.starts and one.window is not None)

    def waiting_for_papers(self, opened: Iterable[str]) -> tuple[Step, ...]:
        """These open steps, and those that are done anew once what one of them waits for has come, in the order of the page."""
        found = set(opened)
        found |= {code for one in found for outcome in self.step(one).outcomes for code in outcome.again}
        return tuple(one for one in self.steps if one.code in found)

    @property
    def item_code(self) -> str | None:
        """The service item that the process is one of; None where it is none."""
        code = self.code.rpartition("_")[2]
        return code if code.isdigit() else None

    @property
    def whole_limit(self) -> str | None:
        """The limit of the whole matter: of its first span, else of the first step that has one; None without a clock."""
        codes = (*(one.limit_code for one in self.spans), *(self.step(one).limit_code for one in self.starts))
        return next((one for one in codes if one is not None), None)

    def end(self, code: str) -> End:
        """The end with this code; KeyError when there is none."""
        return {one.code: one for one in self.ends}[code]

    def done_code(self, decided: Iterable[tuple[str, str]]) -> str:
        """How a case ends in which nothing is left to do: `decided` are its steps with their outcomes."""
        found = [self.step(code).outcome(outcome) for code, outcome in decided]
        if self.refused_as is not None and found and all(one is not None and one.refuses for one in found):
            return self.refused_as
        return self.done_as

    def window_limit(self, step_code: str) -> str:
        """Code of the time limit that a step's window is."""
        return f"{self.code}.{step_code}"

    def after(self, codes: frozenset[str]) -> frozenset[str]:
        """These steps and all that may come after them by `opens`."""
        found, fresh = set(codes), set(codes)
        while fresh:
            fresh = {code for one in fresh for outcome in self.step(one).outcomes for code in outcome.opens} - found
            found |= fresh
        return frozenset(found)
