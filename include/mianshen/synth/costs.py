"""What care costs and who paid: integer fen from the first rounding on, the accounting identities exact by construction.

medfee_sumamt = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_scp_amt; fund_pay_sumamt = the funds;
medfee_sumamt = fund_pay_sumamt + psn_part_amt; psn_part_amt = acct_pay + psn_cash_pay.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mianshen.core.money import PPM
from mianshen.synth.care import HEAVY, STAY, VISIT
from mianshen.synth.shape import Shape
from mianshen.synth.streams import Flags, Ints, Stream, flags, ints, stream

MONEY = (
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "hifmi_pay",
    "hifob_pay",
    "cvlserv_pay",
    "maf_pay",
    "oth_pay",
    "fund_pay_sumamt",
    "psn_part_amt",
    "acct_pay",
    "psn_cash_pay",
)
"""Money columns of a settlement, national names, fen."""
FUNDS = ("hifp_pay", "hifmi_pay", "hifob_pay", "cvlserv_pay", "maf_pay", "oth_pay")
"""The funds that add up to fund_pay_sumamt."""

MEAN_YUAN = {STAY: (7_339, 11_522), VISIT: (179, 282), HEAVY: (420, 420)}
"""Mean cost, resident and worker, by what drew the settlement."""
SIGMA = {STAY: 0.95, VISIT: 1.0, HEAVY: 0.25}
"""Spread of the log-normal body."""
TAIL_SHARE = 0.02
"""Stays in the Pareto tail."""
TAIL_POWER = 3.0
"""Its exponent."""
TAIL_FROM = 6.0
"""Where it begins, in means."""

_RATIO_PPM = {
    "390": {"visit": 500_000, "chronic": 700_000, 1: 850_000, 2: 750_000, 3: 600_000},
    "310": {"visit": 600_000, "chronic": 850_000, 1: 920_000, 2: 880_000, 3: 850_000},
}
_AWAY_LOSS_PPM = 100_000
_DEDUCTIBLE_FEN = {1: 20_000, 2: 45_000, 3: 80_000}
_RESIDENT_VISITS_CAP_FEN = 30_000
_WORKER_VISITS_DEDUCTIBLE_FEN = 20_000
_MAJOR_FROM_FEN = {"390": 1_500_000, "310": 2_000_000}
_MAJOR_PPM = {"390": 600_000, "310": 800_000}
_WINDOW_PPM = 700_000
_STAY_TYPES = (21, 22, 24, 52)


def pay(care: pd.DataFrame, people: pd.DataFrame, *, seed: int, shape: Shape, may_have_window: Flags) -> pd.DataFrame:
    """The care with its money columns in fen and pool_ppm; rows are in the order of their moments."""
    chance = stream(seed, "costs")
    paid = care.copy()
    paid["insutype"] = people["insutype"].to_numpy()[care["person"].to_numpy()]
    is_worker = flags(paid["insutype"] == "310")
    total = np.maximum(draw_totals(chance, paid["drawn"].to_numpy(), is_worker), ints(paid["least_fen"]))
    _split_total(chance, paid, total)
    _basic(paid, is_worker)
    _major(paid, is_worker)
    _window(chance, paid, shape=shape, allowed=may_have_window)
    paid["cvlserv_pay"] = 0
    paid["oth_pay"] = 0
    close(paid)
    limit = np.where(is_worker, np.floor(chance.exponential(9_000, len(paid))), 0).astype(np.int64)
    paid["acct_pay"] = np.minimum(limit, ints(paid["psn_part_amt"]))
    paid["psn_cash_pay"] = paid["psn_part_amt"] - paid["acct_pay"]
    return paid


def close(rows: pd.DataFrame) -> None:
    """Sets fund_pay_sumamt and psn_part_amt from the other columns."""
    rows["fund_pay_sumamt"] = rows[list(FUNDS)].sum(axis=1)
    rows["psn_part_amt"] = rows["medfee_sumamt"] - rows["fund_pay_sumamt"]


def draw_totals(chance: Stream, drawn: Ints, is_worker: Flags) -> Ints:
    """Total cost in fen: log-normal, with a Pareto tail for stays; the mean of both together is the mean asked for."""
    mean = np.zeros(len(drawn))
    sigma = np.zeros(len(drawn))
    for kind, (resident, worker) in MEAN_YUAN.items():
        mean = np.where(drawn == kind, np.where(is_worker, worker, resident), mean)
        sigma = np.where(drawn == kind, SIGMA[kind], sigma)
    is_stay = drawn == STAY
    tail_mean = TAIL_FROM * TAIL_POWER / (TAIL_POWER - 1)
    body_mean = mean * np.where(is_stay, (1 - TAIL_SHARE * tail_mean) / (1 - TAIL_SHARE), 1)
    body = chance.lognormal(np.log(body_mean) - sigma**2 / 2, sigma)
    tail = mean * TAIL_FROM * (1 + chance.pareto(TAIL_POWER, len(drawn)))
    in_tail = is_stay & (chance.random(len(drawn)) < TAIL_SHARE)
    return np.asarray(np.maximum(np.rint(np.where(in_tail, tail, body) * 100), 500), dtype=np.int64)


def _split_total(chance: Stream, paid: pd.DataFrame, total: Ints) -> None:
    """Adds the four parts of the total: own expense, over the limit, paid ahead, in scope."""
    count = len(paid)
    is_stay = flags(paid["drawn"] == STAY)
    own = np.floor(total * np.where(is_stay, chance.beta(1.5, 18, count), chance.beta(1, 25, count))).astype(np.int64)
    over = np.floor(total * chance.beta(1, 40, count) * (is_stay & (chance.random(count) < 0.4))).astype(np.int64)
    ahead = np.floor(total * chance.beta(1.2, 20, count)).astype(np.int64)
    paid["medfee_sumamt"] = total
    paid["fulamt_ownpay_amt"], paid["overlmt_selfpay"], paid["preselfpay_amt"] = own, over, ahead
    paid["inscp_scp_amt"] = total - own - over - ahead


def _share(fen: Ints, ppm: Ints) -> Ints:
    """The share in parts per million, half up; neither is negative."""
    return np.asarray((2 * fen * ppm + PPM) // (2 * PPM), dtype=np.int64)


def _growth(paid: pd.DataFrame, fen: Ints) -> tuple[Ints, Ints]:
    """Each person's running sum before and after each row, in the order of the rows."""
    after = ints(pd.Series(fen).groupby(paid["person"].to_numpy()).cumsum())
    return after - fen, after


