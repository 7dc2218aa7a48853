"""核算依据单 for the person: what was paid and what was not, as tables of a form. It names nobody by itself."""

from __future__ import annotations

from mianshen.core.money import show_yuan
from mianshen.core.window import Answer, Answers
from mianshen.documents.form import FormTable


def record_facts(answers: Answers) -> tuple[tuple[str, str], ...]:
    """Label and value of what was agreed and where it stands; what is nothing is left out."""
    return tuple((f"{label.split(' ')[0]}(元)", show_yuan(fen)) for label, fen in answers.totals if fen)


def record_tables(answers: Answers) -> tuple[FormTable, ...]:
    """What was paid, line by line with its arithmetic; what was not, with what can be done; which data are here."""
    tables = [FormTable(f"发放 {one.amount_yuan}元", ("项目", "说明"), _rows(one)) for one in answers.money]
    if answers.nothing:
        rows = tuple((_said(one), one.remedy_zh) for one in answers.nothing)
        tables.append(FormTable("没有发放或尚未发放的", ("情况与依据", "您可以"), rows))
    tables.append(FormTable("已收到的数据", ("月份", "情况"), answers.months))
    return tuple(one for one in tables if one.rows)


def _rows(one: Answer) -> tuple[tuple[str, str], ...]:
    return (("情况", one.said_zh), *one.facts, *(("计算", said) for said in one.sentences))


def _said(one: Answer) -> str:
    return " ".join((one.said_zh, *one.sentences))
