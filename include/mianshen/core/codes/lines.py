"""Reasons about lines of a delivery: what was normalised, what is no record, and what a department asks about single cells."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

_NOTHING_ZH, _NOTHING_EN = "无需处理,已记录", "nothing to do; recorded"


def _fix(code: str, zh: str, en: str) -> Reason:
    return Reason(code, Level.FIX, zh, en, _NOTHING_ZH, _NOTHING_EN)


def _passed(code: str, zh: str, en: str) -> Reason:
    return Reason(code, Level.NOTE, zh, en, "无需处理", "nothing to do")


REASONS: tuple[Reason, ...] = (
    _fix("WIDTH_FOLDED", "全角字符改为半角", "full-width characters were made half-width"),
    _fix("SPACES_REMOVED", "去掉空格、制表符或不可见字符", "blanks, tabs or invisible characters were removed"),
    _fix("APOSTROPHE_REMOVED", "去掉表格软件的文本撇号", "the spreadsheet's text apostrophe was removed"),
    _fix("LETTER_X_RAISED", "身份证号末位小写 x 改为大写", "the closing x of the id number was made upper case"),
    _fix("FIFTEEN_UPGRADED", "15 位身份证号升为 18 位", "the id number of fifteen digits was upgraded to eighteen"),
    _fix("CARD_OPENED", "由残疾人证号取出身份证号", "the id number was taken out of the disability card"),
    _fix(
        "CARD_REISSUED",
        "残疾人证系换发,换发次数不作证号",
        "the card was issued again; its count is no part of the number",
    ),
    _fix("SPELLING_UNIFIED", "统一间隔号等写法", "dots and the like were unified"),
    _fix("NAME_MAPPED", "姓名中的自造字按国标新编码读取", "a private-use character of the name was read as today"),
    _fix("DATE_RESPELLED", "日期改为标准写法", "the date was respelled"),
    _fix("MONEY_RESPELLED", "去掉金额中的货币符号或千分位", "currency signs or thousands commas were removed"),
    _fix("CATEGORY_RESPELLED", "类别的别名或异写改为约定用词", "another word for the category was read as the contract's"),
    _fix("TOWN_RESPELLED", "镇街的别名或异写改为标准名称", "another spelling of the town was read as the official one"),
    _fix("DIVISION_RENAMED", "旧行政区划代码改为现行代码", "an old division code was read as the one in force"),
    _passed("ROW_BLANK", "空行", "a blank line"),
    _passed("ROW_FOOTER", "合计、签名或说明行", "a total, a signature or a note"),
    _passed("ROW_HEADING", "重复的表头", "the heading once more"),
    Reason(
        "CERTNO_LETTER",
        Level.ROW,
        "身份证号中数字处写了字母(如 O、l)",
        "letters stand where the id number has digits",
        "核对身份证原件",
        "compare with the id card",
    ),
    Reason(
        "CATEGORY_MISSING",
        Level.ROW,
        "人员类别为空",
        "the category is missing",
        "补填人员类别",
        "fill in the category",
    ),
    Reason(
        "DATE_FUTURE",
        Level.ROW,
        "日期晚于收文日",
        "the date lies after the day of arrival",
        "核对日期",
        "check the date",
    ),
    Reason(
        "IDENTITY_SCOPE",
        Level.ROW,
        "医保范围内费用与各项支付、个人负担之和不符,或大于总费用",
        "the insured range differs from the sum of its parts, or exceeds the total",
        "核对范围内费用及各项支付",
        "check the range and its parts",
    ),
    Reason(
        "KEY_DAMAGED",
        Level.ROW,
        "业务流水号被表格软件改成科学计数,或写有不该有的字",
        "the business key was made scientific by a spreadsheet, or holds signs that no key has",
        "把该列设为文本后重新导出",
        "set the column to text and export it again",
    ),
    Reason(
        "SETTLED_EARLY",
        Level.FLAG,
        "结算日期早于出院日期",
        "the stay was settled before it ended",
        "核对出院与结算日期;中途结算的无需更正",
        "check both days; an interim settlement needs no correction",
    ),
    Reason(
        "NAME_MISSING",
        Level.FLAG,
        "姓名为空",
        "the name is missing",
        "补填姓名",
        "fill in the name",
    ),
    Reason(
        "PHONE_FLAGGED",
        Level.FLAG,
        "手机号写法可疑",
        "the phone number looks wrong",
        "核对手机号",
        "check the phone number",
    ),
    Reason(
        "DATE_DOUBTFUL",
        Level.FLAG,
        "认定日期无法读取或晚于收文日,按名单月份计",
        "the stated day cannot be read or lies ahead; the list's month counts",
        "核对认定日期",
        "check the stated day",
    ),
)
