"""Reasons about deliveries that come as pages of an interface."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "PAGE_DAMAGED",
        Level.FILE,
        "接口页面不是约定的 JSON(page、pageSize、total、rows)",
        "a page is not the agreed JSON of page, pageSize, total and rows",
        "请提供方检查接口后整批重新取数",
        "have the provider check the interface, then fetch all pages again",
    ),
    Reason(
        "PAGES_REPEATED",
        Level.FILE,
        "同一页码出现两次",
        "a page number stands twice",
        "整批重新取数",
        "fetch all pages again",
    ),
    Reason(
        "PAGES_MISSING",
        Level.FILE,
        "缺少中间的页",
        "a page is missing",
        "整批重新取数",
        "fetch all pages again",
    ),
    Reason(
        "PAGES_TOTAL",
        Level.FILE,
        "各页的总数、页大小不一致,或行数与总数不符",
        "the pages differ in total or page size, or their rows do not add up to it",
        "数据在取数时有变动,稳定后整批重新取数",
        "the data changed while they were read; fetch all pages again when they stand still",
    ),
    Reason(
        "PAGES_SHIFTED",
        Level.FILE,
        "后一页开头与前一页结尾重复,取数时数据有移动,可能漏行",
        "a page begins with the rows that the one before ended with: rows moved while they were read, and some may be lost",
        "请提供方固定排序后整批重新取数",
        "have the provider fix the order of rows, then fetch all pages again",
    ),
)
