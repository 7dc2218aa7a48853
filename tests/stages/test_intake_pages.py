"""receive: a folder of pages put into the inbox by hand is one delivery."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stages.intake_county import Intake, make_intake, settlement

from mianshen.stages import receive


@pytest.fixture
def intake(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


def pages(*rows: dict[str, str], size: int = 2) -> list[bytes]:
    """The rows as an interface hands them out."""
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    said = [{"page": number, "pageSize": size, "total": len(rows), "rows": part} for number, part in enumerate(parts, 1)]
    return [json.dumps(one, ensure_ascii=False).encode() for one in said]


def fill(intake: Intake, folder: str, parts: list[bytes]) -> Path:
    place = intake.inbox / folder
    place.mkdir()
    for number, part in enumerate(parts, 1):
        (place / f"page{number}.json").write_bytes(part)
    return place


def test_a_folder_of_pages_dropped_by_hand_is_one_delivery(intake: Intake) -> None:
    rows = [settlement(number) for number in range(1, 6)]
    place = fill(intake, "settlement_510118_202610", pages(*rows))
    report = receive.run(intake.job)
    assert (report.counts["files"], report.counts["received"], report.counts["rows"]) == (1, 1, 5)
    (row,) = intake.deliveries()
    assert (row["list_code"], row["partition"], row["rows_in"]) == ("settlement", "2026-10", 5)
    assert not place.exists(), "the folder is emptied and taken away"
    fill(intake, "settlement_510118_202610", pages(*rows))
    assert receive.run(intake.job).counts["duplicate"] == 1
    fill(intake, "settlement_510118_202610", pages(*rows)[:2])
    counts = receive.run(intake.job).counts
    assert counts["rejected"] == 1 and counts.get("reason.PAGES_MISSING", 0) + counts.get("reason.PAGES_TOTAL", 0) == 1


def test_pages_of_any_folder_are_known_by_their_control_file_and_a_folder_being_filled_is_left_alone(intake: Intake) -> None:
    parts = pages(*(settlement(number) for number in range(1, 4)))
    place = fill(intake, ".settlement_510118_202610", parts)
    assert receive.run(intake.job).counts["files"] == 0 and len(list(place.iterdir())) == 2
    place.rename(intake.inbox / "from the network")
    said = {"feed": "settlement", "dept": "medical_security", "period": "2026-10", "records": 3}
    (intake.inbox / "from the network" / "page.ctl").write_text(json.dumps(said), "utf-8")
    report = receive.run(intake.job)
    assert (report.counts["received"], report.counts["rows"], report.counts.get("missing", 0)) == (1, 3, 0)
    assert list(intake.inbox.iterdir()) == []
