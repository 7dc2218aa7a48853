"""CPU of late news: the stage assess over the touched and their postings, beside everybody's assessment and postings.

    .venv/bin/python benchmarks/corrections.py 200000 1000000
    .venv/bin/python benchmarks/corrections.py --in /var/tmp/late 1000000 base after touched whole again

The rules and people of assess_speed.py. Of N settlements 500 are withdrawn, 500 priced anew, 500 come late and 200 identities are
revoked backwards, at any size. Both sides are the stage as it runs, from the facts in the lake to its own run in the lake with
records, sums and checks, and then the comparison of what is due with what stands posted; each runs in a process of its own, its
start counted. `whole` has no former run. Lines, outcomes, records and postings of both are compared row by row, and what is due
after they stand posted is counted. With --in the parts that are named run in a folder that stays, so that long ones run apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
from assess_speed import PER_PERSON, make_input, policy, show_input

from mianshen.core.days import ZONE, Month
from mianshen.core.paths import Home
from mianshen.core.plan import Clause, Plan, Status
from mianshen.policy.packs import load_pack
from mianshen.stages import assess
from mianshen.stages.frame import Job
from mianshen.warehouse.build import make_table, ordered
from mianshen.warehouse.carrying import FACTS, TOUCHED, narrow
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.postings import due
from mianshen.warehouse.sql_files import sql_text, table_doc
from mianshen.warehouse.upgrade import ledger_upgrade

CHANGED = 500
REVOKED = 200
FORMAT = "format parquet, compression zstd"
COMPARED = ("out.award_line", "out.assessment", "out.calculation_record", *assess.SUMMED)
"""Tables whose rows are compared between the two sides."""
HOURS = {"before": 9, "base": 10, "after": 11, "touched": 12, "whole": 12}
"""Of the day on which a part runs, in its order."""
PUBLISHED = (*FACTS, "facts.claim_review", "facts.person_digest")
"""Facts that the stage reads."""
POSTED = """
    select
        'W' || row_number() over () as award_id, person_key, benefit_code, benefit_year, event_id,
        cast(1 as integer) as posting_no, 'award' as kind, amount_fen, category_code, clause_id, department_code, fund_code,
        cast(null as varchar) as reverses_award_id, 'effective' as fate
    from read_parquet($lines) where amount_fen <> 0
"""
NEWS = """
    select * replace (if(place between $changed and 2 * $changed - 1, inscp_scp_amt + 12345, inscp_scp_amt) as inscp_scp_amt)
    from (select *, row_number() over (order by hash(event_id)) - 1 as place from read_parquet($events))
    where place >= $changed
    union all
    select * replace ('L' || event_id as event_id) from (
        select *, row_number() over (order by hash(event_id)) - 1 as place from read_parquet($events)
    ) where place between 2 * $changed and 3 * $changed - 1
"""
REVOKING = """
    select * replace (if(place < $revoked, since + interval 10 day, until)::date as until)
    from (select *, row_number() over (order by hash(person_key, category_code)) - 1 as place from read_parquet($spans))
"""


@dataclass(frozen=True)
class OneLaw(Job):
    """A county whose policy is the benchmark's in every year."""

    def plan_of(self, benefit_year: int) -> Plan:
        """The policy, whatever the year."""
        return self.pack.plan


def job_of(root: Path, part: str) -> Job:
    """The county at the part's hour."""
    home = Home(root)
    if not root.exists():
        home.make()
        ledger_upgrade(home.ledger_url)
    as_of = datetime(2026, 11, 6, HOURS[part], tzinfo=ZONE)
    plan = policy()
    rated = [rate.clause_id for benefit in plan.benefits for rate in benefit.rates]
    told = tuple(Clause(one, "演示文件", "第一条", "按比例救助。", Status.ILLUSTRATIVE) for one in rated)
    pack = replace(load_pack("_example", on=as_of.date()), plan=replace(plan, clauses=told))
    urls = {"ledger_url": home.ledger_url, "vault_url": home.vault_url}
    return OneLaw(home, pack, Month(2026, 10), as_of, bytes, "system", **urls, go_live_on=None)


def make(folder: Path, rows: int) -> None:
    """The events and spans before and after the news."""
    before, after = folder / "before", folder / "after"
    for one in (before, after):
        one.mkdir(parents=True)
    make_input(before, rows)
    con = compute(spill=folder / "spill", memory="6GB")
    news = {"events": (NEWS, "event_id", {"changed": CHANGED}), "spans": (REVOKING, "category_code, since", {"revoked": REVOKED})}
    for name, (query, order, bound) in news.items():
        made = f"select * exclude (place) from ({query}) order by person_key, {order}"
        con.execute(f"copy ({made}) to '{after}/{name}.parquet' ({FORMAT})", {**bound, name: f"{before}/{name}.parquet"})


def publish(folder: Path, side: str, home: str) -> None:
    """Put the facts of one side into the lake, as profile does."""
    job, con = job_of(folder / home, side), compute(spill=folder / "spill", memory="6GB")
    show_input(con, folder / side)
    columns = ", ".join(f'cast(null as {one.type}) as "{one.name}"' for one in table_doc("facts.claim_review").columns)
    con.execute(f"create view facts.claim_review as select {columns} where false")
    make_table(con, "facts.person_digest", {})
    with job.lake.writing(job.run_spec("profile", inputs=(side,))) as run:
        for table in PUBLISHED:
            run.write(con, table, ordered(table))
        job.lake.commit(run)


def assessed(folder: Path, part: str, home: str) -> tuple[Job, str]:
    """Run the stage; its job and run."""
    job = job_of(folder / home, part)
    report = assess.run(job)
    assert report.run_id is not None, report.notes
    assert report.counts["carried"] == int(part == "touched"), report.counts
    return job, report.run_id


