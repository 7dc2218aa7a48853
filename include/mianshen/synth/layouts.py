"""How each department lays out its list: form, encoding, headings. A list without a layout here gets one from its contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.contract import Column, Contract, Kind


class Form(StrEnum):
    """The kind of file."""

    XLSX = "xlsx"
    CSV = "csv"
    TSV = "tsv"


@dataclass(frozen=True, slots=True)
class Layout:
    """One list's file."""

    form: Form
    """Workbook, comma or TAB separated."""
    encoding: str
    """Python codec; workbooks have none."""
    suffix: str
    """What follows the period in the file name."""
    fields: tuple[tuple[str, str], ...]
    """Heading and what stands under it, in order."""
    title: str = ""
    """Title line of a workbook, without its month."""


FIELDS: Mapping[str, str] = {
    "序号": "seq",
    "镇(街道)": "town",
    "镇街": "town",
    "镇街道": "town",
    "乡镇": "town",
    "村(社区)": "village",
    "村社区": "village",
    "村居": "village",
    "户主姓名": "head_name",
    "户编号": "household",
    "姓名": "name",
    "儿童姓名": "name",
    "与户主关系": "relation",
    "身份证号": "certno",
    "身份证号码": "certno",
    "证件号码": "certno",
    "公民身份号码": "certno",
    "残疾人证号": "card",
    "救助类别": "category",
    "人员类别": "category",
    "优抚对象类别": "category",
    "困难类型": "category",
    "类别": "grade",
    "批准时间": "since",
    "识别时间": "since",
    "认定日期": "since",
    "申请日期": "applied",
    "建档时间": "since",
    "发证日期": "since",
    "保障起始年月": "since",
    "银行账号": "account",
    "社保卡账号": "account",
    "备注": "note",
    "人口类型": "population",
    "监测对象类别": "monitored",
    "风险是否已消除": "risk_removed",
    "所在镇村": "place",
    "户籍地": "place",
    "性别": "gender",
    "出生年月": "born_month",
    "单位名称": "unit",
    "家庭人口": "family_size",
    "月人均收入(元)": "income",
    "监护人": "guardian",
    "监护人电话": "phone",
    "联系电话": "phone",
    "手机号": "phone",
    "残疾类别": "disability",
    "残疾等级": "disability_grade",
    "所在党组织": "branch",
    "困难原因": "cause",
}
"""What stands under a heading, brackets folded; `category` also where the contract says so."""
_BY_KIND = {
    Kind.CERTNO: "certno",
    Kind.DISABILITY_CARD: "card",
    Kind.NAME: "name",
    Kind.PHONE: "phone",
    Kind.ACCOUNT: "account",
    Kind.DATE: "since",
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_BRACKETS = str.maketrans("\uff08\uff09", "()")


def _plain(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


_KNOWN: Mapping[str, tuple[Form, str, str, tuple[str, ...], str]] = {
    "minzheng_shehuijiuzhu": (
        Form.XLSX,
        "",
        "xlsx",
        _plain(
            "序号,镇\uff08街道\uff09,村\uff08社区\uff09,户主姓名,户编号,姓名,与户主关系,身份证号码,救助类别,类别,批准时间,银行账号,备注"
        ),
        "民政局-社会救助对象花名册",
    ),
    "minzheng_ertong": (
        Form.CSV,
        "gb18030",
        "gbk.csv",
        _plain("儿童姓名,身份证号,性别,类别,监护人,监护人电话,镇街,保障起始年月"),
        "",
    ),
    "xiangcun_tuopin_jiance": (
        Form.CSV,
        "gb18030",
        "gbk.csv",
        _plain("户编号,姓名,证件号码,人口类型,监测对象类别,风险是否已消除,所在镇村,识别时间"),
        "",
    ),
    "canlian_zhongdu": (Form.CSV, "utf-8-sig", "bom.csv", _plain("残疾人证号,姓名,性别,残疾类别,残疾等级,联系电话,发证日期"), ""),
    "tuiyi_youfu": (
        Form.XLSX,
        "",
        "xlsx",
        _plain("序号,姓名,性别,出生年月,公民身份号码,优抚对象类别,户籍地,社保卡账号"),
        "退役军人事务局-优抚对象",
    ),
    "gonghui_kunnanzhigong": (
        Form.XLSX,
        "",
        "xlsx",
        _plain("序号,单位名称,姓名,身份证号,困难类型,建档时间,家庭人口,月人均收入(元)"),
        "总工会-困难职工",
    ),
    "zuzhibu_kunnandangyuan": (Form.TSV, "gb18030", "tsv", _plain("姓名,身份证号码,所在党组织,困难原因"), ""),
}


def layout_of(contract: Contract) -> Layout:
    """The list's own layout where it is known and still fits the contract, else one made from the contract."""
    if contract.list_code in _KNOWN:
        form, encoding, suffix, headings, title = _KNOWN[contract.list_code]
        if _serves(contract, headings):
            return Layout(form, encoding, suffix, tuple((one, _field(contract, one)) for one in headings), title)
    fields = tuple(_from_contract(contract, column) for column in contract.columns)
    return Layout(Form.CSV, "utf-8", "csv", fields)


def _serves(contract: Contract, headings: tuple[str, ...]) -> bool:
    return all(set(column.aliases) & set(headings) for column in contract.columns if column.is_required)


def _field(contract: Contract, heading: str) -> str:
    if contract.category_column and heading in contract.column(contract.category_column).aliases:
        return "category"
    return FIELDS[heading.translate(_BRACKETS)]


def _from_contract(contract: Contract, column: Column) -> tuple[str, str]:
    """The heading of a contract's column and what stands under it."""
    chinese = [one for one in column.aliases if _CHINESE.search(one)] or [column.name]
    known = [one for one in chinese if one.translate(_BRACKETS) in FIELDS]
    heading = known[0] if known else chinese[0]
    if column.name == contract.category_column:
        return heading, "category"
    return heading, FIELDS.get(heading.translate(_BRACKETS), _BY_KIND.get(column.kind, "note"))


def words_of(contract: Contract, code: str) -> tuple[str, ...]:
    """The written words for a category, in the order of the contract; empty when the list has only one category."""
    return tuple(word for word, known in contract.category_words.items() if known == code)
