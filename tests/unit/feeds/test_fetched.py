"""What a source gave is remembered line by line; a torn or damaged memory only means that files are fetched again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from mianshen.core.days import ZONE
from mianshen.feeds.fetched import Memory, Taken

ONE = Taken("a.csv", 3, "7", "aa")
AT = datetime(2026, 11, 3, 6, tzinfo=ZONE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fetched" / "minzheng.jsonl"


def test_it_is_remembered_by_the_next_run(path: Path) -> None:
    memory = Memory(path)
    assert not memory.has("a.csv", size=3, mark="7")
    memory.add(ONE)
    memory.finish(AT)
    again = Memory(path)
    assert again.has("a.csv", size=3, mark="7")
    assert not again.has("a.csv", size=4, mark="7")
    assert not again.has("a.csv", size=3, mark="8")
    assert again.gave("a.csv") == "aa"
    assert again.gave("b.csv") is None
    assert again.done_at == AT
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_young_file_is_not_known_yet(path: Path) -> None:
    memory = Memory(path)
    memory.add(Taken("a.csv", 3, "7", "aa", is_young=True))
    assert not memory.has("a.csv", size=3, mark="7")
    assert memory.gave("a.csv") == "aa"


@pytest.mark.parametrize(
    "damage", [b'{"taken": {"name": "b.c', b"\xff\xfe", b'{"taken": 3}\n', b'{"done": "x"}\n', b"[]\n", b"7"]
)
def test_a_torn_line_costs_itself_alone(path: Path, damage: bytes) -> None:
    Memory(path).add(ONE)
    path.write_bytes(path.read_bytes() + damage)
    memory = Memory(path)
    assert memory.has("a.csv", size=3, mark="7")
    memory.add(Taken("c.csv", 1, "1", "cc"))
    again = Memory(path)
    assert again.has("a.csv", size=3, mark="7")
    assert again.has("c.csv", size=1, mark="1")


def test_what_the_source_no_longer_lists_is_forgotten(path: Path) -> None:
    memory = Memory(path)
    for number in range(10):
        memory.add(Taken(f"{number}.csv", 1, "1", "cc"))
    memory.finish(AT)
    memory.keep(["3.csv"])
    again = Memory(path)
    assert [again.has(f"{number}.csv", size=1, mark="1") for number in range(4)] == [False, False, False, True]
    assert again.done_at == AT


def test_a_long_memory_is_written_anew(path: Path) -> None:
    memory = Memory(path)
    for number in range(300):
        memory.add(Taken("a.csv", 1, str(number), "cc"))
    memory.keep(["a.csv"])
    assert len(path.read_bytes().splitlines()) == 1
    assert Memory(path).has("a.csv", size=1, mark="299")
