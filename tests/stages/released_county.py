"""A staged county with enough listed people for a release, worked on up to the assessment: shared by a module's tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.stages import assess, profile

TOWNS, ILLS = ("东镇", "西乡"), ("N18", "C34", "I10")


def make_listed(root: Path, *, people: int = 120) -> StagedCounty:
    """People in two towns and two lists: every third was ill, at a cost that depends on who; one stands in both lists."""
    county = make_staged(root)
    rows = [listed(f"P{n:03d}", "POOR", town=TOWNS[n % 2], gend=f"{1 + n // 2 % 2}") for n in range(people)]
    workers = [listed(f"P{n:03d}", "WORKER", town=TOWNS[n % 2], gend=f"{1 + n // 2 % 2}") for n in range(0, people, 4)]
    care = [
        settlement(
            f"S{n:03d}",
            person_key=f"P{n:03d}",
            on=date(2026, 10, 2 + n % 20),
            dise_code=ILLS[n % 3],
            inscp_scp_amt=(1 + n % 5) * 400_000,
            gend=f"{1 + n // 2 % 2}",
            birth_year=1940 + n % 50,
        )
        for n in range(people)
        if n % 3 or n % 5 == 0
    ]
    unlisted = [settlement(f"U{n:03d}", person_key=f"U{n:03d}", birth_year=1970, gend="1") for n in range(30)]
    county.deliver("settlement", "settlement", "2026-10", *care, *unlisted)
    county.deliver("roster", "bureau_list", "2026-10", *rows)
    county.deliver("roster", "union_list", "2026-10", *workers)
    profile.run(county.job)
    assess.run(county.job)
    return county
