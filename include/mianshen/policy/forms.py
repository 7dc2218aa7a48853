"""The forms of a pack: the national page, entries of the county's own page in their place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from string import Formatter

from mianshen.core.forms import FIELDS, Form, FormCode
from mianshen.policy.shapes import Row


def forms_of(pages: Sequence[Row], *, processes: Collection[str] = ()) -> tuple[Form, ...]:
    """The forms in the order of FormCode, later pages first served; `processes` are those of the county's process.yaml.

    MianshenError POLICY_DAMAGED with file and line for a sentence that uses a word nobody fills in, or whose braces do not close,
    and for a form of a process that there is not.
    """
    rows = {(one["code"], one["of"]): one for page in pages for one in page["forms"]}
    for row in rows.values():
        unknown = sorted(set(row["of"]) - set(processes))
        if unknown:
            row.at("of").refuse(f"process.yaml 中没有 {unknown[0]}", f"process.yaml has no {unknown[0]}")
    return tuple(_form(row) for code in FormCode for (of, _), row in rows.items() if of == code.value)


def _form(row: Row) -> Form:
    code = FormCode(row["code"])
    for key in ("paragraphs", "remedies"):
        for sentence in row[key]:
            _check_words(row, key, sentence, FIELDS[code])
    return Form(
        code=code,
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        paragraphs=row["paragraphs"],
        remedies=row["remedies"],
        signs=row["signs"],
        article=row["article"],
        status=row["status"],
        of=row["of"],
    )


def _check_words(row: Row, key: str, sentence: str, known: frozenset[str]) -> None:
    try:
        words = [(word, spec) for _, word, spec, _ in Formatter().parse(sentence) if word is not None]
    except ValueError:
        row.at(key).refuse(f"大括号不成对:{sentence}", f"braces do not match: {sentence}")
    for word, spec in words:
        if word not in known or spec:
            row.at(key).refuse(
                f"没有 {{{word}}} 这个词,可用:{'、'.join(sorted(known))}", f"{word} is not one of {', '.join(sorted(known))}"
            )
