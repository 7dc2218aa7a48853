"""What the ledger saw of a town's staff and of people's ratings stands before what a sheet says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.policy.test_fengcheng_items import FENGCHENG, called, empty_home
from typer.testing import CliRunner

from mianshen.cli import app


def opened_case(home: Path, subject: str, town: str, clerk: str) -> str:
    """A matter that was opened in the town."""
    item = "town_at_once_002036003001"
    said = ("--subject", subject, "--year", "2026", "--town", town, "--actor", clerk)
    opened = called("open", item, *said, "--pack", FENGCHENG, "--home", str(home))
    return str(re.findall(r"K[0-9a-f]{24}", opened)[0])


def served(home: Path, subject: str, town: str, clerk: str) -> str:
    """A matter that the clerk of the town finished."""
    place, case = ("--pack", FENGCHENG, "--home", str(home)), opened_case(home, subject, town, clerk)
    act = ("act", case, "serve", "--department", "town", "--actor", clerk, *place)
    called(*act, "--paper", "id_or_card")
    called(*act, "--outcome", "done")
    return case


def test_r004_10_and_12_what_the_ledger_saw_of_staff_and_ratings_stands_before_what_a_sheet_says(tmp_path: Path) -> None:
    """R004-10, R004-12: who served in a town is counted from cases; a rating is kept with its case, once a channel."""
    home = empty_home(tmp_path / "home")
    place = ("--pack", FENGCHENG, "--home", str(home))
    cases = [served(home, f"C{number}", "曲江镇", clerk) for number, clerk in enumerate(("li", "wang", "li"))]
    (tmp_path / "staff.csv").write_text("乡镇,服务人口,专职人员\n曲江镇,30001,9\n白土镇,100,1\n", "utf-8")
    told = called("staff", str(tmp_path / "staff.csv"), *place)
    lines = {line.split()[0]: line.split()[1:] for line in told.splitlines() if line.startswith(("曲江镇", "白土镇"))}
    assert lines == {"曲江镇": ["30001", "2", "2", "账", "ledger", "0"], "白土镇": ["100", "1", "1", "表", "sheet", "0"]}
    (tmp_path / "people.csv").write_text("乡镇,服务人口\n曲江镇,30001\n白土镇,100\n", "utf-8")
    told = called("staff", str(tmp_path / "people.csv"), *place)
    assert [line.split()[-1] for line in told.splitlines() if line.startswith(("曲江镇", "白土镇"))] == ["0", "1"]
    for case, word in zip(cases, ("--good", "--good", "--bad"), strict=True):
        called("rate", case, "--channel", "好差评", word, "--actor", "li", *place)
    assert "早已登记" in called("rate", cases[0], "--channel", "好差评", "--good", "--actor", "li", *place)
    running = opened_case(home, "C9", "曲江镇", "li")
    for case in (cases[0], running):
        other = CliRunner().invoke(app, ["case", "rate", case, "--channel", "好差评", "--bad", "--actor", "li", *place])
        assert "RATING_NOT_TAKEN" in f"{other.output}{other.exception}"
    sheet = "办理点,事项编码,渠道,好评,差评\n曲江镇,002036003001,好差评,50,0\n曲江镇,002036003001,12345,0,4\n"
    (tmp_path / "rated.csv").write_text(sheet, "utf-8")
    called("counts", *place, "--ratings", str(tmp_path / "rated.csv"), "--out", str(tmp_path / "counts.csv"))
    rows = [line.split(",")[:6] for line in (tmp_path / "counts.csv").read_text("utf-8-sig").splitlines()[1:]]
    assert [row[3:] for row in rows if row[0] == "曲江镇"] == [
        ["好差评", "好评 good", "2"],
        ["好差评", "差评 bad", "1"],
        ["12345", "好评 good", "0"],
        ["12345", "差评 bad", "4"],
    ]
