"""Every character comes back out of a PDF as itself; what no font can show is told, never a box."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from mianshen.documents.glyphs import point_of, shown_in, with_points, without_font
from mianshen.documents.pdf import Printed, can_print, printed

needs_print = pytest.mark.skipif(
    not can_print() or shutil.which("pdftotext") is None, reason="NOT RUN: no pango, CJK font or pdftotext"
)
RARE = "䶮𠮷㛃𠱃㐀﨑﨎·"
RADICALS = [chr(point) for point in range(0x2F00, 0x2FD6)]
COMPATIBLE = [chr(point) for point in range(0xF900, 0xFA6E, 7)]
PRIVATE = "\ue863"
UNASSIGNED = "\U000323b0"


def page(characters: Sequence[str]) -> str:
    lines = "".join(f"<p>[{point_of(one)}={one}]</p>" for one in characters)
    style = '<style>body{font-family:"Noto Serif CJK SC",serif}</style>'
    return f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">{style}</head><body>{lines}</body></html>'


def copied(made: Printed, path: Path) -> dict[str, str]:
    """What pdftotext gives for each character, by its code point."""
    path.write_bytes(made.content)
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"\[(U\+[0-9A-F]+)=(.*?)\]", text))


@needs_print
@pytest.mark.parametrize("wanted", [list(RARE), RADICALS, COMPATIBLE], ids=["rare", "radicals", "compatible"])
def test_every_character_is_copied_out_as_itself_beside_its_twin(wanted: list[str], tmp_path: Path) -> None:
    twins = [unicodedata.normalize("NFKC", one) for one in wanted]
    characters = sorted({*wanted, *twins})
    made = printed(page(characters))
    assert len(made.missing) < len(characters) / 4
    expected = {point_of(one): f"〔{point_of(one)}〕" if one in made.missing else one for one in characters}
    assert copied(made, tmp_path / "paper.pdf") == expected


@needs_print
def test_a_character_that_no_font_has_is_told_as_its_code_point(tmp_path: Path) -> None:
    made = printed(page(["张", PRIVATE, UNASSIGNED]))
    assert made.missing == (PRIVATE, UNASSIGNED)
    assert copied(made, tmp_path / "paper.pdf") == {"U+5F20": "张", "U+E863": "〔U+E863〕", "U+323B0": "〔U+323B0〕"}
    text = subprocess.run(["pdftotext", str(tmp_path / "paper.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    assert "有 2 个字本机没有字库" in text.replace("\n", "")


@needs_print
def test_equal_pages_give_equal_bytes() -> None:
    assert printed(page("𠮷⺟母")).content == printed(page("𠮷⺟母")).content


def test_no_font_is_believed_for_private_use() -> None:
    assert without_font(f"张{PRIVATE}") == (PRIVATE,)


def test_only_what_the_body_shows_is_asked_of_the_fonts() -> None:
    html = "<html><head><title>𠀀</title></head><body class='丁'><p>甲&#x4e59;\u200b</p></body></html>"
    assert shown_in(html) == {"甲", "乙"}
    assert with_points(html, ()) == html
