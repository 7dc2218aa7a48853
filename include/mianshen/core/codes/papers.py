"""Reasons about papers: why a form is not printed."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "FORM_UNKNOWN",
        Level.SYSTEM,
        "政策包没有这种文书",
        "the pack has no such form",
        "核对文书代码,见 national/forms.yaml 与本县的 forms.yaml",
        "check the code; national/forms.yaml and the county's forms.yaml list them",
    ),
    Reason(
        "PAPER_NOTHING",
        Level.ITEM,
        "没有可以写进这份文书的内容",
        "there is nothing that this paper could say",
        "核对编号;例如尚未发放的不出发放告知书,没有不予救助的不出不予救助告知书",
        "check the number; what is not paid yet has no letter of payment, and so on",
    ),
    Reason(
        "SEAL_DIFFERS",
        Level.SYSTEM,
        "封存文件丢失,或不是审计链记下的那一份",
        "the seal is missing, or is not the one that the audit chain names",
        "从异地备份取回同名封存文件再核对;取不回的按被改动处理",
        "fetch the file of this name from the other site's backup; if there is none, treat it as tampered with",
    ),
    Reason(
        "PACKAGE_UNREADABLE",
        Level.FILE,
        "不是证据包,或已损坏",
        "this is no evidence package, or it is damaged",
        "取回 mianshen audit pack 写出的原文件再核对",
        "fetch the file that mianshen audit pack wrote and check that",
    ),
    Reason(
        "PAPER_REPRINTED",
        Level.ITEM,
        "这份文书已经打印过",
        "the paper was printed before",
        "确需再打的写明理由(--again),重打记入审计链",
        "give a reason with --again; the audit chain keeps every reprint",
    ),
)
