"""receive: each file of the inbox becomes one delivery or one reason; a bad one never stops another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from tests.stages.intake_county import (
    AS_OF,
    CHILDREN,
    CLEAN,
    SETTLEMENT,
    Intake,
    child,
    children,
    make_intake,
    settlement,
    settlements,
    sha256,
    zipped,
)

from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.stages import receive

Entropy = Callable[[int], bytes]
GOOD = settlements(settlement(1), settlement(2))


@pytest.fixture
def intake(tmp_path: Path, entropy: Entropy) -> Intake:
    return make_intake(tmp_path / "home", entropy)


def states(intake: Intake) -> list[tuple[str, str | None]]:
    return [(one["state"], one["reason_code"]) for one in intake.deliveries()]


def test_a_good_file_is_received_into_custody_and_leaves_the_inbox(intake: Intake) -> None:
    intake.drop(SETTLEMENT, GOOD)
    report = receive.run(intake.job)
    (row,) = intake.deliveries()
    assert (report.counts["received"], report.counts["rows"], report.notes) == (1, 2, ())
    assert (row["feed"], row["partition"], row["version"], row["state"], row["rows_in"]) == (
        "settlement",
        "2026-10",
        1,
        "RECEIVED",
        2,
    )
    assert row["received_at"] == AS_OF.isoformat()
    assert intake.custody().open(row["content_sha256"]) == GOOD
    assert list(intake.inbox.iterdir()) == []


def test_packed_files_and_files_in_folders_are_received(intake: Intake) -> None:
    (intake.inbox / "from_department").mkdir()
    intake.drop(f"from_department/{CHILDREN}", children(child(1)))
    intake.drop("settlement_510118_20261005.csv.gz", zipped(GOOD))
    assert receive.run(intake.job).counts["received"] == 2
    assert [one["partition"] for one in intake.deliveries()] == ["2026-10", "2026-10-05"]


@pytest.mark.parametrize("name", ["x.csv.tmp", "~$x.xlsx", ".x.csv.swp", "x.csv.part", "settlement_510118_202610.csv.ctl"])
def test_unfinished_files_and_lone_control_files_are_left_alone(intake: Intake, name: str) -> None:
    path = intake.drop(name, GOOD)
    assert receive.run(intake.job).counts["files"] == 0
    assert path.exists() and intake.deliveries() == []


def test_a_link_out_of_the_inbox_is_not_followed(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_bytes(GOOD)
    (intake.inbox / SETTLEMENT).symlink_to(tmp_path / "elsewhere.csv")
    assert receive.run(intake.job).counts["files"] == 0


def test_the_same_delivery_again_changes_nothing(intake: Intake) -> None:
    intake.drop(SETTLEMENT, GOOD)
    receive.run(intake.job)
    before = (intake.deliveries(), intake.clocks())
    intake.drop(SETTLEMENT, GOOD)
    intake.move_to(datetime(2026, 11, 4, 9, tzinfo=ZONE))
    report = receive.run(intake.job)
    assert (report.counts["duplicate"], report.counts["received"]) == (1, 0)
    assert (intake.deliveries(), intake.clocks()) == before
    assert list(intake.inbox.iterdir()) == []


def test_new_content_of_a_partition_is_its_next_version(intake: Intake) -> None:
    intake.drop(SETTLEMENT, GOOD)
    receive.run(intake.job)
    intake.drop(SETTLEMENT, settlements(settlement(1)))
    receive.run(intake.job)
    assert [one["version"] for one in intake.deliveries()] == [1, 2]


BAD = {
    "unknown.csv": (GOOD, "FILE_UNKNOWN"),
    "settlement_510118_203601.csv": (GOOD, "PERIOD_WRONG"),
    "settlement_510118_202601.csv": (GOOD.replace(b"medfee_sumamt", b"total"), "HEADER_CHANGED"),
    "settlement_510118_202602.csv": (b"\xff\xff\xff" + GOOD, "ENCODING_UNKNOWN"),
    "settlement_510118_202603.csv.gz": (zipped(GOOD)[:-4], "FILE_UNREADABLE"),
    "settlement_510118_202604.csv": (settlements(), "SNAPSHOT_EMPTY"),
    "settlement_510118_202605.csv": (b"", "FILE_EMPTY"),
    "minzheng_ertong_202605.xlsx": (b"PK\x03\x04" + b"\x00" * 64, "FILE_UNREADABLE"),
    "minzheng_ertong_202606.csv": ("2026年05月名单,,,,,,,\n".encode() + children(child(1)), "PERIOD_WRONG"),
    "minzheng_ertong_202607.csv": (children(child(1)).replace("类别".encode(), "身份证号码".encode()), "HEADER_DOUBLED"),
}


def test_each_bad_file_has_one_reason_and_the_others_go_on(intake: Intake) -> None:
    for name, (content, _) in BAD.items():
        intake.drop(name, content)
    intake.drop(SETTLEMENT, GOOD)
    report = receive.run(intake.job)
    assert {one["file_name"]: one["reason_code"] for one in intake.deliveries()} == {
        SETTLEMENT: None,
        **{name: code for name, (_, code) in BAD.items()},
    }
    assert (report.counts["received"], report.counts["rejected"] + report.counts["held"]) == (1, len(BAD))
    for name, (content, code) in BAD.items():
        (note,) = [one for one in report.notes if name in one]
        assert note.count(f"[{code}]") == 2 and "处理" in note and "What to do" in note
        assert intake.custody().open(sha256(content)) == content
    assert list(intake.inbox.iterdir()) == []


def test_the_same_bad_file_again_is_told_again_and_recorded_once(intake: Intake) -> None:
    for _ in range(2):
        intake.drop("unknown.csv", GOOD)
        report = receive.run(intake.job)
        assert (report.counts["rejected"], len(report.notes)) == (1, 1)
    assert states(intake) == [("REJECTED", "FILE_UNKNOWN")]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"feed": "roster"}, "FILE_UNKNOWN"),
        ({"feed": "roster", "list_code": "minzheng_ertong", "period": "202610", "dept": "planets"}, "DEPARTMENT_UNKNOWN"),
        ({"feed": "roster", "list_code": "minzheng_ertong", "period": "202609"}, "CONTROL_MISMATCH"),
        ({"feed": "roster", "list_code": "minzheng_ertong", "period": "202610", "records": 3}, "CONTROL_MISMATCH"),
        ({"feed": "roster", "list_code": "minzheng_ertong", "period": "202610", "sha256": "0" * 64}, "CONTROL_MISMATCH"),
        ({"records": 2}, "CONTROL_DAMAGED"),
    ],
)
def test_a_control_file_that_contradicts_its_file_refuses_it(intake: Intake, said: dict[str, object], code: str) -> None:
    intake.drop(CHILDREN, children(child(1), child(2)), **said)
    receive.run(intake.job)
    assert states(intake) == [("REJECTED", code)]
    assert list(intake.inbox.iterdir()) == []


def test_a_control_file_that_agrees_lets_any_name_in(intake: Intake) -> None:
    content = children(child(1), child(2))
    said = {"feed": "roster", "dept": "civil_affairs", "list_code": "minzheng_ertong", "period": "2026-10", "records": 2}
    intake.drop("十月儿童.csv", content, **said, sha256=sha256(content))
    receive.run(intake.job)
    (row,) = intake.deliveries()
    assert (row["state"], row["list_code"], row["records_stated"]) == ("RECEIVED", "minzheng_ertong", 2)


def test_a_refused_file_is_judged_anew_when_it_comes_with_what_it_lacked(intake: Intake) -> None:
    content = children(child(1), child(2))
    intake.drop(CHILDREN, content, feed="roster", list_code="minzheng_ertong", period="202610", records=3)
    receive.run(intake.job)
    intake.drop(CHILDREN, content)
    assert receive.run(intake.job).counts["received"] == 1
    assert states(intake) == [("RECEIVED", None)]


def test_a_list_that_shrank_is_held_until_its_count_is_confirmed(intake: Intake) -> None:
    whole, shrunk = [children(*(child(number) for number in range(1, count + 1))) for count in (20, 11)]
    intake.drop("minzheng_ertong_202609.csv", whole)
    intake.drop(CHILDREN, shrunk)
    report = receive.run(intake.job)
    assert states(intake) == [("RECEIVED", None), ("HELD", "SNAPSHOT_DROP")]
    assert report.counts["held"] == 1 and "SNAPSHOT_DROP" in report.notes[0]
    intake.drop(CHILDREN, shrunk, feed="roster", list_code="minzheng_ertong", period="202610", records=11)
    receive.run(intake.job)
    assert states(intake) == [("RECEIVED", None), ("RECEIVED", None)]


def test_a_list_that_more_than_doubled_is_held(intake: Intake) -> None:
    intake.drop("minzheng_ertong_202609.csv", children(*(child(number) for number in range(1, 13))))
    intake.drop(CHILDREN, children(*(child(number) for number in range(1, 26))))
    assert "12 → 25 rows" in receive.run(intake.job).notes[0]
    assert states(intake) == [("RECEIVED", None), ("HELD", "SNAPSHOT_DROP")]


@pytest.mark.parametrize(("before", "now"), [(20, 12), (4, 1), (12, 24)])
def test_a_smaller_change_and_a_short_list_are_not_held(intake: Intake, before: int, now: int) -> None:
    intake.drop("minzheng_ertong_202609.csv", children(*(child(number) for number in range(1, before + 1))))
    intake.drop(CHILDREN, children(*(child(number) for number in range(1, now + 1))))
    receive.run(intake.job)
    assert states(intake) == [("RECEIVED", None)] * 2


def test_a_settlement_starts_the_clock_of_three_days(intake: Intake) -> None:
    intake.drop(SETTLEMENT, GOOD)
    receive.run(intake.job)
    clock = intake.clocks()[intake.deliveries()[0]["delivery_id"]]
    assert (clock["time_limit_code"], clock["holder_department"], clock["due_on"]) == (
        "trigger_relief",
        "medical_security",
        "2026-11-06",
    )
    assert clock["started_at"] == AS_OF.isoformat() and clock["closed_at"] is None


def test_every_expected_list_has_a_clock_and_arrival_closes_it(intake: Intake) -> None:
    intake.drop(CHILDREN, children(child(1)))
    receive.run(intake.job)
    lists = {key: one for key, one in intake.clocks().items() if one["subject_kind"] == "list"}
    assert set(lists) == {f"{one.list_code}|2026-10" for one in intake.job.pack.lists}
    assert {one["due_on"] for one in lists.values()} == {"2026-11-05"}
    assert [key for key, one in lists.items() if one["closed_at"]] == ["minzheng_ertong|2026-10"]
    assert lists["canlian_zhongdu|2026-10"]["holder_department"] == "disabled"


def test_a_month_of_which_a_list_has_come_is_watched_even_when_the_job_is_about_the_next(intake: Intake) -> None:
    intake.move_to(datetime(2026, 12, 3, 10, tzinfo=ZONE), month=Month(2026, 11))
    intake.drop(CHILDREN, children(child(1)))
    receive.run(intake.job)
    clocks = {key for key, one in intake.clocks().items() if one["subject_kind"] == "list"}
    late = {f"{one.list_code}|2026-10" for one in intake.job.pack.lists} - {"minzheng_ertong|2026-10"}
    assert clocks == late | {f"{one.list_code}|2026-11" for one in intake.job.pack.lists}


def test_months_before_the_county_went_live_are_not_watched(intake: Intake) -> None:
    intake.drop(CHILDREN.replace("202610", "202609"), children(child(1)))
    receive.run(intake.job)
    assert not [key for key in intake.clocks() if key.endswith("|2026-09")]


def test_a_refused_list_leaves_its_clock_running(intake: Intake) -> None:
    intake.drop(CHILDREN, b"\xff\xff\xff")
    receive.run(intake.job)
    assert intake.clocks()["minzheng_ertong|2026-10"]["closed_at"] is None


def test_a_late_list_closes_its_clock_late_even_in_a_later_month(intake: Intake) -> None:
    receive.run(intake.job)
    arrival = datetime(2026, 12, 7, 10, tzinfo=ZONE)
    intake.move_to(arrival, month=Month(2026, 11))
    intake.drop(CHILDREN, children(child(1)))
    receive.run(intake.job)
    assert intake.clocks()["minzheng_ertong|2026-10"]["closed_at"] == arrival.isoformat()
    assert intake.clocks()["minzheng_ertong|2026-11"]["closed_at"] is None


def test_a_list_that_came_early_closes_its_clock_with_the_day_it_came(intake: Intake) -> None:
    intake.drop("minzheng_ertong_202611.csv", children(child(1)))
    receive.run(intake.job)
    intake.move_to(datetime(2026, 12, 1, 9, tzinfo=ZONE), month=Month(2026, 11))
    receive.run(intake.job)
    assert intake.clocks()["minzheng_ertong|2026-11"]["closed_at"] == AS_OF.isoformat()


def test_open_keys_stop_the_stage_before_any_file_is_touched(intake: Intake) -> None:
    path = intake.drop(SETTLEMENT, GOOD)
    intake.job.home.keyring.chmod(0o644)
    with pytest.raises(MianshenError, match="KEYS_UNSAFE"):
        receive.run(intake.job)
    assert path.exists()


def test_an_id_number_in_a_file_name_reaches_neither_ledger_nor_notes(intake: Intake) -> None:
    intake.drop(f"名单{CLEAN['certno']}.csv", GOOD)
    report = receive.run(intake.job)
    assert CLEAN["certno"] not in str(report.as_dict()) + str(intake.deliveries())