def _basic(paid: pd.DataFrame, is_worker: Flags) -> None:
    """Adds act_pay_dedc, hifp_pay and pool_ppm: deductible and share by level for stays, yearly limits for visits."""
    scope = ints(paid["inscp_scp_amt"])
    kind, level = paid["med_type"].to_numpy(), paid["hosp_lv"].to_numpy()
    is_stay, is_chronic = np.isin(kind, _STAY_TYPES), kind == 14
    is_visit = np.isin(kind, (11, 13))
    nominal = np.where(is_stay, np.select([level == one for one in _DEDUCTIBLE_FEN], list(_DEDUCTIBLE_FEN.values())), 0)
    before, after = _growth(paid, np.where(is_visit & is_worker, scope, 0))
    yearly = np.minimum(after, _WORKER_VISITS_DEDUCTIBLE_FEN) - np.minimum(before, _WORKER_VISITS_DEDUCTIBLE_FEN)
    deductible = np.minimum(scope, nominal + yearly)
    ppm = _ratios(is_worker=is_worker, is_chronic=is_chronic, is_stay=is_stay, level=level)
    ppm -= np.where(flags(paid["is_away"]) & (is_stay | is_chronic), _AWAY_LOSS_PPM, 0)
    pool = np.where(is_visit | is_chronic | is_stay, _share(scope - deductible, ppm), 0)
    before, after = _growth(paid, np.where(is_visit & ~is_worker, pool, 0))
    capped = np.minimum(after, _RESIDENT_VISITS_CAP_FEN) - np.minimum(before, _RESIDENT_VISITS_CAP_FEN)
    paid["act_pay_dedc"] = deductible
    paid["hifp_pay"] = np.where(is_visit & ~is_worker, capped, pool)
    paid["pool_ppm"] = ppm


def _ratios(*, is_worker: Flags, is_chronic: Flags, is_stay: Flags, level: Ints) -> Ints:
    of = [np.where(is_worker, _RATIO_PPM["310"][one], _RATIO_PPM["390"][one]) for one in ("visit", "chronic", 1, 2, 3)]
    chosen = np.select([is_chronic, is_stay & (level == 1), is_stay & (level == 2), is_stay], of[1:], default=of[0])
    return np.asarray(chosen, dtype=np.int64)


def _major(paid: pd.DataFrame, is_worker: Flags) -> None:
    """Adds hifmi_pay (residents) and hifob_pay (workers): a share of the year's in-scope burden above a threshold."""
    burden = ints(paid["inscp_scp_amt"] - paid["hifp_pay"])
    before, after = _growth(paid, burden)
    start = np.where(is_worker, _MAJOR_FROM_FEN["310"], _MAJOR_FROM_FEN["390"])
    ppm = np.where(is_worker, _MAJOR_PPM["310"], _MAJOR_PPM["390"])
    pays = np.maximum(after - start, 0) * ppm // PPM - np.maximum(before - start, 0) * ppm // PPM
    paid["hifmi_pay"] = np.where(is_worker, 0, pays)
    paid["hifob_pay"] = np.where(is_worker, pays, 0)


def _window(chance: Stream, paid: pd.DataFrame, *, shape: Shape, allowed: Flags) -> None:
    """Adds maf_pay: relief already paid at the hospital's window, stays and chronic treatment first."""
    left = ints(paid["inscp_scp_amt"] - paid["hifp_pay"] - paid["hifmi_pay"] - paid["hifob_pay"])
    can = allowed & (left > 0)
    likely = np.isin(paid["med_type"].to_numpy(), (14, *_STAY_TYPES))
    turn = chance.random(len(paid)) + np.where(likely, 0, 0.7) + np.where(can, 0, 10)
    chosen = np.argsort(turn, kind="stable")[: min(round(len(paid) * shape.window_share), int(can.sum()))]
    relief = np.zeros(len(paid), dtype=np.int64)
    relief[chosen] = _share(left[chosen], np.full(len(chosen), _WINDOW_PPM))
    paid["maf_pay"] = relief
