from __future__ import annotations

import hashlib
import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.unit.synth.conftest import AS_OF, MONTH, Made
from tests.unit.synth.reading import HEADINGS_OF_IDS, body, grid

from mianshen import synth
from mianshen.core.days import ZONE, Month
from mianshen.core.pack import Pack
from mianshen.policy.packs import load_pack


def tree(folder: Path) -> dict[str, str]:
    files = (one for one in sorted(folder.rglob("*")) if one.is_file())
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def make(pack: Pack, root: Path, **wanted: object) -> synth.CountySummary:
    arguments = {"month": Month(2026, 2), "insured": 800, "seed": 3, "as_of": AS_OF} | wanted
    return synth.make_county(pack, out=root / "in", answer=root / "answer", **arguments)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(xinjin: Pack, tmp_path: Path) -> None:
    for folder, seed in (("one", 3), ("two", 3), ("three", 4)):
        make(xinjin, tmp_path / folder, seed=seed, bad_files=True, canaries=2, late_list="tuiyi_youfu")
    one, two, three = (tree(tmp_path / folder) for folder in ("one", "two", "three"))
    assert one == two
    same = {name for name, content in one.items() if content in set(three.values())}
    assert all("unreadable" in name for name in same)


def test_every_expected_file_is_there(county: Made) -> None:
    good = set(county.summary.files) - set(county.summary.bad_files)
    lists = {one.list_code for one in county.pack.lists}
    for month in ("202601", "202602", "202603"):
        there = {code for code in lists if any(name.startswith(f"{code}_{month}.") for name in good)}
        assert lists - there == ({"canlian_zhongdu"} if month == "202603" else set())
        assert f"enrolment_510118_{month}.csv" in good
    days = sorted(name.split("_")[2][:8] for name in good if re.match(r"settlement_510118_\d{8}\.", name))
    assert days == [f"202603{day:02d}" for day in range(1, 32)]
    assert {"settlement_510118_202601.csv.gz", "settlement_510118_202602.csv.gz", "settlement_510118_20260315.gbk.csv"} <= good


def test_control_files_tell_the_truth(county: Made) -> None:
    files = county.sheet("files").set_index("name")
    assert set(files.index) == set(county.summary.files) | {county.summary.late_file}
    for name in county.summary.files:
        control = json.loads((county.out / f"{name}.ctl").read_text("utf-8"))
        assert control["sha256"] == hashlib.sha256((county.out / name).read_bytes()).hexdigest()
        if files.loc[name, "kind"] == "good":
            contract = county.pack.contract(control["list_code"])
            assert control["dept"] == contract.department_code
            assert control["feed"] == contract.feed.value
            assert control["records"] == len(body(county.out / name)[1])
            assert any(re.fullmatch(pattern, name) for pattern in contract.file_patterns)
    assert len(list(county.out.iterdir())) == 2 * len(county.summary.files)


def test_the_late_list_waits_until_it_is_delivered(county: Made, tmp_path: Path) -> None:
    late = county.summary.late_file
    assert late == "canlian_zhongdu_202603.bom.csv"
    assert not (county.out / late).exists()
    assert synth.write_late_list(answer=county.answer, out=tmp_path) == (late,)
    assert sorted(one.name for one in tmp_path.iterdir()) == [late, f"{late}.ctl"]
    assert len(grid(tmp_path / late)) > 10


def test_nothing_waits_where_nothing_is_late(xinjin: Pack, tmp_path: Path) -> None:
    summary = make(xinjin, tmp_path)
    assert summary.late_file is None
    assert synth.write_late_list(answer=tmp_path / "answer", out=tmp_path / "in") == ()


def test_bad_files_are_bad_in_their_own_way(county: Made) -> None:
    files = county.sheet("files").set_index("name")
    bad = files[files["kind"].isin(set(files["kind"]) - {"good", "late"})].set_index("kind", append=True).reset_index("name")
    assert set(bad["reason_code"]) == {
        "PERIOD_WRONG",
        "HEADER_CHANGED",
        "ENCODING_UNKNOWN",
        "FILE_UNREADABLE",
        "DEPARTMENT_UNKNOWN",
        "DELIVERY_DUPLICATE",
    }
    good = files[files["kind"] == "good"]
    assert bad.loc["sent_twice", "sha256"] in set(good["sha256"])
    assert bad.loc["wrong_period", "period"] == "2036-03"
    control = json.loads((county.out / f"{bad.loc['unknown_department', 'name']}.ctl").read_text("utf-8"))
    assert control["dept"] not in {one.code for one in county.pack.departments}
    header = (county.out / bad.loc["wrong_header", "name"]).read_bytes().decode("gb18030").splitlines()[0]
    assert not set(header.split(",")) & HEADINGS_OF_IDS
    for encoding in ("utf-8", "gb18030"):
        with pytest.raises(UnicodeDecodeError):
            (county.out / bad.loc["unreadable_text", "name"]).read_bytes().decode(encoding)


def test_every_person_is_fictional(county: Made) -> None:
    people = county.table("persons")
    assert people["certno"].str.startswith("100999").all() and people["certno"].is_unique
    assert people["phone"].str.fullmatch(r"100\d{8}").all()
    assert people.loc[people["account_state"] != "missing", "account"].str.startswith(("629999", "6.29999")).all()


