from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tests.unit.synth.conftest import Made
from tests.unit.synth.reading import body, written_id

from mianshen.core.codes import REASONS, Level
from mianshen.core.contract import Feed
from mianshen.core.ids import certno_in_disability_card, make_certno, read_certno
from mianshen.synth import Shape, damage
from mianshen.synth.faults import CATALOGUE, EXPECTED, LEAST, Effect, choose
from mianshen.synth.streams import stream

TODAY = date(2026, 4, 20)


def test_every_expected_reason_stands_in_the_closed_list() -> None:
    for fault in CATALOGUE:
        if fault.reason_code:
            level = REASONS[fault.reason_code].level
            assert level in ((Level.FLAG, Level.NOTE) if fault.effect is Effect.FLAGGED else (Level.ROW,)), fault.kind
        else:
            assert fault.effect not in (Effect.FLAGGED, Effect.QUARANTINED)


def test_there_are_at_least_fourteen_kinds_a_delivery_of_settlements() -> None:
    assert len({one.kind for one in CATALOGUE if one.feed is Feed.SETTLEMENT}) >= 30
    assert len({one.kind for one in CATALOGUE if one.feed is Feed.ROSTER}) >= 14
    assert len(EXPECTED) == len(CATALOGUE)


def test_a_row_carries_at_most_one_fault_and_every_kind_comes() -> None:
    labels = choose(stream(1, "f"), Feed.ROSTER, can_carry={}, count=20_000, shape=Shape())
    kinds = pd.Series(labels).value_counts().drop("")
    assert set(kinds.index) == {one.kind for one in CATALOGUE if one.feed is Feed.ROSTER}
    assert kinds.min() >= LEAST[Feed.ROSTER]


def test_masks_and_shares_are_obeyed() -> None:
    fits = np.arange(5_000) % 2 == 0
    shape = Shape(fault_shares={"certno_missing": 0.1, "row_doubled": 0.0})
    labels = choose(stream(1, "f"), Feed.ROSTER, can_carry={"certno_missing": fits}, count=5_000, shape=shape)
    assert set(np.flatnonzero(labels == "certno_missing") % 2) == {0}
    assert (labels == "certno_missing").sum() == pytest.approx(250, abs=10)
    assert not (labels == "row_doubled").any()


def test_no_faults_at_scale_zero() -> None:
    labels = choose(stream(1, "f"), Feed.SETTLEMENT, can_carry={}, count=5_000, shape=Shape(fault_scale=0))
    assert not (labels != "").any()


@pytest.mark.parametrize("kind", damage.CERTNO)
def test_a_damaged_id_number_is_read_as_the_catalogue_says(kind: str) -> None:
    certno = next(one for serial in range(99) if (one := make_certno(born=date(1990, 1, 1), serial=serial)).endswith("X"))
    found = read_certno(damage.CERTNO[kind](certno), today=TODAY)
    expected = EXPECTED[("settlement", kind)]
    if expected.effect is Effect.FIXED:
        assert found.value == certno
    else:
        assert found.reason_code == expected.reason_code


def test_cards() -> None:
    card = "100999199001010017" + "42"
    sound = certno_in_disability_card(card, today=TODAY)
    assert certno_in_disability_card(damage.CARD["card_reissued"](card), today=TODAY).value == sound.value
    assert certno_in_disability_card(damage.CARD["card_broken"](card), today=TODAY).reason_code == "CARD_NOT_IDENTITY"


def test_every_faulty_id_stands_at_its_line_and_nowhere_else(county: Made) -> None:
    faults = county.sheet("faults")
    by_id = faults[faults["reason_code"].str.startswith(("CERTNO_", "CARD_"))]
    files = county.sheet("files")
    for name, list_code in files.loc[files["kind"] == "good", ["name", "list_code"]].itertuples(index=False):
        _, rows = body(county.out / name)
        read = certno_in_disability_card if list_code == "canlian_zhongdu" else read_certno
        found = {line: read(written_id(row), today=TODAY).reason_code for line, row in rows.items()}
        named = by_id[by_id["file"] == name]
        expected = dict(zip(named["line"].astype(int), named["reason_code"], strict=True))
        assert {line: code for line, code in found.items() if code} == expected, name
    assert len(by_id) > 20


def test_fixed_ids_lead_to_the_right_person(county: Made) -> None:
    faults, people = county.sheet("faults"), county.table("persons").set_index("person")
    fixed = faults[(faults["effect"] == "FIXED") & faults["kind"].str.startswith("certno_")]
    assert set(fixed["kind"]) == {kind for kind in damage.CERTNO if EXPECTED[("settlement", kind)].effect is Effect.FIXED}
    for row in fixed[fixed["file"] != county.summary.late_file].itertuples():
        written = written_id(body(county.out / row.file)[1][int(row.line)])
        true = people.loc[int(row.person), "certno"]
        assert written != true or row.kind == "certno_lower_case_x"
        assert read_certno(written, today=TODAY).value == true


def test_unknown_words_and_impossible_days_stand_at_their_lines(county: Made) -> None:
    faults = county.sheet("faults")
    faults = faults[faults["file"] != county.summary.late_file]
    seen = {"category_unknown": 0, "date_wrong": 0}
    for row in faults[faults["kind"].isin(seen)].itertuples():
        cells = body(county.out / row.file)[1][int(row.line)].values()
        mark = "其他困难人员" if row.kind == "category_unknown" else "-02-30"
        assert any(mark in cell for cell in cells)
        seen[row.kind] += 1
    assert all(seen.values())
