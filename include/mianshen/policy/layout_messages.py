"""What a page of text messages may hold: whom to call, and what is sent about each event."""

from __future__ import annotations

from mianshen.core.messages import Told
from mianshen.policy.layout_words import sourced
from mianshen.policy.scalars import TEXT
from mianshen.policy.shapes import Choice, Field, Listed, Record

MESSAGES = Record(
    {
        "call": Field(sourced(phone=Field(TEXT, "whom to call")), "whom people call", is_required=False),
        "messages": Field(
            Listed(
                sourced(
                    code=Field(Choice(tuple(one.value for one in Told)), "what happened"),
                    text_zh=Field(TEXT, "what is sent; words in braces are filled in"),
                ),
                may_be_empty=True,
            ),
            "the text messages that are sent",
            is_required=False,
            default=(),
        ),
    }
)
"""national/messages.yaml, and a county's own messages.yaml over it."""
