"""Seeded bugs: what the enumeration of points must be able to see."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mianshen.documents import outbox
from mianshen.stages import pay
from mianshen.stages.frame import Job
from mianshen.stages.pay import drafting, sending
from mianshen.warehouse import audit, payments
from mianshen.warehouse.audit import Entry


@dataclass(frozen=True)
class Bug:
    """A bug, and where it shows."""

    plant: Callable[[], None]
    """Puts it into the process."""
    label: str
    """Points of this label show it."""
    strike: str = "kill"
    """What ends the run there."""


def plain_write() -> None:
    """Files are written in place: no temporary name, no rename."""

    def write(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    outbox.replace = write


def sent_first() -> None:
    """Batches are marked as sent, and that is committed, before their files are put."""
    send, put = pay.send, outbox.put

    def send_then_put(till: pay.Till) -> dict[str, int]:
        waiting: list[tuple[Path, bytes]] = []
        outbox.put = lambda path, content: waiting.append((path, content)) or True
        counts = send(till)
        outbox.put = put
        for path, content in waiting:
            put(path, content)
        return counts

    pay.send = send_then_put


def approved_apart() -> None:
    """An approval is committed before the audit chain hears of it."""

    def approve(job: Job, *, checker: str) -> int:
        with job.ledger.begin() as connection:
            batches = payments.batches_in(connection, county_code=job.county_code, states=("drafted",))
            for batch in batches:
                payments.approve_batch(connection, batch["payment_batch_id"], checker=checker, at=job.moment)
        with job.ledger.begin() as connection:
            for batch in batches:
                detail = {"amount_fen": batch["amount_fen"], "content_sha256": batch["content_sha256"]}
                entry = Entry("payment_batch.approved", batch["payment_batch_id"], detail)
                audit.append(connection, [entry], at=job.moment, actor=checker)
        return len(batches)

    pay.approve = approve


def drafted_in_two() -> None:
    """A batch is committed before its payments."""
    write = payments.write_draft

    def write_in_two(connection: Any, batch: Mapping[str, Any], *rest: Any) -> None:
        execute = connection.execute

        def execute_apart(statement: Any, *values: Any) -> Any:
            found = execute(statement, *values)
            if "INSERT INTO payment_batch" in str(statement):
                connection.exec_driver_sql("commit")
                connection.exec_driver_sql("begin immediate")
            return found

        connection.execute = execute_apart
        write(connection, batch, *rest)
        connection.execute = execute

    payments.write_draft = write_in_two


def drawn_ids() -> None:
    """Batches are numbered at random: the same again is another batch."""
    make = drafting.make_draft

    def drawn(*args: Any, **kwargs: Any) -> Any:
        return make(*args, **kwargs | {"county_code": os.urandom(3).hex()})

    drafting.make_draft = drawn


def error_swallowed() -> None:
    """A file that could not be written is passed over."""
    write = outbox.replace

    def write_if_possible(path: Path, content: bytes) -> None:
        try:
            write(path, content)
        except OSError:
            return

    outbox.replace = write_if_possible


def clock_in_file() -> None:
    """A file bears the moment at which it was written."""
    leave = sending.leaving_files

    def leave_with_clock(*args: Any, **kwargs: Any) -> Any:
        return leave(*args, **kwargs | {"frozen": {**kwargs["frozen"], "written": str(time.time_ns())}})

    sending.leaving_files = leave_with_clock


def audited_twice() -> None:
    """Nobody asks whether the chain has the row already."""
    audit.stands = lambda *_args, **_kwargs: False


BUGS = {
    "plain_write": Bug(plain_write, "write half"),
    "sent_first": Bug(sent_first, "commit after"),
    "approved_apart": Bug(approved_apart, "commit after"),
    "drafted_in_two": Bug(drafted_in_two, "insert payment"),
    "drawn_ids": Bug(drawn_ids, "commit after"),
    "error_swallowed": Bug(error_swallowed, "write half", "error"),
    "clock_in_file": Bug(clock_in_file, "rename .ctl after"),
    "audited_twice": Bug(audited_twice, "write half"),
}
"""By name."""
