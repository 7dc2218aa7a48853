"""People gathered block by block are those of the whole delivery, and a delivery opened in blocks is keyed alike."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stages.intake_county import pack

from mianshen.core.ids import make_certno
from mianshen.feeds import identities
from mianshen.feeds.identities import Gathering, identify
from mianshen.feeds.reader import Landed, read

CONTRACT = pack().contract("settlement")
HEADINGS = list(dict.fromkeys([one.name for one in CONTRACT.columns if one.is_required] + ["psn_name", "psn_cert_type"]))
TODAY = date(2026, 11, 5)
SOUND = [make_certno(born=date(1950, 2, day), serial=serial, area="100999") for day in (1, 2) for serial in (7, 700)]
NUMBERS = (*SOUND, SOUND[0].lower(), f"'{SOUND[1]}", f"{SOUND[0][:6]}{SOUND[0][8:17]}", SOUND[2][:17] + "?", "12345", "")
ROWS = st.lists(
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(["张三", "张 三", "李四", "王□", ""]), st.sampled_from(["01", "", "02"])),
    max_size=14,
)


def landed(rows: list[tuple[str, str, str]]) -> Landed:
    cells = [{"certno": number, "psn_name": name, "psn_cert_type": kind} for number, name, kind in rows]
    lines = [",".join(HEADINGS), *(",".join(one.get(name, "1.00") for name in HEADINGS) for one in cells)]
    return read("\n".join([*lines, ""]).encode(), contract=CONTRACT, where="f")


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, cuts=st.lists(st.integers(1, 5), max_size=6), compact=st.sampled_from([1, 6, 400_000]))
def test_blocks_give_the_people_of_the_whole(rows: list[tuple[str, str, str]], cuts: list[int], compact: int) -> None:
    whole = identify(landed(rows), CONTRACT, today=TODAY)
    gathering, numbers, rest = Gathering(CONTRACT, today=TODAY), [], rows
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(identities, "_COMPACT", compact)
        patched.setattr(identities, "AT_ONCE", 2)
        for cut in (*cuts, len(rows)):
            numbers += gathering.add(landed(rest[:cut])).numbers.to_pylist() if rest[:cut] else []
            rest = rest[cut:]
        found = gathering.done()
        assert (found.statements, found.names) == (whole.statements, whole.names)
    assert [found.read[one] for one in numbers] == [whole.read[one] for one in whole.numbers.to_pylist()]
    assert set(whole.names) == {
        one.value for (_, _, kind), one in zip(rows, [whole.read[at] for at in whole.numbers.to_pylist()], strict=True)
        if kind != "02" and one.value
    }  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, chosen=st.lists(st.booleans(), min_size=len(SOUND), max_size=len(SOUND)))
def test_some_people_are_asked_for_by_their_places(rows: list[tuple[str, str, str]], chosen: list[bool]) -> None:
    whole = identify(landed(rows), CONTRACT, today=TODAY)
    everybody = {certno: said for some in whole.people() for certno, said in some.items()}
    wanted = [place for place, is_chosen in zip(range(len(everybody)), chosen, strict=False) if is_chosen]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(identities, "AT_ONCE", 2)
        found = [(places.tolist(), people) for places, people in whole.people_at(np.array(wanted, np.int64))]
    assert [place for places, _ in found for place in places] == wanted
    assert {certno: said for _, some in found for certno, said in some.items()} == {
        certno: said for place, (certno, said) in enumerate(everybody.items()) if place in wanted
    }
    often = whole.said_often().tolist()
    assert not [said for is_often, said in zip(often, everybody.values(), strict=True) if len(said.names) > 1 and not is_often]
