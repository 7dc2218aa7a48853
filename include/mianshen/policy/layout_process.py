"""What a county's process.yaml may hold: procedures as steps with owners, limits, windows, quotas, papers and outcomes."""

from __future__ import annotations

from mianshen.core.bills import Money
from mianshen.core.clocks import Counting
from mianshen.core.forms import FormCode
from mianshen.core.matching import Shown, When
from mianshen.core.process import Decider
from mianshen.core.yearly import Shift
from mianshen.policy.layout_files import LOOKING_LIMIT
from mianshen.policy.layout_words import NAMES, STATUS, sourced
from mianshen.policy.scalars import CODE, TEXT, TRUTH, WHOLE, YUAN
from mianshen.policy.shapes import Choice, Field, Listed, Record

_YEAR_DAY = Record(
    {
        "month": Field(WHOLE, "1 to 12"),
        "day": Field(WHOLE, "of the month"),
        "year": Field(Choice(("before", "same", "after")), "the benefit year's eve, itself, or the year after"),
        "shift": Field(Choice(tuple(one.value for one in Shift)), "where it goes when it is no working day"),
    }
)
_WINDOW = Record({"opens": Field(_YEAR_DAY, "the first day"), "closes": Field(_YEAR_DAY, "the last day, included")})
_QUOTA = Record(
    {
        "per_day": Field(WHOLE, "cases a day, at least 1"),
        "counting": Field(Choice((Counting.WORKDAYS.value, Counting.CALENDAR_DAYS.value)), "whether 每天 means working days"),
    }
)
_PAPER = Record(
    {
        "code": Field(CODE, "unique in the step"),
        "name_zh": Field(TEXT, "what the clerk asks for"),
        "is_required": Field(TRUTH, "whether nothing is decided without it", is_required=False, default=True),
        "one_of": Field(CODE, "a group of papers of which one is enough", is_required=False),
        "list": Field(CODE, "list code of a contract: the paper comes once that list is accepted", is_required=False),
    }
)
_PAPERS = Field(Listed(_PAPER, may_be_empty=True), "what it takes in", is_required=False, default=())

_FORM = Choice(tuple(one.value for one in FormCode))


def _codes(note: str) -> Field:
    return Field(Listed(CODE, may_be_empty=True), note, is_required=False, default=())


