"""同人认定: two people decide that a written identity is a person; only that links, and only that row, from the next load on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.intake_county import (
    CHILDREN,
    PACK,
    SETTLEMENT,
    Intake,
    certno,
    child,
    children,
    make_intake,
    settlement,
    settlements,
)
from typer.testing import CliRunner

from mianshen.cli import person
from mianshen.core.errors import MianshenError
from mianshen.core.ids import check_digit
from mianshen.feeds.expectations import Quality
from mianshen.stages import disclose, link, profile, validate
from mianshen.stages.link import Place
from mianshen.vault.tables import LOOKUP_LOG, PERSON_LINK
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT

NEXT = CHILDREN.replace("202610", "202611")
AFTER = CHILDREN.replace("202610", "202612")
WHY = {"reason": "户籍资料核对", "document": "核字〔2026〕12号"}


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


@pytest.fixture(autouse=True)
def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = lambda _rows, *, folder, **_about: Quality(0, (), (), folder)  # noqa: E731
    monkeypatch.setattr(validate, "judge_rows", passed)


def take(intake: Intake, name: str, content: bytes, **shift: int) -> str:
    """Deliver the file some time later; its delivery_id."""
    intake.job = replace(intake.job, as_of=intake.job.as_of + timedelta(**shift))
    intake.drop(name, content)
    intake.run()
    return next(row["delivery_id"] for row in reversed(intake.deliveries()) if row["file_name"] == name)


def by(intake: Intake, actor: str) -> Any:
    return replace(intake.job, actor=actor)


def linked(intake: Intake, row: Place, to: str) -> str:
    """Propose as one clerk, confirm as another."""
    job = by(intake, "clerk")
    link_id = link.propose(job, link.look(job, row, to), **WHY)
    link.confirm(by(intake, "checker"), link_id, **WHY)
    return link_id


def keys(intake: Intake, delivery_id: str) -> dict[int, str | None]:
    return {row["line_no"]: row["person_key"] for row in intake.rows("staging.roster_keyed") if row["delivery_id"] == delivery_id}


def wrong_digit(serial: int) -> str:
    whole = certno(serial)
    return whole[:9] + str((int(whole[9]) + 1) % 10) + whole[10:]


def test_a_row_with_a_wrong_number_becomes_its_person_by_two_people_and_the_slip_clears(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1), child(2), child(3)))
    meant = keys(intake, first)[3]
    bad = children(child(1), child(2, 身份证号=wrong_digit(2)), child(3))
    second = take(intake, NEXT, bad, days=30)
    assert link.suggested(intake.job) == [(second, 3, meant, "NUMBER_SLIPPED")]
    again = take(intake, NEXT, bad + b"\n", days=1)
    assert keys(intake, again)[3] is None, "a suggestion alone links nobody"
    row = Place(again, 3)
    prospect = link.look(by(intake, "clerk"), row, f"{first}:3")
    assert (prospect.link.to_key, prospect.names, prospect.together) == (meant, "same", 0)
    assert certno(2) not in str(prospect) and "童丙" not in prospect.row_shown + prospect.person_shown
    assert prospect.person_shown.endswith(certno(2)[-4:])
    link_id = link.propose(by(intake, "clerk"), prospect, **WHY)
    assert keys(intake, take(intake, NEXT, bad + b"\n\n", days=1))[3] is None, "a proposal links nobody"
    link.confirm(by(intake, "checker"), link_id, **WHY)
    profile.run(intake.job)
    third = take(intake, AFTER, bad, days=30)
    assert keys(intake, third)[3] == meant
    fixes = {(one["line_no"], one["reason_code"]) for one in intake.rows("staging.row_fix") if one["delivery_id"] == third}
    assert (3, "PERSON_LINKED") in fixes and not {line for line, code in fixes if code == "PERSON_LINKED"} - {3}
    intake.job = replace(intake.job, month=intake.job.month.shift(2))
    profile.run(intake.job)
    disclose.run(intake.job)
    cleared = [one for one in intake.rows("out.return_row") if one["closed_by"] == third]
    assert {one["state_code"] for one in cleared} == {"CORRECTED"}
    slips = sorted(one.name for one in (intake.job.home.outbox(intake.job.pack.name) / "returns").rglob("*.xlsx"))
    assert slips and not any("2026-12" in one for one in slips), "December's list has nothing to return"
    link.undo(by(intake, "checker"), link_id, **WHY)
    assert keys(intake, take(intake, AFTER, bad + b"\n", days=1))[3] is None, "undone by a new record"
    acts = [(one["act"], one["actor"]) for one in link.listed(intake.job)]
    assert acts == [("proposed", "clerk"), ("confirmed", "checker"), ("undone", "checker")]


def test_rows_without_a_number_are_told_apart_by_what_else_they_say(intake: Intake) -> None:
    """Planted: two children of one name, one linked; a third of that name; every automatic link is right."""
    first = take(intake, CHILDREN, children(child(1), child(8), child(15)))
    mine, other = child(1, 身份证号="", 监护人="甲母"), child(8, 身份证号="", 监护人="乙母")
    assert mine[0] == other[0], "the same name"
    second = take(intake, NEXT, children(mine, other, child(15)), days=30)
    linked(intake, Place(second, 2), f"{first}:2")
    third = take(intake, AFTER, children(mine, other, child(15), child(22, 身份证号="", 监护人="丙母")), days=30)
    assert keys(intake, third) == {2: keys(intake, first)[2], 3: None, 4: keys(intake, first)[4], 5: None}
    twice = take(intake, AFTER, children(mine, mine, other, child(15)), days=1)
    assert keys(intake, twice) == {2: None, 3: None, 4: None, 5: keys(intake, first)[4]}, "two rows that look alike are nobody's"


def test_a_row_that_says_nothing_but_a_name_is_not_linked(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1)))
    bare = child(1, 身份证号="", 镇街="")
    second = take(intake, NEXT, children(bare), days=30)
    with pytest.raises(MianshenError) as raised:
        link.look(by(intake, "clerk"), Place(second, 2), f"{first}:2")
    assert raised.value.code == "LINK_TOO_VAGUE"


def test_a_corrected_number_is_its_person_in_every_feed_from_then_on(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1), child(2)))
    old = keys(intake, first)[3]
    new = certno(2)[:14] + "888"
    new += check_digit(new)
    second = take(intake, NEXT, children(child(1), child(2, 身份证号=new)), days=30)
    fresh = keys(intake, second)[3]
    assert fresh not in (None, old)
    prospect = link.look(by(intake, "clerk"), Place(second, 3), str(old))
    assert (prospect.names, prospect.is_same_birth, prospect.loaded) == ("same", True, {"roster": 1})
    linked(intake, Place(second, 3), str(old))
    third = take(intake, AFTER, children(child(1), child(2, 身份证号=new)), days=30)
    assert keys(intake, third)[3] == old
    take(intake, SETTLEMENT, settlements(settlement(2, certno=new), settlement(9)), days=1)
    assert old in {row["person_key"] for row in intake.rows("staging.settlement")}
    register = intake.register()
    said = {"purpose": "test", "recipient": "test", "actor": "test", "anchor": lambda _: None}
    opened = register.open_persons([str(old)], fields=("name", "certno"), at=intake.job.as_of, **said)
    assert opened[str(old)].certno == certno(2), "the record stays that of the person"
    assert link.suggested(intake.job)[-1][0] != third, "nothing is left to suggest"


def test_who_when_and_why_are_demanded_and_nobody_checks_himself(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1), child(2)))
    second = take(intake, NEXT, children(child(1), child(2, 身份证号=wrong_digit(2))), days=30)
    job = by(intake, "clerk")
    prospect = link.look(job, Place(second, 3), f"{first}:3")
    with pytest.raises(MianshenError, match="LINK_UNEXPLAINED"):
        link.propose(job, prospect, reason="", document="x")
    link_id = link.propose(job, prospect, **WHY)
    for code, act in (
        ("LINK_SAME_HAND", lambda: link.confirm(job, link_id, **WHY)),
        ("LINK_UNKNOWN", lambda: link.confirm(by(intake, "checker"), "L0", **WHY)),
        ("LINK_ROW_UNKNOWN", lambda: link.look(job, Place(second, 99), f"{first}:3")),
        ("LINK_ROW_UNKNOWN", lambda: link.look(job, Place("D0", 3), f"{first}:3")),
        ("LINK_ROW_UNFIT", lambda: link.look(job, Place(first, 3), f"{second}:3")),
        ("PERSON_UNKNOWN", lambda: link.look(job, Place(second, 3), "NOBODY")),
        ("LINK_SAME_PERSON", lambda: link.propose(job, link.look(job, Place(first, 3), f"{first}:3"), **WHY)),
    ):
        with pytest.raises(MianshenError, match=code):
            act()
    link.confirm(by(intake, "checker"), link_id, **WHY)
    for code, act in (
        ("LINK_DECIDED", lambda: link.confirm(by(intake, "third"), link_id, **WHY)),
        ("LINK_DECIDED", lambda: link.propose(job, prospect, **WHY)),
    ):
        with pytest.raises(MianshenError, match=code):
            act()


def test_two_who_stand_side_by_side_are_told_and_no_circle_is_made(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1), child(2)))
    assert link.look(by(intake, "clerk"), Place(first, 2), f"{first}:3").together == 1
    linked(intake, Place(first, 2), f"{first}:3")
    with pytest.raises(MianshenError, match="LINK_SAME_PERSON"):
        linked(intake, Place(first, 3), f"{first}:2")


def test_nothing_of_a_link_names_anybody_outside_the_vault(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1), child(2)))
    second = take(intake, NEXT, children(child(1), child(2, 身份证号=wrong_digit(2))), days=30)
    linked(intake, Place(second, 3), f"{first}:3")
    with intake.job.ledger.connect() as connection:
        chained = [tuple(row) for row in connection.execute(select(AUDIT.c.action, AUDIT.c.detail)).all()]
    assert [action for action, _ in chained if action.startswith("person.")] == ["person.link_proposed", "person.link_confirmed"]
    with open_database(intake.job.vault_url).connect() as connection:
        stored = [tuple(row) for row in connection.execute(select(PERSON_LINK)).all()]
        looked = list(connection.execute(select(LOOKUP_LOG.c.purpose)).scalars())
    for secret in (certno(2), wrong_digit(2), "童丙"):
        assert secret not in str(chained) + str(stored) + str(intake.rows("staging.row_fix"))
    assert looked == [f"person link {second}:3"]


def test_from_the_terminal_nothing_is_named_and_a_rehearsal_records_nothing(intake: Intake) -> None:
    first = take(intake, CHILDREN, children(child(1), child(2)))
    second = take(intake, NEXT, children(child(1), child(2, 身份证号=wrong_digit(2))), days=30)
    at = ["--pack", PACK, "--home", str(intake.job.home.root)]
    why = ["--reason", WHY["reason"], "--document", WHY["document"]]
    asked = ["link", f"{second}:3", "--to", f"{first}:3", "--actor", "clerk", *at]

    def say(*arguments: str) -> str:
        ended = CliRunner().invoke(person.app, list(arguments), catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        assert certno(2) not in ended.output and wrong_digit(2) not in ended.output and "童丙" not in ended.output
        return ended.output

    assert f"{second}:3" in say("suggestions", *at) and "NUMBER_SLIPPED" in say("suggestions", *at)
    rehearsal = say(*asked, "--dry-run")
    assert "仅预演" in rehearsal and "姓名相同" in rehearsal and f"…{certno(2)[-4:]}" in rehearsal
    assert link.listed(intake.job) == []
    link_id = say(*asked, *why).split("已提出 ")[1].split(",")[0]
    say("confirm", link_id, "--actor", "checker", *why, *at)
    assert "生效 in force" in say("links", *at) and "核字〔2026〕12号" in say("links", *at)
    say("unlink", link_id, "--actor", "checker", *why, *at)
    assert "已撤销 undone" in say("links", *at)
    with pytest.raises(MianshenError, match="LINK_ROW_UNKNOWN"):
        say("link", "童丙", "--to", f"{first}:3", "--actor", "clerk", *at)
