"""Where the supervisor's checks draw their lines is data: complete, dated, and refused with its line when it is not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mianshen.core import radar
from mianshen.core.errors import MianshenError
from mianshen.core.leads import LIMITS
from mianshen.policy.packs import POLICIES
from mianshen.policy.supervision import PAGE, RADAR_PAGE, load_radar, load_supervision


def changed(tmp_path: Path, old: str, new: str, *, page: str = PAGE) -> Path:
    text = (POLICIES / page).read_text("utf-8")
    assert old in text
    (tmp_path / page).parent.mkdir(parents=True)
    (tmp_path / page).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


def test_every_line_has_a_value() -> None:
    found = load_supervision(on=date(2026, 11, 1))
    assert set(found) == set(LIMITS)
    assert found["grace_days"] == 3, "001: three days from data to triggered relief"


@pytest.mark.parametrize(
    ("old", "new"),
    [("code: grace_days", "code: grace_weeks"), ("code: night_until", "code: night_from"), ("amount: 30,", "amount: soon,")],
)
def test_a_line_that_is_missing_unknown_or_no_number_is_refused_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*supervision\.yaml:\d+"):
        load_supervision(on=date(2026, 11, 1), root=changed(tmp_path, old, new))


def test_a_value_holds_from_its_day_on(tmp_path: Path) -> None:
    line = "  - {code: grace_days, amount: 3, since: 2022-01-01, source: house, article: 触发3天, status: illustrative}\n"
    later = line.replace("amount: 3", "amount: 5").replace("2022-01-01", "2026-06-01")
    root = changed(tmp_path, line, line + later)
    assert load_supervision(on=date(2026, 5, 31), root=root)["grace_days"] == 3
    assert load_supervision(on=date(2026, 6, 1), root=root)["grace_days"] == 5


def test_every_line_of_the_radar_has_a_value() -> None:
    assert set(load_radar(on=date(2026, 11, 1))) == set(radar.LIMITS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("code: unpaid_days", "code: grace_days"),
        ("code: worker_months", "code: lapsed_months"),
        ("amount: 10000,", "amount: 1万,"),
    ],
)
def test_a_line_of_the_radar_that_cannot_be_is_refused_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*radar\.yaml:\d+"):
        load_radar(on=date(2026, 11, 1), root=changed(tmp_path, old, new, page=RADAR_PAGE))
