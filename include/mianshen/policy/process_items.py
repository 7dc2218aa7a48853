"""Processes that many service items go through alike: one process an item, which takes in the item's own papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mianshen.policy.shapes import Row


def with_items(rows: Sequence[Row], lists: Mapping[str, Mapping[str, str]]) -> tuple[Row, ...]:
    """The rows of process.yaml, those of a list of items once an item: `<process>_<item>`, named and sourced like the item.

    `lists` are the names of the items of eligibility.yaml, by list and code. MianshenError POLICY_DAMAGED with file and line for
    an item that its list lacks, one that goes two ways, and a list of which an item goes no way.
    """
    made = tuple(one for row in rows for one in _of_items(row, lists))
    gone: dict[str, set[str]] = {}
    for row in rows:
        taken = gone.setdefault(row["items_of"] or "", set())
        for item in row["items"]:
            if item["code"] in taken:
                item.at("code").refuse(f"{item['code']} 写了两次", f"{item['code']} stands twice")
            taken.add(item["code"])
    for row in rows:
        left = sorted(set(lists.get(row["items_of"] or "", ())) - gone[row["items_of"] or ""])
        if left:
            row.at("items").refuse(f"事项 {left[0]} 没有办理流程", f"the item {left[0]} goes no way")
    return made


def _of_items(row: Row, lists: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    if row["items_of"] is None:
        if row["items"]:
            row.at("items").refuse("items 要写明 items_of", "items need items_of")
        yield row
        return
    if row["items_of"] not in lists:
        row.at("items_of").refuse(f"eligibility.yaml 中没有目录 {row['items_of']}", f"there is no list {row['items_of']}")
    names = lists[row["items_of"]]
    for item in row["items"]:
        if item["code"] not in names:
            item.at("code").refuse(f"目录 {row['items_of']} 中没有 {item['code']}", f"the list has no {item['code']}")
        yield _replaced(
            row,
            item,
            code=f"{row['code']}_{item['code']}",
            name_zh=names[item["code"]],
            name_en=f"{row['name_en']} {item['code']}",
            article=item["article"],
            source=item["source"],
            status=item["status"],
            steps=tuple(_taking(one, item) if one["code"] in row["starts"] else one for one in row["steps"]),
        )


def _taking(step: Row, item: Row) -> Row:
    return _replaced(step, item, papers=item["papers"])


def _replaced(row: Row, item: Row, **values: object) -> Row:
    return row.overlaid(Row(values, dict.fromkeys(values, item.spot), item.spot), values)
