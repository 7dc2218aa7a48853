"""The fictional county with deliveries already staged and accepted: what profile and assess begin with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import insert, select, update
from tests.ledgers import new_ledger
from tests.sql.given import fetched, given

from mianshen.core.days import ZONE, Month
from mianshen.core.pack import Pack
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack
from mianshen.stages.frame import Job
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.ledger import DELIVERY, RUN

PACK = "_example"
AS_OF = datetime(2026, 11, 6, 9, tzinfo=ZONE)
MONTH = Month(2026, 10)


def settlement(setl_id: str, *, on: date = date(2026, 10, 12), **changes: Any) -> Mapping[str, Any]:
    """A stay of one day, 20,000 yuan in scope, nothing paid by anyone."""
    row = {
        "person_key": "P1",
        "setl_id": setl_id,
        "begndate": on,
        "enddate": on,
        "setl_time": datetime.fromisoformat(f"{on} 10:00"),
        "updt_time": datetime.fromisoformat(f"{on} 12:00"),
        "refd_setl_flag": "0",
        "med_type": "21",
        "medfee_sumamt": 2_500_000,
        "inscp_scp_amt": 2_000_000,
        **dict.fromkeys(("hifp_pay", "hifmi_pay", "hifes_pay", "maf_pay"), 0),
    }
    return row | changes


def listed(person_key: str, category_code: str = "POOR", **changes: Any) -> Mapping[str, Any]:
    """A row of a list."""
    return {"person_key": person_key, "category_code": category_code, "town": "一镇"} | changes


@dataclass
class StagedCounty:
    """The county's job, and hands that deliver."""

    job: Job
    count: int = 0
    """Deliveries so far."""

    def deliver(
        self,
        feed: str,
        list_code: str,
        partition: str,
        *rows: Mapping[str, Any],
        set_aside: Sequence[Mapping[str, Any]] = (),
        version: int = 1,
    ) -> str:
        """Stage the rows as an accepted delivery; returns its id."""
        self.count += 1
        number = self.count
        delivery = f"D{number:03d}"
        extra = {"list_code": list_code, "list_month": partition} if feed == "roster" else {}
        con = compute()
        given(
            con,
            f"staging.{feed}",
            *({**row, **extra, "delivery_id": delivery, "line_no": line} for line, row in enumerate(rows, 2)),
        )
        aside = f"staging.{feed}_quarantined"
        given(con, aside, *({**row, "delivery_id": delivery, "line_no": line} for line, row in enumerate(set_aside, 90)))
        with self.job.lake.writing(self.job.run_spec("validate", inputs=(delivery,))) as run:
            run.write(con, f"staging.{feed}", f"select * from staging.{feed} order by all")
            run.write(con, aside, f"select * from {aside} order by all")
            run_id = self.job.lake.commit(run)
        with self.job.ledger.begin() as connection:
            connection.execute(
                insert(DELIVERY).values(
                    delivery_id=delivery,
                    county_code=self.job.county_code,
                    feed=feed,
                    list_code=list_code,
                    department_code="bureau",
                    partition=partition,
                    version=version,
                    content_sha256=f"{number:064d}",
                    file_name="delivered.csv",
                    size_bytes=1,
                    received_at=(AS_OF - timedelta(days=9) + timedelta(minutes=number)).isoformat(),
                    state="ACCEPTED",
                    staged_run_id=run_id,
                    **dict.fromkeys(("rows_in", "rows_accepted", "rows_quarantined", "rows_ignored"), 0),
                )
            )
        return delivery

    def copy(self, root: Path) -> StagedCounty:
        """The county as it stands, in another home."""
        self.job.ledger.dispose()
        shutil.copytree(self.job.home.root, root)
        home = Home(root)
        return replace(self, job=replace(self.job, home=home, ledger_url=home.ledger_url, vault_url=home.vault_url))

    def supersede(self, delivery: str) -> None:
        """A newer version of the delivery stands in its place."""
        with self.job.ledger.begin() as connection:
            connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == delivery).values(state="SUPERSEDED"))

    def later(self, **shift: int) -> None:
        """Move the job's moment on."""
        self.job = replace(self.job, as_of=self.job.as_of + timedelta(**shift))

    def rows(self, table: str, query: str = "from {table} order by all") -> list[dict[str, Any]]:
        """Rows of the month's newest run of a table."""
        files = self.job.lake.current(table, county_code=self.job.county_code, month=str(self.job.month))
        with duckdb.connect(":memory:") as con:
            show(con, table, files)
            return fetched(con, query.format(table=table))

    def digests(self, stage: str) -> list[dict[str, str]]:
        """SHA-256 of every table by run of a stage, oldest first."""
        with self.job.ledger.connect() as connection:
            found = connection.execute(select(RUN.c.tables).where(RUN.c.stage == stage).order_by(RUN.c.run_no)).scalars()
            return [{table: one["sha256"] for table, one in json.loads(tables).items()} for tables in found]


@cache
def example_pack(on: date, *overlays: str) -> Pack:
    """The fictional county's pack on a day with these overlays, read once."""
    return load_pack(PACK, on=on, overlays=overlays)


def make_staged(root: Path, *, month: Month = MONTH, as_of: datetime = AS_OF) -> StagedCounty:
    """A home with an empty ledger and lake."""
    home = Home(root)
    home.make()
    new_ledger(home.ledger_url)
    job = Job(
        home=home,
        pack=example_pack(as_of.date()),
        month=month,
        as_of=as_of,
        entropy=bytes,
        actor="system",
        ledger_url=home.ledger_url,
        vault_url=home.vault_url,
        go_live_on=None,
    )
    return StagedCounty(job)
