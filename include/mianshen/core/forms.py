"""Forms as data: what a paper is called, what it says and who signs it. A template gives it its shape (`documents.form`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FormCode(StrEnum):
    """Papers that the house makes for one matter of one person, and the public notice of many."""

    APPROVAL_FORM = "approval_form"
    """审批表: an application with every department's decision."""
    ACCEPTANCE = "acceptance"
    """受理单: that an application or case was taken in."""
    MISSING_PAPERS = "missing_papers"
    """一次性告知书: every paper that is missing, told at once."""
    PAID = "paid"
    """发放告知书: what was paid and why."""
    REFUSED = "refused"
    """不予救助告知书: what was refused, why, and what can be done about it."""
    STOPPED = "stopped"
    """暂停发放告知书: money that was agreed and does not leave, and why."""
    RECOVERY = "recovery"
    """追回通知书: money that is to be given back, and why."""
    RETURNED = "returned"
    """退汇告知书: money that the bank gave back, and whom to call."""
    RECORD = "record"
    """核算依据单: everything that was reckoned for a person in plain words, for whoever asks at the window."""
    PUBLIC_NOTICE = "public_notice"
    """公示: who is to get what, in a town or village."""


class PeopleList(StrEnum):
    """Which list."""

    LAST_RESORT = "last_resort"
    """民政兜底名单: whom the year's relief leaves with costs, for the department that helps further."""
    CLOSING = "closing_notice"
    """结案告知名单: whose benefit year stayed within a deductible and was closed in January, each with what they are told."""


FIELDS: dict[FormCode, frozenset[str]] = {
    FormCode.APPROVAL_FORM: frozenset({"county", "number", "day", "amount"}),
    FormCode.ACCEPTANCE: frozenset({"county", "number", "day"}),
    FormCode.MISSING_PAPERS: frozenset({"county", "number", "day", "step"}),
    FormCode.PAID: frozenset({"county", "number", "day", "amount", "batch"}),
    FormCode.REFUSED: frozenset({"county", "number", "day"}),
    FormCode.STOPPED: frozenset({"county", "number", "day", "amount"}),
    FormCode.RECOVERY: frozenset({"county", "number", "day", "amount", "days", "department"}),
    FormCode.RETURNED: frozenset({"county", "number", "day", "amount", "batch", "phone"}),
    FormCode.RECORD: frozenset({"county", "number", "day", "clerk"}),
    FormCode.PUBLIC_NOTICE: frozenset({"county", "day", "first_day", "last_day", "days", "department", "place"}),
}
"""Words in braces that a form's sentences may use."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form, as a pack words it."""

    code: FormCode
    """Which paper."""
    name_zh: str
    """Its title."""
    name_en: str
    """The same in English."""
    paragraphs: tuple[str, ...]
    """What it says before its tables; words in braces are filled in."""
    remedies: tuple[str, ...]
    """What the reader can do about it; printed apart from the rest."""
    signs: tuple[str, ...]
    """Who signs, in order."""
    article: str
    """Where the wording comes from."""
    status: str
    """official | quoted | inferred | illustrative."""
    of: tuple[str, ...] = ()
    """Processes, as process.yaml names them, whose paper it is in place of the general one; empty is the general one."""

    def is_of(self, process: str) -> bool:
        """Whether it is the paper of this process, or of an item that goes through one of its own."""
        return any(process == one or process.startswith(f"{one}_") for one in self.of)
