"""Whatever stands in a delivery: rows and fen in are rows and fen accepted, set aside or ignored; money is exact."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.stages.intake_county import CLEAN
from tests.stages.intake_sql import judged

from mianshen.core.money import format_yuan, parse_fen
from mianshen.warehouse.connect import compute

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
MONEY = [name for name, value in CLEAN.items() if value.endswith(".00")]
WRITTEN = st.one_of(
    st.integers(-10_000_000, 10_000_000_000).map(format_yuan),
    st.sampled_from(
        ["", "--", "0", "1,234.50", "\uffe512", "12元", "1.005", "1e3", "NaN", ".5", "5.", "+7.00", "９．９", " 3.10 ", "1 000"]
    ),
    st.text(alphabet="0123456789.,-+¥元 ", max_size=12),
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "setl_id": st.sampled_from(["", "K1", "K2", "K3"]),
        "certno": st.sampled_from([CLEAN["certno"], CLEAN["certno"].lower(), "", "123", "1.0E+17"]),
        "psn_cert_type": st.sampled_from(["01", "02", ""]),
        "medfee_sumamt": WRITTEN,
        "maf_pay": WRITTEN,
        "enddate": st.sampled_from(["", "2026-10-05", "2026-09-01", "x", "20261005", "2026-13-01"]),
        "refd_setl_flag": st.sampled_from(["0", "1", "", "7"]),
        "updt_time": st.sampled_from(["2026-10-06 10:00:00", "2026-10-07 10:00:00", ""]),
        "psn_name": st.sampled_from(["甲某", "甲?", ""]),
    },
)


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return compute()


@QUICK
@given(changes=st.lists(CHANGES, min_size=1, max_size=25))
def test_rows_and_fen_are_conserved(database: duckdb.DuckDBPyConnection, changes: list[dict[str, str]]) -> None:
    rows = [{**CLEAN, "setl_id": f"S{number}", **change} for number, change in enumerate(changes)]
    (proof,) = judged(database, rows)
    assert proof["rows_in"] == len(rows)
    for unit in ("rows", "fen"):
        assert proof[f"{unit}_in"] == sum(int(str(proof[f"{unit}_{one}"])) for one in ("accepted", "quarantined", "ignored"))
    assert proof["fen_in"] == sum(fen_of(row["medfee_sumamt"]) or 0 for row in rows)


@QUICK
@example(written=["000000000 0", "138 0000 0000", "1 234 567.00"])
@given(written=st.lists(WRITTEN, min_size=1, max_size=25))
def test_money_in_sql_is_what_core_reads(database: duckdb.DuckDBPyConnection, written: list[str]) -> None:
    judged(database, [{**CLEAN, "setl_id": f"S{number}", "maf_pay": one} for number, one in enumerate(written)])
    found = database.execute("select maf_pay from staging.settlement_judged order by line_no").fetchall()
    assert [one for (one,) in found] == [fen_of(one) for one in written]


SPELLED = re.compile(r"([-+]?)¥?([-+]?)(\d{1,13}|\d{1,3}(?:,\d{3})+)(\.\d+)?元?", re.ASCII)
"""An amount as docs/reference/intake.md lets it be written: the sign of money in front, commas before three digits each."""


def fen_of(written: str) -> int | None:
    """Fen by the house's own reading, after full-width signs are folded; None for what is no amount."""
    folded = written.translate({0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0E: ".", 0xFFE5: "¥"})
    closed = folded.replace(" ", "")
    found = SPELLED.fullmatch(closed)
    if found is None or (found[1] and found[2]) or re.search("[0-9]{10}", closed):  # a phone or an id number could stand there
        return None
    try:
        return parse_fen(f"{found[1]}{found[2]}{found[3].replace(',', '')}{found[4] or ''}")
    except ValueError:
        return None
