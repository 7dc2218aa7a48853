"""`mianshen delivery` and `mianshen review` as a clerk types them: what is printed, what is refused, how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.stages.staged_county import PACK, StagedCounty, listed, make_staged
from tests.stages.test_reviews_and_withdrawals import arrived, clocks, computed, outcomes, posted, stay

from mianshen import cli
from mianshen.core.codes import REASONS
from mianshen.core.money import show_yuan
from mianshen.warehouse import withdrawals
from mianshen.warehouse.ledger import DELIVERY

Said = Callable[..., tuple[int, str]]
WORD = ("--actor", "clerk_li", "--reason", "核对过账单")
MONTH = ("--pack", PACK, "--month", "2026-10")


@pytest.fixture
def county(paid: StagedCounty, tmp_path: Path) -> StagedCounty:
    """The same in a home of the test's own."""
    return paid.copy(tmp_path / "home")


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> StagedCounty:
    """One paid stay of P1, one accident of P2, and the wrong delivery of a stay of P3."""
    made = make_staged(tmp_path_factory.mktemp("paid") / "home")
    (made.job.home.root / "settings.json").write_text(json.dumps({"counties": {PACK: {"go_live_on": None}}}), "utf-8")
    made.deliver("roster", "bureau_list", "2026-10", *(listed(one) for one in ("P1", "P2", "P3")))
    made.deliver("roster", "union_list", "2026-10")
    made.deliver("settlement", "settlement", "2026-10-12", stay("S1"), stay("S2", person_key="P2", dise_code="S72.000"))
    made.deliver("settlement", "settlement", "2026-10-13", stay("S3", person_key="P3", on=date(2026, 10, 13)))
    computed(made)
    return made


