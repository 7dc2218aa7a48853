"""People stay behind the vault for the whole month: canaries are found where they were planted, and nowhere else."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests import leak
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, agreeing, make_house, pack, write_files
from tests.ledgers import disarm

from mianshen.stages import approve
from mianshen.synth import Canary
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import open_keyring
from mianshen.vault.register import Register
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.publish import publish

MIANSHEN = Path(sys.executable).with_name("mianshen")
CANARIES = 5


@dataclass(frozen=True)
class Done:
    """A month with canaries, and all that was said of it."""

    house: House
    """Its home."""
    files: Files
    """What was delivered."""
    said: str
    """Everything that the command printed, on both streams."""

    @property
    def canaries(self) -> dict[str, str]:
        """Secrets by label."""
        return leak.secrets_of(self.files.made.canaries)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The month by the command line, departments agreeing, with canaries in good files and in files that must be refused."""
    files = write_files(tmp_path_factory.mktemp("county"), insured=3_000, seed=9, bad_files=True, canaries=CANARIES)
    _write_telltales(files.folder, files.made.canaries[0])
    house = make_house(tmp_path_factory.mktemp("home"))
    line = ["--pack", PACK, "--month", "2026-10", "--as-of", IN_TIME.isoformat(), "--home", str(house.home.root)]
    said = _run(*line, "--inbox", str(files.folder))
    agreeing(house.job(IN_TIME))
    return Done(house, files, said + _run(*line))


def _run(*options: str) -> str:
    ended = subprocess.run([MIANSHEN, "run", *options], capture_output=True, text=True, check=False, env=os.environ)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def _write_telltales(folder: Path, one: Canary) -> None:
    """Files that must be refused and would tell of a person if the refusal quoted them."""
    row = ",".join(leak.secrets_of([one]).values())
    (folder / f"{one.certno}_{one.phone}.csv").write_text(f"{row}\n", "utf-8")
    (folder / "yibao_yinbingzhipin_202610.noheading.csv").write_text(f"{row}\n{row}\n", "utf-8")
    for number, field in enumerate(("list_code", "dept", "period", "records")):
        name = f"zuzhibu_kunnandangyuan_202610.control{number}.tsv"
        said = {
            "feed": "roster",
            "list_code": "zuzhibu_kunnandangyuan",
            field: (one.psn_no, one.phone, one.name, one.account)[number],
        }
        (folder / name).write_text(f"{row}\n{row}\n", "utf-8")
        (folder / f"{name}.ctl").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    (folder / "gonghui_kunnanzhigong_202610.damaged.xlsx.ctl").write_text(f'{{"feed": "{one.name}', "utf-8")
    (folder / "gonghui_kunnanzhigong_202610.damaged.xlsx").write_bytes(b"PK\x03\x04" + row.encode())


def _planted() -> set[str]:
    """Labels of what stands in the files: of each canary what the lists and claims say, of the first one everything."""
    of_each = ("certno", "name", "account", "psn_no")
    of_first = ("phone", "way 0", "way 1", "way 2")
    return {f"{what} {number}" for what in of_each for number in range(CANARIES)} | {f"{what} 0" for what in of_first}


def test_each_canary_is_found_in_the_files_as_they_were_delivered(done: Done) -> None:
    found = {one.canary for one in leak.search(done.files.folder, done.canaries)}
    assert found >= _planted()


def test_each_canary_is_found_in_custody_and_in_the_vault_once_they_are_opened(done: Done, tmp_path: Path) -> None:
    job = done.house.job(IN_TIME)
    vault, keyring = open_database(job.vault_url), open_keyring(job.home.keyring)
    custody = Custody(job.home.custody, vault, keyring)
    for (content,) in done.house.ledger("select distinct content_sha256 from delivery"):
        (tmp_path / content).write_bytes(custody.open(content))
    assert {one.canary for one in leak.search(tmp_path, done.canaries)} >= _planted()

    keys = [key for (key,) in done.house.ledger("select distinct person_key from award_posting")]
    people = Register(vault, keyring).open_persons(
        keys,
        fields=("name", "account"),
        purpose="leak test",
        recipient="nobody",
        actor="tester",
        at=IN_TIME,
        anchor=lambda _: None,
    )
    known = {(person.name, account.account) for person in people.values() for account in person.accounts}
    assert {(one.name, one.account) for one in done.files.made.canaries} & known


