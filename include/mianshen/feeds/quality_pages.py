"""Data docs that open without a network: an index of our own lists every judged batch, and no page asks anything of the outside.

Great Expectations' pages fetch styles, scripts and a picture from elsewhere, and without them its index stays empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from mianshen.core.contract import FEED_NAMES
from mianshen.core.days import ZONE

SITE = Path("gx", "uncommitted", "data_docs", "local_site")
"""Where Great Expectations builds its pages, below the pack's folder."""
RESULTS = Path("gx", "uncommitted", "validations")
"""Where it keeps what it found."""
_OUTSIDE = re.compile(
    r"<script[^>]*\ssrc=\"https?://[^>]*>\s*</script>|<link[^>]*\shref=\"https?://[^>]*>|<img[^>]*\ssrc=\"https?://[^>]*>",
    re.IGNORECASE,
)
_STYLE = """
body { font: 15px/1.6 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", system-ui, sans-serif; margin: 1.5rem auto;
  max-width: 80rem; padding: 0 1rem; color: #1b2330; background: #fff; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { border: 1px solid #dfe3ea; padding: .3rem .6rem; text-align: left; vertical-align: top; }
th { background: #f2f4f7; } a { color: #1f5fbf; } .bad { color: #b3261e; font-weight: 700; } .good { color: #1a6b3c; }
nav ol, .list-group { font-size: .92em; } footer, #ge-cta-footer, .ge-cta { display: none; }
@media (prefers-color-scheme: dark) { body { color: #e7eaf0; background: #111418; } th { background: #1a1f26; }
  th, td { border-color: #323a46; } a { color: #8ab4f8; } .bad { color: #ffb4ab; } .good { color: #8fd8ac; } }
"""
_TO_INDEX = """<!doctype html>
<meta charset="utf-8"><meta http-equiv="refresh" content="0; url=../../../../index.html"><title>数据质量</title>
"""
"""What stands in place of Great Expectations' own index."""
_MARK = '<style data-offline="1">'


@dataclass(frozen=True, slots=True)
class Batch:
    """One judged batch, as its result says."""

    name: str
    """The feed, or `<feed>_checks`."""
    run_name: str
    """The run that judged it."""
    run_at: datetime
    """When it was judged."""
    judged: int
    """How many expectations."""
    failed: tuple[tuple[str, bool], ...]
    """Those that failed: what and where, and whether it is a gate."""
    page: Path
    """Its page, below the pack's folder."""


def write_pages(folder: Path, *, run_name: str) -> Path:
    """Make the run's pages below `folder` stand alone and write `index.html` over all batches, newest first; returns it."""
    for pattern in ("expectations/*.html", f"validations/*/{run_name}/**/*.html"):
        for page in sorted((folder / SITE).glob(pattern)):
            _stand_alone(page)
    if (folder / SITE).is_dir():
        (folder / SITE / "index.html").write_text(_TO_INDEX, encoding="utf-8")
    index = folder / "index.html"
    temporary = folder / ".tmp-index.html"
    temporary.write_text(_index(sorted(_batches(folder), key=lambda one: (one.run_at, one.name), reverse=True)), encoding="utf-8")
    temporary.rename(index)
    return index


def _stand_alone(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if _MARK in text:
        return
    kept = _OUTSIDE.sub("", text)
    page.write_text(kept.replace("</head>", f"{_MARK}{_STYLE}</style></head>", 1), encoding="utf-8")


def _batches(folder: Path) -> Iterable[Batch]:
    for path in (folder / RESULTS).rglob("*.json"):
        found = json.loads(path.read_text(encoding="utf-8"))
        run = found["meta"]["run_id"]
        yield Batch(
            name=found["suite_name"],
            run_name=run["run_name"],
            run_at=datetime.fromisoformat(run["run_time"]).astimezone(ZONE),
            judged=found["statistics"]["evaluated_expectations"],
            failed=tuple(_failed(one["expectation_config"]) for one in found["results"] if not one["success"]),
            page=SITE / "validations" / path.relative_to(folder / RESULTS).with_suffix(".html"),
        )


def label(kind: str, given: Mapping[str, Any]) -> str:
    """An expectation as people read it: its kind and the columns that it asks, from what it was given."""
    columns = given.get("column_list") or [given[key] for key in ("column", "column_A", "column_B") if key in given]
    return f"{kind}({', '.join(str(one) for one in columns)})"


def _failed(config: Mapping[str, Any]) -> tuple[str, bool]:
    return label(config["type"], config["kwargs"]), config.get("severity") == "critical"


def _index(batches: Sequence[Batch]) -> str:
    rows = "\n".join(_row(one) for one in batches)
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>数据质量 data docs</title>{_MARK}{_STYLE}</style></head>
<body><h1>数据质量 <small>data docs</small></h1>
<p>每批数据由 Great Expectations 按接口约定整批判定;逐行的问题见退回单和隔离表。
Every batch is judged by the expectations of its contract; single rows stand in the return slips and quarantine tables.</p>
<table><thead><tr><th>判定时间 judged at</th><th>数据 batch</th><th>结论 verdict</th><th>期望 expectations</th>
<th>未通过 failed</th><th>运行 run</th></tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""


def _row(one: Batch) -> str:
    stops = any(is_gate for _, is_gate in one.failed)
    verdict = '<span class="bad">暂缓 held</span>' if stops else '<span class="good">通过 passed</span>'
    failed = (
        "<br>".join(f"{escape(what)} {'整批暂缓 gate' if is_gate else '提示 noted'}" for what, is_gate in one.failed) or "无 none"
    )
    feed = FEED_NAMES.get(one.name.removesuffix("_checks"), one.name)
    cells = (
        one.run_at.strftime("%Y-%m-%d %H:%M:%S"),
        f'<a href="{escape(one.page.as_posix())}">{escape(feed)}</a>',
        verdict,
        str(one.judged),
        failed,
        escape(one.run_name[:12]),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
