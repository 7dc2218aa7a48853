"""The three ways in which real systems take a settlement back, from file to event, each by a contract alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.sql.given import fetched
from tests.stages.intake_county import CLEAN, Intake, make_intake, settlement

from mianshen.core.contract import Contract
from mianshen.core.days import ZONE
from mianshen.stages import profile
from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute

MONEY = tuple(one for one in CLEAN if one.endswith(("_amt", "_pay", "_dedc", "_sumamt", "_selfpay")))


@pytest.fixture
def county(tmp_path: Path, entropy: Callable[[int], bytes]) -> Intake:
    return make_intake(tmp_path / "home", entropy)


def contract_without(county: Intake, *names: str) -> None:
    """A county whose settlement page leaves these columns out."""
    own = county.job.pack.contract("settlement")
    less = replace(own, columns=tuple(one for one in own.columns if one.name not in names), key=("setl_id", "medfee_sumamt"))
    contracts: Iterable[Contract] = (less if one is own else one for one in county.job.pack.contracts)
    county.job = replace(county.job, pack=replace(county.job.pack, contracts=tuple(contracts)))


def tabs(*rows: Mapping[str, str]) -> bytes:
    """Tab separated, `null` where nothing is written."""
    lines = [list(rows[0]), *([cell or "null" for cell in row.values()] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def commas(*rows: Mapping[str, str]) -> bytes:
    return tabs(*rows).replace(b"\t", b",").replace(b"null", b"")


def negated(row: Mapping[str, str]) -> dict[str, str]:
    return {name: f"-{cell}" if name in MONEY and cell.strip("0.") else cell for name, cell in row.items()}


def events(county: Intake) -> list[dict[str, Any]]:
    job = county.job
    with compute() as con:
        lake.show(con, "facts.care_event", job.lake.current("facts.care_event", county_code=job.county_code))
        return fetched(con, "from facts.care_event order by event_id")


def states(county: Intake, name: str, content: bytes) -> dict[str, str]:
    county.drop(name, content)
    county.run()
    profile.run(county.job)
    assert {one["state"] for one in county.deliveries()} == {"ACCEPTED"}, [one["reason_code"] for one in county.deliveries()]
    newest = {row["event_id"]: row["state"] for row in events(county)}
    county.move_to(county.job.as_of.replace(hour=county.job.as_of.hour + 1))
    return newest


def test_the_old_row_comes_again_with_its_flag_set_or_no_longer_valid(county: Intake) -> None:
    old = settlement(1)
    later = {"updt_time": "2026-11-02 10:00:00"}
    assert states(county, "settlement_510118_202610.csv", commas(old, settlement(2))) == {
        "510118H0001": "LIVE",
        "510118H0002": "LIVE",
    }
    flagged = old | {"refd_setl_flag": "1"} | later
    invalid = settlement(2) | {"vali_flag": "0"} | later
    found = states(county, "settlement_510118_202611.csv", commas(flagged | {"vali_flag": "1"}, invalid))
    assert found == {"510118H0001": "STRUCK", "510118H0002": "STRUCK"}


def test_a_detail_file_holds_a_positive_and_a_negative_row(county: Intake) -> None:
    contract_without(county, "refd_setl_flag", "init_setl_id", "vali_flag", "strike_status")
    rows = [
        {name: cell for name, cell in settlement(number).items() if name not in ("refd_setl_flag", "init_setl_id")}
        for number in (1, 2)
    ]
    county.move_to(datetime(2026, 11, 3, 9, tzinfo=ZONE))
    content = tabs(rows[0], negated(rows[0]) | {"updt_time": "2026-10-20 10:00:00"}, rows[1])
    assert states(county, "settlement_510118_202610.txt", content) == {"510118H0001": "STRUCK", "510118H0002": "LIVE"}
    assert {one["reason_code"] for one in county.rows("staging.settlement_quarantined")} == set()


def test_a_strike_row_carries_the_struck_id_and_the_new_settlement_is_a_row_of_its_own(county: Intake) -> None:
    contract_without(county, "refd_setl_flag", "vali_flag")
    old = {name: cell for name, cell in settlement(1).items() if name != "refd_setl_flag"}
    struck = old | {"strike_status": "01", "updt_time": "2026-10-20 10:00:00"}
    strike = negated(old) | {
        "setl_id": "510118H0091",
        "init_setl_id": old["setl_id"],
        "strike_status": "02",
        "updt_time": "2026-10-20 10:00:00",
    }
    again = old | {
        "setl_id": "510118H0092",
        "strike_status": "00",
        "setl_time": "2026-10-20 11:00:00",
        "updt_time": "2026-10-20 11:00:00",
    }
    found = states(county, "settlement_510118_202610.csv", commas(struck, strike, again))
    assert found == {"510118H0001": "STRUCK", "510118H0092": "LIVE"}
    chains = {row["event_id"]: row["chain_event_id"] for row in events(county)}
    assert chains == {"510118H0001": "510118H0001", "510118H0092": "510118H0001"}
