"""CPU of late news: who is touched, their assessment and their postings, beside everybody's assessment and postings.

    .venv/bin/python benchmarks/corrections.py 1000000 10000000

The rules and people of assess_speed.py. Of N settlements 500 are withdrawn, 500 priced anew, 500 come late and 200 identities are
revoked backwards, at any size. Both sides begin with the Parquet files of the facts and of what stands posted, and end with
the postings that are due; each runs in a process of its own. The postings are compared row by row, and what is due after they
stand posted is counted. Records, which the stage makes too, are left out on both sides.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from assess_speed import PER_PERSON, make_input, policy, show_input

from mianshen.warehouse.assessing import DECIDED, assess_claims, know_decided
from mianshen.warehouse.assessing_parts import assess_in_parts, parts_for
from mianshen.warehouse.build import make_table
from mianshen.warehouse.carrying import FACTS, TOUCHED, WHOLE, only
from mianshen.warehouse.connect import compute
from mianshen.warehouse.postings import due
from mianshen.warehouse.sql_files import sql_text, table_doc

YEARS = [2025, 2026]
MEMORY = "3GB"
CHANGED = 500
REVOKED = 200
FORMAT = "format parquet, compression zstd"
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


def prepare(folder: Path, rows: int) -> None:
    """The facts before and after, the digests that profile makes of them, and what stands posted of before."""
    before, after = folder / "before", folder / "after"
    for one in (before, after):
        one.mkdir()
    make_input(before, rows)
    con = compute(spill=folder / "spill", memory="6GB")
    for name, query, bound in (("events", NEWS, {"changed": CHANGED}), ("spans", REVOKING, {"revoked": REVOKED})):
        made = f"select * exclude (place) from ({query})"
        con.execute(f"copy ({made}) to '{after}/{name}.parquet' ({FORMAT})", {**bound, name: f"{before}/{name}.parquet"})
    assess(before, folder)
    con.execute(f"copy ({POSTED}) to '{folder}/posted.parquet' ({FORMAT})", {"lines": f"{before}/out/out.award_line/*.parquet"})


def digest(side: Path) -> dict[str, int]:
    """Make the digests of one side's people, as profile does when it makes the facts."""
    con = compute(spill=side / "spill", memory=MEMORY)
    show_input(con, side)
    make_table(con, "facts.person_digest", {})
    con.execute(f"copy (select * from facts.person_digest order by person_key) to '{side}/digest.parquet' ({FORMAT})")
    return {}


def assess(side: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    con = compute(spill=folder / "spill", memory="900MB")
    show_input(con, side)
    shutil.rmtree(side / "out", ignore_errors=True)
    assess_in_parts(con, [(policy(), YEARS)], parts=parts_for(con), folder=side / "out")
    con.execute(f"set memory_limit='{MEMORY}'")
    return con


def show_posted(con: duckdb.DuckDBPyConnection, folder: Path, where: str = "") -> None:
    """What stands posted, as apply reads it."""
    columns = ", ".join(f"{one.name} {one.type}" for one in table_doc("out.award_opening").columns)
    con.execute("create schema if not exists ledger")
    con.execute(f"create table ledger.award_posting as select * from read_parquet('{folder}/posted*.parquet') {where}")
    con.execute(f"create table out.award_opening ({columns})")


def keep_due(con: duckdb.DuckDBPyConnection, folder: Path, name: str) -> dict[str, int]:
    """Write the postings that are due; returns their number, and that of those due once they stand posted."""
    found = due(con, go_live_on=None)
    (folder / f"{name}.json").write_text(
        json.dumps(sorted([str(cell) for cell in one.values()] for one in found)), encoding="utf-8"
    )
    return {"postings": len(found)}


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


def run_all(folder: Path) -> dict[str, int]:
    """Everybody assessed, everybody's postings compared."""
    con = assess(folder / "after", folder)
    show_posted(con, folder)
    return keep_due(con, folder, "all")


def run_again(folder: Path) -> dict[str, int]:
    """Of everybody, what is due once the postings of the touched stand: the whole comparison, which must find nothing."""
    con = compute(spill=folder / "spill", memory=MEMORY)
    con.execute("create schema out")
    for name in ("award_line", "assessment"):
        con.execute(f"create view out.{name} as select * from read_parquet('{folder}/after/out/out.{name}/*.parquet')")
    show_posted(con, folder)
    due(con, go_live_on=None)
    post(con)
    return {"postings": len(due(con, go_live_on=None))}


def run_touched(folder: Path) -> dict[str, int]:
    """Who is touched, assessed and compared."""
    con = compute(spill=folder / "spill", memory=MEMORY)
    show_input(con, folder / "before")
    for table in FACTS:
        con.execute(f"alter view {table} rename to {table.split('.')[1]}_former")
    show_input(con, folder / "after")
    for side, suffix in (("before", "_before"), ("after", "")):
        con.execute(f"create view facts.person_digest{suffix} as select * from '{folder}/{side}/digest.parquet'")
    know_decided(con)
    for table in DECIDED:
        con.execute(f"create table {table}_before as select * from {table}")
    make_table(con, "out.person_changed", {"ruled_years": [], "ended_years": []})
    for table in FACTS:
        theirs = f"select * from {table}_former where person_key in (select person_key from out.person_changed)"
        con.execute(f"create table {table}_before as {theirs}")
    with only(con, "out.person_changed", tables=FACTS, keeps=True):
        make_table(con, "out.known_change", {})
    make_table(con, "out.person_touched", {})
    with only(con):
        assess_claims(con, [(policy(), YEARS)], spans=f"facts.identity_span{WHOLE}")
    show_posted(con, folder, f"where person_key in (select person_key from {TOUCHED})")
    return keep_due(con, folder, "touched")


PARTS = {"digest": digest, "all": run_all, "touched": run_touched, "again": run_again}


def measured(part: str, folder: Path) -> dict[str, float]:
    """CPU seconds, peak memory in MB and postings of one part in its own process."""
    found = subprocess.run([sys.executable, __file__, part, str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout.strip().splitlines()[-1]))


def compare(rows: int) -> None:
    """Both sides over the same news."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, rows)
        digests = [measured("digest", folder / side) for side in ("before", "after")]
        touched, whole, again = (measured(part, folder) for part in ("touched", "all", "again"))
        is_same = (folder / "touched.json").read_bytes() == (folder / "all.json").read_bytes()
        print(
            f"{rows:>11,} settlements, {rows // PER_PERSON:,} people: digests {digests[1]['cpu']:.1f} CPU s, made with the facts"
        )
        for said, one in (("everybody", whole), ("the touched", touched)):
            print(f"{'':24} {said} {one['cpu']:.2f} CPU s, {one['mb']:.0f} MB, {one['postings']:.0f} postings")
        print(
            f"{'':24} {whole['cpu'] / touched['cpu']:.1f} times; the same postings: {is_same}; once more {again['postings']:.0f}",
            flush=True,
        )


def main(arguments: list[str]) -> None:
    """Measure each size, or run one part and print what it took."""
    if arguments[0] in PARTS:
        made = PARTS[arguments[0]](Path(arguments[1]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024, **made}))
        return
    for rows in arguments:
        compare(int(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
