"""Writes the generated pages of docs/reference from what the product says of itself: reasons, tables, commands.

`python tools/reference.py` writes them (make docs); a test holds them against what this module would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typer
from sqlalchemy import MetaData, Table

from mianshen.cli import app
from mianshen.cli.access import known_file
from mianshen.core.codes import REASONS, Level
from mianshen.policy import open_questions
from mianshen.policy.structure_shown import structure_of
from mianshen.vault import tables as vault_tables
from mianshen.warehouse import ledger
from mianshen.warehouse.dictionary import column_words, reads_of, table_docs
from mianshen.warehouse.sql_files import documented_tables, table_doc

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
COUNTED, COUNTED_ON = "510118_xinjin", date(2026, 10, 1)
LEVELS = {
    Level.FILE: ("文件", "a file"),
    Level.ROW: ("数据行", "a row"),
    Level.FLAG: ("提示，不影响入库", "a flag: the row goes on"),
    Level.FIX: ("规范化，已记录", "a normalisation that was recorded"),
    Level.NOTE: ("备注，不改变处理结果", "a note that changes nothing"),
    Level.CLAIM: ("结算：不予救助", "a claim that is refused"),
    Level.HOLD: ("结算：暂缓", "a claim that waits"),
    Level.ITEM: ("审批事项", "an approval item"),
    Level.PAYMENT: ("付款", "a payment"),
    Level.SYSTEM: ("系统", "the installation"),
}


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    return {
        REFERENCE / "reason-codes.md": reason_codes(),
        REFERENCE / "tables.md": tables(),
        REFERENCE / "cli.md": commands(),
        REFERENCE / "policy-structure.md": policy_structure(),
        REFERENCE / "open-questions.md": questions(),
        REFERENCE / "access.md": access(),
    }


def reason_codes() -> str:
    """The closed list of reasons, by what they are said about."""
    parts = [
        _head(
            "原因代码 Reason codes", "include/mianshen/core/codes", f"{len(REASONS)} 个代码，只增不改。 A code is never reused."
        )
    ]
    for level, (zh, en) in LEVELS.items():
        rows = [(f"`{one.code}`", one.zh, one.en, one.remedy_zh, one.remedy_en) for one in REASONS.values() if one.level is level]
        if rows:
            parts.append(f"## {zh} · {en}\n\n" + _grid(("代码 code", "含义", "meaning", "怎么办", "what to do"), sorted(rows)))
    return "\n\n".join(parts) + "\n"


def tables() -> str:
    """Every table of the lake, the ledger and the vault, with its columns."""
    note = "金额一律为整数分(fen),比例为百万分之一(ppm)。 Money is whole fen, ratios are parts per million."
    parts = [_head("数据表 Tables", "include/sql/*/*.yml, warehouse.ledger, vault.tables", note)]
    parts.append("# 数据湖 Lake")
    parts += [_lake_table(name) for name in documented_tables()]
    parts.append("# 账本 Ledger")
    parts += _database(ledger.METADATA, table_docs([ledger]))
    parts += _database(ledger.VIEWS, table_docs([ledger]))
    parts.append("# 保密库 Vault")
    parts += _database(vault_tables.METADATA, table_docs([vault_tables]))
    parts += _database(vault_tables.SUPERVISION, table_docs([vault_tables]))
    return "\n\n".join(parts) + "\n"


def access() -> str:
    """The roles of the access file, with the tables, columns and rows that each sees."""
    file = known_file()[0]
    note = "没有写到的表和列一律不可见，由 `mianshen access apply` 设置。 What is not named is closed."
    parts = [_head("谁可以看什么 Who may see what", "include/access/roles.yaml", note)]
    rooms = [
        (f"`{name}`", f"{zh} · {en}", f"{category_zh} · {category_en}")
        for name, (zh, en, category_zh, category_en) in file.schemas.items()
    ]
    parts.append("## 分类存储 Storage by category\n\n" + _grid(("架构 schema", "内容 what it holds", "类别 category"), rooms))
    for role in file.roles:
        rows = [(f"`{one.table}`", ", ".join(one.columns), f"`{one.rows}`" if one.rows else "全部 all") for one in role.reads]
        grid = "\n\n" + _grid(("表 table", "列 columns", "行 rows"), rows) if rows else ""
        parts.append(f"## {role.code} {role.name_zh}\n\n{role.why_zh}。 {_sentence(role.why_en)}{grid}")
    conditions = [(f"`{name}`", f"`{text}`") for name, text in file.rows.items()]
    parts.append("## 行的条件 Conditions of rows\n\n" + _grid(("名称 name", "条件 condition"), conditions))
    closed = ", ".join(f"`{one}`" for one in file.unshared)
    parts.append(f"## 不给任何角色的表 Tables that only whole schemas open\n\n{closed}")
    return "\n\n".join(parts) + "\n"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _lake_table(name: str) -> str:
    doc = table_doc(name)
    rows = [(f"`{one.name}`", one.type.lower(), one.unit, one.meaning_zh, one.meaning_en) for one in doc.columns]
    reads = reads_of(name)
    lines = [f"## {name}", f"{doc.grain_zh} · {doc.grain_en}"]
    lines += [f"读 reads: {reads}"] if reads else []
    return "\n\n".join([*lines, _grid(("列 column", "类型 type", "单位 unit", "含义", "meaning"), rows)])


def _database(metadata: MetaData, docs: dict[str, str]) -> list[str]:
    return [_database_table(table, docs, column_words()) for table in metadata.sorted_tables]


def _database_table(table: Table, docs: dict[str, str], words: dict[str, list[str]]) -> str:
    rows = []
    for column in table.columns:
        zh, en = words[column.name]
        notes = [note for note, holds in (("pk", column.primary_key), ("null", column.nullable)) if holds]
        notes += [f"→ {key.column.table.name}" for key in column.foreign_keys]
        rows.append((f"`{column.name}`", str(column.type).lower(), " ".join(notes), zh, en))
    return f"## {table.name}\n\n{docs[table.name]}\n\n" + _grid(("列 column", "类型 type", "", "含义", "meaning"), rows)


def commands() -> str:
    """Every command of `mianshen` with its options."""
    note = "拒绝时退出码为 2,原因写在标准错误。 A refusal ends with exit code 2 and its reason on standard error."
    parts = [_head("命令 Commands", "include/mianshen/cli", note)]
    root = typer.main.get_command(app)
    parts += [_command(path, command) for path, command in _walk("mianshen", root) if not hasattr(command, "commands")]
    return "\n\n".join(parts) + "\n"


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _walk(f"{path} {name}", inner)


def _command(path: str, command: Any) -> str:
    rows = []
    for parameter in command.params:
        if "--help" in parameter.opts:
            continue
        written = " / ".join(f"`{one}`" for one in (*parameter.opts, *parameter.secondary_opts))
        default = "" if parameter.default in (None, False, ()) else f"`{parameter.default}`"
        needed = "必填 required" if parameter.required else default
        rows.append((written, needed, " ".join((getattr(parameter, "help", None) or "").split())))
    text = f"## {path}\n\n{' '.join((command.help or '').split())}"
    return f"{text}\n\n" + _grid(("选项 option", "默认 default", "含义 meaning"), rows) if rows else text


@cache
def policy_structure() -> str:
    """Rules and formulas of the county whose report counts them, without constants, with article and example."""
    found = structure_of(COUNTED, on=COUNTED_ON)
    note = (
        f"规则 {len(found.rules)} 条，公式 {len(found.formulas)} 个：去掉金额、比例、日期、代码后各不相同的才算。"
        f"公式中 x 自付，d 起付线，r 比例，c 封顶线，e 定额，f 折扣。\n\n"
        f"{len(found.rules)} rules and {len(found.formulas)} formulas of `{COUNTED}` on {COUNTED_ON}, "
        "counted without their constants. "
        "Each rule names an example that comes out otherwise without it, each formula one in which it pays. "
        f"`mianshen policy structure {COUNTED} --on {COUNTED_ON}` prints the same."
    )
    parts = [_head("规则与公式 Rules and formulas", "include/policies and mianshen.policy.structure", note)]
    for title, rows in (("规则 Rules", found.rules), ("公式 Formulas", found.formulas)):
        numbered = [(str(place), one.structure, one.article, one.status, one.example or "") for place, one in enumerate(rows, 1)]
        parts.append(f"## {title}\n\n" + _grid(("", "结构 structure", "条款 article", "状态 status", "示例 example"), numbered))
    return "\n\n".join(parts) + "\n"


def questions() -> str:
    """What the law leaves open and who answers it where."""
    note = (
        "文件没有写死的，是政策字段，不是常数：每一处写明缺省和各县的取舍。"
        "\n\n"
        "What documents leave open is a policy field, never a constant. "
        "The January rule of Tinghu is no field yet: its pack names it under `cannot_express`."
    )
    head = _head("原文没有写死的问题 Questions the law leaves open", "mianshen.policy.open_questions and include/policies", note)
    return f"{head}\n\n{open_questions.page()}\n"


def _head(title: str, source: str, note: str) -> str:
    return f"<!-- written by make docs from {source}; do not edit -->\n\n# {title}\n\n{note}"


def _grid(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> int:
    """Write every page."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
