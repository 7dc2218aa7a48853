"""Written words: what is folded, what is recognised, what is doubted and never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from mianshen.core.ids import make_certno
from mianshen.feeds.days import day_number, read_day
from mianshen.feeds.words import category_of, read_account, read_name, read_phone, safe_file_name, town_of

TOWNS = ("五津街道", "花源街道", "花桥街道", "宝墩镇", "兴义镇")


@pytest.mark.parametrize("written", ["农村低保", " 农村 低保", "农村\u3000低保", "(农村)低保", "（农村）低保\t"])
def test_a_category_is_known_through_spaces_and_brackets(written: str) -> None:
    assert category_of({"农村低保": "DIBAO"}, written) == "DIBAO"


@pytest.mark.parametrize("written", ["", "低保", "农村低保户", "城市低保"])
def test_another_word_is_no_category(written: str) -> None:
    assert category_of({"农村低保": "DIBAO"}, written) is None


@pytest.mark.parametrize(
    ("written", "town"),
    [
        ("宝墩镇", "宝墩镇"),
        ("宝墩", "宝墩镇"),
        ("宝墩镇人民政府", "宝墩镇"),
        ("成都市新津区五津街道", "五津街道"),
        ("五津街道办事处", "五津街道"),
        ("花源 街道", "花源街道"),
    ],
)
def test_a_town_is_known_with_or_without_its_ending(written: str, town: str) -> None:
    assert town_of(TOWNS, written) == town


@pytest.mark.parametrize("written", ["", "邓双镇", "花", "宝墩镇兴义镇"])
def test_no_town_or_two_towns_are_unknown(written: str) -> None:
    assert town_of(TOWNS, written) is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("张 三", "张三"),
        ("陈\u3000琳", "陈琳"),
        ("张三\t", "张三"),
        ("阿依·古丽", "阿依·古丽"),
        ("阿依•古丽", "阿依·古丽"),
        ("𠮷田", "𠮷田"),
    ],
)
def test_a_name_is_folded_and_rare_characters_stay(written: str, value: str) -> None:
    seen = read_name(written)
    assert (seen.value, seen.is_doubtful) == (value, False)


@pytest.mark.parametrize("written", ["杨秀?", "张□", "张*", "张\ufffd三", "=cmd|'/c calc'!A1", "张三1", "杨"])
def test_a_damaged_or_strange_name_is_doubted(written: str) -> None:
    assert read_name(written).is_doubtful


def test_a_private_character_of_the_old_gb18030_table_is_mapped_and_flagged() -> None:
    seen = read_name("张\ue81e")
    assert (seen.value, seen.is_doubtful) == ("张\u9fb4", True)


def test_no_name_is_no_doubt() -> None:
    assert read_name("  ") == read_name("")
    assert not read_name("").is_doubtful


@pytest.mark.parametrize(
    ("written", "value", "is_doubtful"),
    [
        ("6299 9966 1337 6862 189", "6299996613376862189", False),
        ("'6299996613376862189", "6299996613376862189", False),
        ("６２９９９９６６１３３７６８６２", "6299996613376862", False),
        ("6.29999661337686E+18", "6.29999661337686E+18", True),
        ("62999966133768", "62999966133768", False),
        ("6299", "6299", True),
        ("建行6299996613376862189", "建行6299996613376862189", True),
        ("", "", False),
    ],
)
def test_an_account_is_digits_or_doubted(written: str, value: str, is_doubtful: bool) -> None:
    seen = read_account(written)
    assert (seen.value, seen.is_doubtful) == (value, is_doubtful)


@pytest.mark.parametrize(
    ("written", "is_doubtful"), [("100 1590 1038", False), ("+8610015901038", False), ("028-82512345", False), ("1001590", True)]
)
def test_a_phone_is_digits_or_doubted(written: str, is_doubtful: bool) -> None:
    assert read_phone(written).is_doubtful is is_doubtful


def test_a_delivered_name_is_no_path_and_carries_no_number() -> None:
    certno = make_certno(born=date(1958, 12, 13), serial=613)
    safe = safe_file_name(f"../../etc/低保{certno}名单\n.csv" + "x" * 200)
    assert "/" not in safe and "\n" not in safe and certno not in safe and len(safe) <= 120


def test_a_day_number_that_counts_from_1904_is_raised_and_nothing_else() -> None:
    assert day_number("44565", later=1462) == "46027" and read_day("46027") == "2026-01-05"
    assert day_number("44565.5", later=1462) == "46027.5"
    for written in ("2026-01-05", "20260105", "", "四五"):
        assert day_number(written, later=1462) == written