def shown(job: Job, run_id: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """The run's lines and outcomes, and what stands posted of before."""
    con = compute(spill=folder / "spill", memory="3GB")
    for table in ("out.award_line", "out.assessment", "out.award_opening", TOUCHED):
        show(con, table, job.lake.files(table, run_ids=(run_id,)))
    con.execute("create schema if not exists ledger")
    return con


def run_base(folder: Path) -> dict[str, int]:
    """Everybody before the news, all of it posted."""
    publish(folder, "before", "county")
    job, run_id = assessed(folder, "base", "county")
    con = shown(job, run_id, folder)
    posted = POSTED.replace("read_parquet($lines)", "out.award_line")
    con.execute(f"copy ({posted} order by person_key, event_id) to '{folder}/posted.parquet' ({FORMAT})")
    return {}


def run_after(folder: Path) -> dict[str, int]:
    """The facts after the news, in both homes."""
    publish(folder, "after", "county")
    publish(folder, "after", "alone")
    return {}


def run_touched(folder: Path) -> dict[str, int]:
    """The stage beside its former run, and the postings of the touched, as apply compares them."""
    job, run_id = assessed(folder, "touched", "county")
    con = shown(job, run_id, folder)
    narrow(con, ("out.award_line", "out.award_opening", "out.assessment"))
    theirs = f"where person_key in (select person_key from {TOUCHED})"
    con.execute(f"create table ledger.award_posting as select * from '{folder}/posted.parquet' {theirs}")
    return keep_due(con, folder, "touched")


def run_whole(folder: Path) -> dict[str, int]:
    """The stage over everybody, and everybody's postings."""
    job, run_id = assessed(folder, "whole", "alone")
    con = shown(job, run_id, folder)
    con.execute(f"create view ledger.award_posting as select * from '{folder}/posted.parquet'")
    return keep_due(con, folder, "whole")


def keep_due(con: duckdb.DuckDBPyConnection, folder: Path, name: str) -> dict[str, int]:
    """Write the postings that are due; returns their number."""
    found = due(con, go_live_on=None)
    rows = json.dumps(sorted([str(cell) for cell in one.values()] for one in found))
    (folder / f"{name}.json").write_text(rows, encoding="utf-8")
    return {"postings": len(found)}


def run_again(folder: Path) -> dict[str, int]:
    """Rows that stand on one side only, and what is due of everybody once the postings of the touched stand."""
    differing = 0
    con = compute(spill=folder / "spill", memory="3GB")
    sides = {side: job_of(folder / home, side) for side, home in (("touched", "county"), ("whole", "alone"))}
    for table in COMPARED:
        for side, job in sides.items():
            show(con, table, job.lake.current(table, county_code=job.county_code), named=f"{table}_{side}")
        for one, other in ((f"{table}_touched", f"{table}_whole"), (f"{table}_whole", f"{table}_touched")):
            differing += con.execute(f"select count(*) from (from {one} except all from {other})").fetchall()[0][0]
    job = sides["touched"]
    con = shown(job, str(job.lake.current_run_id(TOUCHED, county_code=job.county_code)), folder)
    con.execute(f"create table ledger.award_posting as select * from '{folder}/posted.parquet'")
    due(con, go_live_on=None)
    post(con)
    same = (folder / "touched.json").read_bytes() == (folder / "whole.json").read_bytes()
    return {"differing": differing, "same": int(same), "postings": len(due(con, go_live_on=None))}


def post(con: duckdb.DuckDBPyConnection) -> None:
    """Let what is due stand posted."""
    con.execute(f"create table due as {sql_text('out.posting_due')}", {"go_live_on": None})
    con.execute("""
        insert into ledger.award_posting
        select
            concat_ws('-', person_key, benefit_code, benefit_year, event_id, posting_no), person_key, benefit_code, benefit_year,
            event_id, posting_no, kind, amount_fen, category_code, clause_id, department_code, fund_code, reverses_award_id,
            'effective'
        from due
    """)


PARTS = {"base": run_base, "after": run_after, "touched": run_touched, "whole": run_whole, "again": run_again}


def measured(part: str, folder: Path) -> dict[str, float]:
    """CPU seconds, peak memory in MB and counts of one part in its own process."""
    found = subprocess.run([sys.executable, __file__, "--part", part, str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout.strip().splitlines()[-1]))


def compare(folder: Path, rows: int, parts: list[str]) -> None:
    """Run the parts and print what each took."""
    if not (folder / "after").exists():
        make(folder, rows)
    for part in parts:
        took = measured(part, folder)
        counts = ", ".join(f"{name} {value}" for name, value in took.items() if name not in ("cpu", "mb"))
        size = f"{rows:>11,} settlements, {rows // PER_PERSON:,} people"
        print(f"{size}: {part:8} {took['cpu']:.1f} CPU s, {took['mb']:.0f} MB, {counts}", flush=True)


def main() -> None:
    """Measure each size, or the named parts of one in a folder that stays, or run one part and print what it took."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--in", dest="folder", type=Path)
    asked.add_argument("--part")
    asked.add_argument("said", nargs="+")
    given = asked.parse_args()
    if given.part:
        made = PARTS[given.part](Path(given.said[0]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024, **made}))
    elif given.folder:
        compare(given.folder, int(given.said[0]), given.said[1:] or list(PARTS))
    else:
        for rows in given.said:
            with tempfile.TemporaryDirectory() as name:
                compare(Path(name) / "late", int(rows), list(PARTS))


if __name__ == "__main__":
    main()
