"""The benchmark's relief in pandas and NumPy: one sort, cumulative sums by person and year, whole fen."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rules import BRACKET_FEN, CATEGORIES, MED_TYPES, PPM, SLOTS, TIERS, numbers, report

ORDER = ["person_key", "benefit_year", "settled_on", "settled_at", "event_id"]


def main(folder: Path) -> None:
    """Read events and spans, write lines and outcomes."""
    needed = [*ORDER, "since", "until_on", "med_type", "inscp_scp_amt", "hifp_pay", "state"]
    events = pd.read_parquet(folder / "events.parquet", columns=needed)
    events["base_fen"] = (events["inscp_scp_amt"] - events["hifp_pay"]).clip(lower=0)
    spans = pd.read_parquet(folder / "spans.parquet", columns=["person_key", "category_code", "since", "until"])
    spans["place"] = spans["category_code"].map({code: place for place, code in enumerate(CATEGORIES)}).astype("int64")
    kinds = spans[["person_key", "place"]].drop_duplicates().sort_values(["person_key", "place"])
    kinds["slot"] = kinds.groupby("person_key").cumcount()
    spans = spans.merge(kinds, on=["person_key", "place"])
    people = kinds.pivot(index="person_key", columns="slot", values="place").reindex(columns=range(SLOTS))
    people = people.fillna(len(CATEGORIES)).astype("int64").add_prefix("place_").reset_index()
    seen = events.loc[events["med_type"].isin(MED_TYPES) & (events["state"] == "LIVE"), [*ORDER, "since", "until_on", "base_fen"]]
    seen = seen.merge(people, on="person_key").sort_values(ORDER, ignore_index=True)
    met = seen[["person_key", "since", "until_on", "settled_on"]].reset_index(names="row")
    met = met.merge(spans[["person_key", "slot", "since", "until"]], on="person_key", suffixes=("", "_span"))
    held = np.zeros((len(seen), SLOTS), dtype=bool)
    holds = np.zeros(len(met), dtype=bool)
    for day in ("since", "until_on", "settled_on"):
        holds |= (met[day] >= met["since_span"]) & ((met[day] < met["until"]) | met["until"].isna())
    held[met.loc[holds, "row"], met.loc[holds, "slot"]] = True
    seen["year_no"] = seen.groupby(["person_key", "benefit_year"], sort=False).ngroup()
    left, lines = seen["base_fen"].to_numpy().copy(), []
    for code, turn in TIERS:
        entitled, place = _tier(seen, held, left, {name: np.array(row) for name, row in numbers(turn).items()})
        of = entitled != 0
        lines.append(_lines(seen, code, of, left, entitled, place))
        left = left - entitled
    pd.concat(lines).to_parquet(folder / "lines.parquet", compression="zstd", index=False)
    relief = seen[["event_id"]].assign(relief_fen=seen["base_fen"] - left)
    whole = events[["event_id", "person_key", "benefit_year", "settled_on", "base_fen"]].merge(relief, on="event_id", how="left")
    whole["relief_fen"] = whole["relief_fen"].fillna(0).astype("int64")
    whole["left_fen"] = whole["base_fen"] - whole["relief_fen"]
    whole["outcome"] = np.where(whole["relief_fen"] > 0, "PAID", "REFUSED")
    whole.to_parquet(folder / "outcomes.parquet", compression="zstd", index=False)


def _tier(seen: pd.DataFrame, held: np.ndarray, left: np.ndarray, rates: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What the tier gives each claim, and the category that counts."""
    best, before = np.zeros(len(seen), dtype="int64"), np.zeros(len(seen), dtype="int64")
    most, counts = np.full(len(seen), -1), np.zeros(len(seen), dtype="int64")
    for slot in range(SLOTS):
        place = seen[f"place_{slot}"].to_numpy()
        own = np.where(held[:, slot], left, 0)
        total = pd.Series(own).groupby(seen["year_no"]).cumsum().to_numpy()
        rate = {name: row[place] for name, row in rates.items()}
        relief = _relief(total, rate)
        best, before = np.maximum(best, relief), np.maximum(before, _relief(total - own, rate))
        is_more = held[:, slot] & (relief > most)
        most, counts = np.where(is_more, relief, most), np.where(is_more, place, counts)
    return best - before, counts


def _relief(total: np.ndarray, rate: dict[str, np.ndarray]) -> np.ndarray:
    excess = np.maximum(total - rate["deductible"], 0)
    low, high = np.minimum(excess, BRACKET_FEN), np.maximum(excess - BRACKET_FEN, 0)
    due: np.ndarray = np.minimum((low * rate["low"] + high * rate["high"] + PPM // 2) // PPM, rate["cap"])
    return due


def _lines(seen: pd.DataFrame, code: str, of: np.ndarray, left: np.ndarray, entitled: np.ndarray, place: np.ndarray) -> pd.DataFrame:
    made = seen.loc[of, ["event_id", "person_key", "benefit_year", "settled_on"]].copy()
    made["benefit_code"] = code
    made["category_code"] = np.array(CATEGORIES, dtype=object)[place[of]]
    made["base_fen"], made["entitled_fen"] = left[of], entitled[of]
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    report()
