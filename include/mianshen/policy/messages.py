"""The text messages of a pack: the national page, entries of the county's own page in their place."""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter

from mianshen.core.messages import WORDS, Messages, Told
from mianshen.policy.shapes import Row


def messages_of(pages: Sequence[Row]) -> Messages:
    """The messages, later pages first served.

    MianshenError POLICY_DAMAGED with file and line for a text that uses a word nobody fills in, or whose braces do not close.
    """
    rows = {Told(one["code"]): one for page in pages for one in page["messages"]}
    call = [page["call"] for page in pages if page["call"] is not None][-1]
    for row in rows.values():
        _check(row)
    return Messages(
        phone=call["phone"],
        texts={code: rows[code]["text_zh"] for code in Told},
        articles={code: rows[code]["article"] for code in Told},
    )


def _check(row: Row) -> None:
    text = row["text_zh"]
    try:
        words = {word for _, word, spec, _ in Formatter().parse(text) if word is not None or spec}
    except ValueError:
        row.at("text_zh").refuse(f"大括号不成对:{text}", f"braces do not match: {text}")
    for word in sorted(str(one) for one in words - WORDS):
        known = "、".join(sorted(WORDS))
        row.at("text_zh").refuse(f"没有 {{{word}}} 这个词,可用:{known}", f"{word} is not one of {', '.join(sorted(WORDS))}")
