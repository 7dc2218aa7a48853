"""A county whose law confirms people, with lists delivered into its inbox: files written by hand, people made up."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.ledgers import new_ledger
from tests.stages.intake_county import table

from mianshen.core.cases import CaseState, state_of
from mianshen.core.days import ZONE, Month
from mianshen.core.ids import make_certno
from mianshen.core.paths import Home
from mianshen.policy.packs import load_pack
from mianshen.stages import confirm, deidentify, handle, profile, receive, validate
from mianshen.stages.frame import Job
from mianshen.vault.keyring import make_keyring, open_keyring
from mianshen.vault.register import Register
from mianshen.warehouse import cases
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import CASE

HEAD = ("姓名", "身份证号", "镇街", "联系电话")
EARLIER = ("姓名", "身份证号", "救治病种", "救治年度", "镇街", "联系电话")
TOWN = "水东镇"
ZHANGGONG = "360702_zhanggong"


def certno(serial: int) -> str:
    return make_certno(born=date(1950, 3, 3), serial=serial)


def person(serial: int) -> tuple[str, str]:
    return f"甲{'零一二三四五六七八九'[serial % 10]}{'零一二三四五六七八九'[serial // 10 % 10]}", certno(serial)


def phone(serial: int) -> str:
    return f"139000{serial:05d}"


def listed(*serials: int) -> bytes:
    """A list of civil affairs."""
    return table(HEAD, ((*person(one), TOWN, phone(one)) for one in serials))


def lifted(*serials: int) -> bytes:
    """The list of people lifted out of poverty."""
    rows = ((*person(one), "脱贫不稳定户", TOWN) for one in serials)
    return table(("姓名", "身份证号", "人员类别", "镇街"), rows)


def treated(*rows: tuple[int, str, int]) -> bytes:
    """Who was treated in which year: serial, illness, year."""
    return table(EARLIER, ((*person(one), ill, f"{year}-01-01", TOWN, phone(one)) for one, ill, year in rows))


@dataclass
class CaseCounty:
    """The county at a moment."""

    job: Job

    def at(self, moment: str) -> CaseCounty:
        when = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
        self.job = replace(self.job, as_of=when, pack=load_pack(self.job.pack.name, on=when.date()))
        return self

    def drop(self, **files: bytes) -> None:
        for name, content in files.items():
            (self.job.home.inbox(self.job.pack.name) / f"{name}.csv").write_bytes(content)

    def morning(self) -> dict[str, dict[str, int]]:
        """What the county's DAG does once: files in, cases on."""
        stages = (receive, deidentify, validate, profile, handle, confirm)
        return {stage.STAGE: stage.run(self.job).counts for stage in stages}

    def keys(self, serials: Iterable[int]) -> dict[int, str]:
        register = Register(open_database(self.job.vault_url), open_keyring(self.job.home.keyring))
        found = register.keys_of([certno(one) for one in serials])
        return {one: found[certno(one)] for one in serials if certno(one) in found}

    def rows(self, process: str, year: int) -> list[dict[str, Any]]:
        """Cases of a process and benefit year."""
        with self.job.ledger.connect() as connection:
            query = select(CASE).where(CASE.c.process_code == process, CASE.c.benefit_year == year).order_by(CASE.c.case_id)
            return [dict(one) for one in connection.execute(query).mappings()]

    def by_serial(self, process: str, year: int) -> dict[int, str]:
        """Cases of a process and benefit year by the person's serial."""
        of = {key: serial for serial, key in self.keys(range(1, 30)).items()}
        return {of[row["person_key"]]: row["case_id"] for row in self.rows(process, year)}

    def state(self, case: str) -> CaseState:
        with self.job.ledger.connect() as connection:
            return state_of(cases.events_of(connection, [case])[case])


def make_case_county(root: Path, pack: str, entropy: Callable[[int], bytes], *, at: str) -> CaseCounty:
    """An empty county home."""
    home = Home(root)
    home.make()
    home.inbox(pack).mkdir(parents=True, exist_ok=True)
    make_keyring(home.keyring, entropy)
    (root / "settings.json").write_text('{"counties": {}}', "utf-8")
    new_ledger(home.ledger_url)
    when = datetime.fromisoformat(at).replace(tzinfo=ZONE)
    job = Job(
        home=home,
        pack=load_pack(pack, on=when.date()),
        month=Month(when.year, when.month),
        as_of=when,
        entropy=entropy,
        actor="system",
        ledger_url=home.ledger_url,
        vault_url=home.vault_url,
        go_live_on=None,
    )
    return CaseCounty(job)


def seeded() -> Callable[[int], bytes]:
    """Bytes that look random and are the same in every run."""
    numbers = itertools.count()
    return lambda size: hashlib.shake_256(f"entropy {next(numbers)}".encode()).digest(size)


def december(root: Path) -> CaseCounty:
    """16 December 2026: 3 left 低保 since the year before; 5 is listed and was never treated; all lists came on the 14th."""
    ill = ((1, "尿毒症", 2024), (2, "重性精神病", 2025), (3, "尿毒症", 2025), (4, "尿毒症", 2025))
    made = make_case_county(root, ZHANGGONG, seeded(), at="2025-12-10 09:00")
    made.drop(
        minzheng_dibao_202512=listed(1, 3, 5, 6, 7, 8),
        minzheng_tekun_202512=listed(4),
        minzheng_zhichuxing_202512=listed(9),
        xiangcun_tuopin_202512=lifted(2),
        weijian_jiuzhi_202512=treated(*ill),
    )
    made.morning()
    made.at("2025-12-16 09:00").morning()
    made.at("2026-12-01 09:00").morning()
    made.at("2026-12-14 09:00").drop(
        minzheng_dibao_202612=listed(1, 5, 6, 7, 8),
        minzheng_tekun_202612=listed(4),
        minzheng_zhichuxing_202612=listed(9),
        xiangcun_tuopin_202612=lifted(2),
        weijian_jiuzhi_202612=treated((8, "尿毒症", 2026)),
    )
    assert made.morning()["confirm"]["lists"] == 2
    return made.at("2026-12-16 09:00")


def copied(staged: CaseCounty, root: Path) -> CaseCounty:
    """The same county in another home."""
    shutil.copytree(staged.job.home.root, root)
    home = Home(root)
    return CaseCounty(replace(staged.job, home=home, ledger_url=home.ledger_url, vault_url=home.vault_url))
