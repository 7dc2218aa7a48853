"""The batch that a return answers: what was sent, instruction by instruction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mianshen.core.errors import MianshenError
from mianshen.core.money import parse_fen
from mianshen.core.returns import ReturnProfile
from mianshen.feeds.bank.sheet import read_sheet
from mianshen.feeds.guard import unpack

SENT_BATCH = "sent_batch.csv"
"""The name under which it lies beside a return; never a delivery itself."""


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """One instruction of the batch. Never printed: it names a person."""

    instruction: str
    """Its number."""
    account: str
    """Where the money was sent."""
    name: str
    """To whom."""
    amount_fen: int
    """How much."""


@dataclass(frozen=True, slots=True, repr=False)
class SentBatch:
    """The batch that was sent."""

    number: str | None
    """Its number; None where the list does not say."""
    by_instruction: Mapping[str, Sent]
    """Its instructions in the order sent."""
    is_numbered: bool = False
    """Whether the bank knows the number, so that a return must bear it."""

    @property
    def amount_fen(self) -> int:
        """Their sum."""
        return sum(one.amount_fen for one in self.by_instruction.values())


def read_sent(content: bytes, *, profile: ReturnProfile, where: str) -> SentBatch:
    """The batch from its list 序号,指令号,账号,户名,金额.

    MianshenError SENT_BATCH_DAMAGED when it cannot be read whole: an instruction twice, an amount that is none, a broken row.
    """
    try:
        sheet = read_sheet(unpack(content, where=where), contract=profile.sent, where=where)
    except MianshenError as error:
        raise MianshenError("SENT_BATCH_DAMAGED", found=error.code, where=where) from None
    except Exception as cause:  # a stranger's bytes may break any library; its text may hold a name, so only its kind is told
        raise MianshenError("SENT_BATCH_DAMAGED", found=type(cause).__name__, where=where) from None
    found: dict[str, Sent] = {}
    for number, cells in sheet.rows:
        one = _sent(cells)
        if one is None or one.instruction in found:
            raise MianshenError("SENT_BATCH_DAMAGED", found="a row that cannot be used", where=f"{where}:{number}")
        found[one.instruction] = one
    numbers = {cells["batch"] for _, cells in sheet.rows if cells.get("batch")}
    if not found or len(numbers) > 1:
        raise MianshenError("SENT_BATCH_DAMAGED", found=f"{len(found)} rows, {len(numbers)} batches", where=where)
    return SentBatch(next(iter(numbers), None), found, is_numbered=bool(numbers))


def _sent(cells: Mapping[str, str]) -> Sent | None:
    if not cells or not cells["instruction"]:
        return None
    try:
        fen = parse_fen(cells["amount"])
    except ValueError:
        return None
    return Sent(cells["instruction"], cells["account"], cells["name"], fen) if fen > 0 else None
