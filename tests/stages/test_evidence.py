"""The evidence package of a case: whole, nameless, checked without any database; every tampering is found."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.stages.money_county import County, Line, agree_to_all, certno_of, make_county
from tests.stages.radar_home import over_line, profiled, rows
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.stages import apply, approve, disclose, evidence, pay, radar
from mianshen.warehouse import evidence as packages
from mianshen.warehouse.audit import Head, rows_of
from mianshen.warehouse.ledger import APPLICATION, CASE

NAMES = ("甲某人", "乙某人")
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> County:
    """Two people were granted and paid."""
    made = make_county(tmp_path_factory.mktemp("paid") / "home", NAMES)
    made.assess([Line(name, f"e{number}", 123456) for number, name in enumerate(NAMES)])
    for stage in (apply, approve):
        stage.run(made.job)
    agree_to_all(made)
    made.later(days=1)
    for stage in (pay, disclose):
        stage.run(made.job)
    made.later(days=1)
    return made


@pytest.fixture(scope="module")
def package(paid: County) -> bytes:
    return evidence.pack_case(paid.job, application(paid))


def application(county: County) -> str:
    return str(rows(county, APPLICATION)[0]["application_id"])


def parts_of(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(parts: Parts, *, relisted: bool = True) -> bytes:
    """The parts as a package, its list made anew as a forger would."""
    if relisted:
        about = json.loads(parts["manifest.json"])
        about["files"] = {name: sha256_hex(one) for name, one in parts.items() if name != "manifest.json"}
        parts = {**parts, "manifest.json": canonical_json(about)}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, one in parts.items():
            file.writestr(name, one)
    return whole.getvalue()


def problems(content: bytes, expected: Head | None = None) -> list[tuple[str, str]]:
    return [(one.problem, one.part) for one in packages.check(content, expected=expected, where="p.zip")[1]]


def test_a_package_holds_the_whole_story_and_checks_out(paid: County, package: bytes) -> None:
    parts = parts_of(package)
    assert problems(package) == []
    told = {name.removeprefix("ledger/").removesuffix(".jsonl") for name in parts if name.startswith("ledger/")}
    wanted = {"case", "case_event", "application", "approval_item", "approval_batch", "award_posting", "payment_line", "payment"}
    assert wanted | {"payment_batch", "clock", "clock_event"} <= told
    postings = [json.loads(line) for line in parts["ledger/award_posting.jsonl"].splitlines()]
    lines = [json.loads(line) for line in parts["ledger/payment_line.jsonl"].splitlines()]
    assert sum(one["amount_fen"] for one in postings) == sum(one["amount_fen"] for one in lines) == 123456
    assert {one["person_key"] for one in postings} == {rows(paid, APPLICATION)[0]["person_key"]}, "of nobody else"


def test_nobody_is_named_in_it(package: bytes) -> None:
    whole = b"".join(parts_of(package).values()).decode()
    for secret in (*NAMES, *(certno_of(number) for number in range(2)), *(f"62{number:017d}" for number in range(2))):
        assert secret not in whole


def test_that_it_was_made_stands_in_the_chain(paid: County, package: bytes) -> None:
    with paid.job.ledger.connect() as connection:
        made = [one for one in rows_of(connection) if one["action"] == "evidence.packed"]
    assert json.loads(made[0]["detail"])["package_sha256"] == sha256_hex(package)
    about, _ = packages.check(package, where="p.zip")
    assert about["chain"]["count"] == made[0]["audit_no"] - 1


@pytest.mark.parametrize("seed", range(30))
def test_a_drawn_change_of_any_row_is_found_though_the_list_was_made_anew(package: bytes, seed: int) -> None:
    chance, parts = random.Random(seed), parts_of(package)
    name = chance.choice(sorted(one for one in parts if one.startswith("ledger/")))
    told = [json.loads(line) for line in parts[name].splitlines()]
    row = chance.choice(told)
    column = chance.choice(sorted(row))
    row[column] = other(row[column])
    parts[name] = b"".join(canonical_json(one) + b"\n" for one in told)
    found = problems(zipped(parts))
    table = name.removeprefix("ledger/").removesuffix(".jsonl")
    assert found and all(part.startswith(f"{table} ") for _, part in found), (name, column)


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value or ''}x"


def without(name: str) -> Callable[[Parts], None]:
    def drop(parts: Parts) -> None:
        del parts[name]

    return drop


def cut_line(name: str, place: int) -> Callable[[Parts], None]:
    def cut(parts: Parts) -> None:
        lines = parts[name].splitlines(keepends=True)
        del lines[place]
        parts[name] = b"".join(lines)

    return cut


def forged(name: str, old: bytes, new: bytes) -> Callable[[Parts], None]:
    def forge(parts: Parts) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return forge


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (cut_line("ledger/case_event.jsonl", 0), "missing"),
        (cut_line("ledger/case.jsonl", 0), "missing"),
        (without("ledger/case_event.jsonl"), "missing"),
        (without("seal.jsonl"), "seal"),
        (cut_line("seal.jsonl", 5), "seal"),
        (cut_line("audit.jsonl", 1), "chain"),
        (cut_line("audit.jsonl", -1), "chain"),
        (forged("audit.jsonl", b'"actor":"system"', b'"actor":"nobody"'), "chain"),
        (without("audit.jsonl"), "chain"),
    ],
)
def test_a_part_that_was_cut_out_or_forged_is_found(package: bytes, tamper: Callable[[Parts], None], problem: str) -> None:
    parts = parts_of(package)
    tamper(parts)
    assert problem in {kind for kind, _ in problems(zipped(parts))}


def test_what_does_not_fit_the_list_is_found_by_name(package: bytes) -> None:
    parts = parts_of(package)
    assert problems(zipped({**parts, "more.txt": b"x"}, relisted=False)) == [("added", "more.txt")]
    assert problems(zipped({**parts, "records.jsonl": b"{}\n"}, relisted=False)) == [("changed", "records.jsonl")]
    del parts["README.txt"]
    assert problems(zipped(parts, relisted=False)) == [("missing", "README.txt")]


def test_a_chain_that_was_made_anew_differs_from_a_printed_head(package: bytes) -> None:
    about, found = packages.check(package, expected=Head("0" * 64, 3), where="p.zip")
    assert [one.part for one in found] == ["other_head 3"]
    assert problems(package, Head(about["chain"]["head"], about["chain"]["count"])) == []


@pytest.mark.parametrize("content", [b"", b"PK", b"{}"])
def test_what_is_no_package_is_said_so(content: bytes) -> None:
    with pytest.raises(MianshenError) as refused:
        packages.check(content, where="p.zip")
    assert refused.value.code == "PACKAGE_UNREADABLE"


def test_a_visit_has_its_package_too(tmp_path: Path) -> None:
    county = make_county(tmp_path / "home", NAMES)
    county.assess([])
    profiled(county, over_line(county, *NAMES))
    radar.run(county.job)
    [case, other_case] = [str(one["case_id"]) for one in rows(county, CASE)]
    content = evidence.pack_case(county.job, case)
    assert problems(content) == []
    whole = b"".join(one for name, one in parts_of(content).items() if name.startswith("ledger/")).decode()
    assert "OVER_LINE_UNLISTED" in whole and case in whole and other_case not in whole


def test_the_commands_make_and_check_it(paid: County, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    home = ["--home", str(paid.job.home.root)]
    common = ["--pack", "510118_xinjin", "--out", str(out), "--actor", "jiwei_zhao", "--at", paid.job.as_of.isoformat()]
    made = CliRunner().invoke(app, ["audit", "pack", application(paid), *common, *home])
    assert made.exit_code == 0 and sha256_hex(out.read_bytes()) in made.output, made.output
    elsewhere = ["audit", "verify", "--package", str(out), "--home", str(tmp_path / "nowhere")]
    held = CliRunner().invoke(app, elsewhere)
    assert held.exit_code == 0 and application(paid) in held.output, held.output
    parts = parts_of(out.read_bytes())
    forged("ledger/award_posting.jsonl", b'"amount_fen":123456', b'"amount_fen":923456')(parts)
    out.write_bytes(zipped(parts))
    broken = CliRunner().invoke(app, elsewhere)
    assert broken.exit_code == 1 and "award_posting" in broken.output
