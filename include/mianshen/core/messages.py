"""Text messages about somebody's relief, as a pack words them: what happened, how much, whom to call. Never a diagnosis. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Told(StrEnum):
    """What a person is told of, once each."""

    PAID = "paid"
    """The bank has paid."""
    REFUSED = "refused"
    """Every department has decided, and one or more refused."""
    HELD = "held"
    """Agreed money does not leave for a reason that the person can do something about."""
    RETURNED = "returned"
    """The bank gave the money back."""


TOLD_NAMES: Mapping[Told, tuple[str, str]] = {
    Told.PAID: ("已发放", "paid"),
    Told.REFUSED: ("不予救助", "refused"),
    Told.HELD: ("暂停发放", "held"),
    Told.RETURNED: ("银行退汇", "returned by the bank"),
}
"""What lists call them."""
WORDS: frozenset[str] = frozenset({"county", "amount", "day", "phone"})
"""Words in braces that a message may use."""
ONE_PART = 70
"""Signs of a message that goes in one piece: 140 bytes of UCS-2."""
MANY_PARTS = 67
"""Signs of each piece of a longer one: six bytes say which piece it is."""


@dataclass(frozen=True, slots=True)
class Messages:
    """A county's messages."""

    phone: str
    """Whom to call."""
    texts: Mapping[Told, str]
    """What is sent; words in braces are filled in."""
    articles: Mapping[Told, str]
    """Where the wording comes from."""

    def text(self, told: Told, *, county: str, amount: str, day: str) -> str:
        """The message; `amount` is yuan as people read it."""
        return self.texts[told].format(county=county, amount=amount, day=day, phone=self.phone)


def parts_of(text: str) -> int:
    """In how many pieces a message goes: signs are UCS-2 units, a sign beyond the first plane counts twice; 0 for none."""
    units = len(text.encode("utf-16-be")) // 2
    return -(-units // MANY_PARTS) if units > ONE_PART else int(units > 0)
