"""The roster of planted faults in small: every one named with its own reason, nothing held against a sound row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.planted_faults import FAULTS, plant
from benchmarks.roster_faults import judge_here, score


def test_every_planted_fault_is_named_and_no_sound_row(tmp_path: Path) -> None:
    planted = plant(3000, each=8)
    path = tmp_path / "roster.csv"
    path.write_bytes(planted.to_csv())
    found = score("mianshen", planted, judge_here(path), seconds=0, peak=0)
    assert (found.right, found.false, found.missed) == (len(FAULTS) * 8, 0, {})


def test_a_clean_roster_yields_nothing(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(plant(1000, each=0).to_csv())
    assert judge_here(path) == []


def test_there_are_twenty_kinds_and_each_stands_as_often() -> None:
    planted = plant(1000, each=3)
    assert len(FAULTS) == 20
    assert set(Counter(kind for kind, _ in planted.truth.values()).values()) == {3}


def test_a_miss_and_a_false_alarm_are_counted() -> None:
    planted = plant(400, each=1)
    faulty = sorted(planted.truth)
    sound = next(place for place in range(400) if place not in planted.truth and place not in planted.partners)
    named = [(place, planted.truth[place][1]) for place in faulty[1:]]
    found = score("other", planted, [*named, (sound, "CERTNO_DATE"), (faulty[0], "ROW_SHAPE")], seconds=0, peak=0)
    assert (found.right, found.seen, found.false) == (len(faulty) - (planted.truth[faulty[0]][1] != "ROW_SHAPE"), len(faulty), 1)
