"""What people slip on when they write a page: what was found, in words, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

_KINDS = (
    (bool, "真假值", "a truth value"),
    (int, "整数", "a whole number"),
    (str, "文字", "text"),
    (dict, "键: 值", "key: value pairs"),
    (list, "列表", "a list"),
)
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_UNIT = re.compile("[0-9][0-9.,]* *[\u4e07\u4ebf]")
_YUAN = re.compile("[0-9] *(\u5143|\uffe5|CNY|RMB)|^[\u00a5\uffe5]")
_THOUSANDS = re.compile(r"^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$")
_CURLED = re.compile("[\u201c\u201d\u2018\u2019\u300c\u300d]")
_WRITTEN = (
    (_CURLED, "引号须用半角的 \" ", "use plain quotes"),
    (_UNIT, "金额以元为单位写数字,1 万元写 10000", "write yuan in digits: 1 万 is 10000"),
    (_YUAN, "只写数字,不带单位", "write the digits alone, without a unit"),
    (_THOUSANDS, "不写千分位的逗号", "write no comma between thousands"),
    (_WIDE, "数字和符号须用半角", "use half-width digits and signs"),
)  # fmt: skip
_SYNTAX = (
    ("cannot start any token", "行首或值前用了制表符(Tab)等字符;缩进请用空格"),
    ("could not find expected ':'", "这一行或上一行的键后面没有半角冒号;冒号后须有一个空格"),
    ("mapping values are not allowed", "缩进不齐(全角空格也不算缩进),或一行里写了两个冒号;文字里有冒号的请加引号"),
    ("expected <block end>", "缩进不齐,或同一层一处写成列表(-)一处写成键"),
    ("did not find expected", "括号或逗号不成对"),
    ("expected ',' or", "花括号或方括号里缺逗号,或没有收尾"),
    ("found unexpected end of stream", "引号没有收尾"),
    ("special characters are not allowed", "文件里有看不见的控制字符,请删去重打这一行"),
)
_WIDE_KEY = re.compile("^[ \u3000]*(- )?[A-Za-z_]+\uff1a|^ *\u3000")


def told(value: Any) -> tuple[str, str]:
    """The value and its kind in words, and what to write instead where that can be told; Chinese, then English."""
    if value is None or value == "":
        return "空的", "empty"
    kind_zh, kind_en = next(((zh, en) for kind, zh, en in _KINDS if isinstance(value, kind)), ("小数", "a decimal number"))
    if isinstance(value, dict | list):
        return kind_zh, kind_en
    zh, en = f"{value}({kind_zh})", f"{value}({kind_en})"
    for pattern, help_zh, help_en in _WRITTEN:
        if pattern.search(str(value)):
            return f"{zh}[{help_zh}]", f"{en}[{help_en}]"
    return zh, en


def nearest(found: str, known: Iterable[str]) -> tuple[str, str]:
    """The registered codes that look like the one found, as a question; nothing where none does."""
    by_lower = {one.lower(): one for one in sorted(known)}
    near = difflib.get_close_matches(found.lower(), by_lower, n=1)
    return (f"(是否 {by_lower[near[0]]}?)", f" (did you mean {by_lower[near[0]]}?)") if near else ("", "")


def syntax_zh(problem: str) -> str:
    """What the parser's complaint means for the one who wrote the page."""
    return next((zh for words, zh in _SYNTAX if words in problem), "这一行附近不合 YAML 的写法:看缩进、冒号、括号和引号")


def line_of_slip(text: str, line: int) -> int:
    """The line to look at: one with a full-width space or colon where the parser stopped or just before, else the parser's."""
    lines = text.splitlines()
    near = [one for one in (line - 1, line) if 0 < one <= len(lines)]
    return next((one for one in near if _WIDE_KEY.match(lines[one - 1])), line)


def control_line(text: str) -> int:
    """The line of the first control character; 1 where there is none."""
    found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    return 1 if found is None else text[: found.start()].count("\n") + 1
