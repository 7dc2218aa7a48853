"""An inbox of bank returns: every file in name order, each against the batch that lies beside it."""

from __future__ import annotations

from pathlib import Path

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.returns import ReturnProfile
from mianshen.feeds.bank.judge import HELD, ReturnFile, judge_returns
from mianshen.feeds.bank.sent import SENT_BATCH
from mianshen.feeds.control import read_control
from mianshen.feeds.inbox import Delivery, deliveries
from mianshen.feeds.verdict import FileOutcome, FileVerdict
from mianshen.feeds.words import safe_file_name


def judge_inbox(root: Path, *, profile: ReturnProfile) -> list[FileVerdict]:
    """The verdict on every return under the folder, or on the one file; `sent_batch.csv` is what they answer, no delivery."""
    found = [one for one in deliveries(root) if one.is_paged or one.name.lower() != SENT_BATCH]
    refused = {one.path: code for one in found if (code := _refusal(one))}
    files = [ReturnFile(one.path, one.files[0].read_bytes(), _beside(one, root)) for one in found if one.path not in refused]
    verdicts = {one.path: one for one in judge_returns(files, profile=profile)}
    return [verdicts.get(one.path) or _refused(one.path, refused[one.path]) for one in found]


def _beside(delivery: Delivery, root: Path) -> bytes | None:
    """The list of the batch in the return's own folder, else in the nearest folder above it up to the root."""
    folder = delivery.files[0].parent
    folders = [folder, *(one for one in folder.parents if root.is_dir() and one.is_relative_to(root))]
    found = (path for one in folders for path in sorted(one.iterdir()) if path.name.lower() == SENT_BATCH and path.is_file())
    path = next(found, None)
    return None if path is None else path.read_bytes()


def _refusal(delivery: Delivery) -> str:
    """Why the file is refused before it is read: pages are no return, or its control file speaks of other bytes."""
    if delivery.is_paged:
        return "RETURN_FORMAT"
    if delivery.control is None:
        return ""
    try:
        control = read_control(delivery.control.read_bytes(), where=safe_file_name(delivery.control.name))
    except MianshenError as error:
        return error.code
    digest = sha256_hex(delivery.files[0].read_bytes())
    return "" if control.sha256 in (None, digest) else "CONTROL_MISMATCH"


def _refused(path: str, code: str) -> FileVerdict:
    return FileVerdict(path, FileOutcome.HOLD if code in HELD else FileOutcome.REJECT, code, ())