@pytest.fixture
def say(county: StagedCounty, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a line typed into the terminal ends with and prints."""

    def typed(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["mianshen", *words, "--home", str(county.job.home.root)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), printed.out + printed.err

    return typed


def wrong(county: StagedCounty) -> str:
    with county.job.ledger.connect() as connection:
        rows = withdrawals.listed(connection, county_code=None)
    return next(str(row["delivery_id"]) for row in rows if row["partition"] == "2026-10-13")


def state(county: StagedCounty) -> str:
    delivery = wrong(county)
    with county.job.ledger.connect() as connection:
        return str(withdrawals.known(connection, delivery)["state"])


def hold(county: StagedCounty) -> None:
    delivery, held = wrong(county), {"state": "HELD", "reason_code": "SNAPSHOT_DROP"}
    with county.job.ledger.begin() as connection:
        connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == delivery).values(**held))


def chinese_first(printed: str, zh: str, en: str) -> bool:
    return zh in printed and en in printed and printed.index(zh) < printed.index(en)


def test_list_shows_every_delivery_in_a_line_and_picks_states(county: StagedCounty, say: Said) -> None:
    code, printed = say("delivery", "list")
    lines = printed.splitlines()
    assert code == 0 and len(lines) == 1 + 4
    assert lines[0].split()[:5] == ["delivery_id", "list_code", "partition", "version", "state"]
    assert len(say("delivery", "list", "--state", "HELD")[1].splitlines()) == 1, "the headings alone"
    hold(county)
    held = say("delivery", "list", "--state", "HELD", "--county", county.job.county_code)[1].splitlines()
    assert len(held) == 2 and held[1].split()[0] == wrong(county) and held[1].endswith("SNAPSHOT_DROP")
    assert len(say("delivery", "list", "--county", "999999")[1].splitlines()) == 1


def test_show_tells_the_reason_its_remedy_and_what_people_did(county: StagedCounty, say: Said) -> None:
    hold(county)
    code, printed = say("delivery", "show", wrong(county))
    assert code == 0 and "content_sha256" in printed
    assert chinese_first(printed, REASONS["SNAPSHOT_DROP"].zh, REASONS["SNAPSHOT_DROP"].remedy_en)
    say("delivery", "release", wrong(county), *WORD)
    printed = say("delivery", "show", wrong(county))[1]
    assert "clerk_li released:核对过账单" in printed
    code, printed = say("delivery", "show", "D-none")
    assert code == cli.REFUSED and chinese_first(printed, "没有这个批次", "there is no delivery of this id")


def test_a_rehearsal_says_keys_and_fen_and_changes_nothing(county: StagedCounty, say: Said) -> None:
    before = posted(county)
    code, printed = say("delivery", "withdraw", wrong(county), "--dry-run")
    fen = show_yuan(before["S3"])
    assert code == 0
    assert chinese_first(printed, "1 行,1 人,1 次结算,其中 1 次将不再存在", "1 rows, 1 people, 1 claims, 1 of them fall away")
    assert f"P3 将冲回 {fen} 元,其中已付 0.00 元" in printed and f"合计 1 人,{fen} 元" in printed
    assert chinese_first(printed, "仅预演,没有改动", "a rehearsal: nothing was changed")
    assert "P1" not in printed and "P2" not in printed
    assert (state(county), posted(county)) == ("ACCEPTED", before)


@pytest.mark.parametrize("missing", [(), ("--actor", "clerk_li"), ("--reason", "x"), ("--actor", " ", "--reason", "x")])
def test_a_withdrawal_without_a_name_and_a_reason_is_refused(county: StagedCounty, say: Said, missing: tuple[str, ...]) -> None:
    code, printed = say("delivery", "withdraw", wrong(county), *missing)
    assert code == cli.REFUSED and chinese_first(printed, "须写明经办人和理由", "the actor and the reason must be named")
    assert state(county) == "ACCEPTED"


def test_a_withdrawal_is_done_once_and_taken_back_by_a_release(county: StagedCounty, say: Said) -> None:
    code, printed = say("delivery", "withdraw", wrong(county), *WORD)
    assert code == 0 and chinese_first(printed, f"已收回 {wrong(county)}", "is withdrawn") and "待追回" in printed
    code, printed = say("delivery", "withdraw", wrong(county), *WORD)
    assert code == cli.REFUSED and chinese_first(
        printed, "该批次的状态不允许这样处理", "the delivery's state does not allow this"
    )
    computed(county)
    assert posted(county)["S3"] == 0
    code, printed = say("delivery", "release", wrong(county), *WORD)
    assert code == 0 and chinese_first(printed, "已放行", "goes on and is ACCEPTED")
    assert [one["subject_id"] for one in arrived(county)] == [wrong(county)], "the three days run from the release"
    assert say("delivery", "release", wrong(county), *WORD)[0] == cli.REFUSED
    computed(county)
    assert posted(county)["S3"] > 0


def test_reviews_are_listed_by_reason_and_one_by_one(county: StagedCounty, say: Said) -> None:
    code, printed = say("review", "list", *MONTH)
    assert code == 0 and chinese_first(printed, "待核查 ACCIDENT_PENDING", "1 claims of 1 people wait")
    assert len(printed.splitlines()) == 2, "one alarm a reason, in two languages"
    code, printed = say("review", "list", *MONTH, "--code", "ACCIDENT_PENDING")
    head, row = printed.splitlines()
    assert code == 0 and head.split()[:3] == ["event_id", "person_key", "fen"] and row.split()[:3] == ["S2", "P2", "2500000"]
    assert chinese_first(
        say("review", "list", "--pack", PACK, "--month", "2025-10")[1], "没有待核查的结算", "no claim to look at"
    )


def test_a_decision_stands_and_the_second_is_told_who_decided(county: StagedCounty, say: Said) -> None:
    decide = ("review", "decide", *MONTH, "--code", "ACCIDENT_PENDING", "--event", "S2")
    code, printed = say(*decide, "--outcome", "release", *WORD)
    assert code == 0 and chinese_first(printed, "已记录 1 条结论", "1 decisions recorded")
    assert [one["closed_at"] is None for one in clocks(county)] == [False]
    code, printed = say(*decide, "--outcome", "refuse", "--actor", "other", "--reason", "x")
    assert (
        code == cli.REFUSED
        and "clerk_li" in printed
        and chinese_first(printed, "该核查已有结论", "the review was decided before")
    )
    assert "clerk_li" in say("review", "list", *MONTH, "--code", "ACCIDENT_PENDING")[1]
    computed(county)
    assert outcomes(county)["S2"] == ("PAID", None)


@pytest.mark.parametrize(
    ("words", "zh"),
    [
        (("--event", "S1", *WORD), "没有这条待核查的结算"),
        (("--event", "S2", "--actor", "", "--reason", "x"), "须写明经办人和理由"),
        (("--event", "S2", "--every", *WORD), "二选一"),
        (WORD, "二选一"),
    ],
    ids=["not under review", "no name", "both", "neither"],
)
def test_a_decision_about_nothing_is_refused(county: StagedCounty, say: Said, words: tuple[str, ...], zh: str) -> None:
    code, printed = say("review", "decide", *MONTH, "--code", "ACCIDENT_PENDING", "--outcome", "refuse", *words)
    assert code == cli.REFUSED and zh in printed
    assert [one["closed_at"] for one in clocks(county)] == [None]
