"""The page about a bank's batch file as a value."""

from __future__ import annotations

import re

from mianshen.core.bank import FRAME_WORDS, AmountForm, BankColumn, BankField, BankForm, BankProfile, CodeTable, Payer
from mianshen.policy.shapes import Row

_LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
_WORD = re.compile(r"\{([^{}]*)\}")
_NEEDED = (BankField.PAYMENT_ID, BankField.ACCOUNT, BankField.NAME, BankField.AMOUNT)
"""Without these no return could be laid beside the file."""
_DIGITS = frozenset({BankField.SEQUENCE, BankField.AMOUNT})
_FROM_OTHERS = frozenset({BankField.CODE, BankField.ALWAYS})


def bank_of(row: Row) -> BankProfile:
    """The bank profile of one page. POLICY_DAMAGED, file and line, when its parts do not fit each other."""
    form = BankForm(row["form"])
    _require_codec(row)
    tables = {name: _table(table) for name, table in row["tables"].items()}
    columns = tuple(_column(one, tables, form=form) for one in row["columns"])
    _require_columns(row, columns, form=form)
    for name in ("head", "trailer"):
        _require_frame(row, name, form=form)
    for name in ("most_amount", "most_lines"):
        if row[name] == 0:
            row.at(name).refuse(f"{name} 至少为 1", f"{name} must be above 0")
    if row["payer"] is None and form is BankForm.PAIN001:
        row.spot.refuse("pain001 须写 payer", "pain001 needs payer")
    payer = row["payer"]
    return BankProfile(
        code=row["code"],
        name_zh=row["name_zh"],
        form=form,
        encoding=row["encoding"],
        delimiter=row["delimiter"],
        line_end=_LINE_ENDS[row["line_end"]],
        columns=columns,
        has_header=row["has_header"],
        head=row["head"],
        trailer=row["trailer"],
        amount_form=AmountForm(row["amount_form"]),
        most_fen=row["most_amount"],
        most_lines=row["most_lines"],
        payer=None if payer is None else Payer(payer["name"], payer["account"], payer["member_id"]),
        status=row["status"],
    )


def _require_codec(row: Row) -> None:
    try:
        "甲".encode(row["encoding"])
    except (LookupError, UnicodeEncodeError):
        row.at("encoding").refuse(f"编码 {row['encoding']} 不存在或写不出汉字", "the codec is unknown or has no Chinese")
    if row["form"] in ("sheet", "pain001") and row["encoding"] != "utf-8":
        row.at("encoding").refuse(f"{row['form']} 的编码只能是 utf-8", f"{row['form']} is utf-8")


def _table(row: Row) -> CodeTable:
    of = BankField(row["of"])
    if of in _FROM_OTHERS:
        row.at("of").refuse("代码表须由数据栏决定", "a field of the payment must decide")
    return CodeTable(of, row["by_prefix"], row["otherwise"])


def _column(row: Row, tables: dict[str, CodeTable], *, form: BankForm) -> BankColumn:
    field = BankField(row["field"])
    if field is BankField.CODE and row["table"] not in tables:
        row.at("table").refuse("table 须是 tables 中的一个键", "table must be a key of tables")
    if field is BankField.ALWAYS and not row["text"]:
        row.spot.refuse("always 须写 text", "always needs text")
    if row["width"] == 0 or (form is BankForm.FIXED and row["width"] is None):
        row.at("width").refuse("width 应为正整数(字节)", "width must be a positive number of bytes")
    if row["pad"] == "0" and (field not in _DIGITS or row["align"] == "left"):
        row.at("pad").refuse("只有右对齐的序号和金额可补 0", "only right-aligned sequence and amount may be filled with 0")
    return BankColumn(
        field=field,
        heading=row["heading"],
        width=row["width"],
        is_right=row["align"] == "right",
        pad=row["pad"],
        table=tables[row["table"]] if field is BankField.CODE else None,
        text=row["text"],
    )


def _require_columns(row: Row, columns: tuple[BankColumn, ...], *, form: BankForm) -> None:
    if form is BankForm.PAIN001:
        if columns or row["has_header"]:
            row.at("columns").refuse("pain001 不写 columns 与表头", "pain001 has neither columns nor headings")
        return
    missing = [one.value for one in _NEEDED if one not in {column.field for column in columns}]
    if missing:
        row.at("columns").refuse(f"columns 缺少 {missing[0]}", f"columns lack {missing[0]}")
    if row["has_header"] and not all(one.heading for one in columns):
        row.at("has_header").refuse("有表头时每栏须写 heading", "with has_header every column needs a heading")


def _require_frame(row: Row, name: str, *, form: BankForm) -> None:
    if row[name] and form is BankForm.PAIN001:
        row.at(name).refuse(f"pain001 不写 {name}", f"pain001 has no {name}")
    if row["form"] == "sheet" and any("{digest}" in text for text in row[name]):
        row.at(name).refuse("sheet 的 {digest} 不可用", "a sheet cannot hold its own digest")
    for word in (word for text in row[name] for word in _WORD.findall(text)):
        if word not in FRAME_WORDS or (word == "digest" and name == "head"):
            known = ", ".join(FRAME_WORDS)
            row.at(name).refuse(f"{name} 中的 {{{word}}} 不可用", f"{{{word}}} cannot stand in {name} (known: {known})")
