"""Bills that people paid in cash elsewhere and hand in at a window: a file a month, where the pack takes such bills.

Nothing of them was paid by anybody; they wait for the case they belong to, so the answer key expects no relief of them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mianshen.core.contract import Contract, Feed
from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.synth.files import Drawer, delimited, fitting_name
from mianshen.synth.numbers import padded
from mianshen.synth.roll import Roll, month_number
from mianshen.synth.settlement_text import HEADER
from mianshen.synth.streams import Stream, flags, ints, stream
from mianshen.synth.text import yuan

ONE_IN = 100
"""Of so many listed people one hands in a bill in a month; at least one does."""
CHEAPEST, DEAREST = 20_000, 4_000_000
"""Fen of a bill."""
_STAY = "21"
_WHOLE = ("medfee_sumamt", "inscp_scp_amt", "psn_part_amt", "psn_cash_pay")
_NOTHING = (
    *("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "act_pay_dedc", "hifp_pay", "hifmi_pay", "hifob_pay"),
    *("cvlserv_pay", "maf_pay", "oth_pay", "fund_pay_sumamt", "acct_pay"),
)


def write_hand_bills(pack: Pack, roll: Roll, people: pd.DataFrame, *, month: Month, seed: int, drawer: Drawer) -> None:
    """Writes a file for each month of the year up to this one; nothing where the pack takes no bills by hand."""
    for contract in pack.contracts:
        if contract.feed is Feed.SETTLEMENT and contract.is_by_hand and set(HEADER) <= {one.name for one in contract.columns}:
            chance = stream(seed, "hand bills")
            for number in range(1, month.number + 1):
                _write(contract, pack, roll, people, period=Month(month.year, number), chance=chance, drawer=drawer)


def _write(
    contract: Contract, pack: Pack, roll: Roll, people: pd.DataFrame, *, period: Month, chance: Stream, drawer: Drawer
) -> None:
    everybody = np.arange(roll.persons)
    held = roll.holds(everybody, np.full(roll.persons, month_number(period), dtype=np.int64))
    listed = np.flatnonzero((held > 0) & ~flags(people["is_canary"]))
    if not len(listed):
        return
    chosen = np.sort(chance.choice(listed, size=max(1, len(listed) // ONE_IN), replace=False))
    costs = chance.integers(CHEAPEST, DEAREST, len(chosen))
    rows = [
        _bill(people.iloc[int(person)], pack, period, number=number, cost=text)
        for number, (person, text) in enumerate(zip(chosen, yuan(ints(pd.Series(costs))), strict=True))
    ]
    stamp = f"{pack.county_code}_{period.year}{period.number:02d}.csv"
    name = fitting_name(contract, [f"{stem}_{stamp}" for stem in (contract.list_code, "window_bill", "window")])
    text = [",".join(row[column] for column in HEADER) for row in rows]
    content = delimited(HEADER, text, delimiter=",", encoding="utf-8", line_end="\n")
    drawer.put(name, content, contract=contract, period=str(period), records=len(rows))


def _bill(person: pd.Series, pack: Pack, period: Month, *, number: int, cost: str) -> dict[str, str]:
    day = f"{period}-{1 + number % period.last_day.day:02d}"
    key = f"{pack.county_code}W{period.year}{period.number:02d}{padded(np.array([number]), 6)[0]}"
    said = {
        "setl_id": key,
        "mdtrt_id": key.replace("W", "V"),
        "psn_cert_type": "01",
        "certno": str(person["certno"]),
        "psn_name": str(person["name"]),
        "gend": str(person["gend"]),
        "insutype": str(person["insutype"]),
        "insu_admdvs": pack.county_code,
        "mdtrt_admdvs": pack.county_code,
        "fixmedins_code": f"H{pack.county_code}99999",
        "fixmedins_name": "市外医院",
        "med_type": _STAY,
        "dise_code": "J18.900",
        "begndate": day,
        "enddate": day,
        "setl_time": f"{day} 09:00:00",
        "refd_setl_flag": "0",
        "updt_time": f"{day} 09:00:00",
    }
    return dict.fromkeys(HEADER, "") | dict.fromkeys(_NOTHING, "0.00") | dict.fromkeys(_WHOLE, cost) | said
