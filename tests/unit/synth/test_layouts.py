from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mianshen.core.pack import Pack
from mianshen.policy.packs import load_pack
from mianshen.synth.layouts import Form, layout_of

HEADINGS = {
    "minzheng_shehuijiuzhu": "序号,镇\uff08街道\uff09,村\uff08社区\uff09,户主姓名,户编号,姓名,与户主关系,身份证号码,"
    "救助类别,类别,批准时间,银行账号,备注",
    "minzheng_ertong": "儿童姓名,身份证号,性别,类别,监护人,监护人电话,镇街,保障起始年月",
    "xiangcun_tuopin_jiance": "户编号,姓名,证件号码,人口类型,监测对象类别,风险是否已消除,所在镇村,识别时间",
    "canlian_zhongdu": "残疾人证号,姓名,性别,残疾类别,残疾等级,联系电话,发证日期",
    "tuiyi_youfu": "序号,姓名,性别,出生年月,公民身份号码,优抚对象类别,户籍地,社保卡账号",
    "gonghui_kunnanzhigong": "序号,单位名称,姓名,身份证号,困难类型,建档时间,家庭人口,月人均收入(元)",
    "zuzhibu_kunnandangyuan": "姓名,身份证号码,所在党组织,困难原因",
    "yibao_yinbingzhipin": "姓名,身份证号,人员类别,镇街,村社区,手机号,银行账号,认定日期,申请日期,是否本县户籍",
}
FORMS = {
    "minzheng_shehuijiuzhu": (Form.XLSX, "xlsx", ""),
    "minzheng_ertong": (Form.CSV, "gbk.csv", "gb18030"),
    "xiangcun_tuopin_jiance": (Form.CSV, "gbk.csv", "gb18030"),
    "canlian_zhongdu": (Form.CSV, "bom.csv", "utf-8-sig"),
    "tuiyi_youfu": (Form.XLSX, "xlsx", ""),
    "gonghui_kunnanzhigong": (Form.XLSX, "xlsx", ""),
    "zuzhibu_kunnandangyuan": (Form.TSV, "tsv", "gb18030"),
    "yibao_yinbingzhipin": (Form.CSV, "csv", "utf-8"),
}


@pytest.mark.parametrize("list_code", HEADINGS)
def test_the_lists_of_xinjin_keep_their_departments_layouts(xinjin: Pack, list_code: str) -> None:
    layout = layout_of(xinjin.contract(list_code))
    assert ",".join(heading for heading, _ in layout.fields) == HEADINGS[list_code]
    assert (layout.form, layout.suffix, layout.encoding) == FORMS[list_code]


def test_the_category_stands_where_the_contract_says(xinjin: Pack) -> None:
    fields = {code: dict(layout_of(xinjin.contract(code)).fields) for code in HEADINGS}
    assert fields["minzheng_ertong"]["类别"] == "category"
    assert fields["minzheng_shehuijiuzhu"]["类别"] == "grade"
    assert fields["minzheng_shehuijiuzhu"]["救助类别"] == "category"
    assert fields["canlian_zhongdu"]["残疾等级"] == "category"
    assert fields["xiangcun_tuopin_jiance"]["人口类型"] == "category"


def test_a_layout_that_the_contract_outgrew_is_made_from_the_contract(xinjin: Pack) -> None:
    contract = xinjin.contract("zuzhibu_kunnandangyuan")
    wanted = replace(contract.columns[0], name="remark", aliases=("remark", "说明"), is_required=True)
    layout = layout_of(replace(contract, columns=(*contract.columns, wanted)))
    assert layout.form is Form.CSV
    assert [heading for heading, _ in layout.fields][-1] == "说明"


@pytest.mark.parametrize("pack_name", ["320902_tinghu", "_example", "510118_xinjin"])
def test_every_layout_has_the_contracts_required_columns(pack_name: str) -> None:
    pack = load_pack(pack_name, on=date(2026, 4, 20))
    for expected in pack.lists:
        contract = pack.contract(expected.list_code)
        headings = {heading for heading, _ in layout_of(contract).fields}
        for column in contract.columns:
            assert not column.is_required or headings & set(column.aliases), (contract.list_code, column.name)
