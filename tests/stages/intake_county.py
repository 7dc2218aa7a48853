"""A small county's inbox for the intake stages: files written by hand, people made up."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, select
from tests.ledgers import new_ledger

from mianshen.core.days import ZONE, Month
from mianshen.core.ids import make_certno
from mianshen.core.pack import Pack
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack
from mianshen.stages import deidentify, receive, validate
from mianshen.stages.frame import Job, StageReport
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import make_keyring, open_keyring
from mianshen.vault.register import Register
from mianshen.warehouse import clock_store, lake
from mianshen.warehouse.connect import compute, open_database
from mianshen.warehouse.ledger import DELIVERY

PACK = "510118_xinjin"
AS_OF = datetime(2026, 11, 3, 9, tzinfo=ZONE)
SETTLEMENT = "settlement_510118_202610.csv"
ENROLMENT = "enrolment_510118_202610.csv"
CHILDREN = "minzheng_ertong_202610.csv"
ROSTER_HEAD = ("儿童姓名", "身份证号", "性别", "类别", "监护人", "监护人电话", "镇街", "保障起始年月")
ENROLMENT_HEAD = ("参保缴费流水号", "身份证号", "姓名", "险种", "缴费年度", "缴费日期", "个人缴费金额")
CLEAN: Mapping[str, str] = {
    "setl_id": "510118H0001",
    "mdtrt_id": "510118M0001",
    "psn_no": "",
    "psn_cert_type": "01",
    "certno": make_certno(born=date(1950, 3, 3), serial=1),
    "psn_name": "甲某",
    "gend": "1",
    "brdy": "1950-03-03",
    "insutype": "390",
    "insu_admdvs": "510118",
    "mdtrt_admdvs": "510118",
    "fixmedins_code": "H51011800031",
    "hosp_lv": "3",
    "med_type": "21",
    "dise_code": "I63.900",
    "begndate": "2026-10-01",
    "enddate": "2026-10-05",
    "setl_time": "2026-10-05 08:17:36",
    "medfee_sumamt": "1000.00",
    "fulamt_ownpay_amt": "50.00",
    "overlmt_selfpay": "0.00",
    "preselfpay_amt": "50.00",
    "inscp_scp_amt": "900.00",
    "act_pay_dedc": "200.00",
    "hifp_pay": "500.00",
    "hifmi_pay": "100.00",
    "hifob_pay": "0.00",
    "cvlserv_pay": "0.00",
    "maf_pay": "0.00",
    "oth_pay": "0.00",
    "fund_pay_sumamt": "600.00",
    "psn_part_amt": "400.00",
    "acct_pay": "0.00",
    "psn_cash_pay": "400.00",
    "refd_setl_flag": "0",
    "init_setl_id": "",
    "updt_time": "2026-10-06 10:00:00",
}
"""A settlement without fault; its sums hold."""


def certno(serial: int) -> str:
    """A well-formed number of a made-up person."""
    return make_certno(born=date(1950, 3, 3), serial=serial)


def settlement(number: int, **changes: str) -> dict[str, str]:
    """A settlement of person `number` with its own key."""
    own = {"setl_id": f"510118H{number:04d}", "certno": certno(number), "psn_name": f"甲{'一二三四五六七八九'[number % 9]}"}
    return {**CLEAN, **own, **changes}


def settlements(*rows: Mapping[str, str]) -> bytes:
    """The rows as a delivered file."""
    return table(tuple(CLEAN), (tuple(row.values()) for row in rows))


def children(*rows: tuple[str, ...]) -> bytes:
    """Rows of the list of children in need."""
    return table(ROSTER_HEAD, rows)


def child(number: int, **changes: str) -> tuple[str, ...]:
    """A child of the list; changes by heading."""
    row = dict(zip(ROSTER_HEAD, (f"童{number % 7}", certno(number), "女", "孤儿", "", "", "宝墩镇", "202405"), strict=True))
    return tuple((row | {"儿童姓名": "童" + "甲乙丙丁戊己庚"[number % 7]} | changes).values())


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Comma separated text."""
    return "".join(",".join(row) + "\n" for row in (head, *rows)).encode()


@cache
def pack() -> Pack:
    """The shipped pack on the day of the tests."""
    return load_pack(PACK, on=AS_OF.date())


@dataclass
class Intake:
    """A county's home with an inbox."""

    job: Job
    """The job that the stages run on; replace it to move the clock."""

    @property
    def inbox(self) -> Path:
        """Where files are dropped."""
        return self.job.home.inbox(self.job.pack.name)

    def drop(self, name: str, content: bytes, **said: Any) -> Path:
        """Put a file into the inbox, with a control file when something is said of it."""
        path = self.inbox / name
        path.write_bytes(content)
        if said:
            self.control(name, **said)
        return path

    def control(self, name: str, **said: Any) -> None:
        """Put a control file beside it."""
        (self.inbox / f"{name}.ctl").write_text(json.dumps(said), "utf-8")

    def run(self) -> list[StageReport]:
        """receive, deidentify, validate."""
        return [stage.run(self.job) for stage in (receive, deidentify, validate)]

    def move_to(self, moment: datetime, *, month: Month | None = None) -> None:
        """Let the job stand at a later moment."""
        self.job = replace(self.job, as_of=moment, month=month or self.job.month)

    def deliveries(self) -> list[RowMapping]:
        """The ledger's deliveries by file name and version."""
        with self.job.ledger.connect() as connection:
            query = select(DELIVERY).order_by(DELIVERY.c.file_name, DELIVERY.c.version)
            return list(connection.execute(query).mappings().all())

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Rows of a lake table over every run that wrote it, by delivery and line."""
        with self.job.ledger.connect() as connection:
            found = connection.exec_driver_sql("select run_id from run").scalars().all()
        with compute() as connection:
            lake.show(connection, name, self.job.lake.files(name, run_ids=found))
            cursor = connection.execute(f"select * from {name} order by all")
            names = [one[0] for one in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def clocks(self) -> dict[str, RowMapping]:
        """Clocks by subject id."""
        with self.job.ledger.connect() as connection:
            return {one["subject_id"]: one for one in clock_store.clocks_of(connection, self.job.county_code)}

    def custody(self) -> Custody:
        """Where landed bytes lie."""
        return Custody(self.job.home.custody, open_database(self.job.vault_url), open_keyring(self.job.home.keyring))

    def register(self) -> Register:
        """The register of persons."""
        return Register(open_database(self.job.vault_url), open_keyring(self.job.home.keyring))


def make_intake(root: Path, entropy: Callable[[int], bytes]) -> Intake:
    """An empty county home."""
    home = Home(root)
    home.make()
    home.inbox(PACK).mkdir(parents=True, exist_ok=True)
    make_keyring(home.keyring, entropy)
    (root / "settings.json").write_text('{"counties": {}}', "utf-8")
    new_ledger(home.ledger_url)
    job = Job(
        home=home,
        pack=pack(),
        month=Month(2026, 10),
        as_of=AS_OF,
        entropy=entropy,
        actor="system",
        ledger_url=home.ledger_url,
        vault_url=home.vault_url,
        go_live_on=date(2026, 10, 1),
    )
    return Intake(job)


def sha256(content: bytes) -> str:
    """What a control file says of the bytes."""
    return hashlib.sha256(content).hexdigest()


def zipped(content: bytes) -> bytes:
    """The bytes as .gz, without a clock inside."""
    return gzip.compress(content, mtime=0)
