"""policy.schema.json says what the loader reads: no key more, none less, and every shipped page obeys it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from mianshen.policy.packs import POLICIES, pack_names
from mianshen.policy.pages import read_page
from mianshen.policy.schema import PAGES, schema_of_pages
from mianshen.policy.shapes import Keyed, Listed, Maybe, Record, Shape

WRITTEN = json.loads((POLICIES / "policy.schema.json").read_text("utf-8"))


def kind_of(path: Path) -> str | None:
    named = {
        "feeds": "contract",
        "bank": "bank",
        "returns": "returns",
        "overlays": "overlay",
        "workdays": "workdays",
        "tests": "examples",
    }
    if path.parent.name == "eligibility":
        return "eligibility_examples"
    if path.parent.name in named:
        return named[path.parent.name]
    if path.stem == "release" and path.parent.name != "national":
        return "county_release"
    return path.stem if path.stem in PAGES else "tier"


def pages() -> list[Path]:
    return sorted(path for name in (*pack_names(), "national") for path in (POLICIES / name).rglob("*.yaml"))


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def test_the_file_is_what_the_shapes_say() -> None:
    assert schema_of_pages() == WRITTEN, "run: python tools/write_policy_schema.py"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(WRITTEN)


@pytest.mark.parametrize("path", pages(), ids=lambda one: str(one.relative_to(POLICIES)))
def test_every_shipped_page_obeys_the_schema_and_the_loader(path: Path) -> None:
    kind = kind_of(path)
    text = path.read_text("utf-8")
    value = plain(read_page(text, shown_as=path.name).value)
    schema = {"$ref": f"#/$defs/{kind}", "$defs": WRITTEN["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(value)
    assert PAGES[str(kind)].read(read_page(text, shown_as=path.name))


def keys_of(shape: Shape) -> set[str]:
    if isinstance(shape, Record):
        return set(shape.fields) | {key for field in shape.fields.values() for key in keys_of(field.shape)}
    if isinstance(shape, Listed | Keyed | Maybe):
        return keys_of(shape.shape)
    return set()


def keys_in(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {key for one in schema for key in keys_in(one)}
    if not isinstance(schema, dict):
        return set()
    found = set(schema.get("properties", {}))
    return found | {key for one in schema.values() for key in keys_in(one)}


@pytest.mark.parametrize("kind", sorted(PAGES))
def test_every_key_that_the_loader_takes_is_documented(kind: str) -> None:
    assert keys_of(PAGES[kind]) <= keys_in(WRITTEN["$defs"][kind])
    for name, field in PAGES[kind].fields.items():
        assert WRITTEN["$defs"][kind]["properties"][name]["description"] == field.note != ""


@pytest.mark.parametrize("kind", sorted(PAGES))
def test_a_key_more_is_refused_by_the_schema_too(kind: str) -> None:
    with pytest.raises(jsonschema.ValidationError, match="zzz"):
        jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": WRITTEN["$defs"]}).validate({"zzz": 1})


def test_yaml_of_other_tools_reads_the_pages_alike() -> None:
    """An official's editor may read with any YAML 1.2 parser: no text changes its meaning there, days aside."""
    for path in pages():
        other = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
        ours = plain(read_page(path.read_text("utf-8"), shown_as=path.name).value)
        assert json.dumps(other, default=str, sort_keys=True) == json.dumps(ours, default=str, sort_keys=True), path.name
