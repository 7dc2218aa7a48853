"""What a page of forms may hold: titles, sentences with words in braces, remedies, signatures."""

from __future__ import annotations

from mianshen.core.forms import FormCode
from mianshen.policy.layout_words import NAMES, sourced
from mianshen.policy.scalars import CODE, TEXT
from mianshen.policy.shapes import Choice, Field, Listed, Record

FORMS = Record(
    {
        "forms": Field(
            Listed(
                sourced(
                    code=Field(Choice(tuple(one.value for one in FormCode)), "which paper"),
                    of=Field(
                        Listed(CODE),
                        "processes of process.yaml whose paper it is; any when left out",
                        is_required=False,
                        default=(),
                    ),
                    **NAMES,
                    paragraphs=Field(Listed(TEXT), "what it says; words in braces are filled in"),
                    remedies=Field(
                        Listed(TEXT, may_be_empty=True), "what the reader can do about it", is_required=False, default=()
                    ),
                    signs=Field(Listed(TEXT, may_be_empty=True), "who signs", is_required=False, default=()),
                )
            ),
            "the papers that are printed",
        )
    }
)
"""national/forms.yaml, and a county's own forms.yaml over it."""
