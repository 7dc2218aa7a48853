"""Applications come by four channels as files; each disease is a case of its own, whose state is told by number."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.stages.case_county import CaseCounty, certno, make_case_county, person, seeded
from tests.stages.intake_county import table

from mianshen.core.cases import Happening
from mianshen.core.moves import Act
from mianshen.stages import disclose, handle
from mianshen.warehouse import case_counts

DAYE = "420281_daye"
PROCESS = "chronic_disease"
HEADS = {
    "window": ("申报人姓名", "身份证号", "申报病种"),
    "clinic": ("患者姓名", "患者身份证号", "病种名称"),
    "town_point": ("姓名", "公民身份号码", "现申报病种"),
    "wechat": ("患者", "证件号码", "慢病病种"),
}


def applications(root: Path) -> CaseCounty:
    """1 applies for two diseases at the window and for one of them by WeChat again; 2 at the clinic, 3 in the town."""
    made = make_case_county(root, DAYE, seeded(), at="2026-11-03 09:00")
    rows = {
        "window": ((1, "高血压"), (1, "糖尿病")),
        "clinic": ((2, "冠心病"),),
        "town_point": ((3, "癫痫"),),
        "wechat": ((1, "糖尿病"),),
    }
    for code, said in rows.items():
        made.drop(**{f"apply_{code}_202611": table(HEADS[code], ((*person(one), ill) for one, ill in said))})
    return made


def test_r002_04_applications_come_by_four_channels_and_one_disease_of_a_person_is_one_case(tmp_path: Path) -> None:
    county = applications(tmp_path)
    assert county.morning()["confirm"]["applied"] == 4
    assert county.morning()["confirm"]["applied"] == 0, "delivered and run again it opens nothing"
    with county.job.ledger.connect() as connection:
        came = case_counts.channelled(connection, county_code=county.job.county_code)
    by_channel = {channel: count for process, _, channel, count in came if process == PROCESS}
    assert sum(by_channel.values()) == 4
    assert {code: by_channel.get(code, 0) for code in ("clinic", "town_point")} == {"clinic": 1, "town_point": 1}
    assert sorted(row["item_code"] for row in county.rows(PROCESS, 2026)) == ["M001", "M002", "M003", "M017"]


def test_r002_12_where_each_disease_stands_is_told_by_number_and_nobody_is_named(tmp_path: Path) -> None:
    county = applications(tmp_path)
    county.morning()
    case = next(row["case_id"] for row in county.rows(PROCESS, 2026) if row["item_code"] == "M003")
    said = (Happening.DECIDED, "first_check", "clerk", "health", county.job.as_of, "refuse", "NOT_INSURED_HERE")
    handle.act(county.job, case, Act(*said))
    disclose.run(county.job)
    path = county.job.home.outbox(DAYE) / "status" / f"{PROCESS}_420281.csv"
    text = path.read_text("utf-8-sig")
    told = {row["编号"]: row for row in csv.DictReader(text.splitlines())}
    assert len(told) == 4
    assert (told[case]["事项"], told[case]["办理情况"]) == ("冠心病", "不通过")
    assert told[case]["理由"] and told[case]["您可以"], "why, and what to do"
    assert {row["办理情况"] for key, row in told.items() if key != case} == {"待基层医疗机构受理、初审"}
    assert not any(name in text or certno(serial) in text for serial in (1, 2, 3) for name in [person(serial)[0]])
