"""Names that read alike differ in one character of the same reading, and each says the same of the other."""

from __future__ import annotations

import pytest

from mianshen.vault.sounds import alike


@pytest.mark.parametrize(
    ("one", "other"),
    [("王伟", "王炜"), ("章红梅", "张红梅"), ("吴晓燕", "吴小燕"), ("单于曾", "单于增"), ("买买提·艾力", "买买提·爱力")],
)
def test_names_that_read_alike(one: str, other: str) -> None:
    assert other in alike(one) and one in alike(other)


@pytest.mark.parametrize("other", ["王伟", "王炜国", "汪炜", "李伟", "王五"])
def test_the_name_itself_another_length_two_characters_and_another_reading_are_not(other: str) -> None:
    assert other not in alike("王伟")


def test_what_is_no_chinese_character_has_no_other() -> None:
    assert alike("A1 b") == []
