"""The benchmark's relief in Polars: lazy frames, one sort, cumulative sums by person and year, whole fen."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
from rules import BRACKET_FEN, CATEGORIES, MED_TYPES, PPM, SLOTS, TIERS, numbers, report

YEAR = ["person_key", "benefit_year"]
ORDER = [*YEAR, "settled_on", "settled_at", "event_id"]


def main(folder: Path) -> None:
    """Read events and spans, write lines and outcomes."""
    events = pl.scan_parquet(folder / "events.parquet").with_columns(
        base_fen=pl.max_horizontal(pl.col("inscp_scp_amt") - pl.col("hifp_pay"), 0)
    )
    spans = pl.scan_parquet(folder / "spans.parquet").with_columns(
        place=pl.col("category_code").replace_strict(CATEGORIES, range(len(CATEGORIES)), return_dtype=pl.Int64)
    )
    spans = spans.with_columns(slot=pl.col("place").rank("dense").over("person_key").cast(pl.Int64) - 1)
    people = spans.group_by("person_key").agg(
        pl.col("place").filter(pl.col("slot") == slot).first().fill_null(len(CATEGORIES)).alias(f"place_{slot}")
        for slot in range(SLOTS)
    )
    seen = events.filter(pl.col("med_type").is_in(MED_TYPES), pl.col("state") == "LIVE").select(
        *ORDER, "since", "until_on", "base_fen"
    )
    seen = seen.join(people, on="person_key").sort(ORDER).with_row_index("row").collect(engine="streaming")
    seen = seen.join(_held(seen.lazy(), spans).collect(engine="streaming"), on="row", how="left", maintain_order="left")
    seen = seen.with_columns(pl.col("held").fill_null(0), left_fen=pl.col("base_fen"))
    lines = []
    for code, turn in TIERS:
        seen = _tier(seen, turn)
        lines.append(_lines(seen, code))
        seen = seen.with_columns(left_fen=pl.col("left_fen") - pl.col("entitled_fen"))
    pl.concat(lines).write_parquet(folder / "lines.parquet", compression="zstd", compression_level=1)
    relief = seen.lazy().select("event_id", relief_fen=pl.col("base_fen") - pl.col("left_fen"))
    whole = events.select("event_id", *YEAR, "settled_on", "base_fen").join(relief, on="event_id", how="left")
    whole = whole.with_columns(pl.col("relief_fen").fill_null(0)).with_columns(
        left_fen=pl.col("base_fen") - pl.col("relief_fen"),
        outcome=pl.when(pl.col("relief_fen") > 0).then(pl.lit("PAID")).otherwise(pl.lit("REFUSED")),
    )
    whole.sink_parquet(folder / "outcomes.parquet", compression="zstd", compression_level=1)


def _held(seen: pl.LazyFrame, spans: pl.LazyFrame) -> pl.LazyFrame:
    """The slots that each claim holds, as bits."""
    met = seen.select("row", "person_key", "since", "until_on", "settled_on").join(
        spans.select("person_key", "slot", "until", since_span="since"), on="person_key"
    )
    days = [
        (pl.col(day) >= pl.col("since_span")) & ((pl.col(day) < pl.col("until")) | pl.col("until").is_null())
        for day in ("since", "until_on", "settled_on")
    ]
    bit = pl.lit(2, dtype=pl.Int64).pow(pl.col("slot"))
    return met.filter(pl.any_horizontal(days)).select("row", bit=bit).group_by("row").agg(held=pl.col("bit").bitwise_or())


def _tier(seen: pl.DataFrame, turn: int) -> pl.DataFrame:
    """The claims with what the tier gives each, and the category that counts."""
    slots = range(SLOTS)
    holds = [(pl.col("held") & (1 << slot)) != 0 for slot in slots]
    owned = seen.with_columns(
        pl.when(one).then(pl.col("left_fen")).otherwise(0).alias(f"own_{slot}") for slot, one in zip(slots, holds, strict=True)
    )
    summed = owned.with_columns(pl.col(f"own_{slot}").cum_sum().over(YEAR).alias(f"total_{slot}") for slot in slots)
    rates = {name: pl.Series(row, dtype=pl.Int64) for name, row in numbers(turn).items()}
    found = summed.with_columns(
        *(_relief(summed, slot, rates, pl.col(f"total_{slot}")).alias(f"relief_{slot}") for slot in slots),
        *(_relief(summed, slot, rates, pl.col(f"total_{slot}") - pl.col(f"own_{slot}")).alias(f"before_{slot}") for slot in slots),
    )
    best, before = (pl.max_horizontal(f"{name}_{slot}" for slot in slots) for name in ("relief", "before"))
    held = [pl.when(one).then(pl.col(f"relief_{slot}")).otherwise(-1) for slot, one in zip(slots, holds, strict=True)]
    most = pl.max_horizontal(held)
    counts = pl.lit(None, dtype=pl.Int64)
    for slot in reversed(slots):
        counts = pl.when(held[slot] == most).then(pl.col(f"place_{slot}")).otherwise(counts)
    kept = [one for one in seen.columns if one not in {"entitled_fen", "counts"}]
    return found.select(*kept, entitled_fen=best - before, counts=counts)


def _relief(seen: pl.DataFrame, slot: int, rates: dict[str, pl.Series], total: pl.Expr) -> pl.Expr:
    place = seen[f"place_{slot}"]
    rate = {name: pl.lit(row.gather(place)) for name, row in rates.items()}
    excess = (total - rate["deductible"]).clip(lower_bound=0)
    low, high = excess.clip(upper_bound=BRACKET_FEN), (excess - BRACKET_FEN).clip(lower_bound=0)
    return pl.min_horizontal((low * rate["low"] + high * rate["high"] + PPM // 2) // PPM, rate["cap"])


def _lines(seen: pl.DataFrame, code: str) -> pl.DataFrame:
    category = pl.col("counts").replace_strict(range(len(CATEGORIES)), CATEGORIES, return_dtype=pl.String)
    return seen.filter(pl.col("entitled_fen") != 0).select(
        *("event_id", *YEAR, "settled_on"),
        benefit_code=pl.lit(code),
        category_code=category,
        base_fen="left_fen",
        entitled_fen="entitled_fen",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    report()