def test_the_bank_file_names_them_with_account_and_the_sheet_with_its_tail_alone(done: Done) -> None:
    job = done.house.job(IN_TIME)
    hits = leak.search(job.home.outbox(PACK), done.canaries)
    in_bank = {one.canary for one in hits if one.place.split("::")[0].endswith(".csv")}
    on_sheet = {one.canary for one in hits if "_sheet.html" in one.place}
    paid = {label.split()[1] for label in in_bank if label.startswith("account")}
    assert paid, "at least one canary is paid"
    assert in_bank == {f"{what} {number}" for what in ("account", "name") for number in paid}
    assert on_sheet == {f"name {number}" for number in paid}
    named = {one.place.split("::")[0] for one in hits if one.canary.startswith("account")}
    assert named <= {path.name for path in done.house.outbox("pay_*[0-9a-f].csv")}


def test_no_canary_is_anywhere_else_in_the_home(done: Done, tmp_path: Path) -> None:
    rest = tmp_path / "rest"
    shutil.copytree(done.house.home.root, rest, ignore=shutil.ignore_patterns("outbox"))
    rooms = {path.name for path in rest.iterdir()}
    assert {"lake", "ledger.db", "reports", "data_docs", "vault", "inbox"} <= rooms
    assert leak.search(rest, done.canaries) == []


def test_no_canary_is_in_what_the_command_said_of_good_and_bad_files(done: Done) -> None:
    refused = [reason for (reason,) in done.house.ledger("select reason_code from delivery where state = 'REJECTED'")]
    assert {"FILE_UNKNOWN", "CONTROL_DAMAGED", "HEADER_CHANGED", "FILE_UNREADABLE", "ENCODING_UNKNOWN"} <= set(refused)
    assert all(reason in done.said for reason in refused)
    assert leak.search_text(done.said, done.canaries) == []


def test_no_canary_leaves_with_the_mart_or_the_decision_log(done: Done, tmp_path: Path) -> None:
    job = done.house.job(IN_TIME)
    copied = publish(job.lake, f"sqlite:///{tmp_path / 'mart.db'}", county_code=job.county_code, month="2026-10")
    approve.export_decisions(job, tmp_path / "decisions.jsonl")
    assert copied["out.award_line"] > 0
    assert leak.search(tmp_path, done.canaries) == []


def test_a_canary_planted_in_a_copy_of_the_lake_or_the_ledger_is_found(done: Done, tmp_path: Path) -> None:
    name = done.files.made.canaries[0].name
    part = sorted(done.house.home.lake.glob("staging/settlement/**/part-0.parquet"))[0]
    rows = pq.ParquetFile(part).read()
    planted = pa.array([name.encode().hex()] + [None] * (rows.num_rows - 1), pa.string())
    pq.write_table(rows.append_column("note", planted), tmp_path / "part-0.parquet", compression="zstd")
    shutil.copyfile(done.house.home.root / "ledger.db", tmp_path / "ledger.db")
    disarm(str(tmp_path / "ledger.db"))
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as copy:
        copy.execute("pragma journal_mode=delete")
        copy.execute("update audit set detail = detail || :name where audit_no = 1", {"name": name[::-1]})
    found = {(one.place.split("::")[0], one.canary, one.form) for one in leak.search(tmp_path, done.canaries)}
    assert found == {("part-0.parquet", "name 0", "hex"), ("ledger.db", "name 0", "reversed")}


def test_lists_leave_the_grid_of_a_village_in_its_town_and_never_the_village(done: Done) -> None:
    served = {one.code: one.town for one in pack().grids}
    query = """
        select g.grid_code, g.town, k.town, count(*)
        from staging.roster_grid as g inner join staging.roster_keyed as k using (delivery_id, line_no, person_key) group by all
    """
    found = done.house.lake(query, "staging.roster_grid", "staging.roster_keyed")
    assert {grid: (town, keyed) for grid, town, keyed, _ in found} == {grid: (town, town) for grid, town in served.items()}
    ((listed,),) = done.house.lake("select count(*) from staging.roster_grid", "staging.roster_grid")
    assert sum(count for *_, count in found) == listed > 30
