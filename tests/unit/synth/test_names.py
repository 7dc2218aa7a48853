from __future__ import annotations

import numpy as np

from mianshen.synth.names import draw_names, homophone, make_pool, spaced, with_lost_character
from mianshen.synth.streams import stream


def test_the_same_seed_gives_the_same_pool() -> None:
    assert make_pool(5) == make_pool(5)
    assert make_pool(5) != make_pool(6)


def test_names_hold_rare_characters_and_the_middle_dot() -> None:
    names = draw_names(stream(1, "names"), make_pool(1), is_male=np.ones(20_000, dtype=np.bool_))
    assert 0.003 < names.str.contains("[䶮𠮷㛃䬞㭎𬱖]").mean() < 0.010
    assert 0.002 < names.str.contains("·").mean() < 0.010
    assert names.str.len().min() >= 2


def test_mistaken_names() -> None:
    assert homophone("张建英") == "张建瑛"
    assert homophone("王䶮") == "王䶮"
    assert spaced("陈军") == "陈\u3000军"
    assert spaced("陈建军") == "陈建军 "
    assert with_lost_character("陈建军") == "陈建□"
