"""One policy page: a YAML 1.2 file as spots that know their file and line. Duplicate keys, tags and anchors are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, ScalarEvent
from ruamel.yaml.parser import Parser
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scanner import Scanner

from mianshen.core.errors import MianshenError
from mianshen.policy.slips import control_line, line_of_slip, syntax_zh


@dataclass(frozen=True, slots=True)
class Spot:
    """A value together with the place where it is written."""

    value: Any
    """What ruamel read: mapping, sequence, text, whole number, truth or None; a day is text."""
    file: str
    """The file's path inside include/policies."""
    line: int
    """Line of the value, from 1."""
    path: str
    """Keys that lead to the value, joined by dots."""

    def refuse(self, zh: str, en: str) -> NoReturn:
        """Raises MianshenError POLICY_DAMAGED with the file and line."""
        raise MianshenError("POLICY_DAMAGED", found=f"{zh} / {en}", where=f"{self.file}:{self.line}")

    def entries(self) -> Iterator[tuple[Spot, Spot]]:
        """The key and value spots of a mapping, in the order written."""
        for key, value in self.value.items():
            here = f"{self.path}.{key}" if self.path else str(key)
            line = self.value.lc.key(key)[0] + 1
            yield Spot(key, self.file, line, here), Spot(value, self.file, _line_of(value, line), here)

    def items(self) -> Iterator[Spot]:
        """The spots of a sequence."""
        for index, value in enumerate(self.value):
            line = self.value.lc.item(index)[0] + 1
            yield Spot(value, self.file, _line_of(value, line), f"{self.path}[{index + 1}]")

    def is_mapping(self) -> bool:
        """Whether the value has keys."""
        return isinstance(self.value, Mapping)

    def is_sequence(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.value, Sequence) and not isinstance(self.value, str | bytes)


def _line_of(value: object, otherwise: int) -> int:
    line = getattr(getattr(value, "lc", None), "line", None)
    return otherwise if line is None else max(int(line) + 1, otherwise)


def open_page(path: Path, *, shown_as: str) -> Spot:
    """The page at this path. MianshenError POLICY_DAMAGED when it is absent, no YAML 1.2, or uses what officials cannot read."""
    missing = Spot(None, shown_as, 1, "")
    if not path.is_file():
        missing.refuse("文件不存在", "the file is missing")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        missing.refuse("文件不是 UTF-8 编码", "the file is not UTF-8")
    return read_page(text, shown_as=shown_as)


@lru_cache(maxsize=512)
def read_page(text: str, *, shown_as: str) -> Spot:
    """The page written in this text; errors as `open_page`. The same text is parsed once in a process."""
    try:
        if text.startswith("%"):
            raise _CleverError(1, "不得使用 % 指令", "directives (%) are not allowed")
        value = _parser().load(StringIO(text))
    except _CleverError as cause:
        Spot(None, shown_as, cause.line, "").refuse(cause.zh, cause.en)
    except DuplicateKeyError as cause:
        _refuse_duplicate(cause, shown_as)
    except MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        line = line_of_slip(text, mark.line + 1 if mark else 1)
        _refuse_syntax(cause, cause.problem or "not YAML", f"{shown_as}:{line}")
    except (YAMLError, ValueError) as cause:
        _refuse_syntax(cause, str(cause).splitlines()[0], f"{shown_as}:{control_line(text)}")
    if not isinstance(value, Mapping):
        Spot(value, shown_as, 1, "").refuse("页面应由 键: 值 组成", "a page is made of key: value pairs")
    return Spot(value, shown_as, 1, "")


def _refuse_syntax(cause: Exception, problem: str, where: str) -> NoReturn:
    raise MianshenError("POLICY_DAMAGED", found=f"YAML 语法错误:{syntax_zh(problem)} / {problem}", where=where) from cause


class _CleverError(Exception):
    """Something of YAML that a page must not use."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.line = line
        self.zh = zh
        self.en = en


class _PlainComposer(Composer):
    """Composes a page that says what it means: no anchors, aliases or tags."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node, refused when it is clever."""
        event = self.parser.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _CleverError(line, "不得使用锚点和引用(& 与 *)", "anchors and aliases (& and *) are not allowed")
        if getattr(event, "tag", None) is not None:
            raise _CleverError(line, "不得使用标签(!)", "tags (!) are not allowed")
        if isinstance(event, ScalarEvent) and event.value == "<<":
            raise _CleverError(line, "不得使用合并键 <<", "the merge key << is not allowed")
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class Decimals:
    """A number with decimals, or an exponent, as it is written: no shape takes one that is not in quotes."""

    written: str
    """Its text."""

    def __str__(self) -> str:
        return self.written


class _PlainConstructor(RoundTripConstructor):
    """Keeps numbers with decimals as they are written, so that a complaint shows the very text."""


_PlainConstructor.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimals(str(node.value)))


class _PlainResolver(VersionedResolver):
    """Reads days as text: the shapes turn them into dates and say where one does not exist."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag of a node; a timestamp is text."""
        tag = super().resolve(kind, value, implicit)
        return self.DEFAULT_SCALAR_TAG if str(tag).endswith(":timestamp") else tag


def _parser() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Scanner, yaml.Parser = Scanner, Parser  # comments are not kept: nobody writes a page back
    yaml.Composer = _PlainComposer
    yaml.Constructor = _PlainConstructor
    yaml.Resolver = _PlainResolver
    yaml.version = (1, 2)
    yaml.allow_duplicate_keys = False
    return yaml


def _refuse_duplicate(cause: DuplicateKeyError, shown_as: str) -> NoReturn:
    line = cause.problem_mark.line + 1 if cause.problem_mark else 1
    named = re.search(r'duplicate key "([^"]*)"', str(cause.problem))
    key = named[1] if named else "?"
    found = f"同一层的键 {key} 写了两次 / the key {key} stands twice in one place"
    raise MianshenError("POLICY_DAMAGED", found=found, where=f"{shown_as}:{line}") from cause
