"""Reasons about how approval items are decided, and about decision sheets that come back."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "RULE_MATCH",
        Level.ITEM,
        "规则核对一致,规则审核通过",
        "every rule was met; passed by rule",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "AMOUNT_ODD",
        Level.ITEM,
        "金额明显高于同批同类,转人工审核",
        "far above what is usual in the batch for the category; a person decides",
        "由部门审核",
        "the department decides",
    ),
    Reason(
        "BY_PERSON",
        Level.ITEM,
        "该部门逐件由人审核",
        "this department has a person decide every item",
        "由部门审核",
        "the department decides",
    ),
    Reason(
        "REVIEWED",
        Level.ITEM,
        "部门逐件核查后同意",
        "opened by itself and agreed by the department",
        "无需处理",
        "nothing to do",
    ),
    Reason(
        "EXCEPTIONAL",
        Level.ITEM,
        "会商决定的特殊救助,逐件由人审核",
        "granted by a meeting beyond the rules; a person decides",
        "核对会商纪要后审核",
        "look at the minutes, then decide",
    ),
    Reason(
        "EXCEPTIONAL_INVALID",
        Level.ITEM,
        "特殊救助登记不全或不合规,未作任何改动",
        "the exceptional award says too little or cannot be; nothing was changed",
        "按所列各项补全后重新登记",
        "complete what is named and record it again",
    ),
    Reason(
        "EXCEPTIONAL_RECORDED",
        Level.ITEM,
        "同一纪要对此人已有登记,内容不同",
        "the minutes stand for this person already, with other contents",
        "核对纪要;更正另立会商纪要",
        "compare the minutes; a correction needs minutes of its own",
    ),
    Reason(
        "EXCEPTIONAL_PERSON",
        Level.ITEM,
        "本月数据中没有这个人员代码",
        "the month's data know no person with this key",
        "核对人员代码",
        "check the key",
    ),
    Reason(
        "SHEET_FOREIGN",
        Level.FILE,
        "不是本县区发出的审批表或走访表,或所属批次不存在",
        "not a sheet that this county gave out, or of a batch that it does not have",
        "重新下载表格填写",
        "download the sheet again and fill it in",
    ),
    Reason(
        "SHEET_CHANGED",
        Level.FILE,
        "表中不应改动的内容被改动,整表未采纳",
        "what may not be changed was changed; nothing of the sheet was taken",
        "重新下载表格,只填写黄色栏目",
        "download it again and fill in the yellow columns only",
    ),
    Reason(
        "SHEET_INVALID",
        Level.FILE,
        "表格填写有误,整表未采纳",
        "the sheet cannot be read; nothing of it was taken",
        "按所列单元格逐一更正后再交回",
        "correct each cell named and send it back",
    ),
    Reason(
        "SHEET_UNREADABLE",
        Level.FILE,
        "无法打开表格:不是 Excel 工作簿,或已加密、损坏",
        "the sheet cannot be opened: no workbook, locked or damaged",
        "另存为不加密的 .xlsx 后再交回",
        "save it as an .xlsx without a password and send it back",
    ),
)

AGREES: tuple[str, ...] = ("LIST_MATCH", "RULE_MATCH", "CONFIRMED", "REVIEWED")
"""Why an item may be agreed to."""
CONFIRMATIONS: tuple[str, ...] = ("CONFIRMED", "REVIEWED")
"""How a person agrees: together with others, or having opened the item by itself."""