def test_some_accounts_are_missing_shared_or_spoiled(county: Made) -> None:
    people = county.table("persons")
    states = people["account_state"].value_counts()
    trouble = (states.sum() - states["ok"] - states["shared"] / 2) / states.sum()
    assert 0.02 < trouble < 0.04
    assert (people.loc[people["account_state"] == "missing", "account"] == "").all()
    assert people.loc[people["account_state"] == "shared", "account"].duplicated(keep=False).all()
    assert not people.loc[people["account_state"] == "ok", "account"].duplicated().any()
    assert not people.loc[people["account_state"] == "flagged", "account"].str.fullmatch(r"\d{12,25}").any()


def test_spans_are_half_open_and_lie_in_the_rosters(county: Made) -> None:
    spans = county.table("spans")
    assert (spans["until"].isna() | (spans["until"] > spans["since"])).all()
    february = spans[(spans["since"] < "2026-03-01") & (spans["until"].isna() | (spans["until"] > "2026-02-01"))]
    rows = county.sheet("files").set_index("name")["records"].astype(int)
    doubled = county.sheet("faults").query("kind == 'row_doubled'")["file"].value_counts()
    for name in (one for one in county.summary.files if "_202602" in one and not one.startswith(("settlement", "enrolment"))):
        expected = (february["list_code"] == name.split("_2026")[0]).sum() + doubled.get(name, 0)
        assert rows[name] == expected, name


def test_nobody_is_listed_before_birth(county: Made) -> None:
    spans, people = county.table("spans"), county.table("persons").set_index("person")
    assert (spans["since"] > people.loc[spans["person"], "born"].to_numpy()).all()


def test_canaries_are_in_the_files_and_in_nobody_elses_rows(county: Made) -> None:
    birds = county.summary.canaries
    assert len(birds) == 4 and birds == synth.read_canaries(county.answer)
    people = county.table("persons")
    assert people["is_canary"].sum() == 4
    for bird in birds:
        assert (people["name"] == bird.name).sum() == 1
        assert (people["account"] == bird.account).sum() == 1
    text = "\n".join(
        ",".join(row) for name in county.summary.files if name not in county.summary.bad_files for row in grid(county.out / name)
    )
    for number, bird in enumerate(birds):
        for value in (bird.certno, bird.name, bird.account, bird.psn_no):
            assert value in text
        assert any(written in text for written in bird.written), number
        assert bird.values()[:2] == (bird.certno, bird.name)


def test_the_summary_has_no_personal_data(county: Made) -> None:
    body_text = json.dumps(county.summary.as_dict(), ensure_ascii=False)
    people = county.table("persons")
    assert not any(certno in body_text for certno in people["certno"])
    assert "canaries" not in county.summary.as_dict()
    assert json.loads((county.answer / "summary.json").read_text("utf-8"))["month"] == str(MONTH)


def test_a_clean_county_has_no_faults(xinjin: Pack, tmp_path: Path) -> None:
    summary = make(xinjin, tmp_path, shape=synth.Shape(fault_scale=0))
    assert summary.faults == {}
    assert (
        (tmp_path / "answer" / "faults.csv")
        .read_text("utf-8")
        .startswith("file,line,feed,list_code,key,person,kind,effect,reason_code")
    )


@pytest.mark.parametrize("pack_name", ["320902_tinghu", "_example"])
def test_any_pack_gives_a_county(pack_name: str, tmp_path: Path) -> None:
    pack = load_pack(pack_name, on=date(2026, 4, 20))
    summary = make(pack, tmp_path, insured=6_000, bad_files=True, canaries=1)
    lists = {one.list_code for one in pack.lists}
    assert {code for code in lists if any(name.startswith(f"{code}_202602.") for name in summary.files)} == lists
    assert summary.settlements > 50 and summary.eligible > 0
    has_enrolments = any(one.feed.value == "enrolment" for one in pack.contracts)
    assert (summary.enrolments > 0) == has_enrolments


def test_a_running_month_is_delivered_up_to_yesterday(xinjin: Pack, tmp_path: Path) -> None:
    summary = make(xinjin, tmp_path, as_of=datetime(2026, 2, 11, 8, tzinfo=ZONE), insured=3_000)
    days = {name.split("_")[2][:8] for name in summary.files if re.match(r"settlement_\d{6}_\d{8}\.", name)}
    assert max(days) == "20260210"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"late_list": "nobody"}, "awaits no list"),
        ({"as_of": datetime(2026, 2, 1, 12, tzinfo=ZONE)}, "no day of 2026-02"),
        ({"canaries": 500}, "canaries wanted"),
    ],
)
def test_what_cannot_be_made_is_refused(xinjin: Pack, tmp_path: Path, wanted: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(xinjin, tmp_path, **wanted)


def test_the_answer_key_never_lies_in_the_inbox(xinjin: Pack, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inbox"):
        synth.make_county(xinjin, month=MONTH, insured=800, seed=1, out=tmp_path, answer=tmp_path / "answer", as_of=AS_OF)
