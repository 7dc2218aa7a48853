"""Settlement rows as text under national field names, and their files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mianshen.core.contract import Contract, Kind
from mianshen.core.pack import Pack
from mianshen.synth import damage
from mianshen.synth.costs import MONEY
from mianshen.synth.illnesses import PLACES
from mianshen.synth.numbers import padded
from mianshen.synth.streams import Ints, flags, ints
from mianshen.synth.text import days, moments, ratio, yuan

HEADER = (
    *("setl_id", "mdtrt_id", "psn_no", "psn_cert_type", "certno", "psn_name", "gend", "brdy", "insutype", "insu_admdvs"),
    *("mdtrt_admdvs", "fixmedins_code", "fixmedins_name", "hosp_lv", "med_type", "dise_code", "dise_name", "begndate", "enddate"),
    *("setl_time", "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "act_pay_dedc"),
    *("hifp_pay", "pool_prop_selfpay", "hifmi_pay", "hifob_pay", "cvlserv_pay", "maf_pay", "oth_pay", "fund_pay_sumamt"),
    *("psn_part_amt", "acct_pay", "psn_cash_pay", "refd_setl_flag", "init_setl_id", "updt_time"),
)
"""The columns of a settlement file, national names, in order."""
_LEVEL_ZH = np.array(["", "卫生院", "人民医院", "医科大学附属医院"], dtype=object)
_SPOILED_MONEY = "medfee_sumamt"


def settlement_text(rows: pd.DataFrame, people: pd.DataFrame, pack: Pack) -> dict[str, pd.Series[str]]:
    """Each column's text, the planted faults in it, by national name."""
    person = ints(rows["person"])
    labels = rows["fault"].to_numpy(dtype=object)
    columns = {name: yuan(ints(rows[name])) for name in MONEY}
    columns |= {name: taken(people[name], person) for name in ("psn_no", "gend", "insutype")}
    columns |= _place(rows, pack)
    columns |= _illness(ints(rows["illness"]))
    columns |= {name: rows[name].astype("str") for name in ("setl_id", "mdtrt_id", "med_type", "refd_setl_flag", "init_setl_id")}
    end = days(rows["end"])
    begin = days(rows["begin"])
    columns |= {
        "psn_cert_type": pd.Series(np.where(labels == "cert_type_other", "07", "01"), dtype="str"),
        "certno": damage.spoil(taken(people["certno"], person), labels, damage.CERTNO),
        "psn_name": damage.spoil(taken(people["name"], person), labels, damage.NAME),
        "brdy": taken(days(people["born"]), person),
        "begndate": damage.spoil(begin, labels, damage.BEGIN),
        "enddate": end.where(pd.Series(labels != "enddate_missing"), ""),
        "setl_time": moments(rows["settled"]),
        "updt_time": moments(rows["updated"]),
        "pool_prop_selfpay": ratio(ints(rows["pool_ppm"])),
    }
    _swap_days(columns, rows)
    columns["setl_id"] = damage.spoil(columns["setl_id"], labels, damage.KEY)
    columns[_SPOILED_MONEY] = damage.spoil(columns[_SPOILED_MONEY], labels, damage.MONEY)
    return columns


def taken(column: pd.Series[str], place: Ints) -> pd.Series[str]:
    """The column's cells at these places, in their order."""
    return column.take(place).reset_index(drop=True)


def _swap_days(columns: dict[str, pd.Series[str]], rows: pd.DataFrame) -> None:
    """Rows that end before they begin: the end moves to the third day before the beginning."""
    wrong = flags(rows["fault"] == "date_order")
    before = days(rows["begin"] - np.timedelta64(3, "D"))
    columns["enddate"] = columns["enddate"].where(pd.Series(~wrong), before)


def _place(rows: pd.DataFrame, pack: Pack) -> dict[str, pd.Series[str]]:
    area, level, hospital = (
        rows["area"].astype("str"),
        ints(rows["hosp_lv"]),
        ints(rows["hospital"]),
    )
    names = np.array(pack.towns or (pack.county_name_zh,), dtype=object)
    towns = names[hospital % len(names)]
    number = np.array([f"第{one}" for one in "一二三四五六七八九"], dtype=object)[hospital % 10 % 9]
    at_home = np.where(level == 1, towns, pack.county_name_zh + number)
    name = np.where(flags(rows["is_away"]), "市" + number, at_home) + _LEVEL_ZH[level]
    return {
        "insu_admdvs": pd.Series(np.full(len(rows), pack.county_code, dtype=object), dtype="str"),
        "mdtrt_admdvs": area,
        "fixmedins_code": "H" + area + padded(hospital, 5),
        "fixmedins_name": pd.Series(name, dtype="str"),
        "hosp_lv": pd.Series(level).astype("str"),
    }


def _illness(place: Ints) -> dict[str, pd.Series[str]]:
    codes = np.array([one.code for one in PLACES], dtype=object)
    names = np.array([one.name_zh for one in PLACES], dtype=object)
    return {"dise_code": pd.Series(codes[place], dtype="str"), "dise_name": pd.Series(names[place], dtype="str")}


def in_file(contract: Contract, columns: dict[str, pd.Series[str]]) -> tuple[list[str], list[pd.Series[str]]]:
    """Headings and columns of the file: HEADER, then what the contract requires besides (money 0.00, else empty)."""
    rows = len(columns[HEADER[0]])
    extra = [one for one in contract.columns if one.is_required and one.name not in HEADER]
    blank = [pd.Series(np.full(rows, "0.00" if one.kind is Kind.MONEY else "", dtype=object), dtype="str") for one in extra]
    return [*HEADER, *(one.name for one in extra)], [columns[name] for name in HEADER] + blank
