"""Bad input, one kind at a time: the message says what, where and what to do; everybody else is paid as if it had not come."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, agreeing, make_house, write_files

from mianshen import cli
from mianshen.policy import packs
from mianshen.stages.frame import StageReport
from mianshen.synth import write_late_list

LIST = "xiangcun_tuopin_jiance"
"""The list that the generator makes its bad copies of; kept by the agriculture bureau."""
KINDS = {
    "wrongperiod": ("PERIOD_WRONG", "2036-10", "按正确月份交付"),
    "wrongheader": ("HEADER_CHANGED", "证件号码", "恢复列名"),
    "unreadabletext": ("ENCODING_UNKNOWN", "byte", "UTF-8"),
    "unreadablebook": ("FILE_UNREADABLE", "zip", "重新导出"),
    "unknowndepartment": ("DEPARTMENT_UNKNOWN", "unknown_bureau", "改正部门代码"),
    "damagedcontrol": ("CONTROL_DAMAGED", "JSONDecodeError", "重新生成控制文件"),
    "stranger": ("FILE_UNKNOWN", "0 contracts", "按约定的文件名"),
    "forgotten": ("FILE_MISSING", "forgotten", "补交文件"),
}
"""By a part of the file's name: reason code, what was found, what to do."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A small county's files, eight bad ones among them."""
    files = write_files(tmp_path_factory.mktemp("county"), insured=4_000, seed=5, bad_files=True)
    write_late_list(answer=files.answer, out=files.folder)
    good = files.folder / f"{LIST}_202610.gbk.csv"
    content = good.read_bytes()
    (files.folder / f"{LIST}_202610.damagedcontrol.csv").write_bytes(content + b"\r\n")
    (files.folder / f"{LIST}_202610.damagedcontrol.csv.ctl").write_bytes(b'{"feed": "roster", "list_code')
    (files.folder / "stranger.csv").write_bytes(b"a,b\n1,2\n")
    control = json.loads(good.with_name(f"{good.name}.ctl").read_text("utf-8")) | {"records": 1, "sha256": None}
    (files.folder / f"{LIST}_202610.forgotten.csv.ctl").write_text(json.dumps(control), "utf-8")
    return files


@pytest.fixture(scope="module")
def clean(files: Files, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The county as its good files alone make it."""
    root = tmp_path_factory.mktemp("clean")
    house = make_house(root / "home")
    house.receive(_without(files.folder, root / "sent", tuple(KINDS)))
    house.carry(IN_TIME, clerk=agreeing)
    return house


@pytest.fixture(scope="module")
def spoiled(files: Files, clean: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, dict[str, StageReport]]:
    """The same county with every bad file in the inbox as well."""
    house = make_house(tmp_path_factory.mktemp("spoiled"), vault=clean.home.vault)
    house.receive(files.folder)
    return house, house.carry(IN_TIME, clerk=agreeing)


@pytest.fixture(scope="module")
def lacking(files: Files, clean: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, dict[str, StageReport]]:
    """The same county where the month's list of the agriculture bureau came with a changed header only."""
    root = tmp_path_factory.mktemp("lacking")
    house = make_house(root / "home", vault=clean.home.vault)
    others = tuple(kind for kind in KINDS if kind != "wrongheader")
    house.receive(_without(files.folder, root / "sent", (*others, "senttwice", f"{LIST}_202610.gbk.csv")))
    return house, house.carry(IN_TIME, clerk=agreeing)


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_bad_delivery_is_named_with_place_and_remedy(spoiled: tuple[House, dict[str, StageReport]], kind: str) -> None:
    code, found, remedy = KINDS[kind]
    notes = [note for note in spoiled[1]["receive"].notes if kind in note]
    assert len(notes) == 1
    zh, en = notes[0].splitlines()
    assert zh.startswith(f"[{code}]") and remedy in zh
    assert en.startswith(f"[{code}]") and "What to do:" in en
    for line in (zh, en):
        assert found in line and kind in line