_GIVES = Record(
    {
        "category": Field(CODE, "a category of the county, held like a listed one"),
        "with_item": Field(TRUTH, "whether the case's item, such as the disease, is held too", is_required=False, default=False),
        "since_step": Field(CODE, "days count from this step's decision; the very decision when left out", is_required=False),
        "back_months": Field(WHOLE, "months before that day from which it counts", is_required=False, default=0),
        "months": Field(WHOLE, "how long it lasts from the decision on; left out it lasts", is_required=False),
        "article": Field(TEXT, "where it stands"),
        "status": Field(STATUS, "how sure the product is of it"),
    }
)
_OUTCOME = Record(
    {
        "code": Field(CODE, "unique in the step"),
        **NAMES,
        "opens": _codes("steps that follow"),
        "again": _codes("steps that are done anew, with all that came after them"),
        "ends": Field(CODE, "how the case ends, one of `ends`", is_required=False),
        "reasons": _codes("reason codes of which one must be given"),
        "needs_papers": Field(TRUTH, "whether every required paper must be there", is_required=False, default=False),
        "most": Field(WHOLE, "how often it may be chosen in one case", is_required=False),
        "refuses": Field(TRUTH, "whether it gives nothing of what the process is for", is_required=False, default=False),
        "money": Field(
            Choice(tuple(one.value for one in Money)),
            "of the bills that the case claims: release, they are computed and paid; refuse, never; paid, only once they are",
            is_required=False,
        ),
        "reached": Field(
            TRUTH,
            "false where the person was not spoken with: asked again or elsewhere, or told in writing",
            is_required=False,
            default=True,
        ),
        "when": Field(
            Choice(tuple(one.value for one in When)),
            "in which situation a list or a rule chooses it",
            is_required=False,
        ),
        "needs_address": Field(TRUTH, "whether the address for the post must be given with it", is_required=False, default=False),
        "gives": Field(_GIVES, "the identity that the person holds by it", is_required=False),
    }
)
_MATCHES = Record(
    {
        "confirmation": Field(
            CODE, "by which law, in eligibility.yaml, everybody is judged who was confirmed in an earlier year"
        ),
        "fit": Field(CODE, "the process in which who fits gets a case"),
        "left": Field(CODE, "the process in which who fits no more gets one"),
        "outcome": Field(CODE, "the outcome of the step once both lists are made"),
    }
)
_ROLL = Record(
    {
        "code": Field(CODE, "unique in the process"),
        **NAMES,
        "for": Field(CODE, "the department that works with it"),
        "after": Field(
            Listed(Record({"step": Field(CODE, "a step"), "outcome": Field(CODE, "its outcome")}), may_be_empty=True),
            "what stands in the case, one of them; left out is every case",
            is_required=False,
            default=(),
        ),
        "shows": Field(
            Listed(Choice(tuple(one.value for one in Shown)), may_be_empty=True), "columns", is_required=False, default=()
        ),
    }
)
_STEP = sourced(
    code=Field(CODE, "unique in the process"),
    **NAMES,
    department=Field(CODE, "who owns it"),
    decided_by=Field(Choice(tuple(one.value for one in Decider)), "who or what decides it"),
    outcomes=Field(Listed(_OUTCOME), "what it may come to"),
    needs=_codes("steps that must all have passed before it opens"),
    limit=Field(CODE, "the time limit that runs while it is open, one of time_limits.yaml", is_required=False),
    window=Field(_WINDOW, "the days of the year on which it is done", is_required=False),
    quota=Field(_QUOTA, "how many cases a day", is_required=False),
    papers=_PAPERS,
    outputs=Field(Listed(TEXT, may_be_empty=True), "lists and files that it gives out", is_required=False, default=()),
    forms=Field(Listed(_FORM, may_be_empty=True), "forms that are printed for it", is_required=False, default=()),
    pauses=_codes("reason codes for which its time stands still"),
    not_by=_codes("steps whose last actor may not decide here; `opener` is who opened the case"),
    asks=Field(
        TRUTH,
        "whether the person is visited or called: who was spoken with, by whom and when is recorded with the outcome",
        is_required=False,
        default=False,
    ),
    tells=Field(
        TRUTH,
        "whether the person is told in writing: it may follow when nobody could be asked, and is never taken for a no",
        is_required=False,
        default=False,
    ),
    fee_yuan=Field(
        YUAN, "what the person pays for it; none where the process says that it is free", is_required=False, default=0
    ),
    shows=Field(
        Listed(Choice(tuple(one.value for one in Shown)), may_be_empty=True),
        "what its sheet says of each case",
        is_required=False,
        default=(),
    ),
    matches=Field(_MATCHES, "whose matters it opens, when it is a match of lists with a law", is_required=False),
    batched=Field(
        TRUTH,
        "whether the limit runs once for the batch that the case came with; what is delegated or paused runs by itself",
        is_required=False,
        default=False,
    ),
)
_SPAN = Record(
    {
        "limit": Field(CODE, "a time limit of time_limits.yaml"),
        "from_step": Field(CODE, "it runs from the moment this opens"),
        "until_step": Field(CODE, "it ends when this is decided"),
        "sum_of": _codes("limits of its parts, which must add up to it"),
    }
)
_ITEM = sourced(code=Field(CODE, "one of the items of the list"), papers=_PAPERS)
_END = Record(
    {
        "code": Field(CODE, "unique in the process"),
        **NAMES,
        "is_success": Field(TRUTH, "whether the person got what the process is for"),
        "own_no": Field(TRUTH, "whether the person said no: only who was spoken with can", is_required=False, default=False),
        "followed_by": Field(CODE, "the process in which the same person's next case opens", is_required=False),
    }
)
_PROCESS = sourced(
    code=Field(CODE, "unique in the pack"),
    **NAMES,
    lead_department=Field(CODE, "sees all steps and hears of every miss"),
    concerns=Field(
        Choice(("awards", "visits", "county", "rechecks")),
        "awards: each application of relief goes through it, a step a department, named like it; "
        "visits: people whom the radar sees are visited by it; "
        "county: it is a matter of the whole county, once a period; "
        "rechecks: somebody who doubts an amount or a decision asks for it at the window",
        is_required=False,
    ),
    free=Field(
        TRUTH,
        "whether the text says that nobody pays for it: no step may ask a fee",
        is_required=False,
        default=False,
    ),
    channels=Field(
        Listed(
            Record(
                {
                    "code": Field(CODE, "unique in the process"),
                    "name_zh": Field(TEXT, "what people read"),
                    "list": Field(CODE, "list code of its contract: a row a person and item"),
                }
            ),
            may_be_empty=True,
        ),
        "how applications come as files",
        is_required=False,
        default=(),
    ),
    status_file=Field(TRUTH, "whether where each case stands is given out by its number", is_required=False, default=False),
    confirmation=Field(CODE, "what people are confirmed for by it, in eligibility.yaml", is_required=False),
    rolls=Field(
        Listed(_ROLL, may_be_empty=True),
        "lists of people that follow from its cases",
        is_required=False,
        default=(),
    ),
    invites=Field(
        Record(
            {
                "confirmation": Field(CODE, "a law of eligibility.yaml whose items settlements show"),
                "process": Field(CODE, "the process of those who apply"),
            }
        ),
        "people found in their own settlements are asked by it, once a year",
        is_required=False,
    ),
    only_year=Field(WHOLE, "of a county's own matter that does not come back: the year of its days", is_required=False),
    one_trip=Field(
        TRUTH,
        "whether the person comes once: after its papers are complete no outcome leads back to the person",
        is_required=False,
        default=False,
    ),
    items_of=Field(CODE, "a list of items of eligibility.yaml: each item below has such a process", is_required=False),
    items=Field(
        Listed(_ITEM, may_be_empty=True),
        "items that go this way; the first steps take in their papers",
        is_required=False,
        default=(),
    ),
    starts=Field(Listed(CODE), "steps that are open when a case opens"),
    steps=Field(Listed(_STEP), "in the order of the document"),
    spans=Field(Listed(_SPAN), "time limits over several steps", is_required=False, default=()),
    ends=Field(Listed(_END), "how a case may end"),
    done_as=Field(CODE, "the end of a case in which nothing is left to do"),
    refused_as=Field(CODE, "the end instead when every step that was decided refuses", is_required=False),
)
PROCESSES = Record({"processes": Field(Listed(_PROCESS), "the procedures of the county")})
"""process.yaml."""
RECHECKS = Record(
    {
        "limits": Field(Listed(LOOKING_LIMIT), "how long its steps may take"),
        "processes": Field(Listed(_PROCESS), "how a decision is looked at again on request"),
    }
)
"""national/rechecks.yaml, and a county's own rechecks.yaml in its place."""
