"""A release of many listed people: every recoding tried, CPU seconds, memory, what is suppressed."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.sql.released import GROUPS, MADE_AT, MONTH, rules

from mianshen.warehouse.connect import compute
from mianshen.warehouse.release_risk import risk_of
from mianshen.warehouse.releases import make_release, recodings

PEOPLE = 100_000
COUNTY = """
    create schema facts;
    create schema out;
    create table facts.person_month as
    select
        'P' || i as person_key,
        '2026-10' as calendar_month,
        case when random() < 1 / 7 then ['A', 'B'] else [chr(65 + cast(floor(random() * 12) as integer))] end as categories,
        '镇' || cast(floor(random() * 8) as integer) as town,
        cast(1 + cast(floor(random() * 2) as integer) as varchar) as gend,
        1930 + cast(floor(random() * 90) as integer) as birth_year
    from range({people}) as t(i);
    create table facts.care_event as
    select
        'E' || i as event_id, 'P' || i as person_key, 2026 as benefit_year, date '2026-10-02' as settled_on,
        ['N18', 'C34', 'I10', 'D01', 'M00500'][1 + cast(floor(random() * 5) as integer)] as dise_code,
        1000 as medfee_sumamt, 'LIVE' as state
    from range({people}) as t(i) where random() < 2 / 3;
    create table out.award_line as
    select
        'P' || i as person_key, 2026 as benefit_year, date '2026-10-02' as event_on, false as is_held,
        cast(floor(random() * 400000) as bigint) as entitled_fen
    from range({people}) as t(i) where random() < 1 / 2;
"""
"""People drawn evenly: towns, ages and categories are not, so that a real county suppresses more or tells less."""


def main() -> None:
    """Print what a release of PEOPLE people takes and leaves."""
    con, wanted = compute(), rules()
    con.execute("select setseed(0.5)")
    con.execute(COUNTY.format(people=PEOPLE))
    began = time.process_time()
    how = make_release(con, wanted, GROUPS, month=MONTH, made_at=MADE_AT)
    seconds = time.process_time() - began
    risk = risk_of(con, wanted)
    print(f"{PEOPLE} people, {len(recodings(wanted))} recodings: {seconds:.1f} CPU s, peak {peak()} MB; chosen {how}")
    print(f"{risk.groups} groups, smallest {risk.smallest_group}, suppressed {risk.suppressed_ppm} ppm")


def peak() -> int:
    """Most memory that the process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