def test_bad_deliveries_are_kept_in_the_ledger_with_their_reasons(spoiled: tuple[House, dict[str, StageReport]]) -> None:
    refused = dict(spoiled[0].ledger("select file_name, reason_code from delivery where state in ('REJECTED', 'HELD')"))
    for kind, (code, *_) in KINDS.items():
        named = [reason for name, reason in refused.items() if kind in name]
        assert named == ([] if code == "FILE_MISSING" else [code]), kind
    told = (spoiled[0].home.reports(PACK) / "summary.txt").read_text("utf-8")
    assert all(code in told for code, *_ in KINDS.values() if code != "FILE_MISSING")


def test_a_forgotten_files_control_file_waits_in_the_inbox_and_nothing_else_does(
    spoiled: tuple[House, dict[str, StageReport]],
) -> None:
    assert [path.name for path in spoiled[0].home.inbox(PACK).iterdir()] == [f"{LIST}_202610.forgotten.csv.ctl"]


def test_the_bank_gets_the_same_file_with_and_without_bad_deliveries(
    clean: House, spoiled: tuple[House, dict[str, StageReport]]
) -> None:
    (one,), (other,) = (house.outbox("pay_*[0-9a-f].csv") for house in (clean, spoiled[0]))
    assert (one.name, one.read_bytes()) == (other.name, other.read_bytes())
    assert len(one.read_bytes().splitlines()) > 30


def test_a_list_that_came_unreadable_counts_as_missing_and_only_its_people_wait(
    clean: House, lacking: tuple[House, dict[str, StageReport]]
) -> None:
    house, reports = lacking
    assert any("HEADER_CHANGED" in note for note in reports["receive"].notes)
    assert any(LIST in note for note in reports["profile"].notes)
    query = "select person_key, sum(amount_fen) from award_posting where kind = 'award' group by person_key"
    whole, without = dict(clean.ledger(query)), dict(house.ledger(query))
    on_it = {
        person
        for (person,) in clean.lake(
            "select person_key from facts.identity_span where list_code = $list", "facts.identity_span", list=LIST
        )
    }
    others = {person: fen for person, fen in whole.items() if person not in on_it}
    assert len(others) > 30
    assert {person: fen for person, fen in without.items() if person not in on_it} == others
    assert sum(without.values()) < sum(whole.values())


@pytest.fixture
def damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the policies where a page of one county has lost the source of a value; the product reads the copy."""
    copy = tmp_path / "policies"
    shutil.copytree(packs.POLICIES, copy)
    page = copy / PACK / "departments.yaml"
    text = page.read_text("utf-8")
    page.write_text(text.replace("name_zh:", "naem_zh:", 1), "utf-8")
    monkeypatch.setattr(packs, "POLICIES", copy)
    return page


def test_a_damaged_policy_stops_its_county_before_anything_is_taken(
    damaged: Path, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    sent = len(list(files.folder.iterdir()))
    _run(monkeypatch, home, PACK, "--inbox", str(files.folder))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    zh, en = capsys.readouterr().err.strip().splitlines()
    for line in (zh, en):
        assert line.startswith("[POLICY_DAMAGED]") and f"{PACK}/departments.yaml:" in line and "naem_zh" in line
    assert len(list((home / "inbox" / PACK).iterdir())) == sent
    assert not list((home / "outbox" / PACK).iterdir())


def test_a_damaged_policy_does_not_stop_another_county(
    damaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, tmp_path / "home", "320902_tinghu")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert "盐城市亭湖区" in capsys.readouterr().out


def _run(monkeypatch: pytest.MonkeyPatch, home: Path, pack: str, *more: str) -> None:
    """What a user types."""
    line = ["mianshen", "run", "--pack", pack, "--month", "2026-10", "--as-of", IN_TIME.isoformat(), "--home", str(home), *more]
    monkeypatch.setattr(sys, "argv", line)


def _without(folder: Path, target: Path, parts: tuple[str, ...]) -> Path:
    """A copy of the folder without files whose names hold one of the parts."""
    target.mkdir()
    for path in folder.iterdir():
        if not any(part in path.name for part in parts):
            shutil.copyfile(path, target / path.name)
    return target
