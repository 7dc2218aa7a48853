"""Bank returns judged as a careful cashier would: never paid on doubt, never returned while the money may have left.

Nothing here changes a payment. A return that is refused or held marks nothing; of an accepted one every line is PAID, RETURNED,
PENDING, or set aside with its reason. Instructions without a line stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mianshen.core.codes import reason
from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.returns import BankOutcome, ReturnProfile
from mianshen.feeds.bank.compare import Likeness, Written, fault_of, name_of, totals_agree
from mianshen.feeds.bank.lines import Return, ReturnLine, plain
from mianshen.feeds.bank.reading import read_return
from mianshen.feeds.bank.sent import SENT_BATCH, SentBatch, read_sent
from mianshen.feeds.verdict import FileOutcome, FileVerdict, RowState, RowVerdict

HELD = frozenset({"BATCH_NOT_SENT", "BATCH_REJECTED", "BATCH_SAID_DUPLICATE", "BATCH_SAID_PAID", "SENT_BATCH_DAMAGED"})
"""Reasons for which a person looks at the return; for any other it is refused."""


@dataclass(frozen=True, slots=True, repr=False)
class ReturnFile:
    """A return as delivered. Never printed: it names persons."""

    path: str
    """Relative to the folder that is judged, with forward slashes."""
    content: bytes
    """Its bytes."""
    sent: bytes | None
    """The list of the batch that lies beside it; None when there is none."""


@dataclass(frozen=True, slots=True, repr=False)
class JudgedLine:
    """One line and what becomes of it. Never printed: it names a person."""

    line: ReturnLine
    """What the bank said."""
    state: RowState
    """LOAD, QUAR or IGNORE."""
    reason: str
    """PAID, RETURNED, PENDING, or why it is set aside."""
    name: str
    """The payee: as the return names him, else as he was sent."""


@dataclass(frozen=True, slots=True, repr=False)
class Judgement:
    """One return."""

    outcome: FileOutcome
    """What becomes of it."""
    reason: str
    """Why it is not accepted; empty for ACCEPT."""
    found: str
    """What was found, for people; no personal data."""
    lines: tuple[JudgedLine, ...]
    """Every line of an accepted return in file order."""
    still_open: int
    """Instructions of the batch that neither this return nor an earlier one settles."""
    batch: str | None = None
    """The number of the batch that it answers, when that is known."""


@dataclass(slots=True)
class Known:
    """What earlier returns said of one batch."""

    settled: dict[str, BankOutcome] = field(default_factory=dict)
    """PAID or RETURNED by instruction."""
    disputed: set[str] = field(default_factory=set)
    """Instructions whose results contradicted each other: only a person settles them."""
    accepted: set[str] = field(default_factory=set)
    """Digests of accepted returns: of their bytes, and of what they say."""


def judge_returns(files: Iterable[ReturnFile], *, profile: ReturnProfile) -> list[FileVerdict]:
    """A verdict a file, in the order given; what an earlier return of the same batch settled is remembered."""
    known: dict[str, Known] = {}
    verdicts: list[FileVerdict] = []
    for one in files:
        memory = known.setdefault(sha256_hex(one.sent or b""), Known())
        judged = judge_file(one, profile=profile, known=memory)
        rows = tuple(RowVerdict(line.state, line.reason, line.line.instruction, line.name) for line in judged.lines)
        verdicts.append(FileVerdict(one.path, judged.outcome, judged.reason, rows))
    return verdicts


def judge_file(one: ReturnFile, *, profile: ReturnProfile, known: Known) -> Judgement:
    """The judgement of one return against the list that lies beside it; `known` learns what an accepted return says."""
    try:
        batches = () if one.sent is None else (read_sent(one.sent, profile=profile, where=SENT_BATCH),)
        return judge_return(one.content, batches=batches, profile=profile, known=known, same=Written(), where=one.path)
    except MianshenError as error:
        return refused(error)


def refused(error: MianshenError) -> Judgement:
    """The judgement of a return that marks nothing."""
    outcome = FileOutcome.HOLD if error.code in HELD else FileOutcome.REJECT
    return Judgement(outcome, error.code, error.found, (), 0)


def judge_return(
    content: bytes, *, batches: Sequence[SentBatch], profile: ReturnProfile, known: Known, same: Likeness, where: str
) -> Judgement:
    """The judgement of one return against the batches that were sent; it answers the one with most of its instructions.

    MianshenError with the reason for which it is refused or held: those of `read_return`, RETURN_TOTALS, BATCH_NOT_SENT.
    """
    digest = sha256_hex(content)
    if digest in known.accepted:
        return _duplicate()
    sent = {instruction for batch in batches for instruction in batch.by_instruction}
    one = read_return(content, profile=profile, sent=sent, where=where)
    batch = _batch_of(one, batches, where=where)
    _refuse(one, batch, profile, where=where)
    says = sha256_hex("\n".join(_saying(one)).encode())
    if says in known.accepted:
        return _duplicate()
    known.accepted |= {digest, says}
    judged = _judge_lines(one.lines or tuple(_expanded(one, batch)), batch, known, same)
    still_open = len(batch.by_instruction.keys() - known.settled.keys())
    return Judgement(FileOutcome.ACCEPT, "", "", judged, still_open, batch.number)


def _batch_of(one: Return, batches: Sequence[SentBatch], *, where: str) -> SentBatch:
    """The batch that the return answers; MianshenError BATCH_NOT_SENT when there is none, or no telling which."""
    if not batches:
        raise MianshenError("BATCH_NOT_SENT", found=f"无 {SENT_BATCH} no list of a batch sent", where=where)
    if len(batches) == 1:
        return batches[0]
    counts = [sum(line.instruction in batch.by_instruction for line in one.lines) for batch in batches]
    if not one.lines or counts.count(max(counts)) > 1:
        raise MianshenError("BATCH_NOT_SENT", found=f"{len(batches)} 个批次均有可能 batches it may answer", where=where)
    return batches[counts.index(max(counts))]


def _duplicate() -> Judgement:
    return Judgement(FileOutcome.DUPLICATE, "DELIVERY_DUPLICATE", "", (), 0)


def _saying(one: Return) -> Iterable[str]:
    """What the return says, whatever its encoding, line ends and blanks."""
    yield one.original.batch or ""
    yield str(one.whole)
    for line in one.lines:
        yield "\t".join((line.instruction, line.account or "", line.name or "", line.amount or "", line.code, line.outcome))


def _refuse(one: Return, batch: SentBatch, profile: ReturnProfile, *, where: str) -> None:
    if batch.is_numbered and one.original.batch is not None and one.original.batch != batch.number:
        raise MianshenError("BATCH_NOT_SENT", found=plain(one.original.batch), where=where)
    if one.lines and not any(line.instruction in batch.by_instruction for line in one.lines):
        raise MianshenError(
            "BATCH_NOT_SENT", found=f"{len(one.lines)} 条指令均未送出 instructions, none of them sent", where=where
        )
    if not totals_agree(one, batch):
        raise MianshenError("RETURN_TOTALS", found=_stated(one), where=where)
    if one.lines and all(profile.duplicate_codes.intersection(line.code.split("+")) for line in one.lines):
        raise MianshenError("BATCH_SAID_DUPLICATE", found=f"{len(one.lines)} lines", where=where)
    if one.whole is BankOutcome.PAID and (one.original.count is None or one.original.amount is None):
        raise MianshenError("BATCH_SAID_PAID", found="无笔数或金额 no count or no sum", where=where)


def _stated(one: Return) -> str:
    counts = "/".join(str(count) for count in one.counts or (one.original.count or 0,))
    return f"{counts} 笔 stated, {len(one.lines)} 笔 found"


def _expanded(one: Return, batch: SentBatch) -> Iterable[ReturnLine]:
    """A line an instruction for a return that says of the whole batch, and exactly of it, that it was paid."""
    if one.whole is BankOutcome.PAID:
        for place, instruction in enumerate(batch.by_instruction, 1):
            yield ReturnLine(place, instruction, None, None, None, "", "", BankOutcome.PAID)


def _judge_lines(lines: Sequence[ReturnLine], batch: SentBatch, known: Known, same: Likeness) -> tuple[JudgedLine, ...]:
    faults = [fault_of(line, batch.by_instruction.get(line.instruction), same=same) for line in lines]
    outcomes: dict[str, set[BankOutcome]] = {}
    for line, fault in zip(lines, faults, strict=True):
        if fault != "ROW_SHAPE":
            outcomes.setdefault(line.instruction, set()).add(line.outcome)
    contradicted = {line.instruction for line, fault in zip(lines, faults, strict=True) if fault == "RESULT_CONTRADICTS"}
    contradicted |= {instruction for instruction, some in outcomes.items() if len(some) > 1}
    before = dict(known.settled)
    known.disputed |= contradicted
    seen: set[str] = set()
    judged: list[JudgedLine] = []
    for line, fault in zip(lines, faults, strict=True):
        state, why = (RowState.QUAR, fault) if fault else _state(line, before, known, seen)
        seen |= set() if fault else {line.instruction}
        if state is RowState.LOAD and line.outcome is not BankOutcome.PENDING:
            known.settled[line.instruction] = line.outcome
        judged.append(JudgedLine(line, state, why, _name(line, batch)))
    return tuple(judged)


def _state(line: ReturnLine, before: dict[str, BankOutcome], known: Known, seen: set[str]) -> tuple[RowState, str]:
    """What becomes of a line that nothing speaks against by itself."""
    if line.instruction in known.disputed:
        return RowState.QUAR, "RESULT_CONTRADICTS"
    if line.instruction in seen:
        return RowState.IGNORE, "ROW_REPEATED"
    final = before.get(line.instruction)
    if final is None:
        return RowState.LOAD, line.outcome.value
    return (RowState.IGNORE, "ROW_REPEATED") if final is line.outcome else (RowState.QUAR, "RESULT_CHANGED")


def _name(line: ReturnLine, batch: SentBatch) -> str:
    sent = batch.by_instruction.get(line.instruction)
    return name_of(line.name if line.name is not None else sent.name if sent else "")


def summary_of(verdict: FileVerdict) -> str:
    """One line for people, Chinese and English, without names and accounts."""
    if verdict.outcome is not FileOutcome.ACCEPT:
        known = reason(verdict.reason)
        return f"{verdict.path}:{known.zh} / {known.en}"
    counts: dict[str, int] = {}
    for row in verdict.rows:
        counts[row.reason] = counts.get(row.reason, 0) + 1
    return f"{verdict.path}:" + "、".join(f"{reason(code).zh} [{code}] {number} 笔" for code, number in sorted(counts.items()))
