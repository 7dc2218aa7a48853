"""Lines of a delivery that are no records: blank ones, totals, signatures and notes, the heading once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.errors import MianshenError
from mianshen.feeds.grid import LINE
from mianshen.feeds.header import says_other_unit
from mianshen.feeds.normal import BLANKS
from mianshen.feeds.plain import begin_with_digits
from mianshen.feeds.words import fold

PASSED_SCHEMA = pa.schema([(LINE, pa.int64()), ("reason_code", pa.string())])
"""One row is one line that is no record, and why."""

_NUMBERED = r"([0-9\x{ff10}-\x{ff19}*\x{ff0a}][\s-]*){12}|[Ee]\+"
"""What an id number looks like even when it is damaged: such a line is a record."""
_TOTAL = re.compile(
    r"^(本页|以上|全部|累计|人数)?(合计|总计|小计|共计|总数|总人数|合计人数|总金额)[::]?.{0,12}$|^共(计)?\d{1,7}(人|户|条|笔|行|元).{0,12}$"
)
_SIGNED = re.compile(
    r"^(制表|填表|填报|审核|复核|负责|经办|联系|备注|说明|注|附注|单位|主管|分管|领导|局长|科长|编制|报送|上报|打印|导出|盖章|公章|日期|页码)"
    r"(人|单位|日期|时间|员|领导|意见|部门|负责人)?(\(?(签字|签名|签章|盖章|公章)\)?)?[::].*$"
    r"|^(\(?(盖章|公章|签章|签字|此页无正文|以下空白|以下无正文|此行以下空白)\)?)$"
    r"|^第\d{1,4}页.{0,12}$|^\d{4}年\d{1,2}月(\d{1,2}日)?(填报|制表)?$|^-+(END|完|以下空白)-+$",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"^.{2,20}(局|人民政府|办事处|委员会|联合会|总工会|组织部|中心|管委会)(\(?(盖章|公章)\)?)?$")
"""What stands alone in a line under a list: the office that sends it."""
_CAPTION = re.compile(r"^.{2,40}(名单|名册|花名册|明细|明细表|一览表|统计表|汇总表|登记表|情况表|台账)(\(.{0,20}\))?$")
"""What stands alone above a heading that is repeated within the rows: the caption of the next page or part."""
_ORDINAL = re.compile(r"^\(?(\d{1,2}|[甲乙丙丁戊])\)?$")
_SERIAL = re.compile(r"^\d{1,7}[.、]?$")


def split_passed(table: pa.Table, *, identity: str | None, first: str, words: Mapping[str, str]) -> tuple[pa.Table, pa.Table]:
    """The records, and the lines that are none: line_no, reason_code.

    `identity` is the column of id numbers, `first` the leftmost column whether the contract knows it or not, `words` the
    column's name by each folded heading.
    """
    if identity is None:
        return table, PASSED_SCHEMA.empty_table()
    doubtful = _without_number(table[identity].combine_chunks())
    if len(doubtful) == 0:
        return table, PASSED_SCHEMA.empty_table()
    some = table.take(doubtful)
    names = [name for name in words.values() if name in some.column_names]
    names = list(dict.fromkeys(names))
    columns = [some[name].to_pylist() for name in names]
    kinds = [
        passed_as(dict(zip(names, cells, strict=True)), leftmost=leftmost, words=words)
        for leftmost, cells in zip(some[first].to_pylist(), zip(*columns, strict=True), strict=True)
    ]
    found = [place for place, kind in enumerate(kinds) if kind]
    lines = some[LINE].combine_chunks().take(pa.array(found, pa.int64()))
    passed = pa.table({LINE: lines, "reason_code": pa.array([kinds[one] for one in found], pa.string())}).cast(PASSED_SCHEMA)
    return table.filter(pc.invert(pc.is_in(table[LINE], lines))), passed


def are_records(written: pa.Array) -> bool:
    """Whether every line has an id number, sound or damaged, and is a record for that reason alone."""
    return len(_without_number(written)) == 0


def _without_number(written: pa.Array) -> pa.Array:
    """Places of the cells that hold nothing like an id number."""
    maybe = pa.array(np.flatnonzero(~begin_with_digits(written, 12)))
    return maybe.filter(pc.invert(pc.match_substring_regex(written.take(maybe), _NUMBERED)))


def passed_as(cells: Mapping[str, str], *, leftmost: str, words: Mapping[str, str]) -> str | None:
    """Why a line is no record; None when it is one. `cells` are those of the contract's columns, by name.

    MianshenError HEADER_UNIT for a total or note that counts money in anything but yuan.
    """
    filled = {name: cell.strip(BLANKS) for name, cell in cells.items() if cell.strip(BLANKS)}
    left = leftmost.strip(BLANKS)
    first = [fold(one) for one in (left, *list(filled.values())[:2]) if one]
    if any(_TOTAL.match(one) for one in first) or any(_SIGNED.match(_kept(one)) for one in (left, *list(filled.values())[:2])):
        return _footer((left, *filled.values()))
    if not filled:
        return "ROW_BLANK" if not left or _SERIAL.match(left) else None
    if len(filled) == 1:
        alone = _alone(_kept(next(iter(filled.values()))))
        if alone is not None:
            return alone
    again = sum(1 for name, cell in filled.items() if words.get(fold(cell)) == name)
    if again >= 2 and again * 2 >= len(filled):
        return "ROW_HEADING"
    if len(filled) >= 3 and all(_ORDINAL.match(fold(cell)) for cell in filled.values()):
        return "ROW_HEADING"
    return None


def broken_as(cells: Sequence[str]) -> str | None:
    """Why a line of another width is no record; None when it is one."""
    filled = [cell.strip(BLANKS) for cell in cells if cell.strip(BLANKS)]
    if not filled:
        return "ROW_BLANK"
    if any(_TOTAL.match(fold(one)) or _SIGNED.match(_kept(one)) for one in filled[:2]):
        return _footer(filled)
    return _alone(_kept(filled[0])) if len(filled) == 1 else None


def _footer(cells: Iterable[str]) -> str:
    """ROW_FOOTER; MianshenError HEADER_UNIT where the line says that the amounts above are not in yuan."""
    if any(says_other_unit(one) for one in cells):
        raise MianshenError("HEADER_UNIT", found="单位 unit", where="表尾的合计或备注 a total or note under the rows")
    return "ROW_FOOTER"


def _alone(text: str) -> str | None:
    """Why a line that says one thing only is no record: the office that sends the list, or a caption."""
    if _OFFICE.match(text):
        return "ROW_FOOTER"
    return "ROW_HEADING" if _CAPTION.match(text) else None


def _kept(text: str) -> str:
    """The text without spaces, its colon and brackets made plain."""
    return "".join(text.split()).replace("\uff1a", ":").replace("\uff08", "(").replace("\uff09", ")")
