"""Drawing: an Altair chart becomes SVG that stands in the page, without a browser or a network. Equal charts give equal text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt

FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
"""The page's own fonts; nothing is embedded, a reader's machine has one of them."""
WIDE = 700
"""Width of a drawing with its names, in pixels."""
NAME = 300
"""Width of the longest name; what is longer is cut, and stands whole in the table."""
INK, SOFT, RULE = "#1d2733", "#5b6675", "#d9dee6"
"""Colours of text, of axes, of lines."""
BLUE, ORANGE, GREEN, RED, PURPLE, GREY, GOLD, TEAL, OLIVE, ROSE, NAVY, BROWN = (
    "#2866b1",
    "#d97a1f",
    "#2b8a5e",
    "#c0392f",
    "#7d5ba6",
    "#8d99a8",
    "#b99222",
    "#2a8c99",
    "#6b7f2a",
    "#b0588b",
    "#3d4c8c",
    "#7d5d40",
)
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, TEAL, GOLD, RED, GREY, OLIVE, ROSE, NAVY, BROWN)
"""Colours in the order in which series take them; the page turns each of them for a dark screen."""
HEAT = ("#e8f0fa", "#c4d9f0", "#93bae3", "#4d88c8", "#2765b0")
"""Pale to strong; few to many."""
PAPER = "#ffffff"
"""Between bars, and words on strong shades."""
TURNED = (
    *zip((INK, SOFT, RULE), ("#e7ebf1", "#a7b1c0", "#333d4a"), strict=True),
    *zip(PALETTE[:8], ("#6ea8ee", "#f0a35e", "#5fc493", "#b79be0", "#5cc3d0", "#dcb94f", "#f0857b", "#9aa6b5"), strict=True),
    *zip(PALETTE[8:], ("#b3c760", "#e39ac4", "#93a3e6", "#c7a486"), strict=True),
    *zip(HEAT, ("#1f3147", "#254468", "#2b598b", "#2f6bab", "#3478c4"), strict=True),
)
"""Each colour and what it becomes on a dark screen."""
_NOISE = re.compile(r' (?:role|aria-[a-z]+|pointer-events|font-family|class|cursor)="[^"]*"')
_EMPTY = re.compile(r'<path(?: aria-hidden="true")? d="(?:M0,0h0v0h0Z)?"[^>]*></?path>|<path d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_LONG = re.compile(r"(\d+\.\d{2})\d+")
_CLIP = re.compile(r"\bclip\d+\b")
_HEAD = re.compile(r"<svg[^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")


def svg_of(chart: alt.TopLevelMixin, *, code: str, title: str, desc: str) -> str:
    """The chart as one SVG element, named and described for those who do not see it; ids begin with its code.

    The converter numbers clips from the process's start: they are numbered anew in each chart.
    """
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(chart.to_dict(validate=False), vl_version=VEGA_LITE)
    found = _HEAD.search(drawn)
    if found is None:
        raise ValueError("not an SVG")
    body = _LONG.sub(r"\1", _EMPTY.sub("", _NOISE.sub("", drawn[found.end() :])))
    clips = {name: f"{code}-clip{place}" for place, name in enumerate(dict.fromkeys(_CLIP.findall(body)), 1)}
    body = _CLIP.sub(lambda name: clips[name[0]], body)
    wide, high = found.groups()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-labelledby="{code}-title {code}-desc" '
        f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" font-family="{FONT}">'
    )
    return f'{head}<title id="{code}-title">{escape(title)}</title><desc id="{code}-desc">{escape(desc)}</desc>{body}'


VEGA_LITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
"""The Vega-Lite that Altair speaks; the converter carries it."""


def data(rows: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Rows as the chart's data: whole numbers and text only."""
    return alt.InlineData(values=[dict(one) for one in rows])


def dressed(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """The chart in the report's dress: no frame, few lines, the page's letters."""
    dressing: dict[str, Any] = {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelFont": FONT,
            "labelFontSize": 13,
            "labelColor": INK,
            "labelLimit": NAME,
            "titleFont": FONT,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "titleColor": SOFT,
            "domain": False,
            "ticks": False,
            "grid": False,
            "gridColor": RULE,
            "labelPadding": 8,
        },
        "legend": {
            "labelFont": FONT,
            "labelFontSize": 12,
            "labelColor": INK,
            "labelLimit": 240,
            "title": None,
            "orient": "top",
            "symbolType": "square",
            "offset": 8,
        },
        "text": {"font": FONT, "fontSize": 12, "color": INK},
        "scale": {"bandPaddingInner": 0},
    }
    return chart.properties(config=dressing)
