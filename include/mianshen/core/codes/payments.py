"""Reasons about payments from the draft on: checks before paying, stops, what came back, acts that cannot be."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "PAYMENT_STOPPED",
        Level.PAYMENT,
        "已停发",
        "stopped by a named person or by the daily check",
        "按停发单查明原因,由另一人恢复发放",
        "find out why, by the stop; another person resumes",
    ),
    Reason(
        "MONEY_DIFFERS",
        Level.PAYMENT,
        "对账不符,停止下一批",
        "the ledger's sums differ; the next batch waits",
        "按对账表所指的位置查明,再由人恢复发放",
        "look where the daily check says, then resume",
    ),
    Reason(
        "ACCOUNT_RETURNED",
        Level.PAYMENT,
        "该账号曾被退汇,等待更正账号",
        "money came back from the account; another is wanted",
        "由镇街核对并补采账号;账号无误的由经办人登记重发",
        "the town brings another account; a clerk who finds it right has it paid again",
    ),
    Reason(
        "STOP_UNKNOWN",
        Level.PAYMENT,
        "没有这个停发,或已经恢复",
        "there is no such stop, or it was ended",
        "查看停发清单",
        "look at the list of stops",
    ),
    Reason(
        "STOP_SUBJECT",
        Level.PAYMENT,
        "没有可停发的这个批次、资金或县区",
        "there is no such waiting batch, fund or county to stop",
        "已送银行的批次请撤回;资金代码见 funds.yaml",
        "recall a batch that was sent; funds.yaml lists the funds",
    ),
    Reason(
        "PAYMENT_STEP",
        Level.PAYMENT,
        "付款或批次不在可以这样办理的状态",
        "the payment or batch does not stand where this can be done",
        "查看批次与付款的状态,先办理的为准",
        "look at its state; what was done first counts",
    ),
    Reason(
        "PAYMENT_FILE_STANDS",
        Level.PAYMENT,
        "该批次的银行文件已在发件箱,不能撤销",
        "the batch's bank file lies in the outbox and cannot be taken back",
        "完成发送后向银行申请撤回",
        "finish sending, then ask the bank to recall it",
    ),
    Reason(
        "PAPER_HASH",
        Level.PAYMENT,
        "凭证指纹不是 SHA-256",
        "the paper's hash is no SHA-256",
        "用 --paper 指定扫描件,由程序计算",
        "name the scanned paper with --paper; its hash is computed",
    ),
    Reason(
        "SUSPENSE_UNKNOWN",
        Level.PAYMENT,
        "没有这笔挂账,或已销账",
        "there is no such money in suspense, or it was cleared",
        "查看挂账清单",
        "look at the list of suspense",
    ),
    Reason(
        "SUSPENSE_DIFFERS",
        Level.PAYMENT,
        "挂账与该付款不符:付款不是已付,或金额不同",
        "the payment was not paid, or its amount is another",
        "核对付款编号与金额",
        "compare the payment's number and amount",
    ),
)
