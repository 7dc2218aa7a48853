"""Visits by grid: people of a grid stand together on the town's sheet, and a grid may have a sheet of its own (R001-15)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.stages.money_county import make_county
from tests.stages.radar_home import TOWN, gridded, over_line, profiled
from tests.stages.test_visits import NAMES, WANTS, filled, listed, sheet, take

from mianshen.core.errors import MianshenError
from mianshen.stages import disclose, radar


def test_people_of_a_grid_stand_together_and_a_grid_may_have_a_sheet_of_its_own(tmp_path: Path) -> None:
    made = make_county(tmp_path / "home", NAMES)
    made.assess([])
    gridded(made, {"甲某": "huayuan_2", "乙某": "huayuan_1", "丙某": "huayuan_2"})
    profiled(made, over_line(made, *NAMES))
    radar.run(made.job)
    page = load_workbook(io.BytesIO(sheet(made)))["走访表"]
    assert page["F10"].value == "网格"
    named = ["花源第一网格", "花源第二网格", "花源第二网格", "—"]
    assert [page[f"F{line}"].value for line in range(11, 15)] == named
    own = disclose.make_visit_sheet(made.job, "family_visit", "visit", town=TOWN, grid="huayuan_2")
    assert sorted(name for _, _, name in listed(own)) == ["丙某", "甲某"]
    assert take(made, filled(own, L11=(*WANTS[:3], "2026-11-03", "网格员王")))["recorded"] == 1
    with pytest.raises(MianshenError, match=r"VISIT_NONE.*huayuan_3"):
        disclose.make_visit_sheet(made.job, "family_visit", "visit", town=TOWN, grid="huayuan_3")
