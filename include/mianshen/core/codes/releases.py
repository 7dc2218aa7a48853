"""Reasons about releases and extracts: why tables do not leave the bureau."""

from __future__ import annotations

from mianshen.core.codes.reason import Level, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "RELEASE_UNEXPLAINED",
        Level.SYSTEM,
        "同月再次发布没有写明理由",
        "a month is to be released again without a reason",
        "写明理由再做;两次发布相减可能看出个人,理由记入审计链",
        "say why: two releases of a month may tell a person when they are subtracted; the audit chain keeps the reason",
    ),
    Reason(
        "RELEASE_FIRST",
        Level.SYSTEM,
        "该月尚未发布过,谈不上再次发布",
        "the month was never released, so it cannot be released again",
        "先用 mianshen release make 发布",
        "run mianshen release make first",
    ),
    Reason(
        "EXTRACT_UNKNOWN",
        Level.SYSTEM,
        "政策包没有规定这个部门可以看什么",
        "the pack does not say what this department may see",
        "核对部门代码;在本县的 extracts.yaml 写明列、分档和依据",
        "check the department's code; write its columns, bands and source in the county's extracts.yaml",
    ),
    Reason(
        "EXTRACT_UNEXPLAINED",
        Level.SYSTEM,
        "取数没有写明用途",
        "an extract is asked for without a purpose",
        "写明用途再取;用途、部门和时刻记入审计链",
        "say what it is for; purpose, department and moment are kept in the audit chain",
    ),
)
