"""What leaves with a payment batch: its bank files, the list of payments made by hand, and the control file, put last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mianshen.core.bank import BankProfile
from mianshen.core.digest import sha256_hex
from mianshen.core.money import format_yuan
from mianshen.documents import outbox
from mianshen.documents.bank_file import BankFile, bank_files, control_file, manual_list
from mianshen.documents.bank_lines import BankBatch, Pay


@dataclass(frozen=True, slots=True, repr=False)
class LeavingFiles:
    """The files of one batch. Never printed: they name persons."""

    files: tuple[BankFile, ...]
    """Those of the bank."""
    manual: tuple[str, bytes] | None
    """Name and bytes of the manual list; None when nobody is paid by hand."""
    control: tuple[str, bytes]
    """Name and bytes of the control file."""


@dataclass(frozen=True, slots=True)
class Put:
    """What lies in the outbox, as the ledger remembers it."""

    name: str
    """The bank file when it is one; else the control file, which names and hashes every bank file."""
    sha256: str
    """Hash of that file."""
    count: int
    """Payments in the bank files."""
    amount_fen: int
    """Their sum."""


def file_stem(batch: Mapping[str, Any]) -> str:
    """How the files of a payment batch are called: county, month and batch, nobody's name."""
    return f"pay_{batch['county_code']}_{batch['month']}_{batch['payment_batch_id']}"


def stem_of(file_name: str) -> str:
    """The stem of a batch from the file that the ledger names."""
    return file_name.partition(".")[0]


def listed(folder: Path, file_name: str) -> tuple[Mapping[str, Any], ...]:
    """File, records, amount_fen and sha256 of a batch's bank files, by its control file; none when the batch has but one."""
    if not file_name.endswith(".ctl"):
        return ()
    return tuple(json.loads((folder / file_name).read_text("utf-8"))["files"])


def leaving_files(
    profile: BankProfile,
    by_bank: Sequence[Pay],
    by_hand: Sequence[tuple[Pay, str]],
    *,
    batch: BankBatch,
    stem: str,
    frozen: Mapping[str, Any],
) -> LeavingFiles:
    """Every file of the batch; the control file says its totals, those of each bank file, and the `frozen` columns."""
    files = bank_files(profile, by_bank, batch, stem=stem)
    bank_fen, by_hand_fen = sum(one.amount_fen for one in files), sum(one.amount_fen for one, _ in by_hand)
    totals = {
        **frozen,
        "records": len(by_bank),
        "amount_fen": bank_fen,
        "amount_yuan": format_yuan(bank_fen),
        "manual_records": len(by_hand),
        "manual_fen": by_hand_fen,
        "total_records": len(by_bank) + len(by_hand),
        "total_fen": bank_fen + by_hand_fen,
        "files": [{"file": one.name, "records": one.count, "amount_fen": one.amount_fen, "sha256": one.sha256} for one in files],
    }
    if len(files) == 1:
        totals |= {"file": files[0].name, "sha256": files[0].sha256}
    control = f"{files[0].name if len(files) == 1 else stem}.ctl"
    manual = (f"{stem}_manual.csv", manual_list(by_hand)) if by_hand else None
    return LeavingFiles(files, manual, (control, control_file(totals)))


def put_files(folder: Path, leaving: LeavingFiles) -> Put:
    """Put them there, the control file last. MianshenError PAYMENT_FILE_DIFFERS when one lies there with other bytes."""
    for one in leaving.files:
        outbox.put(folder / one.name, one.content)
    for name, content in (*([leaving.manual] if leaving.manual else []), leaving.control):
        outbox.put(folder / name, content)
    named = (leaving.files[0].name, leaving.files[0].sha256) if len(leaving.files) == 1 else None
    name, sha256 = named or (leaving.control[0], sha256_hex(leaving.control[1]))
    return Put(name, sha256, sum(one.count for one in leaving.files), sum(one.amount_fen for one in leaving.files))
