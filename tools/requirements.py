"""The requirements of the five sources: what each asks, the test that proves it, and the one line whose loss that test notices.

`tests/requirements.yaml` is the list. A test is found where it names a number: in its name or docstring (`test_r003_05_...`,
`R003-05`), or as `requirement:` of an example beside a pack's law. `python tools/requirements.py` writes the page (make docs).
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "requirements.yaml"
PAGE = ROOT / "docs" / "reference" / "requirements.md"
NUMBER = re.compile(r"R00[0-4]-\d{2}")
IN_A_NAME = re.compile(r"_(r00[0-4])_(\d\d)((?:_(?:and|to)_\d\d)?)")
SOURCES = {"R000": 21, "R001": 19, "R002": 15, "R003": 16, "R004": 12}
"""How many numbered requirements each source has."""
EXAMPLES = "tests/policy/test_examples.py::test_the_law_says_what_the_example_says"
CONFIRMED = "tests/policy/test_eligibility.py::test_the_law_says_what_the_example_says"


@dataclass(frozen=True, slots=True)
class Deletion:
    """One line without which the behaviour is gone."""

    file: str
    """The file, from the repository's root."""
    line: str
    """The line without its indentation."""
    nth: int = 0
    """Which of the lines that read so, from 1; 0 for a line that stands once."""

    def place(self, text: str) -> int:
        """The line's number in the file's text, from 0. LookupError when it does not stand there as told."""
        found = [place for place, line in enumerate(text.split("\n")) if line.strip() == self.line]
        if len(found) != 1 if self.nth == 0 else len(found) < self.nth:
            raise LookupError(f"{self.file} has {len(found)} lines [{self.line}]")
        return found[max(self.nth, 1) - 1]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One numbered requirement."""

    number: str
    """R000-01 to R004-12."""
    zh: str
    """What is asked, Chinese."""
    en: str
    """What is asked, English."""
    page: str
    """The page that tells of it, from docs/."""
    without: Deletion | None
    """The deletion that its test notices; None while it is open."""
    test: str
    """Node of the test that must fail without the line; empty while it is open."""
    only: str
    """Of a test that runs examples: the number by which those are picked that must fail."""
    open: str
    """What is still missing; empty when nothing is."""
    context: str
    """Why the text asks for nothing to be built: it tells of the surroundings; empty when it asks."""

    @property
    def is_proven(self) -> bool:
        """Whether a test notices the loss of its line."""
        return not (self.open or self.context)


@cache
def requirements() -> tuple[Requirement, ...]:
    """All of them in order; LookupError for a page that says neither what proves one nor what is missing."""
    found = []
    for number, said in YAML(typ="safe").load(LIST.read_text("utf-8")).items():
        without = Deletion(**said["without"]) if "without" in said else None
        one = Requirement(
            number=number,
            zh=said["zh"],
            en=said["en"],
            page=said.get("page", ""),
            without=without,
            test=said.get("test", ""),
            only=said.get("only", number),
            open=said.get("open", ""),
            context=said.get("context", ""),
        )
        if [bool(one.open), bool(one.context), bool(one.without and one.test and one.page)].count(True) != 1:
            raise LookupError(f"{LIST.name}: {number} needs page, test and without, or else open, or else context")
        found.append(one)
    return tuple(found)


def numbers() -> list[str]:
    """Every number that there is, in order."""
    return [f"{source}-{number:02}" for source, most in SOURCES.items() for number in range(1, most + 1)]


@cache
def naming_tests() -> dict[str, tuple[str, ...]]:
    """Number -> nodes of the tests that name it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node, named in _named(path):
            for number in named:
                found[number].add(node)
    for path in sorted((ROOT / "include" / "policies").glob("*/tests/**/*.yaml")):
        is_confirmed = path.parent.name == "eligibility" or not (path.parent.parent / "policy.yaml").exists()
        test = CONFIRMED if is_confirmed else EXAMPLES
        for number in re.findall(r"requirement: (R00[0-4]-\d{2})", path.read_text("utf-8")):
            found[number].add(test)
    return {number: tuple(sorted(nodes)) for number, nodes in found.items()}


def _named(path: Path) -> Iterator[tuple[str, set[str]]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            named = set(NUMBER.findall(ast.get_docstring(node) or "")) | set(_in_name(node.name))
            if named:
                yield f"{path.relative_to(ROOT).as_posix()}::{node.name}", named


def _in_name(name: str) -> Iterator[str]:
    """`test_r000_09_and_10_...` names two numbers, `test_r004_03_to_06_...` four."""
    for source, first, more in IN_A_NAME.findall(name):
        last = int(more[-2:]) if more else int(first)
        between = range(int(first), last + 1) if "_to_" in more else sorted({int(first), last})
        yield from (f"{source.upper()}-{number:02}" for number in between)


def page() -> str:
    """docs/reference/requirements.md: requirement, tests, page, and what is open."""
    proven = [one for one in requirements() if one.is_proven]
    lines = [
        "<!-- written by tools/requirements.py from tests/requirements.yaml; do not edit -->",
        "",
        "# 五个来源的要求 Requirements of the five sources",
        "",
        f"共 {len(requirements())} 条，已证明 {len(proven)} 条：删去所列的一行，粗体的试验就不通过。",
        f"{len(requirements())} requirements, {len(proven)} proven: the test in bold fails once the line beside it is deleted.",
    ]
    for source in SOURCES:
        head = ("编号", "要求 requirement", "试验 tests", "删去的一行 the deleted line")
        lines += ["", f"## {source}", "", f"| {' | '.join(head)} |", "| --- | --- | --- | --- |"]
        lines += [_row(one) for one in requirements() if one.number.startswith(source)]
    return "\n".join(lines) + "\n"


def _row(one: Requirement) -> str:
    told = f"[{one.number}](../{one.page})" if one.page else one.number
    others = [test for test in naming_tests().get(one.number, ()) if test != one.test.partition("[")[0]]
    tests = "<br>".join([f"**`{one.test}`**"] * bool(one.test) + [f"`{test}`" for test in others])
    return f"| {told} | {one.zh}<br>{one.en} | {tests} | {_line(one)} |"


def _line(one: Requirement) -> str:
    if one.context:
        return f"背景 context: {one.context}"
    if one.without is None:
        return f"**未完成 open**: {one.open}"
    return f"`{one.without.file}`: `{one.without.line.replace('|', chr(92) + '|')}`"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
