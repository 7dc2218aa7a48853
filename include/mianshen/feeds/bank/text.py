"""Returns as text: `H|batch|count`, `seq|instruction|account|name|amount|code|text`, `T|count|sum`; or widths in GBK bytes."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.core.errors import MianshenError
from mianshen.core.returns import BankOutcome, ReturnProfile
from mianshen.feeds.bank.lines import Original, Return, ReturnLine
from mianshen.feeds.bank.meaning import of_code

BAR = "|"
"""Between fields."""
LEAST_FIELDS = 6
"""Sequence, instruction, account, name, amount, code; the bank's words may be left out."""
_BLANKS = " \t\r\n\u00a0\u3000\ufeff\x1a\x00"

Numbered = tuple[int, str]


def is_barred(text: str) -> bool:
    """Whether the text's first or last line is the head or closing line of a barred return."""
    lines = _numbered(text)
    return bool(lines) and (_mark(lines[0][1]) == "H" or _mark(lines[-1][1]) == "T")


def has_bars(text: str) -> bool:
    """Whether the text's first line has the fields of a barred return's line."""
    lines = _numbered(text)
    return bool(lines) and lines[0][1].count(BAR) >= LEAST_FIELDS - 1


def read_barred(text: str, *, profile: ReturnProfile, where: str) -> Return:
    """The return. MianshenError RETURN_INCOMPLETE without head or closing line, RETURN_FORMAT for a second one, FILE_EMPTY."""
    lines = _numbered(text)
    head, closing, body = _frame(lines, where=where)
    batch, stated = _fields(head, 3, where=where)
    count, total = _fields(closing, 3, where=where)
    read = tuple(_line(profile, number, line.split(BAR)) for number, line in body)
    counts = (_count(stated, where=f"{where}:{head[0]}"), _count(count, where=f"{where}:{closing[0]}"))
    if not read and counts == (0, 0):
        raise MianshenError("FILE_EMPTY", found="0 lines", where=where)
    return Return(read, Original(batch=batch), counts, total)


def is_fixed(text: str, *, profile: ReturnProfile) -> bool:
    """Whether most lines have the width of a fixed-width return, in GBK bytes, and no bar."""
    lines = _numbered(text)
    full = sum(profile.widths)
    wide = [line for _, line in lines if BAR not in line and full - profile.widths[-1] < len(_within(line, full)) <= full]
    return bool(lines) and len(wide) * 2 >= len(lines)


def read_fixed(text: str, *, profile: ReturnProfile, where: str) -> Return:
    """The return; its lines have no head and no closing line unless barred ones stand around them.

    MianshenError RETURN_INCOMPLETE or RETURN_FORMAT when only one of these two stands there.
    """
    lines = _numbered(text)
    marks = {_mark(line) for _, line in (lines[0], lines[-1])}
    if not marks & {"H", "T"}:
        return Return(_fixed_lines(profile, lines), Original())
    head, closing, body = _frame(lines, where=where)
    batch, stated = _fields(head, 3, where=where)
    count, total = _fields(closing, 3, where=where)
    counts = (_count(stated, where=f"{where}:{head[0]}"), _count(count, where=f"{where}:{closing[0]}"))
    return Return(_fixed_lines(profile, body), Original(batch=batch), counts, total)


def _numbered(text: str) -> list[Numbered]:
    """Lines that are not blank, with their numbers. Only line ends end a line: names may hold other separators."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip(_BLANKS)]


def _mark(line: str) -> str:
    first, bar, _ = line.partition(BAR)
    return first.strip(_BLANKS).upper() if bar else ""


def _frame(lines: Sequence[Numbered], *, where: str) -> tuple[Numbered, Numbered, Sequence[Numbered]]:
    """Head, closing line and what stands between them."""
    heads = [one for one in lines if _mark(one[1]) == "H"]
    closings = [one for one in lines if _mark(one[1]) == "T"]
    if not heads or not closings:
        raise MianshenError("RETURN_INCOMPLETE", found=f"{len(heads)} H, {len(closings)} T", where=where)
    if len(heads) > 1 or len(closings) > 1 or lines[0] != heads[0] or lines[-1] != closings[0]:
        raise MianshenError("RETURN_FORMAT", found=f"{len(heads)} H, {len(closings)} T", where=where)
    return heads[0], closings[0], lines[1:-1]


def _fields(line: Numbered, number: int, *, where: str) -> tuple[str, str]:
    fields = [one.strip(_BLANKS) for one in line[1].split(BAR)]
    if len(fields) < number or any(fields[number:]) or not all(fields[:number]):
        raise MianshenError("RETURN_FORMAT", found=f"{len(fields)} fields", where=f"{where}:{line[0]}")
    return fields[1], fields[2]


def _count(written: str, *, where: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise MianshenError("RETURN_FORMAT", found="no count", where=where)
    return int(written)


def _line(profile: ReturnProfile, number: int, fields: Sequence[str]) -> ReturnLine:
    cells = [one.strip(_BLANKS) for one in fields]
    if len(cells) < LEAST_FIELDS:
        return broken(number, cells)
    code = cells[5].upper()
    text = BAR.join(cells[6:])
    outcome, fault = of_code(profile, code, text)
    return ReturnLine(number, cells[1], cells[2], cells[3], cells[4], code, text, outcome, fault)


def broken(number: int, cells: Sequence[str]) -> ReturnLine:
    """A line with too few fields or of a wrong width; its instruction is told when one can be seen."""
    instruction = cells[1] if len(cells) > 1 else ""
    return ReturnLine(number, instruction, None, None, None, "", "", BankOutcome.PENDING, "ROW_SHAPE")


def _fixed_lines(profile: ReturnProfile, lines: Sequence[Numbered]) -> tuple[ReturnLine, ...]:
    cut = [(number, _cut(profile, line)) for number, line in lines]
    amounts = [cells[4] for _, cells in cut if cells is not None]
    in_fen = bool(amounts) and all(_is_padded(one, profile.widths[4]) for one in amounts)
    return tuple(_fixed_line(profile, number, cells, in_fen=in_fen) for number, cells in cut)


def _cut(profile: ReturnProfile, line: str) -> list[str] | None:
    """The fields by their widths; None when the line is too long, lacks its code, or a width cuts a character."""
    full = sum(profile.widths)
    content = _within(line, full)
    if not full - profile.widths[-1] < len(content) <= full:
        return None
    cells: list[str] = []
    start = 0
    for width in profile.widths:
        try:
            cells.append(content[start : start + width].decode("gb18030").strip(_BLANKS))
        except UnicodeDecodeError:
            return None
        start += width
    return cells


def _fixed_line(profile: ReturnProfile, number: int, cells: list[str] | None, *, in_fen: bool) -> ReturnLine:
    if cells is None:
        return broken(number, ())
    amount = f"{int(cells[4][:-2])}.{cells[4][-2:]}" if in_fen else cells[4]
    code = cells[5].upper()
    outcome, fault = of_code(profile, code, "")
    return ReturnLine(number, cells[1], cells[2], cells[3], amount, code, "", outcome, fault, profile.widths[3])


def _is_padded(amount: str, width: int) -> bool:
    """Whether the amount is whole digits over the full width: fen, as banks without a decimal point write them."""
    return len(amount) == width and amount.isascii() and amount.isdigit()


def _within(line: str, full: int) -> bytes:
    """The line in GBK bytes; closing blanks beyond the full width are left out."""
    content = line.encode("gb18030")
    return content if len(content) <= full else content.rstrip(b" \t\x1a\x00")
