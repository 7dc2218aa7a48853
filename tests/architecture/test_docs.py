"""The documents keep up: words in the glossary, codes, tables and commands in the reference, links that lead somewhere."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from tests.architecture.sources import DAGS, PLUGINS, POLICIES, PRODUCT, ROOT, SQL, python_files
from tools import reference

from mianshen.cli.run import STAGE_NAMES
from mianshen.core.clocks import Counting
from mianshen.core.codes import REASONS
from mianshen.core.contract import Feed
from mianshen.core.decisions import Outcome
from mianshen.core.plan import EventKind, MafCounting, Status
from mianshen.policy import open_questions
from mianshen.policy.layout_eligibility import ELIGIBILITY
from mianshen.stages.catalogue import STAGES
from mianshen.warehouse.ledger import METADATA, VIEWS

DOCS = ROOT / "docs"
GLOSSARY = DOCS / "glossary.md"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
ENUMS: tuple[type[StrEnum], ...] = (Feed, Counting, Outcome, EventKind, MafCounting, Status)
GENERATED = ("reason-codes", "tables", "cli", "policy-structure", "open-questions", "access")
NOT_STAGES = {"__init__", "frame", "catalogue", "judging", "opening"}
DECISION_PARTS = ("Status:", "## Context", "## Decision", "## Consequences", "## A change violates this decision when it …")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def glossary_words(text: str) -> set[str]:
    """Words in the first column of the glossary's tables."""
    cells = (line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---"))
    return {cell.strip("`") for cell in cells}


def wanted_words() -> set[str]:
    """Closed lists that people meet: values of enumerations, stages, schemas, tables of the ledger."""
    stages = {path.stem for path in (PRODUCT / "stages").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    schemas = {path.name for path in SQL.iterdir() if path.is_dir()}
    return (
        {str(one) for kind in ENUMS for one in kind} | (stages - NOT_STAGES) | schemas | set(METADATA.tables) | set(VIEWS.tables)
    )


def test_every_word_is_in_the_glossary() -> None:
    missing = wanted_words() - glossary_words(GLOSSARY.read_text("utf-8"))
    assert missing == set(), f"docs/glossary.md lacks {sorted(missing)}"


def test_the_glossary_can_lack_a_word() -> None:
    assert glossary_words("| word | 中文 |\n| --- | --- |\n| `tier` | 层次 |\n") == {"word", "tier"}


def test_stages_bear_one_chinese_name() -> None:
    rows = [
        [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
        for line in GLOSSARY.read_text("utf-8").splitlines()
        if "|" in line
    ]
    named = {row[0]: row[1] for row in rows if row[0] in STAGE_NAMES}
    assert named == STAGE_NAMES
    assert list(STAGE_NAMES) == list(STAGES)


def chinese_terms(text: str) -> list[str]:
    """Rows of the glossary without a Chinese term in the second column."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    return [row[0] for row in rows if not set(row[0]) <= {"-", " "} and not re.search(r"[\u4e00-\u9fff]", row[1])]


def test_every_word_has_its_chinese_term() -> None:
    assert chinese_terms(GLOSSARY.read_text("utf-8")) == []
    assert chinese_terms("| `tier` | layer | a layer |\n") == ["`tier`"]


@pytest.mark.parametrize("name", [f"{one}.md" for one in GENERATED])
def test_the_generated_pages_are_current(name: str) -> None:
    path = reference.REFERENCE / name
    assert path.read_text("utf-8") == reference.pages()[path], "run make docs"


def enumerations(schema: object, key: str) -> Iterator[set[str]]:
    """The closed lists that a key has anywhere in a JSON schema, of the key itself or of its items."""
    if isinstance(schema, dict):
        own = schema.get("properties", {}).get(key, {})
        for shape in (own, own.get("items", {})):
            if "enum" in shape:
                yield set(shape["enum"])
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from enumerations(part, key)


@pytest.mark.parametrize("question", open_questions.QUESTIONS, ids=lambda one: one.en[:30])
def test_each_open_question_is_a_field_with_these_answers(question: open_questions.Question) -> None:
    schema = {"policy": json.loads((POLICIES / "policy.schema.json").read_text("utf-8")), "eligibility": ELIGIBILITY.schema()}
    answers = {word for value in question.values for word in re.findall(r"\w+", value)}
    found = [one for part in schema.values() for one in enumerations(part, question.key)]
    assert any(answers <= one for one in found), question.key
    assert open_questions.answered(question), "no pack shows an answer"


def test_every_reason_code_is_in_the_reference() -> None:
    text = (reference.REFERENCE / "reason-codes.md").read_text("utf-8")
    assert [code for code in REASONS if f"| `{code}` |" not in text] == []


def test_every_table_and_column_is_in_the_reference() -> None:
    text = (reference.REFERENCE / "tables.md").read_text("utf-8")
    for name, table in (METADATA.tables | VIEWS.tables).items():
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        assert [column.name for column in table.columns if f"| `{column.name}` |" not in section] == []
    assert [path.stem for path in SQL.glob("*/*.yml") if f"## {path.parent.name}.{path.stem}\n" not in text] == []


def test_every_reason_code_used_is_in_the_list() -> None:
    pattern = re.compile(r"MianshenError\(\s*\"([A-Z_]+)\"|reason\(\"([A-Z_]+)\"\)")
    used = {hit[1] or hit[2] for path in PRODUCT.rglob("*.py") for hit in pattern.finditer(path.read_text("utf-8"))}
    assert len(used) > 5
    assert used - set(REASONS) == set()


def environment_variables(text: str) -> set[str]:
    return set(re.findall(r"\bMIANSHEN_[A-Z_]+[A-Z]\b", text))


def test_every_environment_variable_is_in_the_settings() -> None:
    sources = [*python_files(PRODUCT, PLUGINS, DAGS, ROOT / "tools"), ROOT / "tests" / "conftest.py", ROOT / "Makefile"]
    used = set().union(*(environment_variables(path.read_text("utf-8")) for path in sources))
    assert used - environment_variables((reference.REFERENCE / "settings.md").read_text("utf-8")) == set()
    assert "MIANSHEN_HOME" in used


def broken_links(path: Path, text: str) -> list[str]:
    return [f"{path.name}: {target}" for target in LINK.findall(text) if not (path.parent / target).exists()]


def test_no_link_leads_nowhere() -> None:
    assert [line for path in PAGES for line in broken_links(path, path.read_text("utf-8"))] == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert broken_links(page, "see [there](nowhere.md#part)") == ["page.md: nowhere.md"]
    assert not broken_links(page, "see [there](https://example.invalid) and [here](#part)")


def decision_gaps(text: str) -> list[str]:
    gaps = [part for part in DECISION_PARTS if part not in text]
    return gaps if "- [ ] " in text.split(DECISION_PARTS[-1])[-1] else [*gaps, "a list to tick"]


def test_every_decision_can_be_ticked() -> None:
    pages = sorted((DOCS / "adr").glob("0*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    assert {page.name: gaps for page in pages if (gaps := decision_gaps(page.read_text("utf-8")))} == {}
    index = (DOCS / "adr" / "README.md").read_text("utf-8")
    assert [page.name for page in pages if f"({page.name})" not in index] == []


def test_a_decision_without_a_list_is_found() -> None:
    assert "a list to tick" in decision_gaps("Status: accepted.\n## Context\n## Decision\n## Consequences\n")


def test_every_document_is_reached_from_the_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    listed = {(DOCS / target).resolve() for target in LINK.findall(index)}
    adr = {path.resolve() for path in (DOCS / "adr").glob("*.md")}
    lone = {path.resolve() for path in DOCS.rglob("*.md")} - listed - adr - {(DOCS / "README.md").resolve()}
    assert lone == set(), "not linked from docs/README.md"


def test_the_readme_names_the_two_commands_and_ci_runs_one() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make check" in text
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("make check")


def test_every_pack_says_what_changed() -> None:
    packs = [path for path in POLICIES.iterdir() if (path / "policy.yaml").exists()]
    assert packs
    assert [path.name for path in packs if not (path / "CHANGES.md").exists()] == []


def test_the_changelog_has_a_chapter_for_the_law() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in text
    assert "### 政策变更" in text


def test_tools_are_importable_by_their_page() -> None:
    assert importlib.import_module("tools.reference") is reference
