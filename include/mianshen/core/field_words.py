"""What people read for the money fields of a settlement that a base adds or takes off."""

from __future__ import annotations

from collections.abc import Mapping

MONEY_ZH: Mapping[str, str] = {
    "medfee_sumamt": "医疗费总额",
    "fulamt_ownpay_amt": "全自费金额",
    "overlmt_selfpay": "超限价自费费用",
    "preselfpay_amt": "先行自付金额",
    "inscp_scp_amt": "符合范围金额",
    "hifp_pay": "基本医疗保险支付",
    "hifmi_pay": "居民大病保险支付",
    "hifob_pay": "职工大额补助支付",
    "cvlserv_pay": "公务员补助支付",
    "hifes_pay": "企业补充保险支付",
    "hifdm_pay": "伤残人员保障支付",
    "maf_pay": "窗口已付医疗救助",
    "hosp_part_amt": "医院负担金额",
    "oth_pay": "其他基金支付",
    "pay_inclusive": "惠民保赔付",
    "pay_commercial": "商业保险赔付",
    "pay_mutual": "职工互助赔付",
    "pay_charity": "慈善救助",
    "pay_third_party": "第三方赔偿",
}
"""Chinese name by field; a field of a county's own is read as it is written."""
