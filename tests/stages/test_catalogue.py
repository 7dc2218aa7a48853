"""A stage that breaks says where, and never quotes the cell that broke it."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.stages.catalogue import _walled
from mianshen.stages.frame import Job, StageReport

NAME = "张三"


@pytest.fixture
def job(tmp_path: Path) -> Any:
    return SimpleNamespace(pack=SimpleNamespace(name="510118_xinjin"), month="2026-10", home=Home(tmp_path))


def breaking(job: Job) -> StageReport:
    raise ValueError(f"Could not convert string '{NAME}' to INT64 in row 7")


def refusing(job: Job) -> StageReport:
    raise MianshenError("PERIOD_WRONG", found="2026-09", where="file.csv")


def test_a_broken_stage_names_its_place_and_quotes_nobody(job: Any) -> None:
    with pytest.raises(MianshenError, match="STAGE_BROKEN") as broken:
        _walled("validate", breaking)(job)
    told = "".join(traceback.format_exception(broken.value))
    assert "validate 510118_xinjin 2026-10" in told
    assert "test_catalogue.py" in told and "in row 7" in told
    assert NAME not in told


def test_a_refusal_leaves_a_stage_as_it_was_said(job: Any) -> None:
    with pytest.raises(MianshenError, match="PERIOD_WRONG"):
        _walled("receive", refusing)(job)
