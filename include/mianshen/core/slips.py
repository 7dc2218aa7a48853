"""When two written identities look alike: numbers that differ by a slip of the hand, names that sound alike. It only suggests."""

from __future__ import annotations

from collections.abc import Iterator

from mianshen.core.ids import check_digit

LENGTH = 18
BIRTH = slice(6, 14)
"""Where the birth date stands in a number."""
MOST_DIFFERENT = 2
"""Characters in which a corrected number may differ from the old one."""


def slips(number: str) -> Iterator[str]:
    """Every well-formed number that one wrong digit or one swap of neighbours may have turned into this one; 18 characters."""
    if len(number) != LENGTH or not number[:17].isdigit():
        return
    seen = {number}
    for made in _one_step(number):
        if made not in seen and check_digit(made[:17]) == made[17]:
            seen.add(made)
            yield made


def _one_step(number: str) -> Iterator[str]:
    for place in range(LENGTH):
        for digit in "0123456789" if place < LENGTH - 1 else "0123456789X":
            yield number[:place] + digit + number[place + 1 :]
    for place in range(LENGTH - 2):
        yield number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def is_like(one: str, other: str) -> bool:
    """Whether one number may be a correction of the other: the same birth date, or few characters apart."""
    if len(one) != LENGTH or len(other) != LENGTH:
        return False
    return one[BIRTH] == other[BIRTH] or sum(a != b for a, b in zip(one, other, strict=True)) <= MOST_DIFFERENT
