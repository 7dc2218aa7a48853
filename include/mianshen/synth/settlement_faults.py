"""Settlement rows as they are delivered: the true rows, earlier and later versions, copies, and faults in their amounts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mianshen.core.contract import Contract, Feed
from mianshen.synth.costs import MONEY
from mianshen.synth.faults import EXPECTED, Effect, choose
from mianshen.synth.names import homophone
from mianshen.synth.settlements import LIVE, FilePlan
from mianshen.synth.shape import Shape
from mianshen.synth.streams import Flags, Ints, Stream, flags, ints, stream

UNKNOWN_MED_TYPE = 9901
"""A local kind of care that no contract lists."""
_SUMS = {"sum_total_broken": "IDENTITY_TOTAL", "sum_fund_broken": "IDENTITY_FUND", "sum_person_broken": "IDENTITY_PERSON"}
_BROKEN_FEN = 10_000
_EARLIER_FEN = 1_000
_NINE_HOURS = np.timedelta64(9 * 3_600, "s")


def label(
    rows: pd.DataFrame, people: pd.DataFrame, *, contract: Contract, plan: FilePlan, canaries: Flags, seed: int, shape: Shape
) -> pd.DataFrame:
    """The true settlements with `fault`, the kind planted in each row; a planted unknown kind of care becomes true."""
    chance = stream(seed, "settlement faults")
    can_carry = _can_carry(rows, people, contract=contract, plan=plan)
    usual = ~canaries & flags(rows["state"] == LIVE) & flags(rows["setl_id"].str.slice(-1) != "S")
    everywhere = {kind: usual & can_carry.get(kind, usual) for feed, kind in EXPECTED if feed == Feed.SETTLEMENT.value}
    labels = choose(chance, Feed.SETTLEMENT, can_carry=everywhere, count=len(rows), shape=shape)
    if shape.fault_scale:
        visits = _first_visits(rows, canaries)
        labels[visits[0::2]] = "certno_inner_space"
        labels[visits[1::2]] = "certno_bad_check_digit"
    kinds = np.where(labels == "code_unknown", UNKNOWN_MED_TYPE, rows["med_type"].to_numpy())
    return rows.assign(fault=labels, med_type=kinds)


def _first_visits(rows: pd.DataFrame, canaries: Flags) -> Ints:
    """The place of one ordinary, never refunded visit a canary."""
    visits = rows[canaries & (rows["least_fen"] == 0) & (rows["state"] == LIVE)]
    return np.asarray(visits.drop_duplicates("person").index, dtype=np.int64)


def _can_carry(rows: pd.DataFrame, people: pd.DataFrame, *, contract: Contract, plan: FilePlan) -> Mapping[str, Flags]:
    person = ints(rows["person"])
    born_1900s = flags(people["born"].dt.year < 2000)
    has_x = flags(people["certno"].str.endswith("X"))
    sounds_alike = np.array([homophone(one) != one for one in people["name"]], dtype=np.bool_)
    has_later = flags(rows["file"] < len(plan.periods) - 1)
    is_funded = flags(rows["hifp_pay"] > _EARLIER_FEN)
    masks = {
        "certno_fifteen_digits": born_1900s[person],
        "certno_lower_case_x": has_x[person],
        "name_homophone": sounds_alike[person],
        "repeated_next_file": has_later & ~flags(rows["is_late"]),
        "corrected_later": has_later & is_funded & ~flags(rows["is_late"]),
        "key_conflict": is_funded,
        "code_unknown": flags(rows["med_type"] == 11),
    }
    rules = {one.reason_code for one in contract.sum_rules}
    for kind, reason_code in _SUMS.items():
        masks[kind] = np.full(len(rows), reason_code in rules)
    return masks


def deliver(rows: pd.DataFrame, *, plan: FilePlan, seed: int) -> pd.DataFrame:
    """Every row of every file, sorted by file: `version` 0 for the true row, 1 and up for copies; amounts still numbers."""
    chance = stream(seed, "settlement copies")
    delivered = pd.concat([rows.assign(version=0), *_copies(chance, rows, plan=plan)], ignore_index=True)
    _correct(delivered, chance, plan=plan)
    _break_sums(delivered)
    return delivered.sort_values(["file", "settled", "setl_id", "version"], kind="stable", ignore_index=True)


def _copies(chance: Stream, rows: pd.DataFrame, *, plan: FilePlan) -> list[pd.DataFrame]:
    doubled = rows[rows["fault"] == "row_doubled"].assign(version=1)
    conflict = rows[rows["fault"] == "key_conflict"].assign(version=1)
    _shift(conflict)
    repeated = rows[rows["fault"] == "repeated_next_file"].assign(version=1)
    repeated["file"] = plan.later(chance, ints(repeated["file"]))
    earlier = rows[rows["fault"] == "corrected_later"].assign(version=1)
    _shift(earlier)
    orphan = rows[rows["fault"] == "refund_without_original"].assign(version=1)
    orphan[list(MONEY)] = -orphan[list(MONEY)]
    orphan["init_setl_id"] = orphan["setl_id"].str.slice(0, -1) + "Z"
    orphan["setl_id"] = orphan["setl_id"].str.slice(0, -1) + "R"
    orphan["mdtrt_id"] = orphan["mdtrt_id"].str.slice(0, -1) + "Z"
    orphan["refd_setl_flag"] = "1"
    return [doubled, conflict, repeated, earlier, orphan]


def _shift(rows: pd.DataFrame) -> None:
    """Moves ten yuan from the basic fund to the person: another version whose sums are right as well."""
    rows["hifp_pay"] -= _EARLIER_FEN
    rows["fund_pay_sumamt"] -= _EARLIER_FEN
    rows["psn_part_amt"] += _EARLIER_FEN
    rows["psn_cash_pay"] += _EARLIER_FEN


def _correct(delivered: pd.DataFrame, chance: Stream, *, plan: FilePlan) -> None:
    """Corrected settlements: the true row, newer, goes to a later file; its earlier version stays where it was."""
    newest = (delivered["fault"] == "corrected_later") & (delivered["version"] == 0)
    file = plan.later(chance, ints(delivered.loc[newest, "file"]))
    delivered.loc[newest, "file"] = file
    delivered.loc[newest, "updated"] = plan.starts().to_numpy()[file] + _NINE_HOURS + np.timedelta64(2, "D")


def _break_sums(delivered: pd.DataFrame) -> None:
    for kind, column, fen in (
        ("sum_off_by_one", "fulamt_ownpay_amt", 1),
        ("sum_total_broken", "fulamt_ownpay_amt", _BROKEN_FEN),
        ("sum_fund_broken", "hifp_pay", _BROKEN_FEN),
        ("sum_person_broken", "psn_part_amt", _BROKEN_FEN),
        ("sum_person_broken", "psn_cash_pay", _BROKEN_FEN),
    ):
        delivered.loc[delivered["fault"] == kind, column] += fen
    negative = delivered["fault"] == "money_negative"
    delivered.loc[negative, "preselfpay_amt"] = -1 - delivered.loc[negative, "preselfpay_amt"]
    delivered.loc[negative, "inscp_scp_amt"] += 2 * delivered.loc[negative, "preselfpay_amt"].abs() - 1


def faulty_rows(delivered: pd.DataFrame) -> pd.Series[bool]:
    """Which delivered rows the answer key lists: those where the fault shows."""
    shows_on_copy = delivered["fault"].isin(["row_doubled", "repeated_next_file", "corrected_later", "refund_without_original"])
    return (delivered["fault"] != "") & (~shows_on_copy | (delivered["version"] == 1))


def outcome(rows: pd.DataFrame) -> pd.Series[str]:
    """What is expected of each true settlement: QUARANTINED when its own row is refused, else ACCEPTED."""
    refused = {
        kind for (feed, kind), one in EXPECTED.items() if feed == Feed.SETTLEMENT.value and one.effect is Effect.QUARANTINED
    }
    return pd.Series(np.where(rows["fault"].isin(refused), "QUARANTINED", "ACCEPTED"), dtype="str")
