"""The benchmark's policy for the data frames: two tiers, twelve categories, one table of numbers each; and what a run used."""

from __future__ import annotations

import json
import resource

CATEGORIES = [f"CATEGORY_{place:02d}" for place in range(12)]
TIERS = (("special", 0), ("last", 7))
MED_TYPES = ["11", "14", "21"]
SLOTS = 3
BRACKET_FEN = 1_000_000
PPM = 1_000_000


def numbers(turn: int) -> dict[str, list[int]]:
    """Deductible, both ratios and cap of a tier by category; a thirteenth row of noughts for an empty slot."""
    places = range(len(CATEGORIES))
    return {
        "deductible": [*(50_000 * ((place + turn) % 5) for place in places), 0],
        "low": [*(500_000 + 10_000 * place for place in places), 0],
        "high": [*(650_000 + 10_000 * place for place in places), 0],
        "cap": [*(3_000_000 + 100_000 * place for place in places), 0],
    }


def report() -> None:
    """Print the CPU seconds and the peak memory in MB of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))
